"""Divergence with a finite value, penalties, and losses of any size: ranks, winners and expectations stay right."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis.statistics.far_values import far_above, far_below


def losses(runs=160, seed=0):
    rng = np.random.default_rng(seed)
    opt = rng.choice(["adam", "sgd"], runs)
    frame = pd.DataFrame({"lr": 10 ** rng.uniform(-4, -1, runs), "opt": opt})
    return frame.assign(loss=0.3 + 0.1 * (opt == "sgd") + 0.05 * rng.gamma(2.0, 1.0, runs))


def spoiled(values, every=9):
    frame = losses()
    at = np.arange(0, len(frame), every)
    frame.loc[at, "loss"] = np.resize(values, len(at))
    return frame, at


def read(frame, **more):
    return hp.read(frame, metric="loss", goal="min", **more)


KINDS = {
    "a penalty": [1e20],
    "a small penalty": [9999.0],
    "divergence": [4540.0, 1e19, 5e29],
    "near the largest number": [1e79, 3.3e78],
}


@pytest.mark.parametrize("values", KINDS.values(), ids=KINDS)
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_order_rank_and_winner_are_those_of_the_runs_that_did_not_diverge(values):
    frame, at = spoiled(values)
    sweep = read(frame)
    best = frame["loss"].idxmin()
    first = hp.winner(sweep).frame.iloc[0]
    assert first["value"] == f"row {best}" and first["estimate"] == pytest.approx(frame["loss"].min())
    found = hp.findings(sweep)
    said = [f for f in found if f.hyperparameter == "opt" and f.kind == "contrast" and f.scale == "p_better"]
    assert [(f.value, f.reference, f.verdict) for f in said] == [("sgd", "adam", "worse")]
    assert all(f.estimate is None or abs(f.estimate) < 1 for f in said)
    checks = hp.check(sweep).frame
    (far,) = checks[checks["check"] == "far values"].itertuples()
    assert far.n == len(at) and far.verdict == "caution" and "failed_value" in far.so


def test_squares_beyond_all_numbers_leave_the_ranks():
    frame, _ = spoiled([1e200])
    found = hp.findings(read(frame))
    assert [f.verdict for f in found if f.hyperparameter == "opt" and f.scale == "p_better"] == ["worse"]
    assert not [f for f in found if f.scale == "mean" and f.tier == "headline"]


def test_a_penalty_is_a_suspected_failure_and_left_to_the_owner():
    frame, _ = spoiled([1e20])
    means = hp.contrast(read(frame), "opt").frame.query("scale == 'mean'")
    assert (means["runs"] == "all").all()
    frame["status"] = np.where(frame["loss"] > 1e19, "failed", "complete")
    sweep = read(frame, failed_value=5.0)
    assert not (hp.check(sweep).frame["check"] == "far values").any()
    rows = hp.contrast(sweep, "opt").frame.query("scale == 'mean' and runs == 'all'")
    assert (rows["estimate"].abs() < 5).all() and len(rows)


def test_the_noise_of_a_winner_is_that_of_its_neighbours_whatever_diverged_elsewhere():
    rng = np.random.default_rng(1)
    x = np.repeat(np.sort(rng.random(40)), 3)
    loss = 0.5 + 0.3 * x + rng.normal(0.0, 0.01, len(x))
    plain = hp.winner(read(pd.DataFrame({"width": x, "loss": loss}))).frame
    loss[-9:] = [1e29, 2e29, 1e3, 4e19, 1e19, 7e5, 3e4, 1e28, 2.0]
    found = hp.winner(read(pd.DataFrame({"width": x, "loss": loss}))).frame
    for scale in ("reported", "honest"):
        one, other = (f[f["scale"] == scale].iloc[0] for f in (plain, found))
        assert other["value"] == one["value"] and other["noise"] == pytest.approx(one["noise"], rel=0.05)
        assert other["estimate"] == pytest.approx(one["estimate"], abs=0.02)


def test_expectations_lie_within_what_the_metric_can_be_however_little_is_known_of_the_noise():
    rng = np.random.default_rng(0)
    loss = np.append(0.45 + 0.005 * rng.standard_normal(60), 1.1)
    x = np.append(rng.random(60), np.nan)
    x[60] = x[7]
    honest = hp.winner(read(pd.DataFrame({"width": x, "loss": loss}))).frame.query("scale == 'honest'").iloc[0]
    assert loss.min() <= honest["estimate"] <= loss.max()
    assert 0.0 <= honest["low"] <= honest["estimate"] <= honest["high"] <= loss.max()


def test_a_text_column_that_differs_in_every_row_makes_no_repeats():
    rng = np.random.default_rng(2)
    acc = rng.uniform(0.5, 0.8, 120)
    frame = pd.DataFrame({"net": [f"net{i}" for i in range(120)], "depth": rng.integers(1, 12, 120), "acc": acc})
    answer = hp.winner(hp.read(frame, metric="acc", goal="max"))
    first = answer.frame.iloc[0]
    assert first["estimate"] == pytest.approx(acc.max()) and first["n"] == 1
    assert "text column" in answer.findings()[0].sentence
    # What is called an identifier tells runs apart and is none of their settings; nor where seeds vary.
    for other in (frame.rename(columns={"net": "run_id"}), frame.assign(seed=np.arange(120))):
        assert hp.winner(hp.read(other, metric="acc", goal="max")).frame["n"].max() > 1


def test_far_is_far_from_the_upper_quarter_and_a_long_tail_is_not():
    rng = np.random.default_rng(0)
    assert not far_below(-np.exp(rng.normal(0, 1.5, 500))).any()
    assert not far_below(rng.normal(size=500)).any()
    assert not far_below(np.ones(50)).any() and not far_below(np.full(3, np.nan)).any()
    most = np.concatenate([rng.uniform(0.4, 0.6, 40), np.full(60, -1e6)])
    assert far_below(most).sum() == 60


def test_what_matters_is_not_called_undecided_as_well():
    rng = np.random.default_rng(4)
    lr = 10 ** rng.uniform(-6, -4, 90)
    u = (np.log10(lr) + 6) / 2
    # A wave: no slice of the range stands out, and the whole matters.
    frame = pd.DataFrame(
        {"lr": lr, "other": rng.random(90), "acc": 0.7 + 0.03 * np.sin(9.4 * u) + rng.normal(0, 0.02, 90)}
    )
    for seed in range(4):
        found = hp.findings(hp.read(frame.sample(frac=1, random_state=seed), metric="acc", goal="max"))
        said = [f for f in found.about("lr") if f.dataset is None]
        if any(f.verdict == "matters" for f in said):
            assert not any("undecided whether lr" in f.sentence for f in said)


def sweep_of(accuracy, goal="max"):
    rng = np.random.default_rng(0)
    runs = pd.DataFrame({"optimizer": rng.choice(["adam", "sgd"], len(accuracy)), "dropout": rng.random(len(accuracy))})
    return hp.read(runs.assign(score=accuracy), metric="score", goal=goal)


SHARES = np.round(0.7 + 0.05 * np.random.default_rng(1).normal(size=300), 4)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (np.r_[SHARES[1:], 71.3], "1 complete run has score 71.3, the others 0."),
        (np.r_[SHARES[2:], 68.0, 71.3], "2 complete runs have score 68 to 71.3, the others 0."),
        (np.r_[100 * SHARES[1:], 0.713], "1 complete run has score 0.713, the others "),
    ],
)
def test_shares_and_percentages_in_one_column_are_said(values, found):
    checks = hp.check(sweep_of(values)).frame
    (row,) = checks[checks["check"] == "mixed units"].itertuples()
    assert row.found.startswith(found) and row.verdict == "caution"
    assert not (checks["check"] == "at the bottom").any()


@pytest.mark.parametrize(
    ("values", "goal"),
    [
        (SHARES, "max"),
        # A loss may be 71.3, and a collapsed run may have 0.9 %.
        (np.r_[SHARES[1:], 71.3], "min"),
        (np.r_[100 * SHARES[1:], 0.1], "max"),
        # Rewards of both sizes.
        (np.r_[SHARES[:150], 60 * SHARES[150:]], "max"),
        (np.r_[SHARES[1:], 700.0], "max"),
        # Of a score that is about 1 some lie above.
        (np.r_[SHARES + 0.25, 0.01], "max"),
    ],
)
def test_a_metric_of_one_unit_is_not_called_mixed(values, goal):
    assert not (hp.check(sweep_of(values, goal)).frame["check"] == "mixed units").any()


def test_a_score_far_above_all_others_is_a_slip_and_no_reason_to_call_the_others_failures():
    checks = hp.check(sweep_of(np.r_[SHARES[1:], 1e20])).frame
    (far,) = checks[checks["check"] == "far values"].itertuples()
    assert far.found == "1 complete run has score 1e+20, far from all others" and far.so.startswith(
        "such values rank best"
    )
    assert not (checks["check"] == "at the bottom").any()


@pytest.mark.parametrize("seed", range(5))
def test_a_long_tail_is_no_slip(seed):
    """A lognormal metric spans many powers of ten, without a gap."""
    tail = np.exp(3 * np.random.default_rng(seed).normal(size=500))
    assert not far_above(tail).any()
