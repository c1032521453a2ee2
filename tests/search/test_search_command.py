"""`hpanalysis search`, from the command line."""

import re

import pytest

import hpanalysis as hp
from hpanalysis.cli import main
from hpanalysis.errors import UserError
from hpanalysis.search.command import problem_of
from hpanalysis.search.strategies.registry import BY_HAND, STRATEGIES

PROBLEM = "tests.search.objectives:mixed_problem"


def test_a_search_is_made_continued_and_read(tmp_path, capsys):
    words = ["search", PROBLEM, "--strategy", "random", "--runs", "30", "--out", str(tmp_path / "mine")]
    assert main(words) == 0
    first = capsys.readouterr().out
    assert "The pick is run " in first and "No run has less error at less cost" in first
    assert main(words) == 0 and capsys.readouterr().out == first
    sweep = hp.read(tmp_path / "mine" / "runs.csv")
    assert sweep.about["command"] == (
        f"hpanalysis search {PROBLEM} --strategy random --runs 30 --seed 0 --lag 1 --out mine"
    )
    assert sweep.roles["phase"] == "ignored" and not hp.Design(sweep).adaptive


@pytest.mark.train
def test_a_guided_search_says_its_reasons_and_its_table_is_read_as_adaptive(tmp_path, capsys):
    pytest.importorskip("optuna", reason="needs the extra `optuna`")
    out = str(tmp_path / "mine")
    assert main(["search", PROBLEM, "--runs", "100", "--cheap", "units,layers", "--out", out]) == 0
    said = capsys.readouterr().out
    assert "on average over 3 trainings with fresh seeds" in said and " may now be up to " in said
    table = tmp_path / "mine" / "runs.csv"
    assert hp.Design(hp.read(table)).adaptive
    drawn = hp.read(table, where="phase == uniform")
    assert len(drawn) == 10 and not hp.Design(drawn).adaptive
    assert hp.Design(hp.read(table, where="phase == cheap")).adaptive


@pytest.mark.parametrize("name", ["no_such_module:x", "tests.search.objectives:nothing", "tests.search.objectives"])
def test_a_problem_that_is_not_there_is_one_sentence(name):
    with pytest.raises(UserError, match=f"there is no problem '{name}'"):
        problem_of(name)


def test_what_is_no_problem_is_said():
    with pytest.raises(UserError, match="is a Space; name an hpanalysis.search.Problem"):
        problem_of("tests.search.objectives:MIXED")


def test_the_help_names_every_strategy(capsys):
    assert main(["search", "--help"]) == 0
    shown = set(re.findall(r"[a-z-]+", capsys.readouterr().out))
    assert set(STRATEGIES) | set(BY_HAND) <= shown


def test_tuning_by_hand_begins_where_it_is_told(tmp_path, capsys):
    problem = "tests.search.objectives:table_problem"
    words = ["search", problem, "--strategy", "staged", "--runs", "4", "--out", str(tmp_path / "mine")]
    assert main([*words, "--start", "depth=2", "--start", "kind=b"]) == 0
    rows = hp.read(tmp_path / "mine" / "runs.csv").runs
    assert rows[["depth", "kind"]].iloc[0].tolist() == [2, "b"] and str(rows["phase"].iloc[0]) == "1"
    assert main([*words, "--start", "depth=2", "--start", "sort=b"]) == 2
    assert "--start is 'sort=b'; give NAME=LEVEL, with a name of depth, kind." in capsys.readouterr().err
    assert main([*words, "--start", "depth=2", "--start", "kind=x"]) == 2
    assert "'x' is not a level of 'kind'; choose one of a, b." in capsys.readouterr().err
