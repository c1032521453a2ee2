"""How far might an index be from that of infinitely many runs? A jackknife over groups of runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hpanalysis.errors import UserError
from hpanalysis.statistics.distributions import t_isf
from hpanalysis.statistics.hsic.goal import Goal, checked
from hpanalysis.statistics.hsic.indices import Indices
from hpanalysis.statistics.hsic.moments import Moments, quantiles
from hpanalysis.statistics.resampling import Rng, folds

GROUPS = 40


@dataclass(frozen=True)
class Spread:
    """Indices with intervals.

    Attributes
    ----------
    indices
        The indices of all runs.
    low, high
        Interval of the index S, shape (terms,); `low` is 0 or more. NaN without runs.
    r2_low, r2_high
        The same of R2-HSIC; NaN where that is.

    Examples
    --------
    >>> import numpy as np
    >>> from hpanalysis import hsic
    >>> x = np.random.default_rng(0).random((200, 1))
    >>> found = hsic.jackknife(x, x[:, 0], hsic.Goal((hsic.Continuous(),), bandwidth=0.3), groups=10, rng=0)
    >>> bool(0 < found.low[0] < found.indices.index[0] < found.high[0])
    True
    """

    indices: Indices
    low: np.ndarray
    high: np.ndarray
    r2_low: np.ndarray
    r2_high: np.ndarray


def jackknife(
    x: np.ndarray, errors: np.ndarray, goal: Goal, *, level: float = 0.95, groups: int = GROUPS, rng: Rng
) -> Spread:
    """Leave out one group of runs after the other, which runs are the best and the bandwidth being found again.

    Parameters
    ----------
    x, errors, goal
        As in `goal_oriented`.
    level
        Of the intervals, in (0, 1).
    groups
        Into how many groups the runs are dealt, from 10 on; an index is computed for each.
    rng
        Seed or generator, for the groups.

    Returns
    -------
    Spread
        Indices, and intervals for what infinitely many runs of the same search would give.

    Raises
    ------
    UserError
        As in `goal_oriented`, or if the groups are fewer than 10 or more than the runs, or the level is no share.

    Notes
    -----
    It is made on the square root of the index, a distance, and not corrected for bias. It says how large an index is,
    not whether there is one: under independence the index is not near a normal law, its root is above 0 whatever the
    runs, and only `permutation_test` can show it. Runs are taken as independent: repeats of one configuration are not.
    Measured coverage is in the calibration under "spread of HSIC". Efron and Stein (1981), doi:10.1214/aos/1176345462.

    Examples
    --------
    >>> import numpy as np
    >>> from hpanalysis import hsic
    >>> x = np.random.default_rng(0).random((400, 2))
    >>> goal = hsic.Goal((hsic.Continuous(), hsic.Continuous()), bandwidth=0.3)
    >>> found = hsic.jackknife(x, np.abs(x[:, 0] - 0.4), goal, rng=0)
    >>> bool(found.low[0] > found.high[1])
    True
    """
    x, errors = checked(x, errors, goal.kinds)
    if not 10 <= groups <= len(x):
        raise UserError(f"groups is {groups!r} for {len(x)} runs: give 10 or more, and not more than there are runs")
    if not 0 < level < 1:
        raise UserError(f"level is {level!r}: give a share between 0 and 1, such as 0.95")
    whole = _indices(x, errors, goal)
    group = folds(len(x), groups, rng)
    without = [_indices(x[group != g], errors[group != g], goal) for g in range(groups)]
    reach = float(t_isf((1 - level) / 2, groups - 1))
    ends = []
    for name in ("index", "r2"):
        root = np.sqrt(getattr(whole, name))
        others = np.sqrt([getattr(part, name) for part in without])
        half = reach * np.sqrt((groups - 1) * others.var(axis=0))
        ends += [np.maximum(root - half, 0.0) ** 2, (root + half) ** 2]
    return Spread(whole, *ends)


def _indices(x: np.ndarray, errors: np.ndarray, goal: Goal) -> Indices:
    return Moments(goal, quantiles(x, errors, goal)).add(x, errors).indices()
