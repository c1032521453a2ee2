"""Are widths and thresholds exactly what they claim? Each recomputed another way, so that a few percent are noticed."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import chi2, multivariate_normal, t

from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.design.groups import group
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.questions.contrast.ask import contrast
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.interaction.ask import interaction
from hpanalysis.questions.report import SHARE_MAIN
from hpanalysis.statistics.best_of_k import best_of_k, peak
from hpanalysis.statistics.differences import compare
from hpanalysis.sweeps.space import Space


@pytest.fixture(scope="module")
def two_claims():
    """One data set, one two-level hyperparameter among others, no failures: a rank claim and a mean claim."""
    sweep = toys.make(replace(toys.STRONG, failing=0.0, shift={"augmentation": {"on": 0.35}}), 900, 3)
    sweep = sweep.subset(sweep.runs["dataset"] == "easy")
    names = ("augmentation", "learning_rate")
    roles = {c: "ignored" if r == "hyperparameter" and c not in names else r for c, r in sweep.roles.items()}
    return replace(sweep, roles=roles, space=Space(tuple(sweep.space[name] for name in names)))


def outside(z: float, correlation: float) -> float:
    """P(the larger of two correlated |z| exceeds z), by the bivariate normal law."""
    law = multivariate_normal(np.zeros(2), [[1, correlation], [correlation, 1]])
    return 1 - law.cdf([z, z], lower_limit=[-z, -z])


def correlation_of(sweep):
    claims = compare(Design(sweep).outcomes(), group(sweep, "augmentation").codes, [(1, 0)], ("p_better", "mean"))
    (covariance,) = claims.covariances
    return covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]), claims


def test_the_simultaneous_threshold_is_that_of_the_joint_law(two_claims):
    rows = Inquiry.of(two_claims).claims
    rows = rows[(rows["hyperparameter"] == "augmentation") & (rows["question"] == "contrast")]
    correlation, _ = correlation_of(two_claims)
    exact = brentq(lambda z: outside(z, correlation) - SHARE_MAIN / 2, 1.5, 5)
    assert rows["critical"].to_numpy(float) == pytest.approx(exact, abs=0.04)


def test_adjusted_p_values_are_those_of_the_joint_law_and_never_below_the_gate(two_claims):
    adjusted, gates = [], []
    for seed in range(8):
        rows = Inquiry.of(two_claims, rng=seed).claims
        rows = rows[rows["hyperparameter"] == "augmentation"]
        gates.append(rows[rows["question"] == "omnibus_tests"]["p"].iloc[0])
        adjusted.append(rows[rows["question"] == "contrast"]["p_adjusted"].to_numpy(float))
    correlation, claims = correlation_of(two_claims)
    joint = np.array([outside(abs(z), correlation) for z in claims.z()[0]])
    exact = np.mean([np.maximum(joint, gate) for gate in gates], axis=0) * 2 * ALPHA / SHARE_MAIN
    # 20,000 draws a seed, eight seeds: about 2 % of error where p is near .03.
    assert np.mean(adjusted, axis=0) == pytest.approx(np.minimum(1, exact), rel=0.06, abs=1e-3)


def test_heterogeneity_is_cochrans_q():
    sweep = toys.make(toys.CONFOUNDED, 900, 0)
    table = contrast(sweep, "augmentation").frame
    rows = table[(table["scale"] == "mean") & (table["runs"] == "all")]
    apart = rows[rows["dataset"] != "all data sets"]
    outcomes = Design(sweep).outcomes()
    spread = compare(outcomes, group(sweep, "augmentation").codes, [(1, 0)], ("mean",)).spread[1:, 0]
    weight = 1 / spread**2
    estimate = apart["estimate"].to_numpy(float)
    q = (weight * (estimate - (weight * estimate).sum() / weight.sum()) ** 2).sum()
    pooled = rows[rows["dataset"] == "all data sets"]["heterogeneity_p"].iloc[0]
    assert pooled == pytest.approx(chi2.sf(q, 2), rel=1e-9)


def test_the_best_of_k_has_a_jackknife_t_interval():
    sweep = toys.make(toys.NULL, 900, 0)
    table = contrast(sweep, "augmentation", k=5).frame
    row = table[(table["scale"] == "best_of_k") & (table["dataset"] == "middle")].iloc[0]
    score = np.where(sweep.ok, sweep.outcome, toys.CHANCE)
    variances, freedoms = [], []
    for level in ("on", "off"):
        here = (sweep.runs["augmentation"] == level) & (sweep.runs["dataset"] == "middle")
        squares = best_of_k(score[here], 5)[1] ** 2
        variances.append(squares.sum())
        # The variance of a variance is that of the squares it adds up, cut by what was measured.
        freedoms.append(0.7 * 2 * len(squares) / (len(squares) * (squares**2).sum() / squares.sum() ** 2 - 1))
    freedom = sum(variances) ** 2 / sum(v**2 / f for v, f in zip(variances, freedoms, strict=True))
    assert row["high"] - row["low"] == pytest.approx(2 * t.isf(0.025, freedom) * np.sqrt(sum(variances)), rel=1e-9)


def test_cell_means_have_simultaneous_t_intervals_whose_short_side_is_lengthened():
    sweep = toys.make(toys.NULL, 900, 0)
    sweep = sweep.subset((sweep.runs["dataset"] == "easy") & sweep.ok)
    table = interaction(sweep, "augmentation", "nesterov").frame
    row = table[(table["scale"] == "mean") & (table["value"] == "on") & (table["other_value"] == "yes")].iloc[0]
    cells = [values.to_numpy() for _, values in sweep.runs.groupby(["augmentation", "nesterov"])["accuracy"]]
    cell = sweep.runs.loc[(sweep.runs["augmentation"] == "on") & (sweep.runs["nesterov"] == "yes"), "accuracy"]
    z = np.concatenate([(x - x.mean()) / x.std(ddof=1) for x in cells])
    skewness = (z**3).sum() * len(z) / ((len(z) - 1) * (len(z) - 2))
    times = t.isf((1 - 0.95 ** (1 / 4)) / 2, len(cell) - 1)
    more = np.abs(skewness) / np.sqrt(len(cell)) * (1 + 2 * times**2) / 6
    error = cell.std(ddof=1) / np.sqrt(len(cell))
    below, above = row["estimate"] - row["low"], row["high"] - row["estimate"]
    assert (below, above)[:: -1 if skewness < 0 else 1] == pytest.approx((times * error, (times + more) * error))


def test_the_peak_is_that_of_a_local_line():
    sweep = toys.make(toys.INTERIOR, 500, 4)
    u = sweep.space["learning_rate"].to_unit(sweep.values("learning_rate"))
    y, grid = Design(sweep).ranks, np.linspace(0, 1, 41)
    # np.polyfit weighs residuals, not their squares.
    lines = [np.polyfit(u - g, y, 1, w=np.exp(-0.25 * ((u - g) / 0.12) ** 2))[1] for g in grid]
    found = peak(u, y, np.zeros((1, 500), dtype=int))
    assert found.best == pytest.approx(grid[int(np.argmax(lines))])
