"""Which stores of trackers are known? One line each, in the order in which they are asked."""

from __future__ import annotations

from hpanalysis.sweeps.sources.finding import Source
from hpanalysis.sweeps.sources.trackers import (
    hydra,
    json_stores,
    lightning,
    mlflow_database,
    mlflow_folder,
    optuna_journal,
    optuna_sqlite,
    sklearn_cv,
    tensorboard,
    trackio,
    wandb_offline,
)

STORES: tuple[Source, ...] = (
    optuna_sqlite,
    optuna_journal,
    mlflow_database,
    mlflow_folder,
    trackio,
    wandb_offline,
    json_stores,
    sklearn_cv,
    hydra,
    lightning,
    tensorboard,  # last: other trackers write its events, too
)
