"""Is a comma in a number a decimal mark? Decided for a whole table, then applied cell by cell."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError

NOTE = "A comma in a number is read as the decimal mark (inferred)."
TAIL = r"(?:[eE][-+]?\d+)?\s*%?$"
# 0,931 or 12,5 or 1,107 or 1.234,5: what a number looks like where the comma is the decimal mark.
COMMA = re.compile(r"^[-+]?(?:\d*|[1-9]\d{0,2}(?:\.\d{3})+),\d+" + TAIL)
# 0,931 or 89,2 %: nobody writes a thousand like this, so that such a cell says what the comma means.
SURE_COMMA = re.compile(r"^[-+]?(?:0,\d+(?:[eE][-+]?\d+)?\s*%?|[1-9]\d*,\d{1,2}\s*%)$")
# 1,234.5 or 1,234,567: only thousands look like this.
SURE_THOUSANDS = re.compile(r"^[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+|,\d{3})" + TAIL)
# 1.234 is one and a bit or a thousand; 1.234.567 and 1.234,5 leave no doubt.
POINT_GROUPS = re.compile(r"^[-+]?[1-9]\d{0,2}(?:\.\d{3})+$")
SURE_POINT_GROUPS = re.compile(r"^[-+]?[1-9]\d{0,2}(?:(?:\.\d{3}){2,}|(?:\.\d{3})+,\d+)" + TAIL)
POINT = re.compile(r"^[-+]?\d*\.\d+" + TAIL)


def settle_commas(frame: pd.DataFrame, decimal_comma: bool | None = None) -> pd.DataFrame:
    """The table with decimal points, where its numbers were written with decimal commas.

    Text beside the numbers of a column (nan, n/a, auto) stays as it is. A table that was changed says so in
    ``attrs["notes"]``.

    Parameters
    ----------
    frame
        A table as loaded, shape (rows, columns).
    decimal_comma
        Whether the comma is the decimal mark, as in a file that semicolons separate. None to find out: it is when a
        cell such as 0,931 or 89,2% says so, and no other number has a decimal point.

    Raises
    ------
    UserError
        If a column such as 1.234 could hold thousands as well as decimals.

    Examples
    --------
    >>> import pandas as pd
    >>> settle_commas(pd.DataFrame({"lr": ["0,1", "0,01"], "loss": ["1,5", "nan"]}))["loss"].tolist()
    ['1.5', 'nan']
    """
    texts = {i: unique for i in range(frame.shape[1]) if (unique := _texts(frame.iloc[:, i])) is not None}
    if not (_established(frame, texts) if decimal_comma is None else decimal_comma):
        return frame
    changes = {i: change for i, unique in texts.items() if (change := _change(unique))}
    used = bool(changes) or _fractions(frame)
    if used and not any(map(_is_decimal_point, (v.strip() for unique in texts.values() for v in unique))):
        for i, unique in texts.items():
            _refuse_doubt(str(frame.columns[i]), [v.strip() for v in unique if v not in changes.get(i, {})])
    out = frame.copy(deep=False)
    for i, change in changes.items():
        out.isetitem(i, frame.iloc[:, i].map(lambda v, c=change: c.get(v, v) if isinstance(v, str) else v).array)
    if used:
        out.attrs["notes"] = (NOTE,)
    return out


def _texts(column: pd.Series) -> list[str] | None:
    """The different texts of a column, None when it holds no text."""
    if not (pd.api.types.is_object_dtype(column) or pd.api.types.is_string_dtype(column)):
        return None
    try:
        return [v for v in column.dropna().unique().tolist() if isinstance(v, str)]
    except TypeError:  # lists and dicts as cells
        return None


def _established(frame: pd.DataFrame, texts: dict[int, list[str]]) -> bool:
    # 0,1 can be a list of two devices: it means a decimal comma only where nothing has a decimal point.
    cells = [[v.strip() for v in unique] for unique in texts.values()]
    if _fractions(frame) or any(_is_decimal_point(v) for unique in cells for v in unique):
        return False
    return any(any(map(SURE_COMMA.match, unique)) and all(v.count(",") < 2 for v in unique) for unique in cells)


def _fractions(frame: pd.DataFrame) -> bool:
    """Whether a column that was loaded as numbers has some with decimals."""
    floats = [i for i, dtype in enumerate(frame.dtypes) if pd.api.types.is_float_dtype(dtype)]
    values = frame.iloc[:, floats].to_numpy(dtype=float, na_value=np.nan)
    values = values[np.isfinite(values)]
    return bool((values != np.round(values)).any())


def _is_decimal_point(cell: str) -> bool:
    return bool(POINT.match(cell)) and not POINT_GROUPS.match(cell)


def _change(unique: list[str]) -> dict[str, str]:
    """Cell -> the same number with a decimal point, for the cells of one column that need it."""
    cells = {v: v.strip() for v in unique}
    if any(map(SURE_THOUSANDS.match, cells.values())):
        return {}
    commas = {v: c for v, c in cells.items() if COMMA.match(c)}
    change = {v: c.replace(".", "").replace(",", ".") for v, c in commas.items()}
    decimals = any(map(_is_decimal_point, cells.values()))
    if any(map(SURE_POINT_GROUPS.match, cells.values())) or (commas and not decimals):
        change |= {v: c.replace(".", "") for v, c in cells.items() if POINT_GROUPS.match(c)}
    return change


def _refuse_doubt(name: str, cells: list[str]) -> None:
    points = [c for c in cells if POINT_GROUPS.match(c)]
    if points:
        raise UserError(
            f"the column {name!r} holds {points[0]!r} in a table with decimal commas, where a point can mark decimals "
            f"or thousands; write {points[0].replace('.', ',')} or {points[0].replace('.', '')}, whichever is meant."
        )
