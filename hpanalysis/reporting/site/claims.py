"""What was asked in all, and what came out? One page a sweep: every claim, under its hyperparameter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from hpanalysis.inquiry.verdicts.evidence import Evidence
from hpanalysis.questions.registry import QUESTIONS
from hpanalysis.questions.report import counts_datasets
from hpanalysis.reporting.notebooks.helpers import safe_table
from hpanalysis.reporting.site.figure import alone, figure
from hpanalysis.reporting.site.page import render
from hpanalysis.reporting.site.saving import held
from hpanalysis.statistics.differences import POOLED
from hpanalysis.statistics.rounding import ordering, published_table
from hpanalysis.style.numbers import p_value
from hpanalysis.style.rows import rows_of
from hpanalysis.views.script import page_script

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hpanalysis.inquiry.inquiry import Inquiry
    from hpanalysis.inquiry.verdicts.verdict import Verdict

_SCALES = {
    "mean": "mean",
    "p_better": "P(better)",
    "best_of_k": "best of k",
    "median_best_of_k": "median best of k",
    "p_fail": "P(fail)",
    "data sets, p_better": "data sets",
    "data sets, best_of_k": "data sets",
    "data sets, median_best_of_k": "data sets",
    "data sets within the margin, mean": "data sets",
    "data sets within the margin, best_of_k": "data sets",
    "data sets within the margin, median_best_of_k": "data sets",
}


def anchors(names: list[str]) -> dict[str, str]:
    """Hyperparameter -> the id of its part of the page."""
    return {name: f"h{i}-{re.sub(r'[^A-Za-z0-9]+', '-', name).strip('-')[:40]}" for i, name in enumerate(names, 1)}


def claims_page(inquiry: Inquiry, *, sweep: str, verdicts: Sequence[Verdict] = ()) -> str:
    """The HTML of ``claims.html``: every claim of an inquiry, under the hyperparameter that it is about.

    Parameters
    ----------
    inquiry
        With its claims.
    sweep
        The name of the sweep, for the head of the page.
    verdicts
        What stands above the claims of each hyperparameter.
    """
    said = {v.hyperparameter: v.text for v in verdicts}
    names = hyperparameters(inquiry)
    ids = anchors(names)
    parts = []
    for name in names:
        own = inquiry.claims[inquiry.claims["hyperparameter"] == name]
        drawn = figure(Evidence(name, inquiry), ids[name])
        pairs = inquiry.claims[inquiry.claims["other"] == name]
        together = pd.concat([own[own["question"] == "interactions"], pairs])
        compared = own[own["question"].isin(["contrast", "tuned_contrast", "trend", "replicability"])]
        pooled = compared["dataset"].fillna(POOLED) == POOLED
        omnibus = own[own["question"] == "omnibus_tests"]
        parts.append(
            {
                "name": name,
                "id": ids[name],
                "figure": drawn,
                "saved": held("image/svg+xml", alone(drawn)) if drawn else "",
                "verdict": said.get(name, ""),
                "p": _p(omnibus["p_adjusted"].min()) if len(omnibus) else "",
                "runs": int(omnibus["n"].max()) if len(omnibus) else 0,
                "pooled": _rows(compared[pooled]),
                # Where data sets are counted the rows of each are thousands, without limits that hold together.
                "apart": [] if counts_datasets(inquiry.about["datasets"]) else _rows(compared[~pooled]),
                "pairs": [
                    {
                        "other": row["other"] if row["hyperparameter"] == name else row["hyperparameter"],
                        "p": _p(row["p"]),
                        "p_adjusted": _p(row["p_adjusted"]),
                    }
                    for row in together.sort_values("p", kind="stable", key=ordering).to_dict("records")
                ],
            }
        )
    return render("claims.html.j2", sweep=sweep, parts=parts, count=len(inquiry.claims), script=page_script("claims"))


def hyperparameters(inquiry: Inquiry) -> list[str]:
    """The hyperparameters that the claims are about, in their order."""
    return list(dict.fromkeys(inquiry.claims["hyperparameter"].dropna()))


def claims_csv(inquiry: Inquiry) -> str:
    """Every claim as CSV that a spreadsheet can open safely, numbers to four significant digits."""
    return safe_table(published_table(inquiry.claims)).to_csv(index=False, lineterminator="\n")


def _rows(claims: pd.DataFrame) -> list[dict[str, str]]:
    return [
        {
            "compared": QUESTIONS[row.question].words.label(row),
            "dataset": row.dataset if isinstance(row.dataset, str) else POOLED,
            "scale": _SCALES.get(row.scale, row.scale),
            "runs": row.runs,
            "estimate": _number(row.estimate),
            "low": _number(row.low_simultaneous),
            "high": _number(row.high_simultaneous),
            "p_adjusted": _p(row.p_adjusted),
            "n": "" if pd.isna(row.n) else f"{int(row.n):,}",
        }
        for row in rows_of(claims)
    ]


def _number(x: float | None) -> str:
    if x is None or pd.isna(x):
        return ""
    return "0" if x == 0 else f"{x:.3f}" if 0.001 <= abs(x) < 10 else f"{x:.3g}"


def _p(x: Any) -> str:
    return "" if x is None or pd.isna(x) else p_value(x)
