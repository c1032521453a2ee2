"""Are findings listed by what they are worth, with their numbers, and each at home in a notebook?"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.inquiry.verdicts.verdict import Verdict
from hpanalysis.questions.finding import Finding
from hpanalysis.reporting.notebooks.parameters import Notebook, Parameter
from hpanalysis.reporting.notebooks.run import Outcome
from hpanalysis.reporting.site.listing import (
    NOTHING,
    TOO_FEW,
    Groups,
    as_text,
    at_home,
    described,
    numbers,
    tell,
    verdicts_as_text,
    what_more,
    with_shown,
)
from hpanalysis.reporting.site.study import Study, Told


def finding(verdict="better", tier="headline", kind="contrast", **more):
    return Finding("toy", "Is it?", kind=kind, verdict=verdict, tier=tier, **({"sentence": f"It is {verdict}."} | more))


def notebook(name, hyperparameters=(), optional=(), **defaults):
    parameters = {key: Parameter(key, "str", value, "") for key, value in defaults.items()}
    return Notebook(Path(f"{name}.ipynb"), name, parameters, tuple(hyperparameters), tuple(optional))


BOOKS = (
    notebook("00-all"),
    notebook("01-one", ["hyperparameter"], hyperparameter="augmentation"),
    notebook("02-two", ["hyperparameter", "other"], ["tune"], hyperparameter="optimizer", other="batch", tune="lr"),
    notebook("03-three", ["hyperparameter"], ["also"], hyperparameter="activation", also="optimizer"),
)


def test_findings_are_grouped_by_tier_and_what_is_open_stands_apart():
    found = [finding(), finding(tier="exploratory"), finding("undecided", "exploratory"), finding("cannot tell")]
    groups = Groups.of(found)
    assert (groups.headlines, groups.exploratory, groups.unsettled) == ((found[0],), (found[1],), tuple(found[2:]))


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, ""),
        (
            {
                "scale": "mean",
                "estimate": 0.01234,
                "low": 0.001,
                "high": 0.02,
                "ci_level": 0.95,
                "p_adjusted": 1e-9,
                "n": 1500,
            },
            "difference 0.0123, 95 % interval 0.001 to 0.02, adjusted p < 0.001, 1,500 runs",
        ),
        ({"scale": "best_of_k", "k": 8, "estimate": -1.0}, "best of 8 -1"),
        (
            {"estimate": float("nan"), "p_adjusted": 0.0312, "n": 9, "runs": "successful"},
            "adjusted p = 0.031, 9 successful runs",
        ),
    ],
)
def test_numbers_are_on_one_line_as_far_as_there_are_any(fields, text):
    assert numbers(finding(**fields)) == text


@pytest.mark.parametrize(
    ("fields", "home"),
    [
        ({"hyperparameter": "augmentation"}, "01-one"),
        ({"hyperparameter": "optimizer"}, "02-two"),
        ({"hyperparameter": "batch"}, "01-one"),
        ({"hyperparameter": "dropout"}, "01-one"),
        ({"hyperparameter": "batch", "other": "optimizer"}, "02-two"),
        ({"hyperparameter": "dropout", "other": "depth"}, "02-two"),
        ({"hyperparameter": "dropout", "kind": "design"}, "00-all"),
        ({}, "00-all"),
        ({"hyperparameter": "lr", "notebook": "elsewhere"}, "elsewhere"),
    ],
)
def test_a_finding_is_at_home_where_its_question_is_asked(fields, home):
    (found,) = at_home([finding(**fields)], BOOKS)
    assert found.notebook == home


def test_a_notebook_that_asks_a_kind_of_everything_is_its_home():
    books = [*BOOKS, replace(BOOKS[0], path=Path("05-pairs.ipynb"), asks=("interaction",))]
    books.append(replace(BOOKS[0], path=Path("04-matters.ipynb"), asks=("importance",)))
    asked = [
        finding(hyperparameter="batch", other="optimizer", kind="interaction"),
        finding(hyperparameter="dropout", other="depth", kind="interaction"),
        finding(hyperparameter="augmentation", kind="importance"),
        finding(hyperparameter="augmentation"),
    ]
    assert [f.notebook for f in at_home(asked, books)] == ["02-two", "05-pairs", "04-matters", "01-one"]


def test_without_notebooks_a_finding_has_no_home():
    assert at_home([finding(hyperparameter="lr")], [])[0].notebook is None


def test_what_notebooks_showed_is_told_once_each_where_it_was_shown_first():
    asked = finding(hyperparameter="lr", notebook="01-one", estimate=0.1234567)
    again, own = replace(asked, notebook=None, sweep_id="", estimate=0.123457), finding(sentence="By hand.")
    outcomes = [
        Outcome("toy", "02-two", "Two?", "done", findings=(again, own)),
        Outcome("toy", "03-three", "Three?", "failed", "E", findings=(own, finding(sentence="Late."))),
    ]
    told = with_shown(Told(None, None, (asked,)), outcomes).findings
    assert told[0] == asked
    assert [(f.sentence, f.notebook) for f in told[1:]] == [("By hand.", "02-two"), ("Late.", "03-three")]


@pytest.fixture(scope="module")
def study(toy_frame):
    return Study("toy", "toy.csv", hp.read(toy_frame(), metric="accuracy", goal="max"))


def test_the_text_says_the_sweep_the_groups_and_the_numbers(study, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    lines = as_text(study, [finding(sentence="word " * 30, n=5), finding(tier="exploratory")]).splitlines()
    assert lines[0] == "toy: 240 runs, 0 of them failed"
    assert "HEADLINES (1)" in lines and "EXPLORATORY (1)" in lines
    assert max(map(len, lines)) <= 60
    assert "     5 runs" in lines


def test_no_headline_is_an_answer_too(study):
    assert "not proof that nothing matters" in " ".join(as_text(study, []).split())


def test_a_description_lines_its_columns_up(study):
    lines = described(study).splitlines()
    head = next(line for line in lines if line.startswith("column"))
    row = next(line for line in lines if line.startswith("augmentation"))
    assert row[head.index("role") :].startswith("hyperparameter")


def test_a_metric_is_either_declared_or_supposed(study):
    def how(guessed):
        lines = described(study, guessed).splitlines()
        head = next(line for line in lines if line.startswith("column"))
        (row,) = (line for line in lines if line[head.index("role") :].startswith("metric"))
        return row[head.index("how") :]

    assert (how(()), how(("metric", "goal")), how(("goal",))) == ("declared", "supposed", "declared")


def test_too_few_runs_are_not_told_as_nothing_found():
    from hpanalysis import toys
    from hpanalysis.inquiry.findings import findings

    assert Groups.of(findings(toys.make(toys.NULL, 10, 0))).opening == TOO_FEW
    assert Groups.of(findings(toys.make(toys.NULL, 200, 0))).opening == NOTHING


def test_which_run_is_best_is_told_beside_the_inquiry_and_changes_nothing_above_it(study):
    from hpanalysis.inquiry.findings import findings

    last = replace(notebook("07-winner"), asks=("selection",))
    told = tell(study, [*BOOKS, last]).findings
    rest, won = told[: len(findings(study.sweep))], [f for f in told if f.kind == "selection"]
    assert list(told) == [*rest, *won] and len(won) == len(study.sweep.datasets)
    assert {f.notebook for f in won} == {"07-winner"} and {f.tier for f in won} == {"exploratory"}
    assert not set(won) & set(Groups.of(told).headlines)
    assert Groups.of(told).opening == Groups.of(rest).opening


@pytest.mark.parametrize("verdict", ["better", "undecided", "cannot tell"])
def test_a_winner_does_not_turn_too_few_runs_into_an_answer(verdict):
    silent = finding("cannot tell", "exploratory", "design")
    assert Groups.of([silent, finding(verdict, "exploratory", "selection")]).opening == TOO_FEW
    assert Groups.of([finding(verdict, "exploratory", "selection")]).opening == NOTHING
    assert numbers(finding(n=1)) == "1 run"


def undecided(name, other=""):
    return Verdict(name, f"Does {name} matter?", "undecided", 0.0, "average", (f"Undecided: {name}.",), other=other)


def told_of(*findings, advice=()):
    study = Study("toy", "toy", toys.make(toys.ADDITIVE, 60, 0))
    verdicts = (undecided("depth"), undecided("width"))
    return Told(study, hp.Inquiry.of(study.sweep), findings, verdicts, (undecided("depth", "width"),), advice)


def test_what_is_undecided_says_how_many_exploratory_sentences_there_are_and_what_they_are():
    hint = {"tier": "exploratory", "hyperparameter": "depth"}
    told = told_of(finding(**hint), finding(**hint), finding(**hint, other="width"), finding(hyperparameter="depth"))
    text = verdicts_as_text(told)
    assert "Undecided: depth.\n  2 exploratory sentences about it with --all: a hint, not an answer." in text
    assert "Undecided: width.\n\n" in text and text.count("One exploratory sentence about it with --all") == 1
    more = " ".join(what_more([told]).split())
    assert more.startswith("Every sentence with its numbers: add --all. 3 exploratory sentences among them: worth")
    assert more.endswith("What an answer calls undecided stays undecided.")
    assert what_more([told_of(finding())]) == "Every sentence with its numbers: add --all."


def test_what_to_try_next_does_not_contradict_what_is_undecided():
    assert "of what an answer calls undecided it is a hint" in " ".join(
        verdicts_as_text(told_of(advice=("Drop depth 3.",))).split()
    )
    assert "hint" not in verdicts_as_text(told_of())


def test_what_may_name_the_data_set_is_said_above_the_answers():
    runs = toys.make(toys.ADDITIVE, 120, 0).runs.assign(label=["degree", "path"] * 60)
    sweep = hp.read(runs, metric="accuracy", goal="max", datasets=("dataset",))
    text = " ".join(verdicts_as_text(replace(told_of(), study=Study("toy", "toy", sweep))).split())
    assert "if it is part of what names the data set, say --dataset dataset,label." in text.partition("Does")[0]


def test_tuning_by_hand_is_answered_before_anything_else_and_at_home_in_its_notebook():
    books = (*BOOKS, replace(notebook("09-stages"), needs=("stages",)))
    told = tell(Study("toy", "toy.csv", toys.make_staged(toys.Staged(), 0)), books)
    shown = [f for f in told.findings if f.notebook == "09-stages"]
    assert told.stages[0].startswith("4 stages: ") and {f.sentence for f in shown} <= set(told.stages)
    assert len(shown) >= 4 and "tuning by hand show" in verdicts_as_text(told)
    assert tell(Study("toy", "toy.csv", toys.make(toys.NULL, 100, 0)), books).stages == ()


def test_a_slip_in_the_metric_is_said_above_the_answers():
    toy = toys.make(toys.ADDITIVE, 120, 0)
    runs = toy.runs.assign(accuracy=toy.runs["accuracy"].clip(0.3, 0.9).where(toy.runs.index != 7, 71.3))
    sweep = hp.read(runs, metric="accuracy", goal="max")
    text = " ".join(verdicts_as_text(tell(Study("toy", "toy", sweep), [])).split())
    assert (
        "1 complete run has accuracy 71.3, the others 0.3 to 0.9: shares and percentages" in text.partition("Which")[0]
    )


def test_a_sweep_with_too_few_runs_says_so_instead_of_nothing():
    runs = pd.DataFrame({"C": [0.1, 1, 10, 100] * 4, "kernel": ["rbf"] * 12 + ["linear"] * 4, "score": np.arange(16.0)})
    told = tell(Study("grid", "grid.csv", hp.read(runs, metric="score", goal="max")), [])
    text = " ".join(verdicts_as_text(told).split())
    assert "No answer on C and kernel: fewer than two of their values have 8 runs." in text
    staged = tell(Study("toy", "toy.csv", toys.make_staged(toys.Staged(), 0)), BOOKS)
    assert staged.stages and "No answer on" not in verdicts_as_text(staged)
