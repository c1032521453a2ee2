"""An order among levels: which one is shown, which level is named, and a turn that lies inside the last slice."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.design.groups import Groups
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.questions.trend.ask import order_among
from hpanalysis.statistics.differences import POOLED


def trends(frame):
    claims = Inquiry.of(hp.read(frame, metric="score", goal="max")).claims
    return [(row.value, row.direction) for row in claims[claims["question"] == "trend"].itertuples()]


def frame(seed, n=900):
    rng = np.random.default_rng(seed)
    columns = {"lr": 10 ** rng.uniform(-4, -1, n), "act": rng.choice(["relu", "tanh"], n)}
    batch = rng.choice([16, 32, 64, 128, 256], n, p=[0.2, 0.1, 0.4, 0.1, 0.2])
    return pd.DataFrame(columns | {"batch_size": batch}), rng.gamma(2, 1, n)


@pytest.fixture(scope="module")
def sweep():
    return toys.make(toys.Recipe(shift={"depth": {"slope": -7.0}, "learning_rate": {"peak": 6.0}}), 1200, 0)


@pytest.fixture(scope="module")
def answers(sweep):
    """The lower the better; best inside the range; no order."""
    return {name: hp.trend(sweep, name) for name in ("depth", "learning_rate", "batch_size")}


@pytest.mark.parametrize("seed", range(3))
def test_best_inside_names_the_level_that_wins_most_not_the_one_with_most_runs(seed):
    runs, noise = frame(seed)
    gain = runs["batch_size"].map({16: 0, 32: 0.2, 64: 1.2, 128: 2.6, 256: 0})
    assert trends(runs.assign(score=gain - noise)) == [("128", 0.0)]


@pytest.mark.parametrize("seed", range(3))
def test_a_range_whose_last_slice_turns_round_is_not_the_higher_the_better(seed):
    runs, noise = frame(seed)
    u = (np.log10(runs["lr"]) + 4) / 3
    straight = trends(runs.assign(score=8 * u - noise))
    turned = trends(runs.assign(score=np.where(u < 0.9, 8 * u / 0.9, 8 - (u - 0.9) / 0.1 * 4) - noise))
    assert [direction for _, direction in straight] == [1.0] and turned == []
    down = trends(runs.assign(score=8 * (1 - u) - noise))
    assert [direction for _, direction in down] == [-1.0]
    assert trends(runs.assign(score=np.where(u > 0.1, 8 * (1 - u), 4 * u / 0.1) - noise)) == []


@pytest.mark.parametrize("seed", range(3))
def test_a_fall_in_the_last_twentieth_of_a_range_is_seen(seed):
    runs, noise = frame(seed)
    u = (np.log10(runs["lr"]) + 4) / 3
    assert trends(runs.assign(score=8 * u - 2.5 * (u > 0.95) - noise)) == []
    assert trends(runs.assign(score=-8 * u - 2.5 * (u < 0.05) - noise)) == []


def test_not_at_an_end_is_said_where_the_very_ends_were_beaten_alone():
    runs, noise = frame(0)
    u = (np.log10(runs["lr"]) + 4) / 3
    inside = hp.trend(hp.read(runs.assign(score=-14 * (u - 0.55) ** 2 - noise), metric="score", goal="max"), "lr")
    at_end = -14 * (u - 0.55) ** 2 + 4 * (u > 0.95)
    other = hp.trend(hp.read(runs.assign(score=at_end - noise), metric="score", goal="max"), "lr")
    assert inside.tests["ends"].tolist() == [1.0] and "not at an end" in hp.findings(inside)[0].sentence
    assert other.tests["ends"].tolist() == [0.0]
    assert "not at an end" not in hp.findings(other)[0].sentence
    assert "does better in the slice" in hp.findings(other)[0].sentence


def test_one_row_a_step_which_is_that_of_the_contrast_over_all_data_sets(sweep, answers):
    rows = answers["depth"].frame
    assert list(zip(rows["reference"], rows["value"], strict=True)) == [("2", "3"), ("3", "4"), ("4", "5")]
    table = hp.contrast(sweep, "depth").frame
    steps = table[(table["scale"] == "p_better") & (table["dataset"] == POOLED)].set_index(["value", "reference"])
    for row in rows.itertuples():
        same = steps.loc[(row.value, row.reference)]
        numbers = ("estimate", "low", "high", "low_simultaneous", "high_simultaneous", "p", "p_adjusted", "n")
        assert [getattr(row, name) for name in numbers] == [same[name] for name in numbers]
    assert answers["depth"].asked["family"] == "this answer" and answers["depth"].question == "trend"


def test_a_monotone_order_is_told_by_its_ends(sweep, answers):
    (row,) = answers["depth"].tests.itertuples()
    assert (row.value, row.reference, row.direction) == ("5", "2", -1.0)
    claims = hp.contrast(sweep, "depth").frame.query("scale == 'p_better' and dataset == @POOLED")
    ends = claims.set_index(["value", "reference"]).loc[("5", "2")]
    for name in ("estimate", "low", "high", "low_simultaneous", "high_simultaneous", "n"):
        assert getattr(row, name) == ends[name], name
    # It is as sure as its least sure step.
    assert row.p_adjusted == answers["depth"].frame["p_adjusted"].max() <= 0.05
    assert row.high_simultaneous < 0.5


def test_the_best_level_inside_is_told_by_the_nearer_of_both_ends(sweep, answers):
    (row,) = answers["learning_rate"].tests.itertuples()
    labels = hp.contrast(sweep, "learning_rate").frame["reference"].unique().tolist()
    assert row.direction == 0.0 and row.value in labels[1:]
    claims = hp.contrast(sweep, "learning_rate").frame.query("scale == 'p_better' and dataset == @POOLED")
    claims = claims.set_index(["value", "reference"])
    first, last = row.reference.split(" and ")
    over_first, last_over = claims.loc[(row.value, first)], claims.loc[(last, row.value)]
    assert row.estimate == pytest.approx(min(over_first["estimate"], 1 - last_over["estimate"]))
    nearer = min(over_first["low_simultaneous"], 1 - last_over["high_simultaneous"])
    assert row.low_simultaneous == pytest.approx(nearer)
    assert row.low_simultaneous > 0.5 and row.p_adjusted == max(over_first["p_adjusted"], last_over["p_adjusted"])


def test_no_order_leaves_it_open(answers):
    answer = answers["batch_size"]
    assert answer.tests.empty and len(answer.frame) == 3
    (said,) = hp.findings(answer)
    assert (said.verdict, said.kind, said.tier, said.family) == ("undecided", "trend", "exploratory", "this answer")
    assert said.sentence == "It is undecided whether the values of batch_size follow an order: not every step is shown."
    assert said.p_adjusted == answer.frame["p_adjusted"].max()


def test_an_order_that_turns_round_inside_its_best_slice_is_left_open_with_that_reason():
    runs, noise = frame(0)
    u = (np.log10(runs["lr"]) + 4) / 3
    score = np.where(u < 0.9, 8 * u / 0.9, 8 - (u - 0.9) / 0.1 * 4) - noise
    answer = hp.trend(hp.read(runs.assign(score=score), metric="score", goal="max"), "lr")
    assert (answer.frame["p_adjusted"] <= 0.05).all() and answer.tests.empty
    (said,) = hp.findings(answer)
    assert said.verdict == "undecided" and "every step is shown, but" in said.sentence
    assert hp.summary(answer).text.startswith("3 of 3 steps") and "no order of all values" in hp.summary(answer).text


def test_what_was_shown_is_said_with_its_numbers(answers):
    (down,), (inside,) = hp.findings(answers["depth"]), hp.findings(answers["learning_rate"])
    assert (down.verdict, inside.verdict) == ("monotone", "best around")
    assert "the lower depth, the better (each step from 2 to 5 was shown)" in down.sentence
    assert "learning_rate is best inside its range, not at an end" in inside.sentence
    for said, name in ((down, "depth"), (inside, "learning_rate")):
        row = answers[name].tests.iloc[0]
        assert (said.hyperparameter, said.tier, said.family) == (name, "exploratory", "this answer")
        assert (said.estimate, said.low_simultaneous) == (row["estimate"], row["low_simultaneous"])


def test_the_table_the_summary_and_the_picture_show_every_step(answers):
    answer = answers["depth"]
    shown = hp.table(answer)
    assert list(shown.frame) == ["step of depth", "P(better)", "p adjusted", "runs"]
    assert shown.frame["step of depth"].tolist() == ["2 to 3", "3 to 4", "4 to 5"]
    assert "over all pairs of levels, on every scale and data set" in shown.notes[0]
    assert hp.summary(answer).text == (
        "3 of 3 steps between neighbouring values of depth are shown: the lower, the better."
    )
    assert "best is" in hp.summary(answers["learning_rate"]).text
    ax = hp.plot(answer)
    marks = sorted(line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 1)
    assert marks == pytest.approx(sorted(answer.frame["estimate"]))
    assert "the higher value beats the lower one" in ax.get_xlabel()


def test_the_lower_the_better_of_a_loss_is_the_higher_the_better_of_its_negative(sweep):
    loss = replace(
        sweep, goal="min", failed_value=-toys.CHANCE, runs=sweep.runs.assign(accuracy=-sweep.runs["accuracy"])
    )
    one, other = hp.trend(sweep, "depth"), hp.trend(loss, "depth")
    assert other.tests["direction"].tolist() == [-1.0] == one.tests["direction"].tolist()
    assert other.frame["estimate"].to_numpy() == pytest.approx(one.frame["estimate"].to_numpy())


@pytest.mark.parametrize("name", ["activation", "augmentation", "optimizer"])
def test_what_has_no_order_of_three_levels_is_refused_with_those_that_have(sweep, name):
    able = "depth, units, dropout, batch_size, learning_rate"
    with pytest.raises(hp.UserError, match=f"'{name}' has no order of three levels or more; choose one of ") as refused:
        hp.trend(sweep, name)
    assert set(str(refused.value).removesuffix(".").rpartition("choose one of ")[2].split(", ")) == set(
        able.split(", ")
    )


def test_an_unknown_hyperparameter_is_refused_with_the_choices(sweep):
    with pytest.raises(
        hp.UserError, match="'deepth' is not a hyperparameter of this sweep; choose one of augmentation"
    ):
        hp.trend(sweep, "deepth")


def test_an_order_that_cannot_be_had_anywhere_is_refused_without_choices():
    runs, noise = frame(0, 60)
    levels = hp.read(runs[["act"]].assign(score=noise), metric="score", goal="max")
    with pytest.raises(hp.UserError, match="'act' has no order of three levels or more; choose one of none"):
        hp.trend(levels, "act")


def test_too_few_runs_are_told(sweep):
    few = hp.trend(sweep.subset(np.arange(len(sweep)) < 12), "depth")
    assert few.frame["estimate"].isna().all() and few.tests.empty
    assert hp.summary(few).text == "Too few runs for any step of depth."
    (said,) = hp.findings(few)
    assert said.verdict in ("undecided", "cannot tell") and said.p_adjusted is None


# Four levels a < b < c < d: (value, reference) -> P(better), shown or not.
G = Groups("x", np.zeros(0, int), ("a", "b", "c", "d"), True, False)


def steps(**estimates):
    """Rows of pairs such as ba=.7: b beats a in .7 of all draws; an estimate within .05 of one half is not shown."""
    rows = [
        {
            "value": pair[0],
            "reference": pair[1],
            "dataset": POOLED,
            "scale": "p_better",
            "estimate": p,
            "z": 20 * (p - 0.5),
        }
        for pair, p in estimates.items()
    ]
    table = pd.DataFrame(rows)
    limits = {"low": -0.03, "high": 0.03, "low_simultaneous": -0.05, "high_simultaneous": 0.05}
    table = table.assign(**{name: table["estimate"] + away for name, away in limits.items()})
    shown = (table["estimate"] - 0.5).abs() > 0.05
    return table.assign(
        p=np.where(shown, 0.001, 0.5),
        p_adjusted=np.where(shown, 0.01, 1.0),
        direction=np.sign(table["z"]),
        n=10,
        places=1,
        critical=3.0,
    )


@pytest.mark.parametrize(
    ("estimates", "expected"),
    [
        ({"ba": 0.6, "cb": 0.7, "dc": 0.8, "da": 0.9}, ("d", 1.0, 0.9)),
        ({"ba": 0.4, "cb": 0.3, "dc": 0.2, "da": 0.1}, ("d", -1.0, 0.1)),
        # A single step that is not shown, or that goes the other way, breaks the order.
        ({"ba": 0.6, "cb": 0.52, "dc": 0.8, "da": 0.9}, None),
        ({"ba": 0.6, "cb": 0.4, "dc": 0.8, "da": 0.9}, None),
        # Best inside: b and c beat both ends, and c wins more often over the nearer of them.
        ({"ba": 0.6, "ca": 0.7, "db": 0.4, "dc": 0.25}, ("c", 0.0, 0.7)),
        ({"ba": 0.6, "ca": 0.53, "db": 0.4, "dc": 0.25}, ("b", 0.0, 0.6)),
        # Worst inside is no best place.
        ({"ba": 0.3, "ca": 0.3, "db": 0.7, "dc": 0.7}, None),
    ],
)
def test_an_order_is_read_off_what_was_shown(estimates, expected):
    found = order_among(steps(**estimates), G, lambda last: False, lambda *_: True)
    told = None if found.empty else (found["value"].iloc[0], found["direction"].iloc[0])
    assert told == (expected and expected[:2])
    assert expected is None or found["estimate"].iloc[0] == pytest.approx(expected[2])


def test_a_turn_inside_the_best_slice_is_asked_about_at_the_better_end():
    asked = []

    def turns(last):
        asked.append(last)
        return True

    assert order_among(steps(ba=0.6, cb=0.7, dc=0.8, da=0.9), G, turns, lambda *_: True).empty
    assert order_among(steps(ba=0.4, cb=0.3, dc=0.2, da=0.1), G, turns, lambda *_: True).empty
    assert asked == [True, False]


def test_levels_without_an_order_have_none():
    table = steps(ba=0.6, cb=0.7, dc=0.8, da=0.9)
    assert order_among(table, replace(G, ordered=False), lambda last: False, lambda *_: True).empty
    assert order_among(table, replace(G, labels=("a", "b")), lambda last: False, lambda *_: True).empty
