"""Is a kernel that was forked like one that was started, but for its imports?"""

import json
import re
from dataclasses import replace

import pytest

from hpanalysis.reporting.notebooks import run
from hpanalysis.reporting.site.page import page

pytestmark = pytest.mark.skipif(not run.FORKS, reason="this system cannot fork")

CELLS = (
    "import os, sys, warnings\nprint(__name__, sorted(name for name in dir() if not name.startswith('_')))",
    "!echo from the shell",
    "os.path.basename(os.getcwd()), sys.stdin is None, get_ipython().__class__.__name__",
    "warnings.warn('mind this')",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.gcf().get_size_inches()",
    "import subprocess\nsubprocess.run(['echo', 'a child']).returncode",
    "from concurrent.futures import ProcessPoolExecutor",
    "with ProcessPoolExecutor(1) as pool:\n    print(pool.submit(abs, -3).result())",
    "import atexit, threading\nthreading.active_count() < 20",
    "name = 'mine'",
)


@pytest.fixture
def executed(tmp_path, write_notebook, monkeypatch):
    """Runs a notebook, and returns its outcome and the outputs of its cells."""
    monkeypatch.chdir(tmp_path)

    def execute(*code, forks=True, **more):
        monkeypatch.setattr(run, "FORKS", forks)
        path = write_notebook(tmp_path / "books", "01-x", *code)
        task = run.Task("toy", "01-x", str(path), "X?", {"source": "s"}, {}, str(tmp_path / "out"))
        (outcome,) = run.run_all([replace(task, **more)], page, jobs=1, scratch=tmp_path)
        cells = json.loads((tmp_path / "out" / "report.ipynb").read_text())["cells"]
        return outcome, [cell["outputs"] for cell in cells if cell["cell_type"] == "code"]

    return execute


def test_a_forked_kernel_shows_what_an_ordinary_one_shows(executed):
    told, forked = executed(*CELLS)
    again, started = executed(*CELLS, forks=False)
    assert told == again and told.status == "done"
    assert sum(map(len, forked)) >= 8
    for number, (one, other) in enumerate(zip(forked, started, strict=True)):
        assert plain(one) == plain(other), f"cell {number}"


def plain(outputs):
    """Outputs without what differs between two ordinary kernels."""
    return sorted(re.sub(r"ipykernel_\d+/\d+", "KERNEL", json.dumps(output, sort_keys=True)) for output in outputs)


def test_its_imports_are_done_and_its_draws_are_its_own(executed):
    ask = "import sys\nprint(sorted({'scipy.stats', 'sklearn.ensemble', 'matplotlib.pyplot'} & set(sys.modules)))"
    draw = "import numpy as np\nprint(np.random.random())"
    (_, first), (_, second) = executed(ask, draw), executed(ask, draw)
    known = "['matplotlib.pyplot', 'scipy.stats', 'sklearn.ensemble']\n"
    assert first[2][0]["text"] == second[2][0]["text"] == known
    assert first[3][0]["text"] != second[3][0]["text"]


def test_an_error_is_told_as_by_an_ordinary_one(executed):
    forked, started = (executed("1/0", "print('never')", forks=forks)[0] for forks in (True, False))
    assert forked == started
    assert (forked.status, forked.reason) == ("failed", "ZeroDivisionError in cell [3]: division by zero")
