"""Are the repeats of a configuration repeats, or copies of one run? Copied rows, or one seed, show no luck."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

# So many runs must equal another one, and that share of the repeated runs.
LEAST, SHARE = 3, 0.5
# A metric that takes fewer values than that between its worst and its best is coarse: honest repeats tie there.
FINE = 1000


@dataclass(frozen=True)
class Duplicates:
    """Runs that seem to be copies of another run of their configuration.

    Parameters
    ----------
    extra
        Whether a run is a copy of an earlier one, shape (runs,), bool; none where nothing is suspicious.
    equal
        Complete runs that equal another one of their configuration to the last digit.
    repeated
        Complete runs of configurations with two of them or more.
    """

    extra: np.ndarray
    equal: int
    repeated: int


def find_duplicates(sweep: Sweep) -> Duplicates:
    """Look for copies among the repeats.

    They are suspicious if more than half of the repeated runs, and three at least, equal another one of their
    configuration, and runs of different configurations rarely do.

    Parameters
    ----------
    sweep
        The runs.

    Notes
    -----
    A metric that takes few values makes honest repeats tie. So data sets on which it does are left out, and of the
    others a value that two configurations share, as that of chance, is no evidence: more than half of the repeated
    runs whose value is that of one configuration only must equal another one too.
    """
    value = sweep.runs[sweep.metric].to_numpy(dtype=float, na_value=np.nan)
    fine = [not coarse(value[(sweep.block == b) & sweep.ok]) for b in range(len(sweep.datasets))]
    runs = pd.DataFrame({"place": sweep.block, "configuration": sweep.configuration, "value": value})
    runs = runs[np.array(fine)[sweep.block] & sweep.ok]
    # A configuration belongs to one data set, so that its repeats are of the same one.
    repeated = runs.groupby("configuration")["value"].transform("size") > 1
    equal = runs.duplicated(["configuration", "value"], keep=False)
    once = runs.drop_duplicates(["configuration", "value"])
    shared = once[once.duplicated(["place", "value"], keep=False)]
    keys = pd.MultiIndex.from_frame(runs[["place", "value"]])
    own = ~keys.isin(pd.MultiIndex.from_frame(shared[["place", "value"]]))
    suspicious = all(
        (equal & part).sum() >= LEAST and (equal & part).sum() > SHARE * part.sum()
        for part in (repeated, repeated & own)
    )
    extra = np.zeros(len(sweep), dtype=bool)
    if suspicious:
        extra[runs.index[runs.duplicated(["configuration", "value"])]] = True
    return Duplicates(extra, int(equal.sum()), int(repeated.sum()))


def coarse(value: np.ndarray) -> bool:
    """Whether a metric takes few values only, as an accuracy on a small test set does.

    Parameters
    ----------
    value
        The metric of complete runs, shape (runs,).

    Returns
    -------
    bool
        True where fewer than 1,000 steps lie between the worst and the best: where all values are whole steps apart,
        or where none come as close to each other as so many numbers of a fine metric would.
    """
    distinct = np.unique(value)
    if len(distinct) < 3:
        return True
    gaps = np.diff(distinct)
    steps = np.rint(gaps / gaps.min())
    # Over all of them, as rounding in a table changes each one a little.
    step = gaps.sum() / steps.sum()
    whole = np.abs(gaps / step - steps).max() < 0.1
    # Of d numbers drawn from a range, the closest two are about the range / d^2 apart; ten times that is no accident.
    return bool(steps.sum() < FINE and (whole or steps.sum() < len(distinct) ** 2 / 10))
