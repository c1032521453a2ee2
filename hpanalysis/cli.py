"""How is it called? `hpanalysis report`, `findings`, `describe`, `next`, `train`, `search`: a thin face."""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

import click

from hpanalysis import __version__
from hpanalysis.errors import UserError, one_of

if TYPE_CHECKING:
    from hpanalysis.reporting.site.study import Settings

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns
    -------
    int
        0, or 1 if a notebook failed, 2 for an input that cannot be used, 130 if interrupted.
    """
    # Small tables gain nothing from many threads, and numbers that do not depend on the machine's cores gain much.
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    try:
        with _ending_tidily(), hpanalysis.make_context("hpanalysis", list(sys.argv[1:] if argv is None else argv)) as c:
            code: int = hpanalysis.invoke(c)
            sys.stdout.flush()
            return code
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as error:
        return _complain(_usage(error), 2)
    except UserError as error:
        return _complain(str(error), 2)
    except KeyboardInterrupt:
        return _complain("interrupted; what was finished is in its place, and earlier reports are as they were.", 130)
    except BrokenPipeError:
        # The reader of a pipe has seen enough; what is left in the buffer has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


@contextmanager
def _ending_tidily() -> Iterator[None]:
    """Let a polite kill end workers and remove work folders, as an interrupt does."""

    def end(*_: object) -> NoReturn:
        raise SystemExit(143)

    try:
        before = signal.signal(signal.SIGTERM, end)
    except ValueError:
        # Not in the main thread: the program around has its own way of ending.
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _complain(text: str, code: int) -> int:
    print(f"hpanalysis: {'error: ' if code == 2 else ''}{' '.join(text.split())}", file=sys.stderr)
    return code


def _usage(error: click.UsageError) -> str:
    """What is wrong with a command line, in one sentence."""
    text = re.sub(r"\.? \(?Did you mean (.*\?)\)?$", r", did you mean \1", error.format_message().rstrip("."))
    where = error.ctx.command_path if error.ctx else "hpanalysis"
    return f"{text}{'' if text.endswith('?') else ';'} `{where} --help` lists what there is."


def _budget(_: click.Context, option: click.Parameter, text: str | None) -> float | str | None:
    if text is None or text in ("common", "max"):
        return text
    try:
        return float(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is neither common, max nor a number", param=option) from None


def _pairs(_: click.Context, option: click.Parameter, texts: Sequence[str]) -> dict[str, str]:
    parts = {text: text.rpartition("=") for text in texts}
    for text, (column, _sign, _role) in parts.items():
        if not column:
            example = "seed=seed" if option.name == "roles" else "lr=log"
            raise click.BadParameter(f"{text!r} is not {option.metavar}, as in {example}", param=option)
    return {column: role for column, _sign, role in parts.values()}


def _names(_: click.Context, option: click.Parameter, texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.strip() for text in texts for name in text.split(",") if name.strip())


READING = (
    click.Option(["--metric"], metavar="NAME", help="the column that says how good a run is"),
    click.Option(["--goal"], metavar="max|min", help="whether higher or lower is better"),
    click.Option(["--role", "roles"], metavar="COLUMN=ROLE", multiple=True, callback=_pairs, help="what a column is"),
    click.Option(["--scale"], metavar="COLUMN=log|linear", multiple=True, callback=_pairs, help="how it was drawn"),
    click.Option(
        ["--dataset", "datasets"],
        metavar="A,B",
        multiple=True,
        callback=_names,
        help="the column that names the data set, or several that name it together",
    ),
    click.Option(["--study"], metavar="NAME", help="which study of a tracker's store that holds several"),
    click.Option(["--results"], metavar="FILE", help="the file with the results in each job's folder (Hydra)"),
    click.Option(["--unit"], metavar="COLUMN", help="a column whose values are a piece of evidence each, such as job"),
    click.Option(["--stage"], metavar="COLUMN", help="the stage of tuning by hand in which a run was made"),
    click.Option(["--space"], metavar="FILE", help="YAML with kinds, ranges and conditions of the hyperparameters"),
    click.Option(["--where"], metavar="FILTER", help="which rows to keep, as in: optimizer == adam and epochs >= 10"),
    click.Option(["--budget"], metavar="common|max|VALUE", callback=_budget, help="compare runs at this budget"),
    click.Option(["--reduce"], metavar="last|best", help="which row of a run counts, when there is one for each step"),
    click.Option(["--test-metric"], metavar="NAME", help="the column measured on data that chose nothing"),
    click.Option(["--transform"], metavar="log10", help="analyse the metric on its decimal logarithm"),
    click.Option(["--margin"], metavar="SIZE", type=float, help="the practically irrelevant difference of the metric"),
    click.Option(["--failed-value"], metavar="VALUE", type=float, help="the metric that a failed run stands for"),
    click.Option(["--k"], metavar="N", type=int, help="after tuning: the best of this many runs (20, 10 or 5)"),
)


class _OnSweeps(click.Command):
    """A command that reads sweeps: the options of reading come to it as one record, without what was not given."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.epilog = "What is not said is taken from NAME.sweep.yaml, or inferred."
        self.params += READING

    def invoke(self, ctx: click.Context) -> int:
        given = {str(option.name): ctx.params.pop(str(option.name)) for option in READING}
        if unit := given.pop("unit"):
            given["roles"] = {**given["roles"], unit: "unit"}
        ctx.params["reading"] = {name: value for name, value in given.items() if value not in (None, (), {})}
        code: int = super().invoke(ctx)
        return code


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


