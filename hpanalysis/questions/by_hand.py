"""What may be said of a question asked by hand? Exploratory sentences, adjusted within the answer alone."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd

from hpanalysis.errors import UserError
from hpanalysis.questions.answer import Answer, Finding, Findings
from hpanalysis.statistics.differences import POOLED
from hpanalysis.inquiry.inquiry import LEVEL
from hpanalysis.style import phrases, scales
from hpanalysis.questions.best_runs import words
from hpanalysis.questions.curve import words
from hpanalysis.questions.importance import words
from hpanalysis.questions.next_space import words
from hpanalysis.questions.tuned_contrast import words
from hpanalysis.questions.effect_modifiers import words
from hpanalysis.questions.winner import words

FAMILY = "one answer"


def sentences(answer: Answer) -> Findings:
    """Sentences of a contrast or an interaction that was asked outside the inquiry.

    Parameters
    ----------
    answer
        Of `contrast` (rows Holm-adjusted within their scale), `interaction` (one test), `curve`, `depends` or
        `all_pairs` (tests Holm-adjusted), `winner` or `isolate` (simultaneous).

    Raises
    ------
    UserError
        If the answer is of another question.
    """
    about = {
        "transform": answer.asked.get("transform"),
        "scope": "",
        "datasets": [],
        "failed": 0,
        **answer.asked,
    }
    if answer.question == "contrast":
        return Findings(tuple(_contrasts(answer.table, about)) or (_nothing(answer),))
    if answer.question == "curve":
        return Findings(tuple(words.curve_findings(answer, about)))
    if answer.question in ("depends", "pairs"):
        return Findings(tuple(words.dependence_findings(answer, about)))
    if answer.question == "importance":
        return Findings(tuple(words.importance_findings(answer)))
    if answer.question == "common":
        return Findings(tuple(words.common_findings(answer, about)))
    if answer.question == "disagreement":
        return Findings(tuple(words.box_findings(answer)))
    if answer.question == "winner":
        return Findings(tuple(words.winner_findings(answer, about)))
    if answer.question == "isolation":
        return Findings(tuple(words.isolation_findings(answer, about)))
    if answer.question == "region":
        return Findings(tuple(words.next_findings(answer)))
    if answer.question == "interaction":
        row = SimpleNamespace(**answer.tests.iloc[0].to_dict())
        row.p_exploratory = row.p
        row.runs, shown = answer.table["runs"].iloc[0], row.p <= LEVEL
        said = phrases.interaction(about, row, False) if shown else _open(row)
        verdict = "depends" if shown else "undecided" if row.p == row.p else "cannot tell"
        question = f"Does the effect of {row.hyperparameter} depend on {row.other}?"
        numbers = {
            "hyperparameter": row.hyperparameter,
            "other": row.other,
            "p_adjusted": float(row.p),
            "family": FAMILY,
        }
        return Findings((Finding("", question, "interaction", verdict, said, "exploratory", **numbers),))
    raise UserError(
        f"findings were asked of the answer to {answer.question!r}; give that of contrast, "
        "interaction, curve, depends, all_pairs, importance, disagreement, common, winner, isolate or propose."
    )


def _open(row: SimpleNamespace) -> str:
    if row.p != row.p:
        return f"Cannot tell whether the effect of {row.hyperparameter} depends on {row.other}: too few runs."
    return f"It is undecided whether the effect of {row.hyperparameter} depends on {row.other} (p = {row.p:.2g})."


def _nothing(answer: Answer) -> Finding:
    """That no comparison is shown, with the smallest p."""
    name, p = answer.asked["factor"], answer.table["p_adjusted"].min()
    tested = int(answer.table["p_adjusted"].notna().sum())
    if not tested:
        said, verdict = f"Cannot tell whether {name} makes a difference: too few runs.", "cannot tell"
    else:
        beside = f"none of {tested} comparisons is shown, the smallest adjusted p {scales.is_p(p)}"
        said, verdict = f"It is undecided whether {name} makes a difference: {beside}.", "undecided"
    known = {"hyperparameter": name, "family": FAMILY, "p_adjusted": None if p != p else float(p)}
    return Finding("", f"Does {name} make a difference?", "contrast", verdict, said, "exploratory", **known)


def _contrasts(table: pd.DataFrame, about: dict) -> list[Finding]:
    out = []
    up = 1 if about["goal"] == "max" else -1
    favour = table["scale"].map({"p_better": 1, "p_fail": -1}).fillna(up)
    null = table["scale"].eq("p_better") * 0.5
    table = table.assign(direction=favour * (table["estimate"] - null))
    places = ["value", "reference", "dataset", "other", "other_value"]
    for _, rows in table.groupby(places, sort=False):
        shown = {(row.scale, row.runs): row for row in rows.itertuples() if row.p_adjusted <= LEVEL}
        if not shown:
            continue
        lead = next(shown[s] for s in phrases.LEADING if s in shown)
        said = phrases.contrast(about, lead, shown, phrases.verdict(lead, None), None, sure=False)
        if lead.other:
            said = f"With {lead.other}={lead.other_value}: {said}"
        fields = {f: getattr(lead, f) or None for f in ("hyperparameter", "value", "reference", "other", "other_value")}
        fields |= {f: float(getattr(lead, f)) for f in ("estimate", "low", "high", "p_adjusted")}
        fields |= {
            "dataset": None if lead.dataset == POOLED else lead.dataset,
            "n": int(lead.n),
            "ci_level": 0.95,
        }
        kind = "failure" if lead.scale == "p_fail" else "contrast"
        verdict = phrases.verdict(lead, None)
        question = phrases.question(lead)
        more = {"scale": lead.scale, "runs": lead.runs, "family": FAMILY}
        out.append(Finding("", question, kind, verdict, said, "exploratory", **fields, **more))
    return out
