"""Is a permutation p-value of HSIC that of the definition, and valid where nothing matters?"""

import numpy as np
import pytest
from scipy.stats import binom, hypergeom, kstest

from hpanalysis import UserError, hsic
from tests.statistics.hsic.test_goal_oriented import KINDS, dense, dense_largest, table

MIXED = (hsic.Continuous(), hsic.Continuous(), hsic.Discrete(4, "delta"), hsic.Discrete(6))


def null_sweep(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Columns of mixed kinds, one of them inactive in about a third of the runs, and errors apart from all of them."""
    x = np.column_stack([rng.random((n, 2)), rng.integers(0, 4, n), rng.integers(0, 6, n)])
    x[rng.random(n) < 0.3, 1] = np.nan
    return x, rng.standard_normal(n)


def null_p(sweeps: int, bandwidth: float | str, permutations: int = 99, n: int = 120) -> np.ndarray:
    """p-values of every column in many sweeps where nothing matters, shape (sweeps, columns)."""
    goal, rng = hsic.Goal(MIXED, bandwidth=bandwidth), np.random.default_rng(11)
    return np.array([hsic.permutation_test(*null_sweep(n, rng), goal, permutations=permutations, rng=rng).p
                     for _ in range(sweeps)])  # fmt: skip


@pytest.mark.parametrize("bandwidth", [0.2, "maximum"])
def test_p_is_the_dense_one_under_the_same_permutations(bandwidth):
    x, errors = table(60)
    terms = ((0,), (2,), (3,), (4,), (0, 1), (0, 4), (2, 3), (4, 5))
    found = hsic.permutation_test(x, errors, hsic.Goal(KINDS, bandwidth=bandwidth, terms=terms), permutations=39, rng=5)
    best = errors <= np.sort(errors)[5]
    draws = []
    for rows in hsic.memberships(best, 39, rng=5):
        draws.append(np.zeros(60, dtype=bool))
        draws[-1][rows] = True

    def value(z, term):
        return dense(x, z, term, bandwidth) if bandwidth != "maximum" else dense_largest(x, z, term)

    for number, term in enumerate(terms):
        seen, drawn = value(best, term), np.array([value(z, term) for z in draws])
        assert found.drawn[:, number] == pytest.approx(drawn, rel=1e-12 if bandwidth != "maximum" else 1e-5)
        ties = drawn >= seen * (1 - 1e-9)
        assert found.p[number] == (1 + ties.sum()) / 40
        assert found.floor[number] == pytest.approx(np.quantile(drawn, 0.95), rel=1e-5)


def test_a_conditional_column_is_permuted_where_it_is_active():
    x, errors = table(120)
    x[x[:, 3] == 1, 1] = np.nan
    goal = hsic.Goal(KINDS, bandwidth=0.2, terms=((1,),))
    found = hsic.permutation_test(x, errors, goal, permutations=49, rng=3)
    rows = ~np.isnan(x[:, 1])
    alone = hsic.permutation_test(x[rows], errors[rows], goal, permutations=49, rng=3)
    assert found.p == alone.p and (found.drawn == alone.drawn).all()


def test_the_bandwidth_is_maximised_again_in_each_draw():
    """At the bandwidth that suits the data best, draws are smaller, and p would be too small."""
    x, errors = null_sweep(150, np.random.default_rng(1))
    again = hsic.permutation_test(x, errors, hsic.Goal(MIXED), permutations=199, rng=0)
    chosen = again.indices.bandwidth[0]
    fixed = hsic.permutation_test(x, errors, hsic.Goal(MIXED, bandwidth=float(chosen)), permutations=199, rng=0)
    assert (again.drawn[:, 0] >= fixed.drawn[:, 0] * (1 - 1e-6)).all()
    assert again.p[0] >= fixed.p[0]


def in_band(p: np.ndarray, level: float) -> bool:
    """Whether no more p-values lie below the level than 999 times in 1,000 by chance."""
    return np.sum(p <= level) <= binom.ppf(0.999, len(p), level)


@pytest.mark.parametrize("bandwidth", [0.2, "maximum"])
def test_p_is_valid_where_nothing_matters(bandwidth):
    p = null_p(150, bandwidth)
    assert all(in_band(column, level) for column in p.T for level in (0.05, 0.1))
    assert kstest(p[:, 0], "uniform").pvalue > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("bandwidth", [0.2, "maximum", "median"])
def test_p_is_valid_in_a_thousand_sweeps_where_nothing_matters(bandwidth):
    p = null_p(1000, bandwidth, permutations=199)
    assert all(in_band(column, level) for column in p.T for level in (0.01, 0.05, 0.1))
    assert all(kstest(p[:, j], "uniform").pvalue > 1e-3 for j in (0, 1))


def test_what_matters_is_found_and_the_rest_stays_on_the_floor():
    x, errors = table(600)
    found = hsic.permutation_test(x, errors, hsic.Goal(KINDS), permutations=199, rng=0)
    assert (found.p[[0, 2]] == 1 / 200).all() and (found.indices.index[[0, 2]] > 3 * found.floor[[0, 2]]).all()
    assert (found.p[[1, 4, 5]] > 0.01).all()


def test_a_pair_is_found_where_neither_column_is():
    rng = np.random.default_rng(0)
    x = rng.random((800, 2))
    errors = -1.0 * ((x[:, 0] > 0.5) ^ (x[:, 1] > 0.5)) + 0.01 * rng.random(800)
    goal = hsic.Goal((hsic.Continuous(),) * 2, quantile=0.3, bandwidth=0.3, terms="all")
    found = hsic.permutation_test(x, errors, goal, permutations=99, rng=0)
    assert (found.p[:2] > 0.05).all() and found.p[2] == 0.01


def test_draws_stay_within_blocks():
    """A column that only tells the blocks apart has nothing to say within them."""
    rng = np.random.default_rng(0)
    blocks = np.repeat(["easy", "hard"], 200)
    x = np.where(blocks == "easy", rng.random(400) / 2, 0.5 + rng.random(400) / 2)[:, None]
    errors = rng.random(400) + (blocks == "hard")
    goal = hsic.Goal((hsic.Continuous(),))
    assert hsic.permutation_test(x, errors, goal, permutations=99, rng=0).p[0] == 0.01
    assert hsic.permutation_test(x, errors, goal, permutations=99, rng=0, blocks=blocks).p[0] > 0.05
    best = errors <= np.sort(errors)[39]
    for rows in hsic.memberships(best, 20, rng=0, blocks=blocks):
        assert len(set(rows)) == 40 and (blocks[rows] == "easy").sum() == (best & (blocks == "easy")).sum()


def test_every_run_is_drawn_equally_often():
    best = np.arange(30) < 6
    counts = np.bincount(np.concatenate(list(hsic.memberships(best, 3000, rng=0))), minlength=30)
    assert counts == pytest.approx(np.full(30, 600), abs=5 * np.sqrt(3000 * 0.16))


def test_the_draws_of_two_levels_follow_the_hypergeometric_law():
    x = (np.arange(40) < 10).astype(float)[:, None]
    errors = np.random.default_rng(0).random(40)
    goal = hsic.Goal((hsic.Discrete(2, "delta"),), quantile=0.2)
    drawn = hsic.permutation_test(x, errors, goal, permutations=2000, rng=0).drawn[:, 0]
    # S = (m/n)^2 2 (k/m - 10/40)^2, smallest where k = 2 of the 8 best have the level
    assert np.mean(drawn < 1e-12) == pytest.approx(hypergeom(40, 10, 8).pmf(2), abs=0.04)


def test_the_same_seed_gives_the_same_table_and_many_draws_come_in_batches(monkeypatch):
    x, errors = table(150)
    goal = hsic.Goal(KINDS, bandwidth=0.2)
    once = hsic.permutation_test(x, errors, goal, permutations=50, rng=2)
    monkeypatch.setattr("hpanalysis.statistics.hsic.permutation.MEMORY", 300)
    again = hsic.permutation_test(x, errors, goal, permutations=50, rng=2)
    assert again.drawn == pytest.approx(once.drawn, rel=1e-10) and (again.p == once.p).all()
    assert (hsic.permutation_test(x, errors, goal, permutations=50, rng=3).drawn != once.drawn).any()


def test_nothing_to_see_has_p_one():
    x, _ = table(100)
    assert (hsic.permutation_test(x, np.zeros(100), hsic.Goal(KINDS), permutations=9, rng=0).p == 1).all()
    x[:, 0] = np.nan
    found = hsic.permutation_test(x, x[:, 1], hsic.Goal(KINDS), permutations=9, rng=0)
    assert np.isnan(found.p[0]) and np.isnan(found.floor[0]) and np.isfinite(found.p[1:]).all()


def test_an_error_names_the_value_and_the_choices():
    x, errors = table(40)
    with pytest.raises(UserError, match="permutations is 0: ask for 1 or more"):
        hsic.permutation_test(x, errors, hsic.Goal(KINDS), permutations=0, rng=0)
    with pytest.raises(UserError, match=r"blocks has shape \(3,\): give \(40,\)"):
        hsic.permutation_test(x, errors, hsic.Goal(KINDS), rng=0, blocks=[1, 2, 3])
