"""What is claimed of the levels of a hyperparameter? Their differences on every scale, as rows of one table.

The only place that turns differences of levels into rows: for `contrast`, `trend` and the whole report alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.design.groups import Groups
from hpanalysis.questions.answer import Record, in_vocabulary
from hpanalysis.statistics import resampling
from hpanalysis.statistics.chosen import BEST
from hpanalysis.statistics.differences import POOLED, SCALES, compare
from hpanalysis.statistics.joint_claims import Claims, Family, simultaneous
from hpanalysis.statistics.outcomes import Measure

# What a level is compared with where it is compared with all others at once.
REST = "the other values"
# Behind the vocabulary, see `rows_of_claims`.
DIAGNOSTICS = ("places", "z", "direction", "critical", "levels", "ordered", "k", "selected")


def level_claims(design: Design, name: str, family: Family, rng: int) -> pd.DataFrame:
    """Every pair of levels of a hyperparameter, on average and on each data set, on every scale.

    Parameters
    ----------
    design
        The runs.
    name
        The hyperparameter.
    family
        Over which claims the simultaneous limits and adjusted p-values hold.
    rng
        Seed; the draws depend on it and on the name alone.
    """
    g, outcomes = design.groups(name), design.outcomes(name).choosing(design.chosen())
    claims = compare(outcomes, g.codes, g.pairs, [*outcomes.measures, *outcomes.tuned])
    places = places_of(design, claims)
    rows = rows_of_claims(design, g, [(claims, places)], family, rng)
    if name in design.loops:
        at_equal_times = replace(outcomes, others=2 * design.loops[name][:, None] - 1, expected=None)
        measures: list[Measure] = [m for *_, m in claims.claims if m not in BEST]
        drifting = compare(at_equal_times, g.codes, g.pairs, list(dict.fromkeys(measures)))
        rows = _in_spite_of(rows, drifting, len(places))
    # What no level has the runs for is not asked.
    return rows[(rows["regime"] == "average") | rows["estimate"].notna()]


def _in_spite_of(rows: pd.DataFrame, drifting: Claims, places: int) -> pd.DataFrame:
    """Claims that hold, with their limits, whether the outcome drifted in time or not.

    In a nested loop the values of the outer one were run one after the other. What is claimed must be so at equal times
    as well, and the limits hold the interval there; a best of k is not known at equal times.
    """
    low, high = (limit[:places].ravel() for limit in drifting.interval())
    p = np.where(np.isfinite(drifting.p()[:places]), drifting.p()[:places], 1.0).ravel()
    average = (rows["regime"] == "average").to_numpy()
    out = rows.assign(p_adjusted=rows["p_adjusted"].where(average, 1.0))
    out.loc[average, "p_adjusted"] = np.maximum(rows.loc[average, "p_adjusted"], p)
    out.loc[average, "low_simultaneous"] = np.fmin(rows.loc[average, "low_simultaneous"], low)
    out.loc[average, "high_simultaneous"] = np.fmax(rows.loc[average, "high_simultaneous"], high)
    return out


def places_of(design: Design, claims: Claims) -> list[Record]:
    """All data sets and each of them; with runs on one data set the pooled rows say it all."""
    apart = [Record(dataset=design.sweep.datasets[s]) for s in claims.strata]
    return [Record(dataset=POOLED), *(apart if len(apart) > 1 else [])]


def rows_of_claims(
    design: Design, g: Groups, parts: Sequence[tuple[Claims, Sequence[Record]]], family: Family, rng: int
) -> pd.DataFrame:
    """One row per place, pair and scale, in the vocabulary of all tables.

    Parameters
    ----------
    design
        The runs.
    g
        The groups that were compared.
    parts
        Claims, and the place of each of their rows that is shown, the pooled row first: a data set or all of them, and
        perhaps a level of another hyperparameter.
    family
        Over which claims the simultaneous limits and adjusted p-values hold: all of these, or more.
    rng
        Seed; the draws depend on it and on the name alone.

    Returns
    -------
    pandas.DataFrame
        Behind the vocabulary: ``places`` (data sets behind an estimate), ``z`` (the p-value as a signed normal
        deviate), ``direction`` (1 if it speaks for the value, -1 for the reference), ``critical`` (the deviate from
        which a claim is shown), ``levels`` and ``ordered`` of the hyperparameter, and of the best of k ``k`` and the
        difference by what chose, ``selected``.
    """
    up = 1.0 if design.sweep.goal == "max" else -1.0
    seeds = resampling.named_generator(rng, "levels", g.name)
    joint = simultaneous([claims for claims, _ in parts], family, rng=seeds, lower_is_better=up < 0)
    tables = []
    for i, (claims, places) in enumerate(parts):
        texts = [
            Record(value=g.labels[a], reference=g.labels[b], scale=SCALES[m][0], runs=SCALES[m][1]) | place
            for place in places
            for a, b, m in claims.claims
        ]
        favour = [{"p_better": 1.0, "p_fail": -1.0}.get(measure, up) for *_, measure in claims.claims]
        draws = np.where([measure in BEST for *_, measure in claims.claims], claims.k, np.nan)
        numbers = dict(zip(("low", "high"), claims.interval(), strict=True))
        numbers |= {"estimate": claims.estimate, "p": claims.p(), "z": claims.z(), "n": claims.n}
        numbers |= {"low_simultaneous": joint.low[i], "high_simultaneous": joint.high[i], "p_adjusted": joint.p[i]}
        numbers |= {"places": claims.places, "direction": np.sign(claims.z()) * favour}
        numbers |= {"k": np.broadcast_to(draws, claims.estimate.shape), "selected": claims.selected}
        tables.append(pd.DataFrame(texts).assign(**{name: x[: len(places)].ravel() for name, x in numbers.items()}))
    table = pd.concat(tables, ignore_index=True).assign(hyperparameter=g.name, critical=joint.critical)
    # An order of the levels is read off these numbers.
    return in_vocabulary(table.assign(levels=len(g.labels), ordered=g.ordered), *DIAGNOSTICS)


def swapped(rows: pd.DataFrame) -> pd.DataFrame:
    """The same comparisons from the other level."""
    flip = np.where(rows["scale"] == "p_better", 1.0, 0.0)
    return rows.assign(
        value=rows["reference"],
        reference=rows["value"],
        estimate=flip - rows["estimate"],
        low=flip - rows["high"],
        high=flip - rows["low"],
        low_simultaneous=flip - rows["high_simultaneous"],
        high_simultaneous=flip - rows["low_simultaneous"],
        direction=-rows["direction"],
        z=-rows["z"],
    )
