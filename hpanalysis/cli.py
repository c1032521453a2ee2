"""How is it called? `hpanalysis report`, `findings`, `describe`, `next` and `train`: a thin face over the package."""

from __future__ import annotations

import argparse
import difflib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hpanalysis import __version__
from hpanalysis.errors import UserError

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as every other error of the program does."""

    def error(self, message: str) -> Any:
        raise UserError(f"{message.strip().rstrip('.')}; `{self.prog} --help` lists what there is.")


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
        with _ending_tidily():
            words = list(sys.argv[1:] if argv is None else argv)
            arguments = _parsed(words)
            code = arguments.run(arguments)
            sys.stdout.flush()
            return code
    except UserError as error:
        return _complain(str(error), 2)
    except KeyboardInterrupt:
        return _complain("interrupted; earlier reports are as they were.", 130)
    except BrokenPipeError:
        # The reader of a pipe has seen enough; what is left in the buffer has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


@contextmanager
def _ending_tidily() -> Iterator[None]:
    """Let a polite kill end workers and remove work folders, as an interrupt does."""

    def end(*_: object) -> None:
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


def _parsed(words: list[str]) -> argparse.Namespace:
    parser, commands = _parser(training=words[:1] == ["train"])
    arguments, unknown = parser.parse_known_args(words)
    if unknown:
        own = commands.choices[arguments.command]
        legal = [option for action in own._actions for option in action.option_strings]
        close = difflib.get_close_matches(unknown[0].partition("=")[0], legal, n=1)
        own.error(f"unknown argument {unknown[0]!r}" + (f", did you mean {close[0]}?" if close else ""))
    return arguments


def _parser(*, training: bool) -> tuple[argparse.ArgumentParser, Any]:
    about = "What a finished hyperparameter sweep says, and what it does not say."
    parser = _Parser(prog="hpanalysis", description=about, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"hpanalysis {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)

    report = _command(commands, "report", "run the notebooks on sweeps and write HTML reports", _report)
    _reading_flags(report)
    report.add_argument("--out", metavar="DIR", type=Path, default=Path("reports"), help="where to (default: reports)")
    report.add_argument("--only", metavar="01,03", action="append", default=[], help="numbers or names of notebooks")
    report.add_argument(
        "-p", metavar="NAME=VALUE", action="append", default=[], dest="parameters", help="a notebook's parameter"
    )
    report.add_argument("--jobs", metavar="N", default=str(_cores()), help="notebooks at once (default: %(default)s)")
    report.add_argument("--notebooks", metavar="DIR", type=Path, help="notebooks of your own instead of the project's")

    findings = _command(commands, "findings", "print what sweeps say, without notebooks", _findings)
    _reading_flags(findings)
    findings.add_argument("--json", metavar="FILE", type=Path, help="write them as findings.json, too")
    findings.add_argument("--notebooks", metavar="DIR", type=Path, help="notebooks that findings refer to")

    describe = _command(commands, "describe", "say what was read and inferred from a table", _describe)
    _reading_flags(describe, sources=1)
    describe.add_argument("--write", action="store_true", help="draft NAME.sweep.yaml beside the table")

    following = _command(commands, "next", "propose the space to try next, with a reason a line", _next)
    _reading_flags(following, sources=1)
    following.add_argument("--as", metavar="FORM", dest="form", default="yaml", help="yaml, python or optuna")
    following.add_argument("--out", metavar="FILE", type=Path, help="write it there instead of printing it")

    train = _command(commands, "train", "make a new sweep by training networks (extra `train`)", _train)
    if training:
        # Its flags are its own, and loading them costs what the other commands need not pay.
        _training().add_arguments(train)
    return parser, commands


def _command(commands: Any, name: str, text: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.", allow_abbrev=False)
    parser.set_defaults(run=run)
    return parser


def _reading_flags(parser: argparse.ArgumentParser, sources: int | None = None) -> None:
    parser.add_argument("sources", metavar="SOURCE", nargs=sources or "+", help="a table of runs: CSV, Parquet")
    group = parser.add_argument_group("reading", "what is not said is taken from NAME.sweep.yaml, or inferred")
    add = group.add_argument
    add("--metric", metavar="NAME", help="the column that says how good a run is")
    add("--goal", metavar="max|min", help="whether higher or lower is better")
    add("--role", metavar="COLUMN=ROLE", action="append", dest="roles", help="what a column is")
    add("--dataset", metavar="COLUMN", action="append", dest="datasets", help="a column that names the data set")
    add("--space", metavar="FILE", help="YAML with kinds, ranges and conditions of the hyperparameters")
    add("--where", metavar="FILTER", help="which rows to keep, as in: optimizer == adam and epochs >= 10")
    add("--budget", metavar="max|VALUE", help="compare runs at this budget")
    add("--reduce", metavar="last|best", help="which row of a run counts, when there is one a step")
    add("--test-metric", metavar="NAME", help="the column measured on data that chose nothing")
    add("--transform", metavar="log10", help="analyse the metric on its decimal logarithm")
    add("--margin", metavar="SIZE", help="the practically irrelevant difference of the metric")
    add("--failed-value", metavar="VALUE", help="the metric that a failed run stands for")


_SETTINGS = (
    "metric",
    "goal",
    "space",
    "where",
    "budget",
    "reduce",
    "test_metric",
    "transform",
    "margin",
    "failed_value",
)


def _reading(arguments: argparse.Namespace) -> dict[str, Any]:
    given = {name: getattr(arguments, name) for name in _SETTINGS if getattr(arguments, name) is not None}
    for name in ("margin", "failed_value", "budget"):
        if name in given and not (name == "budget" and given[name] == "max"):
            given[name] = _number(f"--{name.replace('_', '-')}", given[name])
    if arguments.roles:
        given["roles"] = dict(_role(text) for text in arguments.roles)
    if arguments.datasets:
        given["datasets"] = tuple(arguments.datasets)
    return given


def _number(flag: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        legal = "max or a number" if flag == "--budget" else "a number"
        raise UserError(f"{flag} is {text!r}; give {legal}.") from None


def _role(text: str) -> tuple[str, str]:
    column, sign, role = text.rpartition("=")
    if not sign or not column:
        raise UserError(f"--role {text!r} is not COLUMN=ROLE; write for example --role seed=seed.")
    return column, role


def _count(flag: str, text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise UserError(f"{flag} is {text!r}; give a whole number of at least 1.")
    return int(text)


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def _report(arguments: argparse.Namespace) -> int:
    from hpanalysis.reporting.site.report import Request, make_reports

    only = tuple(name.strip() for text in arguments.only for name in text.split(",") if name.strip())
    result = make_reports(
        Request(
            sources=tuple(arguments.sources),
            reading=_reading(arguments),
            out=arguments.out,
            only=only,
            parameters=tuple(arguments.parameters),
            jobs=_count("--jobs", arguments.jobs),
            notebooks=arguments.notebooks,
        )
    )
    for outcome in result.outcomes:
        if outcome.status != "done":
            text = f"hpanalysis: {outcome.notebook} on {outcome.sweep} {outcome.status}: {outcome.reason}"
            print(text, file=sys.stderr)
    print(result.index)
    return 1 if result.failed else 0


def _findings(arguments: argparse.Namespace) -> int:
    from hpanalysis.reporting.notebooks.parameters import load_notebooks, notebooks_folder
    from hpanalysis.reporting.site.listing import as_text, tell
    from hpanalysis.reporting.site.publish import check_writable, write_text
    from hpanalysis.reporting.site.study import findings_json, open_studies

    if arguments.json:
        check_writable(arguments.json, "--json")
    folder = notebooks_folder(arguments.notebooks)
    notebooks = load_notebooks(folder) if any(folder.glob("*.ipynb")) else []
    told = [tell(study, notebooks) for study in open_studies(arguments.sources, _reading(arguments))]
    if arguments.json:
        write_text(arguments.json, findings_json((one.study, one.findings) for one in told))
    print("\n\n".join(as_text(one.study, one.findings) for one in told))
    return 0


def _describe(arguments: argparse.Namespace) -> int:
    from hpanalysis.reporting.site.listing import described
    from hpanalysis.reporting.site.publish import check_writable, write_text
    from hpanalysis.reporting.site.study import open_studies
    from hpanalysis.sweeps.reading.sidecar import draft, sidecar_path
    from hpanalysis.sweeps.sources.reader import supposed

    reading, note = supposed(arguments.sources[0], _reading(arguments))
    (study,) = open_studies(arguments.sources, reading)
    path = sidecar_path(study.source)
    if arguments.write:
        if path.exists():
            raise UserError(f"{str(path)!r} is there already; move it away to draft a new one.")
        check_writable(path, "--write")
        write_text(path, (f"# {note}\n" if note else "") + draft(study.sweep))
    print(described(study) + (f"\n\n{note}" if note else ""))
    if arguments.write:
        print(f"\nDrafted {path}: correct what is wrong there; it is read with the table from now on.")
    return 0


def _next(arguments: argparse.Namespace) -> int:
    from hpanalysis.questions.next_space.ask import next_space
    from hpanalysis.questions.next_space.write_space import write_space
    from hpanalysis.reporting.site.publish import check_writable, write_text
    from hpanalysis.reporting.site.study import open_studies

    if arguments.out:
        check_writable(arguments.out, "--out")
    (study,) = open_studies(arguments.sources, _reading(arguments))
    text = write_space(next_space(study.sweep), arguments.form)
    if arguments.out:
        write_text(arguments.out, text)
    print(arguments.out or text.rstrip())
    return 0


def _train(arguments: argparse.Namespace) -> int:
    return _training().main(arguments) or 0


def _training() -> Any:
    try:
        from hpanalysis.experiments import command
    except ModuleNotFoundError as error:
        raise UserError(
            f"training needs the package {error.name!r}; install it with: pip install 'hpanalysis[train]'."
        ) from None
    return command


if __name__ == "__main__":
    sys.exit(main())
