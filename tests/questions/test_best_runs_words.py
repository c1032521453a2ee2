"""How it is told what the best runs have in common: the table, the sentences, the strips, and odd sweeps."""

import matplotlib
import numpy as np
import pandas as pd
import pytest

from hpanalysis import best_runs, findings, plot, summary, table
from hpanalysis.sweeps.space import Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep
from hpanalysis.toys.log_interaction import log_interaction

matplotlib.use("Agg")


def made(effect=1.2, runs=400, levels=("a", "b", "c")):
    rng = np.random.default_rng(0)
    space = Space(
        (
            Hyperparameter("kind of $x$", "categorical", levels),
            Hyperparameter("rate", "continuous", low=1e-3, high=1.0, log=True),
            Hyperparameter("width", "integer", low=1, high=64),
        )
    )
    drawn = pd.DataFrame([space.sample(rng) for _ in range(runs)], columns=list(space.names))
    score = effect * (drawn["kind of $x$"] == levels[0]) + rng.normal(size=runs)
    roles = dict.fromkeys(space.names, "hyperparameter") | {"score": "metric"}
    return Sweep(drawn.assign(score=score), space, roles, "score", "max", name="made")


@pytest.fixture(scope="module")
def answer():
    return best_runs(made())


def test_the_table_has_one_row_a_hyperparameter_and_one_column_a_share(answer):
    shown = table(answer)
    assert shown.frame["hyperparameter"].to_list()[0] == "kind of $x$"
    assert {"best 5 %", "best 10 %", "best 20 %", "best 30 %", "p adjusted", "noise floor", "runs"} <= set(shown.frame)
    first = shown.frame.iloc[0]
    assert first["best 10 %"].endswith("*") and first["more frequent among the best"].startswith("a: ")
    assert not shown.frame.iloc[1:]["best 10 %"].str.endswith("*").any()
    assert shown.frame.iloc[1]["more frequent among the best"] == "–"


def test_a_summary_names_the_value_with_both_shares(answer):
    values = answer.frame[(answer.frame["effect"] == "value") & (answer.frame["value"] == "a")].iloc[0]
    shares = f"a ({100 * values['estimate']:.0f} % of them, {100 * values['among_all']:.0f} % of all)"
    assert f"in 1 of 3 hyperparameters: more have kind of $x$ {shares}." in summary(answer).text
    assert any("None of 3 pairs goes together" in note for note in table(answer).notes)
    alone = table(best_runs(made(effect=9.0))).notes
    assert any("None of 1 pair goes" in note for note in alone), "kind has one value among the best"


def test_each_finding_is_exploratory_and_holds_its_evidence(answer):
    (found,) = findings(answer)
    assert found.tier == "exploratory" and found.hyperparameter == "kind of $x$" and found.p_adjusted <= 0.01
    assert "the best 10 % of the runs by score differ from all runs" in found.sentence
    frame = answer.frame
    main = frame[(frame["effect"] == "main") & (frame["quantile"] == 0.1) & (frame["dataset"] == "all data sets")]
    row = main.set_index("hyperparameter").loc["kind of $x$"]
    assert [found.estimate, found.p_adjusted, found.n] == [row[name] for name in ("estimate", "p_adjusted", "n")]
    assert (found.scale, found.runs, found.family, found.low) == ("R2-HSIC", "all", "this answer", None)


def test_a_pair_that_goes_together_is_said_with_the_values_and_their_numbers():
    answer = best_runs(log_interaction(800, 0))
    (pair,) = [f for f in findings(answer) if f.other]
    (row,) = answer.frame[(answer.frame["effect"] == "pair") & (answer.frame["p_adjusted"] <= 0.05)].to_dict("records")
    fields = ("hyperparameter", "value", "other", "other_value", "estimate", "p_adjusted", "n")
    assert [getattr(pair, name) for name in fields] == [row[name] for name in fields]
    assert pair.scale == "R2-HSIC among the best" and f"{pair.value} with {pair.other_value}" in pair.sentence


def test_where_nothing_matters_no_value_is_called_more_frequent():
    answer = best_runs(made(effect=0.0))
    assert "in none of 3 hyperparameters" in summary(answer).text
    assert set(table(answer).frame["more frequent among the best"]) == {"–"} and len(findings(answer)) == 0


def test_the_strips_show_every_value_once_with_both_shares(answer):
    before = dict(matplotlib.rcParams)
    ax = plot(answer)
    texts = [text.get_text() for text in ax.texts]
    values = answer.frame[answer.frame["effect"] == "value"]
    assert len(ax.patches) == len(values)
    for row in values.itertuples():
        assert f"{100 * row.estimate:.0f} % ({100 * row.among_all:.0f} %)" in texts
    assert [tick.get_text() for tick in ax.get_yticklabels()][0] == r"kind of \$x\$"
    assert dict(matplotlib.rcParams) == before
    own = matplotlib.figure.Figure().subplots()
    assert plot(answer, ax=own) is own


def test_of_many_levels_the_most_frequent_are_drawn_and_the_rest_is_counted():
    answer = best_runs(made(levels=tuple("abcdefghijkl")))
    ax = plot(answer)
    assert "4 more" in [text.get_text() for text in ax.texts]


def test_a_sweep_without_best_runs_is_told_as_such():
    sweep = made()
    flat = best_runs(Sweep(sweep.runs.assign(score=1.0), sweep.space, sweep.roles, "score", "max"))
    assert "nothing can be compared" in summary(flat).text and "same outcome" in summary(flat).text
    assert table(flat).frame.empty and len(findings(flat)) == 0
    assert "no runs are better" in [text.get_text() for text in plot(flat).texts][0]
