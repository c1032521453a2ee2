"""How are tables in JSON Lines and in workbooks read? A row an object, or a sheet."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from hpanalysis.errors import UserError, choices
from hpanalysis.sweeps.sources.plain.guarded import (
    LARGEST,
    MOST_COLUMNS,
    Json,
    gunzip,
    json_lines,
    parse_json,
    read_bytes,
    too_large,
    too_wide,
)
from hpanalysis.sweeps.sources.plain.json_values import as_dict
from hpanalysis.sweeps.sources.plain.records import flat, outcome, plain
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
    data = gunzip(path) if path.name.lower().endswith(".gz") else read_bytes(path)
    return _rows(path, json_lines(data, path.name))


def load_json_records(path: Path) -> pd.DataFrame:
    """The table in a JSON file: a list of objects, or an object of columns of one length.

    Raises
    ------
    UserError
        If it is neither.
    """
    data = parse_json(read_bytes(path), path.name)
    columns = {name: held for name, held in data.items() if isinstance(held, list)} if isinstance(data, dict) else {}
    if columns and columns == data and len({len(column) for column in columns.values()}) == 1:
        if len(columns) > MOST_COLUMNS:
            raise too_wide(path.name, len(columns))
        return _rows(path, [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)])
    if isinstance(data, list):
        return _rows(path, data)
    raise UserError(f"{path.name} holds no table; give a list of objects, one a run, or a file of a tracker.")


def _rows(path: Path, values: Sequence[Json]) -> pd.DataFrame:
    rows = [flat(as_dict(value)) for value in values]
    if not rows or not any(rows):
        raise UserError(f"{path.name} holds no JSON object with values; give one a run.")
    names = list(dict.fromkeys(name for row in rows for name in row))
    if len(names) > MOST_COLUMNS:
        raise too_wide(path.name, len(names))
    columns = {name: [_cell(row.get(name)) for row in rows] for name in names}
    return pd.DataFrame({name: pd.Series(column, dtype=_kind(column)) for name, column in columns.items()})


def _cell(value: object) -> object:
    return outcome(value) if isinstance(value, float) else plain(value)


def _kind(column: list[object]) -> type | None:
    return None if all(type(value) in (int, float) for value in column) else object


def load_workbook(path: Path) -> pd.DataFrame:
    """The table in the only sheet of a workbook that has one.

    Raises
    ------
    UserError
        If openpyxl is not installed, the file is no workbook, or several sheets hold a table.
    """
    try:
        with zipfile.ZipFile(path) as file:
            size = sum(item.file_size for item in file.infolist())
        if size > LARGEST:
            raise too_large(path.name, size)
        with pd.ExcelFile(path, engine="openpyxl") as book:
            sheets = {
                str(name): book.parse(name, header=None, keep_default_na=False, na_values=[""])
                for name in book.sheet_names
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
    filled = {name: sheet for name, sheet in sheets.items() if sheet.shape[0] and sheet.shape[1]}
    if len(filled) != 1:
        raise UserError(
            f"{path.name} has {len(filled)} sheets with a table ({choices(filled) or 'none'}); save one as CSV."
        )
    (table,) = filled.values()
    if table.shape[1] > MOST_COLUMNS:
        raise too_wide(path.name, table.shape[1])
    top = [["" if pd.isna(v) else str(v) for v in row] for row in table.head(TOP).to_numpy(dtype=object)]
    header = header_of(top, path.name)
    rows = table.iloc[header.rows :].reset_index(drop=True).set_axis(header.names, axis=1).infer_objects()
    rows.attrs["notes"] = header.notes
    return without_summaries(rows, path.name)
