"""When? Does the effect of a hyperparameter depend on each other one and on the data set, and how large is it there?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.design.groups import Groups
from hpanalysis.errors import UserError, choices
from hpanalysis.questions.answer import Answer, facts_of, in_vocabulary
from hpanalysis.statistics.differences import NEEDS, POOLED, SCALES, SMALLEST, compare
from hpanalysis.statistics.multiplicity import holm
from hpanalysis.statistics.outcomes import Measure, Outcomes
from hpanalysis.statistics.score_tests import act_together
from hpanalysis.statistics.simultaneous_bands import agreement

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

DATA_SET = "data set"
REST = "the other values"


def effect_modifiers(sweep: Sweep | Design, hyperparameter: str) -> Answer:
    """Ask of every other hyperparameter, and of the data set, whether the effect of one depends on it.

    Parameters
    ----------
    sweep
        The runs, or their design.
    hyperparameter
        The hyperparameter whose effect is meant; a range is told as four slices of equal width in the search measure,
        and tested by its straight and bent part.

    Returns
    -------
    Answer
        ``tests``: one row an other hyperparameter, and one for the data set: statistic, df, p, and p_adjusted by Holm
        over these rows. Tests are on the mean, never on ranks. ``table``: the effect at each level, value minus
        reference, with 95 % intervals for each row alone; of several values each against all others. Data sets count
        equally.

    Raises
    ------
    UserError
        If the hyperparameter is unknown or has a single value.

    Notes
    -----
    Power is poor: a large p leaves dependence open. Effects on data sets are compared in metric units, so that data
    sets of unequal difficulty differ easily. A question asked by hand is exploratory. See `act_together` and, for data
    sets, Cochran (1954), doi:10.2307/3001666.
    """
    design = Design.of(sweep)
    sweep = design.sweep
    g = design.groups(hyperparameter)
    if len(g.labels) < 2:
        raise UserError(
            f"{hyperparameter!r} has the one value {choices(g.labels)}; choose a hyperparameter with two or more."
        )
    names = tuple(dict.fromkeys([*design.comparable(), hyperparameter]))
    outcomes = design.outcomes(hyperparameter)
    measure: Measure = "mean" if outcomes.every is not None else "mean successful"
    runs = SCALES[measure][1]
    regression = design.regression(names)
    tests, tables = [], []
    if len(sweep.datasets) > 1:
        tests.append(_by_data_set(outcomes, g, measure))
        tables.append(_effects(outcomes, g, Groups(DATA_SET, sweep.block, sweep.datasets, False, False), measure))
    for name in names:
        if name != hyperparameter:
            statistic, df, p = act_together(regression, (hyperparameter, name))
            tests.append({"other": name, "statistic": statistic, "df": df, "p": p})
            tables.append(_effects(outcomes, g, design.groups(name), measure))
    told = pd.DataFrame(tests, columns=["other", "statistic", "df", "p"])
    told = told.assign(test="the effect depends", hyperparameter=hyperparameter, scale="mean", runs=runs)
    told["p_adjusted"] = holm(told["p"].to_numpy(float))
    rows = [row for table in tables for row in table]
    table = in_vocabulary(pd.DataFrame(rows))
    table["p_adjusted"] = holm(table["p"].to_numpy(float)) if len(table) else np.nan
    caveats = list(design.adjustment_caveats)
    if told["p"].isna().any():
        unable = choices(told.loc[told["p"].isna(), "other"])
        caveats.append(f"No test for {unable}: the runs leave nothing to tell the two apart, or are too few.")
    if table["estimate"].isna().any():
        caveats.append(f"Some effects have no number: an interval needs {NEEDS}.")
    if measure != "mean":
        caveats.append("Of successful runs only: some runs failed and no value was declared for a failure.")
    asked = facts_of(design) | {"hyperparameter": hyperparameter, "level": 0.95}
    columns = ["test", "hyperparameter", "other", "scale", "runs", "statistic", "df", "p", "p_adjusted"]
    return Answer(
        "effect_modifiers", table, told[columns], asked=asked, scale="mean", differences=True, caveats=tuple(caveats)
    )


def _by_data_set(outcomes: Outcomes, g: Groups, measure: Measure) -> dict:
    """The joint test that the differences of all values from the first are the same on every data set."""
    claims = compare(outcomes, g.codes, [(i, 0) for i in range(1, len(g.labels))], [measure])
    enough = (claims.arms >= SMALLEST[measure]).all(axis=(1, 2)) & np.isfinite(claims.parts).all(axis=1)
    spread = np.array(claims.covariances)[enough]
    statistic, df, p = agreement(claims.parts[enough], spread, claims.df[1:][enough].min(axis=1))
    return {"other": DATA_SET, "statistic": statistic, "df": df, "p": p}


def _effects(outcomes: Outcomes, g: Groups, other: Groups, measure: Measure) -> list[dict]:
    """The effect among the runs of each level of another hyperparameter, or of each data set."""
    two = len(g.labels) == 2
    records = []
    for o, label in enumerate(other.labels):
        here = other.codes == o
        for i in range(1, 2) if two else range(len(g.labels)):
            codes = np.where(here & (g.codes >= 0), (g.codes == i).astype(int), -1)
            row = {"hyperparameter": g.name, "value": g.labels[i], "reference": g.labels[0] if two else REST}
            row |= {"other": other.name, "other_value": label, "dataset": POOLED}
            records += _compared(outcomes, codes, measure, row)
    return records


def _compared(outcomes: Outcomes, codes: np.ndarray, measure: Measure, row: dict) -> list[dict]:
    measures: list[Measure] = [measure, "p_better"]
    scales = [dict(zip(("scale", "runs"), SCALES[m], strict=True)) for m in measures]
    if not (codes >= 0).any():
        return [row | scale | {"estimate": np.nan, "n": 0} for scale in scales]
    claims = compare(outcomes, codes, [(1, 0)], measures)
    # Runs of one data set alone have a row of their own, and no average.
    at = 1 if len(claims.strata) == 1 else 0
    low, high = claims.interval()
    numbers = {"estimate": claims.estimate, "low": low, "high": high, "p": claims.p(), "n": claims.n}
    return [row | scale | {name: x[at, c] for name, x in numbers.items()} for c, scale in enumerate(scales)]
