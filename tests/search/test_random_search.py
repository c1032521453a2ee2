"""A search ends with the same table however it is carried out, interrupted and continued."""

import csv
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
import yaml

from hpanalysis.errors import UserError
from hpanalysis.search import Problem, Search, export, random_search
from hpanalysis.search.journal import NAME, Journal, read_journal
from tests.search.objectives import SPACE, deadly, misled, moody, valley, valley_problem

ROOT = Path(__file__).resolve().parents[2]


def rows(folder: Path) -> list[dict[str, str]]:
    """The table of runs without its timing."""
    with open(folder / "runs.csv", newline="") as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


def same(a: Path, b: Path) -> bool:
    curves = (a / "curves.csv.gz").read_bytes() == (b / "curves.csv.gz").read_bytes()
    return rows(a) == rows(b) and curves


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("uninterrupted")
    random_search(valley_problem(), 120, folder)
    return folder


def test_a_table_has_one_row_a_run_and_says_what_its_columns_mean(uninterrupted):
    table = rows(uninterrupted)
    assert [int(row["run"]) for row in table] == list(range(120))
    assert {row["status"] for row in table} == {"complete"}
    dictionary = yaml.safe_load((uninterrupted / "runs.sweep.yaml").read_text())
    assert (dictionary["metric"], dictionary["goal"], dictionary["roles"]["loss"]) == ("loss", "min", "metric")
    assert list(dictionary["hyperparameters"]) == ["rate", "depth", "kind"]
    assert dictionary["about"]["runs"] == 120


def test_two_workers_make_the_same_table_as_one_process(uninterrupted, tmp_path):
    random_search(valley_problem(), 120, tmp_path, how=Search(jobs=2))
    assert same(tmp_path, uninterrupted)


def test_a_search_in_steps_makes_the_same_table(uninterrupted, tmp_path):
    for runs in (1, 50, 49, 120):
        random_search(valley_problem(), runs, tmp_path)
    assert same(tmp_path, uninterrupted)


@pytest.mark.parametrize(
    ("jobs", "kills", "runs"), [(1, 5, 120), (2, 5, 120), pytest.param(2, 50, 1500, marks=pytest.mark.slow)]
)
def test_killed_at_random_moments_it_ends_with_the_same_table(tmp_path, jobs, kills, runs):
    chance = random.Random(jobs)
    command = [sys.executable, "-m", "tests.search.objectives", str(tmp_path / "a"), str(runs), str(jobs)]
    for kill in range(kills):
        done = len(read_journal(tmp_path / "a").records)
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
        if kill % 5 < 4:
            wait_for_lines(tmp_path / "a" / NAME, 1 + done + chance.randint(1, 8), process)
        time.sleep(chance.uniform(0, 0.01))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert kills < len(read_journal(tmp_path / "a").records) < runs
    random_search(valley_problem(), runs, tmp_path / "a")
    random_search(valley_problem(), runs, tmp_path / "b", how=Search(save_every=runs))
    assert same(tmp_path / "a", tmp_path / "b")
    assert len((tmp_path / "a" / NAME).read_text().splitlines()) == runs + 1, "a run was repeated"


def wait_for_lines(path: Path, lines: int, process: subprocess.Popen) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end and process.poll() is None:
        if path.is_file() and path.read_bytes().count(b"\n") >= lines:
            return
        time.sleep(0.002)
    raise AssertionError(f"the search ended or stood still before {lines} lines")


