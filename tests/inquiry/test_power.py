"""Power: what would be a headline, read off the inquiry, and what an open comparison needs."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.design.groups import group
from hpanalysis.errors import UserError
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.inquiry.power import words
from hpanalysis.inquiry.power.ask import power
from hpanalysis.questions.answer import Answer, Asked
from hpanalysis.statistics.differences import compare


@pytest.fixture(scope="module")
def sweep():
    return toys.make(toys.STRONG, 900, 1)


@pytest.fixture(scope="module")
def inquiry(sweep):
    return Inquiry.of(sweep)


@pytest.fixture(scope="module")
def answer(inquiry):
    return power(inquiry)


def test_the_smallest_headline_is_critical_plus_a_power_of_standard_errors(sweep, inquiry, answer):
    g, outcomes = group(sweep, "optimizer"), Design(sweep).outcomes("optimizer")
    claims = compare(outcomes, g.codes, [(1, 0)], ["p_better", "mean"])
    critical = inquiry.claims.query("hyperparameter == 'optimizer' and question == 'contrast'")["critical"].iloc[0]
    rows = answer.frame[(answer.frame["value"] == g.labels[1]) & (answer.frame["reference"] == g.labels[0])]
    for c, scale in enumerate(("p_better", "mean")):
        row = rows[(rows["scale"] == scale) & (rows["runs"] == "all")].iloc[0]
        assert row["estimate"] == pytest.approx((critical + norm.ppf(0.8)) * claims.se[0, c], rel=0.02)
        assert row["at_90"] == pytest.approx((critical + norm.ppf(0.9)) * claims.se[0, c], rel=0.02)
        assert row["seen"] == pytest.approx(claims.estimate[0, c] - (0.5 if scale == "p_better" else 0.0))


def test_what_is_shown_needs_no_more_runs_and_what_is_luck_promises_none(answer):
    table = answer.frame
    strong = table[(table["hyperparameter"] == "augmentation") & (table["scale"] == "p_better")].iloc[0]
    assert strong["settled"] and np.isnan(strong["more_runs"])
    open_ones = table[~table["settled"]]
    assert (open_ones["more_runs"].dropna() > 0).all()
    assert open_ones.loc[open_ones["p"] > 0.3, "more_runs"].isna().all()


def test_four_times_the_runs_halve_the_smallest_difference():
    small, large = (power(toys.make(toys.NULL, runs, 0), "augmentation").frame for runs in (500, 2000))
    rows = [t[t["scale"] == "p_better"]["estimate"].iloc[0] for t in (small, large)]
    assert rows[0] / rows[1] == pytest.approx(2.0, rel=0.1)


def test_one_hyperparameter_can_be_asked_and_a_saved_inquiry_answers_the_same(inquiry, answer, tmp_path):
    loaded = power(Inquiry.load(inquiry.save(tmp_path / "inquiry.json")), "depth").frame
    whole = answer.frame[answer.frame["hyperparameter"] == "depth"].reset_index(drop=True)
    pd.testing.assert_frame_equal(loaded, whole, check_dtype=False)


def test_what_was_not_asked_is_refused_with_the_choices(inquiry):
    with pytest.raises(UserError, match="'rate' is not a hyperparameter of this inquiry.*augmentation, optimizer"):
        power(inquiry, "rate")
    with pytest.raises(UserError, match="power was asked of a dict"):
        power({})


def test_a_sweep_that_cannot_answer_gets_an_empty_table(sweep):
    small = Inquiry.of(sweep.subset(np.arange(len(sweep)) < 5))
    for answer in (power(small), power(small, "depth")):
        assert len(answer.frame) == 0 and "Nothing can be said" in answer.caveats[-1]


def open_ones(**more_runs):
    """An answer on pairs of three hyperparameters: settled without a number, else open with one."""
    rows = pd.DataFrame(
        [
            {"hyperparameter": name, "scale": "p_better", "runs": "all", "estimate": 0.1, "at_90": 0.12, "seen": 0.2}
            | {"settled": not np.isfinite(more), "more_runs": more}
            for name, several in more_runs.items()
            for more in several
        ]
    )
    asked = Asked(metric="acc", goal="max", unit="", transform=None, share=True, runs=100, datasets=["a"])
    return Answer("power", rows, asked=asked)


def test_the_nearest_open_one_is_one_of_which_nothing_is_shown():
    said = words.summary(open_ones(depth=[np.nan, 50.0], width=[900.0], units=[2000.0]))
    assert "For 1 of 3 hyperparameters a difference between two values is shown already." in said
    assert "The nearest of the others, width, would take about 900 more runs if it is as large as it looks." in said
    said = words.summary(open_ones(depth=[np.nan, 50.0], width=[np.nan]))
    assert "Another difference of depth would take about 50 more runs" in said
