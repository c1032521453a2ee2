"""How is importance told? As a table with a row for each hyperparameter, in words, and as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hpanalysis.questions.finding import Finding
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import scales
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer


LEVEL = 0.05


# Pairs and coefficients beyond that many are in the answer's own table only.
PAIRS = 5


FAMILY = "one answer"


MARK = "*"


NAMES = {
    "ols": "linear regression",
    "forest": "the impurity of a forest",
    "permutation": "permutation in a forest",
    "fanova": "functional ANOVA",
    "anova": "shares by design",
    "hsic": "HSIC",
    "best_of_k": "the best of k",
}


def outcome_of(answer: Answer) -> str:
    """What should matter, in words: the metric by its name, failing, the rank, being among the best."""
    of, metric = str(answer.asked["of"]), str(answer.asked["metric"])
    return {"metric": metric, "fail": "whether a run fails", "rank": f"the rank of {metric}"}.get(of, of)


def measure_of(answer: Answer) -> str:
    """The measure in words."""
    return NAMES.get(answer.asked["measure"], str(answer.asked["measure"]))


def leading(answer: Answer) -> pd.DataFrame:
    """The bars that are ranked: total effects where there are any, else main effects, on the measure's own scale."""
    table = answer.frame
    if table.empty:
        return table
    effect = next((e for e in ("total", "main") if (table["effect"] == e).any()), "main")
    rows = table[(table["effect"] == effect) & (table["scale"] == answer.asked["scale"])]
    return rows if len(rows) else table[table["effect"] == effect]


