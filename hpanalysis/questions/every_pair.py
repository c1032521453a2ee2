"""Which hyperparameters act together? Every pair, one test each, adjusted for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError, choices
from hpanalysis.evidence.answer import VOCABULARY, Answer, metric_facts
from hpanalysis.evidence.chance import holm
from hpanalysis.evidence.estimate import POOLED
from hpanalysis.evidence.groups import comparable, failed_outcome
from hpanalysis.evidence.rounding import ordering
from hpanalysis.evidence.score_test import Regression, act_together

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep


def all_pairs(sweep: Sweep, hyperparameters: Sequence[str] = (), *, by: Literal["dataset"] | None = None) -> Answer:
    """Test every pair of hyperparameters for acting together on the mean.

    Parameters
    ----------
    sweep
        The runs.
    hyperparameters
        Pairs among these; among all with two comparable values when left out. The others are allowed for either way.
    by
        "dataset": on each data set alone too, where there are several.

    Returns
    -------
    Answer
        One row a pair, the smallest p first. ``estimate`` (scale share) is the share of the variance that data sets
        and all single effects leave, which the pair accounts for beyond what luck would, in [0, 1]; it has no interval.
        ``statistic``, ``df`` and ``p`` are those of `act_together`; ``p_adjusted`` is Holm's over all rows. NaN where
        the design cannot tell the pair apart from single effects.

    Raises
    ------
    UserError
        If a name cannot be compared.

    Notes
    -----
    Power is poor: a pair that is not shown stays open. Without a declared value of a failure it is about successful
    runs (``runs``), and a pair may show there because of which runs failed.
    """
    able = comparable(sweep)
    unable = [name for name in hyperparameters if name not in able]
    if unable:
        raise UserError(
            f"{unable[0]!r} cannot be paired: fewer than two of its values have 8 runs; choose among "
            f"{choices(able) or 'none'}."
        )
    names = [name for name in able if not hyperparameters or name in hyperparameters]
    every = sweep.ok.all() or failed_outcome(sweep) is not None
    rows = _rows(sweep, able, names, POOLED)
    if by == "dataset" and len(sweep.datasets) > 1:
        for b, dataset in enumerate(sweep.datasets):
            part = sweep.subset(sweep.block == b)
            rows += _rows(part, comparable(part), names, dataset)
    table = pd.DataFrame(rows).reindex(columns=[*VOCABULARY, "statistic", "df"])
    table = table.assign(runs="all" if every else "successful", p_adjusted=holm(table["p"].to_numpy(float)))
    table = table.sort_values("p", kind="stable", na_position="last", key=ordering)
    table = table.sort_values("dataset", kind="stable", key=lambda c: c != POOLED).reset_index(drop=True)
    caveats = []
    if table["p"].isna().any():
        caveats.append(f"{int(table['p'].isna().sum())} pairs cannot be told from single effects in this design.")
    if not every:
        caveats.append("Of successful runs only: some runs failed and no value was declared for a failure.")
    return Answer("pairs", table, asked=metric_facts(sweep) | {"names": tuple(names)}, caveats=tuple(caveats))


def _rows(sweep: Sweep, able: Sequence[str], names: Sequence[str], dataset: str) -> list[dict]:
    """One record a pair; without numbers where a name cannot be compared among these runs."""
    regression = Regression.of(sweep, able)
    usable = max(int(np.isfinite(regression.mean).sum()), 1)
    rows = []
    for a, b in combinations(names, 2):
        row = {"hyperparameter": a, "other": b, "dataset": dataset, "scale": "share", "n": len(sweep)}
        statistic, df, p = act_together(regression, (a, b)) if {a, b} <= set(able) else (np.nan, 0, np.nan)
        share = float(np.clip((statistic - df) / usable, 0.0, 1.0)) if p == p else np.nan
        rows.append(row | {"estimate": share, "p": p, "statistic": statistic, "df": df})
    return rows