class _Commands(click.Group):
    """The commands in their order. That of training is loaded when it is called: it costs what others need not."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*self.commands, "train"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name != "train":
            return super().get_command(ctx, cmd_name)
        try:
            from hpanalysis.experiments.command import command
        except ModuleNotFoundError as error:
            raise UserError(
                f"training needs the package {error.name!r}; install it with: pip install 'hpanalysis[train]'."
            ) from None
        return command


HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=_Commands, context_settings=HELP, no_args_is_help=False, subcommand_metavar="COMMAND ...")
@click.version_option(__version__, message="%(prog)s %(version)s", prog_name="hpanalysis")
def hpanalysis() -> None:
    """What a finished hyperparameter sweep says, and what it does not say."""


FILE = click.Path(path_type=Path)
SOURCE = click.argument("source")
SOURCES = click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)


@hpanalysis.command("report", cls=_OnSweeps)
@SOURCES
@click.option("--out", metavar="DIR", type=FILE, default=Path("reports"), help="where to (default: reports)")
@click.option("--only", metavar="1,3", multiple=True, callback=_names, help="numbers or names of notebooks")
@click.option("-p", "parameters", metavar="NAME=VALUE", multiple=True, help="a notebook's parameter")
@click.option(
    "--jobs", metavar="N", type=click.IntRange(1), default=_cores, help="notebooks at once (default: one a core)"
)
@click.option("--notebooks", metavar="DIR", type=FILE, help="notebooks of your own instead of the project's")
def report(**asked: Any) -> int:
    """Run the notebooks on sweeps and write HTML reports."""
    from hpanalysis.reporting.site.report import Request, make_reports

    result = make_reports(Request(**asked))
    for outcome in result.outcomes:
        if outcome.status != "done":
            text = f"hpanalysis: {outcome.notebook} on {outcome.sweep} {outcome.status}: {outcome.reason}"
            print(text, file=sys.stderr)
    print(result.index)
    return 1 if result.failed else 0


@hpanalysis.command("findings", cls=_OnSweeps)
@SOURCES
@click.option("--json", "file", metavar="FILE", type=FILE, help="write them as findings.json, too")
@click.option("--notebooks", metavar="DIR", type=FILE, help="notebooks that findings refer to")
@click.option("--all", "every", is_flag=True, help="every sentence with its numbers, behind the answers")
def findings(
    sources: tuple[str, ...], file: Path | None, notebooks: Path | None, every: bool, reading: Settings
) -> int:
    """Print what sweeps say of each hyperparameter, without notebooks."""
    from hpanalysis.reporting.files import check_writable, write_text
    from hpanalysis.reporting.notebooks.parameters import load_notebooks, notebooks_folder
    from hpanalysis.reporting.site.listing import as_text, tell, verdicts_as_text, what_more
    from hpanalysis.reporting.site.study import findings_json, open_studies

    if file:
        check_writable(file, "--json")
    folder = notebooks_folder(notebooks)
    books = load_notebooks(folder) if any(folder.glob("*.ipynb")) else []
    told = [tell(study, books, every=every or file is not None) for study in open_studies(sources, reading)]
    if file:
        write_text(file, findings_json(told))
    for one in told:
        print(verdicts_as_text(one))
        if every:
            print(f"\n{as_text(one.study, one.findings)}")
    if not every:
        print(f"\n{what_more(told)}")
    return 0


@hpanalysis.command("describe", cls=_OnSweeps)
@SOURCE
@click.option("--write", is_flag=True, help="draft NAME.sweep.yaml beside the table")
def describe(source: str, write: bool, reading: Settings) -> int:
    """Say what was read and inferred from a table."""
    from hpanalysis.reporting.files import check_writable, write_text
    from hpanalysis.reporting.site.listing import described
    from hpanalysis.reporting.site.study import open_studies
    from hpanalysis.sweeps.reading.sidecar import draft, sidecar_path
    from hpanalysis.sweeps.sources.reader import supposed

    settings, note, guessed = supposed(source, {**reading})
    (study,) = open_studies([source], cast("Settings", settings))
    path = sidecar_path(study.source)
    if write:
        if path.exists():
            raise UserError(f"{str(path)!r} is there already; move it away to draft a new one.")
        check_writable(path, "--write")
        write_text(path, (f"# {note}\n" if note else "") + draft(study.sweep, guessed))
    print(described(study, guessed) + (f"\n\n{note}" if note else ""))
    if write:
        print(f"\nDrafted {path}: correct what is wrong there; it is read with the table from now on.")
    return 0


@hpanalysis.command("next", cls=_OnSweeps)
@SOURCE
@click.option("--as", "form", metavar="FORM", default="yaml", help="yaml, python or optuna")
@click.option("--out", metavar="FILE", type=FILE, help="write it there instead of printing it")
def following(source: str, form: str, out: Path | None, reading: Settings) -> int:
    """Propose the space to try next, with a reason for each line."""
    from hpanalysis.questions.next_space.ask import next_space
    from hpanalysis.questions.next_space.write_space import FORMS, write_space
    from hpanalysis.reporting.files import check_writable, write_text
    from hpanalysis.reporting.site.study import open_studies

    known = one_of("form", form, FORMS)
    if out:
        check_writable(out, "--out")
    (study,) = open_studies([source], reading)
    text = write_space(next_space(study.sweep), known)
    if out:
        write_text(out, text)
    print(out or text.rstrip())
    return 0


STRATEGIES = """\b
strategies, all but the first with the extra `optuna`:
  random         random draws of the whole space
  guided         cheap first, HSIC lifts limits, open, confirm
  two-step       the paper's: freeze small indices, cost drivers cheapest
  two-step-best  the paper's, with the best run's values
  tpe, tpe-confirm, two-objective, half-then-all, cheap-half, placebo
                 what guided is compared with
  staged         by hand, without Optuna: one hyperparameter after the other, from --start
