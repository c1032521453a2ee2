"""On which scale is an answer read? Its rows on one scale, with what an axis or a column head must say about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError, choices
from hpanalysis.statistics.differences import POOLED

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

# No law holds so far out in its tail: below that a p is only told to be smaller.
LEAST_P = 1e-9
ORDER = ("p_better", "p_fail", "mean", "mean successful", "best_of_k", "tuned")


@dataclass(frozen=True)
class Scale:
    """The rows of an answer on one scale.

    Parameters
    ----------
    key
        p_better, p_fail, mean, mean successful, best_of_k or tuned.
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

    key: str
    name: str
    rows: pd.DataFrame
    null: float | None
    favour: int
    axis: str

    @property
    def opening(self) -> str:
        """The name as a sentence begins with it."""
        return opening(self.name)

    @property
    def unit(self) -> str:
        """Scales of the same unit can share an axis."""
        return self.key if self.key in ("p_better", "p_fail", "tuned") else "metric"

    @property
    def excludes(self) -> pd.Series:
        """Whether each interval excludes no difference."""
        if self.null is None:
            return pd.Series(False, index=self.rows.index)
        return (self.rows["low"] > self.null) | (self.rows["high"] < self.null)


def opening(text: str) -> str:
    """A text as a sentence begins with it."""
    return text[:1].upper() + text[1:]


