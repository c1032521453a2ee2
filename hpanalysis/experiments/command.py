"""`hpanalysis train`: from the command line to a sweep."""

from __future__ import annotations

import shlex
import signal
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hpanalysis.errors import UserError

if TYPE_CHECKING:
    from hpanalysis.search import Problem
    from hpanalysis.search.plan import Planned

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
FACTORIAL_HELP = """Train small convolutional networks on every combination of three depths of convolution, three
depths of fully connected layers, four widths and four learning rates, each with several seeds, and write the table
of runs and the curves. On it any way of tuning by hand can be replayed: hpanalysis.replay.
"""
TRANSFER_HELP = """Transfer learning: three backbones of different build are trained on --source once; then each run
carries one of them to other images, with a new head, each hyperparameter drawn at random.
"""
BY_HAND_HELP = """Tune the networks of `train factorial` by hand, as it is done: one hyperparameter after the other,
one run for each choice, all else as in the best run so far; then more epochs. The folder of --out gets the table of
runs and the curves.
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


@dataclass(frozen=True, kw_only=True)
class Options(ABC):
    """What every command that trains is asked for, see `SHARED`."""

    out: str
    seed: int = 0
    jobs: int = 1
    scheduler: str = ""
    save_every: int = 200
    export: bool = False

    @abstractmethod
    def command(self) -> str:
        """The command that makes the same sweep, without the folders of this machine."""


@dataclass(frozen=True, kw_only=True)
class DrawnOptions(Options):
    """What those are asked for whose runs are drawn at random: how many."""

    runs: int


@dataclass(frozen=True)
class TrainOptions(DrawnOptions):
    """What `train cnn` was asked for; the help of the command says what each option means.

    Examples
    --------
    >>> TrainOptions(runs=5, out="/elsewhere/sweep", datasets="digits, mnist").command()
    'hpanalysis train cnn --datasets digits,mnist --epochs 15 --seed 0 --device cpu --out sweep --runs {runs}'
    """

    datasets: str = "digits"
    images: str | None = None
    epochs: int = 15
    device: str = "cpu"
    together: int | None = None

    def names(self) -> tuple[str, ...]:
        """The data sets.

        Raises
        ------
        UserError
            If there is none.
        """
        return _named(self.datasets)

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
class FactorialOptions(Options):
    """What `train factorial` was asked for; the help of the command says what each option means.

    Examples
    --------
    >>> FactorialOptions(out="sweep", dataset="digits").command()
    'hpanalysis train factorial --dataset digits --epochs 5 --repeats 2 --seed 0 --device cpu --out sweep'
    """

    dataset: str = "digits"
    images: str | None = None
    epochs: int = 5
    repeats: int = 2
    device: str = "cpu"

    def command(self) -> str:
        """The command that makes the same sweep, without the folders of this machine."""
        words = ["hpanalysis", "train", "factorial", "--dataset", self.dataset, "--epochs", str(self.epochs)]
        words += ["--repeats", str(self.repeats), "--seed", str(self.seed), "--device", self.device]
        words += ["--images", "IMAGES"] if self.images else []
        return shlex.join([*words, "--out", _folder(self.out)])


@dataclass(frozen=True)
class TransferOptions(DrawnOptions):
    """What `train transfer` was asked for; the help of the command says what each option means.

    Examples
    --------
    >>> TransferOptions(runs=5, out="sweep", source="mnist").command().rpartition(" --seed")[0]
    'hpanalysis train transfer --source mnist --datasets digits --epochs 8'
    """

    source: str
    datasets: str = "digits"
    images: str | None = None
    epochs: int = 8
    device: str = "cpu"

    def names(self) -> tuple[str, ...]:
        """The data sets that the backbones are carried to.

        Raises
        ------
        UserError
            If there is none.
        """
        return _named(self.datasets)

    def command(self) -> str:
        """The command that makes the same sweep, without the folders of this machine; {runs} is the number of runs."""
        words = ["hpanalysis", "train", "transfer", "--source", self.source, "--datasets", ",".join(self.names())]
        words += ["--epochs", str(self.epochs), "--seed", str(self.seed), "--device", self.device]
        words += ["--images", "IMAGES"] if self.images else []
        return f"{shlex.join([*words, '--out', _folder(self.out)])} --runs {{runs}}"


@dataclass(frozen=True)
class DenseOptions(DrawnOptions):
    """What `train dense` was asked for; the help of the command says what each option means.

    Examples
    --------
    >>> DenseOptions(runs=5, out="/elsewhere/sweep", target="runge").command()
    'hpanalysis train dense --target runge --seed 0 --out sweep --runs {runs}'
    """

    target: str

    def command(self) -> str:
        """The command that makes the same sweep, without the folders of this machine; {runs} is the number of runs."""
        words = ["hpanalysis", "train", "dense", "--target", self.target, "--seed", str(self.seed)]
        return f"{shlex.join([*words, '--out', _folder(self.out)])} --runs {{runs}}"


def _named(datasets: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in datasets.split(",") if name.strip()))
    if not names:
        raise UserError(f"--datasets is {datasets!r}; name one or more data sets, for example digits,mnist.")
    return names


def _folder(given: str) -> str:
    out = Path(given)
    return out.name if out.is_absolute() or ".." in out.parts else out.as_posix()


RUNS = click.option("--runs", type=int, required=True, metavar="N", help="runs in all, with those already done")
SHARED = (
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


IMAGES = click.option(
    "--images", metavar="DIR", help="folder of .npz files with x_train, y_train, x_test, y_test (uint8)"
)
DEVICE = click.option("--device", default="cpu", metavar="NAME", show_default=True, help="cpu or a GPU such as cuda")
DATASET = click.option(
    "--dataset", default="digits", metavar="NAME", show_default=True, help="the images, as in `train cnn`"
)


@command.command("cnn", help=CNN_HELP, epilog=EXAMPLE, short_help="small convolutional networks on images")
@RUNS
@_with_shared
@click.option("--datasets", default=TrainOptions.datasets, metavar="NAMES", show_default=True, help=DATASETS_HELP)
@IMAGES
@click.option("--epochs", default=TrainOptions.epochs, metavar="N", show_default=True, help="epochs of every run")
@DEVICE
@click.option("--together", type=int, metavar="N", help=TOGETHER_HELP)
def cnn(**asked: Any) -> int:
    """Train convolutional networks, see `CNN_HELP`."""
    return train(TrainOptions(**asked))


@command.command("dense", help=DENSE_HELP, short_help="small dense networks on functions, in numpy")
@RUNS
@_with_shared
@click.option("--target", required=True, metavar="NAME", help="runge, bateman, friedman or digits")
def dense(**asked: Any) -> int:
    """Train dense networks, see `DENSE_HELP`."""
    from hpanalysis.experiments.dense_problem import dense_problem

    options = DenseOptions(**asked)
    problem = dense_problem(options.target)
    return _search(problem, options)


@command.command("transfer", help=TRANSFER_HELP, short_help="heads on networks that know other images")
@RUNS
@_with_shared
@click.option("--source", required=True, metavar="NAME", help="images that the backbones are trained on first")
@click.option(
    "--datasets",
    default="digits",
    metavar="NAMES",
    show_default=True,
    help="images that they are carried to, separated by commas, as in `train cnn`",
)
@IMAGES
@click.option("--epochs", default=8, metavar="N", show_default=True, help="epochs of every run")
@DEVICE
def transfer(**asked: Any) -> int:
    """Train heads on backbones, see `TRANSFER_HELP`."""
    from hpanalysis.experiments.transfer import transfer_problem

    options = TransferOptions(**asked)
    problem = transfer_problem(
        options.source, options.names(), epochs=options.epochs, images=options.images, device=options.device
    )
    return _search(problem, options)


@command.command("factorial", help=FACTORIAL_HELP, short_help="every combination of a few choices, several seeds each")
@_with_shared
@DATASET
@IMAGES
@click.option("--epochs", default=5, metavar="N", show_default=True, help="epochs of every run")
@click.option("--repeats", default=2, metavar="N", show_default=True, help="seeds of each combination")
@DEVICE
def factorial(**asked: Any) -> int:
    """Train a full factorial, see `FACTORIAL_HELP`."""
    from hpanalysis.experiments.by_hand import by_hand_problem

    options = FactorialOptions(**asked)
    problem = by_hand_problem(options.dataset, images=options.images, device=options.device, epochs=options.epochs)
    return _search(problem, options)


@command.command("by-hand", help=BY_HAND_HELP, short_help="the same networks, tuned one hyperparameter at a time")
@click.option("--out", required=True, metavar="DIR", help="folder of the results; made if absent")
@click.option("--seed", default=0, metavar="N", show_default=True, help="seed of the trainings")
@DATASET
@IMAGES
@DEVICE
def by_hand(out: str, seed: int, dataset: str, images: str | None, device: str) -> int:
    """Tune by hand, see `BY_HAND_HELP`."""
    from hpanalysis.experiments.by_hand import START, by_hand_problem
    from hpanalysis.search import Asked, Search, adaptive_search
    from hpanalysis.search.strategies.staged import runs_by_hand

    problem = by_hand_problem(dataset, images=images, device=device)
    words = ["hpanalysis", "train", "by-hand", "--dataset", dataset, "--seed", str(seed), "--device", device]
    words += ["--images", "IMAGES"] if images else []
    runs = runs_by_hand(problem.space)
    asked = Asked("staged", runs, seed=seed, start=tuple(START.items()))
    table = adaptive_search(problem, asked, out, how=Search(command=shlex.join([*words, "--out", _folder(out)])))
    print(f"{runs} runs in {table}")
    return 0


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


def _search(problem: Problem, options: DrawnOptions | FactorialOptions) -> int:
    from hpanalysis.search import Search, export
    from hpanalysis.search.plan import Grid, Plan
    from hpanalysis.search.random_search import carry_out

    if isinstance(options, FactorialOptions):
        plan: Planned = (grid := Grid(problem.space, options.seed, options.repeats))
        runs = grid.runs
    else:
        plan, runs = Plan(problem.space, options.seed), options.runs
    how = Search(options.jobs, options.scheduler, options.save_every, options.command())
    if options.export:
        done = export(problem, options.out, plan=plan, how=how)
        print(f"{done} runs in {Path(options.out) / 'runs.csv'}")
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a polite kill writes the tables first
    try:
        table = carry_out(problem, plan, runs, options.out, how=how)
    except KeyboardInterrupt:
        print("interrupted; the finished runs are kept, repeat the command to continue", file=sys.stderr)
        return 130
    print(f"{runs} runs in {table}")
    return 0
