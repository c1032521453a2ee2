"""A search on a Dask cluster of separate processes ends with the same table, also when a worker is killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from hpanalysis.cli import main
from hpanalysis.errors import UserError
from hpanalysis.search import Search, cluster, random_search
from hpanalysis.search.journal import NAME, read_journal
from tests.search.objectives import deadly, valley_problem, valleys
from tests.search.test_random_search import same

distributed = pytest.importorskip("distributed", reason="needs the extra `distributed`")
pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def workers():
    import dask

    settings = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with dask.config.set({"distributed.scheduler.allowed-failures": 1}), distributed.LocalCluster(**settings) as local:
        yield local


def columns(folder: Path) -> list[list[str]]:
    lines = (folder / "runs.csv").read_text().splitlines()
    assert lines[0].endswith(",seconds") or "seconds" not in lines[0]
    return [line.rsplit(",", 1)[0] for line in lines]


def test_a_cluster_makes_the_same_table_though_a_worker_is_killed(workers, tmp_path):
    random_search(valley_problem(), 150, tmp_path / "alone")
    with distributed.Client(workers, set_as_default=False) as client:
        victim = next(iter(client.run(os.getpid).values()))
    journal = tmp_path / "shared" / NAME

    def kill_one_in_the_middle():
        while not journal.is_file() or journal.read_bytes().count(b"\n") < 40:
            time.sleep(0.005)
        os.kill(victim, signal.SIGKILL)

    killer = threading.Thread(target=kill_one_in_the_middle, daemon=True)
    killer.start()
    random_search(valley_problem(), 150, tmp_path / "shared", how=Search(scheduler=workers.scheduler_address))
    killer.join(1)
    assert not killer.is_alive()
    assert columns(tmp_path / "shared") == columns(tmp_path / "alone")
    assert len(journal.read_text().splitlines()) == 151, "a run was recorded twice"


def test_a_result_that_is_lost_is_asked_for_again(workers, tmp_path, monkeypatch):
    random_search(valley_problem(), 30, tmp_path / "alone")
    answers = iter([True, False, True, True])
    monkeypatch.setattr(cluster, "is_lost", lambda future: next(answers, False))
    random_search(valley_problem(), 30, tmp_path / "shared", how=Search(scheduler=workers.scheduler_address))
    assert next(answers, None) is None, "no result was lost"
    assert columns(tmp_path / "shared") == columns(tmp_path / "alone")
    assert len((tmp_path / "shared" / NAME).read_text().splitlines()) == 31, "a run was recorded twice"


def test_results_that_are_always_lost_end_the_search_with_one_sentence(workers, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "is_lost", lambda future: True)
    with pytest.raises(UserError, match="the scheduler at .* is gone; the finished runs are kept"):
        random_search(valley_problem(), 3, tmp_path, how=Search(scheduler=workers.scheduler_address))


def test_groups_on_a_cluster_make_the_same_table(workers, tmp_path):
    random_search(valley_problem(batched=valleys), 60, tmp_path / "alone")
    how = Search(scheduler=workers.scheduler_address)
    random_search(valley_problem(batched=valleys), 60, tmp_path / "shared", how=how)
    assert same(tmp_path / "shared", tmp_path / "alone")


@pytest.fixture
def replaced(monkeypatch):
    """The address of a scheduler whose two workers are started again whenever they die, as a batch system does.

    Dask's own nanny gives up on a worker that dies before the nanny has seen that it is up, and on a busy machine both
    nannies of a cluster did so.
    """
    import dask

    over = threading.Event()
    for limit in ("PATIENCE", "GONE"):  # a worker needs half a minute to start on a busy machine
        monkeypatch.setattr(cluster, limit, 300)

    def keep_one(address):
        options = ["--nthreads", "1", "--no-nanny", "--no-dashboard"]
        command = [sys.executable, "-m", "distributed.cli.dask_worker", address, *options]
        while not over.is_set():
            worker = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while worker.poll() is None and not over.wait(0.05):
                pass
            worker.kill()
            worker.wait()

    settings = {"n_workers": 0, "processes": False, "dashboard_address": ":0", "protocol": "tcp"}
    with dask.config.set({"distributed.scheduler.allowed-failures": 1}), distributed.LocalCluster(**settings) as local:
        keepers = [threading.Thread(target=keep_one, args=(local.scheduler_address,)) for _ in range(2)]
        for keeper in keepers:
            keeper.start()
        try:
            yield local.scheduler_address
        finally:
            over.set()
            for keeper in keepers:
                keeper.join()


def test_a_run_that_takes_down_worker_after_worker_is_a_failed_row(replaced, tmp_path):
    random_search(valley_problem(deadly), 27, tmp_path, how=Search(scheduler=replaced))
    records = {run: record.cells for run, record in read_journal(tmp_path).records.items()}
    dead = {r for r, v in records.items() if v["depth"] == 1 and v["rate"] < 3e-3}
    assert dead and len(records) == 27
    assert {run for run, record in records.items() if record["status"] == "failed"} == dead
    assert {records[run]["error"] for run in dead} == {"the worker process died"}


def test_workers_that_are_gone_for_good_end_the_search_with_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "GONE", 0.5)
    settings = {"n_workers": 1, "threads_per_worker": 1, "processes": False, "dashboard_address": ":0"}
    with distributed.LocalCluster(**settings, protocol="tcp") as local:

        def all_leave_in_the_middle():
            while len(read_journal(tmp_path).records) < 5:
                time.sleep(0.005)
            local.scale(0)

        leaving = threading.Thread(target=all_leave_in_the_middle, daemon=True)
        leaving.start()
        with pytest.raises(UserError, match=r"has had no worker for 0.5 seconds; the finished runs are kept, start wo"):
            random_search(valley_problem(), 5000, tmp_path, how=Search(scheduler=local.scheduler_address))
    done = len(read_journal(tmp_path).records)
    assert 5 <= done < 5000
    random_search(valley_problem(), done + 3, tmp_path / "alone")
    monkeypatch.undo()
    random_search(valley_problem(), done + 3, tmp_path)
    assert columns(tmp_path) == columns(tmp_path / "alone")


@pytest.mark.parametrize("strategy", ["random", "guided"])
def test_the_command_shares_a_search_by_a_strategy_among_the_workers(workers, tmp_path, capsys, strategy):
    if strategy != "random":
        pytest.importorskip("optuna", reason="needs the extra `optuna`")
    words = ["search", "tests.search.objectives:mixed_problem", "--strategy", strategy, "--cheap", "units,layers"]
    words += ["--runs", "24", "--lag", "4"]
    assert main([*words, "--out", str(tmp_path / "here" / "mine")]) == 0
    alone = capsys.readouterr().out
    there = [*words, "--scheduler", workers.scheduler_address, "--out", str(tmp_path / "there" / "mine")]
    assert main(there) == 0
    assert capsys.readouterr().out.replace("there", "here") == alone and "The pick is run " in alone
    tables = [tmp_path / place / "mine" / "runs.csv" for place in ("here", "there")]
    assert tables[0].read_text() == tables[1].read_text()
    journal = read_journal(tmp_path / "there" / "mine").records
    assert main(there) == 0 and read_journal(tmp_path / "there" / "mine").records == journal


def test_the_command_names_a_scheduler_that_is_not_there(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    words = ["search", "tests.search.objectives:mixed_problem", "--strategy", "random", "--runs", "2"]
    assert main([*words, "--scheduler", "tcp://127.0.0.1:1", "--out", str(tmp_path)]) != 0
    assert "there is no scheduler at 'tcp://127.0.0.1:1'" in capsys.readouterr().err


def test_an_address_without_a_scheduler_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    with pytest.raises(UserError, match="no scheduler at 'tcp://127.0.0.1:1'.*dask scheduler"):
        random_search(valley_problem(), 2, tmp_path, how=Search(scheduler="tcp://127.0.0.1:1"))


def test_without_dask_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install 'hpanalysis\[distributed\]'"):
        random_search(valley_problem(), 2, tmp_path, how=Search(scheduler="tcp://127.0.0.1:1"))
