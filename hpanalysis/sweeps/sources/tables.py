"""How are tables in JSON Lines, JSON and workbooks read? A row an object, or a sheet."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from hpanalysis.errors import UserError, choices
from hpanalysis.sweeps.sources.plain.guarded import check_size, check_width, json_lines, load_json, unpacked
from hpanalysis.sweeps.sources.plain.records import dtype_of
from hpanalysis.sweeps.sources.plain.values import flat, outcome, plain
from hpanalysis.sweeps.sources.sheet import TOP, header_of, without_summaries

JSON_LINES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
JSON = (".json",)
WORKBOOKS = (".xlsx",)


def load_json_lines(path: Path) -> pd.DataFrame:
    """The table in a file with a JSON object a line; nested names are joined with a dot, lists are text.

    Raises
    ------
    UserError
        If a line is no JSON object, or there is none.
    """
    return _rows(path, list(json_lines(unpacked(path), path.name)))


def load_json_records(path: Path) -> pd.DataFrame:
    """The table in a JSON file: a list of objects, or an object of columns of one length.

    Raises
    ------
    UserError
        If it is neither.
    """
    data = load_json(path)
    columns = list(data.values()) if isinstance(data, dict) else []
    if columns and all(isinstance(c, list) and len(c) == len(columns[0]) for c in columns):
        check_width(path.name, len(columns))
        data = [dict(zip(data, row, strict=True)) for row in zip(*columns, strict=True)]
    if not isinstance(data, list):
        raise UserError(f"{path.name} holds no table; give a list of objects, one a run, or a file of a tracker.")
    return _rows(path, data)


def _rows(path: Path, values: Sequence[Any]) -> pd.DataFrame:
    rows = [flat(value) if isinstance(value, dict) else {} for value in values]
    if not any(rows):
        raise UserError(f"{path.name} holds no JSON object with values; give one a run.")
    names = dict.fromkeys(name for row in rows for name in row)
    check_width(path.name, len(names))
    columns = {name: [_cell(row.get(name)) for row in rows] for name in names}
    return pd.DataFrame({name: pd.Series(column, dtype=dtype_of(column)) for name, column in columns.items()})


def _cell(value: object) -> object:
    return outcome(value) if isinstance(value, float) else plain(value)


def load_workbook(path: Path) -> pd.DataFrame:
    """The table in the only sheet of a workbook that has one.

    Raises
    ------
    UserError
        If openpyxl is not installed, the file is no workbook, or several sheets hold a table.
    """
    try:
        with zipfile.ZipFile(path) as file:
            check_size(path.name, sum(item.file_size for item in file.infolist()))
        with pd.ExcelFile(path, engine="openpyxl") as book:
            # The cells themselves: pandas would read an error such as #DIV/0! as an empty cell.
            sheets = {
                sheet.title: pd.DataFrame(sheet.values).dropna(how="all", axis=1) for sheet in book.book.worksheets
            }
    except UserError:
        raise
    except ImportError:
        raise UserError(
            f"{path.name} needs openpyxl to be read; install it with: pip install 'hpanalysis[excel]', or save the "
            "sheet as CSV."
        ) from None
    except Exception as error:  # openpyxl passes on whatever a damaged file makes of it
        if isinstance(error, MemoryError):
            raise
        raise UserError(f"{path.name} is not a workbook that can be read; save the sheet as CSV.") from None
    filled = {name: sheet for name, sheet in sheets.items() if sheet.size}
    if len(filled) != 1:
        raise UserError(
            f"{path.name} has {len(filled)} sheets with a table ({choices(filled) or 'none'}); save one as CSV."
        )
    (table,) = filled.values()
    check_width(path.name, table.shape[1])
    top = [["" if pd.isna(v) else str(v) for v in row] for row in table.head(TOP).to_numpy(dtype=object)]
    header = header_of(top, path.name)
    rows = table.iloc[header.rows :].reset_index(drop=True).set_axis(header.names, axis=1).infer_objects()
    rows.attrs["notes"] = header.notes
    return without_summaries(rows, path.name)
