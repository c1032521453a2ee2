"""What is a run worth? The metric of a sweep on every scale, with failed runs where they belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.design.tuning import is_share
from hpanalysis.errors import UserError
from hpanalysis.statistics.far_values import far_below
from hpanalysis.statistics.outcomes import Outcomes
from hpanalysis.sweeps.reading.cells import is_number
from hpanalysis.sweeps.reading.vocabulary import is_identifier, is_index

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

# Why something is not about every run.
UNDECLARED = "some runs failed and no value was declared for a failure"
WORST = "A failed run counts as the worst seen on its data set"


def outcomes_of(sweep: Sweep, value: float | None, unit: np.ndarray) -> Outcomes:
    """The outcomes of a sweep, whatever is compared.

    Parameters
    ----------
    sweep
        The runs.
    value
        The outcome that a failed run stands for, None if it has none.
    unit
        Code of the unit of evidence, shape (runs,).
    """
    failed = ~sweep.ok
    # Where all runs failed no score is left to rank.
    order = pd.Series(sweep.score).groupby(sweep.block).rank("dense").fillna(0).to_numpy(np.int64)
    every: np.ndarray | None = sweep.outcome
    if failed.any():
        every = None if value is None else np.where(failed, value, sweep.outcome)
    return Outcomes(order, failed, every, sweep.outcome, unit, sweep.block)


def failed_outcome(sweep: Sweep) -> float | None:
    """The declared value of a failed run on the scale of `Sweep.outcome`; None where none may be used.

    A value better than the median run would turn failing into an advantage: it is not used, and `check` says so.

    Raises
    ------
    UserError
        If the metric is analysed on its logarithm and the declared value is not positive.
    """
    value = sweep.failed_value
    if value is None:
        return None
    if sweep.transform == "log10":
        if value <= 0:
            raise UserError(f"failed_value is {value:g} and the metric is on log10; declare a value above 0, or none.")
        value = float(np.log10(value))
    typical = np.median(sweep.score[sweep.ok]) if sweep.ok.any() else np.inf
    return value if (value if sweep.goal == "max" else -value) <= typical else None


def ranks_of(sweep: Sweep) -> np.ndarray:
    """Mid-rank of each run within its data set, shape (runs,), in (0, 1), best highest, failed runs tied lowest."""
    places = pd.Series(np.where(sweep.ok, sweep.score, -np.inf)).groupby(sweep.block)
    return ((places.rank() - 0.5) / places.transform("size")).to_numpy(float)


def tie_share_of(sweep: Sweep) -> float:
    """Share of the pairs of runs on one data set that tie, failed runs with each other too; data sets weigh equally."""
    score = pd.Series(np.where(sweep.ok, sweep.score, -np.inf))
    runs = np.bincount(sweep.block)
    pairs = np.bincount(sweep.block, weights=score.groupby([sweep.block, score]).transform("size") - 1)
    return float(np.mean(pairs / np.maximum(runs * (runs - 1), 1)))


def worth_of(sweep: Sweep, value: float | None) -> np.ndarray:
    """Score of every run, shape (runs,), best highest; failures at their declared value, else at the worst seen."""
    if value is not None:
        return np.where(sweep.ok, sweep.score, value if sweep.goal == "max" else -value)
    worst = pd.Series(sweep.score).groupby(sweep.block).transform("min")
    return np.where(sweep.ok, sweep.score, worst)


def far_of(sweep: Sweep) -> np.ndarray:
    """Complete runs far below all others of their data set, bool, shape (runs,): 1e20 or 9999 beside 0.5."""
    out = np.zeros(len(sweep), dtype=bool)
    for b in range(len(sweep.datasets)):
        here = sweep.block == b
        out[here] = far_below(sweep.score[here])
    return out


def possible_range(sweep: Sweep) -> tuple[float, float]:
    """Between which values the metric can lie, as it is analysed: a share in [0, 1], no less than 0 what never is."""
    known = sweep.outcome[sweep.ok]
    if sweep.transform is not None or not len(known) or known.min() < 0:
        return -np.inf, np.inf
    if is_share(sweep):
        return 0.0, 1.0
    return 0.0, 100.0 if sweep.unit == "%" and known.max() <= 100 else np.inf


def named_apart(sweep: Sweep) -> str:
    """The text column that makes every row a configuration of its own, by what it says; empty where there is none.

    Not one that is called an identifier, or declared as one, nor where seeds say which runs are repeats.
    """
    if any(sweep.runs[seed].nunique() > 1 for seed in sweep.columns_with("seed")):
        return ""
    for column in sweep.columns_with("identifier"):
        called = is_identifier(column) or is_index(column) or column in sweep.declared
        if not called and not is_number(sweep.runs[column]) and sweep.runs[column].is_unique:
            return column
    return ""
