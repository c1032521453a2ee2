"""`hpanalysis train`: from the command line to a sweep."""

from __future__ import annotations

import shlex
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpanalysis.errors import UserError

if TYPE_CHECKING:
    from hpanalysis.search import Problem

CNN_HELP = """Train many small convolutional networks, each with hyperparameters drawn at random, and write
the table of runs.

The folder of --out gets runs.csv (one row for each run), curves.csv.gz (one row for each run and
epoch) and runs.sweep.yaml (what the columns mean). Stop it at any moment, by kill -9 too; the same command
continues, and a larger --runs extends the sweep.
"""
DENSE_HELP = """Train many small dense networks on a function, each with hyperparameters drawn at random, and
write the table of runs. It needs no extra.

The folder of --out gets runs.csv (one row for each run) and runs.sweep.yaml (what the columns mean). Stop it at
any moment, by kill -9 too; the same command continues, and a larger --runs extends the sweep.
"""
AT_ONCE_ON_GPU = 64  # networks: there a step costs the same for one and for many small ones
DATASETS_HELP = (
    "data sets, separated by commas, each as likely as the others: digits (always there), mnist, fashion-mnist, "
    "cifar10, svhn, stl10 (fetched from OpenML once), or NAME for NAME.npz in the folder of --images"
)
TOGETHER_HELP = (
    "networks that learn at once in one process, about N: faster with small images and on a GPU; scores agree with "
    f"those of 1 to rounding, so that a sweep keeps its N (default: 1 on cpu, {AT_ONCE_ON_GPU} on a GPU)"
)
EXAMPLE = """\b
example:
  hpanalysis train cnn --runs 200 --datasets digits --out my-sweep
  hpanalysis report my-sweep/runs.csv
"""


@dataclass(frozen=True)
class TrainOptions:
    """What `train cnn` was asked for; the help of the command says what each option means.

    Examples
    --------
    >>> TrainOptions(runs=5, out="/elsewhere/sweep", datasets="digits, mnist").command()
    'hpanalysis train cnn --datasets digits,mnist --epochs 15 --seed 0 --device cpu --out sweep --runs {runs}'
    """

    runs: int
    out: str
    datasets: str = "digits"
    images: str | None = None
    epochs: int = 15
    seed: int = 0
    device: str = "cpu"
    jobs: int = 1
    together: int | None = None
    scheduler: str = ""
    save_every: int = 200
    export: bool = False

    def names(self) -> tuple[str, ...]:
        """The data sets.

        Raises
        ------
        UserError
            If there is none.
        """
        names = tuple(dict.fromkeys(name.strip() for name in self.datasets.split(",") if name.strip()))
        if not names:
            raise UserError(f"--datasets is {self.datasets!r}; name one or more data sets, for example digits,mnist.")
        return names

    def networks_at_once(self) -> int:
        """What --together says, or what the device makes sensible.

        Raises
        ------
        UserError
            If it is below 1.
        """
        if self.together is None:
            return 1 if self.device == "cpu" else AT_ONCE_ON_GPU
        if self.together < 1:
            raise UserError(
                f"--together is {self.together}; choose 1 to train one by one, or a number of networks from 2."
            )
        return self.together

    def command(self) -> str:
        """The command that makes the same sweep, without the folders of this machine; {runs} is the number of runs."""
        words = ["hpanalysis", "train", "cnn", "--datasets", ",".join(self.names())]
        words += ["--epochs", str(self.epochs), "--seed", str(self.seed), "--device", self.device]
        words += ["--together", str(self.networks_at_once())] if self.networks_at_once() != 1 else []
        words += ["--images", "IMAGES"] if self.images else []
        return f"{shlex.join([*words, '--out', _folder(self.out)])} --runs {{runs}}"


@dataclass(frozen=True)
class DenseOptions:
    """What `train dense` was asked for; the help of the command says what each option means.

    Examples
    --------
    >>> DenseOptions(runs=5, out="/elsewhere/sweep", target="runge").command()
    'hpanalysis train dense --target runge --seed 0 --out sweep --runs {runs}'
    """

    runs: int
    out: str
    target: str
    seed: int = 0
    jobs: int = 1
    scheduler: str = ""
    save_every: int = 200
    export: bool = False

    def command(self) -> str:
        """The command that makes the same sweep, without the folders of this machine; {runs} is the number of runs."""
        words = ["hpanalysis", "train", "dense", "--target", self.target, "--seed", str(self.seed)]
        return f"{shlex.join([*words, '--out', _folder(self.out)])} --runs {{runs}}"


