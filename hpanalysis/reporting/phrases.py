"""Which words? Phrases for sizes, places, mechanisms and bounds, from the rows of an inquiry."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hpanalysis.evidence.answer import Finding
from hpanalysis.evidence.estimate import POOLED

# The scale on which a comparison is told: points where every run has some, else how often, else failures, else the
# successful runs alone, labelled so.
LEADING = (("mean", "all"), ("p_better", "all"), ("p_fail", "all"), ("mean", "successful"))
# A test at the strictness of a headline that should succeed in four of five repetitions.
POWER_Z = 0.84


def size(about: dict, x: float) -> str:
    """A difference of the metric for reading: points for shares, else the number in its unit."""
    if about["transform"] == "log10":
        return f"a factor of {10 ** abs(x):.3g}"
    if about["share"]:
        return f"{100 * abs(x):.2g} points" if abs(x) < 0.1 else f"{100 * abs(x):.0f} points"
    unit = f" {about['unit']}" if about["unit"] and about["unit"].lower() not in about["metric"].lower() else ""
    return f"{abs(x):.3g}{unit}"


def nearest_to_zero(row: Any, null: float = 0.0) -> float:
    """The bound of an interval that lies nearest to no difference, as a distance from it."""
    return max(row.low - null, null - row.high, 0.0)


def place(about: dict, dataset: str | None) -> str:
    """Where a sentence holds, as its beginning."""
    if dataset not in (None, POOLED):
        return f"On {dataset}, "
    return f"On average over {len(about['datasets'])} data sets, " if len(about["datasets"]) > 1 else ""


def scope(about: dict) -> str:
    """The conditions of the sweep, in brackets."""
    return f" ({about['scope']})" if about["scope"] else ""


def level(name: str, value: str) -> str:
    """A level with its hyperparameter."""
    return f"{name}={value}"


def verdict(row: Any, margin: float | None) -> str:
    """Better or worse by rule; slightly, when the whole interval lies inside a declared margin."""
    word = "better" if row.direction > 0 else "worse"
    if margin is not None and row.scale == "mean" and max(abs(row.low), abs(row.high)) < margin:
        return "slightly " + word
    return word


def mechanism(scales: dict, everything: dict, failed: int) -> str | None:
    """Where a difference comes from: failing less, doing better when it works, or both; None where it is not shown."""
    if not failed:
        return "does better"
    lead = next(scales[s] for s in LEADING if s in scales)
    fails = scales.get(("p_fail", "all"))
    works = scales.get(("mean", "successful"))
    less = fails is not None and fails.direction == lead.direction
    better = works is not None and works.direction == lead.direction
    return "both" if less and better else "fails less" if less else "does better" if better else None


WAYS = {
    ("fails less", 1): ", by failing less",
    ("does better", 1): ", by doing better when it works",
    ("both", 1): ", by failing less and doing better",
    ("fails less", -1): ", by failing more",
    ("does better", -1): ", by doing worse when it works",
    ("both", -1): ", by failing more and doing worse",
}


def contrast(about: dict, lead: Any, scales: dict, word: str, how: str | None, *, sure: bool = True) -> str:
    """The sentence on two levels: place, levels, verdict, size, mechanism, scope.

    A headline is `sure` and states the bound that holds; an exploratory sentence states what was seen, as such.
    """
    a, b, start = level(lead.hyperparameter, lead.value), lead.reference, place(about, lead.dataset)
    did = f"did {word}" if sure else f"seems to do {word}"
    did += ", practically equal," if word.startswith("slightly") else ""
    rank, works = scales.get(("p_better", "all")), scales.get(("mean", "successful"))
    of_mean = f"of mean {about['metric']}"
    if word == "depends":
        told = f"{a} against {b}: which is better depends on the measure ({_measures(scales)})"
    elif lead.scale == "mean":
        runs = "over all runs" if lead.runs == "all" else "among successful runs only"
        told = f"{a} {did} than {b} {_by(about, lead, sure)} {of_mean} {runs}"
        if lead.runs == "all" and rank is not None and rank.direction == lead.direction:
            told += f", {_in(rank, sure)} of matched draws"
    elif lead.scale == "p_better":
        told = f"{a} {did} than {b} {_in(lead, sure)} of matched draws"
        if works is not None and works.direction == lead.direction:
            told += f", {_by(about, works, sure)} {of_mean} among successful runs"
    else:
        less = "less" if lead.direction > 0 else "more"
        failed = "failed" if sure else "seems to fail"
        told = f"{a} {failed} {less} often than {b}, {_by(about | {'share': True}, lead, sure)} of the runs"
    if how and lead.scale != "p_fail" and lead.runs == "all" and about["failed"] and word != "depends":
        told += WAYS[how, int(lead.direction)]
    return _sentence(start + told + scope(about))


def _by(about: dict, row: Any, sure: bool) -> str:
    return f"by at least {size(about, nearest_to_zero(row))}" if sure else f"by about {size(about, row.estimate)}"


def _in(row: Any, sure: bool) -> str:
    if not sure:
        return f"in about {_percent(0.5 + abs(row.estimate - 0.5))}"
    return f"in at least {_percent(0.5 + nearest_to_zero(row, 0.5))}"


def _percent(share: float) -> str:
    # Near one half a whole percent would read "at least 50 %", which says nothing.
    return f"{100 * share:.0f} %" if share >= 0.52 else f"{100 * share:.1f} %"


def _measures(scales: dict) -> str:
    told = []
    for row in scales.values():
        name = {"p_better": "how often it wins", "p_fail": "how often it fails"}.get(row.scale)
        if name is None:
            name = "the mean of all runs" if row.runs == "all" else "the mean of successful runs"
        told.append(f"{name} favours {row.value if row.direction > 0 else row.reference}")
    return ", ".join(told)


def _sentence(text: str) -> str:
    return text.strip() + "."


def question(about: dict, row: Any) -> str:
    """The question a comparison answers."""
    where = "" if row.dataset == POOLED else f" on {row.dataset}"
    return f"Does {row.hyperparameter}={row.value} do better than {row.reference}{where}?"


def trend(about: dict, row: Any, word: str) -> str:
    """The sentence on an order among levels."""
    start = place(about, None)
    if word == "monotone":
        lower = "higher" if row.direction > 0 else "lower"
        steps = f"each step from {row.reference} to {row.value} was shown"
        return _sentence(f"{start}the {lower} {row.hyperparameter}, the better ({steps}){scope(about)}")
    return _sentence(
        f"{start}{row.hyperparameter} is best around {row.value}: it beats both ends of its range, {row.reference}, "
        f"{_in(row, True)} of matched draws{scope(about)}"
    )


def interaction(about: dict, row: Any, headline: bool) -> str:
    """The sentence on two hyperparameters that act together."""
    surely = "depends" if headline else "seems to depend"
    return _sentence(
        f"{place(about, None)}the effect of {row.hyperparameter} on the mean {about['metric']} {surely} on "
        f"{row.other} (adjusted p {_p(row.p_adjusted if headline else row.p_exploratory)}){scope(about)}"
    )


def matters(about: dict, row: Any) -> str:
    """The sentence of the omnibus test."""
    return _sentence(
        f"{row.hyperparameter} matters: its values differ in {about['metric']} or in how often runs fail "
        f"(adjusted p {_p(row.p_adjusted)}){scope(about)}"
    )


def _p(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {p:.2g}"


def nothing_shown(about: dict, name: str, equal: bool, rank: pd.DataFrame, means: pd.DataFrame) -> str:
    """The sentence on a hyperparameter of which no difference was established."""
    start = place(about, None)
    if equal:
        largest = np.abs(means[["low", "high"]].to_numpy()).max()
        return _sentence(
            f"{start}there is no practical difference between the levels of {name}: at most {size(about, largest)} of "
            f"{about['metric']}, within the margin of {size(about, about['margin'])}{scope(about)}"
        )
    told = f"{start}it is undecided whether {name} makes a difference"
    if rank.empty or not np.isfinite(rank["z"]).any():
        return _sentence(told + ": too few runs" + scope(about))
    strongest = rank.loc[rank["z"].abs().idxmax()]
    widest = max(strongest["high"] - 0.5, 0.5 - strongest["low"])
    told += f"; a difference in more than {100 * (0.5 + widest):.0f} % of matched draws is ruled out"
    return _sentence(told + runs_needed(strongest, about["runs"]) + scope(about))


def runs_needed(row: Any, runs: int) -> str:
    """How many more runs would settle it, were the difference as large as it looks; power .8 at the headline level."""
    z = abs(row["z"])
    if z < 1.0:
        return ", and what was seen is no larger than luck"
    more = runs * (((row["critical"] + POWER_Z) / z) ** 2 - 1)
    return f", about {_round_up(more)} more runs would settle a difference of the size seen" if more > 0 else ""


def _round_up(x: float) -> int:
    unit = 10 ** max(int(np.floor(np.log10(max(x, 1)))) - 1, 1)
    return int(np.ceil(x / unit) * unit)


def prominence(finding: Finding) -> tuple[float, ...]:
    """How early a reader should meet it: trends and pooled comparisons first, then by distance from no difference."""
    whole = finding.dataset is None
    if finding.low is None or finding.high is None:
        return (float(whole), 0.0, 0.0)
    null = 0.5 if finding.scale == "p_better" else 0.0
    width = max(finding.high - finding.low, 1e-12)
    # The bound nearest to no difference, in units of the interval's width: comparable between scales.
    return (
        float(whole),
        float(finding.kind == "trend"),
        max(finding.low - null, null - finding.high, 0.0) / width,
    )
