"""How are tuned levels told? Beside how they do on average: as a table, in words, and as findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
import pandas as pd

from hpanalysis.design.tuning import TUNED
from hpanalysis.questions.finding import ALPHA, Finding, Tier, Verdict
from hpanalysis.questions.level_claims import swapped
from hpanalysis.questions.report import Context, each_seen, finding_of, is_shown, nothing_shown
from hpanalysis.questions.tuned_contrast.tries import BY_K, EQUAL_COST, crossing
from hpanalysis.statistics.chosen import BEST
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import numbers, phrases, scales
from hpanalysis.style.lines import opening
from hpanalysis.style.listing import first_few
from hpanalysis.style.rows import Row, known, pair_of, rows_of
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer, Asked

# Beyond that many rows a table shows the average over data sets alone.
LONGEST = 60
# Whether a pair is opposed, and shown so -> what a table says.
OPPOSED = {(False, False): "", (True, False): "yes", (True, True): "yes, both shown"}
# What tells comparisons apart.
PLACE = ("hyperparameter", "value", "reference", "dataset")


class Level(Row, Protocol):
    """A level, or with a reference the difference between two of them."""

    opposed: bool
    opposed_shown: bool


def typed(rows: pd.DataFrame) -> Iterator[Level]:
    """Rows of an answer one by one, typed."""
    return cast("Iterator[Level]", rows.itertuples())


def scales_of(answer: Answer) -> tuple[str, str]:
    """The scale after tuning, the median where failures have no value, and that on average."""
    return next((scale for scale in BEST if (answer.frame["scale"] == scale).any()), BEST[0]), "mean"


def levels(answer: Answer, scale: str) -> pd.DataFrame:
    """The levels by themselves, on one scale."""
    return answer.frame[(answer.frame["scale"] == scale) & (answer.frame["reference"] == "")]


def differences(answer: Answer, scale: str) -> pd.DataFrame:
    """The differences between levels, on one scale."""
    return answer.frame[(answer.frame["scale"] == scale) & (answer.frame["reference"] != "")]


def scale_name(answer: Answer, scale: str) -> str:
    """What a scale is called over a column."""
    if scale in BEST:
        reported = scales.metric(answer.asked, "best_of_k")
        return f"{tuned_by(int(answer.asked['k'] or 0), scale)}, in {reported}"
    every = (levels(answer, "mean")["runs"] == "all").all()
    return f"{'untuned' if every else 'untuned, of successful runs'}, in {scales.metric(answer.asked)}"


def table(answer: Answer) -> Table:
    """Levels, then differences: both scales side by side, and whether they point in opposite directions."""
    by_scale = {scale: answer.frame[answer.frame["scale"] == scale] for scale in scales_of(answer)}
    every = by_scale["mean"]
    pooled = every["dataset"] == POOLED
    rows = every[pooled] if len(every) > LONGEST and pooled.any() else every
    name = str(answer.asked["hyperparameter"])
    frame: dict[str, list[str] | list[int]] = {}
    frame[name] = [str(pair_of(row)) if row.reference else row.value for row in typed(rows)]
    if every["dataset"].nunique() > 1:
        frame["where"] = rows["dataset"].tolist()
    for scale, own in by_scale.items():
        digits = numbers.decimals(own["estimate"])
        texts = {
            (row.value, row.reference, row.dataset): numbers.with_interval(row, digits, signed=bool(row.reference))
            for row in typed(own)
        }
        frame[scale_name(answer, scale)] = [
            texts.get((row.value, row.reference, row.dataset), "–") for row in typed(rows)
        ]
    frame["opposite signs"] = [OPPOSED[bool(row.opposed), bool(row.opposed_shown)] for row in typed(rows)]
    frame["runs"] = [int(row.n) for row in typed(rows)]
    notes = [
        "Intervals are 95 % each; limits that hold for all differences together are in the answer's own table.",
        *over_k(answer),
        *equal_cost(answer),
    ]
    if len(rows) < len(every):
        notes.append(f"{len(every) - len(rows)} more rows, one a data set, are in the answer's own table.")
    return Table(pd.DataFrame(frame), (*notes, *answer.caveats))


def summary(answer: Answer, key: str | None = None) -> str:
    """The best level on both scales, and the pairs whose signs are opposite."""
    ranked = [f"{_ranked(answer, scale)}." for scale in scales_of(answer)]
    return " ".join([*ranked, _turned(answer), *over_k(answer), *equal_cost(answer)])


def _turned(answer: Answer) -> str:
    """Which pairs are shown to change their order by tuning.

    Estimates alone change it by luck, and differences lose the luck that the levels by themselves have.
    """
    pairs = _pooled(differences(answer, scales_of(answer)[0]))
    up = 1 if answer.asked["goal"] == "max" else -1
    texts = []
    for row in typed(pairs[pairs["opposed_shown"].eq(True)]):
        ahead, behind = (row.value, row.reference) if up * row.estimate > 0 else (row.reference, row.value)
        texts.append(f"{ahead} is ahead of {behind} after tuning and behind it untuned")
    return f"{opening(first_few(texts))}." if texts else "No pair is shown to change its order by tuning."


def _pooled(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["dataset"] == POOLED]


def over_k(answer: Answer) -> list[str]:
    """From how many tries on another level is the better one, a sentence a pair and place."""
    rows = answer.frame[answer.frame["scale"] == BY_K]
    up = 1 if answer.asked["goal"] == "max" else -1
    out = []
    for _, curve in rows.groupby(list(PLACE), sort=False):
        found, last = crossing(curve), next(rows_of(curve.tail(1)))
        if found.low != found.low and found.high != found.high:
            # Estimates cross by chance wherever levels are alike.
            continue
        # By the estimate, which is what crosses: where a p is 1 there is no direction.
        ahead = up * last.estimate > 0
        better, worse = (last.value, last.reference) if ahead else (last.reference, last.value)
        known = {f"{worse} up to {_tries(found.low)}": found.low, f"{better} from {_tries(found.high)} on": found.high}
        told = ", ".join(text for text, k in known.items() if k == k)
        where = "" if last.dataset == POOLED else f"On {last.dataset}, "
        out.append(
            f"{where}{worse} looks better than {better} with fewer than about {found.at:.0f} tries, and {better} with "
            f"more (shown: {told})."
        )
    return out


def _tries(k: float) -> str:
    return f"{k:g} {'try' if k == 1 else 'tries'}"


def equal_cost(answer: Answer) -> list[str]:
    """What differs when levels are tried as often as costs the same, over all data sets."""
    rows = _pooled(answer.frame[answer.frame["scale"] == EQUAL_COST])
    if rows.empty:
        return []
    tries = ", ".join(f"{_tries(k)} with {level}" for level, k in answer.asked["tries"].items())
    known = rows[rows["p_adjusted"] <= ALPHA]
    told = [
        f"{row.value} {'beats' if row.direction > 0 else 'does worse than'} {row.reference} by about "
        f"{phrases.size(answer.asked, row.estimate)}"
        for row in rows_of(known)
    ]
    return [f"In equal {answer.asked['cost']} ({tries}), {first_few(told) if told else 'no pair is shown to differ'}."]


def _ranked(answer: Answer, scale: str) -> str:
    """The levels from the best to the worst."""
    name = opening(scale_name(answer, scale))
    rows = known(_pooled(levels(answer, scale)))
    if rows.empty:
        return f"{name}: too few runs"
    digits = numbers.decimals(rows["estimate"])
    best = rows.sort_values("estimate", ascending=answer.asked["goal"] == "min", kind="stable")
    return f"{name}, from the best: {first_few([f'{r.value} {numbers.with_interval(r, digits)}' for r in typed(best)])}"


def label(row: Row) -> str:
    """What a row of a list of claims is about."""
    return f"{pair_of(row)}, best of {int(row.k)}"


def findings(answer: Answer) -> list[Finding]:
    """Pairs that differ after tuning, adjusted for all pairs and places, or that none is shown to; exploratory."""
    context, (scale, _) = (
        replace(Context.of(answer), found={"contrast": differences(answer, "mean")}),
        scales_of(answer),
    )
    rows = differences(answer, scale)
    when = tuned_by(int(answer.asked["k"] or 0), scale)
    return list(render(rows, context)) or [nothing_shown(answer, rows, when=when, kind="tuned")]


def render(rows: pd.DataFrame, context: Context) -> Iterator[Finding]:
    """A sentence for each pair of levels in each place that differs in the best of k, beside how it does on average."""
    average = context.found.get("contrast", pd.DataFrame(columns=list(PLACE)))
    beside: dict[tuple[object, ...], list[Row]] = {}
    for row in rows_of(average.assign(shown=is_shown(average))):
        beside.setdefault(_place(row), []).append(row)
    each, turned = list(rows_of(rows)), list(rows_of(swapped(rows)))
    for found in each_seen(rows, PLACE, context):
        told = each[found.rows[0]]
        # The better level first where there are several.
        first = turned[found.rows[0]] if told.levels > 2 and told.direction < 0 else told
        tier = context.tier(told.hyperparameter) if found.headline else "exploratory"
        said = _on_average(beside.get(_place(told), []), told, first)
        yield _finding(first, said, context, tier)


def _place(row: Row) -> tuple[object, ...]:
    return tuple(getattr(row, column) for column in PLACE)


def _finding(told: Row, average: str, context: Context, tier: Tier) -> Finding:
    """The sentence on a pair, with what is said of it on average."""
    about = context.about
    word: Verdict = "better" if told.direction > 0 else "worse"
    said = f"{phrases.place(about, told.dataset, told.places)}{tuned_by(int(told.k), told.scale)}, "
    said += f"{told.hyperparameter}={told.value} {_did(word, tier)} {told.reference}{_size(about, told, tier)}"
    said += average + phrases.scope(about) + "."
    said += context.why_observational(told.hyperparameter)
    where = "" if told.dataset == POOLED else f" on {told.dataset}"
    found = finding_of(
        told,
        context,
        said,
        kind="tuned",
        verdict=word,
        question=f"Does {told.hyperparameter}={told.value} do better than {told.reference} after tuning{where}?",
        tier=tier,
    )
    return replace(found, k=int(told.k))


def tuned_by(k: int, scale: str = "best_of_k") -> str:
    """How the best of k is called in a sentence: tuning from `TUNED` draws on.

    Examples
    --------
    >>> tuned_by(20), tuned_by(5)
    ('after tuning (best of 20 runs)', 'with the best of 5 runs')
    """
    best = f"{'median ' if scale.startswith('median') else ''}best of {k} runs"
    return f"after tuning ({best})" if k >= TUNED else f"with the {best}"


def _did(word: Verdict, tier: Tier) -> str:
    if tier == "headline":
        return "beats" if word == "better" else "does worse than"
    return "seems to beat" if word == "better" else "seems to do worse than"


def _size(about: Asked, row: Row, tier: Tier) -> str:
    """By how much, the bound that holds in brackets, of what and on what it was measured."""
    if not np.isfinite(row.low_simultaneous):
        weaker = row.reference if row.direction > 0 else row.value
        return f"; by how much cannot be said, as too few runs with {weaker} came near"
    least = f" (at least {phrases.size(about, phrases.nearest_to_zero(row), 'down')})" if tier == "headline" else ""
    on = f" {about['validated']}" if about.get("validated") else ""
    of = about.get("reported", about["metric"])
    return f" by about {phrases.size(about, row.estimate)} of {of}{least}{on}"


def _on_average(averages: Sequence[Row], row: Row, told: Row) -> str:
    """That a pair differs the other way on average, and how much more often it fails, where these are shown.

    The best of k does not show failures. The pair is `row` as it was compared, and `told` as it is told.
    """
    said = ""
    if any(a.shown and a.scale != "p_fail" and a.direction == -row.direction for a in averages):
        said = f", though a random run does {'worse' if told.direction > 0 else 'better'}"
    rates = [a.estimate for a in averages if a.scale == "p_fail" and a.p <= ALPHA]
    if not rates:
        return said
    more = rates[0] if told is row else -rates[0]
    return f"{said}; it fails {phrases.points(more)} {'more' if more > 0 else 'less'} often"
