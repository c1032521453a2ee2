"""How is a Parquet file read? With its own types; nothing is guessed from text."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from hpanalysis.errors import UserError
from hpanalysis.sweeps.sources.plain.guarded import LARGEST, MOST_COLUMNS, too_large, too_wide

SUFFIXES = (".parquet", ".pq")
MOST_CELLS = 2 * 10**8


def load(path: Path) -> pd.DataFrame:
    """The table in a Parquet file.

    Raises
    ------
    UserError
        If the file is not Parquet.
    """
    try:
        _check_size(path)
        return pd.read_parquet(path)
    except UserError:
        raise
    except ImportError:
        raise UserError(f"{path.name} needs pyarrow to be read; install pyarrow or give a CSV file.") from None
    except Exception as error:  # pyarrow raises its own kinds, which must not be imported here
        if isinstance(error, MemoryError):
            raise
        raise UserError(f"{path.name} is not a Parquet table; give a Parquet or CSV file with a row a run.") from None


def _check_size(path: Path) -> None:
    """Refuse, by what the file says of itself, a table that is too wide or that would not fit in memory."""
    from pyarrow import parquet

    about = parquet.read_metadata(path)
    if about.num_columns > MOST_COLUMNS:
        raise too_wide(path.name, about.num_columns)
    size = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
    if size > 2 * LARGEST:
        raise too_large(path.name, size)
    cells = about.num_rows * about.num_columns
    if cells > MOST_CELLS:
        raise UserError(f"{path.name} says that it has {cells:,} cells, more than {MOST_CELLS:,}; give a row a run.")
