"""What is recognised and not read? Pickles, and stores without the hyperparameters: each with the way out."""

from __future__ import annotations

from hpanalysis.errors import UserError
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sources.plain.place import Place
from hpanalysis.sweeps.sources.plain.wanted import Wanted

PICKLES = (".pkl", ".pickle", ".joblib", ".pt", ".pth", ".ckpt", ".bin", ".npy", ".npz", ".dill")


def matches(place: Place) -> bool:
    """Whether one of these lies here."""
    return _why(place) is not None


def load(place: Place, wanted: Wanted) -> Table:
    """Say what to give instead.

    Raises
    ------
    UserError
        Always.
    """
    raise UserError(f"{place.path.name} {_why(place)}.")


def _why(place: Place) -> str | None:
    name = place.path.name
    if not place.folder:
        pickled = name.lower().endswith(PICKLES) or place.head[:2] in (
            b"\x80\x02",
            b"\x80\x03",
            b"\x80\x04",
            b"\x80\x05",
        )
        return (
            (
                "may be a pickle, and opening one can run any program; export the results as CSV or JSON, for example "
                "pandas.DataFrame(search.cv_results_).to_csv('results.csv')"
            )
            if pickled
            else None
        )
    if ".aim" in place.names or name == ".aim":
        return (
            "is a repository of Aim, whose database (RocksDB) needs Aim itself; export the runs with "
            "aim.Repo(path).query_runs(...), config and last metrics as a table with a row a run"
        )
    if _is_trainer(place) or any(_is_trainer(inner) for inner in place.inside(20)):
        return (
            "holds checkpoints of the Hugging Face Trainer, which keep the hyperparameters only in a pickle "
            "(training_args.bin); give what the run reported to instead: the folder wandb/, mlruns/, or the "
            "TensorBoard events"
        )
    return None


def _is_trainer(place: Place) -> bool:
    checkpoints = [name for name in place.names if name.startswith("checkpoint-")][:5]
    return place.folder and any((place.path / name / "trainer_state.json").is_file() for name in checkpoints)
