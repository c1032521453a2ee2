"""Does a batch end with pages, tables, findings and an index, whatever a notebook or a table does?"""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from hpanalysis.errors import UserError
from hpanalysis.reporting.site.report import Request, make_reports

READ = "import hpanalysis as hp\nsweep = hp.read(source, metric=metric, goal=goal, **reading)"
SAVED = "found = hp.Inquiry.of(sweep, saved=inquiry)\nprint(bool(inquiry), len(found.claims))"
PICTURE = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"
TABLE = "hp.save_tables(tables, contrast=hp.contrast(sweep, hyperparameter))"
FACTOR = 'hyperparameter: str = "{}"  # the hyperparameter asked about\n'
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def batch(tmp_path_factory, toy_frame, write_notebook):
    """One report on a hostile table, with a notebook that works, one that fails, and one that has no hyperparameter."""
    root = tmp_path_factory.mktemp("batch")
    books, table = root / "books", root / "toy.csv"
    toy_frame(learning_rate=HOSTILE).replace({"dataset": {"hard": HOSTILE}}).to_csv(table, index=False)
    hyperparameter = FACTOR.format("augmentation")
    write_notebook(books, "00-the-sweep", READ, "sweep", "print(source)", text="# What was tried?")
    more = {"parameters": hyperparameter, "hyperparameters": ["hyperparameter"]}
    text = "# Is it good?\n\n## See\n\n[a](02-broken.ipynb) [b](03-absent.ipynb) [c](00-the-sweep.ipynb)"
    write_notebook(books, "01-augmentation", READ, SAVED, PICTURE, TABLE, text=text, **more)
    write_notebook(books, "02-broken", READ, f"raise KeyError('{HOSTILE}')", "print('never')", **more)
    more["parameters"] = FACTOR.format("activation")
    write_notebook(books, "03-absent", "print(hyperparameter)", **more)
    write_notebook(books, "04-searches", "print('never')", needs=["searches"])
    reading = {"metric": "accuracy", "goal": "max"}
    request = Request((str(table),), reading, out=root / "out", jobs=2, notebooks=books)
    return request, make_reports(request)


def pages(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.html"))


def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def test_each_notebook_has_its_outcome_and_one_that_fails_stops_no_other(batch):
    _, result = batch
    assert [(o.notebook, o.status) for o in result.outcomes] == [
        ("00-the-sweep", "done"),
        ("01-augmentation", "done"),
        ("02-broken", "failed"),
        ("03-absent", "skipped"),
    ]
    assert [o.notebook for o in result.failed] == ["02-broken"]
    assert result.failed[0].reason.startswith("KeyError in cell [4]: '<script>")
    assert "no hyperparameter 'activation'" in result.outcomes[3].reason


def test_a_notebook_on_searches_is_not_named_beside_networks_unless_it_is_asked_for(batch, tmp_path):
    request, result = batch
    assert "04-searches" not in {o.notebook for o in result.outcomes}
    (one,) = make_reports(replace(request, out=tmp_path, only=("04",))).outcomes
    assert one.status == "skipped" and one.reason == "there are no searches to compare in the sweep 'toy'"


def test_the_folder_holds_what_was_made_and_nothing_of_the_making(batch):
    request, _ = batch
    assert sorted(str(p.relative_to(request.out)) for p in request.out.rglob("*") if p.is_file()) == [
        "findings.json",
        "index.html",
        "toy/00-the-sweep.html",
        "toy/00-the-sweep.ipynb",
        "toy/01-augmentation.html",
        "toy/01-augmentation.ipynb",
        "toy/02-broken.failed.html",
        "toy/02-broken.failed.ipynb",
        "toy/claims.csv",
        "toy/claims.html",
        "toy/explore.html",
        "toy/reports.json",
        "toy/tables/01-augmentation.contrast.csv",
    ]


def test_the_inquiry_is_computed_once_and_handed_on(batch):
    request, _ = batch
    text = soup(request.out / "toy" / "01-augmentation.html").main.get_text()
    count = soup(request.out / "index.html").find("a", href="toy/claims.html").get_text().split()[1]
    assert f"True {count}" in text


def test_an_executed_notebook_names_no_work_folder_and_no_time(batch):
    request, _ = batch
    for path in request.out.rglob("*.ipynb"):
        text = path.read_text(encoding="utf-8")
        assert ".building-" not in text and "start_time" not in text and "papermill" not in text
        assert r"inquiry = \"\"" in text and r"tables = \"\"" in text


def test_pages_need_no_network_and_run_nothing_of_a_hostile_table(batch):
    request, _ = batch
    assert len(pages(request.out)) == 6
    # These two have a script, by its hash: see tests/browser and tests/views.
    with_script = {"explore.html", "claims.html"}
    for path in (path for path in pages(request.out) if path.name not in with_script):
        page = soup(path)
        assert page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"].startswith(
            "default-src 'none'"
        )
        assert not page.find_all(["script", "link", "iframe"]), path
        assert "<script" not in path.read_text(encoding="utf-8")
        fetched = [tag[a] for tag in page.find_all(True) for a in ("src", "srcset", "background") if a in tag.attrs]
        assert all(address.startswith("data:image/") for address in fetched)
        assert all(picture["alt"].strip() for picture in page.find_all("img"))
        assert all(
            a["href"].split(":")[0] not in ("http", "https", "javascript") for a in page.find_all("a", href=True)
        )


