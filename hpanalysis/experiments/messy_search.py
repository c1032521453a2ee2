"""What does an export of a search look like that nobody planned? 300 trainings by TPE, pruned, with holes.

python -m hpanalysis.experiments.messy_search --images IMAGES --out data/messy

Small CNNs, chosen by Optuna's TPE, which prunes by the median: momentum is there with one optimizer and weight decay
with one regularizer, and a setting that was added later is not recorded before. The table has the three columns that
W&B's own example exports: summary, config and name.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpanalysis.errors import UserError
from hpanalysis.experiments.cnn import checked
from hpanalysis.experiments.cnn_problem import check_device, need_torch
from hpanalysis.experiments.images import load
from hpanalysis.search.plan import Configuration
from hpanalysis.search.strategies.engine import need_optuna

if TYPE_CHECKING:
    import optuna

TABLE, CURVES, DICTIONARY, STUDY = "project.csv", "curves.csv.gz", "project.sweep.yaml", "journal.log"
EPOCHS = 12
ADDED_AT = 60  # the trial from which augmentation is a choice, and recorded
WARM_UP, FIRST = 2, 20  # epochs and trials without pruning
COLUMNS = {
    "batch_size": "images in one update",
    "optimizer": "Adam, RMSProp, or SGD with momentum",
    "activation": "after every hidden layer",
    "learning_rate": "step size, constant",
    "filter_size": "side of the convolution filters, in pixels",
    "depth_conv": "convolutional layers, each with batch norm",
    "width_conv": "filters of the first layer, doubling in each next",
    "depth_fc": "fully connected layers, the output included",
    "width_fc": "units of the first of them, halving in each next; absent where there is none but the output",
    "regularizer": "none, or weight decay as the optimizer has it",
    "weight_decay": "its strength; absent without it",
    "momentum": "of SGD; absent with other optimizers",
    "augmentation": f"random shifts, rotations and intensity; off, and not recorded, in the first {ADDED_AT} trials",
    "epoch": f"epochs that the trial came to, of {EPOCHS}",
    "val_accuracy": "share right of the validation images after its last epoch; by this TPE chose and pruned",
    "test_accuracy": "share right of the test images; of trials that came to the end",
    "train_loss": "mean cross-entropy of the training batches in the last epoch, as augmented",
    "parameters": "trainable weights",
    "runtime": "CPU seconds (clock seconds on a GPU)",
}
STATES = {"COMPLETE": "finished", "PRUNED": "killed", "FAIL": "crashed", "RUNNING": "crashed"}


def suggested(trial: optuna.Trial) -> Configuration:
    """What a trial tries; what it has no use for, or does not know yet, is absent."""
    chosen: Configuration = {
        "batch_size": trial.suggest_categorical("batch_size", [32, 64, 128]),
        "optimizer": trial.suggest_categorical("optimizer", ["adam", "rmsprop", "momentum"]),
        "activation": trial.suggest_categorical("activation", ["relu", "elu", "tanh"]),
        "learning_rate": trial.suggest_float("learning_rate", 1e-4, 0.3, log=True),
        "filter_size": trial.suggest_categorical("filter_size", [3, 5]),
        "depth_conv": trial.suggest_int("depth_conv", 2, 4),
        "width_conv": trial.suggest_int("width_conv", 4, 16, step=4),
        "depth_fc": trial.suggest_int("depth_fc", 1, 3),
        "regularizer": trial.suggest_categorical("regularizer", ["none", "weight_decay"]),
    }
    if chosen["optimizer"] == "momentum":
        chosen["momentum"] = trial.suggest_float("momentum", 0.5, 0.99)
    if chosen["depth_fc"] != 1:
        chosen["width_fc"] = trial.suggest_int("width_fc", 32, 192, step=32)
    if chosen["regularizer"] == "weight_decay":
        chosen["weight_decay"] = trial.suggest_float("weight_decay", 1e-6, 1e-2, log=True)
    if trial.number >= ADDED_AT:
        chosen["augmentation"] = trial.suggest_categorical("augmentation", ["off", "on"])
    return chosen


def _objective(trial: optuna.Trial, dataset: str, images: str | None, device: str) -> float:
    import torch
    from optuna import TrialPruned

    from hpanalysis.experiments import training
    from hpanalysis.experiments.model import Network, optimizer_for

    training.prepare(device)
    data = training.on_device(dataset, images, device)
    chosen = suggested(trial)
    filled = {"augmentation": "off", "width_fc": 32, "initialization": "glorot_uniform", **chosen}
    configuration = checked(filled)
    clock = training.clock_for(device)
    start = clock()
    generator = torch.Generator().manual_seed(trial.number)
    shape = (data.x_train.shape[1], data.x_train.shape[2])
    network = Network(configuration, shape, data.classes, generator, device)
    optimizer = optimizer_for(
        configuration["optimizer"],
        network.flat,
        configuration["learning_rate"],
        momentum=float(chosen.get("momentum", 0.95)),
        weight_decay=float(chosen.get("weight_decay", 0.0)),
    )

    def after_epoch(epoch: int, accuracy: float) -> bool:
        trial.report(accuracy, epoch)
        return bool(trial.should_prune())

    course = training.Course(
        EPOCHS, configuration["batch_size"], configuration["augmentation"] == "on", after_epoch=after_epoch
    )
    scores = training.learn(network, optimizer, data, course, generator)
    curve = scores["curve"]
    summary: dict[str, Any] = {
        "epoch": len(curve["val_accuracy"]),
        "_step": max(0, len(curve["val_accuracy"]) - 1),
        "_runtime": round(clock() - start, 3),
        "_timestamp": round(time.time(), 1),
        "parameters": scores["parameters"],
    }
    summary |= {name: scores.get(name) for name in ("val_accuracy", "test_accuracy", "train_loss")}
    measured = {"train_loss": curve["train_loss"], "val_accuracy": curve["val_accuracy"]}
    trial.set_user_attr("chosen", chosen)
    trial.set_user_attr("summary", {name: _short(value) for name, value in summary.items() if value is not None})
    trial.set_user_attr("curve", {name: [_short(v) for v in values] for name, values in measured.items()})
    if scores["status"] == "stopped":
        raise TrialPruned
    if scores["status"] == "diverged":
        raise FloatingPointError(scores["error"])
    return float(scores["val_accuracy"])


def _short(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) and value < 1e6 else value


def search(runs: int, out: Path, *, dataset: str, images: str | None, device: str) -> None:
    """Carry out the trials that are not done yet, and write the export; a killed search is continued by the same call.

    Trial i draws from a sampler with seed i, so that what was killed and continued differs from what was not only by
    the trials that were running.
    """
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    load(dataset, images)  # what is wrong with the images is said before anything is written
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    out.mkdir(parents=True, exist_ok=True)
    study = optuna.create_study(
        storage=JournalStorage(JournalFileBackend(str(out / STUDY))),
        study_name="messy",
        direction="maximize",
        load_if_exists=True,
        pruner=optuna.pruners.MedianPruner(n_startup_trials=FIRST, n_warmup_steps=WARM_UP),
    )
    while (number := len(study.trials)) < runs:
        study.sampler = optuna.samplers.TPESampler(seed=number, n_startup_trials=FIRST)
        study.optimize(
            lambda trial: _objective(trial, dataset, images, device), n_trials=1, catch=(FloatingPointError,)
        )
    write_export(study, out, dataset)


def write_export(study: optuna.Study, out: Path, dataset: str) -> None:
    """The export, one row a trial, what was configured and what came of it as dicts; its curves and its dictionary."""
    import yaml

    rows, steps = io.StringIO(), io.StringIO()
    table, curves = csv.writer(rows, lineterminator="\n"), csv.writer(steps, lineterminator="\n")
    table.writerow(["", "summary", "config", "name"])
    curves.writerow(["name", "epoch", "train_loss", "val_accuracy"])
    for trial in study.trials:
        name, told = f"trial-{trial.number:03}", trial.user_attrs
        summary = {**told.get("summary", {}), "state": STATES[trial.state.name]}
        table.writerow([trial.number, repr(summary), repr(told.get("chosen", trial.params)), name])
        curve = told.get("curve", {"train_loss": [], "val_accuracy": []})
        both = zip(curve["train_loss"], curve["val_accuracy"], strict=True)
        curves.writerows([name, epoch, *values] for epoch, values in enumerate(both, start=1))
    (out / TABLE).write_text(rows.getvalue())
    (out / CURVES).write_bytes(gzip.compress(steps.getvalue().encode(), mtime=0))
    command = f"python -m hpanalysis.experiments.messy_search --dataset {dataset} --images IMAGES --out data/messy"
    dictionary = {
        "metric": "val_accuracy",
        "goal": "max",
        "name": "messy",
        "unit": "accuracy",
        "test_metric": "test_accuracy",
        "curves": CURVES,
        "columns": {name: {"description": text} for name, text in COLUMNS.items()},
        "about": {
            "title": f"search by TPE with median pruning over small CNNs on {dataset}, as a tracker exports it",
            "sampler": "tpe",
            "command": f"{command} --runs {len(study.trials)}",
        },
    }
    (out / DICTIONARY).write_text(yaml.safe_dump(dictionary, sort_keys=False, width=110))


@click.command()
@click.option("--runs", default=300, metavar="N", show_default=True, help="trials in all, with those already done")
@click.option("--out", required=True, metavar="DIR", help="folder of the results; made if absent")
@click.option("--dataset", default="cifar10", metavar="NAME", show_default=True, help="the images")
@click.option("--images", metavar="DIR", help="folder of .npz files with x_train, y_train, x_test, y_test (uint8)")
@click.option("--device", default="cpu", metavar="NAME", show_default=True, help="cpu or a GPU such as cuda")
def main(runs: int, out: str, dataset: str, images: str | None, device: str) -> None:
    """Train a messy search: TPE with pruning, exported as a tracker does."""
    need_torch()
    need_optuna("tpe")
    check_device(device)
    search(runs, Path(out), dataset=dataset, images=images, device=device)
    click.echo(f"{runs} runs in {Path(out) / TABLE}")


if __name__ == "__main__":
    try:
        main.main(standalone_mode=False)
    except UserError as error:
        print(f"hpanalysis: {error}", file=sys.stderr)
        sys.exit(2)
