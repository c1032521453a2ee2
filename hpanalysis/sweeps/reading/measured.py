"""Was a column measured or drawn? What its spread, its gaps and the other columns say, where its name says nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpanalysis.sweeps.reading.column_profile import Profile
from hpanalysis.sweeps.reading.gaps import decides
from hpanalysis.sweeps.reading.kinds import KOLMOGOROV, uniform_distance
from hpanalysis.sweeps.runs import same_rows

UNLIKE_A_DRAW = 0.25
LIKE_THE_METRIC = 0.95
# The metric and the settings leave at most that share of what was measured unexplained.
PREDICTED = 0.5
# So many standard deviations speak against what was drawn depending on the other settings: once in a million.
DEPENDS = 4.75
FEWEST = 30
# Of more rows none would change the answer.
MOST_ROWS = 20_000


def is_drawn(p: Profile) -> bool:
    """Whether many numbers are spread evenly over their range, on the linear or the log scale, as draws are.

    Examples
    --------
    >>> import pandas as pd
    >>> rng = np.random.default_rng(0)
    >>> [is_drawn(Profile.of("x", pd.Series(values))) for values in (rng.random(200), rng.gamma(2, 1, 200))]
    [True, False]
    """
    values = p.finite
    if len(values) < 20:
        return False
    linear, log = uniform_distance(values)
    # Nothing measured is spread evenly over three decades, so that fewer numbers tell.
    wide = values.min() > 0 and values.max() >= 1000 * values.min()
    distance = log if wide else min(linear, log)
    return (wide or len(values) >= 50) and bool(distance * np.sqrt(len(values)) < KOLMOGOROV)


def is_like(p: Profile, metric: Profile | None) -> bool:
    """Whether a column has much the same or the opposite order as the metric, as other measures of a run have."""
    if metric is None:
        return True
    return _agreement(p, metric, 3) > 0.5


def _agreement(p: Profile, metric: Profile, least: int) -> float:
    """How much two columns have the same or the opposite order, from 0 to 1; 0 with fewer rows than `least`."""
    both = np.isfinite(metric.values) & np.isfinite(p.values)
    own, other = _ranks(p.values[both]), _ranks(metric.values[both])
    if both.sum() < least or not own.std() or not other.std():
        return 0.0
    return float(abs(np.corrcoef(own, other)[0, 1]))


def counts_runs(p: Profile) -> bool:
    """Whether whole numbers are those of runs: without a gap, or with few and none of them twice."""
    values = p.finite
    if len(values) < 20 or not (values == np.round(values)).all():
        return False
    span = values.max() - values.min() + 1
    return bool(span == p.levels > len(values) / 2 or (p.levels == len(values) and span <= 1.25 * len(values)))


def looks_measured(p: Profile, metric: Profile | None) -> str:
    """Why a numeric column with many values, under a name that says nothing, was probably not chosen before the run.

    Parameters
    ----------
    p
        The column.
    metric
        The metric; None where it is not known.

    Returns
    -------
    str
        The reason, in a few words; empty where there is none.
    """
    values = p.finite
    if counts_runs(p):
        return "it counts the runs"
    if metric is not None:
        lost = ~np.isfinite(metric.values)
        if lost.sum() >= 5 and np.isnan(p.values[lost]).all() and not np.isnan(p.values[~lost]).any():
            return f"it is missing exactly where {metric.name} is"
        if _agreement(p, metric, 20) > LIKE_THE_METRIC:
            return f"it follows {metric.name} too closely to be a setting"
    if len(values) >= 50 and min(uniform_distance(values)) > UNLIKE_A_DRAW:
        return "its values are spread as something measured, not as drawn from a range"
    return ""


def follows(p: Profile, metric: Profile, settings: Sequence[Profile]) -> bool:
    """Whether a column is predicted by the metric and a setting, and depends on the settings as no draw does.

    A hyperparameter is predicted by the metric and the others as well where the metric is all its doing; but it was
    drawn without regard to the others. What was measured depends on the settings, as the metric does.

    Parameters
    ----------
    p
        A numeric column.
    metric
        The metric.
    settings
        The hyperparameters, without the column.
    """
    rows = np.flatnonzero(np.isfinite(metric.values) & np.isfinite(p.values))
    rows = rows[:: -(-len(rows) // MOST_ROWS) or 1]
    # A repeat of a configuration says nothing new of how its settings were drawn.
    drawn = same_rows((setting.codes[rows] for setting in (p, *settings)), len(rows))
    rows = np.sort(rows[np.unique(drawn, return_index=True)[1]])
    if len(rows) < FEWEST or p.levels < 3:
        return False
    own, measure = _ranks(p.values[rows]), _ranks(metric.values[rows])
    if not measure.std():
        return False
    blocks = [block for s in settings if (block := _design(s, rows)) is not None]
    base = _cubic(measure)
    fits = [(_share(own, [base, block]), _share(own, [block])) for block in [np.zeros((len(own), 0)), *blocks]]
    # What a setting alone gives away was computed from it.
    if not any(fit >= PREDICTED and fit - alone > 0.1 for fit, alone in fits):
        return False
    width = sum(block.shape[1] for block in blocks)
    free = len(own) - 1 - width
    if not width or free < FEWEST / 2:
        return False
    share = _share(own, blocks, adjusted=False)
    root = (share / width / (max(1 - share, 1e-12) / free)) ** (1 / 3)
    # Paulson's approximation: an F statistic as a normal deviate (1942, Annals of Mathematical Statistics 13, 233).
    small, large = 2 / (9 * width), 2 / (9 * free)
    return bool(((1 - large) * root - (1 - small)) / np.sqrt(large * root**2 + small) > DEPENDS)


def explains_gaps(other: Profile, empty: NDArray[np.bool_]) -> bool:
    """Whether the levels of another column decide where cells are empty: in all runs of a level, or in none."""
    if other.levels < 2 or not (other.few or not other.numeric) or other.levels > len(empty) / 4:
        return False
    return decides(other.codes, empty) is not None


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(pd.Series(values).rank(pct=True), dtype=np.float64)


def _cubic(ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    x = 2 * ranks - 1
    return np.array([x, x**2, x**3], dtype=np.float64).T


def _design(setting: Profile, rows: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """The columns by which a setting predicts: its levels, or a cubic in its ranks; None where it is mostly empty."""
    if setting.numeric and not setting.few:
        values = setting.values[rows]
        if not np.isfinite(values).all():
            return None
        return _cubic(_ranks(values))
    if setting.levels > 10:
        return None
    codes = setting.codes[rows]
    kept = np.unique(codes)[1:]
    return (codes[:, None] == kept).astype(float) if len(kept) else None


def _share(own: NDArray[np.float64], blocks: Sequence[NDArray[np.float64]], adjusted: bool = True) -> float:
    """Share of the variance that a linear fit explains, corrected for the number of its columns if `adjusted`."""
    x = np.column_stack([np.ones(len(own)), *blocks])
    if len(own) <= x.shape[1] + 1 or not own.std():
        return 0.0
    rest = own - x @ np.linalg.lstsq(x, own, rcond=None)[0]
    share = 1 - (rest @ rest) / ((own - own.mean()) @ (own - own.mean()))
    return float(1 - (1 - share) * (len(own) - 1) / (len(own) - x.shape[1])) if adjusted else float(share)
