"""Which hyperparameters act together? Every pair, one test each, adjusted for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.errors import UserError, choices
from hpanalysis.questions.answer import Answer, Asked, facts_of, in_vocabulary
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.report import THIS_ANSWER, Report
from hpanalysis.statistics.differences import POOLED
from hpanalysis.statistics.multiplicity import holm
from hpanalysis.statistics.rounding import settled_table
from hpanalysis.statistics.score_tests import each_pair

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

COLUMNS = ["hyperparameter", "other", "dataset", "scale", "runs", "n", "estimate", "p", "statistic", "df"]


def interactions(
    sweep: Sweep | Design, hyperparameters: Sequence[str] = (), *, by: Literal["dataset"] | None = None
) -> Answer:
    """Test every pair of hyperparameters for acting together on the mean.

    Parameters
    ----------
    sweep
        The runs, or their design.
    hyperparameters
        Pairs among these; among all with two comparable values when left out. The others are allowed for either way.
    by
        "dataset": on each data set alone too, where there are several.

    Returns
    -------
    Answer
        One row a pair, the smallest p first. ``estimate`` (scale share) is the share of the variance that data sets
        and all single effects leave, which the pair accounts for beyond what luck would, in [0, 1]; it has no interval.
        ``statistic``, ``df`` and ``p`` are those of `statistics.score_tests.each_pair`; ``p_adjusted`` is Holm's over all rows. NaN where
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
    design = Design.of(sweep)
    sweep = design.sweep
    able = design.comparable()
    unable = [name for name in hyperparameters if name not in able]
    if unable:
        raise UserError(
            f"{unable[0]!r} cannot be paired: fewer than two of its values have 8 runs; choose among "
            f"{choices(able) or 'none'}."
        )
    names = [name for name in able if not hyperparameters or name in hyperparameters]
    rows = _rows(design, able, names, POOLED)
    if by == "dataset" and len(sweep.datasets) > 1:
        for b, dataset in enumerate(sweep.datasets):
            part = design.subset(sweep.block == b)
            rows += _rows(part, part.comparable(), names, dataset)
    table = in_vocabulary(pd.DataFrame(rows, columns=COLUMNS), "statistic", "df")
    table = table.assign(p_adjusted=holm(table["p"].to_numpy(float)))
    table = settled_table(table).sort_values("p", kind="stable", na_position="last")
    table = table.sort_values("dataset", kind="stable", key=lambda c: c != POOLED).reset_index(drop=True)
    caveats = []
    if table["p"].isna().any():
        caveats.append(f"{int(table['p'].isna().sum())} pairs cannot be told from single effects in this design.")
    if not design.every_run:
        caveats.append("Of successful runs only: some runs failed and no value was declared for a failure.")
    return Answer(
        "interactions",
        table,
        asked=facts_of(design) | Asked(hyperparameters=tuple(names), family=THIS_ANSWER),
        caveats=tuple(caveats),
    )


def claims(design: Design, report: Report) -> pd.DataFrame:
    """Every pair of comparable hyperparameters, over all data sets; Holm's p in the share of the report."""
    rows = pd.DataFrame(_rows(design, report.names, report.names, POOLED), columns=COLUMNS)
    adjusted = np.minimum(1.0, ALPHA / report.share * holm(rows["p"].to_numpy(float)))
    return rows.assign(p_adjusted=adjusted, regime="average")


def _rows(design: Design, able: Sequence[str], names: Sequence[str], dataset: str) -> list[dict]:
    """One record a pair; without numbers where a name cannot be compared among these runs."""
    sweep = design.sweep
    regression = design.regression(able)
    usable = max(int(np.isfinite(regression.mean).sum()), 1)
    rows = []
    asked = list(combinations(names, 2))
    tested = [pair for pair in asked if set(pair) <= set(able)]
    results = dict(zip(tested, each_pair(regression, tested), strict=True))
    for a, b in asked:
        row = {"hyperparameter": a, "other": b, "dataset": dataset, "scale": "share"}
        row |= {"runs": "all" if design.every_run else "successful"}
        row |= {"n": len(sweep) if design.every_run else int(sweep.ok.sum())}
        statistic, df, p = results.get((a, b), (np.nan, 0, np.nan))
        share = float(np.clip((statistic - df) / usable, 0.0, 1.0)) if p == p else np.nan
        rows.append(row | {"estimate": share, "p": p, "statistic": statistic, "df": df})
    return rows
