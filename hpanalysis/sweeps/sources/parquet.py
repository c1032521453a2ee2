"""How is a Parquet file read? With its own types; nothing is guessed from text."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from hpanalysis.errors import UserError

SUFFIXES = (".parquet", ".pq")


def load(path: Path) -> pd.DataFrame:
    """The table in a Parquet file.

    Raises
    ------
    UserError
        If the file is not Parquet.
    """
    try:
        return pd.read_parquet(path)
    except ImportError:
        raise UserError(f"{path.name} needs pyarrow to be read; install pyarrow or give a CSV file.") from None
    except Exception as error:  # pyarrow raises its own kinds, which must not be imported here
        if isinstance(error, MemoryError):
            raise
        raise UserError(f"{path.name} is not a Parquet table; give a Parquet or CSV file with a row a run.") from None
