"""What does a notebook ask for? Its parameters and their types, against what the user gives."""

from __future__ import annotations

import ast
import difflib
import io
import json
import re
import tokenize
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from hpanalysis.errors import UserError, choices

# Plain data, as a notebook's parameters and JSON have it.
Value: TypeAlias = "None | bool | int | float | str | list[Value] | dict[str, Value]"
# What a sweep may lack, and without which a notebook has nothing to show.
Need = Literal["hyperparameters", "curves", "stages", "searches"]
NEEDS: tuple[Need, ...] = get_args(Need)
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
    default: Value
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
    hyperparameters
        Parameters that name a hyperparameter without which there is no answer (notebook metadata
        ``hpanalysis.hyperparameters``).
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
    needs
        What the sweep must have (``hpanalysis.needs``, of `NEEDS`); a notebook that needs what is not there is
        skipped.
    headings
        What its report is called (``hpanalysis.headings``), with parameters in braces: the first of a hyperparameter
        that is turned on and off, the last of any other. Its own title where there is none.
    """

    path: Path
    title: str
    parameters: dict[str, Parameter]
    hyperparameters: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    fewest: int = 0
    stand_in: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    headings: tuple[str, ...] = ()

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
    """Those of the notebooks that `only` names, by number ("01" or "1") or name; all when it is empty.

    Raises
    ------
    UserError
        If a selection fits none of them.
    """
    for wanted in only:
        if not any(_selects(wanted, notebook) for notebook in notebooks):
            names = choices(notebook.name for notebook in notebooks)
            raise UserError(
                f"--only names {wanted!r}, which is no notebook{_near(wanted, notebooks)}; choose from {names}."
            )
    return [n for n in notebooks if not only or any(_selects(wanted, n) for wanted in only)]


def _near(wanted: str, notebooks: Sequence[Notebook]) -> str:
    """A question that names the notebook of which a part of the name is nearly the one wanted."""
    parts = {part: n.name for n in notebooks for part in (n.name, n.name.partition("-")[2], *n.name.split("-")[1:])}
    begun = [part for part in parts if len(wanted) > 2 and part.startswith(wanted.lower())]
    close = begun or difflib.get_close_matches(wanted.lower(), list(parts), n=1, cutoff=0.6)
    return f" (did you mean {parts[close[0]]!r}?)" if close else ""


def _selects(wanted: str, notebook: Notebook) -> bool:
    number = notebook.name.partition("-")[0]
    same = wanted.isdecimal() and number.isdecimal() and int(wanted) == int(number)
    return same or wanted in (notebook.path.name, notebook.name, number)


def load_notebook(path: Path) -> Notebook:
    """What a notebook's file says about itself.

    Raises
    ------
    UserError
        If it is not a notebook, has no parameters cell with a ``source``, or says what nobody understands.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        cells = [(cell["cell_type"], "".join(cell["source"]), cell["metadata"]) for cell in content["cells"]]
        own = dict(content["metadata"].get("hpanalysis", {}))
        tagged = (source for _, source, metadata in cells if "parameters" in metadata.get("tags", []))
        parameters = _parameters(next(tagged, ""))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SyntaxError) as error:
        raise UserError(f"{path.name!r} is not a notebook that can be read ({_first_line(error)}); mend it.") from None
    if "source" not in parameters:
        raise UserError(
            f"{path.name!r} has no parameter 'source', so it cannot be pointed at a sweep; "
            'add `source: str = "..."` in a cell tagged parameters.'
        )
    text = "\n".join(source for kind, source, _ in cells if kind == "markdown")
    title = re.search(r"^#\s+(.+?)\s*$", text, re.MULTILINE)
    _check_metadata(path.name, own)
    lists = {key: tuple(value) for key, value in own.items() if key != "fewest"}
    return Notebook(path, title[1] if title else path.stem, parameters, fewest=int(own.get("fewest", 0)), **lists)


def _parameters(source: str) -> dict[str, Parameter]:
    """The assignments of a parameters cell, each with its comment."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = {token.end[0]: token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT}
    out: dict[str, Parameter] = {}
    for node in ast.parse(source).body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or not isinstance(target, ast.Name) or not node.value:
            continue
        default = _literal(node.value)
        declared = ast.unparse(node.annotation) if isinstance(node, ast.AnnAssign) else type(default).__name__
        help_ = comments.get(node.end_lineno or 0, "")
        out[target.id] = Parameter(target.id, declared.partition("[")[0], default, help_)
    return out


def _literal(node: ast.expr) -> Value:
    try:
        value: Value = ast.literal_eval(node)
    except ValueError:
        return None
    return value


def _check_metadata(name: str, own: dict[str, Value]) -> None:
    legal = [f.name for f in fields(Notebook) if f.name not in ("path", "title", "parameters")]
    for key, value in own.items():
        if key in legal and not isinstance(value, int if key == "fewest" else list):
            wanted = "a number" if key == "fewest" else "a list"
            raise UserError(f"the notebook {name!r} has {key}={value!r} in its metadata (hpanalysis); give {wanted}.")
    needs = own.get("needs")
    for said, what, known in ((own, "says", legal), (needs if isinstance(needs, list) else [], "needs", NEEDS)):
        wrong = next((word for word in said if word not in known), None)
        if wrong is not None:
            raise UserError(
                f"the notebook {name!r} {what} {wrong!r} in its metadata (hpanalysis), which is unknown; "
                f"choose from {choices(known)}."
            )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def typed(parameter: Parameter, text: str) -> Value:
    """The value of a ``-p NAME=VALUE``, in the type that the notebook declares ("007" stays text for a str).

    Raises
    ------
    UserError
        If the text is no value of that type.
    """
    read, choice = _READERS.get(parameter.type, _AS_TEXT)
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


def _json_of(kind: type) -> Callable[[str], Value]:
    def read(text: str) -> Value:
        value: Value = json.loads(text)
        if not isinstance(value, kind):
            raise ValueError(text)
        return value

    return read


_AS_TEXT: tuple[Callable[[str], Value], str] = (str, "text")
_READERS: dict[str, tuple[Callable[[str], Value], str]] = {
    "int": (_whole, "a whole number"),
    "float": (float, "a number"),
    "bool": (lambda text: _WORDS[text.strip().lower()], "true or false"),
    "list": (_json_of(list), 'a list as in \'["a", "b"]\''),
    "dict": (_json_of(dict), "a JSON object as in '{\"a\": 1}'"),
}


def typed_parameters(notebooks: Sequence[Notebook], given: Iterable[str]) -> dict[str, dict[str, Value]]:
    """Notebook name -> its parameters among the given ``NAME=VALUE``, typed as that notebook declares them.

    Raises
    ------
    UserError
        If a name is legal in none of the notebooks, is the runner's own, or a value has the wrong type.
    """
    out: dict[str, dict[str, Value]] = {notebook.name: {} for notebook in notebooks}
    for item in given:
        name, sign, text = item.partition("=")
        takers = [notebook for notebook in notebooks if name in notebook.parameters]
        if not sign or not name:
            raise UserError(f"-p {item!r} is not NAME=VALUE; write for example -p hyperparameter=dropout.")
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
