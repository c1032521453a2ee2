"""Do the examples in the docstrings of `statistics/` run, and show what they say? Has every public name one?"""

import ast
import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path.relative_to(ROOT) for path in (ROOT / "hpanalysis" / "statistics").rglob("*.py"))
# Being rewritten: out of this list as soon as they have examples.
WITHOUT = {"best_of_k", "differences", "joint_claims", "outcomes", "regression_adjustment", "splines"}


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_the_examples_of_a_module_run(module):
    name = ".".join(module.with_suffix("").parts).removesuffix(".__init__")
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("module", [m for m in MODULES if m.stem not in WITHOUT], ids=str)
def test_every_public_name_has_an_example(module):
    code = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    public = [n for n in code.body if isinstance(n, ast.FunctionDef | ast.ClassDef) and not n.name.startswith("_")]
    assert not [n.name for n in public if "\nExamples\n-----" not in (ast.get_docstring(n) or "")]
