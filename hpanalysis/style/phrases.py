"""Which words? Phrases for sizes, places, mechanisms and bounds, from the rows of an inquiry."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hpanalysis.statistics import power
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style.numbers import Rounding, is_p, rounded

# The scale on which a comparison is told: points where every run has some, else how often, else failures, else the
# successful runs alone, labelled so.
LEADING = (("mean", "all"), ("p_better", "all"), ("p_fail", "all"), ("mean", "successful"))


def size(about: dict, x: float, rounding: Rounding = "near") -> str:
    """A difference of the metric for reading: points for shares, else the number in its unit.

    A bound is never rounded past itself: "at least" rounds down, "at most" up.
    """
    if about["transform"] == "log10":
        return f"a factor of {rounded(10 ** abs(x), 3, rounding):g}"
    if about["share"]:
        return f"{rounded(100 * abs(x), 2, rounding):g} {about['share'] if about['share'] is not True else 'points'}"
    unit = f" {about['unit']}" if about["unit"] and about["unit"].lower() not in about["metric"].lower() else ""
    return f"{rounded(abs(x), 3, rounding):g}{unit}"


def nearest_to_zero(row: Any, null: float = 0.0) -> float:
    """The bound of an interval that lies nearest to no difference, as a distance from it."""
    return max(row.low_simultaneous - null, null - row.high_simultaneous, 0.0)


def place(about: dict, dataset: str | None, places: float = float("nan")) -> str:
    """Where a sentence holds, as its beginning; `places` is how many data sets took part in an average."""
    if dataset not in (None, POOLED):
        return f"On {dataset}, "
    every = len(about["datasets"])
    if every <= 1:
        return ""
    some = f"{places:.0f} of " if np.isfinite(places) and places < every else ""
    return f"On average over {some}{every} data sets, "


def scope(about: dict) -> str:
    """The conditions of the sweep, in brackets."""
    return f" ({about['scope']})" if about["scope"] else ""


def level(name: str, value: str) -> str:
    """A level with its hyperparameter."""
    return f"{name}={value}"


def verdict(row: Any, margin: float | None) -> str:
    """Better or worse by rule; slightly, when the whole interval lies inside a declared margin."""
    word = "better" if row.direction > 0 else "worse"
    if (
        margin is not None
        and row.scale == "mean"
        and max(abs(row.low_simultaneous), abs(row.high_simultaneous)) < margin
    ):
        return "slightly " + word
    return word


def mechanism(scales: dict, failed: int) -> str | None:
    """Where a difference comes from: failing less, doing better when it works, or both; None where it is not shown."""
    if not failed:
        return "does better"
    lead = next(scales[s] for s in LEADING if s in scales)
    fails = scales.get(("p_fail", "all"))
    works = scales.get(("mean", "successful"))
    less = fails is not None and fails.direction == lead.direction
    better = works is not None and works.direction == lead.direction
    return "both" if less and better else "fails less" if less else "does better" if better else None


DRAWN = "Were the runs drawn independently?"
WAYS = {
    ("fails less", 1): ", by failing less often",
    ("does better", 1): ", by doing better among the runs that completed",
    ("both", 1): ", by failing less often and doing better among the runs that completed",
    ("fails less", -1): ", by failing more often",
    ("does better", -1): ", by doing worse among the runs that completed",
    ("both", -1): ", by failing more often and doing worse among the runs that completed",
}


def contrast(about: dict, lead: Any, scales: dict, word: str, how: str | None, *, sure: bool = True) -> str:
    """The sentence on two levels: place, levels, verdict, size, mechanism, scope.

    A headline is `sure` and states the bound that holds; an exploratory sentence states what was seen, as such.
    """
    a, b = level(lead.hyperparameter, lead.value), lead.reference
    start = place(about, lead.dataset, lead.places)
    did = f"did {word}" if sure else f"seems to do {word}"
    did += ", practically equal," if word.startswith("slightly") else ""
    rank, works = scales.get(("p_better", "all")), scales.get(("mean", "successful"))
    of_mean = f"of mean {about['metric']}" if about["transform"] is None else f"in the geometric mean {about['metric']}"
    if word == "depends":
        told = f"{a} against {b}: which is better depends on the measure ({_measures(scales)})"
    elif lead.scale == "mean":
        runs = "over all runs" if lead.runs == "all" else "among successful runs only"
        told = f"{a} {did} than {b} {_by(about, lead, sure)} {of_mean} {runs}"
        if lead.runs == "all" and rank is not None and rank.direction == lead.direction:
            told += f", {_in(about, rank, sure)}"
    elif lead.scale == "p_better":
        told = f"{a} {did} than {b} {_in(about, lead, sure)}"
        if works is not None and works.direction == lead.direction:
            told += f", {_by(about, works, sure)} {of_mean} among successful runs"
    else:
        less = "less" if lead.direction > 0 else "more"
        failed = "failed" if sure else "seems to fail"
        told = f"{a} {failed} {less} often than {b}, {_by(IN_RUNS, lead, sure)}"
    if how and lead.scale != "p_fail" and lead.runs == "all" and about["failed"] and word != "depends":
        told += WAYS[how, int(lead.direction)]
    fails = scales.get(("p_fail", "all"))
    if word != "depends" and fails is not None and fails.direction != lead.direction:
        told += f", although it failed {'less' if fails.direction > 0 else 'more'} often, {_by(IN_RUNS, fails, sure)}"
    return _sentence(start + told + scope(about))


# Differences of a probability of failing are told in points whatever the metric is.
IN_RUNS = {"transform": None, "share": "percentage points"}


def _by(about: dict, row: Any, sure: bool) -> str:
    if sure:
        return f"by at least {size(about, nearest_to_zero(row), 'down')}"
    return f"by about {size(about, row.estimate)}"


def _in(about: dict, row: Any, sure: bool) -> str:
    share = nearest_to_zero(row, 0.5) if sure else abs(row.estimate - 0.5)
    often = f"at least {_percent(0.5 + share, 'down')}" if sure else f"about {_percent(0.5 + share, 'near')}"
    return f"in {often} of head-to-head draws" + (" (ties as half)" if about.get("ties") else "")


def _percent(share: float, rounding: Rounding) -> str:
    # Near one half a whole percent would read "at least 50 %", which says nothing.
    digits = 2 if share >= 0.52 or rounding == "up" else 3
    return f"{rounded(100 * share, digits, rounding):g} %"


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


def question(row: Any) -> str:
    """The question a comparison answers."""
    where = "" if row.dataset == POOLED else f" on {row.dataset}"
    return f"Does {row.hyperparameter}={row.value} do better than {row.reference}{where}?"


def trend(about: dict, row: Any, word: str) -> str:
    """The sentence on an order among levels."""
    start = place(about, None, row.places)
    if word == "monotone":
        lower = "higher" if row.direction > 0 else "lower"
        steps = f"each step from {row.reference} to {row.value} was shown"
        return _sentence(f"{start}the {lower} {row.hyperparameter}, the better ({steps}){scope(about)}")
    return _sentence(
        f"{start}{row.hyperparameter} is best inside its range, not at an end: {row.value} beats both ends, "
        f"{row.reference}, {_in(about, row, True)}{scope(about)}"
    )


def interaction(about: dict, row: Any, headline: bool, judged: str, p: float) -> str:
    """The sentence on two hyperparameters that act together; `judged` names the number it rests on."""
    surely = "depends" if headline else "seems to depend"
    runs = " of successful runs" if getattr(row, "runs", "all") == "successful" else ""
    return _sentence(
        f"{place(about, None)}the effect of {row.hyperparameter} on the mean {about['metric']}{runs} {surely} on "
        f"{row.other} ({judged} {is_p(p, digits=2)}){scope(about)}"
    )


def matters(about: dict, row: Any) -> str:
    """The sentence of the omnibus test."""
    return _sentence(
        f"{row.hyperparameter} matters: its values differ in {about['metric']} or in how often runs fail "
        f"(adjusted p {is_p(row.p_adjusted, digits=2)}){scope(about)}"
    )


def nothing_shown(
    about: dict, name: str, equal: bool, rank: pd.DataFrame, means: pd.DataFrame, dataset: str = POOLED
) -> str:
    """The sentence on a hyperparameter of which no difference was established there."""
    start = place(about, dataset)
    if equal:
        largest = np.abs(means[["low_simultaneous", "high_simultaneous"]].to_numpy()).max()
        also = "and on each of them alone, " if start and dataset == POOLED else ""
        return _sentence(
            f"{start}{also}there is no practical difference between the levels of {name}: at most "
            f"{size(about, largest, 'up')} of mean {about['metric']}, within the margin of "
            f"{size(about, about['margin'])}{scope(about)}"
        )
    told = f"{start}it is undecided whether {name} makes a difference"
    known = rank[rank[["low_simultaneous", "high_simultaneous", "z"]].notna().all(axis=1)]
    if known.empty:
        return _sentence(told + ": too few runs" + scope(about))
    if len(known) < len(rank):
        told += f" ({len(known)} of its {len(rank)} pairs of values have enough runs to compare)"
    rank = known
    widest = max((rank["high_simultaneous"] - 0.5).max(), (0.5 - rank["low_simultaneous"]).max())
    if widest < 0.45:
        told += f"; that one level wins more than {_percent(0.5 + widest, 'up')} of head-to-head draws is ruled out"
    runs = about["runs"] if dataset == POOLED else about["runs_on"][dataset]
    return _sentence(told + runs_needed(rank, runs) + scope(about))


def runs_needed(rank: pd.DataFrame, runs: int) -> str:
    """How many more runs would settle the largest difference, were it what it looks; power .8 at the headline level.

    Nothing is said where the largest of all pairs is no larger than luck alone would make it three times in ten.
    """
    strongest = rank.loc[rank["z"].abs().idxmax()]
    if power.looks_like_luck(rank["p"].to_numpy(float)):
        return ", and what was seen is no larger than luck"
    more = runs * (power.share_of_runs(strongest["z"], strongest["critical"]) - 1)
    return f", about {round_up(more):,} more runs would settle a difference of the size seen" if more > 0 else ""


def round_up(x: float) -> int:
    """A number of runs for reading: two digits, never less than it is."""
    unit = 10 ** max(int(np.floor(np.log10(max(x, 1)))) - 1, 1)
    return int(np.ceil(x / unit) * unit)


OBSERVATIONAL = {
    "": "",
    "adaptive": " Observational, at equal values of the others: the runs seem to be chosen by earlier results.",
    "stopped early": " Observational: runs that were stopped for their first results are left out.",
    "associated": " Observational: the values were not drawn independently of other hyperparameters.",
}