def _folder(given: str) -> str:
    out = Path(given)
    return out.name if out.is_absolute() or ".." in out.parts else out.as_posix()


SHARED = (
    click.option("--runs", type=int, required=True, metavar="N", help="runs in all, with those already done"),
    click.option("--out", required=True, metavar="DIR", help="folder of the results; made if absent"),
    click.option("--seed", default=0, metavar="N", show_default=True, help="seed of the search"),
    click.option("--jobs", default=1, metavar="N", show_default=True, help="worker processes, one thread each"),
    click.option(
        "--scheduler",
        default="",
        metavar="ADDRESS",
        help="let the workers of a Dask cluster do the runs, such as tcp://host:8786 (extra: distributed)",
    ),
    click.option(
        "--save-every", default=200, metavar="N", show_default=True, help="runs after which the tables are renewed"
    ),
    click.option(
        "--export",
        is_flag=True,
        help="train nothing: write the tables from the runs done so far, also while they go on",
    ),
)


def _with_shared(function: Callable[..., int]) -> Callable[..., int]:
    return reduce(lambda f, option: option(f), reversed(SHARED), function)


@click.group("train", no_args_is_help=False, subcommand_metavar="NETWORK ...")
def command() -> None:
    """Make a new sweep by training networks (extra `train`)."""


@command.command("cnn", help=CNN_HELP, epilog=EXAMPLE, short_help="small convolutional networks on images")
@_with_shared
@click.option("--datasets", default=TrainOptions.datasets, metavar="NAMES", show_default=True, help=DATASETS_HELP)
@click.option("--images", metavar="DIR", help="folder of .npz files with x_train, y_train, x_test, y_test (uint8)")
@click.option("--epochs", default=TrainOptions.epochs, metavar="N", show_default=True, help="epochs of every run")
@click.option(
    "--device", default=TrainOptions.device, metavar="NAME", show_default=True, help="cpu or a GPU such as cuda"
)
@click.option("--together", type=int, metavar="N", help=TOGETHER_HELP)
def cnn(**asked: Any) -> int:
    """Train convolutional networks, see `CNN_HELP`."""
    return train(TrainOptions(**asked))


@command.command("dense", help=DENSE_HELP, short_help="small dense networks on functions, in numpy")
@_with_shared
@click.option("--target", required=True, metavar="NAME", help="runge, bateman, friedman or digits")
def dense(**asked: Any) -> int:
    """Train dense networks, see `DENSE_HELP`."""
    from hpanalysis.experiments.dense_problem import dense_problem

    options = DenseOptions(**asked)
    return _search(dense_problem(options.target), options)


def train(options: TrainOptions) -> int:
    """Make or continue a sweep; 0 when all runs are done, 130 when it was interrupted.

    Raises
    ------
    UserError
        If an option cannot be used.
    """
    from hpanalysis.experiments.cnn_problem import cnn_problem

    problem = cnn_problem(
        options.names(),
        epochs=options.epochs,
        images=options.images,
        device=options.device,
        at_once=options.networks_at_once(),
    )
    return _search(problem, options)


def _search(problem: Problem, options: TrainOptions | DenseOptions) -> int:
    from hpanalysis.search import Search, export, random_search

    how = Search(options.jobs, options.scheduler, options.save_every, options.command())
    if options.export:
        done = export(problem, options.out, seed=options.seed, how=how)
        print(f"{done} runs in {Path(options.out) / 'runs.csv'}")
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a polite kill writes the tables first
    try:
        table = random_search(problem, options.runs, options.out, seed=options.seed, how=how)
    except KeyboardInterrupt:
        print("interrupted; the finished runs are kept, repeat the command to continue", file=sys.stderr)
        return 130
    print(f"{options.runs} runs in {table}")
    return 0
