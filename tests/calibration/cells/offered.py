"""What must be said, on which sweeps?

Refusing is no way to pass: `tests/calibration/must_offer.csv` says for every toy and statement from how many units of
evidence an arm (a cell, a data set) a number with an interval, or a test, must be there, and why not where it must
not. Counted are the sweeps in which every comparison of at least that size has one; P(fail), too, needs three failures
and three successes, or 30 units an arm: with fewer, counts are so coarse that every interval holds no difference. The
table shows the smallest share over the sizes of a sweep.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from hpanalysis.design.design import Design
from hpanalysis.design.groups import group
from hpanalysis.questions.contrast.ask import contrast
from hpanalysis.questions.curve.ask import curve
from hpanalysis.statistics.differences import POOLED, compare
from hpanalysis.statistics.joint_claims import Claims
from hpanalysis.statistics.score_tests import act_together
from hpanalysis.sweeps.sweep import Sweep
from tests.calibration.cell import Cell, Task, streams
from tests.calibration.cells.intervals import COMPARED, compared
from tests.calibration.truth import TOYS, draw

MATRIX = Path(__file__).parents[1] / "must_offer.csv"
PAIR = ("augmentation", "optimizer")
ORDERED, RANGE, K = "depth", "learning_rate", 5
Offer = tuple[bool, bool]  # whether it must be offered here, and whether it is


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with MATRIX.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def matrix() -> dict[tuple[str, str], int]:
    """(statement, toy) -> from how many units it must be offered."""
    return {(row["statement"], toy): int(row["from"]) for row in _rows() for toy in TOYS if row[toy] == "must"}


@cache
def reasons() -> dict[tuple[str, str], str]:
    """(statement, toy) -> why it need not be offered."""
    return {(row["statement"], toy): row[toy] for row in _rows() for toy in TOYS if row[toy] != "must"}


def _all_offered(claims: Claims, column: int, least: int, tells: np.ndarray | bool = True) -> Offer:
    """Every data set with arms of `least` units, and the average over those that take part; where it `tells`."""
    units = claims.arms[:, column].min(axis=1)
    part = claims.weights[:, column] > 0
    total = claims.arms[part, column].sum(axis=0).min() if part.sum() > 1 else 0
    large = np.append(total >= least, units >= least) & tells
    low, high = (bound[:, column] for bound in claims.interval())
    there = np.isfinite(claims.estimate[:, column]) & np.isfinite(low) & np.isfinite(high)
    return bool(large.any()), bool(there[large].all())


def _scale(measure: str) -> Callable[[Sweep, str, int], Offer]:
    def offered(sweep: Sweep, toy: str, least: int) -> Offer:
        claims = compared(sweep, toy)
        columns = [c for c, (_, _, m) in enumerate(claims.claims) if m == measure]
        if not columns:
            return False, False
        tells = _failures_tell(sweep, toy, claims) if measure == "p_fail" else True
        return _all_offered(claims, columns[0], least, tells)

    return offered


def _failures_tell(sweep: Sweep, toy: str, claims: Claims) -> np.ndarray:
    """Where three runs of both arms failed and three did not, or both have 30 units: on average, on each data set."""
    name, value, reference = COMPARED[toy]
    g = group(sweep, name)
    here = np.isin(g.codes, [g.labels.index(value), g.labels.index(reference)])
    counts = np.array(
        [
            (rows.sum() - sweep.ok[rows].sum(), sweep.ok[rows].sum())
            for s in claims.strata
            if (rows := here & (sweep.block == s)).any()
        ]
    )
    column = [m for _, _, m in claims.claims].index("p_fail")
    units, part = claims.arms[:, column], claims.weights[:, column] > 0
    counts, units = np.vstack([counts[part].sum(axis=0), counts]), np.vstack([units[part].sum(axis=0), units])
    return (counts.min(axis=1) >= 3) | (units.min(axis=1) >= 30)


def _best(sweep: Sweep, toy: str, least: int) -> Offer:
    name, value, reference = COMPARED[toy]
    g, outcomes = group(sweep, name), Design(sweep).outcomes()
    codes = [g.labels.index(label) for label in (value, reference)]
    units = [
        len(np.unique(outcomes.cluster[(g.codes == code) & (sweep.block == b)]))
        for b in range(len(sweep.datasets))
        for code in codes
    ]
    table = contrast(sweep, name, reference=reference, k=K).frame
    row = table[(table["scale"] == "best_of_k") & (table["dataset"] == POOLED) & (table["value"] == value)].iloc[0]
    return min(units) >= least, bool(np.isfinite(row[["estimate", "low", "high"]].to_numpy(float)).all())


def _trend(sweep: Sweep, toy: str, least: int) -> Offer:
    """A trend is read off the steps between neighbours: all must have an interval."""
    g = group(sweep, ORDERED)
    steps = [(b + 1, b) for b in range(len(g.labels) - 1)]
    claims = compare(Design(sweep).outcomes(ORDERED), g.codes, steps, ("p_better",))
    offers = [_all_offered(claims, column, least) for column in range(len(steps))]
    return all(must for must, _ in offers), all(there for _, there in offers)


def _together(sweep: Sweep, toy: str, least: int) -> Offer:
    a, b = (group(sweep, name).codes for name in PAIR)
    cells = np.bincount(a * (b.max() + 1) + b)
    p = act_together(Design(sweep).regression(Design(sweep).comparable()), PAIR)[2]
    return bool(cells.min() >= least), bool(np.isfinite(p))


def _curve(sweep: Sweep, toy: str, least: int) -> Offer:
    table = curve(sweep, RANGE).frame
    rows = table[(table["scale"] == "p_better") & (table["dataset"] == POOLED)]
    there = len(rows) > 0 and np.isfinite(rows[["estimate", "low", "high"]].to_numpy(float)).all()
    return bool(np.bincount(sweep.block).min() >= least), bool(there)


STATEMENTS: dict[str, Callable[[Sweep, str, int], Offer]] = {
    "mean": _scale("mean"),
    "mean of successful runs": _scale("mean successful"),
    "P(better)": _scale("p_better"),
    "P(fail)": _scale("p_fail"),
    f"best of {K}": _best,
    "trend": _trend,
    "interaction": _together,
    "curve": _curve,
}


def offers(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """In how many sweeps every statement is offered that must be."""
    must = {s: matrix()[s, toy] for s in STATEMENTS if (s, toy) in matrix()}
    due, there = dict.fromkeys(must, 0), dict.fromkeys(must, 0)
    for rng in streams(sweeps, seed):
        sweep = draw(toy, runs, rng)
        for statement, least in must.items():
            expected, offered = STATEMENTS[statement](sweep, toy, least)
            due[statement] += expected
            there[statement] += expected and offered
    return [
        Cell(f"{statement}, from {least}", toy, runs, there[statement], due[statement], 0.99, 1.0)
        for statement, least in must.items()
        if due[statement]
    ]


def show(cells: list[Cell]) -> list[str]:
    """Toy by statement: the smallest share over the sizes of a sweep."""
    statements = list(dict.fromkeys(c.statement for c in cells))
    lines = ["| toy | " + " | ".join(statements) + " |", "|---" * (len(statements) + 1) + "|"]
    for toy in dict.fromkeys(c.toy for c in cells):
        row = []
        for statement in statements:
            found = [c for c in cells if (c.toy, c.statement) == (toy, statement)]
            least = min((c.rate for c in found), default=float("nan"))
            row.append(f"{least:.2f} of {sum(c.sweeps for c in found)}" if found else "need not")
        lines.append(f"| {toy} | " + " | ".join(row) + " |")
    return lines


TASKS = tuple(Task(offers, toy, runs, 50) for toy in TOYS for runs in (200, 2000))
SMOKE = (Task(offers, "null", 1200, 2), Task(offers, "conditional", 1200, 2))
