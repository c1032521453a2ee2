"""How is a staged study told? The tables of such a report, and what each stage can and cannot tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

import numpy as np
import pandas as pd

from hpanalysis.questions.finding import Finding, Verdict
from hpanalysis.questions.report import Context, finding_of
from hpanalysis.style import numbers, phrases
from hpanalysis.style.lines import opening
from hpanalysis.style.listing import first_few, once
from hpanalysis.style.rows import Row
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

NEXT = "What should be tried next?"
# More values than that are counted.
NAMED = 6


class FactRow(Protocol):
    """A fact of `Answer.tests`."""

    names: str
    stage: str
    hyperparameter: str
    value: str
    reference: str
    estimate: float
    low: float
    high: float
    n: int


class StageRows(NamedTuple):
    """What is known of a stage: its label, its candidates and its choices."""

    label: str
    candidates: pd.DataFrame
    choices: pd.DataFrame

    @property
    def varied(self) -> str:
        """What it varied."""
        return str(self.candidates["hyperparameter"].iloc[0])

    @property
    def several(self) -> bool:
        """Whether it went on from several configurations."""
        return self.candidates["arm"].nunique() > 1


def stages_of(answer: Answer) -> Iterator[StageRows]:
    """The stages in their order."""
    for label, rows in answer.frame.groupby("other_value", sort=False):
        yield StageRows(str(label), rows[rows["row"] == "candidate"], rows[rows["row"] == "choice"])


def _each(rows: pd.DataFrame) -> Iterator[FactRow]:
    return cast("Iterator[FactRow]", rows.itertuples())


def table(answer: Answer) -> Table:
    """One row a candidate: what it scored and cost, stage by stage, and what was kept."""
    rows, metric = answer.frame[answer.frame["row"] == "candidate"], answer.asked["metric"]
    laid = pd.DataFrame({"stage": once(rows["other_value"].tolist()), "varied": rows["hyperparameter"].tolist()})
    laid["with"], laid["value"] = once(rows["held"].tolist()), rows["value"].tolist()
    repeated = bool((rows["n"] > 1).any())
    laid[f"mean {metric}" if repeated else metric] = _column(rows["estimate"])
    if repeated:
        laid["highest" if answer.asked["goal"] == "max" else "lowest"] = _column(rows["best"])
    for column in answer.asked["beside"]:
        laid[column] = _column(rows[f"beside {column}"])
    for cost in answer.asked["costs"]:
        laid[cost] = [phrases.cost(cost, x) for x in rows[f"cost {cost}"]]
    failed = [f", {lost:.0f} failed" if lost else "" for lost in rows["failed"]]
    laid["runs"] = [f"{n}{lost}" for n, lost in zip(rows["n"], failed, strict=True)]
    odd = np.where(rows["collapsed"].astype(bool), "collapsed", "")
    laid["then"] = np.where(rows["kept"].astype(bool), "kept", odd)
    return Table(laid, (*(_extent(answer, stage) for stage in stages_of(answer)), *answer.caveats))


def _column(values: pd.Series) -> list[str]:
    digits = numbers.decimals(values)
    return [numbers.number(x, digits) for x in values]


def _extent(answer: Answer, stage: StageRows) -> str:
    """The best and the mean of a stage, as such a report tables them."""
    scores, up = stage.candidates["estimate"], answer.asked["goal"] == "max"
    top, mean = (_score(answer, x) for x in (scores.max() if up else scores.min(), scores.mean()))
    extent = f"{'highest' if up else 'lowest'} {top}, mean {mean}"
    return f"Stage {stage.label}, {answer.asked['metric']} of its {len(scores)} candidates: {extent}."


def _size(answer: Answer, x: float) -> str:
    return phrases.size(answer.asked, x)


def _score(answer: Answer, x: float) -> str:
    known = answer.frame.loc[answer.frame["row"] == "candidate", "estimate"]
    unit = " %" if answer.asked["unit"] == "%" else ""
    return f"{numbers.number(x, numbers.decimals(known))}{unit}"


def summary(answer: Answer, key: str | None = None) -> str:
    """The study in a line, what it rests on, a line a stage, and what else its table shows."""
    lines = [_whole(answer), *answer.caveats, *(_stage(answer, stage) for stage in stages_of(answer))]
    return "\n".join([*lines, *(text for _, text in _facts(answer))])


def _best(answer: Answer, rows: pd.DataFrame) -> dict[str, Any] | None:
    """The best of some candidates, the first of those that tie; None where all failed."""
    score = (rows["estimate"] if answer.asked["goal"] == "max" else -rows["estimate"]).to_numpy(float)
    return cast("dict[str, Any]", rows.iloc[int(np.nanargmax(score))].to_dict()) if np.isfinite(score).any() else None


def _whole(answer: Answer) -> str:
    best = _best(answer, answer.frame[answer.frame["row"] == "candidate"])
    won = (
        f"{best['name']} with {answer.asked['metric']} {_score(answer, best['estimate'])}"
        if best
        else "none: all failed"
    )
    chain = ", then ".join(dict.fromkeys(stage.varied or "nothing" for stage in stages_of(answer)))
    cells = next(_each(answer.tests[answer.tests["test"] == "cells"]))
    tried = f"{cells.n:,} of {cells.high:,.0f} combinations of what was varied were tried"
    return f"{len(answer.asked['configurations'])} stages: {chain}. {opening(tried)}. The best is {won}."


def _listed(texts: Sequence[str]) -> str:
    texts = list(dict.fromkeys(texts))
    if len(texts) > NAMED:
        return f"{len(texts)} of them"
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _stage(answer: Answer, stage: StageRows) -> str:
    """What a stage asked, what it chose and why, and whether that is more than luck."""
    rows = stage.candidates
    widest = max((arm["value"].tolist() for _, arm in rows.groupby("arm", sort=False)), key=len)
    tried = f"Stage {stage.label} varied {stage.varied} ({_listed(widest + rows['value'].tolist())})"
    best = _best(answer, rows)
    if best is None:
        return f"{tried}: every run failed."
    score, kept = _score(answer, best["estimate"]), rows[rows["kept"].astype(bool)]
    if not stage.varied:
        return f"Stage {stage.label} varied nothing: {best['name']} scored {score}."
    if stage.several:
        on = f"; it went on with {_listed(kept['name'].tolist())}" if len(kept) else ""
        return f"{tried} for each of {rows['arm'].nunique()} configurations: {best['name']} scored best, {score}{on}."
    if kept.empty:
        return f"{tried}: {best['value']} scored best, {score}{_rests(answer, stage)}."
    said = f"{tried} and kept {_listed(kept['value'].tolist())}"
    if not best["kept"]:
        return f"{said}, although {best['value']} scored best, {score}{_cheaper(answer, best, kept)}."
    which = "which scored best" if len(kept) == 1 else f"of which {best['value']} scored best"
    return f"{said}, {which}, {score}{_rests(answer, stage)}."


def _cheaper(answer: Answer, best: dict[str, Any], kept: pd.DataFrame) -> str:
    """In which costs everything that was kept is below the best."""
    texts = []
    for cost in answer.asked["costs"]:
        most, top = kept[f"cost {cost}"].max(), best[f"cost {cost}"]
        if top == top and most < top and kept[f"cost {cost}"].notna().all():
            less, more = (phrases.cost(cost, x, brief=True) for x in (most, top))
            texts.append(f"{cost} {less} at most instead of {more}")
    return f": what it kept is cheaper ({', '.join(texts)})" if texts else ", and the table does not say why"


def _rests(answer: Answer, stage: StageRows) -> str:
    """What a choice rests on: whether it is more than the noise of seeds."""
    rows = stage.choices[~stage.choices["collapsed"].astype(bool)]
    if not answer.asked["noise"][1] or rows.empty:
        return ""
    ends = rows[["low_simultaneous", "high_simultaneous"]].to_numpy(float)
    low, high = (ends if answer.asked["goal"] == "max" else -ends[:, ::-1]).T
    within = rows["reference"][(low <= 0) & (high >= 0)].tolist()
    if (low > 0).all():
        least = _size(answer, numbers.rounded(float(low.min()), 2, "down"))
        return f"; that is more than the noise of seeds (ahead of the next by at least {least})"
    behind = rows["reference"][high < 0].tolist()
    said = f"; {_listed(behind)} did better beyond the noise of seeds" if behind else ""
    are = "are" if len(set(within)) > 1 else "is"
    return f"{said}; {_listed(within)} {are} within the noise of seeds" if within else said


def _facts(answer: Answer) -> Iterator[tuple[str, str]]:
    """What else the table shows, a sentence a fact, each with its kind."""
    for kind, say in SAY.items():
        rows = answer.tests[answer.tests["test"] == kind]
        yield from ((kind, opening(text)) for text in (say(answer, rows) if len(rows) else ()))


def _won(answer: Answer, rows: pd.DataFrame) -> Iterator[str]:
    for r in _each(rows):
        luck = "" if answer.asked["noise"][1] else f", in {r.n} pairs of one seed"
        ends = f"{_size(answer, r.low).removesuffix(' points')} to {_size(answer, r.high)}"
        yield f"{r.hyperparameter} {r.value} beat {r.reference} in all {r.n} configurations with both, by {ends}{luck}."


def _turn(answer: Answer, rows: pd.DataFrame) -> Iterator[str]:
    keys = ["stage", "reference", "hyperparameter", "value"]
    luck = "" if answer.asked["noise"][1] else " (one run each)"
    for (stage, earlier, name, value), own in rows.groupby(keys, sort=False):
        ends = [
            (
                r.names.split("; ")[1],
                _size(answer, r.high),
                _size(answer, r.low),
            )
            for r in _each(own)
        ]
        texts = [f"{other} is {after} ahead of it, after {before} behind" for other, after, before in ends]
        chosen = f"{name}={own['names'].iloc[0].split('; ')[0]}"
        yield f"stage {stage} turns the choice of {chosen} in stage {earlier}: with {value}, {'; '.join(texts)}{luck}."


def _dear(answer: Answer, rows: pd.DataFrame) -> Iterator[str]:
    for _, costs in rows.groupby("value", sort=False):
        r, texts = next(_each(costs)), []
        for c in _each(costs):
            what = f"{phrases.cost(c.names, c.high, brief=True)}{' parameters' * c.names.startswith('param')}"
            texts.append(what + (f" instead of {phrases.cost(c.names, c.low, brief=True)}" if c.low == c.low else ""))
        yield f"{' and '.join(texts)} buy {_size(answer, r.estimate)}: {r.value} over {r.reference}."


def _never(answer: Answer, rows: pd.DataFrame) -> Iterator[str]:
    texts = [f"{r.hyperparameter} {r.value} with {r.reference}" for r in _each(rows)]
    yield f"never tried together: {first_few(texts)}."


def _rivals(answer: Answer, rows: pd.DataFrame) -> Iterator[str]:
    for r in _each(rows):
        yield f"to run again with other seeds, as they lie within {_size(answer, r.estimate)}: {r.names}."


def _collapse(answer: Answer, rows: pd.DataFrame) -> Iterator[str]:
    for r in _each(rows):
        runs, them = ("a configuration", "it") if r.n == 1 else (f"{r.n} configurations", "them")
        yield (
            f"the average of stage {r.stage}, {_score(answer, r.low)}, contains {runs} that learnt nothing "
            f"({first_few(r.names.split('; '))}); without {them} the average is {_score(answer, r.high)}."
        )


def _left(answer: Answer, rows: pd.DataFrame) -> Iterator[str]:
    for r in _each(rows):
        yield (
            f"all {r.n} configurations that learnt nothing had {r.hyperparameter}={r.reference}, which stage {r.stage} "
            f"left for {r.value}: what the stages before it chose was chosen there."
        )


def _above(answer: Answer, rows: pd.DataFrame) -> Iterator[str]:
    for r in _each(rows):
        of = "one configuration" if r.n == 1 else f"{r.n} configurations"
        yield f"{r.value} exceeds {r.reference} in {of}, which cannot be: {r.names}. Check these numbers."


def _twice(answer: Answer, rows: pd.DataFrame) -> Iterator[str]:
    texts = [f"{r.names} ({_score(answer, r.low)} and {_score(answer, r.high)})" for r in _each(rows)]
    yield (
        f"listed more than once with different scores: {first_few(texts)}. The table does not say that they were run "
        "again: they do not count as repeats."
    )


def _equal(answer: Answer, rows: pd.DataFrame) -> Iterator[str]:
    for r in _each(rows):
        yield (
            f"{r.value} and {r.reference} report equal {r.names} ({phrases.cost(r.names, r.estimate)}), although "
            f"{r.hyperparameter} changes them elsewhere: one of the two may be a slip."
        )


# In the order in which they are told.
SAY: dict[str, Callable[[Answer, pd.DataFrame], Iterator[str]]] = {
    "left": _left,
    "won in all": _won,
    "turned": _turn,
    "dear": _dear,
    "untried": _never,
    "rivals": _rivals,
    "collapsed": _collapse,
    "mean above maximum": _above,
    "listed twice": _twice,
    "equal cost": _equal,
}


def findings(answer: Answer) -> list[Finding]:
    """A sentence a stage, and one for whatever else the table shows; exploratory."""
    context, out = Context.of(answer), []
    for stage in stages_of(answer):
        row = cast(Row, next((stage.choices if len(stage.choices) else stage.candidates).itertuples()))
        verdict: Verdict = "cannot tell"
        if answer.asked["noise"][1]:
            verdict = "better" if "more than the noise" in _rests(answer, stage) else "undecided"
        question, said = f"What did stage {stage.label} show of {stage.varied}?", _stage(answer, stage)
        found = finding_of(row, context, said, kind="selection", verdict=verdict, question=question)
        out.append(found)
    for kind, text in _facts(answer):
        question = NEXT if kind in ("untried", "rivals") else "What else does the table of the stages show?"
        out.append(Finding("", question, "design", "cannot tell", text, "exploratory", family=context.family))
    return out
