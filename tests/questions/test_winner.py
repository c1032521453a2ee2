"""The winner: what is reported, what it would score again, who may be best, and which runs to repeat."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.errors import UserError
from hpanalysis.questions.answer import VOCABULARY
from hpanalysis.questions.winner.ask import winner
from hpanalysis.sweeps.space import Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep

SPACE = Space((Hyperparameter("x", "continuous", low=0.0, high=1.0), Hyperparameter("on", "boolean", ("no", "yes"))))
ROLES = {"x": "hyperparameter", "on": "hyperparameter", "score": "metric", "name": "identifier", "data": "dataset"}


def sweep_of(scores, *, goal="max", **more):
    """One row of `scores` a configuration, NaN for a failed run; the best differs from the rest as they say."""
    scores = np.asarray(scores, dtype=float)
    count, repeats = scores.shape
    table = pd.DataFrame(
        {
            "x": np.repeat(np.linspace(0, 1, count), repeats),
            "on": np.repeat(np.where(np.arange(count) % 2, "yes", "no"), repeats),
            "score": scores.ravel(),
            "name": [f"run{i}" for i in range(scores.size)],
            "data": "one",
        }
    )
    return Sweep(table, SPACE, ROLES | more.pop("roles", {}), "score", goal, name="made", **more)


def rows(answer, scale, dataset=None):
    table = answer.frame[answer.frame["scale"] == scale]
    return table if dataset is None else table[table["dataset"] == dataset]


@pytest.fixture(scope="module")
def noisy():
    rng = np.random.default_rng(0)
    return -rng.gamma(2.0, 0.5, (40, 1)) + rng.normal(0.0, 0.3, (40, 3))


@pytest.fixture(scope="module")
def clustered():
    return toys.make(toys.CLUSTERED, 360, 1)


def test_every_data_set_has_its_winner_in_the_vocabulary(clustered):
    answer = winner(clustered, count=4)
    assert list(answer.frame.columns[: len(VOCABULARY)]) == list(VOCABULARY)
    assert set(answer.frame["dataset"]) == set(clustered.datasets)
    assert set(answer.frame["scale"]) == {"reported", "honest", "optimism"}
    assert (rows(answer, "reported").groupby("dataset").size() == 4).all()
    assert (rows(answer, "honest").groupby("dataset").size() == 1).all()
    assert set(winner(clustered, dataset="hard").frame["dataset"]) == {"hard"}


def test_what_is_reported_is_the_mean_of_the_repeats_and_the_best_comes_first(noisy):
    found = rows(winner(sweep_of(noisy), count=40), "reported")
    assert found["estimate"].to_numpy(float) == pytest.approx(np.sort(noisy.mean(axis=1))[::-1])
    assert (found["n"] == 3).all()
    assert found["value"].iloc[0] == f"name run{3 * noisy.mean(axis=1).argmax()}"
    assert found["settings"].iloc[0].startswith("x=")


def test_optimism_is_what_was_reported_minus_what_is_honest(noisy):
    answer = winner(sweep_of(noisy))
    reported, honest, luck = (rows(answer, scale).iloc[0] for scale in ("reported", "honest", "optimism"))
    assert honest["low"] <= honest["estimate"] <= honest["high"]
    assert luck["estimate"] == pytest.approx(reported["estimate"] - honest["estimate"])
    assert luck["estimate"] > 0
    assert (luck["low"], luck["high"]) == pytest.approx(
        (reported["estimate"] - honest["high"], reported["estimate"] - honest["low"])
    )


def test_min_and_max_are_mirror_images(noisy):
    up, down = winner(sweep_of(noisy)).frame, winner(sweep_of(-noisy, goal="min")).frame
    assert down["estimate"].to_numpy(float) == pytest.approx(-up["estimate"].to_numpy(float))
    assert down["low"].to_numpy(float) == pytest.approx(-up["high"].to_numpy(float))
    assert list(down["value"]) == list(up["value"])
    assert list(down["p_adjusted"].dropna()) == pytest.approx(list(up["p_adjusted"].dropna()))


def test_a_unit_scales_everything_and_the_order_of_rows_changes_nothing(noisy):
    plain = winner(sweep_of(noisy)).frame
    scaled = winner(sweep_of(1000 * noisy + 5)).frame
    numbers = plain[plain["scale"] != "optimism"]
    same = scaled[scaled["scale"] != "optimism"]
    assert same["low"].to_numpy(float) == pytest.approx(1000 * numbers["low"].to_numpy(float) + 5, rel=1e-4)
    sweep = sweep_of(noisy)
    order = np.random.default_rng(2).permutation(len(sweep))
    turned = winner(replace(sweep, runs=sweep.runs.iloc[order])).frame
    for column in ("estimate", "low", "high", "p_adjusted", "noise", "seeds_needed"):
        assert turned[column].to_numpy(float) == pytest.approx(plain[column].to_numpy(float), nan_ok=True, rel=1e-6)


def test_a_clear_winner_stands_alone_and_nothing_need_be_repeated():
    rng = np.random.default_rng(1)
    scores = rng.normal(0.0, 0.1, (30, 4))
    scores[7] += 5
    answer = winner(sweep_of(scores))
    first = rows(answer, "reported").iloc[0]
    assert first["may_be_best"] and first["candidates"] == 1
    assert not answer.frame["repeat"].any()
    assert answer.tests.empty
    honest = rows(answer, "honest").iloc[0]
    assert abs(honest["estimate"] - first["estimate"]) < 0.05
    assert honest["high"] - honest["low"] == pytest.approx(2 * 1.96 * 0.1 / 2, rel=0.3)


def test_of_equal_configurations_nearly_all_may_be_best_and_the_luck_is_taken_off():
    rng = np.random.default_rng(2)
    answer = winner(sweep_of(rng.normal(0.0, 1.0, (50, 3))), count=50)
    first = rows(answer, "reported").iloc[0]
    assert first["candidates"] >= 45
    honest = rows(answer, "honest").iloc[0]
    assert first["estimate"] > 1.0 > abs(honest["estimate"])
    assert honest["low"] < 0.0 < honest["high"]


def test_the_seeds_that_are_asked_for_separate_what_they_promise():
    rng = np.random.default_rng(3)
    answer = winner(sweep_of(-rng.gamma(2.0, 0.5, (30, 1)) + rng.normal(0.0, 0.3, (30, 3))))
    tests = answer.tests
    assert list(tests["seeds"]) == [3, 5, 10, 20]
    assert tests["smallest_gap"].is_monotonic_decreasing
    assert np.ptp(tests["smallest_gap"] * np.sqrt(tests["seeds"])) < 1e-9
    second = rows(answer, "reported").iloc[1]
    seeds, gap = second["seeds_needed"], rows(answer, "reported")["estimate"].diff().abs().iloc[1]
    count = int(tests["configurations"].iloc[0])
    # One-sided, Bonferroni over the others: with these seeds the difference is found in four of five repetitions.
    true = rng.normal(0.0, second["noise"] / np.sqrt(seeds), (4000, 2))
    from scipy.stats import norm

    z = (true[:, 0] - true[:, 1] + gap) / (second["noise"] * np.sqrt(2 / seeds))
    assert np.mean(z > norm.isf(0.05 / (count - 1))) == pytest.approx(0.8, abs=0.05)


def test_without_repeats_there_are_scores_and_no_intervals_and_it_says_why():
    answer = winner(sweep_of(np.random.default_rng(4).normal(size=(30, 1))))
    assert set(answer.frame["scale"]) == {"reported"}
    assert answer.frame[["low", "high", "p_adjusted", "seeds_needed"]].isna().all(axis=None)
    assert answer.frame["may_be_best"].isna().all()
    assert answer.frame["repeat"].sum() == 5
    assert any("No configuration was run twice" in caveat for caveat in answer.caveats)


def test_the_test_metric_of_the_chosen_is_told_beside():
    rng = np.random.default_rng(5)
    sweep = sweep_of(rng.normal(size=(20, 2)))
    table = sweep.runs.assign(held=sweep.runs["score"] - 0.5)
    answer = winner(replace(sweep, runs=table, roles=sweep.roles | {"held": "test metric"}))
    both = rows(answer, "reported")["estimate"].to_numpy(float) - rows(answer, "test")["estimate"].to_numpy(float)
    assert both == pytest.approx(0.5)
    assert any("held of a winner" in caveat for caveat in answer.caveats)


def test_a_failed_repeat_ranks_lowest_and_is_counted_but_the_score_is_of_those_that_work():
    scores = np.random.default_rng(6).normal(0.0, 0.05, (12, 3))
    scores[3] += 10
    scores[3, 0] = np.nan
    scores[5] += 2
    answer = winner(sweep_of(scores, failed_value=-5.0), count=12)
    table = rows(answer, "reported")
    # (10 + 10 - 5) / 3 = 5 is still the best; among the repeats that worked it scores 10.
    assert table["estimate"].iloc[0] == pytest.approx(10, abs=0.2)
    assert table["failed"].iloc[0] == 1 and table["n"].iloc[0] == 2
    assert any("also failed" in caveat for caveat in answer.caveats)
    harsh = rows(winner(sweep_of(scores, failed_value=-50.0), count=12), "reported")
    assert harsh["estimate"].iloc[0] == pytest.approx(2, abs=0.2)


def test_a_configuration_that_never_worked_is_no_candidate_and_a_data_set_without_a_run_is_told():
    scores = np.random.default_rng(7).normal(size=(10, 2))
    scores[0] = np.nan
    answer = winner(sweep_of(scores), count=10)
    assert len(rows(answer, "reported")) == 9
    nothing = winner(sweep_of(np.full((4, 2), np.nan)))
    assert nothing.frame.empty and "No run worked on one" in nothing.caveats[0]


def test_an_interval_of_a_share_stays_a_share():
    rng = np.random.default_rng(8)
    scores = np.clip(0.97 + rng.normal(0, 0.02, (30, 3)), 0, 1)
    table = winner(sweep_of(scores, unit="accuracy")).frame
    bounded = table[table["scale"] != "optimism"]
    assert bounded["high"].max() <= 1.0


def test_the_same_sweep_gives_the_same_table(clustered):
    pd.testing.assert_frame_equal(winner(clustered).frame, winner(clustered).frame)


def test_what_cannot_be_asked_is_refused_with_the_choices(clustered):
    with pytest.raises(UserError, match="'mnist' is not a data set of this sweep; choose one of easy, hard, middle"):
        winner(clustered, dataset="mnist")
    with pytest.raises(UserError, match="count is 1; ask for 2 configurations or more"):
        winner(clustered, count=1)


@pytest.mark.parametrize("configurations", [2, 40])
def test_repeats_that_are_copies_leave_no_interval_and_it_says_why(configurations):
    scores = np.random.default_rng(9).normal(size=(configurations, 1)).repeat(3, axis=1)
    answer = winner(sweep_of(scores))
    assert set(answer.frame["scale"]) == {"reported"}
    assert answer.frame[["low", "high", "p_adjusted", "noise", "seeds_needed"]].isna().all(axis=None)
    assert answer.frame["may_be_best"].isna().all()
    assert answer.frame["repeat"].sum() == min(configurations, 5)
    (caveat,) = answer.caveats
    assert caveat.startswith("Repeats agree to the last digit") and "three seeds or more" in caveat
    assert "repeats agree to the last digit" in str(hp.summary(answer))
    assert "repeats agree to the last digit" in hp.findings(answer)[0].sentence
    assert "run twice" not in str(hp.summary(answer))


def test_copies_count_once_beside_repeats(noisy):
    scores = np.hstack([noisy, noisy[:, :2], noisy[:, :1]])
    plain, copied = winner(sweep_of(noisy)), winner(sweep_of(scores))
    for column in ("estimate", "low", "high", "noise", "n"):
        assert copied.frame[column].to_numpy(float) == pytest.approx(plain.frame[column].to_numpy(float), nan_ok=True)
    assert any(caveat.startswith("120 runs equal another one") for caveat in copied.caveats)


def test_rounded_repeats_that_tie_tell_no_noise_either():
    scores = np.random.default_rng(10).integers(10, 90, (60, 1)).repeat(3, axis=1) / 100
    answer = winner(sweep_of(scores))
    assert set(answer.frame["scale"]) == {"reported"} and (answer.frame["n"] == 3).all()
    assert answer.frame[["low", "high", "noise"]].isna().all(axis=None)
    assert answer.caveats[0].startswith("Repeats agree to the last digit")
