"""Where does the table begin and end in a sheet? Titles above it, a header in two rows, means below it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError, choices, count
from hpanalysis.sweeps.reading.cells import numbers

# So many rows are looked at to find the header.
TOP = 12
SEPARATOR = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)
SUMMARIES = frozenset(
    "mean average avg sum total totals std stdev sd median min minimum max maximum best count mittelwert summe".split()
)


class Header(NamedTuple):
    """The names of the columns, how many rows stand before the first run, and what was done to find them."""

    names: list[str]
    rows: int
    notes: tuple[str, ...]


def header_of(rows: Sequence[Sequence[str]], name: str) -> Header:
    """The header of a sheet, by its first rows.

    Rows with one cell above a full row are titles; names that repeat, or stand once for several columns, above a row
    of text are the first of two header rows.

    Parameters
    ----------
    rows
        The cells of the first rows, as text.
    name
        What the file is called in messages.

    Raises
    ------
    UserError
        If several columns have one name.

    Examples
    --------
    >>> header_of([["My sweep", ""], ["", ""], ["lr", "loss"], ["0.1", "0.5"]], "runs.csv")[:2]
    (['lr', 'loss'], 3)
    >>> header_of([["number", "params", "params"], ["", "lr", "depth"], ["0", "0.1", "3"]], "runs.csv")[:2]
    (['number', 'params.lr', 'params.depth'], 2)
    """
    cells = [[cell.strip() for cell in row] for row in rows[:TOP]]
    skip = _titles(cells)
    titles = sum(map(any, cells[:skip]))
    above = count(titles, "row above the header is", "rows above the header are")
    notes = [f"{name}: {above} skipped."] * bool(titles)
    names = cells[skip] if skip < len(cells) else []
    below = cells[skip + 1] if skip + 1 < len(cells) else []
    joined = _joined(names, below)
    if joined:
        one = next((new for new, old in zip(joined, names, strict=True) if new != old), joined[0])
        notes.append(f"{name}: the header has two rows, which are read as one, such as {one!r}.")
        skip += 1
        # pandas writes the name of the index in a row of its own.
        skip += skip + 1 < len(cells) and not any(cells[skip + 1][1:])
    names = joined or names
    twice = sorted(one for one, times in Counter(names).items() if one and times > 1)
    if twice:
        raise UserError(f"{name} has more than one column called {choices(map(repr, twice))}; rename all but one.")
    return Header([one or f"Unnamed: {i}" for i, one in enumerate(names)], skip + 1, tuple(notes))


def without_summaries(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """A table without its empty rows, and without the means and sums that a spreadsheet has below the runs.

    Examples
    --------
    >>> columns = {"lr": ["0.1", "0.2", None, "mean"], "opt": ["a", "b", None, None], "acc": [5, 7, None, 6]}
    >>> frame = pd.DataFrame(columns)
    >>> short = without_summaries(frame, "runs.csv")
    >>> short["lr"].tolist(), short.attrs["notes"]
    ([0.1, 0.2], ('runs.csv: 1 row below the runs, called mean, is a summary and is not read as a run.',))
    """
    filled = frame.notna().any(axis=1).to_numpy()
    kept, labels = filled.copy(), []
    for at in np.flatnonzero(filled)[::-1]:
        label = _summary(frame, int(at), kept)
        if label is None:
            break
        kept[at] = False
        labels.append(label)
    if kept.all():
        return frame
    out = frame[kept].reset_index(drop=True)
    columns = {c: numbers(out[c]) for c in out.columns if labels and out[c].dtype.kind not in "biuf"}
    out = out.assign(**{c: read.values for c, read in columns.items() if _plain(out[c], read.odd)})
    out.attrs = dict(frame.attrs)
    if labels:
        called = ", ".join(reversed(labels))
        is_one = "is a summary and is not read as a run" if len(labels) == 1 else "are summaries, not read as runs"
        note = f"{name}: {count(len(labels), 'row')} below the runs, called {called}, {is_one}."
        out.attrs["notes"] = (*frame.attrs.get("notes", ()), note)
    return out


def _plain(column: pd.Series, odd: tuple[str, ...]) -> bool:
    texts = column.dropna().astype(str)
    return not odd and not texts.str.contains(r"[%,]|[a-df-z]", case=False, regex=True).any()


def _titles(cells: Sequence[Sequence[str]]) -> int:
    """How many rows stand above the header: those with one cell, or none, before a row that names every column."""
    width = max((sum(map(bool, row)) for row in cells), default=0)
    first = next((i for i, row in enumerate(cells) if any(row)), 0)
    for i, row in enumerate(cells):
        filled = sum(map(bool, row))
        if filled > 1 or width < 2:
            names = filled >= max(2, width - 1) and not any(map(_is_number, row))
            return i if names else first
    return first


def _joined(names: Sequence[str], below: Sequence[str]) -> list[str] | None:
    """One name a column of a header in two rows; None where it is not certain that there are two."""
    repeats = any(one and times > 1 for one, times in Counter(names).items())
    merged = any(names) and any(not one and i and sub for i, (one, sub) in enumerate(zip(names, below, strict=False)))
    if not (repeats or merged) or len(below) != len(names) or any(map(_is_number, below)):
        return None
    whole: list[str] = []
    for i, one in enumerate(names):
        # A merged cell stands over the first of its columns only.
        whole.append(one or (whole[i - 1] if merged and i and below[i] else ""))
    times = Counter(whole)
    if any(sub == "" for one, sub in zip(whole, below, strict=True) if one and times[one] > 1):
        return None
    mark = "_" if {"number", "state"} <= set(names) else "."
    out = [f"{one}{mark}{sub}" if one and sub else one or sub for one, sub in zip(whole, below, strict=True)]
    return out if len(set(filter(None, out))) == len([one for one in out if one]) else None


def _summary(frame: pd.DataFrame, at: int, kept: np.ndarray) -> str | None:
    """The name of a row that sums up those above it; None for a run."""
    row = frame.iloc[at]
    texts = {c: str(v).strip() for c, v in row.items() if isinstance(v, str) and not _is_number(str(v))}
    if len(texts) != 1 or row.isna().sum() == 0:
        return None
    ((column, label),) = texts.items()
    if _label(label) not in SUMMARIES:
        return None
    others = frame[column][kept & (np.arange(len(frame)) < at)].dropna().tolist()
    # Above it may stand other summaries, each of them once.
    seen = {_label(label)}
    while others and isinstance(others[-1], str) and _label(others[-1]) in SUMMARIES - seen:
        seen.add(_label(others.pop()))
    # mean is also an aggregation that may be tried: there it is one of a few texts.
    odd = [v for v in others if isinstance(v, str) and not _is_number(v)]
    names = len(odd) > 2 and len(set(odd)) == len(odd) and not any(_label(v) in SUMMARIES for v in odd)
    return label if names or not odd else None


def _label(text: str) -> str:
    return text.strip().lower().rstrip(":")


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "").rstrip("%"))
    except ValueError:
        return False
    return bool(text.strip())
