"""What does a cell mean? Text as numbers and truth values, and what stands for "no number"."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpanalysis.errors import UserError, choices

NOT_FINITE = {
    "nan", "-nan", "+nan", "inf", "-inf", "+inf", "infinity", "-infinity", "+infinity", "1.#inf", "-1.#ind", "1.#qnan",
    "#div/0!", "#num!", "#value!", "#n/a", "#ref!", "#name?",
}  # fmt: skip
NO_VALUE = {"", "none", "null", "na", "n/a", "<na>", "-", "--", "?"}
# The first group may not start with 0, so that a decimal comma as in 0,931 is never read as a thousand.
THOUSANDS = re.compile(r"^[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?$")
# A code such as 007 is a name, not a number.
NUMBER = re.compile(r"^\s*[-+]?(?:(?:0|[1-9]\d*|[1-9]\d{0,2}(?:,\d{3})+)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?\s*%?\s*$")
MANY = 1000
# Under this name a table tells which of its columns of seconds were durations, whatever they are called.
ELAPSED = "elapsed"
# Under this one it tells which cells were not read, one sentence a column.
ODD = "odd"
# So many cells of a column of numbers may be texts for them to be slips.
SLIPS = 0.05
# Levels of a hyperparameter may be numbers too, but not so many.
MANY_NUMBERS = 10
# 1:02:03, 0:59.5, 0 days 00:00:40.292874, 2 days, 3:04:05, 1h 2m 3s, PT1H2M3S
DURATION = re.compile(r"^-?(?:(\d+) days?,? ?)?(?:(\d+):)?(\d{1,2}):(\d{1,2}(?:\.\d+)?)$")
SPELLED = re.compile(
    r"^(?=\d)(?:(\d+) ?d(?:ays?)?,? ?)?(?:(\d+) ?h(?:ours?)?,? ?)?(?:(\d+) ?m(?:in(?:utes?)?)?,? ?)?"
    r"(?:(\d+(?:\.\d+)?) ?s(?:ec(?:onds?)?)?)?$"
)
ISO = re.compile(r"^-?P(?=.*\d)(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$")
DURATIONS = (DURATION, SPELLED, ISO)
TRUTH = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True)
class Numbers:
    """The cells of a column read as numbers.

    Parameters
    ----------
    values
        Shape (rows,), NaN where a cell holds no number, infinite where it says so.
    not_finite
        Whether a cell says explicitly that its number is not finite (nan, inf, #DIV/0!), shape (rows,).
    percent
        Whether the numbers were written with a percent sign; they are kept as percent.
    odd
        The texts that are not numbers, sorted; empty when the column is numeric.
    """

    values: NDArray[np.float64]
    not_finite: NDArray[np.bool_]
    percent: bool
    odd: tuple[str, ...]

    @property
    def finite(self) -> NDArray[np.float64]:
        """The finite ones."""
        return self.values[np.isfinite(self.values)]


def numbers(column: pd.Series) -> Numbers:
    """Read a column as numbers: thousands separators, percent signs and spreadsheet errors included.

    Examples
    --------
    >>> import pandas as pd
    >>> read = numbers(pd.Series(["1,200", "#DIV/0!", "7"]))
    >>> read.values.tolist(), read.not_finite.tolist(), read.odd
    ([1200.0, nan, 7.0], [False, True, False], ())
    """
    if is_number(column):
        values = column.to_numpy(dtype=float, na_value=np.nan)
        return Numbers(values, np.isinf(values), False, ())
    try:
        position, unique = pd.factorize(column)
    except TypeError:  # lists and dicts as cells
        position, unique = pd.factorize(column.map(str, na_action="ignore"))
    if any(isinstance(v, (bool, np.bool_)) for v in unique[:MANY]):
        return Numbers(np.full(len(column), np.nan), np.zeros(len(column), bool), False, ("True", "False"))
    texts = pd.Series([str(v).strip() for v in unique], dtype=object)
    signed = texts.str.endswith("%")
    plain = texts.where(~signed, texts.str.slice(stop=-1).str.rstrip())
    grouped = plain.map(lambda text: bool(THOUSANDS.match(text))).to_numpy(dtype=bool)
    plain = plain.where(~grouped, plain.str.replace(",", ""))
    value = np.array([_number(text) for text in plain], dtype=float)
    lower = texts.str.lower()
    not_finite = lower.isin(NOT_FINITE).to_numpy(dtype=bool) | np.isinf(value)
    empty = lower.isin(NO_VALUE).to_numpy(dtype=bool)
    odd = tuple(sorted(texts[np.isnan(value) & ~not_finite & ~empty]))
    some = np.isfinite(value)
    percent = signed.to_numpy(dtype=bool) & some
    if percent.any() and not percent[some].all():
        odd = odd or tuple(sorted(texts[some & ~percent]))[:3]
    return Numbers(
        np.append(value, np.nan)[position],
        np.append(not_finite, False)[position],
        bool(percent.any()),
        odd,
    )


def durations(column: pd.Series) -> NDArray[np.float64] | None:
    """A column of durations written as text, in seconds, shape (rows,), NaN where empty; None for any other column.

    Examples
    --------
    >>> import pandas as pd
    >>> durations(pd.Series(["0 days 00:00:40.5", "1:02:03", None, "3m 20s"])).tolist()
    [40.5, 3723.0, nan, 200.0]
    >>> durations(pd.Series(["adam", "1:02:03"])) is None
    True
    """
    if is_number(column) or pd.api.types.is_bool_dtype(column):
        return None
    position, unique = pd.factorize(column)
    seconds = np.full(len(unique) + 1, np.nan)
    for i, value in enumerate(unique):
        found = isinstance(value, str) and next(filter(None, (p.match(value.strip()) for p in DURATIONS)), None)
        if not found:
            return None
        days, hours, minutes, rest = (float(part or 0) for part in found.groups())
        sign = -1 if value.strip().startswith("-") else 1
        seconds[i] = sign * (86400 * days + 3600 * hours + 60 * minutes + rest)
    return seconds[position] if len(unique) else None


def _number(text: str) -> float:
    """The number that a text is, to its last digit; NaN where it is none."""
    try:
        return math.nan if "_" in text else float(text)
    except ValueError:
        return math.nan


def is_number(column: pd.Series) -> bool:
    """Whether a column is stored as numbers; truth values are not numbers."""
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def clean(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with every column as numbers, truth values, text or times; missing is missing, whatever it was.

    A text column becomes numbers only when every cell that is not empty is one: a literal None, NA or nan in it is a
    value of its own, and keeps the column text.

    Raises
    ------
    UserError
        If column names repeat or are not text.

    Examples
    --------
    >>> import pandas as pd
    >>> table = clean(pd.DataFrame({"lr": ["0.1", "1e-3"], "bn": ["yes", "False"], "loss": ["0.3", "None"]}))
    >>> table["lr"].tolist(), table["bn"].tolist(), table["loss"].tolist()
    ([0.1, 0.001], [True, False], ['0.3', 'None'])
    """
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise UserError(f"the table has more than one column called {choices(map(repr, twice))}; rename all but one.")
    columns = {name: _clean(frame.iloc[:, i]) for i, name in enumerate(names)}
    out = pd.DataFrame(
        {name: column.to_numpy() if _plain(column) else column.array for name, column in columns.items()}
    )
    out.attrs[ODD] = [column.attrs[ODD] for column in columns.values() if ODD in column.attrs]
    out.attrs[ELAPSED] = [name for name, dtype in zip(names, frame.dtypes, strict=True) if dtype.kind == "m"]
    return out


def _plain(column: pd.Series) -> bool:
    return isinstance(column.dtype, np.dtype)


def _clean(column: pd.Series) -> pd.Series:
    dtype = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        if not dtype.ordered or is_number(pd.Series(dtype.categories)):
            return _clean(column.astype(object))
        # An order that the owner gave is kept: the categories, in their order, are the levels of an ordinal.
        kept: pd.Series = column.cat.remove_unused_categories()
        return kept
    if pd.api.types.is_timedelta64_dtype(dtype):
        seconds: pd.Series = column.dt.total_seconds()
        return seconds
    if pd.api.types.is_datetime64_any_dtype(dtype) or isinstance(dtype, pd.PeriodDtype):
        return column.astype(str).where(column.notna(), None).astype(object)
    if pd.api.types.is_bool_dtype(dtype):
        return column.astype(object).where(column.notna(), np.nan) if column.isna().any() else column.astype(bool)
    if pd.api.types.is_complex_dtype(dtype):
        return column.astype(str)
    if is_number(column):
        if _plain(column):
            return column
        whole = pd.api.types.is_integer_dtype(dtype) and column.notna().all()
        return pd.Series(column.to_numpy(dtype=np.int64) if whole else column.to_numpy(dtype=float, na_value=np.nan))
    return _clean_text(column)


def _clean_text(column: pd.Series) -> pd.Series:
    try:
        position, unique = pd.factorize(column)
    except TypeError:  # lists and dicts as cells
        column = column.map(str, na_action="ignore")
        position, unique = pd.factorize(column)
    values = list(unique)
    if not all(isinstance(v, str) for v in values):
        kinds = {bool if isinstance(v, (bool, np.bool_)) else type(v) for v in values}
        if kinds == {bool}:
            values = [bool(v) for v in values]
        elif all(issubclass(kind, (int, float, np.number)) and kind is not bool for kind in kinds):
            return pd.Series(pd.to_numeric(column).to_numpy(dtype=float))
        else:
            # Mixed cells are matched by their text; a hash table would take True for 1.
            column = column.map(str, na_action="ignore")
            position, unique = pd.factorize(column)
            values = list(unique)
    if values and all(isinstance(v, str) for v in values):
        # A space around a level is a slip of the hand, not another level; nor is [64,32] another one than [64, 32].
        values = [_one_spelling(v.strip()) or None for v in values]
        shown = {v for v in values if v is not None}
        lower = {v.lower() for v in shown}
        # A column that says yes and no in one spelling keeps its words; several spellings can only be truth values.
        one_spelling = lower <= {"yes", "no"} and len(lower) == len(shown)
        if lower and lower <= set(TRUTH) and not one_spelling:
            values = [None if v is None else TRUTH[v.lower()] for v in values]
        elif not lower & NO_VALUE and all(_number_like(v) for v in values[:MANY] if v is not None):
            read = numbers(column)
            if not read.odd and not np.isnan(read.values).all():
                return _whole(read.values)
        elif (slips := _slips(column)) is not None:
            return slips
    if not (position < 0).any() and values and all(isinstance(v, bool) for v in values):
        return pd.Series(np.array(values, dtype=bool)[position])
    out = np.empty(len(values) + 1, dtype=object)
    out[: len(values)] = values
    out[-1] = None
    return pd.Series(out[position], dtype=object)


def _one_spelling(text: str) -> str:
    """A list or a tuple of plain values as a list: [64, 32] for (64,32) and [64,32]; other text as it is."""
    if text[:1] + text[-1:] not in ("[]", "()") or len(text) > MANY:
        return text
    try:
        found = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return str(list(found)) if isinstance(found, (list, tuple)) else text


def odd_row(column: pd.Series, texts: Collection[str]) -> int:
    """The row of the first of some texts in a column, counted from 1 below the header."""
    found = column.map(lambda v: str(v).strip() in texts, na_action="ignore")
    return int(np.argmax(found.eq(True).to_numpy(dtype=bool))) + 1


def _odd_cell(column: pd.Series, texts: Collection[str]) -> str:
    row = odd_row(column, texts)
    return f"row {row:,} below the header holds {str(column.iloc[row - 1]).strip()!r}"


def mixed(column: pd.Series) -> str:
    """Where the first text stands in a column that mostly holds many different numbers; empty for any other column."""
    read = numbers(column)
    finite = read.finite
    texts = read.odd or tuple({str(v) for v in column.dropna().unique() if str(v).strip().lower() in NO_VALUE})
    many = len(finite) >= 10 and len(finite) >= column.notna().sum() / 2 and len(np.unique(finite)) > 10
    return _odd_cell(column, texts) if many and texts else ""


def _slips(column: pd.Series) -> pd.Series | None:
    """A column of many different numbers with a few texts in between, without the texts; None for any other."""
    position, unique = pd.factorize(column)
    if len(unique) <= MANY_NUMBERS:
        return None
    read = numbers(column)
    finite = read.finite
    texts = np.array([*(str(v).strip() in read.odd for v in unique), False])[position]
    few = 0 < texts.sum() <= max(1, SLIPS * len(finite))
    if not few or len(np.unique(finite)) <= MANY_NUMBERS or read.percent:
        return None
    out = _whole(read.values)
    more = f", and {int(texts.sum()) - 1} more cells hold texts" if texts.sum() > 1 else ""
    out.attrs[ODD] = (
        f"{column.name}: {_odd_cell(column, read.odd)}{more}, where numbers are; it is read as missing: correct the "
        "cell, or leave the run out with where."
    )
    return out


def _number_like(text: str) -> bool:
    return bool(NUMBER.match(text)) or text.strip().lower() in NOT_FINITE


def _whole(values: NDArray[np.float64]) -> pd.Series:
    if np.isfinite(values).all() and (values == np.round(values)).all() and (np.abs(values) < 2**53).all():
        return pd.Series(values.astype(np.int64))
    return pd.Series(values)
