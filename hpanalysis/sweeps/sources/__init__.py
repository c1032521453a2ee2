"""Where do sweeps come from? One small module a tracker and a format, and one way in, `read`.

What lies at a path is found, loaded as a table with what its source knows, and handed to `hpanalysis.sweeps.reading`::

    reader.py           `read`: a source, and what is said about it, becomes a sweep
    opening.py          a path, several, a frame or an object becomes one table with its identity
    finding.py          which source lies at a path: the protocol of all of them, `matches` and `load`
    stores.py           the trackers' stores that are known, one line each
    exports.py          the trackers' exported tables, told by their columns
    objects.py          the objects of trackers' libraries, told by their attributes
    files.py            tables by the ending of their names: csv.py, parquet.py, tables.py; frame.py for pandas
    refused.py          what is recognised and not read, with the way out

what they share::

    place.py guarded.py flat_yaml.py literals.py protobuf.py     files of strangers, read as plain data with limits
    records.py spaces.py json_values.py wanted.py                records and declared spaces become a table

and the trackers::

    optuna.py           optuna_sqlite.py, optuna_journal.py
    mlflow.py           mlflow_database.py, mlflow_folder.py
    wandb.py            wandb_offline.py
    json_stores.py      Ray Tune, SMAC, DeepCAVE, Sacred; keras_tuner.py, ax.py, syne_tune.py
    sklearn_cv.py hydra.py lightning.py tensorboard.py trackio.py
"""

from hpanalysis.sweeps.sources.reader import read
from hpanalysis.sweeps.sources.wandb import frames

__all__ = ["frames", "read"]
