"""Is the goal-oriented index the one of its definition, for every kernel, kind, pair and bandwidth, however it is read?

The dense functions below are the definition, with n x n matrices; other tests of HSIC use them too.
"""

import itertools

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize_scalar

from hpanalysis import UserError, hsic
from hpanalysis.statistics.hsic.features import smeared
from hpanalysis.statistics.hsic.goal import SEARCH

KINDS = (
    *(hsic.Continuous(), hsic.Continuous()),
    *(hsic.Discrete(5), hsic.Discrete(3, "delta"), hsic.Discrete(4, "expected"), hsic.Discrete(2, "expected")),
)
UNSCALED = 1.0


def table(n: int, rng: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Columns of all kinds, and errors that depend on three of them."""
    rng = np.random.default_rng(rng)
    codes = [rng.integers(0, kind.levels, n) for kind in KINDS[2:]]
    x = np.column_stack([rng.random(n), rng.random(n) ** 2, *codes])
    return x, (x[:, 0] - 0.3) ** 2 + 0.1 * x[:, 2] * (x[:, 3] > 0) + 0.05 * rng.standard_normal(n)


def jittered(kind: hsic.Discrete, h: float) -> np.ndarray:
    """The Gaussian kernel between cells, averaged over both jitters by numerical integration."""

    def one(apart: int) -> float:
        def f(d: float) -> float:
            return (1 - abs(d)) * np.exp(-((apart + d) ** 2) / (2 * (h * kind.levels) ** 2))

        return sum(quad(f, *ends, epsabs=1e-14, epsrel=1e-13)[0] for ends in [(-1, 0), (0, 1)])

    row = np.array([one(apart) for apart in range(kind.levels)])
    levels = np.arange(kind.levels)
    return row[np.abs(levels[:, None] - levels)]


def gram(column: np.ndarray, kind: object, h: float) -> np.ndarray:
    """The kernel matrix of one column, shape (n, n)."""
    if isinstance(kind, hsic.Discrete) and kind.kernel == "delta":
        return (column[:, None] == column).astype(float)
    if isinstance(kind, hsic.Discrete) and kind.kernel == "expected":
        codes = column.astype(int)
        kernel = jittered(kind, h)[np.ix_(codes, codes)]
        np.fill_diagonal(kernel, 1.0)
        return kernel
    place = (column + 0.5) / kind.levels if isinstance(kind, hsic.Discrete) else column
    return np.exp(-((place[:, None] - place) ** 2) / (2 * h * h))


def dense(x: np.ndarray, best: np.ndarray, term: tuple[int, ...], h: float, kinds=KINDS) -> float:
    """S = (m / n)^2 a^T K a, by its definition."""
    kernel = gram(x[:, term[0]], kinds[term[0]], h)
    for j in term[1:]:
        kernel = kernel * gram(x[:, j], kinds[j], h)
    a = best / best.sum() - 1 / len(best)
    return best.mean() ** 2 * float(a @ kernel @ a)


def dense_largest(x: np.ndarray, best: np.ndarray, term: tuple[int, ...], kinds=KINDS) -> float:
    """The maximum of S over the bandwidths, by a grid and a search inside its best cell."""
    grid = np.geomspace(*SEARCH, 60)
    values = [dense(x, best, term, h, kinds) for h in grid]
    at = int(np.argmax(values))
    bounds = grid[max(at - 1, 0)], grid[min(at + 1, len(grid) - 1)]
    found = minimize_scalar(lambda h: -dense(x, best, term, h, kinds), bounds=bounds, method="bounded")
    return max(values[at], -found.fun)


def worst(n: int, bandwidth: float | str) -> float:
    """The largest relative error of any column or pair against the dense value at the same bandwidth."""
    x, errors = table(n)
    goal = hsic.Goal(KINDS, bandwidth=bandwidth, terms="all")
    found = hsic.goal_oriented(x, errors, goal)
    best = errors <= hsic.thresholds(x, errors, goal)[0]
    assert best.sum() == np.ceil(n / 10)
    bandwidths = np.where(np.isnan(found.bandwidth), UNSCALED, found.bandwidth)
    expected = [dense(x, best, term, h) for term, h in zip(found.terms, bandwidths, strict=True)]
    return float(np.max(np.abs(found.index / expected - 1)))


@pytest.mark.parametrize("bandwidth", [0.02, 0.05, 0.3, 2.0, "maximum", "median"])
def test_every_kind_and_every_pair_is_the_dense_value_to_rounding(bandwidth):
    assert worst(700, bandwidth) < 1e-12


@pytest.mark.parametrize("bandwidth", [0.05, "maximum"])
def test_three_thousand_runs_are_the_dense_value_to_rounding(bandwidth):
    assert worst(3000, bandwidth) < 1e-12


@pytest.mark.slow
@pytest.mark.parametrize("bandwidth", [0.05, "maximum"])
def test_ten_thousand_runs_are_the_dense_value_to_rounding(bandwidth):
    assert worst(10_000, bandwidth) < 1e-12


def test_the_example_of_the_paper_within_sampling_error():
    """Novello et al. (2023): f = 1{X1 > 1 and X2 > 1} on [0, 2]^2, n = 10,000, q = .24, the share taken as .24."""
    n, found = 10_000, []
    goal = hsic.Goal((hsic.Continuous(), hsic.Continuous()), quantile=0.24)
    for seed in range(8):
        rng = np.random.default_rng(seed)
        bell = 1 + 0.3 * rng.standard_normal(2 * n)
        x2 = 2 * rng.random(n)
        for x1 in (bell[np.abs(bell - 1) <= 1][:n], 2 * rng.random(n)):
            indices = hsic.goal_oriented(np.column_stack([x1, x2]) / 2, -1.0 * ((x1 > 1) & (x2 > 1)), goal)
            nominal = (0.24 * indices.runs / indices.best) ** 2
            found.append([*(indices.index * nominal), *indices.bandwidth])
    normal, uniform = np.mean(found[::2], axis=0), np.mean(found[1::2], axis=0)
    assert normal[:2] == pytest.approx([0.011734053794233687, 0.015510951864444289], abs=5e-4)
    assert uniform[0] == pytest.approx(0.015358380125089251, abs=5e-4)
    assert [normal[2], normal[3], uniform[2]] == pytest.approx([0.1021, 0.2202, 0.2225], abs=0.005)


def test_the_maximum_is_no_less_than_any_bandwidth_and_is_reached():
    x, errors = table(400)
    found = hsic.goal_oriented(x, errors, hsic.Goal(KINDS, terms="all"))
    best = errors <= np.sort(errors)[39]
    for term, index in zip(found.terms, found.index, strict=True):
        assert index == pytest.approx(dense_largest(x, best, term), rel=1e-6)


def test_r2_is_hsic_over_what_each_variable_has_with_itself():
    x, errors = table(500)
    n = len(x)
    centring = np.eye(n) - 1 / n
    best = (errors <= np.sort(errors)[49]).astype(float)

    def value(k, other):
        return np.trace(k @ centring @ other @ centring) / n**2

    found = hsic.goal_oriented(x, errors, hsic.Goal(KINDS, bandwidth=0.2))
    linear = np.outer(best, best)
    for j, r2 in enumerate(found.r2):
        kernel = gram(x[:, j], KINDS[j], 0.2)
        assert value(kernel, linear) == pytest.approx(found.index[j], rel=1e-11)
        expected = found.index[j] / np.sqrt(value(kernel, kernel) * value(linear, linear))
        assert r2 == pytest.approx(expected, rel=1e-11)


def test_the_median_bandwidth_is_the_median_distance_between_different_values():
    x, errors = table(600)
    found = hsic.goal_oriented(x, errors, hsic.Goal(KINDS, bandwidth="median", terms="all"))
    upper = np.triu_indices(600, 1)
    distance = {}
    for j, kind in enumerate(KINDS):
        apart = np.abs(x[:, [j]] - x[:, j])[upper]
        distance[j] = apart[apart > 0] / getattr(kind, "levels", 1)
    for (j,), h in zip(found.terms[:6], found.bandwidth[:6], strict=True):
        if j == 3:
            assert np.isnan(h), "the delta kernel has no bandwidth"
        else:
            assert h == pytest.approx(np.median(distance[j]), abs=2e-3)
    both = found.bandwidth[found.terms.index((0, 1))]
    assert both == pytest.approx(np.median(np.concatenate([distance[0], distance[1]])), abs=2e-3)


@pytest.mark.parametrize("width", [0.02, 0.3, 0.999, 1.0, 5.0, 80.0])
def test_the_expectation_over_jitter_is_the_integral(width):
    apart = np.arange(8)
    expected = [
        sum(
            quad(lambda d, j=j: (1 - abs(d)) * np.exp(-((j + d) ** 2) / (2 * width**2)), *ends, limit=200)[0]
            for ends in [(-1, 0), (0, 1)]
        )
        for j in apart
    ]
    assert smeared(apart, width) == pytest.approx(expected, abs=1e-9, rel=1e-9)


def test_the_expected_kernel_is_the_mean_over_drawn_jitter():
    x, errors = table(300)
    best = errors <= np.sort(errors)[29]
    rng = np.random.default_rng(1)
    drawn = [
        dense(((x[:, [4]] + rng.random((300, 1))) / 4), best, (0,), 0.2, (hsic.Continuous(),)) for _ in range(1000)
    ]
    found = hsic.goal_oriented(x[:, [4]], errors, hsic.Goal(KINDS[4:5], bandwidth=0.2))
    assert abs(found.index[0] - np.mean(drawn)) < 4 * np.std(drawn) / np.sqrt(1000)


class TestConditional:
    """A column that is inactive in some runs is judged in the others, with the quantile taken among them."""

    def test_it_is_the_index_of_the_runs_where_it_is_active(self):
        x, errors = table(900)
        whole = x.copy()
        x[whole[:, 3] == 1, 1] = np.nan
        x[whole[:, 2] < 2, 4] = np.nan
        goal = hsic.Goal(KINDS, bandwidth=0.1, terms="all")
        found = hsic.goal_oriented(x, errors, goal)
        for number, term in enumerate(found.terms):
            rows = ~np.isnan(x[:, term]).any(axis=1)
            alone = hsic.goal_oriented(whole[rows], errors[rows], hsic.Goal(KINDS, bandwidth=0.1, terms=(term,)))
            assert found.runs[number] == rows.sum() and found.best[number] == alone.best[0]
            assert found.index[number] == pytest.approx(alone.index[0], rel=1e-12)

    def test_one_that_is_never_active_has_no_number(self):
        x, errors = table(50)
        x[:, 0] = np.nan
        found = hsic.goal_oriented(x, errors, hsic.Goal(KINDS))
        assert found.runs[0] == 0 and np.isnan([found.index[0], found.r2[0], found.bandwidth[0]]).all()
        assert np.isfinite(found.index[1:]).all()


class TestChunks:
    """Moments add up: a file larger than memory, or several machines, give the same number."""

    @pytest.mark.parametrize("bandwidth", ["maximum", "median", 0.07])
    def test_chunks_and_merged_parts_give_the_same_indices(self, bandwidth):
        x, errors = table(5000)
        x[x[:, 3] == 1, 1] = np.nan
        goal = hsic.Goal(KINDS, bandwidth=bandwidth, terms="all")
        whole = hsic.goal_oriented(x, errors, goal)
        limits = hsic.thresholds(x, errors, goal)
        parts = [hsic.Moments(goal, limits) for _ in range(3)]
        for number, start in enumerate(range(0, 5000, 333)):
            parts[number % 3].update(x[start : start + 333], errors[start : start + 333])
        merged = parts[0].merge(parts[1]).merge(parts[2]).indices()
        for name in ("index", "r2", "bandwidth"):
            assert getattr(merged, name) == pytest.approx(getattr(whole, name), rel=1e-10, nan_ok=True)
        assert (merged.runs == whole.runs).all() and (merged.best == whole.best).all()

    def test_their_size_does_not_depend_on_the_runs(self):
        def size(n):
            x, errors = table(n)
            moments = hsic.Moments(hsic.Goal(KINDS, terms="all"), 0.1).update(x, errors)
            return sum(sums.nbytes for sums in moments._sums)

        assert size(100) == size(10_000)

    def test_moments_of_two_questions_are_not_added(self):
        one, two = (hsic.Moments(hsic.Goal(KINDS), limit) for limit in (0.1, 0.2))
        with pytest.raises(UserError, match=r"limits \[0.2.*merge those of one goal only, here .* limits \[0.1"):
            one.merge(two)


class TestInvariance:
    """What must not matter does not."""

    def test_the_order_of_the_runs(self):
        x, errors = table(2500)
        goal = hsic.Goal(KINDS, terms="all")
        order = np.random.default_rng(3).permutation(2500)
        one, two = hsic.goal_oriented(x, errors, goal), hsic.goal_oriented(x[order], errors[order], goal)
        assert two.index == pytest.approx(one.index, rel=1e-11)

    def test_the_names_of_unordered_levels_and_the_axis_turned_round(self):
        x, errors = table(800)
        goal = hsic.Goal(KINDS, terms="all")
        other = x.copy()
        other[:, 3] = np.array([2, 0, 1])[x[:, 3].astype(int)]
        other[:, 0], other[:, 2] = 1 - x[:, 0], 4 - x[:, 2]
        columns = hsic.Goal(KINDS, terms=tuple(term for term in goal.terms if len(term) == 1 or term == (0, 3)))
        one, two = (hsic.goal_oriented(c, errors, columns) for c in (x, other))
        assert two.index == pytest.approx(one.index, rel=1e-11)

    def test_any_increasing_change_of_the_errors(self):
        x, errors = table(800)
        one, two = (hsic.goal_oriented(x, e, hsic.Goal(KINDS)) for e in (errors, np.exp(5 * errors)))
        assert (one.index == two.index).all()

    def test_a_failed_run_only_has_to_rank_last(self):
        x, errors = table(800)
        failed = errors > np.quantile(errors, 0.7)
        found = hsic.goal_oriented(x, np.where(failed, np.inf, errors), hsic.Goal(KINDS))
        assert (found.index == hsic.goal_oriented(x, errors, hsic.Goal(KINDS)).index).all()

    def test_many_levels_are_a_continuous_column_at_their_middles(self):
        codes = np.random.default_rng(0).integers(0, 300, 2000)
        errors = np.abs(codes - 70.0)
        for bandwidth in (0.1, "maximum", "median"):
            levels = hsic.goal_oriented(codes[:, None], errors, hsic.Goal((hsic.Discrete(300),), bandwidth=bandwidth))
            place = (codes[:, None] + 0.5) / 300
            line = hsic.goal_oriented(place, errors, hsic.Goal((hsic.Continuous(),), bandwidth=bandwidth))
            rel = 1e-11 if bandwidth != "median" else 0.02
            assert levels.index == pytest.approx(line.index, rel=rel)


class TestNothingThere:
    """Nothing to see is 0, never an equal share."""

    def test_a_column_of_one_value_has_index_zero(self):
        _, errors = table(200)
        kinds = (hsic.Continuous(), hsic.Discrete(3), hsic.Discrete(1, "delta"), hsic.Discrete(2, "expected"))
        x = np.column_stack([np.full(200, 0.4), np.ones(200), np.zeros(200), np.ones(200)])
        for bandwidth in ("maximum", "median", 0.3):
            found = hsic.goal_oriented(x, errors, hsic.Goal(kinds, bandwidth=bandwidth))
            assert found.index[:3] == pytest.approx(0, abs=1e-15)
            assert np.isnan(found.r2[:3]).all()

    def test_errors_that_are_all_the_same_have_no_best_runs(self):
        x, _ = table(200)
        found = hsic.goal_oriented(x, np.zeros(200), hsic.Goal(KINDS, terms="all"))
        assert (found.best == 200).all() and found.index == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda x, e: hsic.Discrete(0), "levels is 0: give the number of values"),
        (lambda x, e: hsic.Discrete(3, "linear"), "kernel is 'linear': choose one of atoms, expected, delta"),
        (lambda x, e: hsic.Goal(KINDS, quantile=1), "quantile is 1: give a share between 0 and 1"),
        (lambda x, e: hsic.Goal(KINDS, bandwidth="mean"), "bandwidth is 'mean': choose maximum, median, or a number"),
        (lambda x, e: hsic.Goal(KINDS, bandwidth=0.001), "bandwidth is 0.001: .* from 0.01 to 10"),
        (lambda x, e: hsic.Goal(("continuous",)), r"kind is 'continuous': give hsic.Continuous\(\)"),
        (lambda x, e: hsic.Goal(KINDS, terms="triples"), "terms is 'triples': choose one of main, pairs, all"),
        (lambda x, e: hsic.Goal(KINDS, terms=((0, 6),)), r"term is \(0, 6\): .* of 0 to 5"),
        (lambda x, e: hsic.Goal(KINDS, terms=((1, 1),)), r"term is \(1, 1\): name one column or two different"),
        (lambda x, e: hsic.goal_oriented(x[:, :3], e, hsic.Goal(KINDS)), r"x has shape \(40, 3\): give \(runs, 6\)"),
        (lambda x, e: hsic.goal_oriented(x, e[:9], hsic.Goal(KINDS)), r"errors has shape \(9,\): give \(40,\)"),
        (lambda x, e: hsic.goal_oriented(x, e * np.nan, hsic.Goal(KINDS)), "40 of the errors are NaN: .* inf"),
        (lambda x, e: hsic.goal_oriented(x + 1, e, hsic.Goal(KINDS)), r"column 0 of x holds 1.*map it to \[0, 1\]"),
        (lambda x, e: hsic.goal_oriented(x - 9, e, hsic.Goal(KINDS)), r"column 0 of x holds -.*map it to \[0, 1\]"),
        (lambda x, e: hsic.goal_oriented(x / 2, e, hsic.Goal(KINDS)), "column 2 of x holds 0.5: .* from 0 to 4"),
        (lambda x, e: hsic.Moments(hsic.Goal(KINDS), [1, 2]), r"limits has shape \(2,\): give one number"),
    ],
)
def test_an_error_names_the_value_and_the_choices(make, message):
    x, errors = table(40)
    x[:, 2] = np.arange(40) % 5
    with pytest.raises(UserError, match=message):
        make(x, errors)


def test_terms_can_be_listed():
    pairs = tuple(itertools.combinations(range(6), 2))
    assert hsic.Goal(KINDS, terms="all").terms == hsic.Goal(KINDS).terms + pairs
    x, errors = table(200)
    found = hsic.goal_oriented(x, errors, hsic.Goal(KINDS, bandwidth=0.3, terms=((2,), (0, 2))))
    assert found.terms == ((2,), (0, 2)) and len(found.index) == 2
