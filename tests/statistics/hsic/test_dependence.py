"""Is the HSIC of the whole metric the one of OpenTURNS and of the definition, with both p-values?"""

import numpy as np
import pytest
from scipy.stats import gamma

from hpanalysis import UserError, hsic

# OpenTURNS 1.27 on Ishigami (a = 5, b = .1) at 100 points, bandwidths the sample standard deviations:
# kernels = [ot.SquaredExponential([s]) for s in deviations of X and Y]
# ot.HSICEstimatorGlobalSensitivity(kernels, X, Y, ot.HSICVStat()), and with ot.HSICUStat()
REFERENCE = {
    "v": [0.0233132327, 0.0020535006, 0.0079171071],
    "r2_v": [0.30990111, 0.02738564, 0.10156096],
    "p_v": [5.14319e-14, 0.317533, 0.00139068],
    "u": [0.0222837650, 0.0002566815, 0.0059924724],
    "r2_u": [0.29807297, 0.00344498, 0.07726572],
    "p_u": [1.76546e-14, 0.33272, 0.0016562],
}
# ot.HSICEstimatorTargetSensitivity with the weight exp(-distance / (.1 deviation)) to [5, inf)
TARGET = [0.0010932753, 0.0000767214, 0.0000728308]


@pytest.fixture(scope="module")
def ishigami(root):
    path = root.parent / "shared" / "reference" / "ishigami_n100.csv"
    if not path.is_file():
        pytest.skip("no folder of reference values beside the project")
    values = np.loadtxt(path, delimiter=",")
    return values[:, :3], values[:, 3]


def gram(values, h):
    return np.exp(-((values[:, None] - values) ** 2) / (2 * h * h))


def dense_v(k, other):
    centring = np.eye(len(k)) - 1 / len(k)
    return np.sum((centring @ k @ centring) * other) / len(k) ** 2


def dense_u(k, other):
    """Song et al. (2012), equation 5: without the diagonals."""
    n = len(k)
    k, other = k - np.diag(np.diag(k)), other - np.diag(np.diag(other))
    last = 2 / (n - 2) * (k @ other).sum()
    return ((k * other).sum() + k.sum() * other.sum() / ((n - 1) * (n - 2)) - last) / (n * (n - 3))


def dense_p(k, other):
    """Gretton et al. (2007): Gamma with the mean and the variance under independence, for V and for U."""
    n = len(k)
    centring = np.eye(n) - 1 / n
    one, two = ((m.sum() - np.trace(m)) / (n * (n - 1)) for m in (k, other))
    mean = (1 + one * two - one - two) / n
    squares = ((centring @ k @ centring) * (centring @ other @ centring)) ** 2
    variance = 2 * (n - 4) * (n - 5) / (n**2 * (n - 1) ** 2 * (n - 2) * (n - 3)) * (squares.sum() - np.trace(squares))
    law = gamma(mean**2 / variance, scale=n * variance / mean)
    return law.sf(n * dense_v(k, other)), law.sf(n * dense_u(k, other) + n * mean)


@pytest.mark.parametrize("name", REFERENCE)
def test_openturns_says_the_same(ishigami, name):
    found = getattr(hsic.dependence(*ishigami), name)
    # half a unit in the last digit that was printed
    digits = {"v": 6e-11, "u": 6e-11, "r2_v": 6e-9, "r2_u": 6e-9}
    tolerance = {"abs": digits[name], "rel": 0} if name in digits else {"rel": 3e-6}
    assert found == pytest.approx(REFERENCE[name], **tolerance)


def test_openturns_says_the_same_of_a_target(ishigami):
    x, y = ishigami
    deviation = np.std(y, ddof=1)
    weight = hsic.near(y, 5, np.inf, scale=0.1 * deviation)
    assert hsic.dependence(x, weight, y_bandwidth=deviation).v == pytest.approx(TARGET, abs=6e-11, rel=0)


@pytest.mark.parametrize("bandwidth", ["std", "median", 0.4])
def test_the_reference_sample_is_the_dense_value(ishigami, bandwidth):
    x, y = ishigami
    found = hsic.dependence(x, y, bandwidth=bandwidth)
    other = gram(y, hsic.dependence(y[:, None], y, bandwidth=bandwidth).bandwidth[0])
    for j, h in enumerate(found.bandwidth):
        kernel = gram(x[:, j], h)
        assert found.v[j] == pytest.approx(dense_v(kernel, other), rel=1e-11)
        assert found.u[j] == pytest.approx(dense_u(kernel, other), abs=1e-11 * found.v[j])
        assert (found.p_v[j], found.p_u[j]) == pytest.approx(dense_p(kernel, other), rel=1e-7)
        r2 = dense_u(kernel, other) / np.sqrt(dense_u(kernel, kernel) * dense_u(other, other))
        assert found.r2_u[j] == pytest.approx(r2, rel=1e-9)


