"""Does a report come out of every genuine store of a tracker, recognised alone, with the source named?"""

import importlib.util
import json
import re
import tarfile
from pathlib import Path

import pytest

from hpanalysis.cli import main

pytestmark = pytest.mark.slow
spec = importlib.util.spec_from_file_location(
    "genuine_stores", Path(__file__).parents[1] / "sweeps" / "sources" / "test_genuine.py"
)
genuine = importlib.util.module_from_spec(spec)
spec.loader.exec_module(genuine)
# Of one table, of databases and of a folder a run.
WHOLE = ("mlflow-sqlite", "optuna-journal", "sklearn-cv", "wandb-offline")


@pytest.fixture(scope="module")
def stores(shared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stores")
    for name in genuine.CASES:
        with tarfile.open(shared / "trackers" / f"{name}.tar.gz") as file:
            file.extractall(folder, filter="data")
    return folder


def report(name, stores, out, *more):
    """The pages of the report of a store, after its command has ended well."""
    case = genuine.CASES[name]
    known = [] if case.kinds else ["--metric", case.metric, "--goal", "max"]
    found = ["--results", case.results] if case.results else []
    assert main(["report", str(stores / name / case.path), "--out", str(out), *known, *found, *more]) == 0
    told = json.loads((out / "findings.json").read_text())
    pages = {p.stem: p.read_text() for p in out.rglob("*.html")}
    assert told and "index" in pages
    return pages


@pytest.mark.parametrize("name", sorted(genuine.CASES))
def test_the_first_page_of_every_store_says_where_it_is_from(name, stores, tmp_path):
    pages = report(name, stores, tmp_path / "out", "--only", "00")
    (page,) = [text for stem, text in pages.items() if stem.startswith("00")]
    assert re.search(r"Read from .* as: ", page) and "Traceback" not in page


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_report_of_a_store_has_every_page(name, stores, tmp_path):
    pages = report(name, stores, tmp_path / "out")
    numbered = {stem[:2] for stem in pages if stem[:2].isdigit()}
    assert len(numbered) >= 8 and not any("Traceback" in text for text in pages.values())
