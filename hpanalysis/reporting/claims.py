"""What was asked in all, and what came out? One page a sweep: every claim, under its hyperparameter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from hpanalysis.evidence.estimate import POOLED
from hpanalysis.evidence.rounding import ordering, published_table
from hpanalysis.reporting.notebook import safe_table
from hpanalysis.reporting.page import render

if TYPE_CHECKING:
    from hpanalysis.questions.inquiry import Inquiry

_SCALES = {"mean": "mean", "p_better": "P(better)", "best_of_k": "best of k", "p_fail": "P(fail)"}


def anchors(names: list[str]) -> dict[str, str]:
    """Hyperparameter -> the id of its part of the page."""
    return {name: f"h{i}-{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-')[:40]}" for i, name in enumerate(names, 1)}


def claims_page(inquiry: Inquiry, *, sweep: str) -> str:
    """The HTML of ``claims.html``: every claim of an inquiry, under the hyperparameter that it is about.

    Parameters
    ----------
    inquiry
        With its claims.
    sweep
        The name of the sweep, for the head of the page.
    """
    names = hyperparameters(inquiry)
    ids = anchors(names)
    parts = []
    for name in names:
        own = inquiry.claims[inquiry.claims["hyperparameter"] == name]
        pairs = inquiry.claims[inquiry.claims["other"] == name]
        together = pd.concat([own[own["kind"] == "interaction"], pairs])
        compared = own[own["kind"].isin(["contrast", "trend"])]
        pooled = compared["dataset"].fillna(POOLED) == POOLED
        omnibus = own[own["kind"] == "importance"]
        parts.append(
            {
                "name": name,
                "id": ids[name],
                "p": _p(omnibus["p_adjusted"].min()) if len(omnibus) else "",
                "runs": int(omnibus["n"].max()) if len(omnibus) else 0,
                "pooled": _rows(compared[pooled]),
                "apart": _rows(compared[~pooled]),
                "pairs": [
                    {
                        "other": row.other if row.hyperparameter == name else row.hyperparameter,
                        "p": _p(row.p),
                        "p_adjusted": _p(row.p_adjusted),
                    }
                    for row in together.sort_values("p", kind="stable", key=ordering).itertuples()
                ],
            }
        )
    return render("claims.html.j2", sweep=sweep, parts=parts, count=len(inquiry.claims))


def hyperparameters(inquiry: Inquiry) -> list[str]:
    """The hyperparameters that the claims are about, in their order."""
    return list(dict.fromkeys(inquiry.claims["hyperparameter"].dropna()))


def claims_csv(inquiry: Inquiry) -> str:
    """Every claim as CSV that a spreadsheet can open safely, numbers to four significant digits."""
    return safe_table(published_table(inquiry.claims)).to_csv(index=False, lineterminator="\n")


def _rows(claims: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "compared": f"{row.value} − {row.reference}" if row.kind == "contrast" else f"{row.value} on the way",
            "dataset": row.dataset if isinstance(row.dataset, str) else POOLED,
            "scale": _SCALES.get(row.scale, row.scale),
            "runs": row.runs,
            "estimate": _number(row.estimate),
            "low": _number(row.low),
            "high": _number(row.high),
            "p_adjusted": _p(row.p_adjusted),
            "n": "" if pd.isna(row.n) else f"{int(row.n):,}",
        }
        for row in claims.itertuples()
    ]


def _number(x: Any) -> str:
    if x is None or pd.isna(x):
        return ""
    return "0" if x == 0 else f"{x:.3f}" if 0.001 <= abs(x) < 10 else f"{x:.3g}"


def _p(x: Any) -> str:
    return "" if x is None or pd.isna(x) else "< 0.001" if x < 0.001 else f"{x:.3f}"
