"""Do two hyperparameters act together? A table of cells, the tuned best of each, and one test on the mean scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.design.balance import CHOSEN
from hpanalysis.design.design import Design
from hpanalysis.design.groups import Groups
from hpanalysis.errors import UserError, choices
from hpanalysis.questions.answer import VOCABULARY, Answer, facts_of, in_vocabulary
from hpanalysis.questions.interaction.cells import FEWEST, FEWEST_HERE, described
from hpanalysis.statistics import resampling
from hpanalysis.statistics.best_of_k import peak
from hpanalysis.statistics.differences import POOLED
from hpanalysis.statistics.score_tests import act_together

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

RESAMPLES = 200


def interaction(
    sweep: Sweep | Design,
    hyperparameter: str,
    other: str,
    *,
    tune: str | None = None,
    k: int | None = None,
    rng: resampling.Rng = 0,
) -> Answer:
    """Describe every combination of two hyperparameters, and test whether they act together.

    Parameters
    ----------
    sweep
        The runs, or their design.
    hyperparameter, other
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
        best_of_k), averaged over data sets with equal weights, in metric units. Intervals hold for all cells of a
        scale together at 95 %. ``places`` counts the data sets that take part. Columns best_value, best_low,
        best_high and at_edge tell where `tune` is best in the cell.
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
    design = Design.of(sweep)
    sweep = design.sweep
    a, b = hyperparameter, other
    if a == b:
        raise UserError(
            f"an interaction needs two hyperparameters, got {a!r} twice; choose one of {choices(sweep.space.names)}."
        )
    if tune is not None and (sweep.space[tune].has_levels or tune in (a, b)):
        ranges = [h.name for h in sweep.space if not h.has_levels and h.name not in (a, b)]
        raise UserError(
            f"{tune!r} cannot be tuned inside the cells; choose a range beside the pair: {choices(ranges) or 'none'}."
        )
    ga, gb = design.groups(a), design.groups(b)
    for g in (ga, gb):
        if len(g.labels) < 2:
            raise UserError(
                f"{g.name!r} has the one level {choices(g.labels)}; choose a hyperparameter with two or more."
            )
    cell = np.where((ga.codes < 0) | (gb.codes < 0), -1, ga.codes * len(gb.labels) + gb.codes)
    cells = len(ga.labels) * len(gb.labels)
    k = design.k_of_best(k, cell, cells)
    table = described(design, cell, cells, k)
    places = int(table.loc[table["scale"] == "mean", "places"].iloc[0])
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
        table = table.merge(_tuned(design, tune, cell, cells, rng), on="cell", how="left")
    extra = [c for c in table if c not in (*VOCABULARY, "cell")]
    caveats = [CHOSEN] if design.adaptive else []
    if 0 < places < len(sweep.datasets):
        count = f"{places} of {len(sweep.datasets)} data sets"
        caveats.append(f"Means average over {count}: on the others some cell has fewer than {FEWEST_HERE} usable runs.")
    if table["estimate"].isna().any():
        needs = f"a mean and P(fail) need {FEWEST} configurations, {FEWEST_HERE} on each data set that takes part"
        caveats.append(f"Cells with too few runs have no numbers: {needs}; a best of {k} {max(10, 5 * k)} on each.")
    return Answer(
        "interaction",
        in_vocabulary(table, *extra).reset_index(drop=True),
        tests=_test(design, ga, gb),
        asked=facts_of(design) | {"hyperparameter": a, "other": b, "tune": tune, "k": k},
        scale="mean",
        caveats=tuple(caveats),
    )


def _tuned(design: Design, tune: str, cell: np.ndarray, cells: int, rng: resampling.Rng) -> pd.DataFrame:
    """Best value of `tune` in each cell, for the rows of the cell."""
    h, u = design.sweep.space[tune], design.position(tune)
    rng = resampling.generator(rng)
    active = np.isfinite(u)
    rows = []
    for c in range(cells):
        here = cell == c
        found = None
        rows_here = np.flatnonzero(here & active)
        if len(rows_here):
            resamples = resampling.resample_rows(len(rows_here), RESAMPLES, rng)
            found = peak(u[rows_here], design.ranks[rows_here], resamples)
        best = h.from_unit([found.best, found.low, found.high]) if found else [np.nan] * 3
        rows.append((c, tune, *best, found is not None and found.at_edge))
    return pd.DataFrame(rows, columns=["cell", "tuned", "best_value", "best_low", "best_high", "at_edge"])


def _test(design: Design, a: Groups, b: Groups) -> pd.DataFrame:
    names = tuple(dict.fromkeys([*design.comparable(), a.name, b.name]))
    statistic, df, p = act_together(design.regression(names), (a.name, b.name))
    row = {"test": "interaction on the mean", "hyperparameter": a.name, "other": b.name}
    return pd.DataFrame([row | {"statistic": statistic, "df": df, "p": p}])
