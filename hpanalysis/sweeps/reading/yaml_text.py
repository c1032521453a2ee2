"""How is YAML read and written? Safely, and so that off, no and 1e-3 mean the same to every reader."""

from __future__ import annotations

import re
from os import PathLike
from pathlib import Path

import yaml

from hpanalysis.errors import UserError, choices


class PlainLoader(yaml.SafeLoader):
    """Safe, and with YAML 1.2 scalars: off and no are text, 1e-3 is a number, a date stays text."""


PlainLoader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag.rpartition(":")[2] not in ("bool", "float", "int", "timestamp")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_NUMBER_START = list("-+.0123456789")
PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
PlainLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), _NUMBER_START)
PlainLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$|^[-+]?\.(?:inf|Inf|nan|NaN)$"),
    _NUMBER_START,
)


def _unique_mapping(loader: PlainLoader, node: yaml.MappingNode) -> dict[object, object]:
    keys = [key.value for key, _ in node.value]
    twice = sorted({str(key) for key in keys if keys.count(key) > 1})
    if twice:
        raise UserError(f"line {node.start_mark.line + 1} declares {choices(twice)} more than once; keep one of each.")
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


PlainLoader.add_constructor("tag:yaml.org,2002:map", _unique_mapping)


def load_yaml(path: str | PathLike[str]) -> dict[str, object]:
    """The mapping in a YAML file; an empty file is an empty one.

    Raises
    ------
    UserError
        If the file is not there, not YAML, or not a mapping.
    """
    path = Path(path)
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=PlainLoader)  # noqa: S506 - a SafeLoader
    except OSError:
        raise UserError(f"no such file: {str(path)!r}; give the path of a YAML file.") from None
    except UserError as error:
        raise UserError(f"{path.name}: {error}") from None
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(
            f"{path.name} is not YAML{_line_of(error)}; correct it, or move it away and draft another with "
            "`hpanalysis describe --write`."
        ) from None
    if data is not None and not isinstance(data, dict):
        raise UserError(f"{path.name} holds {type(data).__name__}, not a mapping; write KEY: VALUE lines.")
    return {str(key): value for key, value in (data or {}).items()}


def _untagged(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None


class _Deep(yaml.SafeLoader):
    """What a Python program wrote, as plain data: tags of Python objects are dropped, nothing is made of them."""


class _Fast(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The same in C, where a text that is nested too deeply would be the end of the program."""


for own in (_Deep, _Fast):
    own.yaml_implicit_resolvers = PlainLoader.yaml_implicit_resolvers
    for tag in ("tag:yaml.org,2002:python/", "!"):
        own.add_multi_constructor(tag, _untagged)


def load_untagged(text: str, name: str) -> object:
    """The value of a YAML text that a program wrote, as plain data, `name` for messages.

    Raises
    ------
    UserError
        If it is not YAML.
    """
    # A short text without many marks cannot be nested deeply.
    marks = sum(text.count(mark) for mark in ("[", "{", "- -", "? ", ": -"))
    try:
        return yaml.load(text, Loader=_Fast if len(text) < 65536 and marks < 200 else _Deep)  # noqa: S506 - SafeLoaders
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        raise UserError(f"{name} is not YAML that can be read{_line_of(error)}; write it again.") from None


def _line_of(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f", line {mark.line + 1}" if mark else ""


class _Dumper(yaml.SafeDumper):
    """Safe, without anchors; text that either YAML would read as something else is quoted."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML reads it from the class
        first: [
            *yaml.SafeDumper.yaml_implicit_resolvers.get(first, []),
            *PlainLoader.yaml_implicit_resolvers.get(first, []),
        ]
        for first in {*yaml.SafeDumper.yaml_implicit_resolvers, *PlainLoader.yaml_implicit_resolvers}
    }

    def ignore_aliases(self, data: object) -> bool:
        return True


def _quoted_breaks(dumper: _Dumper, text: str) -> yaml.Node:
    # A key must stay on its line: text with a line break is written with \n in double quotes.
    style = '"' if len(text.splitlines()) > 1 or text[-1:].splitlines() == [""] else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _quoted_breaks)


def yaml_line(key: str, value: object) -> str:
    """A key and its value as a line of a section, which indents it by two (two lines, where the key is very long).

    Examples
    --------
    >>> yaml_line("augmentation", {"kind": "boolean", "levels": ["off", "on"]})
    "augmentation: {kind: boolean, levels: ['off', 'on']}"
    """
    # YAML allows a key of at most 1,024 characters on one line; a longer one is announced with a question mark.
    text, said = _flow(key), _flow(value)
    return f"{text}: {said}" if len(text) < 1000 else f"? {text}\n  : {said}"


def _flow(value: object) -> str:
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=True, width=10**9)
    return str(text).removesuffix("\n").removesuffix("\n...").strip()
