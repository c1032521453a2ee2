"""What reads the trackers: a function a source, which makes a table of a place, a frame or an object.

optuna.py mlflow.py wandb.py wandb_offline.py   by tracker, each from all places where its runs may lie
json_stores.py                                  Ray Tune, Keras Tuner, SMAC, DeepCAVE, Ax, syne-tune, Sacred
sklearn_cv.py hydra.py lightning.py tensorboard.py trackio.py
exports.py                                      tables that trackers export
refused.py                                      what is recognised and not read, with the way out
"""
