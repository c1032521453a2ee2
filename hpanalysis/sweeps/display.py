"""How does a sweep look? One table of its columns, and one page for Jupyter that reads well in light and in dark."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hpanalysis.sweeps.space import Hyperparameter, level_key

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

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


def number(value: Any, digits: int = 4) -> str:
    """A number in at most `digits` significant digits, without trailing zeros; an en dash when there is none."""
    if value is None or (isinstance(value, (float, np.floating)) and np.isnan(value)):
        return "–"
    if isinstance(value, (int, np.integer)) or (abs(value) < 1e15 and float(value).is_integer()):
        return f"{int(value)}"
    return f"{float(value):.{digits}g}"


def table_html(frame: pd.DataFrame, *, digits: int = 4) -> str:
    """A frame as a small self-contained HTML table: escaped text, numbers to the right."""
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


def _number(value: Any, digits: int, decimals: int | None) -> str:
    return number(value, digits) if decimals is None or value != value else f"{value:.{decimals}f}"


def values_text(h: Hyperparameter, limit: int = SHOWN_LEVELS) -> str:
    """The levels of a hyperparameter, or its range and scale, in a few words."""
    if h.has_levels:
        more = f" … ({len(h.levels)} levels)" if len(h.levels) > limit else ""
        return ", ".join(level_key(level) for level in h.levels[:limit]) + more
    return f"{number(h.low)} to {number(h.high)}" + (", log scale" if h.log else "")


def describe(sweep: Sweep) -> pd.DataFrame:
    """One row a column: role, kind, values, missing cells, unit, description, and declared or inferred."""
    rows = []
    for column in sweep.runs.columns:
        role, said = sweep.roles[column], sweep.columns.get(column, {})
        h = sweep.space[column] if role == "hyperparameter" else None
        rows.append(
            {
                "column": column,
                "role": role,
                "kind": h.kind if h else "",
                "values": values_text(h) if h else _column_text(sweep.runs[column]),
                "active when": _condition_text(h) if h else "",
                "missing": int(sweep.runs[column].isna().sum()),
                "unit": (h.unit if h else "") or said.get("unit", ""),
                "description": (h.description if h else "") or said.get("description", ""),
                "how": "declared" if column in sweep.declared else "inferred",
            }
        )
    return pd.DataFrame(rows)


def datasets_table(sweep: Sweep) -> pd.DataFrame:
    """One row a data set: runs, failed runs, and the quartiles of the metric over the successful ones."""
    frame = pd.DataFrame({"block": sweep.block, "outcome": sweep.outcome})
    groups = frame.groupby("block")["outcome"]
    quartiles = groups.quantile([0.25, 0.5, 0.75]).unstack()
    best = groups.max() if sweep.goal == "max" else groups.min()
    size, ok = groups.size(), groups.count()
    return pd.DataFrame(
        {
            "data set": [sweep.datasets[b] for b in size.index],
            "runs": size.to_numpy(),
            "failed": (size - ok).to_numpy(),
            "lower quartile": quartiles[0.25].to_numpy(),
            "median": quartiles[0.5].to_numpy(),
            "upper quartile": quartiles[0.75].to_numpy(),
            "best": best.to_numpy(),
        }
    )


def sweep_html(sweep: Sweep) -> str:
    """The page a person sees when a sweep is the last line of a notebook cell; all text is escaped."""
    direction = "higher is better" if sweep.goal == "max" else "lower is better"
    unit = f" ({sweep.unit})" if sweep.unit and sweep.unit.lower() not in sweep.metric.lower() else ""
    metric = f"log10 of {sweep.metric}" if sweep.transform else sweep.metric
    failed = int((~sweep.ok).sum())
    repeats = len(sweep) - len(np.unique(sweep.configuration))
    facts = [f"{len(sweep):,} runs, {failed:,} failed", f"metric: {metric}{unit}, {direction}"]
    facts += [f"{repeats:,} {'run repeats' if repeats == 1 else 'runs repeat'} a configuration"] if repeats else []
    facts += [f"scope: {sweep.scope}"] if sweep.scope else []
    facts += [f"margin: {number(sweep.margin)}"] if sweep.margin is not None else []
    facts += [f"a failed run counts as {number(sweep.failed_value)}"] if sweep.failed_value is not None else []
    data = datasets_table(sweep)
    parts = [
        f'<div style="font-size:1.15em;font-weight:600">{escape(sweep.name)}</div>',
        f'<div style="{QUIET}">{escape(" · ".join(facts))}</div>',
        _heading(f"Data sets ({len(data)})" if len(data) > 1 else "Outcome"),
        table_html(data.head(SHOWN_DATASETS)),
    ]
    if len(data) > SHOWN_DATASETS:
        parts.append(f'<div style="{QUIET}">and {len(data) - SHOWN_DATASETS} more data sets</div>')
    parts += [_heading(f"Hyperparameters ({len(sweep.space)})"), table_html(_hyperparameters(sweep))]
    others = _others(sweep)
    if others:
        parts.append(f'<div style="{QUIET};font-size:.92em">Other columns: {escape(others)}</div>')
    inferred = [note for note in sweep.notes if "(inferred" in note]
    remarks = [note for note in sweep.notes if note not in inferred]
    if remarks:
        parts += [_heading("Left out, set aside, or reduced"), _list_html(remarks)]
    if inferred:
        summary = f"Inferred from names and values ({len(inferred)})"
        parts.append(f'<details style="{FOLD}"><summary>{summary}</summary>{_list_html(inferred)}</details>')
    return f'<div style="{CARD}">{"".join(parts)}</div>'


def _hyperparameters(sweep: Sweep) -> pd.DataFrame:
    rows = [
        {
            "name": h.name,
            "kind": h.kind,
            "values": values_text(h) + (f" {h.unit}" if h.unit else ""),
            "active when": _condition_text(h),
            "empty": int(sweep.runs[h.name].isna().sum()),
            "how": "declared" if h.name in sweep.declared else "inferred",
        }
        for h in sweep.space
    ]
    frame = pd.DataFrame(rows, columns=["name", "kind", "values", "active when", "empty", "how"])
    dull = [column for column in ("active when",) if not frame[column].any()]
    dull += ["empty"] if not frame["empty"].any() else []
    return frame.drop(columns=dull)


def _others(sweep: Sweep) -> str:
    by_role: dict[str, list[str]] = {}
    for column in sweep.runs.columns:
        if sweep.roles[column] not in ("hyperparameter", "metric"):
            by_role.setdefault(sweep.roles[column], []).append(column)
    return "; ".join(f"{role}: {', '.join(columns)}" for role, columns in by_role.items())


def _column_text(column: pd.Series) -> str:
    if pd.api.types.is_numeric_dtype(column) and column.dtype != bool:
        finite = column[np.isfinite(column.to_numpy(dtype=float, na_value=np.nan))]
        return f"{number(finite.min())} to {number(finite.max())}" if len(finite) else ""
    unique = column.dropna().drop_duplicates()
    if len(unique) > SHOWN_LEVELS:
        return f"{len(unique)} different"
    return ", ".join(sorted(level_key(v) for v in unique))


def _condition_text(h: Hyperparameter) -> str:
    if h.condition is None:
        return ""
    return f"{h.condition.hyperparameter} is {' or '.join(level_key(v) for v in h.condition.values)}"


def _list_html(notes: list[str]) -> str:
    return f'<ul style="margin:.3em 0">{"".join(f"<li>{escape(note)}</li>" for note in notes)}</ul>'


def _heading(text: str) -> str:
    return f'<div style="font-weight:600;margin-top:.7em">{escape(text)}</div>'


def _absent(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value))
