"""How is importance told? As a table with a row for each hyperparameter, in words, and as findings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, cast, get_args

import numpy as np
import pandas as pd

from hpanalysis.questions.finding import ALPHA, Finding, Scale
from hpanalysis.questions.report import Context, finding_of
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import numbers, scales
from hpanalysis.style.lines import opening
from hpanalysis.style.listing import LISTED, first_few, listed
from hpanalysis.style.phrases import size
from hpanalysis.style.rows import Row, known
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

# Pairs beyond that many are in the answer's own table only.
PAIRS = 3
# Verdicts have the runs themselves.
COUNTED = (
    "Here repeats of a configuration count once and failed runs are left out, in the answers every run counts: sizes "
    "differ a little."
)
# A smaller share is not named by itself.
LEAST = 0.02
NAMES = {
    "ols": "linear regression",
    "forest": "the impurity of a forest",
    "permutation": "permutation in a forest",
    "fanova": "functional ANOVA",
    "anova": "shares by design",
    "hsic": "HSIC",
    "best_of_k": "the best of k",
}


class Bar(Row, Protocol):
    """How much a hyperparameter matters, or a pair or a level, by one measure."""

    effect: str
    floor: float


def bars(rows: pd.DataFrame) -> Iterator[Bar]:
    """Rows of an answer one by one, typed."""
    return cast("Iterator[Bar]", rows.itertuples())


def outcome_of(answer: Answer) -> str:
    """What should matter, in words: the metric by its name, failing, the rank, being among the best."""
    of, metric = answer.asked["of"], answer.asked.get("reported", answer.asked["metric"])
    return {"metric": metric, "fail": "whether a run fails", "rank": f"the rank of {metric}"}.get(of, of)


def measure_of(answer: Answer) -> str:
    """The measure in words."""
    return NAMES.get(answer.asked["measure"], answer.asked["measure"])


def leading(answer: Answer) -> pd.DataFrame:
    """The bars that are ranked: total effects where there are any, else main effects, on the measure's own scale."""
    frame = answer.frame
    if frame.empty:
        return frame
    effect = next((e for e in ("total", "main") if (frame["effect"] == e).any()), "main")
    rows = frame[(frame["effect"] == effect) & (frame["scale"] == answer.asked["scale"])]
    return rows if len(rows) else frame[frame["effect"] == effect]


