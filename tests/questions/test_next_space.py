"""What to try next: what is dropped, widened, narrowed, fixed or kept on sweeps whose truth is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.errors import UserError
from hpanalysis.questions.answer import VOCABULARY
from hpanalysis.questions.next_space.ask import next_space
from hpanalysis.statistics.differences import POOLED
from hpanalysis.sweeps.space import Space
from tests.calibration.cells.verdicts import PLACES, WORLDS


@pytest.fixture(scope="module")
def sweep():
    return toys.make(toys.ADDITIVE, 2500, 1)


@pytest.fixture(scope="module")
def answer(sweep):
    return next_space(sweep)


def rows(answer, name, place=POOLED):
    table = answer.frame
    return table[(table["hyperparameter"] == name) & (table["dataset"] == place)]


def action(answer, name, value=None):
    own = rows(answer, name)
    own = own if value is None else own[own["value"] == value]
    (row,) = own.itertuples()
    return row.action


def relabelled(sweep, name, change):
    """The same sweep with other values of a hyperparameter."""
    h = sweep.space[name]
    space = Space(
        tuple(replace(h, levels=tuple(change(v) for v in h.levels)) if o.name == name else o for o in sweep.space)
    )
    return replace(sweep, runs=sweep.runs.assign(**{name: sweep.runs[name].map(change)}), space=space)


def test_there_is_a_row_for_each_level_and_range_on_every_data_set_and_over_all(sweep, answer):
    assert list(answer.frame.columns[: len(VOCABULARY)]) == list(VOCABULARY)
    assert set(answer.frame["dataset"]) == {POOLED, *sweep.datasets}
    count = sum(len(h.levels) if h.has_levels else 1 for h in sweep.space)
    assert len(answer.frame) == 4 * count
    assert answer.frame.loc[answer.frame["dataset"] == POOLED, "reason"].str.len().min() > 5


def test_worse_levels_are_dropped_the_rest_is_kept_and_the_peak_is_narrowed_to(sweep, answer):
    assert (action(answer, "augmentation", "off"), action(answer, "augmentation", "on")) == ("drop level", "keep")
    assert action(answer, "optimizer", "momentum") == "drop level"
    assert action(answer, "learning_rate") == "narrow"
    new = hp.proposed_space(answer)
    assert new["optimizer"].levels == ("adam", "rmsprop") and new["augmentation"].levels == ("on",)
    assert new["learning_rate"].low < 10**-2.5 < new["learning_rate"].high
    others = [h for h in sweep.space if h.name not in ("augmentation", "optimizer", "learning_rate")]
    assert all(new[h.name] == h for h in others)


def test_the_numbers_of_a_level_are_its_best_of_k_against_the_incumbents(sweep, answer):
    row = rows(answer, "augmentation", "hard").query("value == 'off'").iloc[0]
    assert row["reference"] == "on"
    tuned = hp.tuned_contrast(sweep, "augmentation", k=int(row["k"])).frame
    pair = tuned[(tuned["reference"] != "") & (tuned["dataset"] == "hard")]
    pair = pair[pair["scale"] == "best_of_k"].iloc[0]
    sign = 1 if pair["value"] == "off" else -1
    assert row["estimate"] == pytest.approx(sign * pair["estimate"])
    assert row["low"] < row["estimate"] < row["high"] < 0


def test_shares_of_the_best_tenth_add_up_to_one(answer):
    assert rows(answer, "optimizer")["share"].sum() == pytest.approx(1.0)
    assert (rows(answer, "optimizer")["share_low"] <= rows(answer, "optimizer")["share"]).all()


def test_nothing_changes_where_nothing_matters():
    answer = next_space(toys.make(toys.NULL, 1500, 3))
    assert set(answer.frame.loc[answer.frame["dataset"] == POOLED, "action"]) == {"keep"}
    assert hp.proposed_space(answer) == toys.SPACE


def test_a_level_that_is_bad_on_average_and_good_with_a_partner_is_not_dropped():
    recipe = toys.Recipe(interaction=6.0, shift={"optimizer": {"momentum": -0.4}})
    for seed in range(8):
        sweep = toys.make(recipe, 1500, seed)
        means = sweep.runs.groupby("optimizer")["accuracy"].mean()
        assert means.idxmin() == "momentum"
        assert action(next_space(sweep), "optimizer", "momentum") == "keep"


def test_a_level_that_is_best_on_one_data_set_alone_stays():
    sweep = toys.make(toys.NULL, 1500, 5)
    away = (sweep.runs["optimizer"] == "momentum") & (sweep.runs["dataset"] != "hard")
    changed = replace(sweep, runs=sweep.runs.assign(accuracy=sweep.runs["accuracy"] - 0.5 * away))
    answer = next_space(changed)
    assert action(answer, "optimizer", "momentum") == "keep"
    alone = answer.frame.query("hyperparameter == 'optimizer' and value == 'momentum'").set_index("dataset")["action"]
    assert (alone["easy"], alone["middle"], alone["hard"]) == ("drop level", "drop level", "keep")


def test_one_of_the_best_runs_protects_its_level():
    sweep = toys.make(toys.STRONG, 900, 2)
    assert action(next_space(sweep, k=2), "augmentation", "off") == "drop level"
    lucky = (sweep.runs["augmentation"] == "off") & (sweep.runs["dataset"] == "hard")
    accuracy = sweep.runs["accuracy"].copy()
    accuracy[lucky[lucky].index[0]] = accuracy[sweep.runs["dataset"] == "hard"].max()
    answer = next_space(replace(sweep, runs=sweep.runs.assign(accuracy=accuracy)), k=2)
    assert action(answer, "augmentation", "off") == "keep"
    (row,) = rows(answer, "augmentation").query("value == 'off'").itertuples()
    assert "one of the best runs has it" in row.reason


def test_a_range_whose_end_is_crowded_is_widened_on_its_logarithm():
    answer = next_space(toys.make(toys.Recipe(shift={"learning_rate": {"slope": 20.0}}), 1500, 0))
    (row,) = rows(answer, "learning_rate").itertuples()
    assert (row.action, row.edge) == ("widen high", "high") and row.share_low > 0.5
    new = hp.proposed_space(answer)["learning_rate"]
    assert (new.low, new.high, new.log) == (1e-4, pytest.approx(1.0), True)


def test_an_order_whose_last_value_is_crowded_goes_on():
    answer = next_space(toys.make(toys.Recipe(shift={"batch_size": {"slope": 20.0}}), 1500, 0))
    assert action(answer, "batch_size", "256") == "widen high"
    assert hp.proposed_space(answer)["batch_size"].levels[-1] == 512


def test_an_end_that_most_runs_have_is_not_crowded_by_the_best():
    # Nine of ten runs were made at the last value, as an optimiser does, and so were the best by chance.
    sweep = toys.make(toys.NULL, 1500, 3)
    rng = np.random.default_rng(0)
    there = pd.Series(np.where(rng.random(1500) < 0.9, 256, sweep.runs["batch_size"])).astype(
        sweep.runs["batch_size"].dtype
    )
    answer = next_space(replace(sweep, runs=sweep.runs.assign(batch_size=there)))
    assert "widen" not in action(answer, "batch_size", "256")
    share = rows(answer, "batch_size").query("value == '256'")["share_low"]
    assert (share > 0.5).all()


def test_without_a_margin_nothing_is_fixed_and_with_one_what_is_equal_is():
    sweep = toys.make(toys.INTERIOR, 3000, 4)
    assert "fix" not in set(next_space(sweep).frame["action"])
    answer = next_space(sweep, margin=0.1)
    assert action(answer, "augmentation", "off") in ("fix", "drop level")
    assert len(hp.proposed_space(answer)["augmentation"].levels) == 1
    assert action(answer, "dropout") == "fix" and len(hp.proposed_space(answer)["dropout"].levels) == 1
    assert action(next_space(sweep, margin=1e-4), "augmentation", "off") == "keep"


def test_what_never_was_tried_stays_in_the_space():
    tiny = next_space(toys.make(toys.NULL, 2, 0))
    assert hp.proposed_space(tiny) == toys.SPACE


def test_min_is_max_with_the_sign_turned(sweep, answer):
    turned = replace(
        sweep, goal="min", failed_value=-toys.CHANCE, runs=sweep.runs.assign(accuracy=-sweep.runs["accuracy"])
    )
    other = next_space(turned)
    assert list(other.frame["action"]) == list(answer.frame["action"])
    assert other.frame["estimate"].to_numpy() == pytest.approx(-answer.frame["estimate"].to_numpy(), nan_ok=True)
    assert other.frame["low"].to_numpy() == pytest.approx(-answer.frame["high"].to_numpy(), nan_ok=True)
    assert hp.proposed_space(other) == hp.proposed_space(answer)


def test_the_order_of_the_rows_and_the_names_of_levels_change_nothing(sweep, answer):
    order = np.random.default_rng(0).permutation(len(sweep))
    other = next_space(replace(sweep, runs=sweep.runs.iloc[order]))
    pd.testing.assert_frame_equal(other.frame, answer.frame)
    named = next_space(relabelled(sweep, "optimizer", lambda v: f"<{v}>"))
    levels = rows(named, "optimizer")["action"].tolist()
    assert levels == rows(answer, "optimizer")["action"].tolist()


def test_a_unit_changes_no_decision(sweep, answer):
    scaled = replace(
        sweep, failed_value=100 * toys.CHANCE, runs=sweep.runs.assign(accuracy=100 * sweep.runs["accuracy"])
    )
    other = next_space(scaled)
    assert list(other.frame["action"]) == list(answer.frame["action"])
    assert other.frame["estimate"].to_numpy() == pytest.approx(100 * answer.frame["estimate"].to_numpy(), nan_ok=True)


def test_the_same_seed_gives_the_same_table_and_another_one_other_halves(sweep, answer):
    pd.testing.assert_frame_equal(next_space(sweep).frame, answer.frame)
    assert not next_space(sweep, rng=7).frame.equals(answer.frame)


def test_conditional_hyperparameters_follow_what_they_depend_on():
    answer = next_space(toys.make(toys.CONDITIONAL, 3000, 2))
    new = hp.proposed_space(answer)
    assert new["dropout"].condition.hyperparameter == "use_dropout"
    dropped = answer.frame.query("action == 'drop level' and hyperparameter == 'optimizer'")["value"]
    assert not set(dropped) & set(map(str, new["optimizer"].levels))


@pytest.mark.parametrize("size", [1, 2, 9, 40])
def test_a_tiny_sweep_and_one_without_success_keep_everything(size):
    sweep = toys.make(toys.STRONG, size, 1)
    assert hp.proposed_space(next_space(sweep)) == toys.SPACE
    failed = replace(sweep, runs=sweep.runs.assign(accuracy=np.nan))
    assert hp.proposed_space(next_space(failed)) == toys.SPACE
    same = replace(sweep, runs=sweep.runs.assign(accuracy=0.5))
    assert hp.proposed_space(next_space(same)) == toys.SPACE


def test_one_data_set_has_one_row_a_level_and_says_here(sweep):
    answer = next_space(sweep.subset(sweep.runs["dataset"] == "middle"))
    assert set(answer.frame["dataset"]) == {POOLED}
    assert "here" in rows(answer, "optimizer").query("value == 'momentum'")["reason"].iloc[0]


def test_failures_without_a_declared_value_are_the_worst_and_a_caveat_says_so(sweep):
    answer = next_space(replace(sweep, failed_value=None))
    assert any("worst seen" in caveat for caveat in answer.caveats)
    assert action(answer, "optimizer", "momentum") == "drop level"


def test_a_range_that_is_best_elsewhere_with_each_level_is_told_for_each():
    # Best at a fifth, a half and four fifths of the range.
    world = WORLDS["each optimizer its own learning rate"]
    found = next_space(world.draw(1500, np.random.default_rng(3)))
    (own,) = found.asked["own"]
    assert (own.hyperparameter, own.other) == ("learning_rate", "optimizer")
    h = found.asked["space"]["learning_rate"]
    for level, place in PLACES.items():
        low, high = own.parts[level]
        assert h.ends[0] <= low < h.from_unit([place])[0] < high <= h.ends[1]
    assert "each optimizer needs its own learning_rate: " in hp.write_space(found)
    assert not next_space(toys.make(toys.NULL, 600, 1)).asked["own"]


def test_what_is_chosen_by_the_metric_is_told_in_the_test_metric_too(sweep, answer):
    assert answer.frame["tested"].isna().all()
    # What is measured on test is the metric itself, a tenth higher: differences are the same.
    tested = sweep.runs["accuracy"] + 0.1
    runs = sweep.runs.assign(test_accuracy=tested)
    found = next_space(replace(sweep, runs=runs, roles=sweep.roles | {"test_accuracy": "test metric"}))
    levels = found.frame[found.frame["reference"].ne("the whole range") & found.frame["estimate"].notna()]
    assert len(levels) > 20
    assert levels["tested"].to_numpy(float) == pytest.approx(levels["estimate"].to_numpy(float), abs=1e-6)
    notes = hp.table(found).notes
    assert any("chosen and judged by the same metric, accuracy" in note and "test_accuracy" in note for note in notes)


def test_what_cannot_be_asked_is_refused():
    sweep = toys.make(toys.NULL, 60, 0)
    with pytest.raises(UserError, match="k is 0; choose 1 or more"):
        next_space(sweep, k=0)
    with pytest.raises(UserError, match="margin is -1; give a difference above 0"):
        next_space(sweep, margin=-1)
