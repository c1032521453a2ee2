"""Do the intervals of the page hold as often as they say? Counted on simulated sweeps whose truth is known."""

import numpy as np
import pytest

from tests.views.reference import lift_interval, sure_share

DRAWS = 2000


def tenth(rng, runs, levels, shift):
    """A level for each run, and whether it is among the best tenth; the first level is better or worse by `shift`."""
    level = rng.integers(levels, size=runs)
    score = rng.normal(size=runs) + shift * (level == 0)
    return level, score > np.quantile(score, 0.9)


@pytest.mark.parametrize("runs", [200, 2000])
@pytest.mark.parametrize("levels", [2, 5])
@pytest.mark.parametrize("shift", [-0.8, 0.0, 0.8])
def test_the_interval_of_a_lift_holds_nineteen_times_of_twenty(runs, levels, shift):
    rng = np.random.default_rng(0)
    level, good = tenth(rng, 2_000_000, levels, shift)
    truth = (level[good] == 0).mean() * levels
    held = 0
    for _ in range(DRAWS):
        level, good = tenth(rng, runs, levels, shift)
        own = level == 0
        found = lift_interval((own & good).sum(), own.sum(), good.sum(), runs)
        held += found.low <= truth <= found.high
    # A share of so few good runs is coarse: the coverage wavers around what is said, as Wilson's does.
    assert 0.93 < held / DRAWS < 0.99, held / DRAWS


def test_it_holds_where_runs_share_configurations():
    rng = np.random.default_rng(1)
    held, configurations, seeds = 0, 200, 5
    for _ in range(DRAWS):
        level = rng.integers(2, size=configurations)
        score = np.repeat(rng.normal(size=configurations), seeds) + 0.1 * rng.normal(size=configurations * seeds)
        good = score > np.quantile(score, 0.9)
        own = np.repeat(level == 0, seeds)
        times = good.reshape(configurations, seeds).sum(axis=1)
        design = (times**2).sum() / times.sum()
        found = lift_interval((own & good).sum(), own.sum(), good.sum(), len(score), design=design)
        held += found.low <= 1 <= found.high
    assert 0.93 < held / DRAWS, held / DRAWS


@pytest.mark.parametrize("base", [0.02, 0.1, 0.3])
@pytest.mark.parametrize("runs", [20, 60, 600])
def test_the_intervals_of_all_pairs_hold_together(base, runs):
    rng = np.random.default_rng(2)
    pairs = 200
    limits = [sure_share(hits, runs, 0.025 / pairs) for hits in range(runs + 1)]
    wrong = np.array([not low <= base <= high for low, high in limits])
    hits = rng.binomial(runs, base, size=(DRAWS, pairs))
    assert wrong[hits].any(axis=1).mean() < 0.05
