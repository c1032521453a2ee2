"""What was asked in all, and what came out? One page a sweep: every claim, under its hyperparameter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from hpanalysis.evidence.estimate import POOLED
from hpanalysis.reporting.notebooks.helpers import safe_table
from hpanalysis.reporting.site.page import render

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
                        "other": row["other"] if row["hyperparameter"] == name else row["hyperparameter"],
                        "p": _p(row["p"]),
                        "p_adjusted": _p(row["p_adjusted"]),
                    }
                    for row in together.sort_values("p", kind="stable").to_dict("records")
                ],
            }
        )
    return render("claims.html.j2", sweep=sweep, parts=parts, count=len(inquiry.claims))


def hyperparameters(inquiry: Inquiry) -> list[str]:
    """The hyperparameters that the claims are about, in their order."""
    return list(dict.fromkeys(inquiry.claims["hyperparameter"].dropna()))


def claims_csv(inquiry: Inquiry) -> str:
    """Every claim as CSV that a spreadsheet can open safely."""
    return safe_table(inquiry.claims).to_csv(index=False, lineterminator="\n")


def _rows(claims: pd.DataFrame) -> list[dict[str, str]]:
    return [
        {
            "compared": f"{r['value']} − {r['reference']}" if r["kind"] == "contrast" else f"{r['value']} on the way",
            "dataset": r["dataset"] if isinstance(r["dataset"], str) else POOLED,
            "scale": _SCALES.get(r["scale"], r["scale"]),
            "runs": r["runs"],
            "estimate": _number(r["estimate"]),
            "low": _number(r["low"]),
            "high": _number(r["high"]),
            "p_adjusted": _p(r["p_adjusted"]),
            "n": "" if pd.isna(r["n"]) else f"{int(r['n']):,}",
        }
        for r in claims.to_dict("records")
    ]


def _number(x: float | None) -> str:
    if x is None or pd.isna(x):
        return ""
    return "0" if x == 0 else f"{x:.3f}" if 0.001 <= abs(x) < 10 else f"{x:.3g}"


def _p(x: float | None) -> str:
    return "" if x is None or pd.isna(x) else "< 0.001" if x < 0.001 else f"{x:.3f}"