def ranked(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of all data sets together, the largest first; those without a number last."""
    whole = rows[rows["dataset"] == POOLED]
    order = whole["estimate"].abs().sort_values(ascending=False, kind="stable", na_position="last").index
    return whole.loc[order]


def table(answer: Answer) -> Table:
    """One row a hyperparameter; one column an effect or scale, and one a data set; p and floor of the leading bars."""
    rows = ranked(leading(answer))
    table = answer.frame
    frame: dict[str, list[str]] = {"hyperparameter": rows["hyperparameter"].to_list()}
    digits = scales.decimals(rows["estimate"])
    columns = table[table["effect"].isin(["main", "total"]) & (table["dataset"] == POOLED)]
    for (effect, scale), part in columns.groupby(["effect", "scale"], sort=False):
        known = {row.hyperparameter: _number(row, digits) for row in part.itertuples()}
        head = f"{effect}, {scale}" if columns["effect"].nunique() > 1 else str(scale)
        frame[head] = [known.get(name, "–") for name in frame["hyperparameter"]]
    if rows["value"].astype(bool).any():
        frame["column"] = rows["value"].to_list()
    judged = _judged(answer, rows)
    frame["p adjusted"] = [scales.p_value(judged.get(name, np.nan)) for name in frame["hyperparameter"]]
    frame["noise floor"] = [scales.number(x, digits) for x in rows["floor"]]
    for place, part in leading(answer).groupby("dataset", sort=False):
        if place != POOLED:
            each = part.set_index("hyperparameter")["estimate"]
            frame[str(place)] = [scales.number(each.get(name, np.nan), digits) for name in frame["hyperparameter"]]
    frame["runs"] = rows["n"].astype(int).to_list()
    head = f"What matters for {outcome_of(answer)}, by {measure_of(answer)}."
    return Table(
        pd.DataFrame(frame),
        (
            head,
            *_pairs(answer),
            f"Intervals: {answer.asked['interval']}.",
            *answer.caveats,
        ),
    )


def _number(row: Any, digits: int) -> str:
    """An estimate with its interval, or with its upper bound where it has no lower one."""
    if np.isfinite(row.estimate) and np.isfinite(row.high) and not np.isfinite(row.low):
        return f"{scales.number(row.estimate, digits)} (at most {scales.number(row.high, digits)})"
    return scales.with_interval(row, digits)


def _judged(answer: Answer, rows: pd.DataFrame) -> dict[str, float]:
    """Adjusted p of each hyperparameter: of the bar, or of its omnibus test where the bars have none."""
    own = dict(zip(rows["hyperparameter"], rows["p_adjusted"], strict=True))
    if np.isfinite(rows["p_adjusted"].to_numpy(float)).any() or answer.tests.empty:
        return own
    tests = answer.tests[answer.tests["dataset"] == POOLED]
    return dict(zip(tests["hyperparameter"], tests["p_adjusted"], strict=True))


def _pairs(answer: Answer) -> list[str]:
    table = answer.frame
    pairs = table[(table["effect"] == "pair") & (table["dataset"] == POOLED) & np.isfinite(table["estimate"])]
    shown = pairs[(pairs["p_adjusted"] <= LEVEL) | (pairs["p"].isna() & (pairs["estimate"] > pairs["floor"]))]
    if shown.empty:
        return [f"None of {len(pairs)} pairs stands out from noise."] if len(pairs) else []
    largest = shown.sort_values("estimate", ascending=False, kind="stable").head(PAIRS)
    told = [f"{row.hyperparameter} × {row.other} {row.estimate:.3f}" for row in largest.itertuples()]
    more = f", and {len(shown) - PAIRS} more" if len(shown) > PAIRS else ""
    return [f"Pairs beyond main effects, above noise: {'; '.join(told)}{more}."]


def stands_out(rows: pd.DataFrame) -> list[bool]:
    """Which bars are told from chance: by their own adjusted p where they have one, else by the noise floor."""
    return [
        bool(row.p_adjusted <= LEVEL if np.isfinite(row.p_adjusted) else abs(row.estimate) > row.floor)
        for row in rows.itertuples()
    ]


def summary(answer: Answer, key: str | None = None) -> str:
    """What the bars say, without judging why."""
    rows = ranked(leading(answer))
    known = rows[np.isfinite(rows["estimate"])]
    what = f"For {outcome_of(answer)}, by {measure_of(answer)}"
    if known.empty:
        return " ".join([f"{what}: no numbers.", *answer.caveats])
    digits = scales.decimals(known["estimate"])
    shown = known[stands_out(known)]
    if shown.empty:
        text = f"{what}, none of {len(known)} hyperparameters is told from chance."
    else:
        told = [f"{_bar(row)} {_number(row, digits)}" for row in shown.head(6).itertuples()]
        more = f" and {len(shown) - 6} more" if len(shown) > 6 else ""
        count = f"{len(shown)} of {len(known)} hyperparameters {'is' if len(shown) == 1 else 'are'} told from chance"
        text = f"{what}, {count} ({_scale(answer, rows)}): {'; '.join(told)}{more}."
    return " ".join([text, *_beside(answer), *_pairs(answer)])


def _scale(answer: Answer, rows: pd.DataFrame) -> str:
    """What the bars are: shares of total effects overlap, and are no shares of a whole."""
    scale, total = str(answer.asked["scale"]), rows["effect"].eq("total").all()
    return f"total {scale}" if total and scale.startswith("share") else scale


def _bar(row: Any) -> str:
    """What a bar is called: a hyperparameter, with the level where its column is of one."""
    return f"{row.hyperparameter} = {row.value}" if row.value else str(row.hyperparameter)


def _beside(answer: Answer) -> list[str]:
    """What shuffling costs in the same forest: impurity is never told alone."""
    if answer.asked["measure"] != "forest":
        return []
    rows = ranked(answer.frame[answer.frame["scale"] == "R2 lost"])
    rows = rows[np.isfinite(rows["estimate"])].head(6)
    digits = scales.decimals(rows["estimate"])
    told = [f"{row.hyperparameter} {scales.number(row.estimate, digits)}" for row in rows.itertuples()]
    return [f"Shuffled in runs that the forest never saw they cost R2: {'; '.join(told)}."] if told else []


def findings(answer: Answer) -> list[Finding]:
    """Exploratory sentences: which hyperparameters matter at all, as one claim each."""
    rows = ranked(leading(answer))
    what = outcome_of(answer)
    judged = _judged(answer, rows)
    found = []
    for row in rows.itertuples():
        p = float(judged.get(row.hyperparameter, np.nan))
        if not p <= LEVEL:
            continue
        shown = "< 0.001" if p < 0.001 else f"= {p:.2g}"
        size = f"{_scale(answer, rows)} {row.estimate:.2g}"
        said = f"{row.hyperparameter} matters for {what}, by {measure_of(answer)} ({size}, adjusted p {shown})."
        numbers = {key: float(getattr(row, key)) for key in ("estimate", "low", "high")}
        found.append(
            Finding(
                "",
                f"Does {row.hyperparameter} matter?",
                "failure" if answer.asked["of"] == "fail" else "importance",
                "matters",
                said,
                "exploratory",
                hyperparameter=row.hyperparameter,
                p_adjusted=p,
                family=FAMILY,
                n=int(row.n),
                **{key: value for key, value in numbers.items() if np.isfinite(value)},
            )
        )
    return found
