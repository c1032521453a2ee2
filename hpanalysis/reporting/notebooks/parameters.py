"""What does a notebook ask for? Its parameters and their types, against what the user gives."""

from __future__ import annotations

import ast
import difflib
import json
import logging
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpanalysis.errors import UserError, choices

SET_BY_THE_RUNNER = ("source", "metric", "goal", "reading", "inquiry", "tables")
_WORDS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


@dataclass(frozen=True)
class Parameter:
    """One line of a notebook's parameters cell: ``name: type = default  # help``."""

    name: str
    type: str
    default: Any
    help: str


@dataclass(frozen=True)
class Notebook:
    """A parameterised notebook, as its file describes it.

    Parameters
    ----------
    path
        Where the file lies.
    title
        Its first heading, without the mark.
    parameters
        Name -> Parameter, in the order of the parameters cell.
    factors
        Parameters that name a hyperparameter without which there is no answer (notebook metadata
        ``hpanalysis.factors``).
    optional
        Parameters that name a hyperparameter which may be absent (``hpanalysis.optional``); the runner passes
        "" where the default is absent.
    fewest
        How many successful runs it needs (``hpanalysis.fewest``); with fewer it is skipped.
    stand_in
        Parameters for which another hyperparameter of the sweep stands in where it lacks their default
        (``hpanalysis.stand_in``): the one that matters most of those not asked about yet.
    ranges
        Parameters that name a hyperparameter on a range (``hpanalysis.ranges``).
    asks
        Kinds of findings that are asked for here of every hyperparameter, or pair (``hpanalysis.asks``).
    """

    path: Path
    title: str
    parameters: dict[str, Parameter]
    factors: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    fewest: int = 0
    stand_in: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The file's name without its ending, for example ``01-augmentation``."""
        return self.path.stem


def notebooks_folder(given: str | Path | None = None) -> Path:
    """The folder of the notebooks: the given one, else the source checkout's, else the one in the wheel.

    Raises
    ------
    UserError
        If the given folder is none.
    """
    if given is not None:
        if not Path(given).is_dir():
            raise UserError(f"{str(given)!r} is not a folder of notebooks; give one that exists to --notebooks.")
        return Path(given).resolve()
    package = Path(__file__).resolve().parents[2]
    checkout = package.parent / "notebooks"
    in_checkout = (package.parent / "pyproject.toml").is_file() and checkout.is_dir()
    return checkout if in_checkout else package / "notebooks"


def load_notebooks(folder: Path) -> list[Notebook]:
    """The notebooks of a folder, in the order of their names.

    Raises
    ------
    UserError
        If the folder holds none, or one cannot be read.
    """
    paths = sorted(p for p in folder.glob("*.ipynb") if not p.name.startswith("."))
    if not paths:
        raise UserError(f"{str(folder)!r} holds no notebook (*.ipynb); give another folder to --notebooks.")
    return [load_notebook(path) for path in paths]


def choose(notebooks: Sequence[Notebook], only: Sequence[str]) -> list[Notebook]:
    """Those of the notebooks that `only` names, by number ("01") or name; all when it is empty.

    Raises
    ------
    UserError
        If a selection fits none of them.
    """
    for wanted in only:
        if not any(_selects(wanted, notebook) for notebook in notebooks):
            names = choices(notebook.name for notebook in notebooks)
            raise UserError(f"--only names {wanted!r}, which is no notebook; choose from {names}.")
    return [n for n in notebooks if not only or any(_selects(wanted, n) for wanted in only)]


def _selects(wanted: str, notebook: Notebook) -> bool:
    return wanted in (notebook.path.name, notebook.name, notebook.name.split("-")[0])


