"""Which level is best once everything else is tuned for it, and is it the one that is best on average?"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from hpanalysis.design.balance import CHOSEN
from hpanalysis.design.design import Design
from hpanalysis.design.groups import Groups
from hpanalysis.errors import UserError
from hpanalysis.questions.answer import Answer, Asked, Record, facts_of, in_vocabulary, tuned_facts
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.level_claims import places_of, rows_of_claims
from hpanalysis.questions.report import THIS_ANSWER, is_shown
from hpanalysis.questions.tuned_contrast.tries import at_equal_cost, by_tries, cost_of
from hpanalysis.statistics import resampling
from hpanalysis.statistics.best_of_k import RUNS_A_DRAW, SMALLEST_INTERVAL
from hpanalysis.statistics.chosen import BEST, Chosen, best_reported
from hpanalysis.statistics.differences import POOLED, SCALES, compare
from hpanalysis.statistics.distributions import normal_isf
from hpanalysis.statistics.joint_claims import Family
from hpanalysis.statistics.outcomes import Measure
from hpanalysis.statistics.tuned import Cell, Tuned
from hpanalysis.style.rows import rows_of
from hpanalysis.sweeps.sweep import Sweep


def tuned_contrast(
    sweep: Sweep | Design, hyperparameter: str, *, k: int | None = None, rng: resampling.Rng = 0
) -> Answer:
    """Compare the levels of a hyperparameter each at its own tuned best, beside how they do on average.

    Parameters
    ----------
    sweep
        The runs, or their design.
    hyperparameter
        Its levels are compared; a range is cut into four slices of equal width in the search measure.
    k
        Draws of everything else that each level is given, the same for all; default those of the report: the sweep's
        own, else 20, 10 or 5.
    rng
        Seed or generator of the simultaneous intervals.

    Returns
    -------
    Answer
        In metric units, in each data set and on their average over all of them. Rows without a ``reference`` are
        levels: scale best_of_k is what is expected of the best of k draws (median_best_of_k of the median one, where a
        failure has no value), scale mean the average run (of all runs where a failure has a value, else of successful
        ones), each with its own 95 % interval. Rows with one are differences value - reference; ``low`` to ``high`` is
        95 % for each alone, ``low_simultaneous`` to ``high_simultaneous`` holds for all of them together, and so does
        ``p_adjusted``. Where the sweep has a test metric, runs are chosen by the metric and reported on the test
        metric; ``selected`` is the difference by the metric itself, and where it has the other sign neither is shown.
        ``opposed`` marks pairs whose two scales have opposite signs, ``opposed_shown`` those where both are shown.
        Exploratory: scale "best_of_k by k" is the same difference for other k, its simultaneous limits hold for all k;
        "best_of_k at equal cost" gives each level as many draws as cost the same as k of the cheapest one, where costs
        are recorded and differ by a quarter or more.

    Raises
    ------
    UserError
        If the name is unknown, it has one level, or k is less than 1.

    Notes
    -----
    After tuning and on average are different questions: a level that needs care may win the first and lose the second.
    Tuning here is k random draws from this sweep's space; in another space another level may win. Within a level all
    else is as it was drawn (see `check`). Choi et al. (2019), arXiv:1910.05446.

    Examples
    --------
    >>> from hpanalysis import toys, tuned_contrast
    >>> frame = tuned_contrast(toys.make(toys.ADDITIVE, 400, 0), "augmentation").frame
    >>> tuned = frame[(frame["scale"] == "best_of_k") & (frame["reference"] == "off")]
    >>> tuned["dataset"].tolist(), bool((tuned["estimate"] > 0).all())
    (['all data sets', 'easy', 'hard', 'middle'], True)
    """
    design = Design.of(sweep)
    g = design.levels_of(hyperparameter)
    if k is not None and k < 1:
        raise UserError(f"k is {k}; choose 1 or more draws, or leave it out.")
    about = facts_of(design) | tuned_facts(design, k)
    seed = rng if isinstance(rng, int) else int(resampling.generator(rng).integers(2**31))
    best = design.drawn.drawing(k or design.drawn.k)
    k = best.k
    outcomes = design.outcomes(hyperparameter).choosing(design.chosen(k))
    average: Measure = "mean" if outcomes.every is not None else "mean successful"
    claims = compare(outcomes, g.codes, g.pairs, [average, *outcomes.tuned])
    between = rows_of_claims(design, g, [(claims, places_of(design, claims))], Family(), seed)
    one = Chosen(best.up * outcomes.on(average), outcomes.on(average), best.up, 1)
    each = [
        _levels(design, g, how).assign(scale=scale, runs=runs)
        for how, scale, runs in ((best, best.measure, "all"), (one, "mean", SCALES[average][1]))
    ]
    parts = [in_vocabulary(pd.concat(each, ignore_index=True).assign(hyperparameter=hyperparameter), "k"), between]
    cost = None
    if design.chosen(k) is not None:
        parts.append(by_tries(design, g, best, seed))
        if (cost := cost_of(design, g, k)) is not None:
            parts.append(at_equal_cost(design, g, best, cost, seed))
    table = _opposed(pd.concat(parts, ignore_index=True))
    asked = about | Asked(level=1 - ALPHA, hyperparameter=hyperparameter, levels=g.labels, family=THIS_ANSWER)
    if cost is not None:
        asked |= Asked(cost=cost.column, tries=dict(zip(g.labels, cost.k, strict=True)))
    return Answer("tuned_contrast", table, asked=asked, caveats=tuple(_caveats(design, table, k)))


def _levels(design: Design, g: Groups, chosen: Chosen) -> pd.DataFrame:
    """The best of k of each level in every place with its 95 % interval; without one where none holds."""
    sweep, unit, records = design.sweep, design.units(g.name), []
    every = list(range(len(sweep.datasets)))
    places = {POOLED: every} | ({name: [b] for b, name in enumerate(sweep.datasets)} if len(every) > 1 else {})
    found: dict[tuple[int, int], tuple[float, Cell | None, int]] = {}
    for level, block in product(range(len(g.labels)), every):
        here = np.flatnonzero((g.codes == level) & (sweep.block == block) & np.isfinite(chosen.score))
        able = len(here) >= RUNS_A_DRAW * max(chosen.k, 2)
        known = best_reported(chosen.score[here], chosen, chosen.reported[here])[0] if able else np.nan
        cell = Cell.of(chosen, here, unit[here]) if able and not design.adaptive else None
        found[level, block] = known, cell, len(here)
    for place, (level, label) in product(places, enumerate(g.labels)):
        parts = [found[level, block] for block in places[place]]
        record = Record(value=label, dataset=place, n=sum(n for *_, n in parts))
        record |= Record(estimate=float(np.mean([estimate for estimate, *_ in parts])))
        cells = [cell for _, cell, _ in parts if cell is not None]
        if len(cells) == len(parts):
            low, high = Tuned.average(cells).limits(float(normal_isf(ALPHA / 2)))
            record |= Record(low=low, high=high)
        records.append(record)
    return pd.DataFrame(records).assign(k=chosen.k)


def _opposed(table: pd.DataFrame) -> pd.DataFrame:
    """Mark pairs that differ one way after tuning and the other way on average."""
    pairs = table[(table["reference"] != "") & table["scale"].isin(["mean", *BEST])]
    same = [pairs[column] for column in ("value", "reference", "dataset")]
    signs = np.sign(pairs["estimate"]).groupby(same)
    opposed = signs.transform("max") * signs.transform("min") < 0
    shown = opposed & pd.Series(is_shown(pairs), pairs.index).groupby(same).transform("all")
    found = {"opposed": opposed, "opposed_shown": shown}
    return table.assign(**{name: x.reindex(table.index, fill_value=False) for name, x in found.items()})


def _caveats(design: Design, table: pd.DataFrame, k: int) -> list[str]:
    out = []
    if k == 1:
        out.append("One draw is no tuning: the smallest level has too few runs for more.")
    if design.adaptive:
        out.append(CHOSEN)
    elif table.loc[table["scale"].isin(BEST) & (table["reference"] == ""), "low"].isna().any():
        out.append(
            f"Some levels have no interval: it needs {SMALLEST_INTERVAL} runs, {5 * k} for {k} draws, and draws that "
            "do not mostly reach a best value that several runs share."
        )
    out += design.unless_every_run("On average is of the successful runs alone")
    out += design.unless_every_run("The median best of k, in which a failure is the worst of all draws")
    opposed = table[table["opposed_shown"] & (table["scale"] == "mean") & (table["dataset"] == POOLED)]
    for row in rows_of(opposed):
        ways = ["better", "worse"] if (row.estimate < 0) == (design.sweep.goal == "max") else ["worse", "better"]
        pair = f"{row.hyperparameter}={row.value} does {ways[0]} than {row.reference}"
        out.append(f"{pair} after tuning and {ways[1]} on average.")
    return out