def test_workers_end_with_a_parent_that_was_killed(tmp_path):
    command = [sys.executable, "-m", "tests.search.objectives", str(tmp_path), "5000", "2"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
    wait_for_lines(tmp_path / NAME, 5, process)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            os.killpg(process.pid, 0)  # the group lives as long as a worker does
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    raise AssertionError("a worker outlived its parent")


def test_cut_off_at_any_byte_the_journal_continues_to_the_same_table(uninterrupted, tmp_path):
    whole = (uninterrupted / NAME).read_bytes()
    for number, cut in enumerate(range(0, len(whole), len(whole) // 12)):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / NAME).write_bytes(whole[:cut])
        random_search(valley_problem(), 120, folder)
        assert same(folder, uninterrupted)


def test_the_tables_alone_are_enough_to_continue(uninterrupted, tmp_path):
    random_search(valley_problem(), 70, tmp_path / "a")
    for name in ("runs.csv", "curves.csv.gz", "runs.sweep.yaml"):
        (tmp_path / "b").mkdir(exist_ok=True)
        shutil.copy(tmp_path / "a" / name, tmp_path / "b")
    random_search(valley_problem(), 120, tmp_path / "b")
    assert same(tmp_path / "b", uninterrupted)
    assert min(read_journal(tmp_path / "b").records) == 70


def test_a_broken_objective_is_a_row_and_the_search_goes_on(tmp_path):
    random_search(valley_problem(moody), 60, tmp_path)
    table = rows(tmp_path)
    assert len(table) == 60
    for row in table:
        if row["depth"] == "1":
            found = (row["status"], row["loss"], row["error"])
            assert found == ("failed", "", "RuntimeError: the third layer is missing")
        elif row["depth"] == "2":
            assert (row["status"], row["loss"], row["error"]) == ("diverged", "", "loss was nan")
        else:
            assert (row["status"], row["loss"], row["error"]) == ("complete", "1", "")
    assert {row["status"] for row in table} == {"failed", "diverged", "complete"}


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_wrong_setting_stops_the_search_instead_of_failing_every_run(tmp_path, jobs):
    with pytest.raises(UserError, match="the images are gone"):
        random_search(valley_problem(misled), 20, tmp_path, how=Search(jobs=jobs))
    assert rows(tmp_path) == []


def test_a_worker_that_dies_is_a_failed_row_and_the_search_goes_on(tmp_path):
    random_search(valley_problem(deadly), 36, tmp_path, how=Search(jobs=2))
    table = rows(tmp_path)
    dead = [row["depth"] == "1" and float(row["rate"]) < 3e-3 for row in table]
    assert 0 < sum(dead) < 8
    assert [row["status"] == "failed" for row in table] == dead
    assert {row["error"] for row, gone in zip(table, dead, strict=True) if gone} == {"the worker process died"}


def test_another_search_in_the_same_folder_is_refused(tmp_path):
    random_search(valley_problem(), 3, tmp_path)
    with pytest.raises(UserError, match="holds a search with seed=0, not 1"):
        random_search(valley_problem(), 3, tmp_path, seed=1)
    other = Problem(valley, SPACE.without("kind"), metric="loss", goal="min")
    with pytest.raises(UserError, match="holds a search with space="):
        random_search(other, 3, tmp_path)


def test_an_export_works_beside_a_running_search(tmp_path):
    random_search(valley_problem(), 5, tmp_path)
    (tmp_path / "runs.csv").unlink()
    with Journal(tmp_path):
        assert export(valley_problem(), tmp_path) == 5
    assert len(rows(tmp_path)) == 5


def test_an_export_of_nothing_is_refused(tmp_path):
    with pytest.raises(UserError, match="holds no search.*--out"):
        export(valley_problem(), tmp_path)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: random_search(valley_problem(), 0, "unused"), "runs is 0"),
        (lambda: Search(jobs=0), "jobs is 0"),
    ],
)
def test_what_cannot_be_searched_is_refused_in_one_sentence(call, message):
    with pytest.raises(UserError, match=message):
        call()


@pytest.mark.parametrize("page", ["README.md", "docs/training.md"])
def test_the_documented_example_makes_a_table(tmp_path, page):
    (code,) = re.findall(
        r"(?m)^    from hpanalysis\.search import (?:.*\n)(?:(?:    .*)?\n)+", (ROOT / page).read_text()
    )
    (tmp_path / "search.py").write_text(textwrap.dedent(code))
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "search.py"], cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert len(rows(tmp_path / "my-search")) == 100
