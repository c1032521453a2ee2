"""What is recognised and not read? Pickles, and stores without the hyperparameters: each with the way out."""

from __future__ import annotations

from hpanalysis.errors import UserError
from hpanalysis.sweeps.sources.plain.place import Place

PICKLES = (".pkl", ".pickle", ".joblib", ".pt", ".pth", ".ckpt", ".bin", ".npy", ".npz", ".dill")
PICKLED = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
A_PICKLE = (
    "may be a pickle, and opening one can run any program; export the results as CSV or JSON, for example "
    "pandas.DataFrame(search.cv_results_).to_csv('results.csv')"
)
AIM = (
    "is a repository of Aim, whose database (RocksDB) needs Aim itself; export the runs with "
    "aim.Repo(path).query_runs(...), config and last metrics as a table with a row a run"
)
TRAINER = (
    "holds checkpoints of the Hugging Face Trainer, which keep the hyperparameters only in a pickle "
    "(training_args.bin); give what the run reported to instead: the folder wandb/, mlruns/, or the TensorBoard events"
)


def refuse(place: Place) -> None:
    """Say what to give instead of what lies here, where that is known.

    Raises
    ------
    UserError
        If it is.
    """
    name, why = place.path.name, ""
    if not place.folder and (name.lower().endswith(PICKLES) or place.head.startswith(PICKLED)):
        why = A_PICKLE
    elif place.has(".aim") or (place.folder and name == ".aim"):
        why = AIM
    elif place.has("checkpoint-*/trainer_state.json") or place.has("*/checkpoint-*/trainer_state.json"):
        why = TRAINER
    if why:
        raise UserError(f"{name} {why}.")
