"""Is everything imported beforehand that notebooks would otherwise import one by one?"""

import ast
import subprocess
import sys
from pathlib import Path

SLOW = {"matplotlib", "nbconvert", "nbformat", "papermill", "scipy", "seaborn", "sklearn", "statsmodels"}
# Not called from a notebook.
APART = ("experiments", "search", "reporting/notebooks/refresh_outputs.py")


def imported(path: Path) -> set[str]:
    """The slow modules that a module of the package imports, at its top or where they are used."""
    nodes = [n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    names = {alias.name for n in nodes if isinstance(n, ast.Import) for alias in n.names}
    names |= {n.module for n in nodes if isinstance(n, ast.ImportFrom) and n.module}
    return {name for name in names if name.partition(".")[0] in SLOW}


def test_whatever_slow_the_package_imports_is_there_and_no_backend_yet(root):
    package = root / "hpanalysis"
    modules = [p for p in package.rglob("*.py") if not str(p.relative_to(package)).startswith(APART)]
    wanted = set().union(*map(imported, modules))
    code = "import sys, hpanalysis.reporting.warm; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    there = set(done.stdout.split())
    assert len(wanted) > 5 and wanted <= there, sorted(wanted - there)
    # It would ask for a kernel that is not there, and not again.
    assert "matplotlib_inline.backend_inline" not in there
