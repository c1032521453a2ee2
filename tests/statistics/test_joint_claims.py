"""Do limits and adjusted p-values hold for many claims at once? Exact cases, and what each claim alone says."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.statistics import joint_claims
from hpanalysis.statistics.differences import compare
from hpanalysis.statistics.joint_claims import DRAWS, Claims, Family, Simultaneous, simultaneous
from hpanalysis.statistics.outcomes import OTHERS

ONE = norm.isf(0.025)


def claims_of(covariance, *, estimate=None, strata=1):
    """Differences of means with a known covariance, the same in every stratum."""
    covariance = np.atleast_2d(covariance).astype(float)
    count = len(covariance)
    estimate = np.zeros(count) if estimate is None else np.asarray(estimate, dtype=float)
    weights = np.full((strata, count), 1 / strata)
    alone = np.tile(np.sqrt(np.diag(covariance)), (strata, 1))
    pooled = np.sqrt(np.diag(covariance) / strata) if strata > 1 else np.full(count, np.nan)
    shape = (strata, count)
    return Claims(
        claims=tuple((c + 1, 0, "mean") for c in range(count)),
        estimate=np.tile(estimate, (strata + 1, 1)),
        se=np.vstack([pooled[None], alone]),
        df=np.full((strata + 1, count), np.inf),
        n=np.full((strata + 1, count), 100),
        weights=weights,
        covariances=(covariance,) * strata,
        strata=tuple(range(strata)),
        parts=np.tile(estimate, (strata, 1)),
        arms=np.full((*shape, 2), 50.0),
        factor=np.ones(shape),
        third=np.zeros(shape),
        rates=np.zeros((*shape, 2)),
        crossed=np.ones(count),
    )


def shared(found: Simultaneous) -> float:
    """The critical value that all claims share."""
    (value,) = {float(x) for part in found.critical for x in part[np.isfinite(part)]}
    return value


def critical(*parts, **family):
    return shared(simultaneous(parts, Family(**family), rng=0))


def sidak(count, level=0.05):
    return norm.isf((1 - (1 - level) ** (1 / count)) / 2)


@pytest.fixture(
    scope="module", params=["ADDITIVE", "CONFOUNDED", "CLUSTERED", "TWINS", "SURVIVORSHIP", "ADAPTIVE", "BIMODAL"]
)
def claims(request):
    """Every pair of levels of a hyperparameter on every scale, of sweeps of all kinds."""
    design = Design(toys.make(getattr(toys, request.param), 500, 1))
    g, outcomes = design.groups("optimizer"), design.outcomes("optimizer")
    return compare(outcomes, g.codes, g.pairs, outcomes.measures)


def test_one_claim_alone_needs_what_it_needs_alone():
    one = claims_of([[4.0]], estimate=[3.0])
    found = simultaneous([one], Family(), rng=0)
    assert shared(found) == ONE == pytest.approx(1.96, abs=1e-4)
    assert (found.low[0][1, 0], found.high[0][1, 0]) == pytest.approx((3 - ONE * 2, 3 + ONE * 2), rel=1e-12)
    assert found.p[0][1, 0] == pytest.approx(2 * norm.sf(1.5), rel=1e-12) == one.p[1, 0]
    assert np.isnan([found.low[0][0, 0], found.p[0][0, 0]]).all()


def test_copies_of_a_claim_cost_nothing():
    copies = claims_of(np.ones((5, 5)))
    # Drawn from 20,000: good to about .013.
    assert ONE <= critical(copies) == pytest.approx(ONE, abs=0.03)


@pytest.mark.parametrize("count", [2, 4, 10])
def test_independent_claims_need_sidaks_value_within_a_part_and_over_parts(count):
    assert critical(claims_of(np.eye(count))) == pytest.approx(sidak(count), abs=0.03)
    assert critical(*(claims_of([[2.0]]) for _ in range(count))) == pytest.approx(sidak(count), abs=0.03)


def test_an_average_and_its_two_parts_need_less_than_three_and_more_than_two():
    both = claims_of([[1.0]], strata=2)
    assert sidak(2) < critical(both) < sidak(3)
    # Exact by simulation of the two: max(|a|, |b|, |a + b| / sqrt 2).
    a, b = np.random.default_rng(0).normal(size=(2, 1_000_000))
    exact = np.quantile(np.max(np.abs([a, b, (a + b) / np.sqrt(2)]), axis=0), 0.95)
    assert critical(both) == pytest.approx(exact, abs=0.03)


def test_a_share_of_the_error_is_that_much_less_and_p_is_compared_with_the_level_of_the_family():
    one = claims_of([[1.0]], estimate=[2.5])
    part = simultaneous([one], Family("whole report", 0.05, 0.2), rng=0)
    assert shared(part) == pytest.approx(norm.isf(0.005))
    assert part.p[0][1, 0] == pytest.approx(2 * norm.sf(2.5) / 0.2)


def test_no_p_is_smaller_than_the_gate_and_no_limit_moves_by_it():
    one = claims_of([[1.0]], estimate=[4.0])
    open_, gated = (simultaneous([one], Family(share=0.5, gate=gate), rng=0) for gate in (0.0, 0.02))
    assert open_.p[0][1, 0] == pytest.approx(2 * norm.sf(4) / 0.5) and gated.p[0][1, 0] == pytest.approx(0.02)
    assert gated.low[0][1, 0] == open_.low[0][1, 0] and shared(gated) == shared(open_)
    assert simultaneous([one], Family(share=0.5, gate=0.7), rng=0).p[0][1, 0] == 0.7


def test_a_group_against_all_others_spends_its_half_without_a_gate():
    one = claims_of([[1.0]], estimate=[4.0])
    rest = replace(one, claims=((1, OTHERS, "mean"),))
    pair, alone = (found.p[0][1, 0] for found in (simultaneous([x], Family(gate=0.7), rng=0) for x in (one, rest)))
    assert pair == 0.7 and alone == pytest.approx(2 * norm.sf(4) / 0.5)


def test_simultaneous_limits_contain_those_of_each_claim_and_exist_for_the_same_ones(claims):
    found, (low, high) = simultaneous([claims], Family(), rng=0), claims.interval()
    known = np.isfinite(claims.se)
    assert known.any() and (np.isfinite(found.low[0]) == known).all() and (np.isfinite(found.p[0]) == known).all()
    assert (found.low[0][known] <= low[known]).all() and (found.high[0][known] >= high[known]).all()
    assert (found.low[0][known] < low[known]).mean() > 0.9
    assert (found.p[0][known] >= claims.p[known]).all()


@pytest.mark.parametrize("share", [1.0, 0.04])
def test_p_is_at_most_the_level_exactly_where_the_limits_exclude_no_difference(claims, share):
    found = simultaneous([claims], Family(share=share), rng=0)
    known = np.isfinite(claims.se)
    null = np.broadcast_to(claims.null, known.shape)[known]
    excludes = (found.low[0][known] > null) | (found.high[0][known] < null)
    p = found.p[0][known]
    assert excludes[p <= 0.05].all()
    # The threshold is interpolated between two neighbouring draws: a claim between them may be one draw off.
    assert (p[excludes] <= 0.05 + 2 / DRAWS / share).all()


def test_there_are_claims_on_both_sides_of_the_level():
    design = Design(toys.make(toys.ADDITIVE, 500, 1))
    g, outcomes = design.groups("optimizer"), design.outcomes("optimizer")
    p = simultaneous([compare(outcomes, g.codes, g.pairs, outcomes.measures)], Family(), rng=0).p[0]
    assert 2 <= (p <= 0.05).sum() <= np.isfinite(p).sum() - 2


def test_several_parts_are_no_narrower_than_each_alone():
    design = Design(toys.make(toys.ADDITIVE, 600, 2))
    g, other, outcomes = design.groups("augmentation"), design.groups("depth"), design.outcomes("augmentation")
    parts = [
        compare(outcomes, np.where(other.codes == o, g.codes, -1), g.pairs, outcomes.measures)
        for o in range(len(other.labels))
    ]
    both = simultaneous(parts, Family(), rng=0)
    for i, part in enumerate(parts):
        alone, known = simultaneous([part], Family(), rng=0), np.isfinite(part.se)
        assert shared(both) > shared(alone)
        assert (both.low[i][known] <= alone.low[0][known]).all() and (both.high[i][known] >= alone.high[0][known]).all()
        assert (both.p[i][known] >= alone.p[0][known] - 0.01).all()


def test_a_unit_or_a_turned_goal_moves_no_threshold():
    rng = np.random.default_rng(3)
    root = rng.normal(size=(4, 4))
    plain = claims_of(root @ root.T)
    scaled = claims_of(1e-12 * root @ root.T)
    assert critical(scaled) == pytest.approx(critical(plain), rel=1e-6)
    turned = np.diag([1.0, -1.0, 1.0, -1.0])
    names = ((1, 0, "p_better"), (1, 0, "mean"), (2, 0, "p_better"), (2, 0, "mean successful"))
    one, other = (replace(claims_of(c), claims=names) for c in (root @ root.T, turned @ root @ root.T @ turned))
    higher, lower = (
        simultaneous([c], Family(), rng=0, lower_is_better=turn) for c, turn in ((one, False), (other, True))
    )
    assert shared(lower) == pytest.approx(shared(higher), rel=1e-12)


def test_draws_follow_the_seed_alone(claims):
    first, same, other = (simultaneous([claims], Family(), rng=rng) for rng in (5, np.random.default_rng(5), 6))
    assert shared(first) == shared(same) != shared(other)
    assert shared(first) == pytest.approx(shared(other), abs=0.06)


def test_all_limits_hold_together_as_often_as_they_promise(monkeypatch):
    """Estimates drawn around a truth, with correlated claims in two strata: 2,000 times, at 90 %."""
    monkeypatch.setattr(joint_claims, "DRAWS", 100_000)
    covariance = 0.7 + 0.3 * np.eye(3)
    threshold = critical(claims_of(covariance, strata=2), level=0.1)
    rng = np.random.default_rng(1)
    drawn = rng.multivariate_normal(np.zeros(3), covariance, (2000, 2))
    z = np.concatenate([drawn, drawn.mean(axis=1, keepdims=True) * np.sqrt(2)], axis=1)
    missed = (np.abs(z) > threshold).any(axis=(1, 2)).mean()
    assert missed == pytest.approx(0.1, abs=3 * np.sqrt(0.1 * 0.9 / 2000))


def test_averages_that_come_first_share_the_error_among_themselves_alone():
    claims = claims_of(np.eye(2), estimate=[2.5, 0.0], strata=4)
    plain, first = (simultaneous([claims], Family(pooled_first=first), rng=0) for first in (False, True))
    assert first.critical[0][0] == pytest.approx(sidak(2), abs=0.03)
    assert np.array_equal(first.critical[0][1:], plain.critical[0][1:])
    assert (first.p[0][0] <= plain.p[0][0]).all() and (first.p[0][0] < plain.p[0][0]).any()
    assert (first.low[0][0] > plain.low[0][0]).all() and np.array_equal(first.low[0][1:], plain.low[0][1:])


def test_pairs_and_levels_against_all_others_have_a_half_of_the_error_each():
    claims = claims_of(np.eye(3))
    mixed = replace(claims, claims=((1, 0, "mean"), (0, OTHERS, "mean"), (1, OTHERS, "mean")))
    found = simultaneous([mixed], Family(), rng=0).critical[0][1]
    assert found[0] == pytest.approx(norm.isf(0.0125), abs=0.03)
    assert found[1:] == pytest.approx(sidak(2, 0.025), abs=0.03)
