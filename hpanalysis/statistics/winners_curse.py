"""How good is the best of many noisy scores, really? Seed noise, the winner's curse, and which may be the best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from hpanalysis.statistics.far_values import far_below
from hpanalysis.statistics.results import Limits
from hpanalysis.statistics.roots import root_between
from hpanalysis.statistics.rounding import tied

# The noise at a score is pooled over repeated configurations near it, until it rests on so many degrees of freedom.
NOISE_FREEDOM = 20
# Of the 5 % error of an interval, the part spent on a bound that holds for all configurations together.
SPENT = 0.1
# The spread of the expected scores is a smooth curve of so many coefficients on so many points; more configurations
# than that say no more about it.
CURVE, POINTS, ENOUGH = 5, 120, 4000
# Scores farther below the upper quarter than so many of its lengths say nothing of the spread of the others.
NEAR = 30.0


@dataclass(frozen=True)
class Repeated:
    """Configurations with the mean of their repeats.

    Attributes
    ----------
    code
        Code of each configuration, shape (configurations,).
    mean
        Mean score of its repeats that worked, higher is better, same shape; NaN if none did.
    count
        How many repeats worked, same shape.
    failed
        How many did not, same shape.
    spread
        Sum of squared deviations from the mean, same shape.

    Examples
    --------
    >>> import numpy as np
    >>> repeated = Repeated.of(np.array([0.8, 0.9, np.nan, 0.7]), configuration=np.array([5, 5, 5, 6]))
    >>> repeated.mean.round(2), repeated.failed
    (array([0.85, 0.7 ]), array([1, 0]))
    """

    code: np.ndarray
    mean: np.ndarray
    count: np.ndarray
    failed: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, score: np.ndarray, configuration: np.ndarray) -> Repeated:
        """Average the scores of each configuration.

        Parameters
        ----------
        score
            Higher is better, NaN for a failed run, shape (runs,).
        configuration
            Code of the configuration of each run, same shape.
        """
        code, member = np.unique(configuration, return_inverse=True)
        ok = np.isfinite(score)
        size = np.bincount(member, minlength=len(code))
        count = np.bincount(member[ok], minlength=len(code))
        # Around a score of its own, so that neither large numbers nor those of others swallow the differences.
        centre = np.zeros(len(code))
        centre[member[ok]] = score[ok]
        total = np.bincount(member[ok], weights=score[ok] - centre[member[ok]], minlength=len(code))
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = centre + total / count
        away = score[ok] - mean[member[ok]]
        spread = np.bincount(member[ok], weights=away**2, minlength=len(code))
        # Equal scores have no spread at all: rounding of their mean would make one.
        lowest, highest = np.full(len(code), np.inf), np.full(len(code), -np.inf)
        np.minimum.at(lowest, member[ok], score[ok])
        np.maximum.at(highest, member[ok], score[ok])
        spread = np.where(lowest < highest, spread, 0.0)
        return cls(code, mean, count, size - count, spread)


class Noise(NamedTuple):
    """How much runs of one configuration differ.

    Attributes
    ----------
    deviation
        Standard deviation of one run, in the unit of the score, shape (configurations,); NaN without repeats.
    freedom
        Degrees of freedom that it rests on, same shape; 0 without repeats.

    Examples
    --------
    >>> import numpy as np
    >>> deviation, freedom = Noise(np.array([0.02]), np.array([4.0]))
    >>> freedom
    array([4.])
    """

    deviation: np.ndarray
    freedom: np.ndarray


def seed_noise(repeated: Repeated) -> Noise:
    """Standard deviation of one run around the expected score of its configuration, by repeats of similar score.

    Parameters
    ----------
    repeated
        The configurations.

    Returns
    -------
    Noise
        Pooled over the repeated configurations nearest in rank of their mean, until `NOISE_FREEDOM` degrees of freedom
        are reached (all of them if there are fewer).

    Notes
    -----
    It misleads where only good configurations were repeated and the noise of others differs, or where repeats are not
    independent, as those with the same seed.

    Examples
    --------
    >>> import numpy as np
    >>> score, configuration = np.array([0.80, 0.82, 0.90, 0.92]), np.array([0, 0, 1, 1])
    >>> noise = seed_noise(Repeated.of(score, configuration))
    >>> noise.deviation.round(4), noise.freedom
    (array([0.0141, 0.0141]), array([2., 2.]))
    """
    usable = repeated.count > 1
    deviation, freedom = np.full(len(repeated.mean), np.nan), np.zeros(len(repeated.mean))
    if not usable.any():
        return Noise(deviation, freedom)
    # Averages of equal scores are equal, however they were added up.
    mean = tied(repeated.mean)
    order = np.flatnonzero(usable)[np.argsort(mean[usable], kind="stable")]
    # From the best down: the squares of those that diverged would swallow all others.
    squares = -np.concatenate([np.cumsum(repeated.spread[order][::-1])[::-1], [0.0]])
    free = np.concatenate([[0.0], np.cumsum(repeated.count[order] - 1.0)])
    # A window of repeated configurations around each score, moved inwards at the ends.
    wide = min(int(np.ceil(NOISE_FREEDOM / (repeated.count[order] - 1.0).mean())), len(order))
    place = np.searchsorted(mean[order], mean)
    first = np.clip(place - wide // 2, 0, len(order) - wide)
    last = first + wide
    # Scores this near each other differ by chance: a window narrower than chance would pick the lucky ones, whose
    # repeats agree too well where noise is skewed.
    near = 4 * np.sqrt((squares[last] - squares[first]) / (free[last] - free[first]))
    first = np.minimum(first, np.searchsorted(mean[order], mean - near))
    last = np.maximum(last, np.searchsorted(mean[order], mean + near))
    freedom = free[last] - free[first]
    deviation = np.sqrt((squares[last] - squares[first]) / freedom)
    return Noise(np.where(np.isfinite(repeated.mean), deviation, np.nan), freedom)


def may_be_best(mean: np.ndarray, error: np.ndarray, freedom: np.ndarray) -> np.ndarray:
    """Adjusted p-value that each configuration is the best one.

    Parameters
    ----------
    mean, error
        Mean score and its standard error, higher is better, shape (configurations,); NaN takes no part.
    freedom
        Degrees of freedom of the error, same shape.

    Returns
    -------
    numpy.ndarray
        Shape (configurations,). Those above .05 are a confidence set: it holds the truly best configuration with
        probability .95 or more.

    Notes
    -----
    Each configuration is tested against every other one, one-sided, by Bonferroni: a set that is rather too large.
    Hsu (1984), doi:10.1214/aos/1176346721.

    Examples
    --------
    >>> import numpy as np
    >>> p = may_be_best(np.array([0.90, 0.89, 0.70]), np.full(3, 0.01), np.full(3, 20))
    >>> p > 0.05
    array([ True,  True, False])
    """
    from scipy.special import stdtr

    out = np.full(len(mean), np.nan)
    known = np.flatnonzero(np.isfinite(mean) & np.isfinite(error))
    # Only a configuration with a higher lower end than others can beat them most: those within reach of the top do.
    rivals = known[np.argsort(-tied(mean[known]), kind="stable")[:200]]
    largest = np.zeros(len(known))
    weakest = freedom[known].astype(float)
    for rival in rivals:
        gap = mean[rival] - mean[known]
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.where(gap > 0, gap / np.hypot(error[rival], error[known]), 0.0)
        stronger = ratio > largest
        largest = np.where(stronger, ratio, largest)
        weakest = np.where(stronger, np.minimum(freedom[rival], freedom[known]), weakest)
    out[known] = np.where(largest > 0, np.minimum(1.0, max(len(known) - 1, 1) * stdtr(weakest, -largest)), 1.0)
    return out


def after_selection(
    score: float, second: float, error: float, *, freedom: float, rivals: int, level: float = 0.95
) -> Limits[float]:
    """Interval of the expected score of a winner, knowing that it was taken because it won.

    Parameters
    ----------
    score, second
        Mean score of the winner and of the next best, higher is better.
    error
        Standard error of the winner's mean, 0 or more.
    freedom
        Degrees of freedom of the error, above 0.
    rivals
        Configurations among which it won, itself included.
    level
        Confidence, in (0, 1).

    Returns
    -------
    Limits
        Well ahead of the next best it is the usual interval; close to it, it reaches far down; in a tie it is the
        interval that holds for all configurations at once.

    Notes
    -----
    Given that it won, the winner's score follows a normal law cut off at the score of the next best; its expected score
    is found by inverting that law, within a bound that holds for all configurations at once (the hybrid interval of
    Andrews, Kitagawa & McCloskey 2024, doi:10.1093/qje/qjad043). Nothing is assumed of how the configurations spread.
    The noise is taken as normal; a few degrees of freedom widen it.

    Examples
    --------
    A winner far ahead keeps the usual interval; one that leads by less than its error may well be worse than it looks:

    >>> low, high = after_selection(0.90, 0.50, 0.01, freedom=1e6, rivals=100)
    >>> round(low, 3), round(high, 3)
    (0.88, 0.92)
    >>> low, high = after_selection(0.90, 0.895, 0.01, freedom=1e6, rivals=100)
    >>> round(low, 3), round(high, 3)
    (0.86, 0.919)
    """
    from scipy.special import ndtr, ndtri, stdtrit

    spent = SPENT * (1 - level)
    tail = (1 - level - spent) / (1 - spent) / 2
    width = error * float(stdtrit(freedom, tail) / ndtri(tail))
    if not width > 0:
        return Limits(score, score)
    reach = float(-ndtri(spent / (2 * rivals)))
    if not score > second + 1e-9 * width:
        # A tie, as rounded scores have: which of them won says nothing, and what holds for all at once is left.
        return Limits(score - reach * width, score + reach * width)

    def beyond(centre: float) -> float:
        """Probability of a score as low as the one seen, were `centre` the expected score."""
        z, cut = (score - centre) / width, max((second - centre) / width, -reach)
        # Counted from the far tail, where differences of probabilities near one would vanish.
        total = ndtr(-cut) - ndtr(-reach)
        return float((ndtr(-cut) - ndtr(-z)) / total) if total > 0 else float(z > 0)

    def solve(share: float) -> float:
        # A hair inside the bound: on it the law is cut off to nothing, and rounding decides.
        low, high = (score + side * reach * width * (1 - 1e-9) for side in (-1, 1))
        if beyond(low) <= share or beyond(high) >= share:
            return low if beyond(low) <= share else high
        return root_between(lambda c: beyond(c) - share, low, high, absolute=1e-12 * width)

    return Limits(solve(1 - tail), solve(tail))


def shrunken(mean: np.ndarray, error: np.ndarray) -> np.ndarray:
    """Expected score of each configuration, given how all of them spread.

    Parameters
    ----------
    mean, error
        Mean score and its standard error, shape (configurations,); NaN takes no part.

    Returns
    -------
    numpy.ndarray
        Shape (configurations,). The mean itself where there is no error, or where fewer than three are known.

    Notes
    -----
    Empirical Bayes: the scores are taken as expected scores from a smooth distribution, fitted here, plus normal noise.
    What was seen is pulled towards where such scores come from, the more the noisier it is. It rests on that model; a
    distribution with several narrow modes is smoothed over. Efron (2016), doi:10.1093/biomet/asv068.

    Examples
    --------
    Two hundred configurations that differ by as much as their scores err: the best score is too good to be true, and
    all of them are nearer to the truth after shrinking.

    >>> import numpy as np
    >>> rng = np.random.default_rng(1)
    >>> truth = rng.normal(0.8, 0.02, 200)
    >>> mean = truth + rng.normal(0.0, 0.02, 200)
    >>> better = shrunken(mean, np.full(200, 0.02))
    >>> bool(mean.max() > truth[mean.argmax()] and mean.max() > better[mean.argmax()])
    True
    >>> round(float(np.abs(mean - truth).mean()), 3), round(float(np.abs(better - truth).mean()), 3)
    (0.014, 0.011)
    """
    # Without noise nothing is pulled.
    out = np.where(error == 0, mean, np.nan)
    # What lies far below the rest would take the whole grid, and is pulled nowhere.
    near = ~far_below(mean, NEAR)
    known = np.flatnonzero(np.isfinite(mean) & (error > 0) & near)
    if len(known) < 3:
        return np.where(np.isfinite(error), mean, np.nan)
    out = np.where(near | np.isnan(error), out, mean)
    y, sd = mean[known], error[known]
    grid = np.linspace((y - sd).min(), (y + sd).max(), POINTS)
    basis = np.polynomial.legendre.legvander(np.linspace(-1.0, 1.0, POINTS), CURVE)[:, 1:]
    part = np.linspace(0, len(y) - 1, min(len(y), ENOUGH)).astype(int)
    part = np.argsort(y, kind="stable")[part]
    prior = _smooth_prior(_likelihood(y[part], sd[part], grid), basis)
    # Expected scores within five errors of what was seen, however small the error is beside the grid.
    z = np.linspace(-5.0, 5.0, 81)
    for rows in np.array_split(np.arange(len(y)), max(1, len(y) // ENOUGH)):
        at = y[rows, None] + sd[rows, None] * z
        weight = np.interp(at, grid, prior, left=0.0, right=0.0) * np.exp(-(z**2) / 2)
        out[known[rows]] = (weight * at).sum(axis=1) / weight.sum(axis=1)
    # An expectation lies among what was seen.
    return np.where(near, np.clip(out, y.min(), y.max()), out)


def _likelihood(y: np.ndarray, sd: np.ndarray, grid: np.ndarray) -> np.ndarray:
    z = (y[:, None] - grid) / sd[:, None]
    # Measured from the nearest point, so that a score far from all of them keeps some likelihood.
    return np.asarray(np.exp(-0.5 * (z**2 - (z**2).min(axis=1, keepdims=True))))


def _smooth_prior(likelihood: np.ndarray, basis: np.ndarray) -> np.ndarray:
    """Probabilities of the points, the exponential of a smooth curve, by Newton's method with halved steps."""
    ridge = 0.05

    def at(a: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
        p = np.exp(basis @ a - (basis @ a).max())
        p /= p.sum()
        each = likelihood @ p
        return p, each, float(np.log(each).sum() - ridge / 2 * a @ a)

    a = np.zeros(basis.shape[1])
    p, each, height = at(a)
    for _ in range(50):
        away = likelihood @ (p[:, None] * basis) / each[:, None] - p @ basis
        step = np.linalg.solve(away.T @ away + ridge * np.eye(len(a)), away.sum(axis=0) - ridge * a)
        # Near the top heights differ by rounding only, which must not halve a step.
        while (tried := at(a + step))[-1] < height - 1e-12 * abs(height) and np.abs(step).max() > 1e-10:
            step /= 2
        a, (p, each, height) = a + step, tried
        if np.abs(step).max() <= 1e-10:
            break
    return p
