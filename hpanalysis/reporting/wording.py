"""What may we say? Claims become sentences by rule: which word, which bound, which scope, in which order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError
from hpanalysis.evidence.answer import Answer, Finding, Findings
from hpanalysis.evidence.estimate import POOLED
from hpanalysis.evidence.rounding import ORDERED, number
from hpanalysis.questions.inquiry import LEVEL, Inquiry
from hpanalysis.reporting import phrases
from hpanalysis.reporting.phrases import FDR_FAMILY

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

FAMILY = "whole report"


def findings(subject: Sweep | Inquiry | Answer, *, rng: int = 0) -> Findings:
    """Say what may be said.

    Parameters
    ----------
    subject
        A sweep (everything is asked, see `Inquiry.of`), an inquiry, or the answer of `contrast` or `interaction`:
        a question asked by hand gives exploratory sentences only.
    rng
        Seed of the inquiry when a sweep is given.

    Returns
    -------
    Findings
        Headlines first: each holds, with its bound, at 5 % error for the whole report together. Exploratory ones
        follow: at most 5 % of them are expected to be false. Then what is undecided, and what cannot be told.

    Raises
    ------
    UserError
        If the subject is none of these.
    """
    if isinstance(subject, Answer):
        from hpanalysis.reporting.by_hand import sentences

        return sentences(subject)
    if not isinstance(subject, Inquiry):
        if not hasattr(subject, "space"):
            raise UserError(
                f"findings were asked of a {type(subject).__name__}; give a Sweep, an Inquiry, or the Answer of "
                "contrast, interaction, curve, depends or all_pairs."
            )
        subject = Inquiry.of(subject, rng=rng)
    return Findings(tuple(_ordered(_all(subject))))


def _all(inquiry: Inquiry) -> Iterable[Finding]:
    claims = inquiry.claims
    if claims.empty:
        yield from _design(inquiry)
        return
    contrasts = claims[claims["kind"] == "contrast"]
    for _, rows in contrasts.groupby(["hyperparameter", "value", "reference", "dataset"], sort=False):
        found = _contrast(inquiry, rows)
        if found:
            yield found
    for row in claims[(claims["kind"] == "trend") & (claims["p_adjusted"] <= LEVEL)].itertuples():
        yield _trend(inquiry, row)
    for row in claims[claims["kind"] == "interaction"].itertuples():
        if min(row.p_adjusted, row.p_exploratory) <= LEVEL:
            yield _interaction(inquiry, row)
    for row in claims[claims["kind"] == "importance"].itertuples():
        own = contrasts[contrasts["hyperparameter"] == row.hyperparameter]
        if row.p_adjusted <= LEVEL:
            yield _matters(inquiry, row)
            yield from (_undecided(inquiry, row, own, place) for place in _silent(own))
        else:
            yield _undecided(inquiry, row, own)
    yield from _design(inquiry)


def _finding(inquiry: Inquiry, row: Any, sentence: str, **fields: Any) -> Finding:
    """A finding with the identity of the sweep and the numbers of a row; text that is absent becomes None."""
    headline = fields.get("tier") == "headline"
    known = {f: getattr(row, f, None) for f in ("hyperparameter", "value", "reference", "other", "scale", "runs")}
    known |= {f: getattr(row, f, None) for f in ("estimate", "low", "high")}
    known["dataset"] = None if row.dataset == POOLED else row.dataset
    known["n"] = int(row.n)
    if pd.notna(known["estimate"]):
        known["ci_level"] = 1 - LEVEL
    known["p_adjusted"] = row.p_adjusted if headline else getattr(row, "p_exploratory", None)
    known["family"] = FAMILY if headline else FDR_FAMILY
    known |= fields
    known = {key: None if value is None or value is pd.NA or value != value else value for key, value in known.items()}
    return Finding(sweep_id=inquiry.about["sweep_id"], sentence=sentence, **known)


def _contrast(inquiry: Inquiry, rows: pd.DataFrame) -> Finding | None:
    """One pair of levels in one place, all scales read together."""
    tier = "headline" if (rows["p_adjusted"] <= LEVEL).any() else "exploratory"
    shown = rows[rows["p_adjusted" if tier == "headline" else "p_exploratory"] <= LEVEL]
    name = rows["hyperparameter"].iloc[0]
    if shown.empty:
        return None
    observational = name in inquiry.about["observational"]
    survivors = set(zip(shown["scale"], shown["runs"], strict=True)) == {("mean", "successful")}
    if observational or survivors:
        # A difference among the runs that worked alone may be made by which of them failed.
        tier = "exploratory"
    if rows["levels"].iloc[0] > 2 and shown["direction"].iloc[0] < 0:
        # Between several levels the better one comes first; a two-level factor is always told from its second level.
        rows = _swap(rows)
        shown = rows.loc[shown.index]
    scales = {(row.scale, row.runs): row for row in shown.itertuples()}
    lead = next(scales[s] for s in phrases.LEADING if s in scales)
    # Failing counts in the scales of all runs: where these agree, P(fail) on the other side is told beside them.
    signs = {s: np.sign(row.direction) for s, row in scales.items() if s != ("mean", "successful")}
    opposed = len({sign for s, sign in signs.items() if s != ("p_fail", "all")}) > 1
    mechanism = phrases.mechanism(scales, inquiry.about["failed"])
    verdict = "depends" if opposed else phrases.verdict(lead, inquiry.about["margin"])
    if _stuck(inquiry, lead.dataset):
        # Completing at chance level is doing worse and failing at once: which of them cannot be told.
        mechanism = {"both": "fails less", "does better": None}.get(mechanism, mechanism)
    sentence = phrases.contrast(inquiry.about, lead, scales, verdict, mechanism, sure=tier == "headline")
    if observational:
        sentence += _weakened(inquiry)
    if groups := inquiry.about.get("pairs", {}).get(name):
        sentence += f" Compared within {groups} groups of runs that differ in {name} alone."
    kind = "failure" if lead.scale == "p_fail" else "contrast"
    question = phrases.question(lead)
    return _finding(
        inquiry, lead, sentence, kind=kind, verdict=verdict, tier=tier, mechanism=mechanism, question=question
    )


def _stuck(inquiry: Inquiry, dataset: str) -> bool:
    """Whether complete runs share the bottom of the scale there, as failures do that nobody called so."""
    table = inquiry.checks.table
    where = table.loc[table["check"] == "at the bottom", "subject"]
    return bool(len(where) and (dataset == POOLED or dataset in set(where)))


def _weakened(inquiry: Inquiry) -> str:
    return phrases.observational(set(inquiry.checks.table["check"]))


def _swap(rows: pd.DataFrame) -> pd.DataFrame:
    """The same comparison told from the other level."""
    flip = np.where(rows["scale"] == "p_better", 1.0, 0.0)
    return rows.assign(
        value=rows["reference"],
        reference=rows["value"],
        estimate=flip - rows["estimate"],
        low=flip - rows["high"],
        high=flip - rows["low"],
        direction=-rows["direction"],
        z=-rows["z"],
    )


def _trend(inquiry: Inquiry, row: Any) -> Finding:
    tier = "exploratory" if row.hyperparameter in inquiry.about["observational"] else "headline"
    verdict = "best around" if row.direction == 0 else "monotone"
    sentence = phrases.trend(inquiry.about, row, verdict)
    if tier == "exploratory":
        sentence += _weakened(inquiry)
    question = f"Is there a best value of {row.hyperparameter}?"
    return _finding(
        inquiry,
        row,
        sentence,
        kind="trend",
        verdict=verdict,
        tier=tier,
        question=question,
        p_adjusted=row.p_adjusted,
    )


def _interaction(inquiry: Inquiry, row: Any) -> Finding:
    names = {row.hyperparameter, row.other}
    headline = row.p_adjusted <= LEVEL and row.runs == "all" and not names & set(inquiry.about["observational"])
    judged = "adjusted p" if headline else "false discovery rate q"
    sentence = phrases.interaction(inquiry.about, row, headline, judged)
    question = f"Does the effect of {row.hyperparameter} depend on {row.other}?"
    tier = "headline" if headline else "exploratory"
    return _finding(inquiry, row, sentence, kind="interaction", verdict="depends", tier=tier, question=question)


def _matters(inquiry: Inquiry, row: Any) -> Finding:
    tier = "exploratory" if row.hyperparameter in inquiry.about["observational"] else "headline"
    sentence = phrases.matters(inquiry.about, row)
    question = f"Does {row.hyperparameter} matter at all?"
    return _finding(
        inquiry, row, sentence, kind="importance", verdict="matters", tier=tier, question=question,
        p_adjusted=row.p_adjusted, scale=None, runs=None,
    )  # fmt: skip


def _silent(contrasts: pd.DataFrame) -> list[str]:
    """The data sets on which none of the comparisons of a hyperparameter says anything, though it matters."""
    said = (contrasts[["p_adjusted", "p_exploratory"]] <= LEVEL).any(axis=1)
    return [name for name, any_said in said.groupby(contrasts["dataset"], sort=False).any().items() if not any_said]


def _undecided(inquiry: Inquiry, row: Any, contrasts: pd.DataFrame, place: str = POOLED) -> Finding:
    """A hyperparameter of which nothing was established there: equal within the margin, or open."""
    pooled = contrasts[contrasts["dataset"] == place]
    margin = inquiry.about["margin"]
    # On average and on each data set: opposite differences would cancel. Of all runs: equal survivors prove nothing.
    means = contrasts if place == POOLED else pooled
    means = means[(means["scale"] == "mean") & (means["runs"] == "all")]
    free = row.hyperparameter not in inquiry.about["observational"]
    equal = margin is not None and free and len(means) > 0
    equal = equal and bool((means["low"] > -margin).all() and (means["high"] < margin).all())
    only = pooled["value"].nunique() == 1
    rank = pooled[pooled["scale"] == "p_better"]
    lead = next((means if equal else rank).itertuples(), None) if only else None
    sentence = phrases.nothing_shown(inquiry.about, row.hyperparameter, equal, rank, means, place)
    question = f"Does {row.hyperparameter} matter {'at all' if place == POOLED else f'on {place}'}?"
    return _finding(
        inquiry, lead if lead is not None else row, sentence, kind="contrast" if equal and only else "importance",
        verdict="no practical difference" if equal else "undecided", tier="headline" if equal else "exploratory",
        p_adjusted=row.p_adjusted if place == POOLED else None, family=FAMILY, question=question,
        dataset=None if place == POOLED else place,
    )  # fmt: skip


def _design(inquiry: Inquiry) -> Iterable[Finding]:
    """What the checks forbid: hyperparameters of which nothing can be told."""
    about = inquiry.about
    silent = [name for name in about["hyperparameters"] if name not in about["asked"]]
    base = {"sweep_id": about["sweep_id"], "kind": "design", "verdict": "cannot tell", "tier": "exploratory"}
    for name in silent:
        sentence = f"Cannot tell whether {name} matters: fewer than two of its levels have 8 runs."
        yield Finding(**base, sentence=sentence, hyperparameter=name, question=f"Does {name} matter at all?")
    for row in inquiry.checks.table.itertuples():
        if row.check == "edge":
            sentence = f"Cannot tell where the best {row.subject} lies: {row.found}; {row.so}."
            yield Finding(
                **base,
                sentence=sentence,
                hyperparameter=row.subject,
                n=int(row.n),
                question="Was the range wide enough?",
            )
        elif row.check in ("adaptive", "stopped early"):
            sentence = f"Cannot tell what causes a difference: {row.found}; {row.so}. None is a headline."
            yield Finding(**base, sentence=sentence, n=int(row.n), question=phrases.DRAWN)
        elif row.verdict == "stop":
            sentence = f"Cannot tell: {row.found}; {row.so}."
            yield Finding(**base, sentence=sentence, n=int(row.n), question="Can this sweep answer?")


def _ordered(found: Iterable[Finding]) -> list[Finding]:
    """What a reader should know first: the strongest statement on each hyperparameter, then what depends on what."""
    found = list(found)
    leads: dict[str, int] = {}
    for i, f in enumerate(found):
        if f.tier != "headline" or f.hyperparameter is None or f.kind not in ("contrast", "failure", "trend"):
            continue
        best = leads.setdefault(f.hyperparameter, i)
        if _early(f) > _early(found[best]):
            leads[f.hyperparameter] = i
    first = set(leads.values())
    kinds = {"interaction": 1, "contrast": 2, "failure": 2, "trend": 2, "importance": 4}

    def rank(i: int) -> tuple:
        f = found[i]
        tier = 0 if f.tier == "headline" else 2 if f.verdict == "undecided" else 3 if f.kind == "design" else 1
        place = 0 if i in first else kinds.get(f.kind, 5) + (f.dataset is not None)
        return tier, place, tuple(-x for x in _early(f)), i

    return [found[i] for i in sorted(range(len(found)), key=rank)]


def _early(finding: Finding) -> tuple[float, ...]:
    """Prominence to six digits: what differs by less stays in the order of the hyperparameters."""
    return tuple(number(x, ORDERED) for x in phrases.prominence(finding))
