"""Does `statistics/` stand on plain arrays alone? What its modules import, and what importing them costs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOM = Path(__file__).resolve().parents[2] / "hpanalysis" / "statistics"
MODULES = sorted(path.relative_to(ROOM) for path in ROOM.rglob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_module_knows_no_sweep_and_no_question(module):
    code = ast.parse((ROOM / module).read_text(encoding="utf-8"))
    froms = {node.module or "" for node in ast.walk(code) if isinstance(node, ast.ImportFrom)}
    plain = {alias.name for node in ast.walk(code) if isinstance(node, ast.Import) for alias in node.names}
    own = {name for name in froms | plain if name.split(".")[0] == "hpanalysis"}
    assert all(name == "hpanalysis.errors" or name.startswith("hpanalysis.statistics") for name in own), sorted(own)


def test_importing_every_module_loads_nothing_slow():
    names = [".".join(("hpanalysis", "statistics", *path.with_suffix("").parts)) for path in MODULES]
    names = [name.removesuffix(".__init__") for name in names]
    slow = ("scipy.stats", "statsmodels", "sklearn", "matplotlib")
    code = f"import sys, {', '.join(names)}\nprint([name for name in {slow!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
