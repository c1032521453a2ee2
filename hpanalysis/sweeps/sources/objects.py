"""How are objects of a tracker's library read? By their attributes alone; no tracker is imported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sources import frame
from hpanalysis.sweeps.sources.exports import exported
from hpanalysis.sweeps.sources.plain.spaces import Axis, widest
from hpanalysis.sweeps.sources.trackers import mlflow, optuna, sklearn_cv, wandb
from hpanalysis.sweeps.sweep import Goal

GOALS: dict[str, Goal] = {"MAXIMIZE": "max", "MINIMIZE": "min"}


@dataclass(frozen=True)
class Kind:
    """A kind of object: how it is recognised, and what makes a table of it."""

    takes: Callable[[Any], bool]
    table: Callable[[Any], Table]


def table_of(source: object) -> Table | None:
    """The table in an object; None for one that is not known.

    Examples
    --------
    >>> results = {"mean_fit_time": [0.1], "params": [{"C": 1.0}], "mean_test_score": [0.9]}
    >>> table_of(results).metric, table_of(3)
    ('mean_test_score', None)
    """
    kind = next((kind for kind in KINDS if kind.takes(source)), None)
    return None if kind is None else kind.table(source)


def _has(*names: str) -> Callable[[Any], bool]:
    return lambda source: all(hasattr(source, name) for name in names)


def _study(study: Any) -> Table:
    """The table of an Optuna study."""
    trials: dict[int, optuna.Trial] = {}
    axes: dict[str, dict[str, Axis | None]] = {}
    for trial in study.trials:
        made = optuna.Trial(str(trial.state.name), dict(trial.params), list(trial.values or []), dict(trial.user_attrs))
        made.steps = {float(step): value for step, value in trial.intermediate_values.items()}
        trials[int(trial.number)] = made
        for name, said in trial.distributions.items():
            parts = {key: getattr(said, key) for key in ("low", "high", "log", "step", "choices") if hasattr(said, key)}
            parts = {key: list(value) if isinstance(value, tuple) else value for key, value in parts.items()}
            axis, _ = optuna.distribution({"name": type(said).__name__, "attributes": parts})
            axes.setdefault(name, {})[repr(parts)] = axis
    goals = [GOALS.get(direction.name) for direction in study.directions]
    names = list(getattr(study, "metric_names", None) or [])
    space = {name: widest([axis for axis in held.values() if axis is not None]) for name, held in axes.items()}
    return optuna.study_table("Optuna study", trials, goals, names, space)


def _is_mlflow(source: Any) -> bool:
    runs = list(source) if isinstance(source, list | tuple) or type(source).__name__ == "PagedList" else []
    return bool(runs) and all(hasattr(run, "info") and hasattr(getattr(run, "data", None), "params") for run in runs)


def _mlflow(runs: Iterable[Any]) -> Table:
    """The table of MLflow's runs, as its client finds them; their history stays on the server."""
    logged = {
        str(run.info.run_id): mlflow.Logged(
            {key: mlflow.param(str(text)) for key, text in run.data.params.items()},
            dict(run.data.metrics),
            str(run.info.status),
            str(getattr(run.info, "run_name", "") or ""),
        )
        for run in runs
    }
    return mlflow.runs_table("MLflow runs", logged, None)


def _frame(source: pd.DataFrame) -> Table:
    return exported(frame.load(source))


KINDS: tuple[Kind, ...] = (
    Kind(lambda source: isinstance(source, pd.DataFrame), _frame),
    Kind(lambda source: isinstance(source, Mapping) and sklearn_cv.is_results(source), sklearn_cv.from_mapping),
    Kind(_has("cv_results_"), lambda search: sklearn_cv.from_mapping(search.cv_results_)),
    Kind(_has("trials", "directions"), _study),
    Kind(wandb.takes, wandb.read_objects),
    Kind(_is_mlflow, _mlflow),
    Kind(_has("get_dataframe"), lambda results: _frame(results.get_dataframe())),
    Kind(_has("to_pandas"), lambda table: _frame(table.to_pandas())),
)