def test_a_larger_sample_of_all_kinds_is_the_dense_value():
    rng = np.random.default_rng(0)
    n = 900
    x = np.column_stack([rng.standard_normal(n) * 1e4, rng.integers(0, 5, n), rng.integers(0, 3, n)])
    y = np.sin(x[:, 0] / 5e3) + 0.2 * x[:, 2] + rng.standard_cauchy(n).clip(-20, 20) * 0.1
    kinds = (hsic.Continuous(), hsic.Discrete(5), hsic.Discrete(3, "delta"))
    found = hsic.dependence(x, y, kinds=kinds)
    place = (x[:, 1] + 0.5) / 5
    kernels = [gram(x[:, 0], np.std(x[:, 0], ddof=1)), gram(place, np.std(place, ddof=1)), x[:, [2]] == x[:, 2]]
    other = gram(y, np.std(y, ddof=1))
    for j, kernel in enumerate(kernels):
        kernel = kernel.astype(float)
        assert found.v[j] == pytest.approx(dense_v(kernel, other), rel=1e-11)
        assert found.u[j] == pytest.approx(dense_u(kernel, other), abs=1e-11 * found.v[j])
        assert found.p_v[j] == pytest.approx(dense_p(kernel, other)[0], rel=1e-6)
    assert np.isnan(found.bandwidth[2])


def test_the_median_bandwidth_is_the_median_distance_between_different_values():
    values = np.round(np.random.default_rng(0).standard_normal(301), 1)
    apart = np.abs(values[:, None] - values)[np.triu_indices(301, 1)]
    apart = apart[apart > 1e-9]
    found = hsic.dependence(values[:, None], values, bandwidth="median").bandwidth[0]
    assert found == pytest.approx(np.quantile(apart, 0.5, method="inverted_cdf"), rel=1e-9)


def test_permutation_p_is_the_dense_one_under_the_same_permutations():
    rng = np.random.default_rng(5)
    x = rng.random((80, 3))
    y = x[:, 0] ** 2 + 0.3 * rng.standard_normal(80)
    found = hsic.dependence_test(x, y, permutations=99, rng=7)
    again = np.random.default_rng(7)
    orders = [again.permutation(80) for _ in range(99)]
    other = gram(y, np.std(y, ddof=1))
    for j in range(3):
        kernel = gram(x[:, j], np.std(x[:, j], ddof=1))
        drawn = np.array([dense_v(kernel, other[np.ix_(order, order)]) for order in orders])
        assert found.drawn[:, j] == pytest.approx(drawn, rel=1e-9)
        assert found.p[j] == (1 + np.sum(drawn >= dense_v(kernel, other))) / 100
        assert found.floor[j] == pytest.approx(np.quantile(drawn, 0.95))


def test_asymptotic_p_values_are_uniform_under_independence():
    rng = np.random.default_rng(0)
    p = np.concatenate([hsic.dependence(rng.random((200, 3)), rng.standard_normal(200)).p_v for _ in range(200)])
    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.03)
    assert np.mean(p <= 0.5) == pytest.approx(0.5, abs=0.08)


def test_a_column_of_one_value_has_no_dependence_and_no_p():
    y = np.random.default_rng(0).standard_normal(50)
    x = np.column_stack([np.full(50, 3.0), np.zeros(50)])
    found = hsic.dependence(x, y, kinds=(hsic.Continuous(), hsic.Discrete(2, "delta")))
    assert found.v == pytest.approx(0, abs=1e-15)
    assert np.isnan(found.r2_v).all() and np.isnan(found.p_v).all()
    assert (hsic.dependence_test(x[:, :1], y, permutations=9, rng=0).p == 1).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": np.zeros(5)}, r"y \(5,\): give \(runs, columns\) and \(runs,\), for 6 runs or more"),
        ({"y": np.full(20, np.inf)}, "NaN or infinite values: leave out runs that failed"),
        ({"bandwidth": "mean"}, "bandwidth is 'mean': choose std, median, or a number"),
        ({"kinds": ()}, "kinds has 0 entries: give 2"),
        ({"kinds": (hsic.Continuous(), hsic.Discrete(2, "expected"))}, "column 1 is 'expected': choose atoms or delta"),
        ({"kinds": (hsic.Discrete(2), hsic.Continuous())}, "column 0 of x holds .*from 0 to 1"),
    ],
)
def test_an_error_names_the_value_and_the_choices(change, message):
    arguments = {"x": np.arange(40.0).reshape(20, 2), "y": np.arange(20.0)} | change
    with pytest.raises(UserError, match=message):
        hsic.dependence(arguments.pop("x"), arguments.pop("y"), **arguments)


def test_the_distance_to_an_interval_is_zero_inside():
    weight = hsic.near(np.array([-1.0, 0.0, 0.5, 1.0, 3.0]), 0, 1, scale=2)
    assert weight == pytest.approx([np.exp(-0.5), 1, 1, 1, np.exp(-1)])
    with pytest.raises(UserError, match=r"scale 0: give low <= high and a scale above 0"):
        hsic.near(np.zeros(3), 0, 1, scale=0)


def test_draws_of_the_whole_metric_stay_within_blocks():
    """A column and a metric that both differ between blocks, and have nothing to do with each other within them."""
    rng = np.random.default_rng(0)
    blocks = np.repeat([0, 1], 150)
    x, y = (rng.random(300) + blocks)[:, None], rng.random(300) + blocks
    assert hsic.dependence_test(x, y, permutations=99, rng=0).p[0] == 0.01
    assert hsic.dependence_test(x, y, permutations=99, rng=0, blocks=blocks).p[0] > 0.05
    with pytest.raises(UserError, match=r"blocks has shape \(2,\): give \(300,\)"):
        hsic.dependence_test(x, y, rng=0, blocks=[0, 1])
