"""Are the committed outputs renewed so that only what really changed differs?"""

import json
import os

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from hpanalysis.reporting.notebooks.refresh_outputs import renew


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")


def test_a_renewed_notebook_names_no_address_no_time_and_no_path_of_the_machine(tmp_path, write_notebook):
    say = "import os\nclass A: pass\nprint(A())\nprint(os.path.dirname(os.getcwd()) + '/data/x.csv')\nA()"
    path = write_notebook(tmp_path / "books", "01-x", say, "1 + 1", hyperparameters=["hyperparameter"])
    assert renew(path)
    text = path.read_text()
    book = json.loads(text)
    assert str(tmp_path) not in text
    assert [c["execution_count"] for c in book["cells"] if c["cell_type"] == "code"] == [1, 2, 3]
    printed, shown = book["cells"][2]["outputs"]
    assert "".join(printed["text"]) == "<__main__.A object at 0x…>\ndata/x.csv\n"
    assert "0x…" in "".join(shown["data"]["text/plain"])
    assert set(book["metadata"]) == {"kernelspec", "language_info", "hpanalysis"}
    assert all(set(cell["metadata"]) <= {"tags"} for cell in book["cells"])
    nbformat.validate(nbformat.read(path, as_version=4))
    before = os.stat(path).st_mtime_ns
    assert not renew(path) and os.stat(path).st_mtime_ns == before


def test_a_notebook_that_fails_is_left_as_it_was(tmp_path, write_notebook):
    path = write_notebook(tmp_path, "01-x", "1/0")
    before = path.read_bytes()
    with pytest.raises(CellExecutionError):
        renew(path)
    assert path.read_bytes() == before
