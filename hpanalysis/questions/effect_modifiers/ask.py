"""When? Does the effect of a hyperparameter depend on each other one and on the data set, and how large is it there?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from hpanalysis.design.balance import DATA_SET
from hpanalysis.design.design import Design
from hpanalysis.design.groups import Groups
from hpanalysis.errors import choices
from hpanalysis.questions.answer import Answer, Asked, Record, facts_of, in_vocabulary
from hpanalysis.questions.effect_modifiers import how
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.level_claims import DIAGNOSTICS, REST
from hpanalysis.questions.report import WHOLE_REPORT, Report
from hpanalysis.statistics.differences import NEEDS, SCALES, SMALLEST, compare
from hpanalysis.statistics.joint_claims import Family
from hpanalysis.statistics.multiplicity import holm
from hpanalysis.statistics.outcomes import Measure, Outcomes
from hpanalysis.statistics.results import Significance
from hpanalysis.statistics.simultaneous_bands import agreement
from hpanalysis.sweeps.sweep import Sweep


def effect_modifiers(sweep: Sweep | Design, hyperparameter: str) -> Answer:
    """Ask of every other hyperparameter, and of the data set, whether the effect of one depends on it.

    Parameters
    ----------
    sweep
        The runs, or their design.
    hyperparameter
        The hyperparameter whose effect is meant; a range is shown as four slices of equal width in the search measure,
        and tested by its straight and bent part.

    Returns
    -------
    Answer
        ``tests``: one row an other hyperparameter, and one for the data set: statistic, df, p, and p_adjusted by Holm
        over these rows. Tests are on the mean, never on ranks. ``frame``: the effect at each level, value minus
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

    Examples
    --------
    >>> from hpanalysis import effect_modifiers, toys
    >>> tests = effect_modifiers(toys.make(toys.INTERACTION, 600, 0), "augmentation").tests
    >>> tests.loc[tests["p"].idxmin(), "other"]
    'optimizer'
    """
    design = Design.of(sweep)
    g = design.levels_of(hyperparameter)
    outcomes = design.outcomes(hyperparameter)
    measure: Measure = "mean" if outcomes.every is not None else "mean successful"
    others = {name: design.groups(name) for name in design.comparable() if name != hyperparameter}
    found = {name: design.act_together(hyperparameter, name) for name in others}
    if len(design.sweep.datasets) > 1:
        others = {DATA_SET: design.data_sets} | others
        found = {DATA_SET: _by_data_set(outcomes, g, measure)} | found
    tests = pd.DataFrame(found.values(), columns=list(Significance._fields), dtype=float)
    about = {"test": "the effect depends", "hyperparameter": hyperparameter, "other": [*found], "scale": "mean"}
    about |= {"runs": SCALES[measure][1]}
    tests = pd.DataFrame(about, index=tests.index).join(tests).assign(p_adjusted=holm(tests["p"].to_numpy(float)))
    table = in_vocabulary([row for other in others.values() for row in _effects(outcomes, g, other, measure)])
    table["p_adjusted"] = holm(table["p"].to_numpy(float))
    caveats = list(design.adjustment_caveats)
    if tests["p"].isna().any():
        unable = choices(tests.loc[tests["p"].isna(), "other"])
        caveats.append(f"No test for {unable}: the runs leave nothing to tell the two apart, or are too few.")
    if table["estimate"].isna().any():
        caveats.append(f"Some effects have no number: an interval needs {NEEDS}.")
    caveats += design.unless_every_run("Of successful runs only")
    asked = facts_of(design) | Asked(hyperparameter=hyperparameter, level=0.95)
    return Answer("effect_modifiers", table, tests, asked=asked, scale="mean", differences=True, caveats=tuple(caveats))


def claims(design: Design, report: Report) -> pd.DataFrame:
    """How hyperparameters depend on each other, below the pairs that are shown; and where the tuning of ranges ends."""
    pairs = report.found["interactions"]
    shown = pairs[(pairs["p_adjusted"] <= ALPHA) & (pairs["runs"] == "all")]
    asked = {frozenset(pair) for pair in shown[["hyperparameter", "other"]].itertuples(index=False, name=None)}
    every = list(how.directed(design, report.names))
    family = Family(WHOLE_REPORT, ALPHA, report.share / ALPHA / max(len(every), 1))
    parts = []
    for name, other in every:
        if how.is_range(design, name) and not (other and how.is_range(design, other)):
            if not other or {name, other} in asked:
                parts.append(how.best_value(design, name, other, family))
        elif {name, other} in asked and not how.is_range(design, name):
            parts.append(how.levels_by_level(design, name, other, family, report.rng))
    known = [part for part in parts if len(part)]
    return pd.concat(known, ignore_index=True) if known else in_vocabulary([], *DIAGNOSTICS, "k")


def _by_data_set(outcomes: Outcomes, g: Groups, measure: Measure) -> Significance:
    """The joint test that the differences of all values from the first are the same on every data set."""
    claims = compare(outcomes, g.codes, [(i, 0) for i in range(1, len(g.labels))], [measure])
    enough = (claims.arms >= SMALLEST[measure]).all(axis=(1, 2)) & np.isfinite(claims.parts).all(axis=1)
    spread = np.array(claims.covariances)[enough]
    return agreement(claims.parts[enough], spread, claims.df[1:][enough].min(axis=1))


def _effects(outcomes: Outcomes, g: Groups, other: Groups, measure: Measure) -> Iterator[Record]:
    """The effect among the runs of each level of another hyperparameter, or of each data set."""
    two = len(g.labels) == 2
    measures: list[Measure] = [measure, "p_better"]
    for o, label in enumerate(other.labels):
        for i in [1] if two else range(len(g.labels)):
            about = Record(hyperparameter=g.name, value=g.labels[i], reference=g.labels[0] if two else REST)
            about |= Record(other=other.name, other_value=label)
            codes = np.where((other.codes == o) & (g.codes >= 0), g.codes == i, -1)
            claims = compare(outcomes, codes, [(1, 0)], measures) if (codes >= 0).any() else None
            limits = claims.interval() if claims else ()
            for c, m in enumerate(measures):
                row = about | Record(scale=SCALES[m][0], runs=SCALES[m][1], n=0)
                if claims:
                    # Runs of one data set alone have a row of their own, and no average.
                    at = 1 if len(claims.strata) == 1 else 0
                    low, high = (limit[at, c] for limit in limits)
                    row |= Record(low=low, high=high, n=int(claims.n[at, c]))
                    row |= Record(estimate=claims.estimate[at, c], p=claims.p[at, c])
                yield row
