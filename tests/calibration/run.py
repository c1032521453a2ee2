"""Measure what the statements of the package are worth, and write docs/calibration.md.

Run by ``make calibration``; took forty minutes with two workers on a busy two-core machine. ``--quick`` divides the
number of sweeps by twenty.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.calibration.cells import Cell, coverage, false_headlines, interaction_p, planted

PAGE = Path(__file__).parents[2] / "docs" / "calibration.md"
Task = tuple[Callable[..., list[Cell]], tuple]


def tasks(divide: int) -> list[Task]:
    """Every cell to measure; one task a toy and number of runs."""
    reports, intervals = 300 // divide, 2000 // divide
    # First what every other statement rests on, at both sizes; the page grows task by task.
    out: list[Task] = [(coverage, ("confounded", 300, intervals))]
    for runs in (400, 1500):
        out += [(false_headlines, ("null", runs, reports)), (planted, (runs, reports))]
    out += [(coverage, ("confounded", 1500, intervals)), (coverage, ("strong effect", 300, intervals))]
    for toy in ("strong effect", "clustered", "confounded", "survivorship", "interior optimum", "interaction"):
        out.append((false_headlines, (toy, 600, reports)))
    out.append((false_headlines, ("null", 100, reports)))
    for runs in (400, 1500):
        out += [(interaction_p, (toy, runs, reports)) for toy in ("null", "additive, unequal failures")]
    return out


def measure(task: Task) -> list[Cell]:
    """Run one task."""
    function, arguments = task
    return function(*arguments)


def page(cells: list[Cell]) -> str:
    """The page, as Markdown."""
    lines = [
        "# Calibration: what the statements are worth",
        "",
        "Measured on simulated sweeps whose truth is known (`hpanalysis.toys`): how often an interval holds the truth,",
        "how often a report has a false headline, how often a planted effect is stated. Made by `make calibration`.",
        "The interval is the exact 99 % binomial one of the measured rate; a cell fails only if it misses the band.",
        "",
        "| statement | toy | runs | sweeps | rate | 99 % interval | band | holds |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for c in cells:
        low, high = c.interval
        lines.append(
            f"| {c.statement} | {c.toy} | {c.runs} | {c.sweeps} | {c.rate:.3f} | {low:.3f} to {high:.3f} | "
            f"{c.low:.2f} to {c.high:.2f} | {'yes' if c.holds else '**no**'} |"
        )
    failed = sum(not c.holds for c in cells)
    return "\n".join([*lines, "", f"{len(cells)} cells, {failed} outside their band.", ""])


def main(argv: list[str] | None = None) -> int:
    """Measure and write the page; the exit code tells whether every cell holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a twentieth of the sweeps, written nowhere")
    parser.add_argument("--jobs", type=int, default=1, help="worker processes (default 1)")
    args = parser.parse_args(argv)
    cells: list[Cell] = []
    with ProcessPoolExecutor(args.jobs, mp_context=get_context("spawn")) as pool:
        for found in pool.map(measure, tasks(20 if args.quick else 1)):
            cells += found
            for c in found:
                print(f"{c.rate:.3f} {c.statement} [{c.toy}, {c.runs} runs, {c.sweeps} sweeps]", flush=True)
            if not args.quick:
                PAGE.write_text(page(cells), encoding="utf-8")
    return int(not all(c.holds for c in cells))


if __name__ == "__main__":
    sys.exit(main())
