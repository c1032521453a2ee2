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
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.report import SHARE_COUNTS, SHARE_MAIN, WHOLE_REPORT, counts_datasets
from hpanalysis.statistics import resampling
from hpanalysis.statistics.chosen import BEST
from hpanalysis.statistics.differences import POOLED, SCALES, compare
from hpanalysis.statistics.joint_claims import Claims, Family, simultaneous
from hpanalysis.statistics.outcomes import OTHERS, Measure
from hpanalysis.statistics.score_tests import OmnibusTest, Rearrangements, Regression, matters, rearrangements

# What a level is compared with where it is compared with all others at once.
REST = "the other values"
# Of more levels without an order each is also compared with all others: pairs are too many to name a single good one.
MANY = 8
# Within so many standard errors lies a drift: with two a best of k was false in 3 of 25 grids that drifted.
DRIFT = 3.0
# Behind the vocabulary, see `rows_of_claims`.
DIAGNOSTICS = ("places", "z", "direction", "critical", "levels", "ordered", "k", "selected")


def level_claims(design: Design, name: str, family: Family, rng: int) -> pd.DataFrame:
    """Every pair of levels of a hyperparameter, on average and on each data set, on every scale.

    Of `MANY` levels without an order each is compared with all others as well, where the runs are independent draws.

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

    Returns
    -------
    pandas.DataFrame
        As `rows_of_claims` has them; where a margin is declared and data sets are counted, with ``p_of_margin``, the
        p-value that a difference is the margin or more.
    """
    g, outcomes = design.groups(name), design.outcomes(name).choosing(design.chosen())
    pairs = list(g.pairs)
    if len(g.labels) > MANY and not g.ordered and not design.adaptive and name not in design.loops:
        pairs += [(level, OTHERS) for level in range(len(g.labels))]
    claims = compare(outcomes, g.codes, pairs, [*outcomes.measures, *outcomes.tuned])
    places = places_of(design, claims)
    rows = rows_of_claims(design, g, [(claims, places)], family, rng)
    if design.sweep.margin is not None and counts_datasets(design.sweep.datasets):
        rows = rows.assign(p_of_margin=claims.p_of_margin(design.sweep.margin)[: len(places)].ravel())
    if name in design.loops:
        averages: list[Measure] = list(dict.fromkeys(m for *_, m in claims.claims if m not in BEST))
        drifting = [_at_equal_times(design, name, pairs, averages)]
        for measure in outcomes.tuned:
            drifting += _without_drift(design, name, pairs, measure)
        rows = _in_spite_of(rows, drifting, len(places))
    # What no level has the runs for is not asked.
    return rows[(rows["regime"] == "average") | rows["estimate"].notna()]


def _in_spite_of(rows: pd.DataFrame, drifting: Sequence[Claims], places: int) -> pd.DataFrame:
    """Claims that hold, with their limits, whether the outcome drifted in time or not.

    In a nested loop the values of the outer one were run one after the other. What is claimed must be so at equal times
    as well, and the limits hold the interval there.

    Parameters
    ----------
    rows
        Claims on averages and on the best of k.
    drifting
        The averages at equal times; and the best of k without as much drift as there may be, of both ends each.
    places
        Data sets in the rows, and all of them.
    """
    out = rows.copy()
    for claims in drifting:
        low, high = (limit[:places].ravel() for limit in claims.interval())
        scales = {SCALES[m] for *_, m in claims.claims}
        here = np.array([each in scales for each in zip(rows["scale"], rows["runs"], strict=True)])
        null = np.where(rows.loc[here, "scale"] == "p_better", 0.5, 0.0)
        p, estimate = claims.p[:places].ravel(), claims.estimate[:places].ravel()
        same = (estimate - null) * (rows.loc[here, "estimate"].to_numpy(float) - null) > 0
        p = np.where(np.isfinite(p) & same, p, 1.0)
        out.loc[here, "p_adjusted"] = np.maximum(out.loc[here, "p_adjusted"], p)
        out.loc[here, "low_simultaneous"] = np.minimum(out.loc[here, "low_simultaneous"], low)
        out.loc[here, "high_simultaneous"] = np.maximum(out.loc[here, "high_simultaneous"], high)
    return out


