"""How is a pandas frame read? As it is, with a named index kept as columns."""

from __future__ import annotations

import hashlib

import pandas as pd


def load(source: pd.DataFrame) -> pd.DataFrame:
    """The frame with a plain row index; a named index becomes columns, an unnamed one is dropped."""
    named = [name for name in source.index.names if name is not None]
    if not named:
        return source.reset_index(drop=True)
    taken = [name for name in named if name in source.columns]
    return source.reset_index(level=taken, drop=True).reset_index() if taken else source.reset_index()


def sha256(source: pd.DataFrame) -> str:
    """The hash that the frame would have as a CSV file, written without its index."""
    return hashlib.sha256(source.to_csv(index=False, lineterminator="\n").encode()).hexdigest()
