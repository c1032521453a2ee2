"""How is a YAML file of a program read fast and safely? Line by line where it is flat, else by a plain loader."""

from __future__ import annotations

import os
import re
from pathlib import Path

import yaml

from hpanalysis.errors import UserError
from hpanalysis.sweeps.reading.yaml_text import PlainLoader
from hpanalysis.sweeps.sources.plain.guarded import Json, bytes_if_there, text_of

try:
    from yaml import CSafeLoader as FastLoader
except ImportError:  # PyYAML that was built without libyaml
    from yaml import SafeLoader as FastLoader  # type: ignore[assignment]

# A key and a scalar that no other rule of YAML could touch: a plain word, a quoted one, nothing in brackets.
LINE = re.compile(r"([A-Za-z_][\w./-]*): (?:([A-Za-z0-9_.+/\\-](?:[\w.+/\\@-]|:(?!$))*)|'([^'\\]*)'|(\[\]|\{\}))")
NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
WORDS: dict[str, Json] = {
    **dict.fromkeys(("null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf"), float("inf")),
    "-.inf": float("-inf"),
}


class _Loader(FastLoader):
    """What a Python program wrote, as plain data: tags of Python objects are dropped, nothing is made of them."""

    yaml_implicit_resolvers = PlainLoader.yaml_implicit_resolvers


def _untagged(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None


class _DeepLoader(yaml.SafeLoader):
    """The same in Python, which notices that a text is nested too deeply; in C that is the end of the program."""

    yaml_implicit_resolvers = PlainLoader.yaml_implicit_resolvers


for loader in (_Loader, _DeepLoader):
    loader.add_multi_constructor("tag:yaml.org,2002:python/", _untagged)
    loader.add_multi_constructor("!", _untagged)


def flat_yaml(path: Path | str) -> dict[str, Json] | None:
    """The mapping in a YAML file; None where there is no such file.

    Raises
    ------
    UserError
        If it is not YAML, or no mapping.
    """
    data, name = bytes_if_there(path), os.path.basename(path)
    return None if data is None else parse_yaml(text_of(data, name), name)


def parse_yaml(text: str, name: str) -> dict[str, Json]:
    """The mapping in a YAML text, `name` for messages.

    Examples
    --------
    >>> parse_yaml("lr: 1.0e-05\\nschedule: null\\nname: 'a'\\n", "hparams.yaml")
    {'lr': 1e-05, 'schedule': None, 'name': 'a'}
    >>> parse_yaml("sizes: !!python/tuple [64, 32]", "hparams.yaml")
    {'sizes': [64, 32]}
    """
    out: dict[str, Json] = {}
    for line in text.splitlines():
        found = LINE.fullmatch(line)
        if found is None:
            return _whole(text, name)
        key, plain, quoted, empty = found.groups()
        out[key] = _scalar(plain) if plain is not None else quoted if empty is None else ([] if empty == "[]" else {})
    return out


def _scalar(text: str) -> Json:
    if NUMBER.fullmatch(text):
        # A code such as 007 is a name, not a number.
        return int(text) if WHOLE.fullmatch(text) else text if text.isdecimal() else float(text)
    return WORDS[text] if text in WORDS else text


def _whole(text: str, name: str) -> dict[str, Json]:
    # A short text without many marks cannot be nested deeply.
    marks = sum(text.count(mark) for mark in ("[", "{", "- -", "? ", ": -"))
    try:
        data = yaml.load(text, Loader=_Loader if len(text) < 65536 and marks < 200 else _DeepLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise UserError(f"{name} is not YAML that can be read{where}; write it again.") from None
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise UserError(f"{name} holds {type(data).__name__}, not a mapping; give the folder of another run.")
    return {str(key): value for key, value in data.items()}