def _at_equal_times(design: Design, name: str, pairs: Sequence[tuple[int, int]], measures: Sequence[Measure]) -> Claims:
    """Claims on the outside of a nested loop beside the time alone."""
    outcomes = replace(design.outcomes(name), others=2 * design.loops[name][:, None] - 1, expected=None)
    return compare(outcomes, design.groups(name).codes, pairs, measures)


def _without_drift(design: Design, name: str, pairs: Sequence[tuple[int, int]], measure: Measure) -> list[Claims]:
    """Claims on the best of k of the outside of a nested loop, less as much and as little drift as there may be.

    The drift is what changed in time within the values, on a data set each, of what chooses and of what is reported.
    """
    outcomes, codes = design.outcomes(name).choosing(design.chosen()), design.groups(name).codes
    chosen, time = outcomes.chosen, design.loops[name]
    assert chosen is not None
    cell = design.sweep.block * (int(codes.max()) + 2) + codes
    score, reported = (_slope(y, time, cell) for y in (chosen.score, chosen.reported))
    found = []
    for side in (-DRIFT, DRIFT):
        much, less = ((slope + side * error) * time for slope, error in (score, reported))
        drifted = replace(chosen, score=chosen.score - much, reported=chosen.reported - less)
        found.append(compare(outcomes.choosing(drifted), codes, pairs, [measure]))
    return found


def _slope(y: np.ndarray, time: np.ndarray, cell: np.ndarray) -> tuple[float, float]:
    """How an outcome changes with the time within cells, and its standard error; infinite where it cannot be told."""
    both = pd.DataFrame({"y": y, "time": time})
    own = both - both.groupby(cell).transform("mean")
    spread, left = float((own["time"] ** 2).sum()), len(y) - len(np.unique(cell)) - 1
    if spread <= 0 or left < 1:
        return 0.0, np.inf
    slope = float((own["y"] * own["time"]).sum()) / spread
    return slope, float(np.sqrt(((own["y"] - slope * own["time"]) ** 2).sum() / left / spread))


def omnibus(design: Design, regression: Regression, name: str, order: Rearrangements | None) -> OmnibusTest:
    """Whether a hyperparameter matters at all, of the outside of a nested loop in spite of drift.

    In a full grid the time is what the inner loops say and the even steps of the outer one: beside both only an uneven
    change can be told. An even one can where it is larger than what changes in time within the values, be that drift or
    what the inner loops do: taken off it leaves a difference of two values, and added it leaves the sign. Either shows
    that the hyperparameter matters, each with half of the error.
    """
    uneven = matters(regression, name, order)
    if name not in design.loops:
        return uneven
    g, measures = design.groups(name), design.outcomes(name).measures
    seen = compare(design.outcomes(name), g.codes, g.pairs, measures)
    off = _at_equal_times(design, name, g.pairs, measures)
    added = 2 * seen.estimate - off.estimate
    # How often one wins ends at 0 and 1, and so does what was taken off it: how much, is not known there.
    share = np.array([m == "p_better" for *_, m in off.claims])
    ended = share & np.isin(off.estimate, (0.0, 1.0)) & (off.estimate != seen.estimate)
    told = np.isfinite(off.p) & ~ended & ((added - off.null) * (off.estimate - off.null) > 0)
    smallest = min(1.0, float(np.isfinite(seen.p).sum() * np.where(told, off.p, 1.0).min(initial=1.0)))
    plain = matters(replace(regression, trends={}), name, order)
    known = [t for t in (uneven, OmnibusTest(plain.statistic, max(plain.p, smallest))) if np.isfinite(t.p)]
    if not known:
        return uneven
    found = min(known, key=lambda test: test.p)
    return OmnibusTest(found.statistic, min(1.0, 2 * found.p))


