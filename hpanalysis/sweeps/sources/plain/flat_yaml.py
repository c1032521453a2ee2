"""How is a YAML file of a program read fast and safely? Line by line where it is flat, else by a plain loader."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from hpanalysis.errors import UserError
from hpanalysis.sweeps.sources.plain.guarded import bytes_if_there, text_of

# A key and a number, a word of JSON, a plain word, a quoted text or empty brackets: no other rule of YAML touches it.
LINE = re.compile(
    r"([A-Za-z_][\w./-]*): (?:(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null|\[\]|\{\})"
    r"|([A-Za-z_](?:[\w.+/\\@-]|:(?!$))*)|'([^'\\]*)')"
)
OTHER_WORDS = {"Null", "NULL", "True", "TRUE", "False", "FALSE"}


def flat_yaml(path: Path | str) -> dict[str, Any] | None:
    """The mapping in a YAML file; None where there is no such file.

    Raises
    ------
    UserError
        If it is not YAML, or no mapping.
    """
    data, name = bytes_if_there(path), os.path.basename(path)
    return None if data is None else parse_yaml(text_of(data, name), name)


def parse_yaml(text: str, name: str) -> dict[str, Any]:
    """The mapping in a YAML text, `name` for messages.

    Examples
    --------
    >>> parse_yaml("lr: 1.0e-05\\nschedule: null\\nname: 'a'\\n", "hparams.yaml")
    {'lr': 1e-05, 'schedule': None, 'name': 'a'}
    >>> parse_yaml("sizes: !!python/tuple [64, 32]", "hparams.yaml")
    {'sizes': [64, 32]}
    """
    out: dict[str, Any] = {}
    for line in text.splitlines():
        found = LINE.fullmatch(line)
        if found is None or found[3] in OTHER_WORDS:
            return _whole(text, name)
        key, as_json, word, quoted = found.groups()
        out[key] = json.loads(as_json) if as_json else word or quoted
    return out


def _whole(text: str, name: str) -> dict[str, Any]:
    from hpanalysis.sweeps.reading.yaml_text import load_untagged  # flat files need no YAML

    data = load_untagged(text, name)
    if not isinstance(data, dict | None):
        raise UserError(f"{name} holds {type(data).__name__}, not a mapping; give the folder of another run.")
    return {str(key): value for key, value in (data or {}).items()}
