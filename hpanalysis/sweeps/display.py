"""How does a sweep look? One table of its columns, and one page for Jupyter that reads well in light and in dark."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from hpanalysis.sweeps.space import Hyperparameter, level_key

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

Number: TypeAlias = "int | float | np.integer | np.floating"
SHOWN_LEVELS = 12
SHOWN_DATASETS = 40

# Colours come from the page (currentColor), so that the same display is readable in a light and in a dark theme.
CARD = "font-family:system-ui,sans-serif;line-height:1.45;max-width:60em;margin:.5em 0"
TABLE = "border-collapse:collapse;color:inherit;margin:.4em 0 .8em;font-size:.92em;font-variant-numeric:tabular-nums"
HEAD = (
    "text-align:{align};padding:.2em .9em .2em 0;border-bottom:1px solid currentColor;font-weight:600;background:none"
)
CELL = "text-align:{align};padding:.15em .9em .15em 0;border-bottom:1px solid rgba(128,128,128,.25);background:none"
QUIET = "opacity:.72"
FOLD = "margin-top:.6em"
# A note with one of these tells that the analysis is not of the whole table.
NEWS = ("left out", "set aside", "read as missing")


def number(value: Number | None, digits: int = 4) -> str:
    """A number in at most `digits` significant digits, without trailing zeros; an en dash when there is none.

    Examples
    --------
    >>> number(0.123456), number(12000.0), number(float("nan"))
    ('0.1235', '12000', '–')
    """
    if value is None or math.isnan(value):
        return "–"
    size = float(value)
    whole = isinstance(value, (int, np.integer)) or (abs(size) < 1e15 and size.is_integer())
    return f"{int(value)}" if whole else f"{size:.{digits}g}"


def table_html(frame: pd.DataFrame, *, digits: int = 4) -> str:
    """A frame as a small self-contained HTML table: escaped text, numbers to the right.

    Examples
    --------
    >>> import pandas as pd
    >>> html = table_html(pd.DataFrame({"level": ["<adam>"], "runs": [12]}))
    >>> "&lt;adam&gt;" in html, "<adam>" in html
    (True, False)
    """
    right = [pd.api.types.is_numeric_dtype(frame[c]) and frame[c].dtype != bool for c in frame.columns]
    align = ["right" if r else "left" for r in right]
    heads = zip(frame.columns, align, strict=True)
    head = "".join(f'<th style="{HEAD.format(align=a)}">{escape(str(c))}</th>' for c, a in heads)
    fixed = [_decimals(frame[c]) if r else None for c, r in zip(frame.columns, right, strict=True)]
    rows = []
    for row in frame.itertuples(index=False, name=None):
        texts = [
            _number(v, digits, f) if r else ("–" if _absent(v) else str(v))
            for v, r, f in zip(row, right, fixed, strict=True)
        ]
        cells = zip(texts, align, strict=True)
        body = "".join(f'<td style="{CELL.format(align=a)}">{escape(t)}</td>' for t, a in cells)
        rows.append(f"<tr>{body}</tr>")
    table = f'<table style="{TABLE}"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    return f'<div style="overflow-x:auto">{table}</div>'


def _decimals(column: pd.Series) -> int | None:
    """Decimals that serve a whole column: three digits of the largest, or fewer; None where sizes differ much."""
    size = column.dropna().abs().to_numpy(dtype=float)
    size = size[(size > 0) & np.isfinite(size)]
    if not len(size) or size.max() >= 1e6 or size.min() < 0.02 * size.max():
        return None
    needed = max(len(number(value, 9).partition(".")[2]) for value in size)
    return int(np.clip(2 - np.floor(np.log10(size.max())), 0, needed))


def _number(value: Number, digits: int, decimals: int | None) -> str:
    return number(value, digits) if decimals is None or math.isnan(value) else f"{value:.{decimals}f}"


def values_text(h: Hyperparameter, limit: int = SHOWN_LEVELS) -> str:
    """The levels of a hyperparameter, or its range and scale, in a few words.

    Examples
    --------
    >>> values_text(Hyperparameter("lr", "continuous", low=1e-4, high=0.3, log=True))
    '0.0001 to 0.3, log scale'
    """
    if h.has_levels:
        more = f" … ({len(h.levels)} levels)" if len(h.levels) > limit else ""
        return ", ".join(level_key(level) for level in h.levels[:limit]) + more
    steps = f" in steps of {number(h.step)}" if h.step else ""
    return f"{number(h.low)} to {number(h.high)}{steps}" + (", log scale" if h.log else "")


def condition_text(h: Hyperparameter) -> str:
    """When a hyperparameter is active, in a few words; empty for always."""
    if h.condition is None:
        return ""
    return f"{h.condition.hyperparameter} is {' or '.join(level_key(v) for v in h.condition.values)}"


def news(notes: Iterable[str]) -> tuple[str, ...]:
    """The notes which tell that an analysis is not of the whole table: they stand above everything that it says."""
    return tuple(note for note in notes if any(mark in note for mark in NEWS))


def card(
    name: str,
    facts: Sequence[str],
    datasets: pd.DataFrame,
    columns: pd.DataFrame,
    hyperparameters: Sequence[str],
    notes: Sequence[str],
) -> str:
    """The page a person sees when a sweep is the last line of a notebook cell; all text is escaped.

    Parameters
    ----------
    name, facts
        What the sweep is called, and what is to know of it in a line.
    datasets
        One row a data set, as in `hpanalysis.sweeps.display.datasets_table`.
    columns
        One row a column of the table, as in `Sweep.describe`.
    hyperparameters
        Their names, in the order of the space.
    notes
        What was inferred and what was set aside.
    """
    parts = [
        f'<div style="font-size:1.15em;font-weight:600">{escape(name)}</div>',
        f'<div style="{QUIET}">{escape(" · ".join(facts))}</div>',
        _heading(f"Data sets ({len(datasets)})" if len(datasets) > 1 else "Outcome"),
        table_html(datasets.head(SHOWN_DATASETS)),
    ]
    if len(datasets) > SHOWN_DATASETS:
        parts.append(f'<div style="{QUIET}">and {len(datasets) - SHOWN_DATASETS} more data sets</div>')
    axes = _hyperparameters(columns.set_index("column").loc[list(hyperparameters)])
    parts += [_heading(f"Hyperparameters ({len(axes)})"), table_html(axes)]
    rest = columns[~columns["role"].isin(["hyperparameter", "metric"])]
    others = [f"{role}: {', '.join(names)}" for role, names in rest.groupby("role", sort=False)["column"]]
    if others:
        parts.append(f'<div style="{QUIET};font-size:.92em">Other columns: {escape("; ".join(others))}</div>')
    inferred = [note for note in notes if "(inferred" in note]
    remarks = [note for note in notes if note not in inferred]
    if remarks:
        parts += [_heading("Left out, set aside, or reduced"), _list_html(remarks)]
    if inferred:
        summary = f"Inferred from names and values ({len(inferred)})"
        parts.append(f'<details style="{FOLD}"><summary>{summary}</summary>{_list_html(inferred)}</details>')
    return f'<div style="{CARD}">{"".join(parts)}</div>'


def _hyperparameters(rows: pd.DataFrame) -> pd.DataFrame:
    unit = rows["unit"].where(rows["unit"] == "", " " + rows["unit"])
    frame = rows.assign(name=rows.index, values=rows["values"] + unit, empty=rows["missing"])
    dull = [column for column in ("active when", "empty") if not frame[column].any()]
    return frame[["name", "kind", "values", "active when", "empty", "how"]].drop(columns=dull)


def column_text(column: pd.Series) -> str:
    """The range of a column of numbers, or its different values, in a few words."""
    if pd.api.types.is_numeric_dtype(column) and column.dtype != bool:
        finite = column[np.isfinite(column.to_numpy(dtype=float, na_value=np.nan))]
        return f"{number(finite.min())} to {number(finite.max())}" if len(finite) else ""
    unique = column.dropna().drop_duplicates()
    if len(unique) > SHOWN_LEVELS:
        return f"{len(unique)} different"
    return ", ".join(sorted(level_key(v) for v in unique))


def _list_html(notes: list[str]) -> str:
    return f'<ul style="margin:.3em 0">{"".join(f"<li>{escape(note)}</li>" for note in notes)}</ul>'


def _heading(text: str) -> str:
    return f'<div style="font-weight:600;margin-top:.7em">{escape(text)}</div>'


def _absent(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def datasets_table(sweep: Sweep) -> pd.DataFrame:
    """One row a data set: runs, failed runs, and the quartiles of the metric over the successful ones.

    Examples
    --------
    >>> import pandas as pd
    >>> import hpanalysis as hp
    >>> runs = pd.DataFrame({"task": ["a", "a", "b"], "optimizer": ["adam", "sgd", "sgd"], "acc": [0.9, 0.7, None]})
    >>> datasets_table(hp.read(runs, metric="acc", goal="max"))[["data set", "runs", "failed", "best"]]
      data set  runs  failed  best
    0        a     2       0   0.9
    1        b     1       1   NaN
    """
    groups = pd.Series(sweep.outcome).groupby(sweep.block)
    best = groups.max() if sweep.goal == "max" else groups.min()
    size, ok = groups.size(), groups.count()
    return pd.DataFrame(
        {
            "data set": [sweep.datasets[b] for b in size.index],
            "runs": size.to_numpy(),
            "failed": (size - ok).to_numpy(),
            "lower quartile": groups.quantile(0.25).to_numpy(),
            "median": groups.quantile(0.5).to_numpy(),
            "upper quartile": groups.quantile(0.75).to_numpy(),
            "best": best.to_numpy(),
        }
    )
