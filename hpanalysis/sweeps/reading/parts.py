"""Which hyperparameters does a name hold? M2.3.32.32 in its parts, as the owner of the table names them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError

NUMBERS = re.compile(r"\d+")


def split_names(frame: pd.DataFrame, parts: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """The table with a column for each part of the names in some columns.

    Parameters
    ----------
    frame
        The table.
    parts
        Column -> names of the whole numbers in its cells, in their order. The last one takes all that are left, as
        they are written: a name M2.3.32.64 has three parts called conv, fc, channels, of which the last is "32.64".

    Raises
    ------
    UserError
        If a column is not there, a part has the name of a column, or a cell holds fewer numbers than there are names.

    Examples
    --------
    >>> models = pd.DataFrame({"model": ["M2.3.32.64", "M1.3.16.32"]})
    >>> split_names(models, {"model": ["conv", "fc", "channels"]})["channels"].tolist()
    ['32.64', '16.32']
    """
    for column, names in parts.items():
        if column not in frame.columns:
            raise UserError(f"parts names the column {column!r}, which is not in the table; choose one of its columns.")
        if taken := [name for name in names if name in frame.columns]:
            raise UserError(f"a part of {column!r} is called {taken[0]!r}, as a column is; give it another name.")
        cells = [None if pd.isna(v) else _parts(str(v), len(names)) for v in frame[column]]
        odd = frame[column][np.array([cell is None for cell in cells]) & frame[column].notna().to_numpy()]
        if len(odd):
            wanted = "a number" if len(names) == 1 else f"{len(names)} numbers"
            raise UserError(
                f"{column!r} holds {str(odd.iloc[0])!r}, which has not {wanted} for {', '.join(names)}; name as many "
                "parts as every name has."
            )
        for i, name in enumerate(names):
            texts = [np.nan if cell is None else cell[i] for cell in cells]
            known = [text for text in texts if isinstance(text, str)]
            whole = len(known) == len(texts) and all(map(str.isdigit, known))
            frame = frame.assign(**{name: pd.Series([int(t) for t in known] if whole else texts, frame.index)})
    return frame


def _parts(text: str, count: int) -> list[str] | None:
    """The first numbers of a text and, as the last part, all that follows them; None where they are too few."""
    found = list(NUMBERS.finditer(text))
    if len(found) < count:
        return None
    return [hit.group() for hit in found[: count - 1]] + [text[found[count - 1].start() :].strip()]