def test_every_link_leads_somewhere(batch):
    request, _ = batch
    for path in pages(request.out):
        for link in soup(path).find_all("a", href=True):
            if link.has_attr("download"):
                assert link["href"].startswith(("data:image/svg+xml,", "data:text/")), "it holds its file"
                continue
            file, _, anchor = link["href"].partition("#")
            target = (path.parent / file).resolve() if file else path
            assert target.is_file(), f"{path.name} -> {link['href']}"
            # What follows the address of the linked views is their state, and no anchor.
            if target.name != "explore.html":
                assert not anchor or soup(target).find(id=anchor), f"{path.name} -> {link['href']}"


def test_the_index_says_the_finding_and_links_it_to_its_evidence(batch):
    request, _ = batch
    index = soup(request.out / "index.html")
    first = index.find(class_="finding")
    assert "augmentation=on did better than off" in first.get_text()
    assert first.find("a")["href"] == "toy/01-augmentation.html"


def test_the_index_says_what_failed_and_what_was_skipped_and_why(batch):
    request, _ = batch
    rows = {row["class"][0]: row for row in soup(request.out / "index.html").select(".reports li")}
    assert "KeyError in cell [4]: '<script>" in rows["failed"].get_text()
    assert rows["failed"].find("a")["href"] == "toy/02-broken.failed.html"
    assert "no hyperparameter 'activation'" in rows["skipped"].get_text() and not rows["skipped"].find("a")
    half = soup(request.out / "toy" / "02-broken.failed.html")
    assert "KeyError" in half.find(class_="stopped").get_text() and "never" in half.get_text()


def test_findings_are_written_in_the_schema(batch):
    request, _ = batch
    found = json.loads((request.out / "findings.json").read_text(encoding="utf-8"))
    assert found["schema"] == 1
    (sweep,) = found["sweeps"]
    assert list(sweep) == ["sweep_id", "source", "sha256", "runs", "failed", "metric", "goal", "unit", "datasets"]
    assert (sweep["source"], sweep["runs"], sweep["datasets"]) == ("toy.csv", 240, [HOSTILE, "easy"])
    lead = found["findings"][0]
    assert (lead["hyperparameter"], lead["verdict"], lead["tier"]) == ("augmentation", "better", "headline")
    assert (lead["sweep_id"], lead["notebook"]) == ("toy", "01-augmentation")
    assert str(request.out.parent) not in json.dumps(found)


