"""How is a text table read? Only an empty cell is missing: None, NA and nan are what they say."""

from __future__ import annotations

import csv
import io
import warnings
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from hpanalysis.errors import UserError
from hpanalysis.sweeps.reading.decimal_commas import settle_commas
from hpanalysis.sweeps.sources.plain.guarded import check_width, text_of, unpacked
from hpanalysis.sweeps.sources.sheet import SEPARATOR, TOP, header_of, without_summaries

SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz")
# pandas 3.0 loses the last digits of numbers unless it is told to keep them; later ones keep them.
EXACT: dict[str, Any] = {"float_precision": "round_trip"} if pd.__version__.startswith("3.0.") else {}
EXPECTED = "give a CSV or Parquet file with a header and a row a run"


def load(path: Path) -> pd.DataFrame:
    """The table in a CSV or TSV file, gzipped or not.

    The delimiter is the tab in a .tsv file, and otherwise whichever of comma, semicolon, tab and bar splits the header
    most; with semicolons the comma is the decimal mark, in columns with a text cell such as nan or auto, too.

    Raises
    ------
    UserError
        If the file is empty, binary, not text in UTF-8, not a table, names a column twice, or leaves open what a point
        in its numbers means.
    """
    text = _text(path)
    first = next((line for line in io.StringIO(text[:1_000_000]) if line.strip()), "")
    mark = "\t" if ".tsv" in path.name.lower() else max(",;\t|", key=first.count)
    if said := SEPARATOR.match(text.split("\n", 1)[0]):
        mark, text = said.group(1), text.partition("\n")[2]
    try:
        rows = list(islice(csv.reader(io.StringIO(text), delimiter=mark), TOP))
    except csv.Error:
        rows = []
    if not any(rows):
        raise UserError(f"{path.name} is empty; {EXPECTED}.")
    check_width(path.name, max(map(len, rows)))
    header = header_of(rows, path.name)
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
                decimal="," if mark == ";" else ".",
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
    settled = settle_commas(frame, True if mark == ";" else None)
    settled.attrs["notes"] = (*header.notes, *settled.attrs.get("notes", ()))
    return without_summaries(settled, path.name)


def _text(path: Path) -> str:
    data = unpacked(path)
    if not data.strip():
        raise UserError(f"{path.name} is empty; {EXPECTED}.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\0" in data[:100_000]:
        raise UserError(f"{path.name} is a binary file, not a text table; {EXPECTED}.")
    return text_of(data, path.name)
