"""What would a difference be at equal values of the other hyperparameters? Groups compared in a regression.

An optimiser that copies its best runs makes values meet that were not drawn together: a level that a lucky run had
comes with that run's other values. Comparing it with another level then compares those as well. On sweeps of 600 runs,
four fifths of them copies, plain intervals of 95 % held .88 to .91. At equal values of the others this is undone, as
far as the others act by themselves and as polynomials.
"""

from __future__ import annotations

import numpy as np

from hpanalysis.statistics import probability_of_superiority

# A regression wants that many units of evidence a column, and a level that the others nearly give away has no effect
# of its own to estimate: the others may make its variance that many times as large.
A_COLUMN, MOST_INFLATED = 3, 10.0
LARGEST_LEVERAGE = 0.99


def centred(others: np.ndarray) -> np.ndarray:
    """The columns of `confounders` that vary among some runs, about their mean there, shape (runs, columns)."""
    moving = others[:, np.ptp(others, axis=0) > 0] if len(others) else others
    return np.asarray(moving - moving.mean(axis=0))


class Adjustments:
    """Differences between groups of some runs at equal values of the others, on any scale.

    Parameters
    ----------
    group
        Group of each run, shape (runs,), none below 0.
    others
        Columns of `confounders`, shape (runs, columns).
    cluster
        Code of the unit of evidence, shape (runs,).
    successful
        Runs with a usable metric, shape (runs,): a mean of successful runs is adjusted among these.
    """

    def __init__(self, group: np.ndarray, others: np.ndarray, cluster: np.ndarray, successful: np.ndarray) -> None:
        every = _Regression(group, others, cluster)
        some = every if successful.all() else _Regression(group[successful], others[successful], cluster[successful])
        self._every, self._some, self._successful = every, some, successful

    def able(self, measure: str) -> bool:
        """Whether the runs suffice to adjust; with fewer, luck is a larger error than what values hang together."""
        return (self._some if measure == "mean successful" else self._every).able

    def difference(
        self, y: np.ndarray, value: int, reference: int, measure: str
    ) -> tuple[float, np.ndarray, float] | None:
        """Difference of two groups at equal values of the others.

        Parameters
        ----------
        y
            Outcome of each run, shape (runs,): rank codes for p_better.
        value, reference
            The groups.
        measure
            p_better, p_fail, mean or mean successful.

        Returns
        -------
        estimate, influence, freedom
            The difference (P(better) itself, within [0, 1]), what each run adds to it, shape (runs,), and the degrees
            of freedom that are left. None where runs are too few or leave nothing to tell the groups apart.
        """
        if measure == "mean successful":
            found = self._some.difference(y[self._successful], value, reference)
            if found is None:
                return None
            influence = np.zeros(len(y))
            influence[self._successful] = found[1]
            return found[0], influence, self._some.freedom
        if measure == "p_better":
            group = self._every.group
            y = probability_of_superiority.standing(y, np.flatnonzero((group == value) | (group == reference)))
        found = self._every.difference(y, value, reference)
        if found is None:
            return None
        estimate = min(max(found[0] + 0.5, 0.0), 1.0) if measure == "p_better" else found[0]
        return estimate, found[1], self._every.freedom


class _Regression:
    """A regression of any outcome on the groups of some runs and on what they are adjusted for."""

    def __init__(self, group: np.ndarray, others: np.ndarray, cluster: np.ndarray) -> None:
        self.group = group
        self._levels = np.unique(group)
        self._x = np.column_stack([group[:, None] == self._levels[None, :], centred(others)])
        gram = self._x.T @ self._x
        self._inverse = np.linalg.pinv(gram, rcond=1e-10, hermitian=True)
        self._leverage = np.minimum(((self._x @ self._inverse) * self._x).sum(axis=1), LARGEST_LEVERAGE)
        self._rank = int(np.linalg.matrix_rank(gram, rtol=1e-10, hermitian=True))
        self._units = len(np.unique(cluster))

    @property
    def able(self) -> bool:
        return self._units >= A_COLUMN * self._rank

    @property
    def freedom(self) -> int:
        return self._units - self._rank

    def difference(self, y: np.ndarray, value: int, reference: int) -> tuple[float, np.ndarray] | None:
        """The difference of two groups, and what each run adds to it.

        Residuals are enlarged by their leverage (HC3): MacKinnon & White (1985), doi:10.1016/0304-4076(85)90158-7.
        """
        wanted = np.zeros(self._x.shape[1])
        wanted[np.searchsorted(self._levels, [value, reference])] = 1.0, -1.0
        weight = self._x @ (self._inverse @ wanted)
        plain = sum(1.0 / np.count_nonzero(self.group == g) for g in (value, reference))
        if np.abs(self._x.T @ weight - wanted).max() > 1e-6 or weight @ weight > MOST_INFLATED * plain:
            return None
        residual = (y - self._x @ (self._inverse @ (self._x.T @ y))) / np.sqrt(1.0 - self._leverage)
        return float(weight @ y), weight * residual
