"""On how many data sets does a difference hold? Lower bounds on their number, in both directions at once."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hpanalysis.design.balance import CHOSEN
from hpanalysis.design.design import Design
from hpanalysis.errors import UserError
from hpanalysis.questions.answer import Answer, Asked, Record, facts_of, in_vocabulary, tuned_facts
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.level_claims import REST, level_claims
from hpanalysis.questions.report import SHARE_COUNTS, THIS_ANSWER, Report, counts_datasets
from hpanalysis.statistics.chosen import BEST
from hpanalysis.statistics.closed_testing import Count, count_effects, share_in_general
from hpanalysis.statistics.differences import POOLED
from hpanalysis.statistics.joint_claims import Family
from hpanalysis.sweeps.sweep import Sweep

# On which scales data sets are counted: of all runs, failed ones lowest, and after tuning.
COUNTED = ("p_better", *BEST)
# Of fewer data sets nothing is said of data sets in general.
SOME = 15
OF, OF_WITHIN = "data sets, ", "data sets within the margin, "
# On which scales a difference has the unit of the margin.
IN_UNITS = ("mean", *BEST)


def replicability(sweep: Sweep | Design, hyperparameter: str, *, rng: int = 0) -> Answer:
    """Count the data sets on which a value is better than another, and those on which it is worse.

    Parameters
    ----------
    sweep
        The runs, or their design.
    hyperparameter
        The hyperparameter; a range is compared as four slices of equal width in the search measure.
    rng
        Seed of the draws behind the comparisons.

    Returns
    -------
    Answer
        Two rows a pair of values, one each way, untuned and after tuning. ``estimate`` is the number of data sets on
        which ``value`` came out better than ``reference``, of the ``places`` with enough runs; ``low`` a lower
        confidence bound on how many it truly is better on, 97.5 %, so that ``places`` less the bound of the other way
        is the upper one, ``high``; ``low_simultaneous`` and ``high_simultaneous`` hold for all rows together, and
        ``p_adjusted`` is that of no data set at all. ``in_general``: of all data sets like these the share on which
        ``value`` is better is at least that, together with the rest; none of fewer than 15 data sets.

    Raises
    ------
    UserError
        If the hyperparameter is unknown, or there is one data set.

    Notes
    -----
    Better untuned is to win more than half of the comparisons of two runs; after tuning, a better best of k. Counts are
    lower bounds by closed testing, see `statistics.closed_testing`: data sets are independent unless configurations
    were tried on several, then nothing is supposed of them. ``in_general`` misleads where data sets were chosen.
    Dror, Baumer, Bogomolov & Reichart (2017), doi:10.1162/tacl_a_00074; Goeman & Solari (2011), doi:10.1214/11-STS356.

    Examples
    --------
    >>> from hpanalysis import replicability, toys
    >>> found = replicability(toys.make(toys.STRONG, 900, 1), "augmentation").frame.iloc[0]
    >>> found["value"], found["reference"], found["scale"]
    ('on', 'off', 'data sets, p_better')
    >>> int(found["low_simultaneous"]), int(found["places"])
    (3, 3)
    """
    design = Design.of(sweep)
    design.levels_of(hyperparameter)
    if len(design.sweep.datasets) < 2:
        raise UserError("this sweep has one data set, so that there are none to count; ask contrast instead.")
    rows = level_claims(design, hyperparameter, Family(strata=False), rng)
    frame = _counted(design, rows, ALPHA, general=len(design.sweep.datasets) >= SOME)
    asked = facts_of(design) | tuned_facts(design) | Asked(hyperparameter=hyperparameter, family=THIS_ANSWER)
    caveats = [*design.adjustment_caveats, *([CHOSEN] if design.adaptive else [])]
    if hyperparameter in design.loops:
        caveats.append("Its values were run one after the other: what drifted in time would be counted with them.")
    elif _crossed(design):
        caveats.append("Configurations were tried on several data sets: the counts hold however these are associated.")
    return Answer("replicability", frame, asked=asked, caveats=tuple(caveats))


def claims(design: Design, report: Report) -> pd.DataFrame:
    """The counts of every hyperparameter, where data sets are too many to name; half of what its levels may spend."""
    if not counts_datasets(design.sweep.datasets):
        return pd.DataFrame()
    share = report.share * SHARE_COUNTS / len(report.names)
    levels = pd.concat([report.found[name] for name in ("contrast", "tuned_contrast") if name in report.found])
    own = (levels[levels["hyperparameter"] == name] for name in report.names)
    return pd.concat([_counted(design, rows, share) for rows in own]).drop(columns="in_general")


def _crossed(design: Design) -> bool:
    """Whether data sets share units of evidence, so that what they show is not independent."""
    return design.outcomes().across


def _counted(design: Design, rows: pd.DataFrame, share: float, *, general: bool = False) -> pd.DataFrame:
    """Two rows a pair and scale, one each way; all bounds exceed the truth anywhere with at most that probability."""
    apart = rows[(rows["dataset"] != POOLED) & rows["scale"].isin(COUNTED) & (rows["reference"] != REST)]
    # A p-value at equal times is not known of each.
    apart = apart[apart["p"].notna() & ~apart["hyperparameter"].isin(design.loops)]
    groups = list(apart.groupby(["value", "reference", "scale"], sort=False))
    # Every row is a test of its own; where it says something in general too, that has half of its error.
    close = _by_closeness(rows)
    each = share / max(2 * len(groups) + len(close), 1) / (1 + general)
    independent, out = not _crossed(design), list[dict[str, object]]()
    for (value, reference, scale), part in groups:
        p, way, places = part["p"].to_numpy(float), part["direction"].to_numpy(float), len(part)
        sides = {1: np.where(way > 0, p / 2, 1 - p / 2), -1: np.where(way < 0, p / 2, 1 - p / 2)}
        alone = {side: count_effects(x, ALPHA / 2, independent=independent) for side, x in sides.items()}
        joint = {side: count_effects(x, each, independent=independent) for side, x in sides.items()}
        for side, (a, b) in {1: (value, reference), -1: (reference, value)}.items():
            row = Record(
                hyperparameter=str(part["hyperparameter"].iloc[0]),
                value=str(a),
                reference=str(b),
                scale=f"{OF}{scale}",
                estimate=float((way * side > 0).sum()),
                low=alone[side].at_least,
                high=places - alone[-side].at_least,
                low_simultaneous=joint[side].at_least,
                high_simultaneous=places - joint[-side].at_least,
                p=joint[side].p,
                p_adjusted=min(1.0, joint[side].p * ALPHA / each),
                n=int(part["n"].sum()),
            )
            more = {"places": places, "direction": 1.0, "levels": part["levels"].iloc[0], "k": part["k"].iloc[0]}
            out.append(row | more | {"in_general": _in_general(joint[side], places, each) if general else np.nan})
    out += [_within(rows, scale, p, seen, each) for scale, (p, seen) in close.items()]
    return in_vocabulary(pd.DataFrame(out), "places", "direction", "levels", "k", "in_general")


def _by_closeness(rows: pd.DataFrame) -> dict[str, tuple[np.ndarray, pd.DataFrame]]:
    """Scale -> of each data set the p-value that any two levels differ by the margin or more, and the comparisons."""
    if "p_of_margin" not in rows:
        return {}
    own = rows[(rows["dataset"] != POOLED) & (rows["runs"] == "all") & (rows["reference"] != REST)]
    out = {}
    for scale, part in own[own["scale"].isin(IN_UNITS)].groupby("scale", sort=False):
        pairs = part["levels"] * (part["levels"] - 1) / 2
        each = part.assign(p=part["p_of_margin"].fillna(1.0), pairs=pairs).groupby("dataset", sort=False)
        # A level without runs there may differ by anything.
        whole = each["p"].size() >= each["pairs"].first()
        out[str(scale)] = np.where(whole, each["p"].max(), 1.0), part
    return out


def _within(rows: pd.DataFrame, scale: str, p: np.ndarray, seen: pd.DataFrame, each: float) -> dict[str, object]:
    """On how many data sets all levels lie within the margin, each of them shown by itself, whatever their number."""
    alone, joint = (count_effects(p, level, independent=False) for level in (ALPHA / 2, each))
    row = Record(
        hyperparameter=str(rows["hyperparameter"].iloc[0]),
        scale=f"{OF_WITHIN}{scale}",
        estimate=float((p < 0.5).sum()),
        low=alone.at_least,
        high=len(p),
        low_simultaneous=joint.at_least,
        high_simultaneous=len(p),
        p=joint.p,
        p_adjusted=min(1.0, joint.p * ALPHA / each),
        n=int(seen["n"].sum()),
    )
    return row | {"places": len(p), "direction": 1.0, "levels": seen["levels"].iloc[0], "k": seen["k"].iloc[0]}


def _in_general(count: Count, places: int, level: float) -> float:
    return share_in_general(count.at_least, places, level)
