"""Do two hyperparameters act together? A table of cells, the tuned best of each, and one test on the mean scale."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from hpanalysis.design.balance import CHOSEN
from hpanalysis.design.design import Design
from hpanalysis.design.tuning import DRAWS
from hpanalysis.errors import UserError, choices
from hpanalysis.questions.answer import Answer, Asked, facts_of, in_vocabulary, joint_limits, tuned_facts
from hpanalysis.questions.interaction.cells import FEWEST, FEWEST_HERE, described
from hpanalysis.questions.tuned_value import values_by_cell
from hpanalysis.statistics import resampling
from hpanalysis.statistics.best_of_k import peak
from hpanalysis.statistics.results import Significance
from hpanalysis.style import scales
from hpanalysis.sweeps.sweep import Sweep

RESAMPLES = 200
TESTS = ["test", "hyperparameter", "other", "runs", *Significance._fields]
TUNED = ("tuned", "best_value", "best_low", "best_high", "at_edge")
# Nearer to an end of a range than that a best value is said to lie at its edge.
EDGE = 0.1


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
        A hyperparameter on a range (the learning rate) whose best value is looked for in each cell: the one that the
        best of k runs use, as the verdicts have it; with too few runs for that the one at which runs rank highest.
    k
        Draws of the best-of-k; default those of the whole report, or 10 or 5 where the cells cannot bear them.
    rng
        Seed or generator of the bootstrap.

    Returns
    -------
    Answer
        One row per cell and scale (mean over all runs where it is defined, else over successful ones; p_fail;
        best_of_k, told on the test metric where there is one), averaged over data sets with equal weights, in metric
        units. Intervals hold for all cells of a scale together at 95 %. ``places`` counts the data sets that take part.
        Columns best_value, best_low, best_high and at_edge say where `tune` is best in the cell, at 95 % for each cell.
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

    Examples
    --------
    >>> from hpanalysis import interaction, toys
    >>> answer = interaction(toys.make(toys.INTERACTION, 900, 0), "augmentation", "optimizer")
    >>> bool(answer.tests.loc[0, "p"] < 0.01)
    True
    >>> means = answer.frame[answer.frame["scale"] == "mean"]
    >>> means.loc[means["estimate"].idxmax(), ["value", "other_value"]].tolist()
    ['on', 'momentum']
    """
    design = Design.of(sweep)
    sweep, names = design.sweep, (hyperparameter, other)
    if hyperparameter == other:
        raise UserError(
            f"an interaction needs two hyperparameters, got {other!r} twice; "
            f"choose two of {choices(sweep.space.names)}."
        )
    if tune is not None and (sweep.space[tune].has_levels or tune in names):
        ranges = [h.name for h in sweep.space if not h.has_levels and h.name not in names]
        raise UserError(
            f"{tune!r} cannot be tuned inside the cells; choose a range beside the pair: {choices(ranges) or 'none'}."
        )
    a, b = map(design.levels_of, names)
    cell = np.where((a.codes < 0) | (b.codes < 0), -1, a.codes * len(b.labels) + b.codes)
    levels = pd.DataFrame(product(a.labels, b.labels), columns=["value", "other_value"]).rename_axis("cell")
    if k is not None and k < 1:
        raise UserError(f"k is {k}; choose 1 or more draws, or leave it out.")
    k = k or sweep.k or design.k_of_cells(cell, len(levels)) or DRAWS[-1]
    about = facts_of(design) | tuned_facts(design, k)
    table = described(design, cell, len(levels), k).join(levels, on="cell")
    places = int(table.loc[table["scale"] == "mean", "places"].iloc[0])
    if tune is not None:
        values = values_by_cell(design, tune, cell, len(levels), k)
        by: scales.TunedBy = "rank" if values is None else "best of k"
        found = _ranked_highest(design, tune, cell, len(levels), rng) if values is None else values
        table = table.join(_with_edges(design, tune, found), on="cell")
        about |= Asked(tune=tune, tuned_by=by)
    caveats = [CHOSEN] if design.adaptive else []
    if 0 < places < len(sweep.datasets):
        count = f"{places} of {len(sweep.datasets)} data sets"
        caveats.append(f"Means average over {count}: on the others some cell has fewer than {FEWEST_HERE} usable runs.")
    if table["estimate"].isna().any():
        needs = f"a mean and P(fail) need {FEWEST} configurations, {FEWEST_HERE} on each data set that takes part"
        caveats.append(f"Cells with too few runs have no numbers: {needs}; a best of {k} {max(10, 5 * k)} on each.")
    test = pd.DataFrame([design.act_together(hyperparameter, other)])
    test = test.assign(test="interaction on the mean", hyperparameter=hyperparameter, other=other)
    tests = test.assign(runs="all" if design.every_run else "successful")[TESTS]
    table = in_vocabulary(
        table.assign(hyperparameter=hyperparameter, other=other), "places", "k", *(TUNED if tune else ())
    )
    table = joint_limits(table, table["scale"] != "")
    asked = about | Asked(hyperparameter=hyperparameter, other=other)
    return Answer("interaction", table, tests, asked=asked, scale="mean", caveats=tuple(caveats))


def _ranked_highest(design: Design, tune: str, cell: np.ndarray, cells: int, rng: resampling.Rng) -> np.ndarray:
    """At which value of `tune` the runs of each cell rank highest, with its limits, shape (cells, 3)."""
    h, u = design.sweep.space[tune], design.position(tune)
    rng, out = resampling.generator(rng), np.full((cells, 3), np.nan)
    for c in range(cells):
        here = np.flatnonzero((cell == c) & np.isfinite(u))
        if not len(here):
            continue
        found = peak(u[here], design.ranks[here], resampling.resample_rows(len(here), RESAMPLES, rng))
        if found is not None:
            out[c] = h.from_unit([found.best, found.low, found.high])
    return out


def _with_edges(design: Design, tune: str, values: np.ndarray) -> pd.DataFrame:
    """Best value of `tune` in each cell with its limits, and whether it lies in an outer tenth of its range."""
    u = design.sweep.space[tune].to_unit(values[:, 0])
    return pd.DataFrame(values, columns=list(TUNED[1:4])).assign(tuned=tune, at_edge=(u < EDGE) | (u > 1 - EDGE))
