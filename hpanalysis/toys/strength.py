"""How large must an effect be, to be so many standard errors? The smaller, the larger the sweep."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from hpanalysis.errors import UserError
from hpanalysis.toys.generator import DATASETS, Recipe


def real_effects(runs: int, strength: float = 6.0) -> Recipe:
    """Augmentation helps, momentum does worse than the other two optimizers: each by `strength` standard errors.

    Parameters
    ----------
    runs
        Runs of the sweep that is to be drawn.
    strength
        Standard errors of the pooled P(better) from no difference.

    Returns
    -------
    Recipe
        The larger the sweep, the smaller its effects.

    Examples
    --------
    >>> from hpanalysis import toys
    >>> round(toys.real_effects(2000).shift["augmentation"]["on"], 1)
    0.4
    """
    return Recipe(
        shift={
            "augmentation": {"on": shift_for(strength, runs, 1 / 2)},
            "optimizer": {"momentum": -shift_for(strength, runs, 1 / 3)},
        }
    )


def shift_for(strength: float, runs: int, share: float = 0.5) -> float:
    """The shift of one level that lies `strength` standard errors of the pooled P(better) from no difference.

    Parameters
    ----------
    strength
        Standard errors.
    runs
        Runs of the sweep.
    share
        Share of the runs in each of the two arms that are compared: .5 of two levels, 1/3 of three.

    Returns
    -------
    float
        In spreads of the data set, solved on 40,000 draws of the outcome with 8 % failures.

    Raises
    ------
    UserError
        If no shift is as strong.

    Examples
    --------
    >>> round(shift_for(6.0, runs=2000), 1)
    0.4
    """
    weights = np.array([part for part, _, _ in DATASETS.values()])
    # Variance of a Mann-Whitney share within a data set is 1/12 (1/a + 1/b); data sets weigh equally.
    se = np.sqrt((2 / (12 * share * runs * weights)).sum()) / len(weights)
    return _shift_of(round(0.5 + strength * se, 6))


@lru_cache(maxsize=64)
def _shift_of(p_better: float) -> float:
    rng = np.random.default_rng(0)
    x, y = -rng.gamma(2.0, 1.0, (2, 40_000))
    x_fails, y_fails = rng.random((2, 40_000)) < 0.08
    order = np.sort(y[~y_fails])

    def share(shift: float) -> float:
        beats = np.searchsorted(order, x[~x_fails] + shift).sum() / len(x) / len(y)
        ok = (1 - x_fails.mean()) * y_fails.mean()
        return float(beats + ok + x_fails.mean() * y_fails.mean() / 2)

    low, high = 0.0, 20.0
    if p_better >= share(high):
        raise UserError(
            f"P(better) of {p_better} cannot be reached with 8 % failures; ask for a weaker effect or more runs."
        )
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if share(middle) < p_better else (low, middle)
    return high
