"""How is a text table read? Only an empty cell is missing: None, NA and nan are what they say."""

from __future__ import annotations

import csv
import io
import warnings
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from hpanalysis.errors import UserError, choices
from hpanalysis.sweeps.reading.decimal_commas import settle_commas
from hpanalysis.sweeps.sources.guarded import MOST_COLUMNS, gunzip, too_wide

SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
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
    try:
        header = next(csv.reader(io.StringIO(text), delimiter=(mark := _delimiter(path, text))))
    except (StopIteration, csv.Error):
        raise UserError(f"{path.name} is empty; {EXPECTED}.") from None
    if len(header) > MOST_COLUMNS:
        raise too_wide(path.name, len(header))
    twice = sorted(name for name, times in Counter(header).items() if name and times > 1)
    if twice:
        raise UserError(f"{path.name} has more than one column called {choices(map(repr, twice))}; rename all but one.")
    decimal = "," if mark == ";" else "."
    try:
        with warnings.catch_warnings():
            # Rows longer than the header are cut with a warning: then it is prose, or another delimiter, not a table.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.StringIO(text),
                sep=mark,
                decimal=decimal,
                keep_default_na=False,
                na_values=[""],
                low_memory=False,
                index_col=False,
                skipinitialspace=True,
                on_bad_lines="error",
                float_precision="round_trip",
            )
    except (ValueError, pd.errors.ParserError, pd.errors.ParserWarning) as error:
        why = " ".join(str(error).split())
        raise UserError(f"{path.name} is not a table ({why[:120]}); {EXPECTED}.") from None
    # One text cell keeps pandas from reading the decimal commas of its column.
    return settle_commas(frame, True if decimal == "," else None)


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
