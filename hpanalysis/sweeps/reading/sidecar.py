"""What did the owner of the table say about it? The file NAME.sweep.yaml beside the table: read, and drafted."""

from __future__ import annotations

import re
from os import PathLike
from pathlib import Path
from typing import Any

import yaml

from hpanalysis.errors import UserError, choices, did_you_mean
from hpanalysis.sweeps.reading.settings import Settings
from hpanalysis.sweeps.space import Space
from hpanalysis.sweeps.sweep import Sweep

SUFFIXES = (".csv.gz", ".tsv.gz", ".csv", ".tsv", ".parquet", ".pq")
SIDECAR = ".sweep.yaml"
# The file calls the space by its content; all other keys are the names of the settings.
KEYS = (
    "name",
    "metric",
    "goal",
    "unit",
    "margin",
    "failed_value",
    "k",
    "transform",
    "budget",
    "reduce",
    "where",
    "test_metric",
    "datasets",
    "roles",
    "hyperparameters",
    "columns",
    "about",
)


class _Loader(yaml.SafeLoader):
    """Safe, and with YAML 1.2 scalars: off and no are text, 1e-3 is a number, a date stays text."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag.rpartition(":")[2] not in ("bool", "float", "int", "timestamp")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_NUMBER_START = list("-+.0123456789")
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), _NUMBER_START)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$|^[-+]?\.(?:inf|Inf|nan|NaN)$"),
    _NUMBER_START,
)


def _unique_mapping(loader: _Loader, node: yaml.MappingNode) -> dict:
    keys = [key.value for key, _ in node.value]
    twice = sorted({str(key) for key in keys if keys.count(key) > 1})
    if twice:
        raise UserError(f"line {node.start_mark.line + 1} declares {choices(twice)} more than once; keep one of each.")
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


_Loader.add_constructor("tag:yaml.org,2002:map", _unique_mapping)


def load_yaml(path: str | PathLike) -> dict[str, Any]:
    """The mapping in a YAML file.

    Raises
    ------
    UserError
        If the file is not there, not YAML, or not a mapping.
    """
    path = Path(path)
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    except OSError:
        raise UserError(f"no such file: {str(path)!r}; give the path of a YAML file.") from None
    except UserError as error:
        raise UserError(f"{path.name}: {error}") from None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise UserError(
            f"{path.name} is not YAML{where}; correct it, or move it away and draft another with "
            "`hpanalysis describe --write`."
        ) from None
    if data is not None and not isinstance(data, dict):
        raise UserError(f"{path.name} holds {type(data).__name__}, not a mapping; write KEY: VALUE lines.")
    return {str(key): value for key, value in (data or {}).items()}


def stem(source: str | PathLike) -> str:
    """The name of a table without the suffix of its format: runs for runs.csv.gz."""
    name = Path(source).name
    for suffix in SUFFIXES:
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return name


def sidecar_path(source: str | PathLike) -> Path:
    """Where the sidecar of a table lies: runs.sweep.yaml beside runs.csv, runs.csv.gz or runs.parquet."""
    return Path(source).with_name(stem(source) + SIDECAR)


def load_sidecar(path: str | PathLike) -> Settings:
    """The settings in a sidecar file.

    Raises
    ------
    UserError
        If a key is unknown or a value is not legal; the message names the file and the known keys.
    """
    path = Path(path)
    data = load_yaml(path)
    for key in data:
        if key not in KEYS:
            raise UserError(f"{path.name} has the key {key!r}{did_you_mean(key, KEYS)}; known keys: {', '.join(KEYS)}.")
    if "hyperparameters" in data:
        data["space"] = _space(data.pop("hyperparameters"), path.name)
    try:
        return Settings(**{key: value for key, value in data.items() if value is not None})
    except UserError as error:
        raise UserError(f"{path.name}: {error}") from None


def space_of(space: Any) -> dict[str, dict[str, Any]]:
    """A declared space as name -> plain data, from a `Space`, a mapping or a YAML file with either.

    Raises
    ------
    UserError
        If it is none of these, or a hyperparameter is not declared as a mapping.
    """
    if space is None:
        return {}
    if isinstance(space, Space):
        return space.to_dict()
    if isinstance(space, dict):
        return _space(space, "space")
    if isinstance(space, (str, PathLike)):
        data = load_yaml(space)
        return _space(data.get("hyperparameters", data), Path(space).name)
    raise UserError(f"space is {space!r}; give a Space, a mapping of hyperparameters or the path of a YAML file.")


def draft(sweep: Sweep) -> str:
    """The sidecar that declares what was read and inferred, as YAML text to correct and keep beside the table."""
    settings = {
        "name": sweep.name if sweep.name != stem(Path(sweep.source or sweep.name)) else None,
        "metric": sweep.metric,
        "goal": sweep.goal,
        "unit": sweep.unit or None,
        "margin": sweep.margin,
        "failed_value": sweep.failed_value,
        "k": sweep.k,
        "transform": sweep.transform,
        "test_metric": sweep.test_metric,
        "datasets": list(sweep.columns_with("dataset")) or None,
        **sweep.chosen,
    }
    implied = ("metric", "test metric", "dataset", "hyperparameter")
    roles = {c: role for c, role in sweep.roles.items() if role not in implied and c not in sweep.added}
    parts = [
        f"# What is known about {one_line(sweep.source or sweep.name)}. Correct what is wrong, add what is missing.",
        "# margin: the practically irrelevant difference of the metric. Without it nothing is called negligible.",
        *(_line(key, value) for key, value in settings.items() if value is not None),
    ]
    if sweep.notes:
        parts += ["", "# What was inferred or set aside:", *(f"#   {one_line(note)}" for note in sweep.notes)]
    sections = {
        "roles": roles,
        "hyperparameters": sweep.space.to_dict(),
        "columns": sweep.columns,
        "about": sweep.about,
    }
    for section, content in sections.items():
        if content:
            parts += ["", f"{section}:", *(f"  {_line(key, value)}" for key, value in content.items())]
    return "\n".join(parts) + "\n"


def space_lines(space: Space) -> dict[str, str]:
    """Hyperparameter -> its line under the key ``hyperparameters`` (two, where the name is very long)."""
    return {name: _line(name, data) for name, data in space.to_dict().items()}


def one_line(text: str) -> str:
    """Text for a comment: printable, in one line."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


