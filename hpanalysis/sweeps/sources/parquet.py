"""How is a Parquet file read? With its own types; nothing is guessed from text."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from hpanalysis.errors import UserError
from hpanalysis.sweeps.sources.plain.guarded import LARGEST, check_size, check_width

SUFFIXES = (".parquet", ".pq")
MOST_CELLS = 2 * 10**8


def load(path: Path) -> pd.DataFrame:
    """The table in a Parquet file; what it says of itself tells whether it is too wide, or would not fit in memory.

    Raises
    ------
    UserError
        If the file is not Parquet, or too large.
    """
    from pyarrow import ArrowException, parquet  # slow to import, and only for this

    try:
        about = parquet.read_metadata(path)
        check_width(path.name, about.num_columns)
        check_size(path.name, sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups)), 2 * LARGEST)
        cells = about.num_rows * about.num_columns
        if cells > MOST_CELLS:
            raise UserError(f"{path.name} says it has {cells:,} cells, more than {MOST_CELLS:,}; give a row a run.")
        return pd.read_parquet(path)
    except (ArrowException, OSError, KeyError, TypeError) as error:
        if isinstance(error, PermissionError):
            raise
        raise UserError(f"{path.name} is not a Parquet table; give a Parquet or CSV file with a row a run.") from None
