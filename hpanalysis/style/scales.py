"""On which scale is an answer read? Its rows on one scale, with what an axis or a column head must say about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypedDict, get_args

import pandas as pd

from hpanalysis.errors import UserError, choices
from hpanalysis.style.lines import opening
from hpanalysis.style.rows import pairs_of

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Goal

# In the order in which they are read.
ScaleKey = Literal["p_better", "p_fail", "mean", "mean successful", "best_of_k", "median_best_of_k", "tuned"]

ORDER: tuple[ScaleKey, ...] = get_args(ScaleKey)
BEST: tuple[ScaleKey, ...] = ("best_of_k", "median_best_of_k")
TunedBy = Literal["best of k", "rank"]


class ScaleFacts(TypedDict, total=False):
    """What texts must know of the metric and of what was asked; a key is absent where it does not apply.

    Keys
    ----
    metric, goal, unit, transform
        Of the metric: its name, whether more or less is better, its unit, and "log10" or None.
    tune, tuned_by
        The hyperparameter whose best value was asked for, and what that value is: the one that the best of k runs use,
        or with too few runs for that the one at which runs rank highest.
    k, reported
        Of the best of k runs: the draws, and the metric that is told of the run that was chosen.
    """

    metric: str
    goal: Goal
    unit: str
    transform: str | None
    tune: str | None
    tuned_by: TunedBy
    k: int | None
    reported: str


class Scaled(Protocol):
    """What is read on scales: an answer."""

    @property
    def question(self) -> str: ...

    @property
    def frame(self) -> pd.DataFrame: ...

    @property
    def asked(self) -> ScaleFacts: ...

    @property
    def scale(self) -> ScaleKey | None: ...

    @property
    def differences(self) -> bool: ...


@dataclass(frozen=True)
class Scale:
    """The rows of an answer on one scale.

    Parameters
    ----------
    key
        How a user names it, see `ScaleKey`.
    name
        What it is called over a column.
    rows
        The rows of the answer's table.
    null
        The value of no difference; None where rows are levels rather than differences.
    favour
        1 if a larger estimate speaks for the value, -1 if against it, 0 if neither.
    axis
        The label of an axis: what, in which unit, in which direction.
    """

    key: ScaleKey
    name: str
    rows: pd.DataFrame
    null: float | None
    favour: int
    axis: str

    @property
    def opening(self) -> str:
        """The name as a sentence begins with it; that of a hyperparameter stays as it is."""
        return f"The {self.name}" if self.key == "tuned" else opening(self.name)

    @property
    def unit(self) -> str:
        """Scales of the same unit can share an axis."""
        return self.key if self.key in ("p_better", "p_fail", "tuned") else "metric"

    @property
    def excludes(self) -> pd.Series[bool]:
        """Whether each interval excludes no difference."""
        if self.null is None:
            return pd.Series(False, index=self.rows.index)
        return (self.rows["low"] > self.null) | (self.rows["high"] < self.null)


def available(answer: Scaled) -> tuple[ScaleKey, ...]:
    """The scales an answer has, in the order in which they are read; none where there were too few runs for any.

    Raises
    ------
    UserError
        If the answer has no scales.
    """
    if "scale" not in answer.frame:
        raise UserError(
            f"the answer to {answer.question!r} has no scales; give that of contrast, interaction or by_level."
        )
    found = set(answer.frame["scale"])
    if "mean" in found and answer.frame.loc[answer.frame["scale"] == "mean", "runs"].nunique() > 1:
        found.add("mean successful")
    if "best_value" in answer.frame:
        found.add("tuned")
    return tuple(key for key in ORDER if key in found)


def check(answer: Scaled, key: str) -> ScaleKey:
    """The scale that a user names, when the answer has it; where too few runs left it without any, any known one.

    Raises
    ------
    UserError
        If the answer does not have that scale.
    """
    return _known(answer, key, _nameable(answer) or ORDER)


def has(answer: Scaled, key: str) -> bool:
    """Whether an answer has a scale, by any of its names."""
    nameable = _nameable(answer)
    return key in nameable or (key == "best_of_k" and "median_best_of_k" in nameable)


def pick(answer: Scaled, key: str | None = None) -> Scale:
    """The rows of an answer on a scale; the leading one when none is named.

    Raises
    ------
    UserError
        If the answer does not have that scale, or none is named and it has no leading one.
    """
    scale = _known(answer, key or answer.scale or "", _nameable(answer))
    rows = _rows(answer.frame, scale)
    name, several = _name(rows, scale, answer.asked), on_two_metrics(answer.asked) and _has_best(answer)
    of = f" ({metric(answer.asked, scale)})" if several and scale in (*BEST, "mean", "mean successful") else ""
    told = f"{name}{of}"
    up = 1 if answer.asked["goal"] == "max" else -1
    favour = {"p_better": 1, "p_fail": -1, "tuned": 0}.get(scale, up)
    if answer.differences:
        null = 0.5 if scale == "p_better" else 0.0
        return Scale(scale, told, rows, null, favour, _axis_of_differences(rows, scale, name, answer.asked))
    return Scale(scale, told, rows, 0.5 if scale == "p_better" else None, favour, _axis(scale, name, answer.asked))


def on_two_metrics(facts: ScaleFacts) -> bool:
    """Whether the best of k is told on another metric than the one that chose it."""
    return facts.get("reported", facts["metric"]) != facts["metric"]


def which_metric(facts: ScaleFacts) -> tuple[str, ...]:
    """Which numbers of an answer are on which metric, and why, where there are two; else nothing.

    Examples
    --------
    >>> print(*which_metric(ScaleFacts(metric="val_acc", reported="test_acc", k=20)))
    The best of 20 is chosen by val_acc and told on test_acc, which chose nothing; the other columns are of val_acc.
    """
    if not on_two_metrics(facts):
        return ()
    best = f"best of {facts.get('k') or 'k'}"
    return (
        f"The {best} is chosen by {metric(facts)} and told on {metric(facts, 'best_of_k')}, which chose nothing; the "
        f"other columns are of {metric(facts)}.",
    )


def _has_best(answer: Scaled) -> bool:
    return bool(answer.frame["scale"].isin(BEST).any())


def _nameable(answer: Scaled) -> tuple[ScaleKey, ...]:
    """The scales that an answer has, and the mean of successful runs where that is the only mean."""
    found: set[str] = set(available(answer))
    if "mean" in found and (answer.frame.loc[answer.frame["scale"] == "mean", "runs"] == "successful").any():
        found.add("mean successful")
    return tuple(key for key in ORDER if key in found)


def _known(answer: Scaled, key: str, legal: Sequence[ScaleKey]) -> ScaleKey:
    # What is expected of the best of k is its median where a failed run has no value.
    if key == "best_of_k" and key not in legal and "median_best_of_k" in legal:
        return "median_best_of_k"
    for known in legal:
        if key == known:
            return known
    wrong = f"the answer to {answer.question!r} has no scale {key!r}" if key else "no scale is named"
    raise UserError(f"{wrong}; choose one of {choices(legal)}." if legal else f"{wrong}: there are too few runs.")


def _rows(table: pd.DataFrame, key: ScaleKey) -> pd.DataFrame:
    if key == "tuned":
        rows = table.drop_duplicates(["value", "other_value"])
        tuned = {"estimate": rows["best_value"], "low": rows["best_low"], "high": rows["best_high"]}
        return rows.assign(scale="tuned", **tuned)
    if key in ("mean", "mean successful"):
        rows = table[table["scale"] == "mean"]
        every = key == "mean" and (rows["runs"] == "all").any()
        return rows[rows["runs"] == ("all" if every else "successful")]
    return table[table["scale"] == key]


def _name(rows: pd.DataFrame, key: ScaleKey, facts: ScaleFacts) -> str:
    if key in ("mean", "mean successful"):
        return "mean of all runs" if (rows["runs"] == "all").any() else "mean of successful runs"
    if key in ("best_of_k", "median_best_of_k"):
        best = f"best of {facts.get('k') or 'k'}"
        return best if key == "best_of_k" else f"median {best}"
    at = f"of the best of {facts.get('k')}" if facts.get("tuned_by") == "best of k" else "where runs rank highest"
    return {"p_better": "P(better)", "p_fail": "P(fail)"}.get(key, f"{facts.get('tune')} {at}")


def _axis_of_differences(rows: pd.DataFrame, key: ScaleKey, name: str, facts: ScaleFacts) -> str:
    pairs = pairs_of(rows)
    value, reference = pairs[0] if len(pairs) == 1 else ("first", "second")
    if key == "p_better":
        return f"P({value} beats {reference}) on the same data set\n(0.5: no difference)"
    if key == "p_fail":
        return f"P(fail): {value} − {reference} (lower is better)"
    return f"{metric(facts, key)}: {value} − {reference}\n{name}{_chosen(key, facts)} ({direction(facts)})"


def _axis(key: ScaleKey, name: str, facts: ScaleFacts) -> str:
    if key == "p_better":
        return "P(better): a run with the value beats\none with another value (higher is better)"
    if key == "p_fail":
        return "P(fail): share of runs that failed\n(lower is better)"
    if key == "tuned":
        # The name has two parts, of which neither is short.
        return name.replace(" of the", "\nof the").replace(" where", ",\nwhere")
    return f"{metric(facts, key)}, {name}{_chosen(key, facts)}\n({direction(facts)})"


def _chosen(key: ScaleKey, facts: ScaleFacts) -> str:
    """By what the best of k was chosen, where it is told on another metric."""
    return f"\nchosen by {metric(facts)}" if key in BEST and on_two_metrics(facts) else ""


def metric(facts: ScaleFacts, key: ScaleKey | None = None) -> str:
    """The metric as it is analysed; of the best of k the one that is told of the run that was chosen."""
    name = facts.get("reported", facts["metric"]) if key in BEST else facts["metric"]
    return f"log10 {name}" if facts.get("transform") == "log10" else str(name)


def direction(facts: ScaleFacts) -> str:
    """Unit and direction: "accuracy, higher is better"."""
    better = "higher is better" if facts["goal"] == "max" else "lower is better"
    return f"{facts['unit']}, {better}" if facts.get("unit") else better


def counted(scale: Scale, known: pd.DataFrame) -> str:
    """How many of the known rows have an interval without no difference, beside what chance alone would give."""
    excluded, count = int(scale.excludes[known.index].sum()), len(known)
    if count > 1:
        lie = f"{excluded} of {count} intervals {'lies' if excluded == 1 else 'lie'} clear"
    else:
        lie = "The interval lies clear" if excluded else "The interval does not lie clear"
    alone = "each by itself" if count > 1 else "by itself"
    return (
        f"{lie} of no difference, {alone}; by chance alone about 1 in 20 would. Bounds that hold for a whole report "
        "are wider and leave more open."
    )
