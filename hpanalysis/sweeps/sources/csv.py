"""How is a text table read? Only an empty cell is missing: None, NA and nan are what they say."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from hpanalysis.errors import UserError
from hpanalysis.sweeps.reading.decimal_commas import settle_commas
from hpanalysis.sweeps.sources.plain.guarded import MOST_COLUMNS, gunzip, too_wide
from hpanalysis.sweeps.sources.sheet import SEPARATOR, TOP, header_of, without_summaries

SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
# pandas 3.0 loses the last digits of numbers unless it is told to keep them; later ones keep them.
EXACT: dict[str, Any] = {"float_precision": "round_trip"} if pd.__version__.startswith("3.0.") else {}
EXPECTED = "give a CSV or Parquet file with a header and a row a run"


def load(path: Path) -> pd.DataFrame:
    """The table in a CSV or TSV file, gzipped or not.

    The delimiter is the tab in a .tsv file, and otherwise whichever of comma, semicolon and tab splits the header most;
    with semicolons the comma is the decimal mark, in columns with a text cell such as nan or auto, too.

    Raises
    ------
    UserError
        If the file is empty, binary, not text in UTF-8, not a table, names a column twice, or leaves open what a point
        in its numbers means.
    """
    text = _text(path)
    said = SEPARATOR.match(text.split("\n", 1)[0])
    if said:
        text = text.split("\n", 1)[1] if "\n" in text else ""
    mark = said.group(1) if said else _delimiter(path, text)
    try:
        rows = list(islice(csv.reader(io.StringIO(text), delimiter=mark), TOP))
    except csv.Error:
        rows = []
    if not any(rows):
        raise UserError(f"{path.name} is empty; {EXPECTED}.")
    if max(map(len, rows)) > MOST_COLUMNS:
        raise too_wide(path.name, max(map(len, rows)))
    header = header_of(rows, path.name)
    decimal = "," if mark == ";" else "."
    try:
        with warnings.catch_warnings():
            # Rows longer than the header are cut with a warning: then it is prose, or another delimiter, not a table.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.StringIO(text),
                sep=mark,
                header=None,
                names=header.names,
                skiprows=header.rows,
                decimal=decimal,
                keep_default_na=False,
                na_values=[""],
                low_memory=False,
                index_col=False,
                skipinitialspace=True,
                on_bad_lines="error",
                **EXACT,
            )
    except (ValueError, pd.errors.ParserError, pd.errors.ParserWarning) as error:
        why = " ".join(str(error).split())
        raise UserError(f"{path.name} is not a table ({why[:120]}); {EXPECTED}.") from None
    # One text cell keeps pandas from reading the decimal commas of its column.
    settled = settle_commas(frame, True if decimal == "," else None)
    settled.attrs["notes"] = (*header.notes, *settled.attrs.get("notes", ()))
    return without_summaries(settled, path.name)


def _text(path: Path) -> str:
    data = gunzip(path) if path.name.lower().endswith(".gz") else path.read_bytes()
    if not data.strip():
        raise UserError(f"{path.name} is empty; {EXPECTED}.")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif b"\0" in data[:100_000]:
        raise UserError(f"{path.name} is a binary file, not a text table; {EXPECTED}.")
    else:
        encoding = "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UserError(
            f"{path.name} is not text in UTF-8 (byte {error.start} cannot be decoded); save it as UTF-8."
        ) from None


def _delimiter(path: Path, text: str) -> str:
    if ".tsv" in path.name.lower():
        return "\t"
    line = next((line for line in _lines(text) if line.strip()), "")
    return max(",;\t", key=line.count)


def _lines(text: str) -> Iterable[str]:
    return io.StringIO(text[:1_000_000])
