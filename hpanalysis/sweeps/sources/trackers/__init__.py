"""One small module a tracker: `matches` says whether it wrote what lies somewhere, `load` makes a table of it.

optuna.py         optuna_sqlite.py, optuna_journal.py
mlflow.py         mlflow_database.py, mlflow_folder.py
wandb.py          wandb_offline.py
json_stores.py    Ray Tune, SMAC, DeepCAVE, Sacred, and by modules of their own keras_tuner.py, ax.py, syne_tune.py
sklearn_cv.py hydra.py lightning.py tensorboard.py trackio.py
refused.py        what is recognised and not read, with the way out
"""
