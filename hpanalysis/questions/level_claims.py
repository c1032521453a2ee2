"""What is claimed of the levels of a hyperparameter? Their differences on every scale, as rows of one table.

The only place that turns differences of levels into rows: for `contrast`, `trend` and the whole report alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.design.groups import Groups
from hpanalysis.statistics import resampling
from hpanalysis.statistics.differences import POOLED, SCALES, compare
from hpanalysis.statistics.joint_claims import Claims, Family, simultaneous
from hpanalysis.statistics.rounding import settled_table


class Place(TypedDict, total=False):
    """Where a comparison holds: a data set or all of them, and perhaps a level of another hyperparameter."""

    other: str
    other_value: str
    dataset: str


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
    g, outcomes = design.groups(name), design.outcomes(name)
    claims = compare(outcomes, g.codes, g.pairs, outcomes.measures)
    return rows_of_claims(design, g, [(claims, places_of(design, claims))], family, rng)


def places_of(design: Design, claims: Claims) -> list[Place]:
    """All data sets and each of them; with runs on one data set the pooled rows say it all."""
    apart = [Place(dataset=design.sweep.datasets[s]) for s in claims.strata]
    return [Place(dataset=POOLED), *(apart if len(apart) > 1 else [])]


def rows_of_claims(
    design: Design, g: Groups, parts: Sequence[tuple[Claims, Sequence[Place]]], family: Family, rng: int
) -> pd.DataFrame:
    """One row a place, pair and scale, in the vocabulary of all tables.

    Parameters
    ----------
    design
        The runs.
    g
        The groups that were compared.
    parts
        Claims, and the place of each of their rows that is told, the pooled row first.
    family
        Over which claims the simultaneous limits and adjusted p-values hold: all of these, or more.
    rng
        Seed; the draws depend on it and on the name alone.

    Returns
    -------
    pandas.DataFrame
        Behind the vocabulary: ``places`` (data sets behind an estimate), ``z`` (the p-value as a signed normal
        deviate), ``direction`` (1 if it speaks for the value, -1 for the reference), ``critical`` (the deviate from
        which a claim is shown), ``levels`` and ``ordered`` of the hyperparameter.
    """
    goal = design.sweep.goal
    seeds = resampling.named_generator(rng, "levels", g.name)
    joint = simultaneous([claims for claims, _ in parts], family, rng=seeds, lower_is_better=goal == "min")
    favour = {"p_better": 1, "p_fail": -1}
    records = []
    for i, (claims, places) in enumerate(parts):
        low, high = claims.interval()
        p, z, behind = claims.p(), claims.z(), claims.places
        for row, place in enumerate(places):
            for c, (value, reference, measure) in enumerate(claims.claims):
                scale, runs = SCALES[measure]
                records.append(
                    {
                        "hyperparameter": g.name,
                        "value": g.labels[value],
                        "reference": g.labels[reference],
                        "other": place.get("other", ""),
                        "other_value": place.get("other_value", ""),
                        "dataset": place["dataset"],
                        "regime": "average",
                        "scale": scale,
                        "runs": runs,
                        "estimate": claims.estimate[row, c],
                        "low": low[row, c],
                        "high": high[row, c],
                        "low_simultaneous": joint.low[i][row, c],
                        "high_simultaneous": joint.high[i][row, c],
                        "p": p[row, c],
                        "p_adjusted": joint.p[i][row, c],
                        "n": int(claims.n[row, c]),
                        "places": int(behind[row, c]),
                        "z": z[row, c],
                        "direction": float(np.sign(z[row, c]) * favour.get(measure, 1 if goal == "max" else -1)),
                    }
                )
    # An order of the levels is read off these numbers.
    return settled_table(pd.DataFrame(records)).assign(critical=joint.critical, levels=len(g.labels), ordered=g.ordered)