class _Dumper(yaml.SafeDumper):
    """Safe, without anchors; text that either YAML would read as something else is quoted."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML reads it from the class
        first: [
            *yaml.SafeDumper.yaml_implicit_resolvers.get(first, []),
            *_Loader.yaml_implicit_resolvers.get(first, []),
        ]
        for first in {*yaml.SafeDumper.yaml_implicit_resolvers, *_Loader.yaml_implicit_resolvers}
    }

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _quoted_breaks(dumper: _Dumper, text: str) -> yaml.Node:
    # A key must stay on its line: text with a line break is written with \n in double quotes.
    style = '"' if len(text.splitlines()) > 1 or text[-1:].splitlines() == [""] else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _quoted_breaks)


def _line(key: str, value: Any) -> str:
    # YAML allows a key of at most 1,024 characters on one line; a longer one is announced with a question mark.
    text, value = _flow(key), _flow(value)
    return f"{text}: {value}" if len(text) < 1000 else f"? {text}\n  : {value}"


def _flow(value: Any) -> str:
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=True, width=1e9)
    return text.removesuffix("\n").removesuffix("\n...").strip()


def _space(data: Any, where: str) -> dict[str, dict[str, Any]]:
    if not isinstance(data, dict) or not all(isinstance(item, dict) for item in data.values()):
        raise UserError(
            f"{where}: hyperparameters must map each name to its keys, such as {{kind: continuous, log: true}}."
        )
    return {str(name): dict(item) for name, item in data.items()}
