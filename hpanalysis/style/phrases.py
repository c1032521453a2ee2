"""Which words? Phrases for sizes, places, mechanisms and bounds, from the rows that they are about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypedDict

import numpy as np
import pandas as pd

from hpanalysis.statistics import power
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style.lines import opening
from hpanalysis.style.numbers import MISSING, Rounding, is_p, rounded
from hpanalysis.style.rows import Row, TestRow
from hpanalysis.style.scales import ScaleFacts
from hpanalysis.sweeps.reading.vocabulary import is_elapsed, words

Mechanism = Literal["fails less", "does better", "both"]
# Scale and kind of runs -> the row of a comparison there.
Scales = Mapping[tuple[str, str], Row]
# The scale on which a comparison is put in words: the mean where every run has one, else how often, else failures, else
# the mean of successful runs alone, labelled so.
LEADING = (("mean", "all"), ("p_better", "all"), ("p_fail", "all"), ("mean", "successful"))
RANK, FAILS, WORKS = LEADING[1:]


# A time is in seconds unless its name says another unit.
OTHER_UNITS = frozenset(("minutes", "minute", "min", "mins", "hours", "hour", "h", "ms"))


class BudgetFacts(TypedDict):
    """At which budget runs are compared.

    Keys
    ----
    said, end
        That budget and the highest one, such as "after 1 of 15 epochs".
    names
        What keeps its capital at the beginning of a sentence.
    """

    said: str
    end: str
    names: list[str]


class Facts(ScaleFacts, total=False):
    """What sentences must know of a sweep.

    Keys
    ----
    metric, goal, unit, transform, tune, k
        See `ScaleFacts`.
    share
        Whether the metric is a share, whose differences are given in points.
    datasets, runs, runs_on, failed, ties, margin, scope
        Its data sets, runs in all and on each, failed runs, whether scores tie now and then, the declared margin and
        conditions.
    budget
        Of a sweep that is compared at a budget: see `BudgetFacts`.
    """

    share: bool
    datasets: list[str]
    runs: int
    runs_on: dict[str, int]
    failed: int
    ties: bool
    margin: float | None
    scope: str
    budget: BudgetFacts


def at_its_budget(about: Facts, sentence: str) -> str:
    """A sentence that opens with the budget at which runs are compared, if they are and it names no later one.

    Examples
    --------
    >>> budget = BudgetFacts(said="after 1 of 15 epochs", end="after 15 of 15 epochs", names=["Dropout"])
    >>> at_its_budget(Facts(budget=budget), "On average tanh did better.")
    'After 1 of 15 epochs, on average tanh did better.'
    >>> at_its_budget(Facts(budget=budget), "Dropout matters.")
    'After 1 of 15 epochs, Dropout matters.'
    >>> at_its_budget(Facts(budget=budget), "A straight line does not fit.")
    'After 1 of 15 epochs, a straight line does not fit.'
    >>> at_its_budget(Facts(budget=budget), "After 15 of 15 epochs, it is undecided.")
    'After 15 of 15 epochs, it is undecided.'
    """
    budget = about.get("budget")
    if budget is None or not sentence or sentence.startswith(opening(budget["end"])):
        return sentence
    named = not (sentence[1:2].islower() or sentence.startswith("A ")) or any(
        sentence.startswith(name) for name in budget["names"]
    )
    return f"{opening(budget['said'])}, {sentence if named else sentence[0].lower() + sentence[1:]}"


# Levels of a switch, off and on: of one it is said what turning it on does.
SWITCHES = {("off", "on"), ("no", "yes"), ("False", "True"), ("false", "true"), ("0", "1")}
# What a name of several words ends with where it is a phrase.
NOUNS = {"rate", "size", "decay", "length", "layers", "units", "steps", "epochs", "function", "schedule", "scheduler"}


def spoken(name: str) -> str:
    """The name of a hyperparameter in a sentence: words that were joined for a program stand apart again.

    Examples
    --------
    >>> spoken("learning_rate"), spoken("depth_fc"), spoken("lr")
    ('learning rate', 'depth_fc', 'lr')
    """
    *first, last = name.split("_")
    return f"{' '.join(first)} {last}" if first and last in NOUNS and all(part.isalpha() for part in first) else name


def size(about: Facts, x: float, rounding: Rounding = "near") -> str:
    """A difference of the metric for reading: points for shares and percentages, else the number in its unit.

    A bound is never rounded past itself: "at least" rounds down, "at most" up.

    Examples
    --------
    >>> size({"transform": None, "share": True, "unit": "", "metric": "accuracy"}, 0.0123)
    '1.2 points'
    >>> size({"transform": None, "share": False, "unit": "%", "metric": "top1"}, 1.0)
    '1 point'
    """
    if about["transform"] == "log10":
        return f"a factor of {rounded(10 ** abs(x), 3, rounding):g}"
    if about["share"] or about["unit"] == "%":
        points = rounded(abs(100 * x if about["share"] else x), 2, rounding)
        return "1 point" if points == 1 else f"{points:g} points"
    unit = f" {about['unit']}" if about["unit"] and about["unit"].lower() not in about["metric"].lower() else ""
    return f"{rounded(abs(x), 3, rounding):g}{unit}"


def cost(name: str, x: float, *, brief: bool = False) -> str:
    """What a run cost, by the name of its column: seconds as "24m 59s", a count with its thousands, or in millions.

    Examples
    --------
    >>> cost("seconds", 1499.0), cost("parameters", 24606954.0), cost("parameters", 24606954.0, brief=True)
    ('24m 59s', '24,606,954', '24.6 million')
    """
    if not np.isfinite(x):
        return MISSING
    if is_elapsed(name) and not OTHER_UNITS & set(words(name)):
        whole = round(x)
        return f"{x:.3g} s" if x < 100 else f"{whole // 60}m {whole % 60}s" if x < 3600 else f"{x / 3600:.1f} h"
    if x >= 1e6 and brief:
        return f"{x / 1e6:.1f} million"
    return f"{x:,.0f}" if float(x).is_integer() else f"{x:.4g}"


def nearest_to_zero(row: Row, null: float = 0.0) -> float:
    """The bound of an interval that lies nearest to no difference, as a distance from it."""
    return float(max(row.low_simultaneous - null, null - row.high_simultaneous, 0.0))


def place(about: Facts, dataset: str | None, places: float = float("nan")) -> str:
    """Where a sentence holds, as its beginning; `places` is how many data sets took part in an average."""
    if dataset not in (None, POOLED):
        return f"On {dataset}, "
    every = len(about["datasets"])
    if every <= 1:
        return ""
    some = f"{places:.0f} of " if np.isfinite(places) and places < every else ""
    return f"On average over {some}{every} data sets, "


def scope(about: Facts) -> str:
    """The conditions of the sweep, in brackets."""
    return f" ({about['scope']})" if about["scope"] else ""


def verdict(row: Row, margin: float | None) -> Literal["better", "worse", "slightly better", "slightly worse"]:
    """Better or worse by rule; slightly, when the whole interval lies inside a declared margin."""
    largest = max(abs(row.low_simultaneous), abs(row.high_simultaneous))
    if margin is not None and row.scale == "mean" and largest < margin:
        return "slightly better" if row.direction > 0 else "slightly worse"
    return "better" if row.direction > 0 else "worse"


def mechanism(scales: Scales, failed: int) -> Mechanism | None:
    """Where a difference comes from: failing less, doing better when it works, or both; None where it is not shown."""
    if not failed:
        return "does better"
    lead = next(scales[s] for s in LEADING if s in scales)
    less, better = (s in scales and scales[s].direction == lead.direction for s in (FAILS, WORKS))
    return "both" if less and better else "fails less" if less else "does better" if better else None


DRAWN = "Were the runs drawn independently?"
WAYS: dict[tuple[Mechanism, int], str] = {
    ("fails less", 1): ", by failing less often",
    ("does better", 1): ", by doing better among the runs that completed",
    ("both", 1): ", by failing less often and doing better among the runs that completed",
    ("fails less", -1): ", by failing more often",
    ("does better", -1): ", by doing worse among the runs that completed",
    ("both", -1): ", by failing more often and doing worse among the runs that completed",
}


def contrast(about: Facts, scales: Scales, word: str, how: Mechanism | None, *, sure: bool = True) -> str:
    """The sentence on two levels: place, levels, verdict, size, mechanism, scope.

    A headline is `sure` and states the bound that holds; an exploratory sentence states what was seen, as such.
    """
    lead = next(scales[s] for s in LEADING if s in scales)
    a, b = f"{lead.hyperparameter}={lead.value}", lead.reference
    did = f"did {word}" if sure else f"seems to do {word}"
    did += ", practically equal," if word.startswith("slightly") else ""
    rank, works, fails = (scales.get(s) for s in (RANK, WORKS, FAILS))
    of_mean = f"of mean {about['metric']}" if about["transform"] is None else f"in the geometric mean {about['metric']}"
    if word == "depends":
        said = f"{a} against {b}: which is better depends on the measure ({_measures(scales)})"
    elif lead.scale == "mean":
        runs = "over all runs" if lead.runs == "all" else "among successful runs only"
        said = f"{a} {did} than {b} {_by(size, about, lead, sure)} {of_mean} {runs}"
        if lead.runs == "all" and rank is not None and rank.direction == lead.direction:
            said += f", {_in(about, rank, sure)}"
    elif lead.scale == "p_better":
        said = f"{a} {did} than {b} {_in(about, lead, sure)}"
        if works is not None and works.direction == lead.direction:
            said += f", {_by(size, about, works, sure)} {of_mean} among successful runs"
    else:
        failed = f"{'failed' if sure else 'seems to fail'} {'less' if lead.direction > 0 else 'more'} often"
        said = f"{a} {failed} than {b}, {_by(_points, about, lead, sure)}"
    if how and lead.scale != "p_fail" and lead.runs == "all" and about["failed"] and word != "depends":
        said += WAYS[how, int(lead.direction)]
    if word != "depends" and fails is not None and fails.direction != lead.direction:
        failed = f"failed {'less' if fails.direction > 0 else 'more'} often"
        said += f", although it {failed}, {_by(_points, about, fails, sure)}"
    return f"{place(about, lead.dataset, lead.places)}{said}{scope(about)}."


def points(x: float, rounding: Rounding = "near") -> str:
    """A difference of a probability of failing, which is in points whatever the metric is."""
    return f"{rounded(100 * abs(x), 2, rounding):g} percentage points"


def _points(_: Facts, x: float, rounding: Rounding) -> str:
    return points(x, rounding)


def _by(written: Callable[[Facts, float, Rounding], str], about: Facts, row: Row, sure: bool) -> str:
    if sure:
        return f"by at least {written(about, nearest_to_zero(row), 'down')}"
    return f"by about {written(about, row.estimate, 'near')}"


def _in(about: Facts, row: Row, sure: bool) -> str:
    share = nearest_to_zero(row, 0.5) if sure else abs(row.estimate - 0.5)
    often = f"at least {_percent(0.5 + share, 'down')}" if sure else f"about {_percent(0.5 + share, 'near')}"
    return f"in {often} of head-to-head draws" + (" (ties as half)" if about.get("ties") else "")


def _percent(share: float, rounding: Rounding) -> str:
    # Near one half a whole percent would read "at least 50 %", which says nothing.
    digits = 2 if share >= 0.52 or rounding == "up" else 3
    return f"{rounded(100 * share, digits, rounding):g} %"


def _measures(scales: Scales) -> str:
    names = {RANK: "how often it wins", FAILS: "how often it fails", WORKS: "the mean of successful runs"}
    favours = {s: row.value if row.direction > 0 else row.reference for s, row in scales.items()}
    return ", ".join(f"{names.get(s, 'the mean of all runs')} favours {level}" for s, level in favours.items())


def question(row: Row) -> str:
    """The question a comparison answers."""
    where = "" if row.dataset == POOLED else f" on {row.dataset}"
    return f"Does {row.hyperparameter}={row.value} do better than {row.reference}{where}?"


def trend(about: Facts, row: Row, word: str) -> str:
    """The sentence on an order among levels."""
    start = place(about, None, row.places)
    if word == "monotone":
        steps = f"each step from {row.reference} to {row.value} was shown"
        lower = "higher" if row.direction > 0 else "lower"
        return f"{start}the {lower} {row.hyperparameter}, the better ({steps}){scope(about)}."
    where = "is best inside its range, not at an end: {} beats both ends,"
    if not row.ends > 0:
        where = "does better in the slice {} than in both outer slices of its range,"
    said = where.format(row.value)
    return f"{start}{row.hyperparameter} {said} {row.reference}, {_in(about, row, True)}{scope(about)}."


def interaction(about: Facts, row: Row | TestRow, headline: bool, judged: str, p: float) -> str:
    """The sentence on two hyperparameters that act together; `judged` names the number it rests on."""
    surely = "depends" if headline else "seems to depend"
    runs = " of successful runs" if row.runs == "successful" else ""
    return (
        f"{place(about, None)}the effect of {row.hyperparameter} on the mean {about['metric']}{runs} {surely} on "
        f"{row.other} ({judged} {is_p(p, digits=2)}){scope(about)}."
    )


def matters(about: Facts, row: Row, undecided: bool = False) -> str:
    """The sentence of the omnibus test; `undecided` where no value is shown to be better than another one."""
    best = "; which value is best is undecided" if undecided else ""
    return (
        f"{row.hyperparameter} matters: its values differ in {about['metric']} or in how often runs fail "
        f"(adjusted p {is_p(row.p_adjusted, digits=2)}){best}{scope(about)}."
    )


def nothing_shown(
    about: Facts, name: str, equal: bool, rank: pd.DataFrame, means: pd.DataFrame, dataset: str = POOLED
) -> str:
    """The sentence on a hyperparameter of which no difference was established there."""
    start, limits = place(about, dataset), ["low_simultaneous", "high_simultaneous"]
    if equal and about["margin"] is not None:
        largest = np.abs(means[limits].to_numpy(float)).max()
        also = "and on each of them alone, " if start and dataset == POOLED else ""
        return (
            f"{start}{also}there is no practical difference between the levels of {name}: at most "
            f"{size(about, largest, 'up')} of mean {about['metric']}, within the margin of "
            f"{size(about, about['margin'])}{scope(about)}."
        )
    said = f"{start}it is undecided whether {name} makes a difference"
    known = rank.dropna(subset=[*limits, "z"])
    if known.empty:
        return f"{said}: too few runs{scope(about)}."
    if len(known) < len(rank):
        said += f" ({len(known)} of its {len(rank)} pairs of values have enough runs to compare)"
    widest = max((known["high_simultaneous"] - 0.5).max(), (0.5 - known["low_simultaneous"]).max())
    if widest < 0.45:
        said += f"; that one level wins more than {_percent(0.5 + widest, 'up')} of head-to-head draws is ruled out"
    runs = about["runs"] if dataset == POOLED else about["runs_on"][dataset]
    return f"{said}{runs_needed(known, runs)}{scope(about)}."


def runs_needed(rank: pd.DataFrame, runs: int) -> str:
    """How many more runs would settle the clearest difference, were it what it looks; power .8 at the headline level.

    Nothing is said where the largest of all pairs is no larger than luck alone would make it three times in ten.
    """
    strongest = rank.iloc[int(rank["z"].abs().argmax())]
    if power.looks_like_luck(rank["p"].to_numpy(float)):
        return ", and what was seen is no larger than luck"
    more = runs * (power.share_of_runs(strongest["z"], strongest["critical"]) - 1)
    return f", about {round_up(more):,} more runs would settle the clearest difference seen" if more > 0 else ""


def round_up(x: float) -> int:
    """A number of runs for reading: two digits, never less than it is."""
    unit = 10 ** max(int(np.floor(np.log10(max(x, 1)))) - 1, 1)
    return int(np.ceil(x / unit) * unit)


# A difference that is shown, without limits for its size.
DIRECTION_ALONE = "only the direction is sure"

OBSERVATIONAL = {
    "": "",
    "adaptive": " Observational, at equal values of the others: the runs seem to be chosen by earlier results.",
    "stopped early": " Observational: runs that were stopped for their first results are left out.",
    "few units": " Observational: it was set for whole jobs or stretches of runs, of which too few had each value.",
    "time": " Observational: its values were not tried at the same time.",
    "identifier": " Observational: its values were tried under other circumstances, such as another sweep or host.",
    "associated": " Observational: the values were not drawn independently of other hyperparameters.",
}
