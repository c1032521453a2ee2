"""`hpanalysis train`: from the command line to a sweep."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
from pathlib import Path

from hpanalysis.errors import UserError

CNN_HELP = """Train many small convolutional networks, each with hyperparameters drawn at random, and write
the table of runs.

The folder of --out gets runs.csv (one row a run), curves.csv.gz (one row a run and epoch) and
runs.sweep.yaml (what the columns mean). Stop it at any moment, by kill -9 too; the same command
continues, and a larger --runs extends the sweep.
"""
AT_ONCE_ON_GPU = 64  # networks: there a step costs the same for one and for many small ones
EXAMPLE = """example:
  hpanalysis train cnn --runs 200 --datasets digits --out my-sweep
  hpanalysis report my-sweep/runs.csv
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `train` understands: one sub-command for each kind of network."""
    kinds = parser.add_subparsers(dest="network", metavar="NETWORK", required=True)
    cnn = kinds.add_parser(
        "cnn",
        help="small convolutional networks on images",
        description=CNN_HELP,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    cnn.add_argument("--runs", type=int, required=True, metavar="N", help="runs in all, with those already done")
    cnn.add_argument("--out", required=True, metavar="DIR", help="folder of the results; made if absent")
    cnn.add_argument(
        "--datasets",
        default="digits",
        metavar="NAMES",
        help="data sets, separated by commas, each as likely as the others: digits (always there), mnist, "
        "fashion-mnist, cifar10, svhn, stl10 (fetched from OpenML once), or NAME for NAME.npz in the folder of "
        "--images (default: digits)",
    )
    cnn.add_argument(
        "--images", metavar="DIR", help="folder of .npz files with x_train, y_train, x_test, y_test (uint8)"
    )
    cnn.add_argument("--epochs", type=int, default=15, metavar="N", help="epochs of every run (default: 15)")
    cnn.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the search (default: 0)")
    cnn.add_argument("--device", default="cpu", metavar="NAME", help="cpu or a GPU such as cuda (default: cpu)")
    cnn.add_argument("--jobs", type=int, default=1, metavar="N", help="worker processes, one thread each (default: 1)")
    cnn.add_argument(
        "--together",
        type=int,
        metavar="N",
        help="networks that learn at once in one process, about N: faster with small images and on a GPU; scores agree "
        f"with those of 1 to rounding, so that a sweep keeps its N (default: 1 on cpu, {AT_ONCE_ON_GPU} on a GPU)",
    )
    cnn.add_argument(
        "--scheduler",
        default="",
        metavar="ADDRESS",
        help="let the workers of a Dask cluster do the runs, such as tcp://host:8786 (extra: distributed)",
    )
    cnn.add_argument("--save-every", type=int, default=200, metavar="N", help="runs after which the tables are renewed")
    cnn.add_argument(
        "--export",
        action="store_true",
        help="train nothing: write the tables from the runs done so far, also while they go on",
    )


def main(args: argparse.Namespace) -> int:
    """Carry out the command; 0 when all runs are done, 130 when it was interrupted.

    Raises
    ------
    UserError
        If an argument cannot be used.
    """
    from hpanalysis.experiments.cnn import cnn_problem
    from hpanalysis.search.random_search import Search, export, random_search

    names = tuple(dict.fromkeys(name.strip() for name in args.datasets.split(",") if name.strip()))
    if not names:
        raise UserError(f"--datasets is {args.datasets!r}; name one or more data sets, for example digits,mnist.")
    problem = cnn_problem(
        names, epochs=args.epochs, images=args.images, device=args.device, together=networks_at_once(args)
    )
    how = Search(jobs=args.jobs, scheduler=args.scheduler, save_every=args.save_every, command=command_of(args, names))
    if args.export:
        print(f"{export(problem, args.out, seed=args.seed, how=how)} runs in {Path(args.out) / 'runs.csv'}")
        return 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a polite kill writes the tables first
    try:
        table = random_search(problem, args.runs, args.out, seed=args.seed, how=how)
    except KeyboardInterrupt:
        print("interrupted; the finished runs are kept, repeat the command to continue", file=sys.stderr)
        return 130
    print(f"{args.runs} runs in {table}")
    return 0


def networks_at_once(args: argparse.Namespace) -> int:
    """What --together says, or what the device makes sensible."""
    if args.together is None:
        return 1 if args.device == "cpu" else AT_ONCE_ON_GPU
    if args.together < 1:
        raise UserError(f"--together is {args.together}; choose 1 to train one by one, or a number of networks from 2.")
    return args.together


def command_of(args: argparse.Namespace, names: tuple[str, ...]) -> str:
    """The command that makes the same sweep, without the folders of this machine; the runs done stand for {runs}."""
    words = ["hpanalysis", "train", "cnn", "--datasets", ",".join(names)]
    words += ["--epochs", str(args.epochs), "--seed", str(args.seed), "--device", args.device]
    words += ["--together", str(networks_at_once(args))] if networks_at_once(args) != 1 else []
    words += ["--images", "IMAGES"] if args.images else []
    out = Path(args.out)
    folder = out.name if out.is_absolute() or ".." in out.parts else out.as_posix()
    return shlex.join([*words, "--out", folder]) + " --runs {runs}"
