"""How early does the final order show? Rank correlation of each point of the runs' curves with their last one.

Spearman's correlation on mid-ranks within each stratum, of all runs and of those that are best at the end. Each is seen
on Fisher's scale, on which its error is nearly normal, with what every unit of evidence adds to it, so that statements
along the curve hold together.
"""

from __future__ import annotations

import numpy as np

from hpanalysis.statistics.mean_curves import Part, Place, places_of

# Fewer units in a stratum do not show an order; a correlation of 1 has no place on Fisher's scale.
LEAST, LARGEST = 8, 1.0 - 1e-9


def fit(values: np.ndarray, cluster: np.ndarray, stratum: np.ndarray, *, best: float = 0.1) -> tuple[Place, ...]:
    """Rank correlation of each point with the last, on Fisher's scale, on average over strata and in each.

    Parameters
    ----------
    values
        Scores, best highest, shape (runs, points); a run with NaN takes no part.
    cluster, stratum
        Codes of the unit of evidence and of the stratum, shape (runs,).
    best
        The share of the runs of each stratum that count as the best at the last point, those that tie included.

    Returns
    -------
    tuple of Place
        As `mean_curves.fit` gives them: two groups, all runs and the best, at all points but the last; each on Fisher's
        scale, so that ``numpy.tanh`` of an estimate is the correlation, averaged over strata.

    Notes
    -----
    The best are chosen by the last point: their order is less certain than that of all, as they differ less.
    Croux & Dehon (2010), doi:10.1007/s10260-010-0142-z (influence of a rank correlation).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> end = rng.normal(size=400)
    >>> values = np.column_stack([end + rng.normal(size=400), end])
    >>> (place,) = fit(values, np.arange(400), np.zeros(400, int))
    >>> np.tanh(place.estimate).round(1)[:, 0].tolist()
    [0.7, 0.3]
    """
    taken = ~np.isnan(values).any(axis=1)
    strata = [int(s) for s in np.unique(stratum[taken])]
    parts = []
    for s in strata:
        rows = np.flatnonzero(taken & (stratum == s))
        parts.append(_part(values[rows], cluster[rows], best))
    return tuple(_on_fisher(place) for place in places_of(parts, strata, LEAST))


def _part(values: np.ndarray, cluster: np.ndarray, best: float) -> Part:
    """Both groups in a stratum, as correlations."""
    unit, own = np.unique(cluster, return_inverse=True)
    end = values[:, -1]
    # As many as the share says, and those that tie with the last of them.
    least = np.sort(end)[::-1][min(int(np.ceil(best * len(end))), len(end)) - 1]
    groups = (np.ones(len(end), dtype=bool), np.asarray(end >= least))
    points = values.shape[1] - 1
    estimate, influence = np.full((2, points), np.nan), np.zeros((len(unit), 2, points))
    units, runs = np.zeros(2, dtype=int), np.zeros(2, dtype=int)
    for g, inside in enumerate(groups):
        rows = np.flatnonzero(inside)
        runs[g], units[g] = len(rows), len(np.unique(own[rows]))
        if units[g] < 2:
            continue
        ranks = [_Ranks(values[rows, t]) for t in range(points + 1)]
        for t in range(points):
            estimate[g, t], each = _correlation(ranks[t], ranks[-1])
            influence[:, g, t] = np.bincount(own[rows], weights=each, minlength=len(unit))
        influence[:, g] *= np.sqrt(units[g] / (units[g] - 1))
    return Part(estimate, influence, unit, units, runs)


class _Ranks:
    """Mid-ranks in (0, 1), and for sums over runs that are as large or larger: ties count half."""

    def __init__(self, x: np.ndarray) -> None:
        self.order = np.argsort(x, kind="stable")
        ordered = x[self.order]
        start = np.concatenate([[True], ordered[1:] != ordered[:-1]])
        self.first = np.flatnonzero(start)
        self.tie = np.cumsum(start) - 1
        self.size = np.diff([*self.first, len(x)])
        self.mid = np.empty(len(x))
        self.mid[self.order] = ((self.first + self.size / 2) / len(x))[self.tie]

    def beyond(self, weight: np.ndarray) -> np.ndarray:
        """For each run the mean over all runs of their weight, of those that are larger, ties as half."""
        ordered = np.add.reduceat(weight[self.order], self.first)
        larger = ordered.sum() - np.cumsum(ordered)
        out = np.empty(len(weight))
        out[self.order] = (larger + ordered / 2)[self.tie] / len(weight)
        return out


def _correlation(a: _Ranks, b: _Ranks) -> tuple[float, np.ndarray]:
    """Correlation of mid-ranks, and what each run adds to it; NaN where either has one rank alone."""
    u, v = a.mid, b.mid
    product, left, right = ((x * y).mean() - 0.25 for x, y in ((u, v), (u, u), (v, v)))
    if min(left, right) <= 1e-12:
        return float("nan"), np.zeros(len(u))
    root = np.sqrt(left * right)
    r = float(np.clip(product / root, -LARGEST, LARGEST))
    # A product of two ranks is a mean over three runs: one as itself, and one behind each of both ranks.
    of_product = u * v + a.beyond(v) + b.beyond(u) - 3 * (product + 0.25)
    of_left, of_right = (
        x**2 + 2 * ranks.beyond(x) - 3 * (square + 0.25) for x, ranks, square in ((u, a, left), (v, b, right))
    )
    # The mean of mid-ranks is one half whatever the sample, and adds nothing.
    each = of_product / root - 0.5 * r * (of_left / left + of_right / right)
    return r, each / len(u)


def _on_fisher(place: Place) -> Place:
    """The same on Fisher's scale."""
    r = place.estimate.ravel()
    slope = np.nan_to_num(1.0 / (1.0 - r**2))
    covariance = place.covariance * np.outer(slope, slope)
    estimate = np.arctanh(r).reshape(place.estimate.shape)
    return Place(estimate, covariance, place.units, place.runs, place.together, place.strata)