def report_family(design: Design, name: str, gate: float, share: float) -> Family:
    """The part of a whole report's error that the levels of a hyperparameter share, below its own test.

    Of two levels that test asks what their averages answer, so that these share the error among themselves. Of `MANY`
    each level against all others spends its part of the share whatever that test says: among the luck of thirty levels
    it saw a single one that is six standard errors better in two sweeps of three. Of many data sets only averages are
    in it, see `replicability`.

    Parameters
    ----------
    design
        The runs.
    name
        The hyperparameter, one that can be compared.
    gate
        The p of the test whether it matters at all; it has the share of the error that its levels have.
    share
        The error of all hyperparameters together.
    """
    each = share / (ALPHA * len(design.comparable()))
    gate = min(1.0, gate / each)
    if counts_datasets(design.sweep.datasets):
        return Family(WHOLE_REPORT, ALPHA, each * (1 - SHARE_COUNTS), gate, strata=False)
    return Family(WHOLE_REPORT, ALPHA, each, gate, pooled_first=len(design.groups(name).labels) == 2)


def worth_in_report(design: Design, name: str, rng: int) -> pd.DataFrame:
    """What the claims on the levels of a hyperparameter are in a report of everything: the same rows, adjusted for it.

    Parameters
    ----------
    design
        The runs.
    name
        The hyperparameter.
    rng
        The seed of the report.
    """
    names = design.comparable()
    if name not in names:
        return pd.DataFrame()
    regression = design.regression(names)
    gate = omnibus(design, regression, name, rearrangements(regression, resampling.named_generator(rng, "matters"))).p
    return level_claims(design, name, report_family(design, name, gate, SHARE_MAIN), rng)


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
        which it is shown), ``levels`` and ``ordered`` of the hyperparameter, and of the best of k ``k`` and the
        difference by what chose, ``selected``.
    """
    up = 1.0 if design.sweep.goal == "max" else -1.0
    seeds = resampling.named_generator(rng, "levels", g.name)
    labels = dict(enumerate(g.labels)) | {OTHERS: REST}
    joint = simultaneous([claims for claims, _ in parts], family, rng=seeds, lower_is_better=up < 0)
    tables = []
    for i, (claims, places) in enumerate(parts):
        texts: dict[str, Sequence[object]] = {
            "value": [labels[a] for a, *_ in claims.claims] * len(places),
            "reference": [labels[b] for _, b, _ in claims.claims] * len(places),
            "scale": [SCALES[m][0] for *_, m in claims.claims] * len(places),
            "runs": [SCALES[m][1] for *_, m in claims.claims] * len(places),
        }
        where = {key: [place.get(key, "") for place in places for _ in claims.claims] for key in places[0]}
        favour = [{"p_better": 1.0, "p_fail": -1.0}.get(measure, up) for *_, measure in claims.claims]
        draws = np.where([measure in BEST for *_, measure in claims.claims], claims.k, np.nan)
        numbers = dict(zip(("low", "high"), claims.interval(), strict=True))
        numbers |= {"estimate": claims.estimate, "p": claims.p, "z": claims.z, "n": claims.n}
        numbers |= {"low_simultaneous": joint.low[i], "high_simultaneous": joint.high[i], "p_adjusted": joint.p[i]}
        numbers |= {"critical": joint.critical[i], "places": claims.places, "direction": np.sign(claims.z) * favour}
        numbers |= {"k": np.broadcast_to(draws, claims.estimate.shape), "selected": claims.selected}
        tables.append(pd.DataFrame(texts | where | {name: x[: len(places)].ravel() for name, x in numbers.items()}))
    table = pd.concat(tables, ignore_index=True).assign(hyperparameter=g.name)
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