def ranked(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of all data sets together, the largest first; those without a number last."""
    whole = rows[rows["dataset"] == POOLED]
    order = whole["estimate"].abs().sort_values(ascending=False, kind="stable", na_position="last").index
    return whole.loc[order]


def stands_out(row: Bar) -> bool:
    """Whether a bar is told from chance: by its own adjusted p where it has one, else by the noise floor."""
    return row.p_adjusted <= ALPHA if np.isfinite(row.p_adjusted) else abs(row.estimate) > row.floor


def table(answer: Answer) -> Table:
    """One row a hyperparameter; one column an effect or scale, and one a data set; p and floor of the leading bars."""
    lead, rows = leading(answer), ranked(leading(answer))
    names = rows["hyperparameter"].tolist()
    digits = numbers.decimals(rows["estimate"])
    frame: dict[str, list[str] | list[int]] = {"hyperparameter": names}
    frame |= _by_effect(answer, names, digits)
    if rows["value"].astype(bool).any():
        frame["column"] = rows["value"].tolist()
    judged = _judged(answer, rows)
    frame["p adjusted"] = [numbers.p_value(judged.get(name, np.nan)) for name in names]
    frame["noise floor"] = [numbers.number(row.floor, digits) for row in bars(rows)]
    for place, part in lead.groupby("dataset", sort=False):
        if place != POOLED:
            each = {row.hyperparameter: row.estimate for row in bars(part)}
            frame[str(place)] = [numbers.number(each.get(name, np.nan), digits) for name in names]
    frame["runs"] = [int(row.n) for row in bars(rows)]
    head = f"What matters for {outcome_of(answer)}, by {measure_of(answer)}."
    interval = f"Intervals: {answer.asked['interval']}."
    return Table(pd.DataFrame(frame), (head, *_pairs(answer), interval, *answer.caveats))


def _by_effect(answer: Answer, names: list[str], digits: int) -> dict[str, list[str]]:
    """The main and total effects on every scale, a column each."""
    frame = answer.frame
    effects = frame[frame["effect"].isin(["main", "total"]) & (frame["dataset"] == POOLED)]
    several = effects["effect"].nunique() > 1
    out = {}
    for (effect, scale), part in effects.groupby(["effect", "scale"], sort=False):
        texts = {row.hyperparameter: _number(row, digits) for row in bars(part)}
        out[f"{effect}, {scale}" if several else str(scale)] = [texts.get(name, "–") for name in names]
    return out


def _number(row: Bar, digits: int) -> str:
    """An estimate with its interval, or with its upper bound where it has no lower one."""
    if np.isfinite(row.estimate) and np.isfinite(row.high) and not np.isfinite(row.low):
        return f"{numbers.number(row.estimate, digits)} (at most {numbers.number(row.high, digits)})"
    return numbers.with_interval(row, digits)


def _judged(answer: Answer, rows: pd.DataFrame) -> dict[str, float]:
    """Adjusted p of each hyperparameter: of the bar, or of its omnibus test where the bars have none."""
    if not np.isfinite(rows["p_adjusted"].to_numpy(float)).any() and len(answer.tests):
        rows = answer.tests[answer.tests["dataset"] == POOLED]
    return {row.hyperparameter: row.p_adjusted for row in bars(rows)}


def _pairs(answer: Answer) -> list[str]:
    """Pairs that stand out from noise, the largest first."""
    frame = answer.frame
    pairs = frame[(frame["effect"] == "pair") & (frame["dataset"] == POOLED) & np.isfinite(frame["estimate"])]
    shown = pairs[(pairs["p_adjusted"] <= ALPHA) | (pairs["p"].isna() & (pairs["estimate"] > pairs["floor"]))]
    if shown.empty:
        return [f"None of {len(pairs)} pairs stands out from noise."] if len(pairs) else []
    largest = shown.sort_values("estimate", ascending=False, kind="stable")
    told = [f"{row.hyperparameter} × {row.other} {100 * row.estimate:.2g} %" for row in bars(largest)]
    return [f"Acting together adds, above noise: {first_few(told, more=', and {} more', limit=PAIRS)}."]


def summary(answer: Answer, key: str | None = None) -> str:
    """What the bars say, without judging why."""
    rows = ranked(leading(answer))
    compared = known(rows)
    what = f"For {outcome_of(answer)}, by {measure_of(answer)}"
    if compared.empty:
        return " ".join([f"{what}: no numbers.", *answer.caveats])
    digits = numbers.decimals(compared["estimate"])
    shown = [row for row in bars(compared) if stands_out(row)]
    if not shown:
        text = f"{what}, none of {len(compared)} hyperparameters stands out from chance."
    elif said := _in_plain_words(answer, shown, [row for row in bars(compared) if not stands_out(row)]):
        text = said
    else:
        told = first_few([f"{_bar(row)} {_number(row, digits)}" for row in shown], more=" and {} more")
        count = f"{len(shown)} of {len(compared)} hyperparameters {'stands' if len(shown) == 1 else 'stand'} out"
        text = f"{what}, {count} from chance ({_scale(answer, rows)}): {told}."
    return " ".join([*_fits(answer), text, *_beside(answer), *_pairs(answer)])


def _in_plain_words(answer: Answer, shown: Sequence[Bar], others: Sequence[Bar]) -> str:
    """Shares and gains as anyone would paste them; empty for a measure that has no such unit."""
    about = answer.asked
    # That nothing at all is shown of one is not for a single measure to say.
    # Differences of opposite signs on two data sets cancel in their average.
    average = " on average over the data sets" if len(about["datasets"]) > 1 else ""
    what = "share" if about["measure"] == "anova" else f"gain{average}"
    silent = f" No {what} is shown for {_names(others)}." if others else ""
    if about["measure"] == "anova":
        named = [row for row in shown if row.estimate >= LEAST][:LISTED] or shown[:1]
        told = [f"{row.hyperparameter} {_percent(row)}" for row in named]
        told[0] = f"{named[0].hyperparameter} alone explains {_percent(named[0], of=outcome_of(answer))}"
        rest = shown[len(named) :]
        most = max((row.high for row in rest), default=np.nan)
        limit = f" at most {numbers.rounded(100 * most, 2, 'up'):g} %" if np.isfinite(most) else " less"
        many = len(rest) > 1
        more = f" {_counted(rest)} explain{'' if many else 's'}{limit}{' each' if many else ''}." if rest else ""
        return f"{opening(', '.join(told))}.{more}{silent}"
    if about["measure"] == "best_of_k" and about["transform"] is None:
        tries = about["scale"].removeprefix("best of ")
        regime = "Untuned" if tries == "1" else f"After {tries} tries"
        told = [f"of {row.hyperparameter} by {size(about, row.estimate)}" for row in shown[:LISTED]]
        told[1:] = [text.removesuffix(" points") for text in told[1:]]
        told[0] += f" of {about['reported']}" if scales.on_two_metrics(about) else ""
        told[0] = told[0].replace(" by ", " beats the worst by ", 1)
        rest = shown[LISTED:]
        more = f" {_counted(rest)}: at most {size(about, rest[0].estimate, 'up')}." if rest else ""
        return f"{regime} the best value {', '.join(told)}.{more}{silent}"
    return ""


def _percent(row: Bar, of: str = "") -> str:
    """A share in percent, of what, and its limits in brackets."""
    share, low, high = (f"{100 * x:.2g}" for x in (row.estimate, row.low, row.high))
    text = f"{share} % of the differences in {of}" if of else f"{share} %"
    if np.isfinite(row.low) and np.isfinite(row.high):
        return f"{text} ({low} to {high})"
    return f"{text} (at most {numbers.rounded(100 * row.high, 2, 'up'):g})" if np.isfinite(row.high) else text


def _counted(rows: Sequence[Bar]) -> str:
    return f"{len(rows)} more" if len(rows) > 1 else "Another one"


def _names(rows: Sequence[Bar]) -> str:
    names = [row.hyperparameter for row in rows]
    if len(names) > LISTED:
        return f"{len(names)} others"
    return listed(names)


def _fits(answer: Answer) -> list[str]:
    """How much a straight line explains and whether it fits: first of all that is said of one."""
    return [note for note in answer.caveats if note.startswith("A straight line")]


def _scale(answer: Answer, rows: pd.DataFrame) -> str:
    """What the bars are: shares of total effects overlap, and are no shares of a whole."""
    scale, total = answer.asked["scale"], rows["effect"].eq("total").all()
    return f"total {scale}" if total and scale.startswith("share") else scale


def _bar(row: Bar) -> str:
    """What a bar is called: a hyperparameter, with the level where its column is of one."""
    return f"{row.hyperparameter} = {row.value}" if row.value else row.hyperparameter


def _beside(answer: Answer) -> list[str]:
    """Of the best of k, in what it differs from the verdicts; of a forest, what shuffling costs in the same one."""
    if answer.asked["measure"] == "best_of_k":
        differs = any("each configuration counts once" in note or "left out" in note for note in answer.caveats)
        return [COUNTED] if differs else []
    if answer.asked["measure"] != "forest":
        return []
    rows = ranked(answer.frame[answer.frame["scale"] == "R2 lost"])
    rows = known(rows).head(LISTED)
    digits = numbers.decimals(rows["estimate"])
    told = [f"{row.hyperparameter} {numbers.number(row.estimate, digits)}" for row in bars(rows)]
    return [f"Shuffled in runs that the forest never saw they cost R2: {'; '.join(told)}."] if told else []


def findings(answer: Answer) -> list[Finding]:
    """Exploratory sentences: which hyperparameters matter at all, as one claim each."""
    rows = ranked(leading(answer))
    judged = _judged(answer, rows)
    what = f"for {outcome_of(answer)}, by {measure_of(answer)}"
    found = []
    for row in bars(rows):
        p = judged.get(row.hyperparameter, np.nan)
        if p <= ALPHA:
            size = f"{_scale(answer, rows)} {row.estimate:.2g}"
            shown = f"adjusted p {numbers.is_p(p, digits=2)}"
            found.append(_finding(answer, row, p, f"{what} ({size}, {shown})"))
    return found


def _finding(answer: Answer, row: Bar, p: float, how: str) -> Finding:
    scale, k = _named_scale(row.scale)
    said = finding_of(
        row,
        Context.of(answer),
        f"{row.hyperparameter} matters {how}.",
        kind="failure" if answer.asked["of"] == "fail" else "importance",
        verdict="matters",
        question=f"Does {row.hyperparameter} matter?",
    )
    # Of a spread over refits nobody knows how often it holds the truth: it has no level.
    level = said.ci_level if answer.asked["interval"].startswith("95 %") else None
    return replace(said, scale=scale, k=k, p_adjusted=p, ci_level=level)


def _named_scale(scale: str) -> tuple[Scale | None, int | None]:
    """The scale of a bar as a finding has it, and of a best of k the number of draws."""
    if draws := re.fullmatch(r"best of (\d+)", scale):
        return "best_of_k", int(draws[1])
    return next((named for named in get_args(Scale) if named == scale), None), None
