"""What must be remembered of the runs? Sums that add up over chunks, processes and machines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hpanalysis.errors import UserError
from hpanalysis.statistics.hsic.features import Interval, scratch, taken
from hpanalysis.statistics.hsic.goal import SEARCH, Discrete, Goal, Kind, checked, conditional_columns
from hpanalysis.statistics.hsic.indices import Indices, Term

CHUNK = 2048  # rows whose features stay in the cache
CELLS = 1024  # of the histogram that a median distance is read from


def thresholds(x: np.ndarray, errors: np.ndarray, goal: Goal) -> np.ndarray:
    """The error up to which a run counts as one of the best, for each term of a goal.

    Parameters
    ----------
    x
        Columns, shape (runs, columns); only where it is NaN matters here.
    errors
        Lower is better, inf for a failed run, shape (runs,).
    goal
        The quantile and the terms.

    Returns
    -------
    numpy.ndarray
        The lower quantile among the runs where the whole term is active, shape (terms,); NaN if there are none.

    Raises
    ------
    UserError
        As in `goal_oriented`.

    Examples
    --------
    >>> import numpy as np
    >>> from hpanalysis import hsic
    >>> errors = np.arange(100.0)
    >>> hsic.thresholds(np.full((100, 1), 0.5), errors, hsic.Goal((hsic.Continuous(),), quantile=0.1))
    array([9.])
    """
    return quantiles(*checked(x, errors, goal.kinds), goal)


def quantiles(x: np.ndarray, errors: np.ndarray, goal: Goal) -> np.ndarray:
    """The thresholds of columns and errors that have been checked.

    Parameters
    ----------
    x, errors, goal
        As in `thresholds`, floats.

    Returns
    -------
    numpy.ndarray
        Shape (terms,).

    Examples
    --------
    >>> import numpy as np
    >>> from hpanalysis import hsic
    >>> quantiles(np.full((100, 1), 0.5), np.arange(100.0), hsic.Goal((hsic.Continuous(),), quantile=0.2))
    array([19.])
    """
    conditional = conditional_columns(x)
    found: dict[tuple[int, ...], float] = {}
    for key in {_conditions(term, conditional) for term in goal.listed}:
        here = errors[~np.isnan(x[:, key]).any(axis=1)] if key else errors
        rank = int(np.ceil(goal.quantile * len(here) - 1e-9)) - 1
        found[key] = float(np.partition(here, rank)[rank]) if len(here) else np.nan
    return np.array([found[_conditions(term, conditional)] for term in goal.listed])


def goal_oriented(x: np.ndarray, errors: np.ndarray, goal: Goal) -> Indices:
    """Measure what the best runs have in common.

    Parameters
    ----------
    x
        Columns, shape (runs, columns): [0, 1] for continuous ones, codes for discrete ones, NaN where inactive. A term
        is judged in the runs where it is active, with the quantile taken among them.
    errors
        Lower is better, inf for a failed run, shape (runs,).
    goal
        The kinds of the columns, the quantile, the bandwidth and the terms.

    Returns
    -------
    Indices
        Index, R2-HSIC and bandwidth of every term.

    Raises
    ------
    UserError
        If a column leaves its axis, an error is NaN or a length does not fit.

    Notes
    -----
    It misleads where the search adapted, or where columns were not drawn independently. Compare an index with the
    floor of `permutation_test`: it is above 0 for a column that does nothing.
    Novello et al. (2023), arXiv:2207.06216; Gretton et al. (2005), doi:10.1007/11564089_7.

    Examples
    --------
    >>> import numpy as np
    >>> from hpanalysis import hsic
    >>> x = np.random.default_rng(0).random((1000, 2))
    >>> found = hsic.goal_oriented(x, (x[:, 0] - 0.3) ** 2, hsic.Goal((hsic.Continuous(), hsic.Continuous())))
    >>> bool(found.index[0] > 10 * found.index[1])
    True
    """
    x, errors = checked(x, errors, goal.kinds)
    return Moments(goal, quantiles(x, errors, goal)).add(x, errors).indices()


def _conditions(term: tuple[int, ...], conditional: np.ndarray) -> tuple[int, ...]:
    return tuple(j for j in term if conditional[j])


class Moments:
    """Sums over the runs from which every index follows, whatever its bandwidth.

    Parameters
    ----------
    goal
        The kinds of the columns, the quantile, the bandwidth and the terms.
    limits
        The error up to which a run counts as one of the best, one number or one for each term, shape (terms,): known
        in advance, or from `thresholds` on the errors and on where columns are inactive, which fit where a table does
        not.

    Raises
    ------
    UserError
        If the limits do not fit the terms.

    Examples
    --------
    >>> import numpy as np
    >>> from hpanalysis import hsic
    >>> x = np.random.default_rng(0).random((1000, 2))
    >>> goal = hsic.Goal((hsic.Continuous(), hsic.Continuous()))
    >>> halves = [hsic.Moments(goal, 0.1).update(part, part[:, 0]) for part in (x[:300], x[300:])]
    >>> found = halves[0].merge(halves[1]).indices()
    >>> bool(found.index[0] > 10 * found.index[1])
    True
    """

    def __init__(self, goal: Goal, limits: float | Sequence[float] | np.ndarray):
        given, terms = np.asarray(limits, dtype=float), len(goal.listed)
        if given.shape not in {(), (terms,)}:
            raise UserError(
                f"limits has shape {given.shape}: give one number, or one for each of the terms of the goal"
            )
        self.goal = goal
        self.limits = np.broadcast_to(given, terms).copy()
        self._terms = [Term(goal, columns) for columns in goal.listed]
        self._counts = np.zeros((terms, 2))
        self._sums: list[np.ndarray] = [np.zeros((2, *_shape(term))) for term in self._terms]
        self._cells: list[np.ndarray] = []
        if goal.bandwidth == "median":
            self._cells = [np.zeros((len(columns), CELLS)) for columns in goal.listed]

    def update(self, x: np.ndarray, errors: np.ndarray) -> Moments:
        """Add runs and return self.

        Parameters
        ----------
        x, errors
            As in `goal_oriented`.

        Raises
        ------
        UserError
            If a column leaves its axis, an error is NaN or a length does not fit.
        """
        return self.add(*checked(x, errors, self.goal.kinds))

    def add(self, x: np.ndarray, errors: np.ndarray) -> Moments:
        """Add runs that have been checked; returns self."""
        for start in range(0, len(x), CHUNK):
            self._add(x[start : start + CHUNK], errors[start : start + CHUNK])
        return self

    def merge(self, other: Moments) -> Moments:
        """Add the runs of another accumulator and return self.

        Parameters
        ----------
        other
            With the same goal and limits.

        Raises
        ------
        UserError
            If its goal or its limits are others.
        """
        if other.goal != self.goal or not np.array_equal(other.limits, self.limits, equal_nan=True):
            raise UserError(
                f"the other moments answer {other.goal} with limits {other.limits}: merge those of one goal only, "
                f"here {self.goal} with limits {self.limits}"
            )
        self._counts += other._counts
        for mine, theirs in zip(self._sums + self._cells, other._sums + other._cells, strict=True):
            mine += theirs
        return self

    def _add(self, x: np.ndarray, errors: np.ndarray) -> None:
        conditional = conditional_columns(x)
        groups: dict[tuple[tuple[int, ...], float], list[int]] = {}
        for number, term in enumerate(self.goal.listed):
            groups.setdefault((_conditions(term, conditional), float(self.limits[number])), []).append(number)
        for (key, limit), numbers in groups.items():
            rows = ~np.isnan(x[:, key]).any(axis=1) if key else slice(None)
            self._add_group(numbers, x[rows], errors[rows] <= limit)

    def _add_group(self, numbers: list[int], x: np.ndarray, best: np.ndarray) -> None:
        chosen = np.flatnonzero(best)
        tables: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        for number in numbers:
            term, columns = self._terms[number], self.goal.listed[number]
            self._counts[number] += len(x), len(chosen)
            if len(columns) == 1:
                total, among_best = term.features[0].sums(x[:, columns[0]], chosen)
            else:
                for j, feature in zip(columns, term.features, strict=True):
                    if j not in tables:
                        table = scratch(f"column {j}", feature.size, len(x))
                        feature.table(x[:, j], table)
                        tables[j] = table, taken(table, chosen, f"chosen of column {j}")
                (one, one_best), (two, two_best) = (tables[j] for j in columns)
                total, among_best = one @ two.T, one_best @ two_best.T
            self._sums[number][0] += total
            self._sums[number][1] += among_best
            if self._cells:
                for row, (j, kind) in enumerate(zip(columns, term.kinds, strict=True)):
                    self._cells[number][row] += _histogram(x[:, j], kind)

    def indices(self) -> Indices:
        """The index of every term, from the runs added so far."""
        terms = range(len(self._terms))
        found = np.array([self._index(number) for number in terms]).reshape(-1, 3)
        runs, best = self._counts.astype(int).T
        return Indices(self.goal.listed, found[:, 0], found[:, 1], found[:, 2], runs, best)

    def rule(self, number: int) -> float | None:
        """The bandwidth of a term where it is given or a median; None where it is searched for."""
        if self.goal.bandwidth == "maximum":
            return None
        if self.goal.bandwidth == "median":
            return _median(self._cells[number], self._terms[number])
        return float(self.goal.bandwidth)

    def _index(self, number: int) -> tuple[float, float, float]:
        term, (n, m) = self._terms[number], self._counts[number]
        if not m:
            return np.nan, np.nan, np.nan
        total, best = self._sums[number]
        single = term.features[0] if len(term.columns) == 1 else None
        if single is not None:
            whole = single.moments(total)
            total, best = whole, single.moments(best)
            if isinstance(single, Interval):
                total, best = (single.basis.T @ sums[: single.top + 1] for sums in (total, best))
        total, best = term.shaped(total), term.shaped(best)
        value, h = term.value(self.rule(number), total, best, (n, m))
        if np.isfinite(h[0]):
            value = term.at(h[0], total, best, (n, m))
        r2 = np.nan
        if single is not None and (np.isfinite(h[0]) or not term.scaled):
            scale = single.spread(whole, h[0]) * (m / n * (1 - m / n)) ** 2
            # A column of one value leaves rounding only.
            r2 = float(value[0] / np.sqrt(scale)) if scale > 1e-24 else np.nan
        return float(value[0]), r2, float(h[0])


def _shape(term: Term) -> tuple[int, ...]:
    if len(term.columns) == 1:
        return term.features[0].sums_shape
    return term.sizes


def _histogram(column: np.ndarray, kind: Kind) -> np.ndarray:
    if isinstance(kind, Discrete):
        cells = column if kind.levels <= CELLS else column * (CELLS / kind.levels)
    else:
        cells = np.minimum(column * CELLS, CELLS - 1)
    return np.bincount(cells.astype(np.intp), minlength=CELLS)


def _median(cells: np.ndarray, term: Term) -> float:
    """The median distance between two runs with different values, over the columns with a Gaussian kernel."""
    distances, weights = [], []
    for counts, kind in zip(cells, term.kinds, strict=True):
        if isinstance(kind, Discrete) and kind.kernel == "delta":
            continue
        spectrum = np.fft.rfft(counts, 2 * CELLS)
        pairs = np.rint(np.fft.irfft(spectrum * spectrum.conj(), 2 * CELLS)[1:CELLS])
        weights.append(pairs / max(pairs.sum(), 1.0))
        distances.append(np.arange(1, CELLS) / min(kind.levels if isinstance(kind, Discrete) else CELLS, CELLS))
    if not distances or not np.sum(weights):
        return np.nan
    distance, weight = np.concatenate(distances), np.concatenate(weights)
    order = np.argsort(distance, kind="stable")
    reached = np.cumsum(weight[order])
    return float(np.clip(distance[order][np.searchsorted(reached, reached[-1] / 2)], *SEARCH))
