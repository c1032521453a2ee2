"""What do the values of a tracker mean as cells? What is null, absent and not finite stays apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypeGuard

from hpanalysis.sweeps.reading.kinds import few_levels
from hpanalysis.sweeps.sources.plain.guarded import check_width
from hpanalysis.sweeps.space import Level

# A value that was chosen to be null; an absent one is no value at all.
NONE = "None"
ABSENT = object()
DEEPEST = 20
PLAIN = {bool, int, float, str}
_NOT_FINITE = {"nan": "nan", "infinity": "inf", "inf": "inf", "-infinity": "-inf", "-inf": "-inf"}

Values: TypeAlias = Mapping[str, Any]


def flat(values: Values, depth: int = 0) -> dict[str, Any]:
    """Nested names joined with a dot; what is nested deeper than `DEEPEST` is left out.

    Examples
    --------
    >>> flat({"lr": 0.1, "sgd": {"momentum": 0.9}})
    {'lr': 0.1, 'sgd.momentum': 0.9}
    """
    if dict not in set(map(type, values.values())):
        return dict(values)
    out: dict[str, Any] = {}
    for name, value in values.items():
        if not isinstance(value, dict):
            out[str(name)] = value
        elif depth < DEEPEST:
            out |= {f"{name}.{inner}": v for inner, v in flat(value, depth + 1).items()}
        check_width("a run", len(out))
    return out


def chosen_cells(values: Sequence[object], nulls: bool = True) -> list[object]:
    """The cells of what was chosen: a null among levels is the level "None", beside numbers on a range it is no number.

    Examples
    --------
    >>> chosen_cells(["cosine", None, [64, 32]])
    ['cosine', 'None', '[64, 32]']
    """
    if set(map(type, values)) <= PLAIN:
        return list(values)
    known = [v for v in values if v is not None and v is not ABSENT]
    if not nulls or len(known) == len(values):
        return [plain(v) for v in values]
    ranged = {type(v) for v in known} <= {int, float} and not few_levels(len(set(map(str, known))), len(known))
    return [NONE if v is None and not ranged else plain(v) for v in values]


def plain(value: object) -> object:
    """A cell: lists and tuples as text in one spelling, an absent value as none."""
    if value is None or value is ABSENT:
        return None
    if isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return _listed(value, 0)
    item = getattr(value, "item", None)  # a number of numpy
    return item() if callable(item) else str(value)[:200]


def _listed(values: Sequence[object], depth: int) -> str:
    # YAML can hold a list that is small in the file and endless when it is written out.
    if depth > 2 or len(values) > 200:
        return f"[{len(values)} values]"
    items = (_listed(v, depth + 1) if isinstance(v, (list, tuple)) else str(plain(v)) for v in values)
    return f"[{', '.join(items)}]"


def measured_cells(values: Sequence[object]) -> list[object]:
    """The cells of what was measured, each as `outcome` has it."""
    if set(map(type, values)) <= {int, float} and all(map(math.isfinite, values)):  # type: ignore[arg-type]
        return list(values)
    return [outcome(v) for v in values]


def outcome(value: object) -> object:
    """A cell of what was measured: a number, or "nan" where a program recorded that it is none; else none or text."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return _NOT_FINITE.get(value.lower(), value[:500])
    item = getattr(value, "item", None)  # a number of numpy
    return outcome(item()) if callable(item) else None


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a number; truth values are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def as_number(name: str) -> Level:
    """The name of a run that is a number, as a number: trials 2 and 10 in their order."""
    return int(name) if name.isdecimal() and len(name) < 18 else name


def cell_of(text: str) -> Any:
    """A cell of a table that a program wrote: a number, a truth value, text, or none where it is empty.

    Examples
    --------
    >>> [cell_of(text) for text in ("0.1", "64", "True", "None", "007", "")]
    [0.1, 64, True, 'None', '007', None]
    """
    word = text.strip()
    if not word or word in ("True", "False"):
        return word == "True" if word else None
    digits = word.lstrip("+-")
    if digits.isdecimal():
        # A code such as 007 is a name, not a number.
        return int(word) if len(digits) < 18 and (digits == "0" or digits[0] != "0") else word
    try:
        return float(word) if word[0] in "+-.0123456789" else word
    except ValueError:
        return word
