"""The number of places with an effect: against every subset, exact cases, Holm's rejections and simulation."""

from itertools import combinations

import numpy as np
import pytest
from scipy.stats import binomtest, chi2, combine_pvalues, norm

from hpanalysis.statistics.closed_testing import LARGEST, count_effects, share_in_general
from hpanalysis.statistics.multiplicity import holm


def fisher_of(p):
    few = p[p <= LARGEST]
    # scipy: combine_pvalues(few / .5, method="fisher")
    return combine_pvalues(few / LARGEST, method="fisher").pvalue if len(few) else 1.0


def bonferroni_of(p):
    return min(1.0, len(p) * p.min())


def by_every_subset(p, level, test):
    """Closed testing as it is defined: a set is rejected if the test rejects it and all sets that hold it."""
    sets = [frozenset(s) for size in range(1, len(p) + 1) for s in combinations(range(len(p)), size)]
    local = {s: test(p[sorted(s)]) <= level for s in sets}
    closed = {s: all(local[t] for t in sets if s <= t) for s in sets}
    return len(p) - max((len(s) for s in sets if not closed[s]), default=0)


@pytest.mark.parametrize("independent", [True, False])
@pytest.mark.parametrize("seed", range(12))
def test_the_bound_is_that_of_closed_testing_over_all_subsets(independent, seed):
    rng = np.random.default_rng(seed)
    p = norm.sf(rng.normal(rng.choice([-3.0, 0.0, 2.0, 3.5], 7), 1.0))
    test = fisher_of if independent else bonferroni_of
    for level in (0.001, 0.05, 0.3):
        assert count_effects(p, level, independent=independent).at_least == by_every_subset(p, level, test)


def test_one_place_is_its_own_test():
    # Given that it is at most one half, twice the p-value is what counts.
    assert count_effects([0.025], 0.05) == (1, pytest.approx(0.05))
    assert count_effects([0.0251], 0.05).at_least == 0
    assert count_effects([0.05], 0.05, independent=False) == (1, pytest.approx(0.05))


def test_two_equal_places_have_the_closed_form_of_fisher():
    # chi-squared with 4 degrees of freedom: (1 + x / 2) exp(-x / 2), where exp(-x / 2) is the product.
    product = (2 * 0.1) ** 2
    assert count_effects([0.1, 0.1], 0.2).p == pytest.approx(product * (1 - np.log(product)))
    assert chi2.sf(-2 * np.log(product), 4) == pytest.approx(product * (1 - np.log(product)))


def test_without_independence_it_counts_the_rejections_of_holm():
    p = norm.sf(np.random.default_rng(3).normal(2.0, 1.5, 94))
    assert count_effects(p, 0.05, independent=False).at_least == int((holm(p) <= 0.05).sum()) > 0


def test_what_is_missing_is_no_place_and_order_does_not_matter():
    p = np.array([0.001, np.nan, 0.3, 0.004, 0.9])
    assert count_effects(p, 0.05) == count_effects(p[[4, 0, 2, 3]], 0.05)
    assert count_effects([np.nan], 0.05).at_least == 0 and np.isnan(count_effects([np.nan], 0.05).p)
    assert count_effects([0.9, 0.8], 0.05) == (0, 1.0)
    assert count_effects([0.0, 0.0], 0.05).at_least == 2


@pytest.mark.parametrize("independent", [True, False])
def test_a_smaller_level_and_larger_p_values_never_show_more(independent):
    rng = np.random.default_rng(5)
    for _ in range(50):
        p = norm.sf(rng.normal(1.0, 2.0, 20))
        counts = [count_effects(p, level, independent=independent).at_least for level in (1e-6, 1e-3, 0.05, 0.2)]
        assert counts == sorted(counts)
        assert count_effects(p, 0.05, independent=independent).p <= 0.05 or counts[2] == 0


@pytest.mark.parametrize("places", [10, 94])
def test_the_bound_holds_as_often_as_promised_with_effects_of_both_signs(places):
    rng, level, sweeps = np.random.default_rng(places), 0.1, 3000
    truth = np.resize([2.5, 2.5, 0.0, -2.5, 0.0], places)
    over = {True: 0, False: 0}
    for _ in range(sweeps):
        p = norm.sf(rng.normal(truth, 1.0))
        for independent in over:
            over[independent] += count_effects(p, level, independent=independent).at_least > (truth > 0).sum()
    for count in over.values():
        assert binomtest(count, sweeps).proportion_ci(0.99).low <= level


def test_the_bound_of_no_effect_at_all_is_exact():
    rng, sweeps = np.random.default_rng(8), 4000
    above = sum(count_effects(rng.random(30), 0.1).at_least > 0 for _ in range(sweeps))
    low, high = binomtest(above, sweeps).proportion_ci(0.99)
    assert low <= 0.1 <= high


def test_shared_luck_breaks_the_test_of_independent_places_and_not_the_other():
    rng, sweeps, level = np.random.default_rng(9), 2000, 0.05
    over = {True: 0, False: 0}
    for _ in range(sweeps):
        p = norm.sf(np.sqrt(0.8) * rng.normal() + np.sqrt(0.2) * rng.normal(size=30))
        for independent in over:
            over[independent] += count_effects(p, level, independent=independent).at_least > 0
    assert over[True] > 2 * level * sweeps and over[False] <= level * sweeps


def test_the_share_in_general_is_the_exact_limit():
    # scipy: binomtest(71, 94, alternative="greater").proportion_ci(0.99, method="exact").low
    expected = binomtest(71, 94, alternative="greater").proportion_ci(0.99, method="exact").low
    assert share_in_general(71, 94, 0.01) == pytest.approx(expected)