"""


@hpanalysis.command("search", epilog=STRATEGIES, short_help="Search for good hyperparameters, by a strategy.")
@click.argument("problem", metavar="MODULE:PROBLEM")
@click.option("--runs", type=int, required=True, metavar="N", help="runs in all; the phases are shares of them")
@click.option("--out", required=True, metavar="DIR", help="folder of the results; made if absent")
@click.option("--strategy", default="guided", metavar="NAME", show_default=True, help="one of those below")
@click.option("--cheap", metavar="A,B", multiple=True, callback=_names, help="cost drivers, of which low is cheap")
@click.option("--start", metavar="A=1", multiple=True, help="where staged begins, one for each hyperparameter")
@click.option("--seed", default=0, metavar="N", show_default=True, help="seed of the search")
@click.option("--lag", type=int, metavar="N", help="run i uses the results up to run i - N (default: --jobs)")
@click.option("--jobs", default=1, metavar="N", show_default=True, help="worker processes, at most --lag")
@click.option("--scheduler", default="", metavar="ADDRESS", help="of a Dask cluster (extra `distributed`)")
def search(
    problem: str,
    strategy: str,
    runs: int,
    cheap: tuple[str, ...],
    start: tuple[str, ...],
    seed: int,
    lag: int | None,
    **where: Any,
) -> int:
    """Search for good hyperparameters. MODULE:PROBLEM is an hpanalysis.search.Problem, or a function that gives one.

    The strategy guided starts with cheap values of the cost drivers, lets HSIC say when the best runs want them dearer,
    opens the whole space for the last third, and trains the five best again with fresh seeds before it picks one. Stop
    it at any moment, by kill -9 too; the same command continues.
    """
    from hpanalysis.search import Asked
    from hpanalysis.search.command import search as carry_out

    print(carry_out(problem, Asked(strategy, runs, cheap, seed, lag or where["jobs"]), start=start, **where))
    return 0


if __name__ == "__main__":
    sys.exit(main())
