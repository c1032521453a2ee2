"""What a table of searches shows, whatever is in it: pairs, intervals, and the words, tables and picture of them."""

import csv
import re

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot
from scipy.stats import ttest_rel

from hpanalysis.experiments import searches_shown as shown
from hpanalysis.experiments.searches import FEWEST, MEASURES, Searches, paired, told
from hpanalysis.style import plot_style
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def _closed():
    yield
    pyplot.close("all")


def table(shifts, repeats=20, problems=("friedman", "digits"), **more):
    """Searches that differ from each other by what is added to their errors, and by chance."""
    rng = np.random.default_rng(0)
    rows = []
    for problem in problems:
        for strategy, shift in shifts.items():
            for repeat, noise in enumerate(rng.normal(0, 0.1, repeats)):
                error = noise + (shift[problem] if isinstance(shift, dict) else shift)
                rest = {"cost": 100 * 10**error, "hypervolume": -error, "optimism": error, "training_cost": 1e6}
                rows.append(
                    {"problem": problem, "strategy": strategy, "repeat": repeat, "error": error, **rest, **more}
                )
    return Searches(tuple(rows))


def test_pairs_are_the_repeats_that_both_have_and_the_interval_is_that_of_a_paired_t_test():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=12), rng.normal(0.3, 1, size=14)
    rows = [
        {"problem": "runge", "strategy": name, "repeat": str(r), "error": str(v), "cost": str(10**v)}
        for name, values in (("guided", a), ("placebo", b))
        for r, v in enumerate(values)
    ]
    rows.append({"problem": "digits", "strategy": "guided", "repeat": "0", "error": "99", "cost": "99"})
    rows.append({"problem": "runge", "strategy": "guided", "repeat": "13", "error": "", "cost": ""})
    for measure in ("error", "cost"):
        for comparisons, level in ((1, 0.95), (4, 1 - 0.05 / 4)):
            found = paired(rows, "runge", ("guided", "placebo"), measure, comparisons=comparisons)
            interval = ttest_rel(a, b[:12]).confidence_interval(level)
            assert (found.low, found.high, found.repeats) == pytest.approx((interval.low, interval.high, 12))


def test_a_frame_says_the_same_as_the_rows_of_its_file():
    path = ROOT / "data" / "search" / "searches.csv"
    rows = Searches(tuple(csv.DictReader(path.read_text().splitlines())))
    frame = Searches.of(pd.read_csv(path), ("guided", "placebo", "tpe"), problems=("friedman", "digits"), planned=60)
    assert frame.primary == rows.primary and frame.others == rows.others and told(frame) == told(rows)


def test_a_search_without_a_pick_is_no_pair_and_an_optimism_of_zero_is_one():
    searches = table({"guided": 0.0, "placebo": 0.0}, 6)
    rows = [dict(row) for row in searches.rows]
    rows[0] |= {"error": float("nan"), "cost": float("nan")}
    rows[1] |= {"optimism": 0.0}
    found = {(one.problem, one.measure): one.difference.repeats for one in Searches(tuple(rows)).beside}
    assert found["friedman", "error"] == found["friedman", "cost"] == 5
    assert found["friedman", "optimism"] == found["digits", "error"] == 6


@pytest.mark.parametrize(("shift", "found"), [(-0.5, "lower"), (0.5, "higher"), (0.0, "a tie")])
def test_what_is_told_is_lower_higher_or_a_tie_and_says_how_far_the_repeats_came(shift, found):
    searches = table({"guided": shift, "placebo": 0.0}, problems=("digits",))
    lines = told(searches).splitlines()
    assert lines[1].endswith("no two repeats have both yet")
    assert lines[2].endswith(f"20 of 60 repeats: {found} so far")
    assert told(Searches(searches.rows, planned=20)).splitlines()[2].endswith(f"20 of 20 repeats: {found}")


@pytest.mark.parametrize(
    ("shift", "title", "meaning"),
    [
        (0.0, "a tie on friedman and digits", "is not shown; that it says nothing is not shown either."),
        (-0.5, "better on friedman and digits", "Where it is better, HSIC says something that chance does not."),
        (0.5, "worse on friedman and digits", "no better than chance, and worse where it is said to be."),
        ({"friedman": 0.5, "digits": 0.0}, "worse on friedman, a tie on digits", "no better than chance"),
        ({"friedman": 0.5, "digits": -0.5}, "better on digits, worse on friedman", "Where it is better"),
    ],
)
def test_the_title_says_what_the_intervals_say(shift, title, meaning):
    searches = table({"guided": shift, "placebo": 0.0})
    assert shown.headline(searches) == f"guided against placebo, so far: {title}"
    said = repr(shown.summary(searches)).splitlines()
    assert said[0] == f"Guided against placebo, so far: {title}." and meaning in said[2]
    assert said[1].count("20 of 60 repeats") == 2
    done = Searches(searches.rows, planned=20)
    assert shown.headline(done) == f"guided against placebo: {title}"
    ax = shown.draw(searches)
    assert ax.figure._suptitle.get_text() == f"Guided against placebo, so far: {title}"
    filled = [line.get_markerfacecolor() for line in ax.lines if line.get_marker() == "D"]
    assert filled == [
        {"better": plot_style.BETTER, "worse": plot_style.WORSE, "a tie": "white"}[one.verdict]
        for one in searches.primary
    ]


