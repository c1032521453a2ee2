"""Do two hyperparameters act together? A table of cells, the tuned best of each, and one test on the mean scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError, choices
from hpanalysis.evidence import chance
from hpanalysis.evidence.answer import VOCABULARY, Answer, metric_facts
from hpanalysis.evidence.balance import CHOSEN, balance
from hpanalysis.evidence.estimate import POOLED
from hpanalysis.evidence.groups import Groups, comparable, failed_outcome, group, position, unit_codes
from hpanalysis.evidence.score_test import Regression, act_together
from hpanalysis.evidence.tuned import SMALLEST_CELL, best_by_cell, default_k, joined_freedom, peak, smallest_cell

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

RESAMPLES = 200


def interaction(
    sweep: Sweep, a: str, b: str, *, tune: str | None = None, k: int | None = None, rng: chance.Rng = 0
) -> Answer:
    """Describe every combination of two hyperparameters, and test whether they act together.

    Parameters
    ----------
    sweep
        The runs.
    a, b
        Two hyperparameters; a range is cut into four slices of equal width in the search measure.
    tune
        A hyperparameter on a range (the learning rate) whose best value is looked for in each cell.
    k
        Draws of the best-of-k; default the sweep's own, else a fifth of the smallest cell, at most 20.
    rng
        Seed or generator of the bootstrap.

    Returns
    -------
    Answer
        One row a cell and scale (mean over all runs where it is defined, else over successful ones; p_fail;
        best_of_k), averaged over data sets with equal weights, in metric units. Intervals of means hold for all cells
        together at 95 %. Columns best_value, best_low, best_high and at_edge tell where `tune` is best in the cell.
        ``tests`` has the interaction test on the mean scale with data sets as blocks.

    Raises
    ------
    UserError
        If a name is unknown, the two are the same, one has a single level, or `tune` has no range.

    Notes
    -----
    Power is poor: a test that does not reject says "undecided", not "no interaction". Cell means are conditional on
    the ranges searched: one shared learning-rate range can decide which optimizer looks better.
    Choi et al. (2019), arXiv:1910.05446.
    """
    if a == b:
        raise UserError(
            f"an interaction needs two hyperparameters, got {a!r} twice; choose one of {choices(sweep.space.names)}."
        )
    if tune is not None and (sweep.space[tune].has_levels or tune in (a, b)):
        ranges = [h.name for h in sweep.space if not h.has_levels and h.name not in (a, b)]
        raise UserError(
            f"{tune!r} cannot be tuned inside the cells; choose a range beside the pair: {choices(ranges) or 'none'}."
        )
    ga, gb = group(sweep, a), group(sweep, b)
    for g in (ga, gb):
        if len(g.labels) < 2:
            raise UserError(
                f"{g.name!r} has the one level {choices(g.labels)}; choose a hyperparameter with two or more."
            )
    cell = np.where((ga.codes < 0) | (gb.codes < 0), -1, ga.codes * len(gb.labels) + gb.codes)
    cells = len(ga.labels) * len(gb.labels)
    k = k or sweep.k or default_k(smallest_cell(sweep, cell, cells))
    shared = _shared(sweep, cell, cells)
    table = pd.concat([_means(sweep, cell, cells, shared), _failures(sweep, cell, cells), _best(sweep, cell, cells, k)])
    table = table.assign(
        hyperparameter=a,
        value=[ga.labels[c // len(gb.labels)] for c in table["cell"]],
        other=b,
        other_value=[gb.labels[c % len(gb.labels)] for c in table["cell"]],
        dataset=POOLED,
        reference="",
        p=np.nan,
        p_adjusted=np.nan,
    )
    if tune is not None:
        table = table.merge(_tuned(sweep, tune, cell, cells, rng), on="cell", how="left")
    extra = [c for c in table if c not in (*VOCABULARY, "cell")]
    caveats = [CHOSEN] if balance(sweep).adaptive else []
    if 0 < len(shared) < len(sweep.datasets):
        count = f"{len(shared)} of {len(sweep.datasets)} data sets"
        caveats.append(f"Means average over {count}: on the others some cell has fewer than two usable runs.")
    if table["estimate"].isna().any():
        needs = f"a mean needs {SMALLEST_CELL} runs, a best of {k} needs {max(10, 5 * k)} on each data set"
        caveats.append(f"Cells with too few runs have no numbers: {needs}.")
    return Answer(
        "interaction",
        table[[*VOCABULARY, *extra]].reset_index(drop=True),
        tests=_test(sweep, ga, gb),
        asked=metric_facts(sweep) | {"a": a, "b": b, "tune": tune, "k": k},
        caveats=tuple(caveats),
    )


def _shared(sweep: Sweep, cell: np.ndarray, cells: int) -> list[int]:
    """The data sets with two usable runs in every cell: cells averaged over different ones could not be compared."""
    usable = sweep.ok if failed_outcome(sweep) is None else np.ones(len(sweep), dtype=bool)
    count = np.zeros((len(sweep.datasets), cells), dtype=int)
    use = usable & (cell >= 0)
    np.add.at(count, (sweep.block[use], cell[use]), 1)
    return [int(s) for s in np.flatnonzero((count >= 2).all(axis=1))]


def _means(sweep: Sweep, cell: np.ndarray, cells: int, shared: list[int]) -> pd.DataFrame:
    """Mean metric of each cell, the average of its means by data set; intervals simultaneous over the cells."""
    from scipy.stats import t

    value = failed_outcome(sweep)
    every = sweep.ok.all() or value is not None
    y = np.where(sweep.ok, sweep.outcome, np.nan if value is None else value)
    unit = unit_codes(sweep)
    # Cells are disjoint sets of runs, so that Sidak's level is exact for them.
    level = 0.95 ** (1.0 / cells)
    rows = []
    for c in range(cells):
        parts = [_cluster_mean(unit, y, (cell == c) & (sweep.block == s)) for s in shared] or [(np.nan, np.nan, 1.0, 0)]
        means, variances, freedom, n = (np.array(v, dtype=float) for v in zip(*parts, strict=True))
        se = np.sqrt(variances.sum()) / len(parts)
        df = variances.sum() ** 2 / (variances**2 / freedom).sum() if variances.sum() > 0 else np.nan
        enough = n.sum() >= SMALLEST_CELL and np.isfinite(se) and se > 0
        half = t.isf((1 - level) / 2, df) * se if enough and not balance(sweep).adaptive else np.nan
        centre = means.mean() if enough else np.nan
        rows.append((c, "mean", "all" if every else "successful", centre, centre - half, centre + half, int(n.sum())))
    return _frame(rows)


def _cluster_mean(unit: np.ndarray, y: np.ndarray, here: np.ndarray) -> tuple[float, float, float, int]:
    """Mean, its variance with repeats of a configuration as one unit, degrees of freedom, and runs."""
    here = here & np.isfinite(y)
    if here.sum() < 2:
        return np.nan, np.nan, 1.0, int(here.sum())
    cluster = np.unique(unit[here], return_inverse=True)[1]
    units, mean = cluster.max() + 1, y[here].mean()
    total = np.bincount(cluster, weights=y[here] - mean) / here.sum()
    return mean, (total**2).sum() * units / max(units - 1, 1), max(units - 1, 1), int(here.sum())


def _failures(sweep: Sweep, cell: np.ndarray, cells: int) -> pd.DataFrame:
    """Share of failed runs of each cell with Wilson's interval."""
    from statsmodels.stats.proportion import proportion_confint

    rows = []
    for c in range(cells):
        failed = ~sweep.ok[cell == c]
        n = len(failed)
        low, high = proportion_confint(failed.sum(), n, method="wilson") if n else (np.nan, np.nan)
        rows.append((c, "p_fail", "all", failed.mean() if n else np.nan, low, high, n))
    return _frame(rows)


