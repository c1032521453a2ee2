"""What follows from a table of runs? Which rows agree, which data set a run is of, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpanalysis.sweeps.space import level_key

Status = Literal["complete", "stopped", "diverged", "failed", "running"]
STATUSES: tuple[Status, ...] = get_args(Status)
FITS_INT64 = 2**62


class DataSets(NamedTuple):
    """The data set of each run as an index into `labels`, shape (runs,), and the labels, sorted."""

    block: NDArray[np.int64]
    labels: tuple[str, ...]


def same_rows(codes: Iterable[NDArray[np.int64]], rows: int) -> NDArray[np.int64]:
    """The same code for rows that agree in several columns, shape (rows,), counted from 0 in order of appearance.

    Parameters
    ----------
    codes
        One array a column, shape (rows,): the same code for the same cell, -1 where it is missing.
    rows
        The number of rows, which no column would say when there is none.

    Examples
    --------
    >>> import numpy as np
    >>> same_rows([np.array([0, 0, 1, 0]), np.array([0, -1, 0, 0])], 4).tolist()
    [0, 1, 2, 0]
    """
    code, size = np.zeros(rows, dtype=np.int64), 1
    for own in codes:
        levels = int(own.max(initial=-1)) + 2
        if size > FITS_INT64 // levels:
            code = pd.factorize(code)[0]
            size = int(code.max(initial=-1)) + 1
        code, size = code * levels + own + 1, size * levels
    return pd.factorize(code)[0]


def cell_codes(column: pd.Series) -> NDArray[np.int64]:
    """The same code for the same cell of a column, -1 where it is missing, shape (rows,)."""
    return pd.factorize(column)[0]


def data_sets(columns: pd.DataFrame) -> DataSets:
    """Which data set each run is of, by the columns that name it together; one called "all runs" without any.

    Parameters
    ----------
    columns
        The columns that name the data set, shape (runs, columns).

    Examples
    --------
    >>> import pandas as pd
    >>> found = data_sets(pd.DataFrame({"task": ["mnist", "digits", "mnist"], "size": [28, None, 28]}))
    >>> found.labels, found.block.tolist()
    (('digits', 'mnist / 28'), [1, 0, 1])
    """
    if columns.shape[1] == 0:
        return DataSets(np.zeros(len(columns), dtype=np.int64), ("all runs",))
    code = same_rows((cell_codes(columns[name]) for name in columns), len(columns))
    first = np.unique(code, return_index=True)[1]
    rows = [[None if pd.isna(v) else level_key(v) for v in row] for row in columns.iloc[first].to_numpy(dtype=object)]
    labels = [" / ".join(v for v in row if v is not None) or "missing" for row in rows]
    if len(set(labels)) < len(labels):
        labels = [" / ".join("missing" if v is None else v for v in row) for row in rows]
    labels = [f"{x} (a data set)" if x == "all data sets" else x for x in labels]  # the average is called so
    order = sorted(range(len(labels)), key=labels.__getitem__)
    rank = np.empty(len(labels), dtype=np.int64)
    rank[order] = np.arange(len(labels))
    return DataSets(rank[code], tuple(labels[i] for i in order))


def statuses(metric: NDArray[np.float64], column: pd.Series | None = None) -> NDArray[np.str_]:
    """How each run ended, shape (runs,), in the words of `Status`, or those of the column where it uses others.

    Parameters
    ----------
    metric
        What came out, shape (runs,): without a status, an infinite one means diverged and none means failed.
    column
        What the table says. A run that claims to be complete needs a finite metric too.

    Examples
    --------
    >>> import numpy as np
    >>> statuses(np.array([0.9, np.inf, np.nan])).tolist()
    ['complete', 'diverged', 'failed']
    """
    status = np.full(len(metric), "complete", dtype="U32")
    if column is not None:
        status[:] = column.to_numpy(dtype="U32")
    complete = status == "complete"
    status[complete & np.isinf(metric)] = "diverged"
    status[complete & np.isnan(metric)] = "failed"
    return status
