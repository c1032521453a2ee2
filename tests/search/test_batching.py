"""Groups follow from the numbers of their runs alone, so that a killed search in groups ends with the same table."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import yaml

from hpanalysis.errors import UserError
from hpanalysis.search import Problem, Search, random_search
from hpanalysis.search.batching import Batching, units_of
from hpanalysis.search.journal import NAME, read_journal
from hpanalysis.search.plan import Plan
from tests.search.objectives import SPACE, deadly, deadly_together, fragile, valley, valley_problem, valleys
from tests.search.test_random_search import ROOT, rows, same, wait_for_lines

PLAN = Plan(SPACE)
GROUPS = Batching(valleys, size=5, block=40, alike=("depth", "kind"))


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("uninterrupted")
    random_search(valley_problem(batched=valleys), 120, folder)
    return folder


def test_every_run_is_in_one_unit():
    units = units_of(PLAN, GROUPS, 120)
    assert sorted(run for unit in units for run in unit) == list(range(120))
    assert any(len(unit) > 1 for unit in units)


def test_members_are_alike_and_of_one_block():
    for unit in units_of(PLAN, GROUPS, 120):
        drawn = [PLAN.draw(run).values for run in unit]
        assert len({(values["depth"], values["kind"]) for values in drawn}) == 1
        assert len({run // 40 for run in unit}) == 1


def test_groups_are_about_as_large_as_asked_for_and_never_tiny():
    sizes = {len(unit) for unit in units_of(PLAN, replace(GROUPS, block=400), 2000)}
    assert sizes <= {4, 5, 6, 7} and 5 in sizes
    assert not {len(unit) for unit in units_of(PLAN, GROUPS, 2000)} & {2, 3}


def test_a_search_that_is_extended_keeps_its_groups():
    whole = units_of(PLAN, GROUPS, 120)
    for runs in (1, 17, 39, 40, 41, 100):
        begun = units_of(PLAN, GROUPS, runs)
        assert begun == [unit for unit in whole if unit[0] < runs]


def test_runs_that_gain_nothing_by_company_are_alone():
    units = units_of(PLAN, replace(GROUPS, where=({"depth": (2,)}, {"depth": (3,), "kind": ("a",)})), 120)
    together = [run for unit in units if len(unit) > 1 for run in unit]
    drawn = [PLAN.draw(run).values for run in together]
    assert {(v["depth"], v["kind"]) for v in drawn} == {(2, kind) for kind in SPACE["kind"].levels} | {(3, "a")}
    assert sorted(run for unit in units for run in unit) == list(range(120))


def test_without_groups_every_run_is_alone():
    assert units_of(PLAN, None, 5) == [(0,), (1,), (2,), (3,), (4,)]


def test_the_table_says_how_many_were_together(uninterrupted):
    sizes = {run: len(unit) for unit in units_of(PLAN, GROUPS, 120) for run in unit}
    assert [int(row["together"]) for row in rows(uninterrupted)] == [sizes[run] for run in range(120)]
    dictionary = yaml.safe_load((uninterrupted / "runs.sweep.yaml").read_text())
    assert dictionary["roles"]["together"] == "ignored"
    assert dictionary["about"]["protocol"]["together"] == {
        **{"size": 5, "block": 40, "alike": ["depth", "kind"], "where": [{}], "smallest": 4}
    }


def test_company_shows_in_the_results_or_these_tests_could_not_fail(uninterrupted, tmp_path):
    random_search(valley_problem(), 120, tmp_path)
    alone = [row["loss"] for row in rows(tmp_path)]
    for row, loss in zip(rows(uninterrupted), alone, strict=True):
        assert (row["loss"] == loss) == (row["together"] == "1")


@pytest.mark.parametrize(
    ("jobs", "kills", "runs"), [(1, 5, 120), (2, 5, 120), pytest.param(2, 50, 1500, marks=pytest.mark.slow)]
)
def test_killed_at_random_moments_the_groups_give_the_same_table(tmp_path, jobs, kills, runs):
    chance = random.Random(jobs)
    folder = tmp_path / "a"
    command = [sys.executable, "-m", "tests.search.objectives", str(folder), str(runs), str(jobs), "together"]
    for _ in range(kills):
        done = set(read_journal(folder).records)
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
        wait_for_lines(folder / NAME, 1 + len(done) + chance.randint(1, 8), process)
        time.sleep(chance.uniform(0, 0.01))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    done = set(read_journal(folder).records)
    assert kills < len(done) < runs
    # A group of which one run is on disk, as when the kill came between two lines of the journal.
    lines = (folder / NAME).read_text().splitlines(keepends=True)
    group = next(unit for unit in units_of(PLAN, GROUPS, runs) if len(unit) > 1 and done >= set(unit))
    kept = [line for line in lines if not any(f'{{"run": {run},' in line for run in group[1:])]
    assert len(kept) == len(lines) - len(group) + 1
    (folder / NAME).write_text("".join(kept))
    random_search(valley_problem(batched=valleys), runs, folder)
    random_search(valley_problem(batched=valleys), runs, tmp_path / "b", how=Search(save_every=runs))
    assert same(folder, tmp_path / "b")
    assert len((folder / NAME).read_text().splitlines()) == runs + 1, "a run was repeated"


def test_a_search_in_steps_with_two_workers_makes_the_same_table(uninterrupted, tmp_path):
    for runs in (7, 50, 49, 120):
        random_search(valley_problem(batched=valleys), runs, tmp_path, how=Search(jobs=2))
    assert same(tmp_path, uninterrupted)


def test_a_group_that_cannot_be_done_together_is_done_one_by_one(tmp_path):
    random_search(valley_problem(batched=fragile), 120, tmp_path / "a")
    random_search(valley_problem(batched=valleys), 120, tmp_path / "b")
    random_search(valley_problem(), 120, tmp_path / "c")
    group, alone = rows(tmp_path / "b"), rows(tmp_path / "c")
    broken = [u for u in units_of(PLAN, GROUPS, 120) if any(PLAN.draw(run).values["rate"] < 3e-3 for run in u)]
    assert any(len(unit) > 1 for unit in broken)
    apart = {run for unit in broken for run in unit}
    for run, row in enumerate(rows(tmp_path / "a")):
        assert row["loss"] == (alone if run in apart else group)[run]["loss"]
        assert row["status"] == "complete" and row["together"] == ("1" if run in apart else group[run]["together"])


def test_a_member_that_kills_its_worker_is_the_only_failed_row(tmp_path):
    random_search(valley_problem(deadly, deadly_together), 36, tmp_path, how=Search(jobs=2))
    table = rows(tmp_path)
    dead = [row["depth"] == "1" and float(row["rate"]) < 3e-3 for row in table]
    assert any(dead) and [row["status"] == "failed" for row in table] == dead
    assert {row["error"] for row in table if row["status"] == "failed"} == {"the worker process died"}


def test_a_search_in_groups_is_not_continued_without_them_or_with_others(tmp_path):
    random_search(valley_problem(batched=valleys), 3, tmp_path)
    with pytest.raises(UserError, match="holds a search with together=.*not None; repeat its settings"):
        random_search(valley_problem(), 3, tmp_path)
    other = Problem(valley, SPACE, metric="loss", goal="min", batching=replace(GROUPS, size=6))
    with pytest.raises(UserError, match="holds a search with together="):
        random_search(other, 3, tmp_path)


@pytest.mark.parametrize(("size", "block"), [(1, 40), (6, 5)])
def test_groups_that_cannot_be_made_are_refused(size, block):
    with pytest.raises(UserError, match=f"groups of {size} runs out of blocks of {block}"):
        replace(GROUPS, size=size, block=block)