@pytest.fixture
def quick(tmp_path, table, write_notebook, toy_frame):
    """A request with notebooks that take no time."""
    write_notebook(tmp_path / "books", "00-first", "print(metric)")
    write_notebook(tmp_path / "books", "01-second", "print(goal)")
    reading = {"metric": "accuracy", "goal": "max"}
    return lambda **more: Request(
        **{"sources": (str(table),), "reading": reading, "out": tmp_path / "out", "notebooks": tmp_path / "books"}
        | more
    )


def test_the_same_input_gives_the_same_findings_with_one_job_or_two_from_any_folder(
    quick, tmp_path, table, monkeypatch
):
    make_reports(quick(jobs=1, only=("00",)))
    monkeypatch.chdir(tmp_path)
    make_reports(quick(sources=(table.name,), jobs=2, out=Path("elsewhere"), only=("01",)))
    first, second = (tmp_path / name / "findings.json" for name in ("out", "elsewhere"))
    assert first.read_bytes() == second.read_bytes()


def test_reports_that_are_left_out_or_fail_survive_and_the_index_says_so(quick, tmp_path, write_notebook, table):
    make_reports(quick())
    before = (tmp_path / "out" / "toy" / "01-second.html").read_bytes()
    write_notebook(tmp_path / "books", "01-second", "1/0")
    table.write_text(table.read_text().replace("easy", "mild"))
    result = make_reports(quick(only=("01",)))
    assert [o.notebook for o in result.failed] == ["01-second"]
    assert (tmp_path / "out" / "toy" / "01-second.html").read_bytes() == before
    rows = soup(tmp_path / "out" / "index.html").select(".reports li")
    assert [row["class"] for row in rows] == [["failed"], ["earlier"]]
    assert "an earlier report is still here" in rows[0].get_text()
    assert "made by an earlier run on other data" in rows[1].get_text()


def test_sweeps_stand_side_by_side_and_apart(quick, tmp_path, toy_frame, table):
    (tmp_path / "b").mkdir()
    toy_frame(300).to_csv(tmp_path / "b" / "toy.csv", index=False)
    make_reports(quick(sources=(str(table), str(tmp_path / "b" / "toy.csv")), only=("00",), jobs=2))
    found = json.loads((tmp_path / "out" / "findings.json").read_text())
    assert [(s["sweep_id"], s["runs"]) for s in found["sweeps"]] == [("toy", 240), ("toy-2", 300)]
    assert {f["sweep_id"] for f in found["findings"]} == {"toy", "toy-2"}
    row = soup(tmp_path / "out" / "index.html").find("table").find("tbody").find("tr")
    assert row.th.get_text() == "augmentation"
    assert all("gains" in cell.get_text() for cell in row.find_all("td"))
    assert (tmp_path / "out" / "toy-2" / "00-first.html").is_file()


def test_the_same_sweep_twice_is_refused(quick, table):
    with pytest.raises(UserError, match="'toy.csv' is given twice"):
        make_reports(quick(sources=(str(table), str(table))))


def test_nothing_is_written_when_an_input_cannot_be_used(quick, tmp_path):
    for wrong in ({"parameters": ("factr=x",)}, {"reading": {"metric": "acc", "goal": "max"}}, {"only": ("7",)}):
        with pytest.raises(UserError):
            make_reports(quick(**wrong))
        assert not (tmp_path / "out").exists()


def test_a_kernel_that_dies_fails_its_notebook_alone(quick, tmp_path, write_notebook):
    write_notebook(tmp_path / "books", "00-first", "import os\nos._exit(3)")
    result = make_reports(quick(jobs=2))
    assert [(o.notebook, o.status) for o in result.outcomes] == [("00-first", "failed"), ("01-second", "done")]
    assert "DeadKernelError" in result.outcomes[0].reason


def test_a_worker_that_dies_fails_its_notebook_alone(quick, tmp_path, write_notebook):
    kill = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)"
    write_notebook(tmp_path / "books", "00-first", kill)
    result = make_reports(quick(jobs=2))
    assert [(o.notebook, o.status) for o in result.outcomes] == [("00-first", "failed"), ("01-second", "done")]
    assert "its process died" in result.outcomes[0].reason
