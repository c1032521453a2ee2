"""Where are the measured rates kept, and how are they shown? docs/calibration.json, and the page made from it."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import asdict
from pathlib import Path

from tests.calibration.cell import VERSION, Cell
from tests.calibration.cells import topics

DOCS = Path(__file__).parents[2] / "docs"
STORE, PAGE = DOCS / "calibration.json", DOCS / "calibration.md"
Results = dict[str, dict[str, list[Cell]]]  # topic -> task -> cells


def load(store: Path = STORE) -> Results:
    """What was measured so far."""
    out: Results = {}
    for row in json.loads(store.read_text(encoding="utf-8")) if store.exists() else []:
        topic, task = row.pop("topic"), row.pop("task")
        out.setdefault(topic, {}).setdefault(task, []).append(Cell(**{"version": 1} | row))
    return out


def keep(topic: str, task: str, cells: list[Cell], store: Path = STORE) -> Results:
    """Put the cells of one task in the place of its old ones, and the page with them.

    The store is read again before, as topics may be measured at the same time.
    """
    results = load(store)
    results.setdefault(topic, {})[task] = cells
    return save(results, store)


def save(results: Results, store: Path = STORE) -> Results:
    """Write the store, one cell a line, without tasks that are no longer listed, and the page beside it."""
    known = {name: {task.name: None for task in module.TASKS} for name, module in topics().items()}
    results = {
        topic: {task: results[topic][task] for task in tasks if task in results.get(topic, {})}
        for topic, tasks in known.items()
    }
    rows = [
        {"topic": topic, "task": task} | asdict(cell)
        for topic, tasks in results.items()
        for task, cells in tasks.items()
        for cell in cells
    ]
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, default=int) for row in rows)
    _replace(store, f"[\n{lines}\n]\n")
    _replace(store.with_suffix(".md"), page(results))
    return results


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def page(results: Results) -> str:
    """The page, as Markdown."""
    cells = [c for tasks in results.values() for found in tasks.values() for c in found]
    lines = [
        "# Calibration: what the statements are worth",
        "",
        _summary(cells),
        "",
        "Measured on simulated sweeps whose truth is known (`hpanalysis.toys`), and on parts of real tables whose",
        "whole is known. Made by `make calibration`; the counts are kept in `calibration.json`. The interval is the",
        "exact 99 % binomial one of the measured rate. A cell fails only if this interval misses the band: *liberal*",
        "means that less is true than was promised, *conservative* that more is and that intervals could be shorter,",
        "*weak* that less is found than should be. *Inside* means that the whole interval lies in the band.",
        *_waiting(results),
    ]
    for topic, module in topics().items():
        found = [c for task in results.get(topic, {}).values() for c in task]
        if not found:
            continue
        heading, _, text = module.__doc__.strip().partition("\n")
        lines += ["", f"## {heading}", "", *text.strip().splitlines(), *([""] if text.strip() else [])]
        lines += [_summary(found), "", *getattr(module, "show", _table)(found)]
    return "\n".join([*lines, ""])


def _waiting(results: Results) -> list[str]:
    """What is to be measured: tasks that never were, and those of which the statistics have changed since."""
    tasks = {topic: [task.name for task in module.TASKS] for topic, module in topics().items()}
    never = {topic: [name for name in names if not results.get(topic, {}).get(name)] for topic, names in tasks.items()}
    older = {
        topic: sum(any(c.version < VERSION for c in cells) for cells in found.values())
        for topic, found in results.items()
    }
    lines = [
        f"| {topic} | {len(names)} | {older.get(topic, 0)} | {len(never[topic])} |"
        for topic, names in tasks.items()
        if never[topic] or older.get(topic, 0)
    ]
    if not lines:
        return []
    return [
        *("", "## Not measured yet", ""),
        "The statistics have changed since a part of this page was measured. Cells of these tasks say what held then,",
        "and count for nothing now, until `make calibration` has measured them again. Others were never measured.",
        *("", "| topic | tasks | measured before the change | never measured |", "|---|---|---|---|", *lines),
    ]


def _summary(cells: list[Cell]) -> str:
    count = Counter(c.verdict for c in cells)
    good = count["inside"] + count["holds"]
    misses = ", ".join(f"{count[v]} {v}" for v in ("liberal", "conservative", "weak") if count[v]) or "none missed"
    sweeps, minutes = sum(c.sweeps for c in cells), sum(c.seconds for c in cells) / 60
    return (
        f"**{good} of {len(cells)} cells reach their band ({misses}); {sweeps:,} checks, {minutes:.0f} CPU minutes.**"
    )


def _table(cells: list[Cell]) -> list[str]:
    lines = ["| statement | toy | runs | checks | rate | 99 % interval | band | |", "|---|---|---|---|---|---|---|---|"]
    for c in cells:
        low, high = c.interval
        verdict = c.verdict if c.holds else f"**{c.verdict}**"
        lines.append(
            f"| {c.statement} | {c.toy} | {c.runs} | {c.sweeps} | {c.rate:.3f} | {low:.3f} to {high:.3f} | "
            f"{c.low:.2f} to {c.high:.2f} | {verdict} |"
        )
    return lines
