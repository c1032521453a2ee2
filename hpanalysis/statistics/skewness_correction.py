"""How does skewness bend the interval of a difference of means? The side that is too short is made longer.

A mean of a skewed loss and its standard error err together: the sample that misses the long tail has a mean that is
too small and an error that looks small as well. Where the arms are equally large both errors cancel; with 30 against
300 runs of a lognormal loss a Welch interval of 95 % held .90. The skewness of the small arm alone cannot be known, so
it is taken from both. Corrections that also shorten the other side (Johnson's, Hall's) made equal arms worse.
"""

from __future__ import annotations

import numpy as np

# Fewer units of evidence do not show a long tail, and their skewness is mostly chance.
SEEN_FROM = 200


def skewness(*samples: np.ndarray) -> float:
    """Skewness of samples together, each centred and scaled by itself; 0 where one does not vary.

    Parameters
    ----------
    *samples
        Shapes (n,), in any unit.

    Returns
    -------
    float
        Above 0 where the long tail is on the right; 0 for fewer than three values.

    Notes
    -----
    Mostly chance in small samples: a long tail is rarely seen there, so that the estimate is too near 0.
    Joanes & Gill (1998), doi:10.1111/1467-9884.00122.

    Examples
    --------
    >>> import numpy as np
    >>> skewness(np.array([1.0, 2.0, 3.0]))
    0.0
    >>> round(skewness(np.array([1.0, 1.0, 1.0, 5.0])), 6)
    2.0
    """
    parts = []
    for x in samples:
        centred = x - x.mean()
        spread = np.sqrt((centred**2).sum() / max(len(x) - 1, 1))
        if not spread > 1e-12 * np.abs(x).max(initial=0.0):
            return 0.0
        scaled = centred / spread
        parts.append((scaled * scaled * scaled).sum())
    total = sum(map(len, samples))
    return float(sum(parts) * total / ((total - 1) * (total - 2))) if total > 2 else 0.0


def third_cumulant(skewness: float, variances: tuple[float, float], units: tuple[int, int]) -> float:
    """Third cumulant of a difference of means whose arms share their skewness.

    Parameters
    ----------
    skewness
        Of one unit of evidence.
    variances
        Variance of both means.
    units
        Units of evidence in both arms, 1 or more.

    Returns
    -------
    float
        Value minus reference, in the cubed unit of the metric.

    Examples
    --------
    In equal arms the tails cancel:

    >>> third_cumulant(2.0, variances=(0.1, 0.1), units=(30, 30))
    0.0
    """
    value, reference = (v**1.5 / np.sqrt(n) for v, n in zip(variances, units, strict=True))
    return float(skewness * (value - reference))


def lengthening(skewed: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many standard errors the lower and the upper side of an interval grow.

    Parameters
    ----------
    skewed
        Third cumulant of the estimate over its cubed standard error, any shape.
    times
        Standard errors on both sides before, same shape.

    Returns
    -------
    lower, upper
        At least 0, same shape; one of both is 0.

    Notes
    -----
    Johnson's correction, on the side alone that it makes longer: Johnson (1978), doi:10.1080/01621459.1978.10480051.

    Examples
    --------
    >>> import numpy as np
    >>> lower, upper = lengthening(np.array([0.3, -0.3]), np.array([2.0, 2.0]))
    >>> lower.round(2), upper.round(2)
    (array([0.  , 0.45]), array([0.45, 0.  ]))
    """
    shift = skewed * (1 + 2 * times**2) / 6
    return np.maximum(-shift, 0.0), np.maximum(shift, 0.0)


def deviate(t: np.ndarray, skewed: np.ndarray) -> np.ndarray:
    """The deviate whose lengthened interval just reaches zero: what a test may use as its t.

    Parameters
    ----------
    t
        The estimate over its standard error, any shape.
    skewed
        Third cumulant of the estimate over its cubed standard error, same shape.

    Returns
    -------
    numpy.ndarray
        Same shape and sign as t, never larger in size.

    Notes
    -----
    The inverse of `lengthening`. Johnson (1978), doi:10.1080/01621459.1978.10480051.

    Examples
    --------
    >>> import numpy as np
    >>> t = deviate(np.array([3.0]), np.array([-0.3]))
    >>> lower, _ = lengthening(np.array([-0.3]), t)
    >>> (t + lower).round(6)
    array([3.])
    """
    size = np.maximum(np.where(t > 0, -skewed, skewed), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        # As a quotient: the difference of the root and one would lose its digits where the skewness is small.
        root = 2 * (np.abs(t) - size / 6) / (np.sqrt(np.maximum(1 + 4 * size / 3 * (np.abs(t) - size / 6), 0.0)) + 1)
    return np.asarray(np.sign(t) * np.where(size > 0, np.maximum(root, 0.0), np.abs(t)))


def if_alike(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Skewness and variance of a run, were both arms of one law but for their means.

    Parameters
    ----------
    a, b
        Both arms, shapes (m,) and (n,), in the same unit.

    Returns
    -------
    skewness, variance
        Of a run around the mean of its arm; 0 where either arm is empty.

    Examples
    --------
    >>> import numpy as np
    >>> skewness, variance = if_alike(np.array([0.0, 0.0, 3.0]), np.array([10.0, 10.0, 13.0]))
    >>> round(skewness, 3), variance
    (0.707, 2.0)
    """
    if not len(a) or not len(b):
        return 0.0, 0.0
    both = np.concatenate([a - a.mean(), b - b.mean()])
    # As products: a power of three takes twenty times as long as a square.
    squares = both * both
    variance = float(squares.mean())
    return float((squares * both).mean() / variance**1.5) if variance > 0 else 0.0, variance


def lopsided(alike: np.ndarray, weights: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Skewness of differences of means, were both arms of one law: large if tails are long and one arm is small.

    The tail that a small arm has not seen yet shows in the large one.

    Parameters
    ----------
    alike
        What `if_alike` gives for each stratum and claim, shape (strata, claims, 2).
    weights
        Weight of each stratum in the pooled claim, shape (strata, claims).
    units
        Units of evidence in both arms, shape (strata, claims, 2).

    Returns
    -------
    numpy.ndarray
        Shape (strata + 1, claims), pooled in row 0, at least 0; 0 where nothing varies, and where both arms together
        have fewer than `SEEN_FROM` units. The pooled one takes the average skewness of the strata, which a small one
        does not decide.

    Examples
    --------
    Thirty runs against three hundred, each with the skewness 6 of a lognormal loss:

    >>> import numpy as np
    >>> lopsided(np.array([[[6.0, 1.0]]]), np.ones((1, 1)), np.array([[[30, 300]]])).round(2)
    array([[0.94],
           [0.94]])
    """
    skewness, variance = alike[..., 0], alike[..., 1]
    total = np.where(weights > 0, units.sum(axis=-1), 0.0)
    average = (skewness * total).sum(axis=0) / np.maximum(total.sum(axis=0), 1)
    n = np.maximum(units, 1)
    third = variance**1.5 * (1.0 / n[..., 0] ** 2 - 1.0 / n[..., 1] ** 2)
    spread = variance * (1.0 / n[..., 0] + 1.0 / n[..., 1])
    third = np.vstack([average * (weights**3 * third).sum(axis=0)[None], skewness * third])
    spread = np.vstack([(weights**2 * spread).sum(axis=0)[None], spread])
    with np.errstate(divide="ignore", invalid="ignore"):
        out = np.abs(third) / spread**1.5
    total = np.vstack([total.sum(axis=0)[None], units.sum(axis=-1)])
    return np.where(np.isfinite(out) & (total >= SEEN_FROM), out, 0.0)
