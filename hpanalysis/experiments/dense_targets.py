"""What do small dense networks learn? Four targets, each with points to learn from, to choose by and to report on.

runge and bateman are those on which the search of `hpanalysis.search` was designed. friedman and digits played no part
in it. They were chosen, before any search ran on them, for what the first two lack: friedman has noise, five inputs of
ten that do nothing, and few points, so that a larger network need not be a better one; digits are real images, whose 64
inputs make the first layer the dear one. Neither needs a download.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hpanalysis.errors import UserError, choices

Points = tuple[np.ndarray, np.ndarray]
ABSORPTION, RATE, SPEED = -0.45, -0.45, 1.0  # of the Bateman equations


@dataclass(frozen=True)
class Target:
    """Points of a target, inputs and outputs centred and scaled by those to learn from.

    Parameters
    ----------
    train, validation, test
        Inputs, shape (points, inputs), and outputs, shape (points, outputs), in standard deviations.
    note
        What it is, for the data dictionary.

    Examples
    --------
    >>> runge = target("runge")
    >>> runge.train[0].shape, runge.train[1].shape, round(float(runge.train[1].std()), 6)
    ((128, 1), (128, 1), 1.0)
    """

    train: Points
    validation: Points
    test: Points
    note: str


def runge(x: np.ndarray) -> np.ndarray:
    """Runge's function 1 / (1 + 25 (x - .5)^2) on [0, 1].

    Examples
    --------
    >>> runge(np.array([[0.5], [0.3]])).tolist()
    [[1.0], [0.5]]
    """
    return np.asarray(1 / (1 + 25 * (x - 0.5) ** 2))


def bateman(x: np.ndarray) -> np.ndarray:
    """Closed form of u' = -v s_a eta u, eta' = v s_r eta u from u(0) = U0, eta(0) = q0, for rows (U0, q0, t).

    Returns
    -------
    numpy.ndarray
        Columns u and eta, shape (rows, 2).

    Examples
    --------
    >>> bateman(np.array([[2.0, 1.0, 0.0], [0.0, 1.0, 5.0], [2.0, 0.0, 5.0], [0.0, 0.0, 5.0]])).round(12).tolist()
    [[2.0, 1.0], [0.0, 1.0], [2.0, 0.0], [0.0, 0.0]]
    """
    first, second, t = x.T
    d = RATE * first + ABSORPTION * second
    growth = np.exp(SPEED * t * d)
    # Where nothing is there at first nothing will be: 0 / 0.
    u = np.divide(d * first, RATE * first + ABSORPTION * second * growth, out=np.zeros_like(d), where=d != 0)
    eta = np.divide(d * second, ABSORPTION * second + RATE * first / growth, out=np.zeros_like(d), where=d != 0)
    return np.column_stack([u, eta])


def friedman(x: np.ndarray) -> np.ndarray:
    """Friedman's first function of five inputs in [0, 1]; further inputs do nothing. doi:10.1214/aos/1176347963.

    Examples
    --------
    >>> friedman(np.full((1, 10), 0.5)).round(6).tolist()
    [[14.571068]]
    """
    curved = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2
    return np.asarray(curved + 10 * x[:, 3] + 5 * x[:, 4])[:, None]


def _runge() -> tuple[list[Points], str]:
    parts = [(np.arange(n) + 0.5)[:, None] / n for n in (128, 300, 1000)]
    return [(x, runge(x)) for x in parts], "1 / (1 + 25 (x - .5)^2) on [0, 1]: 128, 300 and 1,000 points on grids"


def _bateman() -> tuple[list[Points], str]:
    rng = np.random.default_rng(0)
    parts = [rng.random((n, 3)) * [4, 2, 10] for n in (500, 500, 1000)]
    note = "Bateman equations with two unknowns, s_a = s_r = -.45, v = 1, in (U0, q0, t) from [0, 4] x [0, 2] x [0, 10]"
    return [(x, bateman(x)) for x in parts], f"{note}: 500, 500 and 1,000 random points"


def _friedman() -> tuple[list[Points], str]:
    rng = np.random.default_rng(0)
    parts = [rng.random((n, 10)) for n in (300, 300, 1000)]
    noise = [rng.normal(size=(len(x), 1)) * scale for x, scale in zip(parts, (1.0, 1.0, 0.0), strict=True)]
    note = "Friedman's first function, 10 inputs of which 5 do nothing: 300 and 300 points with normal noise of "
    return [(x, friedman(x) + e) for x, e in zip(parts, noise, strict=True)], f"{note}deviation 1, 1,000 without"


def _digits() -> tuple[list[Points], str]:
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    shares = np.split(order, [1000, 1397])
    note = "scikit-learn's load_digits, 8x8 pixels, the ten classes as outputs of 0 and 1: 1,000, 397 and 400 images"
    return [(x[rows], np.eye(10)[y[rows]]) for rows in shares], note


TARGETS: dict[str, Callable[[], tuple[list[Points], str]]] = {
    "runge": _runge,
    "bateman": _bateman,
    "friedman": _friedman,
    "digits": _digits,
}


@lru_cache
def target(name: str) -> Target:
    """The points of a target.

    Raises
    ------
    UserError
        If there is no such target.

    Examples
    --------
    >>> [target(name).test[1].shape for name in TARGETS]
    [(1000, 1), (1000, 2), (1000, 1), (400, 10)]
    """
    if name not in TARGETS:
        raise UserError(f"there is no target {name!r}; choose one of {choices(tuple(TARGETS))}.")
    parts, note = TARGETS[name]()
    x, y = parts[0]
    # A pixel that is black in every image stays as it is.
    spreads = [np.where(np.ptp(a, axis=0) > 0, a.std(axis=0), 1) for a in (x, y)]
    scaled = [((p - x.mean(axis=0)) / spreads[0], (q - y.mean(axis=0)) / spreads[1]) for p, q in parts]
    train, validation, test = scaled
    return Target(train, validation, test, note)
