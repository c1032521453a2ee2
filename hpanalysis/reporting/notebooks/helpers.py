"""What does a notebook need beside its analysis? To save tables, fold cautions and name versions."""

from __future__ import annotations

import platform
import re
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from hpanalysis.errors import UserError
from hpanalysis.questions.verbs import summary
from hpanalysis.statistics.rounding import published_table
from hpanalysis.style.lines import Lines
from hpanalysis.sweeps.sources import read
from hpanalysis.sweeps.sources.files import A_SWEEP, locate

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer
    from hpanalysis.sweeps.sweep import Sweep

PACKAGES = ("hpanalysis", "numpy", "pandas", "scipy", "statsmodels", "scikit-learn", "matplotlib")


def save_tables(folder: str | Path, **answers: Answer | pd.DataFrame) -> None:
    """Write the tables of answers as CSV, one file each, named by the keyword; numbers to four significant digits.

    Parameters
    ----------
    folder
        Where to; empty to write nothing (a notebook run by hand).
    **answers
        Name -> Answer, or a frame. Letters, digits, ``_`` and ``-`` make a name.

    Returns
    -------
    None
        The files are ``NAME.csv``; a folder that is not there is made.

    Raises
    ------
    UserError
        If a name is not made of these.
    """
    wrong = [name for name in answers if not re.fullmatch(r"[\w\-]+", name)]
    if wrong:
        raise UserError(f"{wrong[0]!r} cannot name a table; use letters, digits, _ and -.")
    if not str(folder):
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, answer in answers.items():
        table = answer if isinstance(answer, pd.DataFrame) else answer.frame
        safe_table(published_table(table)).to_csv(Path(folder) / f"{name}.csv", index=False, lineterminator="\n")


def read_beside(source: str | Path, path: str) -> Sweep | None:
    """The sweep that lies beside another one; None where there is nothing.

    Parameters
    ----------
    source
        The path of a sweep, as `hpanalysis.read` takes it.
    path
        Of the other table, seen from the folder of the first; empty for none.

    Returns
    -------
    Sweep or None
        As the file beside the other table says.

    Examples
    --------
    >>> len(read_beside("data/runge/runs.csv", "../bateman/runs.csv").datasets)
    1
    >>> read_beside("data/runge/runs.csv", "nothing.csv") is None
    True
    """
    other = locate(source, A_SWEEP, folders=True).parent / path
    return read(other) if path and other.is_file() else None


def safe_table(table: pd.DataFrame) -> pd.DataFrame:
    """A copy in which no text can act as a formula when a spreadsheet opens it; numbers are untouched."""
    out = table.copy()
    for i, kind in enumerate(table.dtypes):
        if not pd.api.types.is_numeric_dtype(kind):
            out.isetitem(i, out.iloc[:, i].astype(object).map(_safe, na_action="ignore").to_numpy())
    return out.set_axis([_safe(column) for column in table.columns], axis="columns")


def _safe(value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value


def cautions(checks: Answer) -> Lines:
    """What the checks of a sweep warn of, folded, but open where one says stop; nothing where all of them are fine.

    Parameters
    ----------
    checks
        The answer of `check`.

    Returns
    -------
    Lines
        How many are not fine, and behind it a line for each.

    Examples
    --------
    >>> import hpanalysis as hp
    >>> from hpanalysis import toys
    >>> hp.cautions(hp.check(toys.make(toys.ADDITIVE, 300, 0))).text.splitlines()[0]
    '1 of 6 checks asks for caution'
    """
    verdicts = checks.frame["verdict"].to_list()
    stops, wrong = verdicts.count("stop"), len(verdicts) - verdicts.count("fine")
    if not wrong:
        return Lines("")
    count = stops or wrong
    asks = f"say{'s' * (count == 1)} stop" if stops else f"ask{'s' * (count == 1)} for caution"
    _, *lines = str(summary(checks)).splitlines()
    head = f"{count} of {len(verdicts)} checks {asks}"
    return Lines("\n".join([head, *lines]), folded="open" if stops else "closed")


def versions(sweep: Sweep, **parameters: Any) -> Lines:
    """What is needed to repeat a notebook: the data's hash, the parameters, the packages.

    Parameters
    ----------
    sweep
        The runs that it was about.
    **parameters
        Name -> value, of the notebook.

    Returns
    -------
    Lines
        A line each, which a notebook shows as they are.
    """
    lines = {"data": f"{sweep.source}, {len(sweep):,} runs, sha256 {sweep.sha256}"}
    lines |= {"metric": f"{sweep.metric}, goal {sweep.goal}"}
    lines |= {name: str(value) for name, value in parameters.items()} | {"packages": package_versions()}
    width = max(map(len, lines))
    return Lines("\n".join(f"{name:<{width}}  {text}" for name, text in lines.items()), aligned=True)


@cache
def package_versions() -> str:
    """The versions of Python and of the packages that make the numbers, as one line."""
    return ", ".join([f"Python {platform.python_version()}", *filter(None, map(_version, PACKAGES))])


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return ""
