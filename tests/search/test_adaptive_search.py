"""A search by a strategy: the same table after kills, with more workers, and from its tables alone."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from hpanalysis.errors import UserError
from hpanalysis.search import Search
from hpanalysis.search.adaptive_search import Searcher, adaptive_search, check_workers
from hpanalysis.search.journal import NAME, read_journal
from hpanalysis.search.strategies.proposal import Asked
from tests.conftest import ROOT
from tests.search.objectives import mixed_problem

CHEAP = ("units", "layers")


def asked(strategy="random", runs=60, **more):
    return Asked(strategy, runs, CHEAP, **more)


def files(folder):
    return [(folder / name).read_bytes() for name in ("runs.csv", "runs.sweep.yaml")]


@pytest.fixture(params=["random", pytest.param("guided", marks=pytest.mark.train)])
def strategy(request):
    if request.param != "random":
        pytest.importorskip("optuna", reason="needs the extra `optuna`")
    return request.param


def test_two_workers_and_the_tables_alone_give_the_table_of_one(tmp_path, strategy):
    one = adaptive_search(mixed_problem(), asked(strategy, lag=2), tmp_path / "one")
    adaptive_search(mixed_problem(), asked(strategy, lag=2), tmp_path / "two", how=Search(jobs=2))
    assert files(tmp_path / "two") == files(tmp_path / "one")
    # A clone has no journal, and a search that was interrupted has rows with holes.
    part = tmp_path / "part"
    part.mkdir()
    head, *rows = one.read_text().splitlines(keepends=True)
    (part / "runs.csv").write_text("".join([head, *rows[:33], *rows[34:35]]))
    (part / "runs.sweep.yaml").write_bytes((tmp_path / "one" / "runs.sweep.yaml").read_bytes())
    adaptive_search(mixed_problem(), asked(strategy, lag=2), part)
    assert files(part) == files(tmp_path / "one")


def test_a_run_uses_no_result_that_may_still_be_on_its_way(strategy):
    """The results of the last lag - 1 runs before a run are changed: what is proposed stays the same."""

    def proposals(spoilt):
        searcher, found = Searcher(mixed_problem(), asked(strategy, 30, lag=4)), []
        while (run := searcher.ask()) is not None:
            draw = searcher.draw(run)
            found.append(draw)
            result = mixed_problem().objective(draw.values, 1)
            searcher.tell(run, {**result, "loss": -99.0} if run >= spoilt else result)
        return found

    before, after = proposals(99), proposals(15)
    assert before[:19] == after[:19]
    assert strategy == "random" or before[19:] != after[19:]


def test_nothing_is_asked_for_before_what_it_needs_was_told():
    searcher = Searcher(mixed_problem(), asked(runs=9, lag=3))
    assert [searcher.ask() for _ in range(4)] == [0, 1, 2, None]
    searcher.tell(1, {"loss": 1.0})
    assert searcher.ask() is None
    searcher.tell(0, {"loss": 1.0})
    assert [searcher.ask() for _ in range(3)] == [3, 4, None]


def test_another_strategy_or_length_cannot_continue_a_folder(tmp_path):
    adaptive_search(mixed_problem(), asked(runs=5), tmp_path)
    for other, said in ((asked(runs=6), "runs_asked=5, not 6"), (asked(runs=5, lag=2), "lag=1, not 2")):
        with pytest.raises(UserError, match=f"holds a search with {said}"):
            adaptive_search(mixed_problem(), other, tmp_path)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (Asked("bayes", 10), "the strategy .*bayes.*random"),
        (Asked("random", 10, ("optimizer",)), "the cost driver 'optimizer' is no ordered hyperparameter"),
        (Asked("guided", 10), "the strategy guided needs cost drivers; name some with cheap, such as units"),
    ],
)
def test_what_cannot_be_searched_is_one_sentence(wrong, message):
    with pytest.raises(UserError, match=message):
        Searcher(mixed_problem(), wrong)


def test_without_optuna_the_extra_is_named(monkeypatch):
    monkeypatch.setattr("hpanalysis.search.strategies.engine.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install 'hpanalysis\[optuna\]', or choose the strategy random"):
        Searcher(mixed_problem(), asked("guided"))


def test_more_workers_than_the_lag_allows_are_refused():
    check_workers(asked(lag=2), 2)
    with pytest.raises(UserError, match="--jobs is 3, but with --lag 2"):
        check_workers(asked(lag=2), 3)


def test_every_row_says_its_phase_and_why(tmp_path):
    text = adaptive_search(mixed_problem(), asked(runs=5), tmp_path).read_text()
    assert text.count("uniform,a random draw: the whole space") == 5


@pytest.mark.train
@pytest.mark.parametrize(
    ("jobs", "kills"), [(1, 4), (2, 4), *(pytest.param(j, 50, marks=pytest.mark.slow) for j in (1, 2))]
)
def test_killed_at_random_moments_it_ends_with_the_same_table(tmp_path, jobs, kills):
    pytest.importorskip("optuna", reason="needs the extra `optuna`")
    chance, runs = random.Random(jobs), 60 if kills < 50 else 240
    command = [sys.executable, "-m", "tests.search.objectives", str(tmp_path / "a"), str(runs), str(jobs), "guided"]
    for kill in range(kills):
        path, done = tmp_path / "a" / NAME, len(read_journal(tmp_path / "a").records)
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
        wanted, end = 1 + done + chance.randint(1, 6) * (kill % 5 < 4), time.monotonic() + 60
        while process.poll() is None and time.monotonic() < end:
            if path.is_file() and path.read_bytes().count(b"\n") >= wanted:
                break
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.01))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert kills // 2 < len(read_journal(tmp_path / "a").records) < runs
    adaptive_search(mixed_problem(), asked("guided", runs, lag=2), tmp_path / "a")
    adaptive_search(mixed_problem(), asked("guided", runs, lag=2), tmp_path / "b")
    assert files(tmp_path / "a") == files(tmp_path / "b")
