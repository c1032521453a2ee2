"""Does what a search picked on the forest hold when it is trained? The picks of the CNNs, trained for real.

    python -m hpanalysis.experiments.comparison --out data/search --train-picks IMAGES

Each pick is trained as the runs of the shipped sweep were, on the same images, with seeds that neither the sweep nor a
search has had. It can be stopped at any moment and continued by the same command; a training is what is lost.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np
import yaml

from hpanalysis.errors import UserError
from hpanalysis.experiments.cnn_problem import cnn_problem
from hpanalysis.experiments.cnn_surrogate import CHANCE, DATASETS, RUNS
from hpanalysis.experiments.images import load
from hpanalysis.experiments.search_tables import PICKS, Columns, Row, read_rows, write_rows
from hpanalysis.search.problem import Problem
from hpanalysis.search.record import Result

PROBLEMS = tuple(f"cnn-{name}" for name in DATASETS)
TIMES = 2  # trainings of each pick
COLUMNS: Columns = {
    "problem": ("dataset", "cnn- with the data set that the pick was trained on"),
    "strategy": ("hyperparameter", "the strategy of the search that picked it, as in searches.csv"),
    "repeat": ("seed", "the repeat of that search"),
    "training": ("seed", "number of the training of the pick, from 0"),
    "seed": ("ignored", "seed of the training: in one repeat all strategies have the same"),
    "status": ("status", "complete, or diverged (no finite result)"),
    "error": ("metric", "log10 of the share of wrong test images; a training that diverges counts as chance"),
    "validation": ("outcome", "the same of the validation images"),
    "cost": ("outcome", "trainable weights of the network"),
}


def fresh_seeds(repeat: int, times: int) -> list[int]:
    """Seeds of trainings that neither a sweep nor a search has had, the same for all strategies in one repeat.

    Examples
    --------
    >>> fresh_seeds(3, 2) == fresh_seeds(3, 4)[:2]
    True
    """
    return [int(seed) for seed in np.random.default_rng([repeat, 2**20]).integers(2**31, 2**32, times)]


def one_training(row: Row, training: int, images: str) -> Row:
    """Train the pick of one search, a row of the table of searches.

    Raises
    ------
    UserError
        If the images are not those of the shipped sweep.
    """
    seed = fresh_seeds(int(row["repeat"]), TIMES)[training]
    scores = _scores(row["problem"].removeprefix("cnn-"), row["pick"], seed, images)
    return {
        **{name: row[name] for name in ("problem", "strategy", "repeat")},
        "training": str(training),
        "seed": str(seed),
        "status": str(scores["status"]),
        "error": _log10_wrong(scores.get("test_accuracy")),
        "validation": _log10_wrong(scores.get("val_accuracy")),
        "cost": str(scores["parameters"]),
    }


@lru_cache(maxsize=100)  # strategies with the same start may pick the same
def _scores(dataset: str, pick: str, seed: int, images: str) -> Result:
    return as_shipped(dataset, images).objective({**json.loads(pick), "dataset": dataset}, seed)


@lru_cache(maxsize=len(DATASETS))
def as_shipped(dataset: str, images: str) -> Problem:
    """The trainer of the shipped sweep, on the images of one data set.

    Raises
    ------
    UserError
        If the images are not those of the sweep.
    """
    protocol = yaml.safe_load(RUNS.with_name("runs.sweep.yaml").read_text())["about"]["protocol"]
    given, known = load(dataset, images).fingerprint, protocol["images"][dataset]
    if given != known:
        raise UserError(
            f"the images of {dataset} in {images!r} are not those of the shipped sweep (fingerprint {given}, there "
            f"{known}); a picked network can be compared with the sweep on the same images alone."
        )
    return cnn_problem((dataset,), epochs=protocol["epochs"], images=images)


def _log10_wrong(accuracy: object) -> str:
    wrong = CHANCE if accuracy is None else max(1 - float(str(accuracy)), 1e-4)
    return f"{np.log10(wrong):.4f}"


def wanted(rows: Iterable[Row]) -> Iterator[tuple[int, Row]]:
    """What is to be trained, in the order in which it is: every pick of a CNN once, then every one again."""
    picked = sorted((r for r in rows if r["problem"] in PROBLEMS and r.get("pick")), key=lambda r: int(r["repeat"]))
    return ((training, row) for training in range(TIMES) for row in picked)


def key_of(row: Row) -> tuple[str, ...]:
    """What no two trainings have in common."""
    return tuple(row[name] for name in ("problem", "strategy", "repeat", "training"))


def train_all(folder: Path, searches: Iterable[Row], images: str) -> None:
    """Train the picks that are not in the table of trainings yet."""
    rows = read_rows(folder / PICKS)
    done = {key_of(row) for row in rows}
    for training, search in wanted(searches):
        if key_of({**search, "training": str(training)}) not in done:
            rows.append(one_training(search, training, images))
            write_rows(folder / PICKS, rows, COLUMNS, PROBLEMS)
            print(*key_of(rows[-1]), rows[-1]["error"], search["error"], file=sys.stderr, flush=True)
