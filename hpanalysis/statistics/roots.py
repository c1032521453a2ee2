"""Where does a function cross zero? Brent's method: importing `scipy.optimize` takes longer than all its uses."""

from __future__ import annotations

from collections.abc import Callable

MOST = 100


def root_between(
    f: Callable[[float], float], low: float, high: float, *, absolute: float = 2e-12, relative: float = 1e-15
) -> float:
    """A zero of a continuous function between two points at which its signs differ.

    Parameters
    ----------
    f
        The function.
    low, high
        The two points.
    absolute, relative
        How near to the zero is near enough, in the unit of the points and as a share of it, above 0.

    Returns
    -------
    float
        The zero.

    Notes
    -----
    Brent (1973), Algorithms for minimization without derivatives, chapter 4: inverse interpolation, halving where that
    gains too little.

    Examples
    --------
    >>> round(root_between(lambda x: x**3 - 2, 0.0, 2.0), 9)
    1.25992105
    """
    before, best, y_before, y = low, high, f(low), f(high)
    # On the other side of the zero; and the last two steps.
    other, y_other, last, step = before, y_before, 0.0, 0.0
    for _ in range(MOST):
        if y_before * y < 0:
            other, y_other, last, step = before, y_before, best - before, best - before
        if abs(y_other) < abs(y):
            before, best, other = best, other, best
            y_before, y, y_other = y, y_other, y
        close, half = (absolute + relative * abs(best)) / 2, (other - best) / 2
        if y == 0 or abs(half) < close:
            break
        tried = half
        if abs(last) > close and abs(y) < abs(y_before):
            slope = (y_before - y) / (before - best)
            if before == other:
                tried = -y / slope
            else:
                far = (y_other - y) / (other - best)
                tried = -y * (y_other * far - y_before * slope) / (far * slope * (y_other - y_before))
        last, step = (step, tried) if 2 * abs(tried) < min(abs(last), 3 * abs(half) - close) else (half, half)
        before, y_before = best, y
        best += step if abs(step) > close else close if half > 0 else -close
        y = f(best)
    return best
