"""Which sources are known? One line each: what it is called, how it is recognised, and what reads it.

Each list is asked from the top.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from hpanalysis.sweeps.reading.settings import Settings
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sources import frame
from hpanalysis.sweeps.sources.plain.place import Place
from hpanalysis.sweeps.sources.trackers import (
    exports,
    hydra,
    json_stores,
    lightning,
    mlflow,
    optuna,
    sklearn_cv,
    tensorboard,
    trackio,
    wandb,
    wandb_offline,
)


@dataclass(frozen=True)
class Source:
    """A source: what it is called, whether something is of it, and what makes a table of that.

    Parameters
    ----------
    kind
        What it is called; empty where the table says it.
    takes
        Whether a place, some columns or an object are of this source; cheap, and true of nothing else.
    table
        The table, with the space, the states and the history that the source keeps.
    """

    kind: str
    takes: Callable[[Any], bool]
    table: Callable[..., Table]

    def load(self, held: object, *said: Settings) -> Table:
        """The table, which bears the name of its source."""
        table = self.table(held, *said)
        return replace(table, kind=self.kind or table.kind)


def _folder(*alternatives: str) -> Callable[[Place], bool]:
    """A folder that has an entry for each of the patterns of one alternative."""
    return lambda place: any(place.has(*patterns.split()) for patterns in alternatives)


def _database(*columns: str) -> Callable[[Place], bool]:
    """An SQLite database with these columns."""
    return lambda place: place.holds(*columns)


def _begins(pattern: bytes) -> Callable[[Place], bool]:
    """A file whose first bytes are so."""
    return lambda place: re.match(pattern, place.head, re.DOTALL) is not None


def _columns(*names: str, start: str = "") -> Callable[[Iterable[object]], bool]:
    """A table with these columns, and one that begins so."""
    return lambda columns: {*names} <= {*columns} and any(str(name).startswith(start) for name in columns)


def _object(*names: str) -> Callable[[Any], bool]:
    """An object with these attributes."""
    return lambda source: all(hasattr(source, name) for name in names)


# What lies at a path: each is asked of a place, and reads it as the user says.
STORES: tuple[Source, ...] = (
    Source("Optuna storage (SQLite)", _database("studies.study_name", "trials.state"), optuna.from_storage),
    Source("Optuna journal", _begins(rb'\{"op_code" ?:'), optuna.from_journal),
    Source("MLflow database", _database("experiments.name", "latest_metrics.key"), mlflow.from_database),
    Source(
        "MLflow folder",
        _folder("meta.yaml */meta.yaml */params", "*/meta.yaml */*/meta.yaml */*/params"),
        mlflow.from_folder,
    ),
    Source("Trackio database", _database("configs.config", "metrics.metrics"), trackio.load),
    Source("W&B offline run", _begins(rb":W&B"), wandb_offline.load),
    Source("W&B offline runs", _folder(*wandb_offline.PATTERNS), wandb_offline.load),
    Source("Ray Tune experiment", _folder("experiment_state-*.json"), json_stores.ray),
    Source("Keras Tuner project", _folder("oracle.json trial_*"), json_stores.keras),
    Source("SMAC run history", _folder("runhistory.json"), json_stores.smac),
    Source("DeepCAVE recording", _folder("history.jsonl configs.json"), json_stores.deepcave),
    Source("Ax client", _begins(rb'\s*\{.*"_type": ?"(Ax)?Client"'), json_stores.ax),
    Source(
        "syne-tune experiment", _folder("metadata.json results.csv.zip", "metadata.json results.csv"), json_stores.syne
    ),
    Source("Sacred file storage", _folder("[0-9]*/run.json"), json_stores.sacred),
    Source("scikit-learn cv_results_", _begins(rb'\s*[\[{].*"mean_fit_time"'), sklearn_cv.load),
    Source("Hydra multirun", _folder("*/.hydra/config.yaml"), hydra.load),
    Source("Lightning logs", _folder("version_*/hparams.yaml"), lightning.load),
    # Last: other trackers write its events, too.
    Source("TensorBoard HParams", _folder(tensorboard.EVENTS, f"*/{tensorboard.EVENTS}"), tensorboard.load),
    Source("TensorBoard HParams", lambda place: place.path.match(tensorboard.EVENTS), tensorboard.load),
)
# Tables that were exported: each is asked of their columns, and reads the frame.
EXPORTS: tuple[Source, ...] = (
    Source("W&B export with summary, config, name", _columns(*wandb.COLUMNS), wandb.project),
    Source("scikit-learn cv_results_", _columns(*sklearn_cv.COLUMNS), sklearn_cv.table_of),
    Source("Optuna trials_dataframe", _columns("number", "state", start="params_"), exports.optuna),
    Source("MLflow search_runs", _columns("run_id", start="params."), exports.mlflow),
    Source("Ray Tune data frame", _columns("trial_id", start="config/"), exports.ray),
    Source("Ax summary", _columns("trial_index", "arm_name", "trial_status"), exports.ax),
    Source("W&B line plot", exports.is_plot, exports.plot),
    *(Source("W&B table of runs", _columns("Name", "State", mark), exports.wandb) for mark in exports.WANDB_UI),
)


def exported(frame: pd.DataFrame) -> Table:
    """The table of an export, or a plain table where no tracker's columns are recognised.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"number": [0], "state": ["COMPLETE"], "params_lr": [0.1], "value": [0.5]})
    >>> exported(runs).kind, sorted(exported(runs).chosen)
    ('Optuna trials_dataframe', ['params_lr'])
    """
    columns = [str(name) for name in frame.columns]
    return next((source.load(frame) for source in EXPORTS if source.takes(columns)), Table(frame))


# Objects of trackers' libraries, none of which is imported.
OBJECTS: tuple[Source, ...] = (
    Source("", lambda source: isinstance(source, pd.DataFrame), lambda source: exported(frame.load(source))),
    Source(
        "scikit-learn cv_results_",
        lambda source: isinstance(source, Mapping) and _columns(*sklearn_cv.COLUMNS)(source),
        sklearn_cv.from_mapping,
    ),
    Source(
        "scikit-learn cv_results_", _object("cv_results_"), lambda search: sklearn_cv.from_mapping(search.cv_results_)
    ),
    Source("Optuna study", _object("trials", "directions"), optuna.from_study),
    Source("W&B API", wandb.takes, wandb.read_objects),
    Source("MLflow runs", mlflow.are_runs, mlflow.from_client),
    Source("", _object("get_dataframe"), lambda results: exported(frame.load(results.get_dataframe()))),
    Source("", _object("to_pandas"), lambda table: exported(frame.load(table.to_pandas()))),
)
