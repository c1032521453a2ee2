"""Does a new report replace the earlier one whole, and does nothing else change?"""

import json

import pytest

from hpanalysis.errors import UserError
from hpanalysis.reporting.notebooks.run import Outcome
from hpanalysis.reporting.site.publish import (
    Known,
    folder_names,
    mend_links,
    publish,
    recall,
    remember,
    work_folder,
)


def built(work, status="done", tables=()):
    folder = work / "toy" / "01-x"
    (folder / "tables").mkdir(parents=True)
    (folder / "report.html").write_text(f"new {status}")
    (folder / "report.ipynb").write_text("{}")
    for name in tables:
        (folder / "tables" / name).write_text("a\n1\n")
    return Outcome("toy", "01-x", "Is it?", status, "" if status == "done" else "E: no")


def listed(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_nothing_is_left_of_a_folder_in_which_nothing_was_made(tmp_path):
    with pytest.raises(UserError, match="no good"), work_folder(tmp_path / "a" / "b") as work:
        assert work.is_dir()
        raise UserError("no good")
    assert not (tmp_path / "a").exists()


def test_what_was_there_stays_when_something_goes_wrong(tmp_path):
    (tmp_path / "index.html").write_text("old")
    with pytest.raises(KeyboardInterrupt), work_folder(tmp_path) as work:
        (work / "x").write_text("half")
        raise KeyboardInterrupt
    assert listed(tmp_path) == ["index.html"]


@pytest.mark.parametrize("tail", ["", "deeper"])
def test_a_folder_that_cannot_be_written_is_refused(tmp_path, tail):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be written .*--out"), work_folder(tmp_path / "file" / tail):
        pass


def test_folder_names_are_safe_and_differ():
    names = folder_names(["runs", "Runs", "../../etc", "<script>", "index.html", "..", "größe"])
    assert names == ["runs", "Runs-2", "etc", "script", "index.html-sweep", "sweep", "größe"]


def test_a_finished_report_replaces_page_notebook_and_tables(tmp_path):
    old = tmp_path / "toy" / "tables"
    old.mkdir(parents=True)
    for name in ("01-x.old.csv", "01-x.kept.csv", "02-y.other.csv"):
        (old / name).write_text("old")
    (tmp_path / "toy" / "01-x.failed.html").write_text("older failure")
    publish(tmp_path, tmp_path / "w", built(tmp_path / "w", tables=["kept.csv"]))
    assert (tmp_path / "toy" / "01-x.html").read_text() == "new done"
    assert (old / "01-x.kept.csv").read_text() == "a\n1\n"
    assert listed(tmp_path / "toy") == ["01-x.html", "01-x.ipynb", "tables/01-x.kept.csv", "tables/02-y.other.csv"]


def test_a_failed_report_leaves_the_earlier_one_whole(tmp_path):
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "01-x.html").write_text("good")
    publish(tmp_path, tmp_path / "w", built(tmp_path / "w", status="failed", tables=["half.csv"]))
    assert (tmp_path / "toy" / "01-x.html").read_text() == "good"
    assert listed(tmp_path / "toy") == ["01-x.failed.html", "01-x.failed.ipynb", "01-x.html"]


def links(path):
    return [part.partition('"')[0] for part in path.read_text().split('href="')[1:]]


def test_a_link_to_a_page_that_was_not_made_leads_to_the_half_run_one_or_to_the_index_until_it_is(tmp_path):
    text = '<a href="01-a.html#why"></a><a href="02-b.html"></a><a href="03-c.html#x"></a><a href="../index.html"></a>'
    page = tmp_path / "01-a.html"
    page.write_text(text)
    (tmp_path / "02-b.failed.html").write_text("")
    for _ in range(2):
        mend_links(tmp_path, ["01-a", "02-b", "03-c"])
        assert links(page) == ["01-a.html#why", "02-b.failed.html", "../index.html", "../index.html"]
    (tmp_path / "03-c.html").write_text("")
    mend_links(tmp_path, ["01-a", "02-b", "03-c"])
    assert links(page) == ["01-a.html#why", "02-b.failed.html", "03-c.html#x", "../index.html"]
    (tmp_path / "02-b.html").write_text("")
    mend_links(tmp_path, ["01-a", "02-b", "03-c"])
    assert page.read_text() == text


def test_finished_reports_are_remembered_while_their_page_is_there(tmp_path):
    outcomes = [Outcome("toy", "01-x", "Is it?", "done", about=("lr",)), Outcome("toy", "02-y", "Y?", "failed", "E")]
    for name in ("01-x", "02-y"):
        (tmp_path / f"{name}.html").write_text("")
    remember(tmp_path, outcomes, "abc")
    assert recall(tmp_path) == {"01-x": Known("Is it?", "abc", ("lr",))}
    (tmp_path / "01-x.html").unlink()
    assert recall(tmp_path) == {}


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', json.dumps({"a": {"title": "t"}})])
def test_a_record_that_someone_spoilt_is_no_record(tmp_path, content):
    (tmp_path / "a.html").write_text("")
    (tmp_path / "reports.json").write_text(content)
    assert recall(tmp_path) == {}
