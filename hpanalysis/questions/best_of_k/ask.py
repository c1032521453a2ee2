"""How good is the best of k draws? What tuning buys: the expected best score against the number of runs it took."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hpanalysis.design.balance import CHOSEN
from hpanalysis.design.design import Design
from hpanalysis.design.outcomes import WORST
from hpanalysis.errors import UserError
from hpanalysis.questions.answer import Answer, Asked, facts_of, in_metric_units, in_vocabulary
from hpanalysis.statistics.best_of_k import RUNS_A_DRAW, SMALLEST_INTERVAL, best_interval, joined_freedom, median_best
from hpanalysis.statistics.differences import POOLED
from hpanalysis.sweeps.sweep import Sweep

COLUMNS = ["k", "scale", "estimate", "low", "high", "variance", "freedom"]
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

    Examples
    --------
    >>> from hpanalysis import best_of_k, toys
    >>> frame = best_of_k(toys.make(toys.ADDITIVE, 400, 0), dataset="hard").frame
    >>> means = frame[frame["scale"] == "best_of_k"]
    >>> means["k"].tolist(), means["estimate"].is_monotonic_increasing
    ([1, 2, 3, 5, 7, 10, 14, 20], True)
    """
    design = Design.of(sweep)
    sweep, places, about = design.sweep, design.places_of(dataset), facts_of(design)
    if longest < 1:
        raise UserError(f"longest is {longest}; choose 1 or more draws.")
    labels: tuple[str, ...] = ("all runs",)
    codes = np.zeros(len(sweep), dtype=int)
    if hyperparameter is not None:
        codes, labels = design.groups(hyperparameter).codes, design.groups(hyperparameter).labels
    tables, shared = [], design.outcomes().shared
    for level, label in enumerate(labels):
        curves = [_curve(design, name, (codes == level) & ~design.again, longest) for name in places]
        table = pd.concat([_average(curves, shared), *curves] if len(places) > 1 else curves)
        tables.append(table.assign(value=label if hyperparameter else ""))
    table = in_metric_units(pd.concat(tables, ignore_index=True), about)
    if about["share"]:
        table = table.assign(low=table["low"].clip(0.0, 1.0), high=table["high"].clip(0.0, 1.0))
    table = in_vocabulary(table.assign(hyperparameter=hyperparameter), "k")
    asked = about | Asked(level=0.95, hyperparameter=hyperparameter, levels=labels)
    return Answer("best_of_k", table, asked=asked, caveats=tuple(_caveats(design, table)))


def _repeated(design: Design) -> bool:
    return len(np.unique(design.repeats.codes)) < len(design.sweep)


def _curve(design: Design, dataset: str, these: np.ndarray, longest: int) -> pd.DataFrame:
    """Score against k of some of the runs on a data set."""
    sweep, independent = design.sweep, not design.adaptive
    here = np.flatnonzero(these & (sweep.block == sweep.datasets.index(dataset)) & np.isfinite(design.worth))
    # Sorted and numbered once: every k goes through all runs again.
    here = here[np.argsort(design.worth[here], kind="stable")]
    score, unit = design.worth[here], np.unique(design.unit.codes[here], return_inverse=True)[1]
    units = int(unit.max(initial=-1)) + 1
    rows = []
    for k in GRID:
        if k > longest or RUNS_A_DRAW * k > units or units < 2 * RUNS_A_DRAW:
            break
        known = best_interval(score, k, unit, independent)
        rows.append((k, "best_of_k", *(known[name] for name in COLUMNS[2:])))
        if not _repeated(design) and independent:
            rows.append((k, "median_best_of_k", *median_best(score, k), np.nan, np.nan))
    return pd.DataFrame(rows, columns=COLUMNS).assign(dataset=dataset, n=len(score))


def _average(curves: list[pd.DataFrame], shared: bool) -> pd.DataFrame:
    """The average over data sets, as far as every curve reaches; of means alone, a mean of medians is no median.

    Where data sets share their units, errors add up instead of their squares: at most, whatever is shared.
    """
    from scipy.special import stdtrit

    rows = []
    means = pd.concat(curves)
    for k, part in means[means["scale"] == "best_of_k"].groupby("k"):
        if len(part) < len(curves):
            break
        y, low, variance, freedom = part[["estimate", "low", "variance", "freedom"]].to_numpy(float).T
        if shared:
            above, below = float(stdtrit(freedom.min(), 0.975)) * np.sqrt(variance).sum(), (y - low).sum()
        else:
            above = float(stdtrit(joined_freedom(variance, freedom), 0.975)) * np.sqrt(variance.sum())
            # Lower limits of independent estimates join by the squares of their distances.
            below = np.sqrt(((y - low) ** 2).sum())
        rows.append((k, y.mean(), y.mean() - below / len(y), y.mean() + above / len(y), part["n"].sum()))
    return pd.DataFrame(rows, columns=["k", "estimate", "low", "high", "n"]).assign(dataset=POOLED, scale="best_of_k")


def _caveats(design: Design, table: pd.DataFrame) -> list[str]:
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
    out += design.unless_every_run(WORST)
    if _repeated(design):
        out.append("No medians: repeats of a configuration are not independent draws. Intervals count them once.")
    return out
