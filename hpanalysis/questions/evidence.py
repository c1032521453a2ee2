"""Which numbers does a sentence rest on? Those of the row that it tells, as a finding keeps them."""

from __future__ import annotations

import math
from typing import Literal, TypedDict

from hpanalysis.statistics.differences import POOLED
from hpanalysis.style.rows import Row


class Evidence(TypedDict, total=False):
    """Fields of a `Finding` that a row of a table fills; what the row leaves blank is None."""

    hyperparameter: str | None
    value: str | None
    reference: str | None
    other: str | None
    other_value: str | None
    dataset: str | None
    runs: Literal["all", "successful"] | None
    estimate: float | None
    low: float | None
    high: float | None
    p_adjusted: float | None
    n: int | None


def evidence(row: Row) -> Evidence:
    """The place and the numbers of a row; its scale, level and family are the question's to say.

    Parameters
    ----------
    row
        In the vocabulary of all tables. The average over data sets is no data set.
    """
    return Evidence(
        hyperparameter=row.hyperparameter or None,
        value=row.value or None,
        reference=row.reference or None,
        other=row.other or None,
        other_value=row.other_value or None,
        dataset=None if row.dataset == POOLED else row.dataset or None,
        runs="all" if row.runs == "all" else "successful" if row.runs == "successful" else None,
        estimate=known(row.estimate),
        low=known(row.low),
        high=known(row.high),
        p_adjusted=known(row.p_adjusted),
        n=whole(row.n),
    )


def known(x: float) -> float | None:
    """A number as a finding keeps it: None where there is none.

    Examples
    --------
    >>> known(0.5), known(float("nan"))
    (0.5, None)
    """
    return float(x) if math.isfinite(x) else None


def whole(x: float) -> int | None:
    """A count as a finding keeps it: None where there is none.

    Examples
    --------
    >>> whole(20.0), whole(float("nan"))
    (20, None)
    """
    return int(x) if math.isfinite(x) else None
