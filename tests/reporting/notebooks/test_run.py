"""Does a notebook whose process dies get a second chance, and no more?"""

from hpanalysis.reporting.notebooks.run import Task, run_all
from hpanalysis.reporting.site.page import page

DIE = """import os, pathlib, signal
mark = pathlib.Path(source)
mark.write_text(mark.read_text() + "died ")
if mark.read_text().count("died") <= {times}:
    os.kill(os.getppid(), signal.SIGKILL)
    signal.pause()
print("lived")"""


def outcomes(tmp_path, write_notebook, times):
    (tmp_path / "mark").write_text("")
    tasks = []
    for name, code in (("01-dies", DIE.format(times=times)), ("02-lives", "print(source)")):
        path = write_notebook(tmp_path / "books", name, code)
        parameters = {"source": str(tmp_path / "mark")}
        tasks.append(Task("toy", name, str(path), "?", parameters, {}, str(tmp_path / name)))
    return {o.notebook: (o.status, o.reason) for o in run_all(tasks, page, jobs=1, scratch=tmp_path)}


def test_a_worker_that_died_is_started_again_when_the_others_are_done(tmp_path, write_notebook):
    found = outcomes(tmp_path, write_notebook, times=1)
    assert list(found) == ["02-lives", "01-dies"]
    assert set(found.values()) == {("done", "")}
    assert "lived" in (tmp_path / "01-dies" / "report.html").read_text()


def test_one_that_dies_twice_has_failed(tmp_path, write_notebook):
    found = outcomes(tmp_path, write_notebook, times=2)
    assert found["02-lives"] == ("done", "")
    assert found["01-dies"] == ("failed", "its process died, perhaps because memory ran out")
