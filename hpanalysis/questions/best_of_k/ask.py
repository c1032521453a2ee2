"""How good is the best of k draws? What tuning buys: the expected best score against the number of runs it took."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.design.balance import CHOSEN
from hpanalysis.design.design import Design
from hpanalysis.errors import UserError, choices
from hpanalysis.questions.answer import Answer, facts_of, in_vocabulary
from hpanalysis.statistics.best_of_k import RUNS_A_DRAW, SMALLEST_INTERVAL, best_interval, joined_freedom, median_best
from hpanalysis.statistics.differences import POOLED

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

COLUMNS = ["value", "dataset", "scale", "estimate", "low", "high", "n", "k"]
GRID = (1, 2, 3, 5, 7, 10, 14, 20, 30, 50, 70, 100, 140, 200, 300, 500, 700, 1000)


def best_of_k(
    sweep: Sweep | Design, hyperparameter: str | None = None, *, dataset: str | None = None, longest: int = GRID[-1]
) -> Answer:
    """Estimate the expected best score of k runs, against k: all runs, or a curve for each level.

    Parameters
    ----------
    sweep
        The runs, or their design.
    hyperparameter
        A curve for each of its levels (a range is cut into four slices of equal width in the search
        measure), all others drawn as the sweep drew them.
    dataset
        Only this data set; each of them and their average when left out.
    longest
        The largest k.

    Returns
    -------
    Answer
        Rows in metric units, column ``k``. Scale best_of_k is the mean of the best of k, median_best_of_k its median
        (an order statistic with an exact interval; only where no configuration was repeated, and its far end infinite
        or missing from about a fifth of the runs on). A curve ends at a fifth of its runs. Intervals are 95 % for each
        row alone. On average over data sets with equal weights, as far as all of them reach.

    Raises
    ------
    UserError
        If a name is unknown or `longest` is less than 1.

    Notes
    -----
    Failed runs are draws too, at their declared value, else at the worst score seen. It is what this sweep's way of
    drawing would find, not what a better search would; and the best score of validation is itself optimistic, the more
    the larger k (see `winner`). Tang et al. (2020), doi:10.18653/v1/2020.acl-main.246; Dodge et al. (2019),
    doi:10.18653/v1/D19-1224.
    """
    design = Design.of(sweep)
    sweep = design.sweep
    if dataset is not None and dataset not in sweep.datasets:
        raise UserError(f"{dataset!r} is not a data set of this sweep; choose one of {choices(sweep.datasets)}.")
    if longest < 1:
        raise UserError(f"longest is {longest}; choose 1 or more draws.")
    if hyperparameter is None:
        codes, labels = np.zeros(len(sweep), dtype=int), ("all runs",)
    else:
        found = design.groups(hyperparameter)
        codes, labels = found.codes, found.labels
    places = sweep.datasets if dataset is None else (dataset,)
    score, unit, independent = design.worth, design.unit.codes, not design.adaptive
    repeated = len(np.unique(unit)) < len(unit)
    records = []
    for level, label in enumerate(labels):
        curves = []
        for name in places:
            here = (codes == level) & (sweep.block == sweep.datasets.index(name)) & np.isfinite(score)
            rows = _curve(score[here], unit[here], longest, repeated, independent)
            curves.append([row | {"value": label if hyperparameter else "", "dataset": name} for row in rows])
        records += _average(curves) if len(places) > 1 else []
        records += [row for curve in curves for row in curve]
    table = _in_metric_units(pd.DataFrame(records, columns=COLUMNS), design)
    blank = {"hyperparameter": hyperparameter or "", "reference": "", "other": "", "other_value": "", "runs": "all"}
    table = in_vocabulary(table.assign(**blank), "k")
    asked = facts_of(design) | {"level": 0.95, "hyperparameter": hyperparameter, "levels": labels}
    return Answer("best_of_k", table, asked=asked, caveats=tuple(_caveats(design, table, repeated)))


def _curve(score: np.ndarray, unit: np.ndarray, longest: int, repeated: bool, independent: bool) -> list[dict]:
    rows = []
    # Sorted and numbered once: every k goes through all runs again.
    order = np.argsort(score, kind="stable")
    score, unit = score[order], np.unique(unit[order], return_inverse=True)[1]
    units = int(unit.max(initial=-1)) + 1
    for k in GRID:
        if k > longest or RUNS_A_DRAW * k > units or units < 2 * RUNS_A_DRAW:
            break
        known = best_interval(score, k, unit, independent) | {"n": len(score), "k": k}
        rows.append(known | {"scale": "best_of_k"})
        if not repeated and independent:
            middle, low, high = median_best(score, k)
            rows.append(known | {"scale": "median_best_of_k", "estimate": middle, "low": low, "high": high})
    return rows


def _average(curves: list[list[dict]]) -> list[dict]:
    """The average over data sets, as far as every curve reaches; of means alone, a mean of medians is no median."""
    from scipy.special import stdtrit

    means = [{row["k"]: row for row in curve if row["scale"] == "best_of_k"} for curve in curves]
    rows = []
    for k in sorted(set.intersection(*map(set, means))):
        parts = [mean[k] for mean in means]
        y, low, variance, freedom = (
            np.array([p[f] for p in parts]) for f in ("estimate", "low", "variance", "freedom")
        )
        above = float(stdtrit(joined_freedom(variance, freedom), 0.975)) * np.sqrt(variance.sum())
        # Lower limits of independent estimates join by the squares of their distances.
        below = np.sqrt(((y - low) ** 2).sum())
        numbers = {"estimate": y.mean(), "low": y.mean() - below / len(y), "high": y.mean() + above / len(y)}
        rows.append(parts[0] | numbers | {"n": sum(part["n"] for part in parts), "dataset": POOLED})
    return rows


def _in_metric_units(table: pd.DataFrame, design: Design) -> pd.DataFrame:
    if design.sweep.goal == "min":
        table = table.assign(estimate=-table["estimate"], low=-table["high"], high=-table["low"])
    if facts_of(design)["share"]:
        # Only now: as scores, shares that should be low are negative.
        table = table.assign(low=table["low"].clip(0.0, 1.0), high=table["high"].clip(0.0, 1.0))
    return table


def _caveats(design: Design, table: pd.DataFrame, repeated: bool) -> list[str]:
    sweep = design.sweep
    out = []
    means = table[table["scale"] == "best_of_k"]
    if means.empty:
        out.append(f"Too few runs for any best of k: it needs {2 * RUNS_A_DRAW}.")
    elif design.adaptive:
        out.append(CHOSEN)
    elif means["low"].isna().any():
        out.append(
            f"Some points have no interval: it needs {SMALLEST_INTERVAL} runs, and draws that do not nearly always "
            "reach a best value that several runs share."
        )
    if not sweep.ok.all() and sweep.failed_value is None:
        out.append("A failed run counts as the worst score seen on its data set: no value was declared for it.")
    if repeated:
        out.append("No medians: repeats of a configuration are not independent draws. Intervals count them once.")
    return out
