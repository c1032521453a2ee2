"""What did a run cost? The columns that say it, and how such a number is read."""

from __future__ import annotations

import pandas as pd

from hpanalysis.sweeps.reading.vocabulary import words
from hpanalysis.sweeps.sweep import Sweep


def counts_parameters(column: str) -> bool:
    """Whether a column counts the weights of a network.

    Examples
    --------
    >>> counts_parameters("n_params"), counts_parameters("seconds")
    (True, False)
    """
    return any(word.startswith("param") for word in words(column))


def costs_of(sweep: Sweep) -> tuple[str, ...]:
    """The columns of what a run cost, times before numbers of parameters.

    Parameters
    ----------
    sweep
        The runs.

    Returns
    -------
    tuple of str
        Those in which the runs that worked differ; none where that was not recorded.

    Examples
    --------
    >>> from hpanalysis import costs_of, toys
    >>> costs_of(toys.make_staged(toys.Staged(), 0)), costs_of(toys.make(toys.NULL, 60, 0))
    (('seconds',), ())
    """
    columns = [*sweep.columns_with("cost"), *filter(counts_parameters, sweep.columns_with("outcome"))]
    runs = sweep.runs[sweep.ok]
    able = [c for c in columns if pd.api.types.is_numeric_dtype(runs[c]) and runs[c].nunique() > 1]
    return tuple(sorted(able, key=counts_parameters))


def nearly_as_good(sweep: Sweep, best: float) -> float:
    """How far below the best is nearly as good: the margin, else a point of a share, or a hundredth of the best."""
    if sweep.margin:
        return sweep.margin
    if sweep.transform is not None:
        return 0.01
    return 1.0 if sweep.unit == "%" else 0.01 if 0 <= best <= 1 else 0.01 * abs(best)
