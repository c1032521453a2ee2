"""Differences in the best of k: exact cases, invariances, and that limits and p-values say the same."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from hpanalysis.statistics.best_of_k import best_of_k, lower_limit
from hpanalysis.statistics.chosen import Chosen, best_reported
from hpanalysis.statistics.distributions import normal_isf
from hpanalysis.statistics.tuned import Cell, Pair, Tuned


def chosen_by(score, reported=None, *, k=5, up=1.0, median=False, examples=None):
    return Chosen(score, up * score if reported is None else reported, up, k, median, examples)


def difference(chosen, codes, cluster=None):
    cluster = np.arange(len(codes)) if cluster is None else cluster
    cells = [Cell.of(chosen, np.flatnonzero(codes == g), cluster[codes == g]) for g in (1, 0)]
    pair = Pair(*cells)
    se = float(np.sqrt(sum(cell.variance for cell in cells)))
    return Tuned.of([(1.0, pair, pair.noise(0))], estimate=pair.estimate, se=se, df=pair.freedom)


@pytest.fixture
def runs():
    rng = np.random.default_rng(5)
    codes = rng.integers(0, 2, 300)
    return rng.normal(0.0, 0.1, 300) + 0.1 * codes, codes


def test_the_expected_test_score_of_the_best_of_k_is_that_of_every_subset_with_ties_at_random():
    score = np.array([0.3, 0.1, 0.3, 0.2, 0.3, 0.1, 0.4])
    test = np.array([1.0, 2.0, 5.0, 3.0, 8.0, 4.0, 7.0])

    def every_subset(score, test):
        best = []
        for part in combinations(range(len(score)), 3):
            top = score[list(part)].max()
            best.append(np.mean([test[i] for i in part if score[i] == top]))
        return np.mean(best)

    estimate, influence = best_reported(score, chosen_by(score, k=3), test)
    assert estimate == pytest.approx(every_subset(score, test), rel=1e-12)
    left_out = np.array([every_subset(np.delete(score, i), np.delete(test, i)) for i in range(7)])
    assert influence == pytest.approx((left_out.mean() - left_out) * np.sqrt(6 / 7), rel=1e-10)


def test_where_the_score_is_reported_it_is_the_best_of_k(runs):
    score, _ = runs
    estimate, influence = best_reported(score, chosen_by(score, k=20), score)
    known, each = best_of_k(score, 20)
    assert estimate == pytest.approx(known, rel=1e-12)
    assert influence == pytest.approx(each, rel=1e-9, abs=1e-15)


def test_the_median_best_of_k_is_harrell_and_daviss_quantile(runs):
    from scipy.stats.mstats import hdquantiles

    score, _ = runs
    estimate, _ = best_reported(score, chosen_by(score, k=10, median=True), score)
    assert estimate == pytest.approx(float(hdquantiles(score, [0.5**0.1])[0]), rel=1e-9)


def test_a_tilt_of_one_cell_is_the_known_lower_limit(runs):
    score, codes = runs
    unit = np.arange(300) // 2
    cell = Cell.of(chosen_by(score), np.flatnonzero(codes == 1), unit[codes == 1])
    one = Tuned([cell], np.array([1.0]), cell.estimate, float(np.sqrt(cell.variance)), 1e9)
    tilted = one.estimate + one._moved(one._tilted(-one._tilt(-1, 1.959964)))
    assert tilted == pytest.approx(lower_limit(score[codes == 1], 5, unit[codes == 1]), rel=1e-7)


@pytest.mark.parametrize("median", [False, True])
def test_limits_leave_no_difference_out_exactly_where_p_is_small_enough(runs, median):
    score, codes = runs
    found = difference(chosen_by(score, median=median), codes)
    assert 0 < found.p < 0.01
    at = float(normal_isf(found.p / 2))
    assert found.limits(at * 0.999)[0] > 0 > found.limits(at * 1.001)[0]
    assert found.limits(at)[0] == pytest.approx(0.0, abs=1e-6)


def test_limits_turn_with_the_metric_and_with_the_levels(runs):
    score, codes = runs
    low, high = difference(chosen_by(score), codes).limits(3.0)
    # A loss is seen with its sign turned; a pair from its other side.
    assert difference(chosen_by(score, up=-1.0), codes).limits(3.0) == pytest.approx((-high, -low), rel=1e-9)
    assert difference(chosen_by(score), 1 - codes).limits(3.0) == pytest.approx((-high, -low), rel=1e-9)


def test_repeats_of_a_configuration_count_once(runs):
    score, codes = runs
    twice, both = np.repeat(score, 2), np.repeat(codes, 2)
    alone = difference(chosen_by(score), codes)
    found = difference(chosen_by(twice), both, np.repeat(np.arange(300), 2))
    # The best of k of doubled runs is nearly that of the runs, and just as uncertain.
    assert found.se == pytest.approx(alone.se, rel=0.15)
    assert difference(chosen_by(twice), both).se < 0.8 * alone.se


def test_a_sign_that_differs_between_what_chose_and_what_is_reported_is_not_shown(runs):
    score, codes = runs
    found = difference(chosen_by(score, score - 0.16 * codes), codes)
    assert found.selected > 0 > found.estimate
    assert found.p == 1.0
    low, high = found.limits(2.0)
    assert low < 0 <= high


def test_a_level_none_of_whose_runs_came_near_has_a_direction_and_no_size():
    rng = np.random.default_rng(0)
    codes = np.repeat([0, 1], 100)
    score = np.where(codes == 1, 0.9, 0.1) + rng.normal(0, 0.01, 200)
    found = difference(chosen_by(score), codes)
    assert found.p < 1e-6
    assert np.isnan(found.limits(2.0)).all()


def test_a_difference_within_the_noise_of_the_validation_set_is_not_shown(runs):
    score, codes = runs
    share = np.clip(0.7 + 0.2 * score, 0, 1)
    known = difference(chosen_by(share, examples=np.array([np.nan])), codes)
    few = difference(chosen_by(share, examples=np.array([100.0])), codes)
    many = difference(chosen_by(share, examples=np.array([1e9])), codes)
    assert known.p < 0.01 and many.p == pytest.approx(known.p, rel=0.05)
    assert few.p == 1.0 and few.limits(2.0)[0] < 0 < few.limits(2.0)[1]


def test_no_interval_is_offered_with_too_few_units_or_at_a_ceiling(runs):
    score, _ = runs
    rows = np.arange(300)
    assert Cell.of(chosen_by(score, k=60), rows, rows) is not None
    assert Cell.of(chosen_by(score, k=61), rows, rows) is None
    assert Cell.of(chosen_by(score), rows, rows // 11) is None
    ceiling = np.minimum(score, np.quantile(score, 0.9))
    assert Cell.of(chosen_by(ceiling, k=5), rows, rows) is not None
    assert Cell.of(chosen_by(ceiling, k=10), rows, rows) is None
