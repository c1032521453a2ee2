"""How is a pandas frame read? As it is, with a named index kept as columns and decimal commas as points."""

from __future__ import annotations

import hashlib

import pandas as pd

from hpanalysis.sweeps.reading.decimal_commas import settle_commas


def load(source: pd.DataFrame) -> pd.DataFrame:
    """The frame with a plain row index; a named index becomes columns, an unnamed one is dropped."""
    new = [name for name in source.index.names if name is not None and name not in source.columns]
    marks = [source.index.get_level_values(name) for name in new]
    plain = source.reset_index(drop=True)
    for name, values in zip(reversed(new), reversed(marks), strict=True):
        plain.insert(0, name, values)
    plain.attrs = {}  # what others keep there means nothing here
    return settle_commas(plain)


def sha256(source: pd.DataFrame) -> str:
    """The hash that the frame would have as a CSV file, written without its index."""
    return hashlib.sha256(source.to_csv(index=False, lineterminator="\n").encode()).hexdigest()