def test_intervals_in_sentences_and_tables_are_those_that_hold_together():
    searches = table({"guided": 0.0, "placebo": 0.0, "tpe": 0.0})
    first = paired(searches.rows, "friedman", ("guided", "placebo"), "error", comparisons=2)
    numbers = re.findall(r"[+−]\d\.\d+", repr(shown.summary(searches)).splitlines()[1])[:3]
    size = [float(text.replace("−", "-")) for text in numbers]
    assert size == pytest.approx([first.mean, first.low, first.high], abs=1e-3)
    assert len(searches.others) == 2 * 2 * len(MEASURES)
    other = paired(searches.rows, "friedman", ("guided", "tpe"), "error", comparisons=len(searches.others))
    assert next(one for one in searches.others if one.measure == "error").difference == other
    frame = shown.primary_table(searches).frame
    assert list(frame["interval"]) == ["97.5 %"] * 2 + ["99.5 %"] * 8
    assert list(frame["measure"])[:3] == ["error", "error", "cost"]


def test_what_does_better_is_named_by_what_is_better_in_each_measure():
    searches = table({"guided": -0.5, "tpe": 0.0, "random": 0.5})
    lines = repr(shown.beside_engine(searches)).splitlines()
    both = "better guided (friedman, digits); worse random (friedman, digits)."
    assert lines[:4] == [f"{name}, against tpe: {both}" for name in ("Error", "Cost", "Hypervolume", "Optimism")]
    assert lines[4] == "Training cost, against tpe: all 4 tie."
    drawn = shown.draw_beside_engine(searches)
    columns = {tick.get_position()[0]: tick.get_text() for tick in drawn.get_xticklabels()}
    assert list(columns.values()) == ["friedman", "digits"] * 5
    rows = [tick.get_text() for tick in drawn.get_yticklabels()]
    marks = {text.get_position(): text.get_text() for text in drawn.texts if len(text.get_text()) == 1}
    assert {marks[x, rows.index("guided")] for x in list(columns)[:8]} == {"+"}
    assert {marks[x, rows.index("random")] for x in list(columns)[:8]} == {"−"}
    assert {marks[x, y] for x in list(columns)[8:] for y in (0, 1)} == {"="}
    cells = shown.others_table(searches).frame.set_index(["strategy", "problem"])
    assert cells.loc[("guided", "digits"), "hypervolume"].endswith("(+)")
    assert (
        cells.loc[("random", "digits"), "cost"].startswith("× 3") and "(−)" in cells.loc[("random", "digits"), "cost"]
    )


def test_a_table_of_other_strategies_and_problems_is_told_too():
    rows = table({"random": 0.0, "tpe": -0.5}, problems=("runge",)).rows
    chosen = Searches.of(pd.DataFrame(rows), ("guided", "placebo", "tpe"), problems=("friedman",), planned=60)
    assert chosen.problems == ("runge",)
    assert "cannot be told yet" in repr(shown.summary(chosen)) and "no two repeats yet on runge" in shown.headline(
        chosen
    )
    assert "worse random (runge)" in repr(shown.beside_engine(chosen))
    shown.draw(chosen)
    alone = Searches(table({"guided": 0.0}).rows)
    assert shown.others_table(alone).frame.shape == (1, 1) and "No strategy" in repr(shown.beside_engine(alone))


@pytest.mark.parametrize("repeats", range(1, 8))
def test_few_repeats_are_told_too(repeats):
    searches = table({"guided": -0.1, "placebo": 0.0, "tpe": 0.1}, repeats)
    shown.draw(searches)
    assert len(shown.draw_beside_engine(searches).patches) == len(searches.others)
    assert len(searches.others) == (0 if repeats < FEWEST else 20)
    assert ("open" in {one.verdict for one in searches.primary}) == (repeats < 2)
    said = [shown.summary, shown.beside_engine, shown.primary_table, shown.others_table, shown.means_table]
    assert all("nan" not in repr(tell(searches)) for tell in said)


def test_a_ratio_that_may_be_of_any_size_is_told():
    rows = [
        {
            "problem": "digits",
            "strategy": s,
            "repeat": r,
            "error": 0.0,
            "cost": 10.0 ** (300 * (-1) ** r * (s == "tpe")),
        }
        for s in ("guided", "tpe")
        for r in range(FEWEST)
    ]
    assert "inf] (=)" in shown.others_table(Searches(tuple(rows))).frame.loc[0, "cost"]


def test_means_are_those_of_all_searches():
    searches = table({"guided": 0.0, "tpe": 0.0}, lifts="3")
    frame = shown.means_table(searches).frame.set_index(["problem", "strategy"])
    own = searches.values("digits", "tpe", "cost")
    assert float(frame.loc[("digits", "tpe"), "cost"]) == pytest.approx(10 ** own.mean(), rel=0.01)
    assert frame.loc[("digits", "tpe"), "repeats"] == 20 and frame.loc[("digits", "tpe"), "lifts"] == "3.0"
    assert set(shown.means_table(table({"tpe": 0.0})).frame["lifts"]) == {"–"}
