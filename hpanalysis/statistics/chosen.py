"""What is reported of the best of k runs, chosen by one metric and seen on another? Its expectation, or its median."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from hpanalysis.statistics.best_of_k import RUNS_A_DRAW, SMALLEST_INTERVAL, weights

Best = Literal["best_of_k", "median_best_of_k"]
BEST: tuple[Best, Best] = ("best_of_k", "median_best_of_k")


@dataclass(frozen=True)
class Chosen:
    """What chooses among k runs, and what is reported of the run that was chosen.

    Parameters
    ----------
    score
        What chooses, shape (runs,), higher is better, finite.
    reported
        What is reported, such as the test metric, shape (runs,), in metric units, finite.
    up
        1 if more of the metric is better, else -1.
    k
        Draws.
    median
        Whether the run in the middle of all best of k is taken, instead of the average over them: for failures that
        have no value.
    examples
        Of a share that is reported though it chose: on how many examples it was measured, shape (strata,), NaN if that
        is unknown. None where what is reported is no share, or chose nothing.
    each
        Draws of each group by its code, where they are not the same.

    Examples
    --------
    >>> score = np.array([0.2, 0.9, 0.5])
    >>> Chosen(score, score, 1.0, k=5).drawing(5, 10).of_group(1).k
    10
    """

    score: np.ndarray
    reported: np.ndarray
    up: float
    k: int
    median: bool = False
    examples: np.ndarray | None = None
    each: tuple[int, ...] = ()

    def drawing(self, *k: int) -> Chosen:
        """The same with other draws: one number, or one for each group."""
        return replace(self, k=k[0], each=k if len(k) > 1 else ())

    def of_group(self, code: int) -> Chosen:
        """The draws of one group."""
        return self.drawing(self.each[code]) if self.each else self

    @property
    def measure(self) -> Best:
        """What its scale is called."""
        return BEST[self.median]

    @property
    def fewest(self) -> int:
        """Units of evidence that a level must have in each stratum."""
        return max(SMALLEST_INTERVAL, RUNS_A_DRAW * self.k)

    def reached(self, share: np.ndarray, n: int) -> np.ndarray:
        """Probability that what is taken lies among that share of a population, the lowest; n is the sample's size."""
        from scipy.special import betainc

        if not self.median:
            return np.asarray(share**self.k)
        middle = 0.5 ** (1 / self.k)
        return np.asarray(betainc((n + 1) * middle, (n + 1) * (1 - middle), share))

    def reached_in(self, n: int) -> np.ndarray:
        """The same of the i lowest of n runs, drawn without replacement, shape (n + 1,)."""
        if self.median:
            return self.reached(np.arange(n + 1) / n, n)
        return np.concatenate([[0.0], np.cumsum(weights(n, self.k))])


def best_reported(score: np.ndarray, chosen: Chosen, reported: np.ndarray) -> tuple[float, np.ndarray]:
    """What is expected of the best of k runs, and what each run contributes to it.

    Parameters
    ----------
    score
        Chooses, shape (runs,), higher is better; among runs that tie each is as likely.
    chosen
        The draws.
    reported
        What is reported of the run that is chosen, shape (runs,).

    Returns
    -------
    estimate
        The unbiased U-statistic, or of a median Harrell and Davis's estimate.
    influence
        Shape (runs,); its sum of squares is the jackknife variance.

    Notes
    -----
    Where `reported` is the score it is `best_of_k.best_of_k`. Tang et al. (2020), doi:10.18653/v1/2020.acl-main.246;
    Harrell & Davis (1982), doi:10.1093/biomet/69.3.635.

    Examples
    --------
    >>> score = np.array([0.1, 0.2, 0.3, 0.4])
    >>> estimate, _ = best_reported(score, Chosen(score, score, 1.0, k=2), score)
    >>> round(estimate, 4)  # the mean of the six largest of two: 2, 3, 4, 3, 4, 4 tenths
    0.3333
    """
    n, order = len(score), np.argsort(score, kind="stable")
    y, t = score[order], reported[order]
    ends = ends_of(y)
    starts, size = np.concatenate([[0], ends[:-1]]), np.diff(ends, prepend=0)
    total = np.add.reduceat(t, starts)
    whole, without = chosen.reached_in(n), chosen.reached_in(n - 1)
    estimate = float(total / size @ (whole[ends] - whole[starts]))
    # Without run i the runs above it move down one rank: two cumulative sums give every leave-one-out estimate.
    mean = total / size
    last = np.minimum(ends, n - 1)
    low = mean * (without[last] - without[np.minimum(starts, n - 1)])
    high = mean * (without[ends - 1] - without[np.maximum(starts - 1, 0)])
    below, above = np.cumsum(low) - low, np.cumsum(high[::-1])[::-1] - high
    group = np.repeat(np.arange(len(ends)), size)
    share = (without[ends - 1] - without[np.minimum(starts, n - 1)]) / np.maximum(size - 1, 1)
    left_out = (below + above)[group] + (total[group] - t) * share[group]
    influence = np.empty(n)
    influence[order] = (left_out.mean() - left_out) * np.sqrt((n - 1) / n)
    return estimate, influence


def ends_of(y: np.ndarray) -> np.ndarray:
    """Where runs that tie end, of sorted scores.

    Examples
    --------
    >>> ends_of(np.array([0.1, 0.1, 0.3])).tolist()
    [2, 3]
    """
    return np.flatnonzero(np.concatenate([y[1:] > y[:-1], [True]])) + 1
