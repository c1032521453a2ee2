"""When does a search by HSIC pay? Every strategy on every problem from common starts, one row a search.

    python -m hpanalysis.experiments.comparison --out data/search --repeats 60

It can be stopped at any moment and continued by the same command; a search is what is lost. The repeat is the unit of
pairing: in one repeat all strategies have the same seed, and so the same first random draws where they draw from the
same space.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click
import numpy as np

from hpanalysis.errors import one_of
from hpanalysis.experiments.cnn_surrogate import DATASETS, cnn_surrogate
from hpanalysis.experiments.dense_problem import dense_problem
from hpanalysis.experiments.dense_targets import TARGETS
from hpanalysis.experiments.picks import fresh_seeds, train_all
from hpanalysis.experiments.search_tables import SEARCHES, Columns, Row, read_rows, write_rows
from hpanalysis.experiments.searches import PLANNED, Searches, told
from hpanalysis.search.adaptive_search import REASON, Searcher, trial_of
from hpanalysis.search.outcome import outcome_of
from hpanalysis.search.problem import Problem
from hpanalysis.search.run import failure
from hpanalysis.search.strategies.proposal import Asked, Trial
from hpanalysis.search.strategies.registry import STRATEGIES

RUNS, FRESH = 100, 4
ERROR_RANGE = (0.0, -2.0)  # of the log10 error: where hypervolumes begin and end


@dataclass(frozen=True)
class Setting:
    """A problem, the cost drivers of its searches, and the log10 costs between which hypervolumes are taken."""

    make: Callable[[], Problem]
    cheap: tuple[str, ...] = ("n_units", "n_layers")
    costs: tuple[float, float] = (1.0, 5.0)


CNN_DRIVERS = ("width_conv", "depth_conv", "width_fc")
PROBLEMS = {name: Setting(partial(dense_problem, name)) for name in TARGETS} | {
    f"cnn-{name}": Setting(partial(cnn_surrogate, name), CNN_DRIVERS, (3.5, 6.0)) for name in DATASETS
}
COLUMNS: Columns = {
    "problem": (
        "dataset",
        "a target of hpanalysis train dense, or cnn- with a data set of the shipped sweep, which a forest imitates",
    ),
    "strategy": ("hyperparameter", "a strategy of hpanalysis search"),
    "repeat": (
        "seed",
        "number of the repeat, and seed of the search: in one repeat all strategies start from the same random numbers",
    ),
    "runs": ("ignored", "trainings of the search, confirmations included"),
    "error": (
        "metric",
        "log10 RMSE of test points, in standard deviations of the target, for cnn- log10 of the share of wrong test "
        "images: mean of 4 trainings of the pick with fresh seeds; one that diverges counts as 1, for cnn- as chance",
    ),
    "cost": ("outcome", "multiply-adds of one prediction of the pick, for cnn- its weights"),
    "hypervolume": (
        "outcome",
        "share of the rectangle of error from 0 to -2 and log10 cost from 1 to 5, for cnn- from 3.5 to 6, that the "
        "runs dominate, confirmations left out",
    ),
    "reported": (
        "outcome",
        "the validation error that the pick was chosen by: of its one run, or the mean of its confirmations",
    ),
    "optimism": ("outcome", "validation error of the 4 fresh trainings minus reported"),
    "training_cost": ("cost", "multiply-adds of all trainings of the search, for cnn- the sum of weights"),
    "lifts": ("outcome", "limits that were lifted"),
    "failed": ("outcome", "runs without a result"),
    "pick": ("ignored", "its hyperparameters"),
}


def hypervolume(points: Iterable[tuple[float, float]], costs: tuple[float, float] = (1.0, 5.0)) -> float:
    """Share of the rectangle of log10 cost and error that points dominate.

    Parameters
    ----------
    points
        log10 cost and error of each run; those outside the rectangle count from its edge on.
    costs
        Where the rectangle begins and ends in log10 cost.

    Examples
    --------
    >>> hypervolume([(3.0, -1.0)]), hypervolume([(3.0, -1.0), (1.0, 0.0), (4.0, -0.5)])
    (0.25, 0.25)
    >>> hypervolume([(1.0, -1.0), (3.0, -2.0)])
    0.75
    """
    lowest, area = ERROR_RANGE[0], 0.0
    front: list[tuple[float, float]] = []
    for cost, error in sorted(points):
        if error < lowest:
            lowest = max(error, ERROR_RANGE[1])
            front.append((min(max(cost, costs[0]), costs[1]), lowest))
    ends = [cost for cost, _ in front[1:]] + [costs[1]]
    for (cost, error), end in zip(front, ends, strict=False):  # without a front there is one end too many
        area += (end - cost) * (ERROR_RANGE[0] - error)
    return area / ((costs[1] - costs[0]) * (ERROR_RANGE[0] - ERROR_RANGE[1]))


def one_search(name: str, strategy: str, repeat: int) -> Row:
    """Carry out one search, train its pick again, and say what came of it."""
    setting = PROBLEMS[name]
    problem = setting.make()
    searcher = Searcher(problem, Asked(strategy, RUNS, setting.cheap, repeat))
    while (run := searcher.ask()) is not None:
        draw = searcher.draw(run)
        try:
            result = problem.objective(draw.values, draw.seed)
        except ArithmeticError as crash:
            result = failure(crash)
        searcher.tell(run, result)
    records = [searcher.records[run] for run in range(RUNS)]
    trials = [trial_of(searcher.problem, record) for record in records]
    found = outcome_of(trials, [str(record.cells[REASON]) for record in records])
    values = {
        "problem": name,
        "strategy": strategy,
        "repeat": str(repeat),
        "runs": str(RUNS),
        "hypervolume": f"{hypervolume(_points(trials), setting.costs):.4f}",
        "training_cost": str(sum(int(record.cells["training_cost"] or 0) for record in records)),
        "lifts": str(len(found.lifted)),
        "failed": str(sum(t.error is None for t in trials)),
    }
    if found.pick is None:
        return values
    shown, error = _fresh(problem, found.pick.trial, repeat)
    return values | {
        "error": f"{error:.4f}",
        "cost": f"{found.pick.trial.cost:.0f}",
        "reported": f"{found.pick.error:.4f}",
        "optimism": f"{shown - found.pick.error:.4f}",
        "pick": json.dumps(found.pick.trial.values, separators=(",", ":")),
    }


def _points(trials: Sequence[Trial]) -> list[tuple[float, float]]:
    return [
        (float(np.log10(t.cost)), t.error) for t in trials if t.error is not None and t.cost and t.phase != "confirm"
    ]


def _fresh(problem: Problem, pick: Trial, repeat: int) -> tuple[float, float]:
    """Mean validation and test error of the pick over trainings with seeds that no search has had."""
    found = [problem.objective(pick.values, seed) for seed in fresh_seeds(repeat, FRESH)]
    # One that diverges counts as the sweep counts it.
    failed = float(str(problem.about["failed_value"]))
    shown = [[float(str(one[str(c)])) for one in found] for c in (problem.metric, problem.about["test_metric"])]
    validation, test = (np.nan_to_num(np.array(values), nan=failed).mean() for values in shown)
    return float(validation), float(test)


def read_searches(folder: Path) -> list[Row]:
    """The rows of the table of searches, none where there is no table."""
    return read_rows(folder / SEARCHES)


def write_searches(folder: Path, rows: Iterable[Row]) -> None:
    """Replace the table of searches at once, see `search_tables.write_rows`."""
    write_rows(folder / SEARCHES, rows, COLUMNS, PROBLEMS)


def _listed(_: click.Context, option: click.Parameter, text: str) -> tuple[str, ...]:
    known = PROBLEMS if option.name == "problems" else STRATEGIES
    return tuple(one_of(f"one of the {option.name}", name, tuple(known)) for name in text.split(","))


@click.command(help=__doc__)
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR")
@click.option("--repeats", type=click.IntRange(1), default=PLANNED, metavar="N", show_default=True)
@click.option("--problems", default=",".join(PROBLEMS), metavar="NAMES", callback=_listed)
@click.option("--strategies", default=",".join(STRATEGIES), metavar="NAMES", callback=_listed)
@click.option("--tell", is_flag=True, help="search nothing: say what the table shows")
@click.option("--train-picks", metavar="IMAGES", help="search nothing: train what was picked for cnn- on .npz files")
def command(
    out: Path,
    repeats: int,
    problems: tuple[str, ...],
    strategies: tuple[str, ...],
    tell: bool,
    train_picks: str | None,
) -> None:
    """Carry out the searches that are not in the table yet, repeat by repeat."""
    rows = read_searches(out)
    if tell:
        print(told(Searches(tuple(rows), planned=repeats)))
        return
    if train_picks:
        train_all(out, rows, train_picks)
        return
    done = {(row["problem"], row["strategy"], row["repeat"]) for row in rows}
    for repeat in range(repeats):
        for name in problems:
            for strategy in strategies:
                if (name, strategy, str(repeat)) not in done:
                    rows.append(one_search(name, strategy, repeat))
                    write_searches(out, rows)
                    print(name, strategy, repeat, rows[-1].get("error", ""), file=sys.stderr, flush=True)


if __name__ == "__main__":
    command()
