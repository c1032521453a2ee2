"""How does an answer read as a table? One row a comparison, one column a scale, each number with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hpanalysis.style import scales
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.inquiry.inquiry import Inquiry


def omnibus_tests(inquiry: Inquiry, *hyperparameters: str) -> Table:
    """Lay out the tests of an inquiry: does a hyperparameter matter at all, and which act together?

    Parameters
    ----------
    inquiry
        In which everything was asked at once.
    *hyperparameters
        One: its test, and its pair with every other one. Several: theirs, and their pairs among each other. None:
        whether each of all hyperparameters matters.

    Returns
    -------
    Table
        The adjusted p holds over the whole report; the plain one is of its test alone.
    """
    names = set(hyperparameters)
    kept = []
    for row in inquiry.claims.itertuples():
        about = {row.hyperparameter} | ({row.other} if row.kind == "interaction" else set())
        fits = about <= names if len(names) > 1 else about & names if names else row.kind == "importance"
        if row.kind in ("importance", "interaction") and fits:
            kept.append(row)
    kept.sort(key=lambda row: (row.kind, row.p))
    asks = {"importance": "does {0} matter at all?", "interaction": "does the effect of {0} depend on {1}?"}
    frame = pd.DataFrame(
        {
            "question": [asks[row.kind].format(row.hyperparameter, row.other) for row in kept],
            "p": [scales.exact_p(row.p) for row in kept],
            "p adjusted for the whole report": [scales.exact_p(row.p_adjusted) for row in kept],
        }
    )
    return Table(frame, () if kept else ("Not asked: fewer than two values have enough runs.",))