def load_notebook(path: Path) -> Notebook:
    """What a notebook's file says about itself.

    Raises
    ------
    UserError
        If it is not a notebook, or has no parameters cell with a ``source``.
    """
    import nbformat
    import papermill

    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        content = nbformat.read(path, as_version=4)
        # papermill fills {names} into paths; doubled braces stand for themselves.
        found = papermill.inspect_notebook(re.sub(r"([{}])", r"\1\1", str(path)))
    except Exception as error:
        raise UserError(f"{path.name!r} is not a notebook that can be read ({_first_line(error)}); mend it.") from None
    parameters = {name: Parameter(name, _type(p), _literal(p["default"]), p["help"]) for name, p in found.items()}
    if "source" not in parameters:
        raise UserError(
            f"{path.name!r} has no parameter 'source', so it cannot be pointed at a sweep; "
            'add `source: str = "..."` in a cell tagged parameters.'
        )
    own = content.metadata.get("hpanalysis", {})
    lists = {key: tuple(own.get(key, ())) for key in ("factors", "optional", "stand_in", "ranges", "asks")}
    return Notebook(path, _title(content, path.stem), parameters, fewest=int(own.get("fewest", 0)), **lists)


def _type(found: dict[str, Any]) -> str:
    declared = found["inferred_type_name"].split("[")[0].strip()
    return type(_literal(found["default"])).__name__ if declared == "None" else declared


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None


def _title(content: Any, name: str) -> str:
    text = "\n".join(cell.source for cell in content.cells if cell.cell_type == "markdown")
    found = re.search(r"^#\s+(.+?)\s*$", text, re.MULTILINE)
    return found.group(1) if found else name


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def typed(parameter: Parameter, text: str) -> Any:
    """The value of a ``-p NAME=VALUE``, in the type that the notebook declares ("007" stays text for a str).

    Raises
    ------
    UserError
        If the text is no value of that type.
    """
    read, choice = _READERS.get(parameter.type, (str, "text"))
    try:
        return read(text)
    except (ValueError, KeyError):
        raise UserError(
            f"the notebook parameter {parameter.name!r} is declared as {parameter.type} "
            f"and cannot take {text!r}; give {choice}."
        ) from None


def _whole(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d+", text.strip()):
        raise ValueError(text)
    return int(text)


def _json_of(kind: type) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        value = json.loads(text)
        if not isinstance(value, kind):
            raise ValueError(text)
        return value

    return read


_READERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "int": (_whole, "a whole number"),
    "float": (float, "a number"),
    "bool": (lambda text: _WORDS[text.strip().lower()], "true or false"),
    "list": (_json_of(list), 'a list as in \'["a", "b"]\''),
    "dict": (_json_of(dict), "a JSON object as in '{\"a\": 1}'"),
}


def typed_parameters(notebooks: Sequence[Notebook], given: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Notebook name -> its parameters among the given ``NAME=VALUE``, typed as that notebook declares them.

    Raises
    ------
    UserError
        If a name is legal in none of the notebooks, is the runner's own, or a value has the wrong type.
    """
    out: dict[str, dict[str, Any]] = {notebook.name: {} for notebook in notebooks}
    for item in given:
        name, sign, text = item.partition("=")
        takers = [notebook for notebook in notebooks if name in notebook.parameters]
        if not sign or not name:
            raise UserError(f"-p {item!r} is not NAME=VALUE; write for example -p factor=dropout.")
        if name in SET_BY_THE_RUNNER:
            raise UserError(f"-p cannot set {name!r}, which the report sets itself; use the flags of `report`.")
        if not takers:
            raise UserError(_no_such_parameter(name, notebooks))
        for notebook in takers:
            out[notebook.name][name] = typed(notebook.parameters[name], text)
    return out


def _no_such_parameter(name: str, notebooks: Sequence[Notebook]) -> str:
    legal = sorted({p for notebook in notebooks for p in notebook.parameters} - set(SET_BY_THE_RUNNER))
    close = difflib.get_close_matches(name, legal, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else "."
    return (
        f"no selected notebook has a parameter {name!r}: "
        f"{'choose from ' + choices(legal) if legal else 'they have none of their own'}{hint}"
    )