def available(answer: Answer) -> tuple[str, ...]:
    """The scales an answer has, in the order in which they are read.

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
    if "mean" in found and len(set(answer.frame.loc[answer.frame["scale"] == "mean", "runs"])) > 1:
        found.add("mean successful")
    if "best_value" in answer.frame:
        found.add("tuned")
    return tuple(key for key in ORDER if key in found)


def pick(answer: Answer, key: str | None = None) -> Scale:
    """The rows of an answer on a scale; the leading one when none is named.

    Raises
    ------
    UserError
        If the answer does not have that scale.
    """
    legal = available(answer)
    key = key or answer.scale or ""
    if key not in legal:
        raise UserError(
            f"the answer to {answer.question!r} has no scale {key!r}; choose one of {choices(legal) or 'none'}."
        )
    rows = _rows(answer.frame, key)
    name = _name(rows, key, answer.asked)
    if answer.differences:
        null = 0.5 if key == "p_better" else 0.0
        return Scale(key, name, rows, null, _favour(key, answer.asked), _difference(rows, key, name, answer.asked))
    null = 0.5 if key == "p_better" else None
    return Scale(key, name, rows, null, _favour(key, answer.asked), _level(key, name, answer.asked))


def _rows(table: pd.DataFrame, key: str) -> pd.DataFrame:
    if key == "tuned":
        rows = table.drop_duplicates(["value", "other_value"])
        tuned = {"estimate": rows["best_value"], "low": rows["best_low"], "high": rows["best_high"]}
        return rows.assign(scale="tuned", **tuned)
    if key.startswith("mean"):
        rows = table[table["scale"] == "mean"]
        every = (rows["runs"] == "all").any() and key == "mean"
        return rows[rows["runs"] == ("all" if every else "successful")]
    return table[table["scale"] == key]


def _favour(key: str, asked: dict[str, Any]) -> int:
    up = 1 if asked["goal"] == "max" else -1
    return {"p_better": 1, "p_fail": -1, "tuned": 0}.get(key, up)


def _name(rows: pd.DataFrame, key: str, asked: dict[str, Any]) -> str:
    if key.startswith("mean"):
        return "mean of all runs" if (rows["runs"] == "all").any() else "mean of successful runs"
    if key == "best_of_k":
        return f"best of {asked['k']}"
    return {"p_better": "P(better)", "p_fail": "P(fail)", "tuned": f"best {asked.get('tune')}"}[key]


def _difference(rows: pd.DataFrame, key: str, name: str, asked: dict[str, Any]) -> str:
    pairs = rows[["value", "reference"]].drop_duplicates().itertuples(index=False)
    pairs = [(str(a), str(b)) for a, b in pairs]
    value, reference = pairs[0] if len(pairs) == 1 else ("first", "second")
    if key == "p_better":
        return f"P({value} beats {reference}) on the same data set\n(0.5: no difference)"
    if key == "p_fail":
        return f"P(fail): {value} − {reference} (lower is better)"
    return f"{metric(asked)}: {value} − {reference}\n{name} ({direction(asked)})"


def _level(key: str, name: str, asked: dict[str, Any]) -> str:
    if key == "p_better":
        return "P(better): a run with the value beats\none with another value (higher is better)"
    if key == "p_fail":
        return "P(fail): share of runs that failed\n(lower is better)"
    if key == "tuned":
        return f"{name},\nwhere runs rank highest"
    return f"{metric(asked)}, {name}\n({direction(asked)})"


def metric(asked: dict[str, Any]) -> str:
    """The metric as it is analysed."""
    return f"log10 {asked['metric']}" if asked.get("transform") == "log10" else str(asked["metric"])


def direction(asked: dict[str, Any]) -> str:
    """Unit and direction: "accuracy, higher is better"."""
    better = "higher is better" if asked["goal"] == "max" else "lower is better"
    return f"{asked['unit']}, {better}" if asked.get("unit") else better


def decimals(values: Any) -> int:
    """Decimals at which the largest of some numbers has three significant digits, between 0 and 6."""
    size = np.abs(np.asarray(values, dtype=float))
    size = size[np.isfinite(size) & (size > 0)]
    return int(np.clip(2 - np.floor(np.log10(size.max())), 0, 6)) if len(size) else 3


def number(x: float, digits: int, *, signed: bool = False) -> str:
    """A number with a true minus sign; a dash where there is none."""
    if not np.isfinite(x):
        return "–"
    text = f"{x:+,.{digits}f}" if signed else f"{x:,.{digits}f}"
    zero = not any(c in "123456789" for c in text)
    return text.lstrip("+-") if zero else text.replace("-", "−")


def with_interval(row: Any, digits: int, *, signed: bool = False) -> str:
    """An estimate with its interval: "0.544 [0.519, 0.569]"; a dash where there is no number."""
    if not np.isfinite(row.estimate):
        return "–"
    told = number(row.estimate, digits, signed=signed)
    if not (np.isfinite(row.low) and np.isfinite(row.high)):
        return told
    return f"{told} [{number(row.low, digits, signed=signed)}, {number(row.high, digits, signed=signed)}]"


def significant(x: float) -> str:
    """A value of a hyperparameter in two significant digits."""
    return "–" if not np.isfinite(x) else f"{float(f'{x:.2g}'):g}"


def p_value(p: float) -> str:
    """A p-value for reading."""
    return "–" if not np.isfinite(p) else "< 0.001" if p < 0.001 else f"{p:.3f}"


def exact_p(p: float) -> str:
    """A p-value in a list of tests: three decimals, and its order of magnitude as far as any law can be trusted."""
    return "< 1e-9" if p < LEAST_P else f"{p:.1e}" if p < 0.001 else p_value(p)


def is_p(p: float) -> str:
    """A p-value after the letter p: "= 0.041" or "< 0.001"."""
    text = p_value(p)
    return text if text.startswith("<") else f"= {text}"


def places(rows: pd.DataFrame) -> list[str]:
    """Where each row holds: a data set, all of them, or a level of another hyperparameter."""
    whole = POOLED if rows["dataset"].nunique() > 1 else "all runs"
    return [_place(row, whole) for row in rows.itertuples()]


def _place(row: Any, whole: str) -> str:
    if not row.other:
        return whole if row.dataset == POOLED else str(row.dataset)
    return f"any {row.other}" if row.other_value == "any" else f"{row.other} = {row.other_value}"


def pair(row: Any) -> str:
    """Which levels a row compares."""
    return f"{row.value} − {row.reference}"


def once(values: list[str]) -> list[str]:
    """A column in which a repeated text is written once."""
    return [v if i == 0 or v != values[i - 1] else "" for i, v in enumerate(values)]


# As many as a listener can hold.
LISTED = 6


def listed(told: list[str], limit: int = LISTED) -> str:
    if len(told) <= limit:
        return "; ".join(told)
    half = limit // 2
    return "; ".join([*told[:half], f"{len(told) - limit} more", *told[-half:]])


_NOT = {True: "does not lie", False: "lies"}


def counted(scale: Scale, known: pd.DataFrame) -> str:
    excluded, count = int(scale.excludes[known.index].sum()), len(known)
    lie = f"{excluded} of {count} intervals lie clear" if count > 1 else f"The interval {_NOT[not excluded]} clear"
    return f"{lie} of no difference; by chance alone about 1 in 20 would."