def _best(sweep: Sweep, cell: np.ndarray, cells: int, k: int) -> pd.DataFrame:
    """Expected best of k draws of each cell, in metric units, averaged over data sets."""
    from scipy.stats import t

    best = best_by_cell(sweep, cell, cells, k)
    sign = 1.0 if sweep.goal == "max" else -1.0
    rows = []
    for c in range(cells):
        centre = sign * best.estimate[:, c].mean()
        freedom = joined_freedom(best.variance[:, c], best.freedom[:, c])
        half = t.isf(0.025, freedom) * np.sqrt(best.variance[:, c].sum()) / len(sweep.datasets)
        rows.append((c, "best_of_k", "all", centre, centre - half, centre + half, int(best.n[:, c].sum())))
    return _frame(rows).assign(k=k)


def _frame(rows: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["cell", "scale", "runs", "estimate", "low", "high", "n"])


def _tuned(sweep: Sweep, tune: str, cell: np.ndarray, cells: int, rng: chance.Rng) -> pd.DataFrame:
    """Best value of `tune` in each cell, for the rows of the cell."""
    rng = chance.generator(rng)
    active = np.isfinite(position(sweep, tune))
    rows = []
    for c in range(cells):
        here = cell == c
        found = None
        if (here & active).any():
            found = peak(sweep, tune, here, chance.resample_rows(int((here & active).sum()), RESAMPLES, rng))
        rows.append(
            (
                c,
                tune,
                *((found.best, found.low, found.high, found.at_edge) if found else (np.nan,) * 3 + (False,)),
            )
        )
    return pd.DataFrame(rows, columns=["cell", "tuned", "best_value", "best_low", "best_high", "at_edge"])


def _test(sweep: Sweep, a: Groups, b: Groups) -> pd.DataFrame:
    names = tuple(dict.fromkeys([*comparable(sweep), a.name, b.name]))
    statistic, df, p = act_together(Regression.of(sweep, names), (a.name, b.name))
    row = {"test": "interaction on the mean", "hyperparameter": a.name, "other": b.name}
    return pd.DataFrame([row | {"statistic": statistic, "df": df, "p": p}])
