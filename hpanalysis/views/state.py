"""What does a state say? Which runs it selects, and the text that asks for some.

A state is parts joined by ``&``: ``f`` the filters, ``metric``, ``scale``, ``detail``, ``run``, ``axes``, ``turned``.
Filters are joined by ``;`` and are ``column:level,level`` or ``column:low..high``, names and levels percent-encoded one
by one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote, unquote

import numpy as np
from numpy.typing import NDArray

from hpanalysis.sweeps.sweep import Sweep
from hpanalysis.views.columns import SCORES, Column, columns_of, scores

# What a browser's encodeURIComponent leaves as it is.
_SAFE = "!~*'()"
_SEPARATES = re.compile(r"[%&#+\s]")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
Filter = Sequence[str] | tuple[float, float]


def state(filters: Mapping[str, Filter], *, detail: str = "", scale: str = "") -> str:
    """The state that asks for some runs: what follows the ``#`` of a page's address.

    Parameters
    ----------
    filters
        Column -> its levels as text, or the low and the high end as a pair of numbers.
    detail
        The hyperparameter that is looked at closely.
    scale
        ``place`` or ``rank``, where the results are to be compared on these.

    Examples
    --------
    >>> state({"activation": ["elu", "tanh"], "learning_rate": (0.001, 0.01)}, detail="activation")
    'f=activation:elu,tanh;learning_rate:0.001..0.01&detail=activation'
    """
    parts = {"f": ";".join(_written(*item) for item in filters.items()), "scale": scale, "detail": detail}
    return "&".join(f"{name}={_SEPARATES.sub(_encoded, text)}" for name, text in parts.items() if text)


def selected(sweep: Sweep, text: str) -> NDArray[np.bool_]:
    """Which runs a state selects, shape (runs,), as the page that shows it does.

    What the sweep does not have is passed over: a column, a level, a filter that cannot be read.

    Parameters
    ----------
    sweep
        Whose runs.
    text
        A state, with or without the ``#`` before it.

    Examples
    --------
    >>> import pandas as pd
    >>> import hpanalysis as hp
    >>> runs = pd.DataFrame({"optimizer": ["adam", "sgd", "adam"], "acc": [0.9, 0.7, 0.5]})
    >>> sweep = hp.read(runs, metric="acc", goal="max")
    >>> selected(sweep, "f=optimizer:adam;acc:0.6..1").tolist()
    [True, False, False]
    """
    given = dict(part.partition("=")[::2] for part in text.removeprefix("#").split("&"))
    columns = {column.key: column for column in columns_of(sweep)}
    metric = next(column for column in columns.values() if column.role == "metric")
    asked = columns.get(unquote(given.get("metric", "")), metric)
    ranked = scores(sweep, asked if asked.goal else metric)
    keep = np.ones(len(sweep), dtype=bool)
    for part in unquote(given.get("f", "").replace("+", " ")).split(";"):
        key, colon, body = part.partition(":")
        name = unquote(key)
        if not colon:
            continue
        if name in SCORES:
            keep &= _between(ranked[name], body)
        elif name in columns:
            keep &= _passing(columns[name], body)
    return keep


def _encoded(found: re.Match[str]) -> str:
    return quote(found[0], safe="")


def _written(name: str, wanted: Filter) -> str:
    if isinstance(wanted, tuple) and not any(isinstance(value, str) for value in wanted):
        low, high = (float(value) for value in wanted)
        return f"{quote(name, safe=_SAFE)}:{low!r}..{high!r}"
    return f"{quote(name, safe=_SAFE)}:{','.join(quote(str(level), safe=_SAFE) for level in wanted)}"


def _passing(column: Column, body: str) -> NDArray[np.bool_]:
    if not column.levels:
        return _between(column.values.astype(float), body)
    number = {level: i for i, level in enumerate(column.levels)}
    wanted = [number[level] for level in map(unquote, body.split(",")) if level in number]
    return np.isin(column.values, wanted) if wanted else np.ones(len(column.values), dtype=bool)


def _between(values: NDArray[np.float64], body: str) -> NDArray[np.bool_]:
    low, dots, high = body.partition("..")
    if not (dots and _NUMBER.fullmatch(low) and _NUMBER.fullmatch(high)) or float(low) > float(high):
        return np.ones(len(values), dtype=bool)
    return (values >= float(low)) & (values <= float(high))
