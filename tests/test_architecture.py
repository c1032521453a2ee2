"""Is a new question one folder and a line, as docs/architecture.md says? One is added to a copy, and asked."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = {
    "__init__.py": '"""How many runs has each level?"""\n',
    "ask.py": '''"""How many runs has each level of a hyperparameter?"""

import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.questions.answer import Answer, Asked, facts_of, in_vocabulary


def counts(sweep, hyperparameter):
    """Count the runs of each level."""
    design = Design.of(sweep)
    g = design.groups(hyperparameter)
    rows = pd.DataFrame({"hyperparameter": hyperparameter, "value": g.labels, "n": g.sizes, "estimate": g.sizes})
    return Answer("counts", in_vocabulary(rows), asked=facts_of(design) | Asked(hyperparameter=hyperparameter))
''',
    "words.py": '''"""How are counts told?"""

from hpanalysis.questions.finding import Finding
from hpanalysis.style.table import Table


def table(answer):
    """One row a level."""
    return Table(answer.frame[["value", "n"]])


def summary(answer, key=None):
    """The number of levels."""
    return f"{len(answer.frame)} levels."


def findings(answer):
    """The level with most runs."""
    most = answer.frame.loc[answer.frame["n"].idxmax()]
    question = "Which level has most runs?"
    return [Finding("", question, "design", "better", f"{most['value']} has most runs.", "exploratory")]
''',
    "picture.py": '''"""How do counts look?"""

from hpanalysis.style import plot_style


def draw(answer, keys=(), ax=None):
    """One bar a level."""
    ax = plot_style.axes(ax, 2.0)
    ax.bar(answer.frame["value"], answer.frame["n"].astype(float))
    return ax
''',
}
ASKED = """
import matplotlib
matplotlib.use("agg")
import hpanalysis as hp
from hpanalysis import toys

answer = hp.counts(toys.make(toys.ADDITIVE, 300, 0), "optimizer")
assert answer.frame["n"].sum() == 300, answer.frame
assert list(answer.table().frame.columns) == ["value", "n"]
assert answer.summary().text == f"{len(answer.frame)} levels."
assert len(answer.plot().patches) == len(answer.frame)
assert hp.findings(answer)[0].sentence.endswith("has most runs.")
"""


def test_a_question_is_one_folder_one_line_in_the_registry_and_one_to_make_it_public(tmp_path):
    package = tmp_path / "hpanalysis"
    shutil.copytree(ROOT / "hpanalysis", package, ignore=shutil.ignore_patterns("__pycache__"))
    folder = package / "questions" / "counts"
    folder.mkdir()
    for name, text in FOLDER.items():
        (folder / name).write_text(text, encoding="utf-8")
    _line(package / "questions" / "registry.py", '        Question("check"', '        Question("counts"),\n')
    public = "    from hpanalysis.questions.counts.ask import counts as counts\n"
    _line(package / "__init__.py", "    from hpanalysis.questions.curve", public)
    own = {path.relative_to(package): path.read_bytes() for path in package.rglob("*.py") if "counts" not in path.parts}
    changed = [path for path, text in own.items() if (ROOT / "hpanalysis" / path).read_bytes() != text]
    assert sorted(map(str, changed)) == ["__init__.py", str(Path("questions", "registry.py"))]
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", ASKED], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def _line(path: Path, above: str, line: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert above in text
    path.write_text(text.replace(above, line + above, 1), encoding="utf-8")
