"""What does the next space keep? The share of the best runs in it, beside the share of all runs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.sweeps.space import Hyperparameter, Space

# A run is among the best in the top twentieth of its data set.
BEST = 0.95


def kept(design: Design, new: Space) -> tuple[float, float]:
    """Shares of the best twentieth of each data set, and of all runs, that lie in a space; data sets weigh equally.

    Parameters
    ----------
    design
        The runs, prepared.
    new
        The space; where a hyperparameter has no value in a run, or is not in the space, it leaves no run out.

    Returns
    -------
    tuple of float
        Both in [0, 1]; NaN where no run worked.

    Examples
    --------
    >>> from hpanalysis import Design, toys
    >>> design = Design(toys.make(toys.NULL, 400, 0))
    >>> kept(design, design.sweep.space)
    (1.0, 1.0)
    """
    sweep = design.sweep
    inside = np.ones(len(sweep), dtype=bool)
    for h in new:
        inside &= _inside(sweep.values(h.name), h)
    best = sweep.ok & (design.ranks > BEST)
    shares = [[inside[here & among].mean() for here in _places(design, among)] for among in (best, best | True)]
    top, every = (float(np.mean(each)) if each else float("nan") for each in shares)
    return top, every


def _places(design: Design, among: np.ndarray) -> list[np.ndarray]:
    """The runs of each data set that has any of them."""
    blocks = (design.sweep.block == b for b in range(len(design.sweep.datasets)))
    return [here for here in blocks if (here & among).any()]


def _inside(values: pd.Series, h: Hyperparameter) -> np.ndarray:
    if h.has_levels:
        return (h.codes(values) >= 0) | values.isna().to_numpy(bool)
    low, high = h.ends
    number = pd.to_numeric(values, errors="coerce")
    return (number.between(low, high) | number.isna()).to_numpy(bool)
