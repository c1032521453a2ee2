"""Which value does the best of k draws have? The expectation of anything else that is known of the run that wins."""

from __future__ import annotations

import numpy as np

from hpanalysis.statistics.best_of_k import CUT, weights


def value_at_best(score: np.ndarray, value: np.ndarray, k: int) -> tuple[float, np.ndarray]:
    """Expected value of the run that has the best score among k drawn without replacement, and what each contributes.

    Parameters
    ----------
    score
        Shape (runs,), higher is better, finite.
    value
        What is known of each run beside its score, shape (runs,), finite.
    k
        Draws, 1 to runs - 1.

    Returns
    -------
    estimate
        In the unit of `value`; of runs that tie, each is the best as often as the others.
    influence
        Shape (runs,); its sum of squares is the jackknife variance.

    Notes
    -----
    It is where tuning ends on average: between two peaks it lies at neither. The same weights as `best_of_k`, in the
    order of the score: Tang et al. (2020), doi:10.18653/v1/2020.acl-main.246.

    Examples
    --------
    >>> import numpy as np
    >>> estimate, _ = value_at_best(np.array([0.1, 0.2, 0.3]), np.array([5.0, 6.0, 7.0]), 2)
    >>> round(estimate, 4)
    6.6667
    """
    order = np.lexsort((value, score))
    score, n = score[order], len(score)
    # Runs that tie share their weights: each stands for the mean of all of them.
    _, tie, size = np.unique(score, return_inverse=True, return_counts=True)
    y = (np.bincount(tie, weights=value[order]) / size)[tie]
    w = weights(n - 1, k)
    below = np.concatenate([[0.0], np.cumsum(w * y[:-1])])
    above = np.concatenate([np.cumsum((w * y[1:])[::-1])[::-1], [0.0]])
    left_out = below + above
    influence = np.empty(n)
    influence[order] = (left_out.mean() - left_out) * np.sqrt((n - 1) / n)
    # A run that ties moves the mean of its ties, too.
    own = np.bincount(tie, weights=weights(n, k))[tie] / size[tie]
    influence[order] += own * (value[order] - y)
    return float(weights(n, k) @ y), influence


def by_unit(influence: np.ndarray, unit: np.ndarray) -> tuple[float, float]:
    """Variance of an estimate and its degrees of freedom, from what each run contributes and its unit of evidence.

    Student's t with degrees of freedom by the kurtosis of what the units contribute, as for a best of k.
    """
    own = np.unique(unit, return_inverse=True)[1]
    squares = np.bincount(own, weights=influence) ** 2
    variance, units = float(squares.sum()), len(squares)
    if not variance > 0:
        return float("nan"), float("nan")
    kurtosis = units * float((squares**2).sum()) / variance**2
    return variance, max(CUT * 2 * units / max(kurtosis - 1, 1e-9), 1.0)
