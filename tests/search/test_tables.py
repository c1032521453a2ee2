"""What is written is what is read again: hyperparameters with every digit, results with 8, curves with 4."""

import gzip

import pytest
import yaml

from hpanalysis.errors import UserError
from hpanalysis.search.plan import Plan
from hpanalysis.search.record import Record
from hpanalysis.search.tables import read_tables, write_tables
from tests.search.objectives import SPACE, valley_problem

PLAN = Plan(SPACE)
RECORDS = [
    Record(1, {"rate": 0.1, "kind": "b, with a comma", "loss": None}, {"loss": [2 / 3], "slope": [1.0, 0.5]}),
    Record(0, {"rate": 0.12345678901234566, "kind": "a", "loss": 0.12345678901234566, "more": True}),
]


@pytest.fixture
def folder(tmp_path):
    write_tables(tmp_path, RECORDS, valley_problem(), PLAN, "hpanalysis x --runs {runs}")
    return tmp_path


def test_the_runs_are_in_order_with_every_column_of_any_of_them(folder):
    lines = (folder / "runs.csv").read_text().splitlines()
    assert lines == [
        "run,rate,kind,loss,more",
        "0,0.12345678901234566,a,0.12345679,True",
        '1,0.1,"b, with a comma",,',
    ]


def test_curves_of_unequal_length_leave_cells_empty(folder):
    text = gzip.decompress((folder / "curves.csv.gz").read_bytes()).decode()
    assert text.splitlines() == ["run,epoch,loss,slope", "1,1,0.6667,1", "1,2,,0.5"]


def test_what_was_written_is_written_again_from_what_is_read(folder, tmp_path):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(before) == {"runs.csv", "curves.csv.gz", "runs.sweep.yaml"}
    write_tables(folder, read_tables(folder).records.values(), valley_problem(), PLAN, "hpanalysis x --runs {runs}")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_dictionary_says_how_many_runs_by_which_command(folder):
    about = yaml.safe_load((folder / "runs.sweep.yaml").read_text())["about"]
    assert (about["runs"], about["command"]) == (2, "hpanalysis x --runs 2")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("runs.csv", b"number,loss\n0,1\n"),
        ("runs.sweep.yaml", b"about: nothing\n"),
        ("curves.csv.gz", b"\x1f\x8b\x08 torn"),
        ("curves.csv.gz", gzip.compress(b"run,epoch,loss\n7,1,0.5\n")),
    ],
    ids=["an unknown column", "no runs", "torn", "curves of another run"],
)
def test_tables_that_are_spoilt_are_named(folder, name, data):
    (folder / name).write_bytes(data)
    with pytest.raises(UserError, match="the tables in .* cannot be continued .*; restore them, or choose another"):
        read_tables(folder)
