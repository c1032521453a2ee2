"""How is a pandas frame read? As it is, with a named index kept as columns and decimal commas as points."""

from __future__ import annotations

import hashlib

import pandas as pd

from hpanalysis.sweeps.reading.decimal_commas import settle_commas


def load(source: pd.DataFrame) -> pd.DataFrame:
    """The frame with a plain row index; a named index becomes columns, an unnamed one is dropped.

    Examples
    --------
    >>> import pandas as pd
    >>> load(pd.DataFrame({"loss": [0.4, 0.2]}, index=pd.Index([7, 8], name="run")))
       run  loss
    0    7   0.4
    1    8   0.2
    """
    names = source.index.names
    dropped = [i for i, name in enumerate(names) if name is None or name in source.columns]
    plain = source.reset_index(level=dropped, drop=True) if dropped else source
    plain = plain if len(dropped) == len(names) else plain.reset_index()
    plain = plain.set_axis([_name(name) for name in plain.columns], axis=1)
    plain.attrs = {}  # what others keep there means nothing here
    return settle_commas(plain)


def sha256(source: pd.DataFrame) -> str:
    """The hash that the frame would have as a CSV file, written without its index."""
    return hashlib.sha256(source.to_csv(index=False, lineterminator="\n").encode()).hexdigest()


def _name(name: object) -> str:
    """A column's name as text, without spaces around it; the levels of a header in several rows are joined."""
    parts = [str(part).strip() for part in (name if isinstance(name, tuple) else (name,))]
    return ("_" if parts[0] in ("params", "user_attrs", "system_attrs", "values") else ".").join(filter(None, parts))
