"""Can a straight line be believed? Its signs, held against the comparisons that a report bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hpanalysis.errors import UserError
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.report import is_shown
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style.lines import Lines
from hpanalysis.style.listing import first_few

if TYPE_CHECKING:
    from hpanalysis.inquiry.inquiry import Inquiry
    from hpanalysis.questions.answer import Answer


def line_signs(inquiry: Inquiry, regression: Answer) -> Lines:
    """Say which signs of a linear regression disagree with the comparisons of the levels, everything else allowed for.

    Parameters
    ----------
    inquiry
        Into the same sweep.
    regression
        The answer of `importance` with ``measure="ols"``.

    Returns
    -------
    Lines
        A sentence or two. A coefficient takes part where its p, adjusted over the line, is up to .05; it is held
        against the means of its level and the first one, or of the last and the first level or slice of a range.

    Raises
    ------
    UserError
        If the answer is of another measure.

    Notes
    -----
    A line has one sign for a whole range: it misleads where the best lies inside.

    Examples
    --------
    >>> from hpanalysis import Inquiry, importance, line_signs, toys
    >>> sweep = toys.make(toys.STRONG, 400, 1)
    >>> line_signs(Inquiry.of(sweep), importance(sweep, measure="ols", by="pooled"))
    One sign of the line stands clear of zero, and the comparisons of the report show it too.
    """
    if regression.asked.get("measure") != "ols":
        raise UserError(
            f"signs are those of a straight line, not of {regression.asked.get('measure') or regression.question!r}; "
            'give the answer of importance with measure="ols".'
        )
    frame = regression.frame
    line = frame[(frame["effect"] == "column") & (frame["dataset"] == POOLED)]
    clear = line[line["p_adjusted"] <= ALPHA]
    if clear.empty:
        return Lines("No sign of the line stands clear of zero.")
    seen = [_seen(inquiry, row["hyperparameter"], row["value"]) for row in clear.to_dict("records")]
    names = [f"{name} {value}".strip() for name, value in zip(clear["hyperparameter"], clear["value"], strict=True)]
    agree = [sign * x > 0 for sign, x in zip(clear["estimate"], seen, strict=True)]
    turned = [name for name, sign, x in zip(names, clear["estimate"], seen, strict=True) if sign * x < 0]
    silent = [name for name, x in zip(names, seen, strict=True) if x == 0]
    inside = sorted(_inside(inquiry) & set(clear["hyperparameter"]))
    if all(agree) and not inside:
        signs = f"{len(agree)} signs of the line stand" if len(agree) > 1 else "One sign of the line stands"
        return Lines(f"{signs} clear of zero, and the comparisons of the report show {_them(len(agree))} too.")
    text = f"Of {len(clear)} signs of the line that stand clear of zero, the comparisons of the report show "
    text += f"{sum(agree)}"
    text += f" and the opposite of {len(turned)} ({first_few(turned)})" if turned else ""
    text += f"; {len(silent)} they leave open ({first_few(silent)})." if silent else "."
    best = f" A line cannot say that {' and '.join(inside)} {'is' if len(inside) == 1 else 'are'} best inside."
    return Lines(text + best if inside else text)


def _them(n: int) -> str:
    return "them" if n > 1 else "it"


def _seen(inquiry: Inquiry, name: str, level: str) -> float:
    """The sign of a comparison of means that is shown, of a level with the first or of the last one with it; 0 if none.

    The means are those of all runs where there are any, else of the successful ones.
    """
    claims = inquiry.claims
    rows = claims[(claims["question"] == "contrast") & (claims["hyperparameter"] == name) & (claims["scale"] == "mean")]
    rows = rows[rows["dataset"] == POOLED]
    rows = rows[rows["runs"] == ("all" if (rows["runs"] == "all").any() else "successful")]
    if rows.empty:
        return 0.0
    rows = rows[rows["reference"] == rows["reference"].iloc[0]]
    row = (rows[rows["value"] == level] if level else rows).tail(1)
    if not is_shown(row).any():
        return 0.0
    return 1.0 if row["estimate"].iloc[0] > 0 else -1.0


def _inside(inquiry: Inquiry) -> set[str]:
    """The hyperparameters that are shown to be best inside their range."""
    rows: pd.DataFrame = inquiry.claims[inquiry.claims["question"] == "trend"]
    rows = rows[(rows["direction"] == 0) & is_shown(rows)]
    return set(rows["hyperparameter"])
