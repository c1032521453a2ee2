"""One path for a claim: by hand and in a whole report it is the same claim, and only the family around it differs."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.questions.answer import VOCABULARY
from hpanalysis.questions.level_claims import REST, level_claims, places_of, rows_of_claims
from hpanalysis.questions.report import SHARE_MAIN, is_shown
from hpanalysis.statistics import joint_claims
from hpanalysis.statistics.differences import POOLED, compare
from hpanalysis.statistics.joint_claims import Family
from hpanalysis.sweeps.space import Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep

KEY = ["value", "reference", "dataset", "scale", "runs"]
SAME = ["estimate", "low", "high", "p", "n", "places", "z", "direction"]


def on_one_data_set():
    sweep = toys.make(toys.ADDITIVE, 900, 2)
    return sweep.subset((sweep.runs["dataset"] == "easy").to_numpy())


def of_a_loss():
    sweep = toys.make(toys.SURVIVORSHIP, 500, 3)
    return replace(sweep, goal="min", failed_value=None, runs=sweep.runs.assign(accuracy=2 - sweep.runs["accuracy"]))


SWEEPS = {
    "additive": lambda: toys.make(toys.ADDITIVE, 600, 0),
    "confounded": lambda: toys.make(toys.CONFOUNDED, 500, 1),
    "repeats": lambda: toys.make(toys.CLUSTERED, 600, 1),
    "matched runs": lambda: toys.make(toys.TWINS, 450, 0),
    "searched": lambda: toys.make(toys.ADAPTIVE, 500, 0),
    "order": lambda: toys.make(toys.Recipe(shift={"depth": {"slope": -7.0}, "learning_rate": {"peak": 6.0}}), 900, 0),
    "one data set": on_one_data_set,
    "a loss without a value of a failure": of_a_loss,
}


@pytest.fixture(scope="module", params=SWEEPS)
def report(request):
    """A design, and the inquiry into it."""
    design = Design(SWEEPS[request.param]())
    return design, hp.Inquiry.of(design)


def pair_up(frame, claims, names=SAME):
    """Both, on the rows that both have, in one order."""
    by_hand, told = (rows.set_index(KEY) for rows in (frame, claims))
    both = by_hand.index.intersection(told.index)
    assert by_hand.index.is_unique and told.index.is_unique and len(both)
    return by_hand.loc[both], told.loc[both]


def null_of(rows):
    scale = rows.index.get_level_values("scale") if "scale" in rows.index.names else rows["scale"]
    return np.where(np.asarray(scale) == "p_better", 0.5, 0.0)


def excludes(rows):
    null = null_of(rows)
    return ((rows["low_simultaneous"] > null) | (rows["high_simultaneous"] < null)).to_numpy()


def test_a_contrast_by_hand_differs_from_that_of_the_report_in_nothing_but_the_family(report):
    design, inquiry = report
    for name in inquiry.about["asked"]:
        answer = hp.contrast(design, name)
        levels = inquiry.found["contrast"].query("hyperparameter == @name")
        by_hand, told = pair_up(answer.frame, levels)
        assert len(by_hand) == len(levels) == (answer.frame["regime"] == "average").sum()
        pd.testing.assert_frame_equal(by_hand[SAME], told[SAME], check_dtype=False, check_index_type=False, rtol=1e-9)
        known = by_hand["low_simultaneous"].notna()
        assert (known == told["low_simultaneous"].notna()).all()
        assert (told["low_simultaneous"] <= by_hand["low_simultaneous"])[known].all()
        assert (told["high_simultaneous"] >= by_hand["high_simultaneous"])[known].all()
        assert (told["p_adjusted"] >= by_hand["p_adjusted"])[known].all()
        assert (answer.asked["family"], inquiry.tests(name).asked["family"]) == ("this answer", "whole report")


def test_limits_of_a_family_contain_those_of_each_row_alone(report):
    design, inquiry = report
    frames = [inquiry.claims, *(hp.contrast(design, name, by="optimizer").frame for name in ("depth", "augmentation"))]
    for frame in frames:
        rows = frame[frame["low_simultaneous"].notna()]
        assert len(rows) > 10
        assert (rows["low_simultaneous"] <= rows["low"]).all() and (rows["high_simultaneous"] >= rows["high"]).all()
        # The value of a range by itself has an interval, but nothing that it could be tested against.
        tested = rows[(rows["scale"] != "best_at") | (rows["reference"] != "")]
        assert tested["p"].notna().all() and (tested["p_adjusted"] >= tested["p"]).all()


def test_a_row_is_shown_exactly_where_its_simultaneous_limits_exclude_no_difference(report):
    design, inquiry = report
    one_draw = 2 / joint_claims.DRAWS
    for name in inquiry.about["asked"]:
        for by in ("dataset", *(["optimizer"] if name in ("augmentation", "depth") else [])):
            rows = hp.contrast(design, name, by=by).frame
            rows = rows[rows["p_adjusted"].notna() & rows["low_simultaneous"].notna()]
            assert excludes(rows)[(rows["p_adjusted"] <= 0.05).to_numpy()].all()
            assert (rows["p_adjusted"][excludes(rows)] <= 0.05 + one_draw).all()
    # In a report the gate may close what the limits show; where it is open there is no other reason.
    rows = inquiry.found["contrast"]
    rows = rows[rows["p_adjusted"].notna()]
    omnibus = rows["hyperparameter"].map(inquiry.found["omnibus_tests"].set_index("hyperparameter")["p_adjusted"])
    share = SHARE_MAIN / (0.05 * len(inquiry.about["asked"]))
    assert excludes(rows)[(rows["p_adjusted"] <= 0.05).to_numpy()].all()
    open_ = excludes(rows) & (omnibus <= 0.05).to_numpy()
    assert (rows["p_adjusted"][open_] <= 0.05 + one_draw / share).all()
    assert (rows["p_adjusted"] >= omnibus - 1e-12).all()


def test_a_trend_by_hand_rests_on_the_same_claims_as_that_of_the_report(report):
    design, inquiry = report
    found = inquiry.found.get("trend", pd.DataFrame(columns=inquiry.claims.columns))
    for name in inquiry.about["asked"]:
        g = design.groups(name)
        if not g.ordered or len(g.labels) < 3:
            continue
        answer = hp.trend(design, name)
        by_hand, told = pair_up(answer.frame, inquiry.found["contrast"].query("hyperparameter == @name"))
        assert len(by_hand) == len(g.labels) - 1
        pd.testing.assert_frame_equal(by_hand[SAME], told[SAME], check_dtype=False, check_index_type=False, rtol=1e-9)
        order = found[found["hyperparameter"] == name]
        # What the report shows is shown by hand as well, whose family is smaller.
        assert len(answer.tests) >= len(order)
        if len(order) and order["value"].iloc[0] == answer.tests["value"].iloc[0]:
            one, other = answer.tests.iloc[0], order.iloc[0]
            same = ["direction", "estimate", "low", "high", "p", "n", "z"]
            assert one["reference"] == other["reference"]
            assert one[same].to_numpy(float) == pytest.approx(other[same].to_numpy(float), rel=1e-12)
            assert other["low_simultaneous"] <= one["low_simultaneous"] <= one["low"]
            assert other["high_simultaneous"] >= one["high_simultaneous"] >= one["high"]
            assert other["p_adjusted"] >= one["p_adjusted"]


def test_tests_of_whole_hyperparameters_and_of_pairs_are_those_of_the_report(report):
    design, inquiry = report
    for answer, key in (
        (hp.omnibus_tests(design), ["hyperparameter"]),
        (hp.interactions(design), ["hyperparameter", "other"]),
    ):
        one, other = (rows.set_index(key).sort_index() for rows in (answer.frame, inquiry.found[answer.question]))
        assert one.index.equals(other.index) and answer.asked["family"] == "this answer"
        for column in ("estimate", "p", "statistic", "n"):
            assert one[column].to_numpy(float) == pytest.approx(other[column].to_numpy(float), rel=1e-9, nan_ok=True)
        known = one["p"].notna()
        assert (other["p_adjusted"] >= one["p_adjusted"] - 1e-12)[known].all()


def test_rows_have_the_vocabulary_of_all_tables_and_a_place_each(report):
    design, _ = report
    rows = level_claims(design, "augmentation", Family(), 0)
    assert list(rows.columns[: len(VOCABULARY)]) == list(VOCABULARY)
    several = len(design.sweep.datasets) > 1
    assert rows["dataset"].unique().tolist() == [POOLED, *(design.sweep.datasets if several else ())]
    # After tuning nothing is asked that no level has the runs for.
    by_hand = hp.contrast(design, "augmentation").frame
    assert set(rows["regime"]) == {"average", *by_hand.loc[by_hand["estimate"].notna(), "regime"]}
    assert set(rows["levels"]) == {2} and not rows["ordered"].any()
    assert rows["critical"].nunique() == 1 and rows["critical"].iloc[0] >= 1.959


def test_the_direction_says_which_level_does_better_whatever_the_goal_and_the_scale():
    sweep = toys.make(toys.Recipe(shift={"augmentation": {"on": 3.0}}, fails={"augmentation": {"off": 0.3}}), 900, 0)
    loss = replace(sweep, goal="min", failed_value=2.0, runs=sweep.runs.assign(accuracy=1 - sweep.runs["accuracy"]))
    for one in (sweep, loss):
        rows = level_claims(Design(one), "augmentation", Family(), 0)
        shown = rows[rows["p_adjusted"] <= 0.05]
        assert set(shown["scale"]) == {"p_better", "p_fail", "mean", "best_of_k"} and set(shown["value"]) == {"on"}
        assert (shown["direction"] == 1.0).all()


@pytest.mark.parametrize("by", ["optimizer", "learning_rate", ["optimizer", "depth"]])
def test_rows_by_another_hyperparameter_are_no_narrower_than_those_of_each_of_its_levels_alone(by):
    design = Design(toys.make(toys.ADDITIVE, 600, 1))
    frame = hp.contrast(design, "augmentation", by=by).frame
    g, outcomes = design.groups("augmentation"), design.outcomes("augmentation")
    for name in [by] if isinstance(by, str) else by:
        other = design.groups(name)
        for o, label in enumerate(other.labels):
            part = compare(outcomes, np.where(other.codes == o, g.codes, -1), g.pairs, outcomes.measures)
            place = {"other": name, "other_value": label, "dataset": POOLED}
            alone = rows_of_claims(design, g, [(part, [place])], Family(), 0).set_index(["scale", "runs"])
            rows = frame[(frame["other"] == name) & (frame["other_value"] == label)].set_index(["scale", "runs"])
            assert rows.index.equals(alone.index)
            pd.testing.assert_frame_equal(rows[SAME[:4]], alone[SAME[:4]], check_index_type=False, rtol=1e-9)
            known = alone["low_simultaneous"].notna()
            assert (rows["critical"] > alone["critical"]).all()
            assert (rows["low_simultaneous"] <= alone["low_simultaneous"])[known].all()
            assert (rows["high_simultaneous"] >= alone["high_simultaneous"])[known].all()
            assert (rows["p_adjusted"] >= alone["p_adjusted"] - 0.02)[known].all()


def test_places_are_the_average_and_each_data_set_or_the_average_alone():
    for sweep, expected in ((on_one_data_set(), [POOLED]), (toys.make(toys.NULL, 200, 0), [POOLED, *toys.DATASETS])):
        design = Design(sweep)
        g = design.groups("augmentation")
        claims = compare(design.outcomes("augmentation"), g.codes, g.pairs, ["p_better"])
        assert sorted(place["dataset"] for place in places_of(design, claims)) == sorted(expected)


def test_draws_depend_on_the_seed_and_the_name_and_not_on_what_else_is_asked():
    design = Design(toys.make(toys.NULL, 400, 0))
    first, second = (level_claims(design, "optimizer", Family(), 0) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    other = level_claims(design, "optimizer", Family(), 1)
    assert other["critical"].iloc[0] != first["critical"].iloc[0]
    assert other["critical"].iloc[0] == pytest.approx(first["critical"].iloc[0], abs=0.06)
    assert hp.contrast(design, "optimizer").frame["critical"].iloc[0] == first["critical"].iloc[0]


@pytest.mark.parametrize(
    ("sweeps", "draws"), [(80, 2000), pytest.param(400, joint_claims.DRAWS, marks=pytest.mark.slow)]
)
def test_simultaneous_limits_miss_the_truth_in_one_row_or_more_at_most_as_often_as_they_say(sweeps, draws, monkeypatch):
    """Sweeps in which nothing matters: the null is true of every row, on each data set and at each level."""
    monkeypatch.setattr(joint_claims, "DRAWS", draws)
    missed, shown = dict.fromkeys(("dataset", "optimizer"), 0), dict.fromkeys(("dataset", "optimizer"), 0)
    for seed in range(sweeps):
        design = Design(toys.make(toys.NULL, 150, seed))
        for by in missed:
            rows = hp.contrast(design, "augmentation", by=by, k=1, rng=seed).frame
            rows = rows[rows["p_adjusted"].notna()]
            assert len(rows) > 4
            missed[by] += excludes(rows).any()
            shown[by] += (rows["p_adjusted"] <= 0.05).any()
    # More than that many have a chance of .001 at a rate of 5 %; fewer are allowed: small arms are careful.
    most = binom.isf(0.001, sweeps, 0.05)
    assert max(missed.values()) <= most and max(shown.values()) <= most
    # Limits that never missed would be far too wide.
    assert min(missed.values()) >= sweeps // 200


def test_of_many_levels_without_an_order_each_is_compared_with_all_others_too():
    rng = np.random.default_rng(0)
    names = tuple(f"net{i}" for i in range(12))
    space = Space((Hyperparameter("net", "categorical", names), Hyperparameter("x", "continuous", low=0.0, high=1.0)))
    net = rng.choice(names, 360)
    table = pd.DataFrame({"net": net, "x": rng.random(360)}).assign(score=2.0 * (net == "net4") + rng.normal(size=360))
    design = Design(
        Sweep(table, space, {"net": "hyperparameter", "x": "hyperparameter", "score": "metric"}, "score", "max")
    )
    rows = level_claims(design, "net", Family(), 0)
    rest = rows[rows["reference"] == REST]
    assert (rows["scale"] == "p_better").sum() == 66 + 12 and (rest["scale"] == "p_better").sum() == 12
    best = rest[(rest["value"] == "net4") & (rest["scale"] == "p_better")].iloc[0]
    y, here = table["score"].to_numpy(), net == "net4"
    assert best["estimate"] == pytest.approx((y[here][:, None] > y[~here]).mean(), abs=0.03)
    assert best["p_adjusted"] < 1e-4 and best["n"] == 360
    # The same claim, before it shares the error with pairs.
    assert best["critical"] < rows[rows["reference"] != REST]["critical"].iloc[0]


def grid(rng, *, outer=0.0, drift=0.0, inner=0.0, augmented=0.0):
    """A full grid in nested loops, one run a cell: the outer one of two values, an inner one of four."""
    runs = pd.DataFrame(
        [
            (o, lr, depth, aug)
            for o in "ab"
            for lr in (1e-4, 1e-3, 1e-2, 1e-1)
            for depth in range(4)
            for aug in range(2)
        ],
        columns=["activation", "lr", "depth", "augmentation"],
    )
    score = rng.normal(size=len(runs)) + outer * (runs["activation"] == "b") + augmented * runs["augmentation"]
    score += drift * np.linspace(0, 1, len(runs)) + inner * np.log10(runs["lr"])
    return hp.read(runs.assign(score=score), metric="score", goal="max")


def shown(sweep, name="activation", question="contrast"):
    claims = hp.Inquiry.of(sweep).claims
    return bool(is_shown(claims[(claims["hyperparameter"] == name) & (claims["question"] == question)]).any())


def test_an_even_change_of_the_outer_loop_is_told_unless_a_drift_or_an_inner_loop_changes_as_much():
    rngs = [np.random.default_rng([5, i]) for i in range(6)]
    assert all("activation" in Design(grid(rng)).loops for rng in rngs[:1])
    assert sum(shown(grid(rng, outer=6.0)) for rng in rngs) >= 5
    assert not any(shown(grid(rng, drift=6.0)) for rng in rngs)
    assert not any(shown(grid(rng, outer=2.0, inner=3.0)) for rng in rngs)


def test_the_best_of_k_of_the_outer_loop_holds_without_drift_and_is_not_told_with_it():
    kept, drifts = (toys.make(recipe, 400, 0) for recipe in (toys.NESTED, toys.DRIFT))
    assert shown(kept, question="tuned_contrast") and not shown(drifts, question="tuned_contrast")
    assert set(Design(drifts).loops) == {"activation", "optimizer"}
