"""How is a winner told? As a table of the best configurations, in a few sentences, and as what may be said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from hpanalysis.questions.answer import facts
from hpanalysis.questions.finding import Finding
from hpanalysis.style import phrases, scales
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

FAMILY = "one answer"


def on(answer: Answer, scale: str) -> pd.DataFrame:
    """The rows of one scale, one a configuration, by data set and name."""
    rows = answer.frame[answer.frame["scale"] == scale]
    return rows.set_index(["dataset", "value"])


def places(answer: Answer) -> list[str]:
    """The data sets, in their order."""
    return list(answer.frame["dataset"].drop_duplicates())


def table(answer: Answer) -> Table:
    """One row a configuration: reported, honest, test, whether it may be the best, and how often to run it again."""
    reported, honest, test = (on(answer, scale) for scale in ("reported", "honest", "test"))
    digits = scales.decimals(reported["estimate"]) if len(reported) else 3
    several = len(places(answer)) > 1
    rows = []
    for key, row in reported.iterrows():
        shown = {"data set": key[0]} if several else {}
        shown |= {"configuration": key[1], scales.metric(answer.asked): scales.with_interval(row, digits)}
        shown["run again"] = scales.with_interval(honest.loc[key], digits) if key in honest.index else ""
        if len(test):
            shown[str(answer.asked["test_metric"])] = scales.number(test.loc[key, "estimate"], digits)
        shown["repeats"] = f"{int(row['n'])}" + (f" and {int(row['failed'])} failed" if row["failed"] else "")
        shown["may be best"] = {True: "yes", False: "no"}.get(row["may_be_best"], "unknown")
        shown["seeds to tell from the winner"] = _seeds(row)
        rows.append(shown)
    first = [(name, _first(answer, name)) for name in places(answer)]
    notes = [f"{name}: {row['value']} is {row['settings']}; {_candidates(answer, name)}." for name, row in first]
    notes += ["The settings of the others are in the answer's own table."] if len(reported) > len(first) else []
    notes += [f"{line}." for line in _designs(answer)]
    return Table(
        pd.DataFrame(rows),
        (
            *notes,
            *answer.caveats,
        ),
    )


def _seeds(row: pd.Series) -> str:
    needed = row["seeds_needed"]
    if needed != needed or row["rank"] == 1:
        return "–"
    return "over 1,000" if needed > 1000 else f"{needed:,.0f}"


def _first(answer: Answer, dataset: str) -> pd.Series:
    rows = answer.frame
    return rows[(rows["dataset"] == dataset) & (rows["scale"] == "reported") & (rows["rank"] == 1)].iloc[0]


def _candidates(answer: Answer, dataset: str) -> str:
    row = _first(answer, dataset)
    total = int(answer.asked["configurations"][dataset])
    if row["candidates"] != row["candidates"]:
        return f"which of {total:,} configurations may be the best is unknown, as {_blind(answer, dataset)}"
    if row["candidates"] <= 1:
        return f"{row['value']} alone may be the best of {total:,} configurations"
    return f"{int(row['candidates']):,} of {total:,} configurations may be the best"


def _blind(answer: Answer, dataset: str) -> str:
    """Why nothing is known of the noise."""
    return answer.asked.get("blind", {}).get(dataset, "none was run twice")


def _designs(answer: Answer) -> list[str]:
    out = []
    for name, rows in answer.tests.groupby("dataset", sort=False):
        digits = scales.decimals(rows["smallest_gap"])
        told = [f"{scales.number(r.smallest_gap, digits)} with {r.seeds} seeds" for r in rows.itertuples()]
        count = rows["configurations"].iloc[0]
        out.append(f"{name}: the {count} to run again could be told from the best if they differ by {', '.join(told)}")
    return out


def summary(answer: Answer, key: str | None = None) -> str:
    """A few sentences on each data set."""
    lines = []
    for name in places(answer):
        row = _first(answer, name)
        digits = scales.decimals([row["estimate"]])
        text = f"{name}: {row['value']} has the best {scales.metric(answer.asked)}, "
        text += (
            f"{scales.number(row['estimate'], digits)} ({scales.direction(answer.asked)}); {_candidates(answer, name)}"
        )
        honest = on(answer, "honest")
        if (name, row["value"]) in honest.index:
            again = scales.with_interval(honest.loc[(name, row["value"])], digits)
            text += f"; run again it would be expected to score {again}"
        test = on(answer, "test")
        if len(test):
            score = scales.number(test.loc[(name, row["value"]), "estimate"], digits)
            text += f"; its {answer.asked['test_metric']} is {score}"
        lines.append(text + ".")
    return "\n".join(lines) if lines else "No run worked: there is no winner."


def findings(answer: Answer) -> list[Finding]:
    """What may be said of each winner: it is the best, it may be, or it cannot be told; exploratory, by data set."""
    about = facts(answer)
    out = []
    for name in places(answer):
        row = _first(answer, name)
        verdict, told = _verdict(answer, row, name)
        where = phrases.place(about, name) if len(answer.asked["configurations"]) > 1 else ""
        sentence = f"{where}{told}{phrases.scope(about)}."
        honest = on(answer, "honest")
        numbers: dict[str, Any] = {"n": int(row["n"]), "estimate": float(row["estimate"])}
        if (name, row["value"]) in honest.index:
            again = honest.loc[(name, row["value"])]
            numbers |= {f: float(again[f]) for f in ("estimate", "low", "high")} | {"ci_level": answer.asked["level"]}
        numbers |= {"dataset": name if len(answer.asked["configurations"]) > 1 else None, "value": row["value"]}
        question = f"Is the best configuration{f' on {name}' if numbers['dataset'] else ''} really the best?"
        out.append(
            Finding(
                "", question, "selection", verdict, sentence, "exploratory", runs="successful", family=FAMILY, **numbers
            )
        )
    return out


def _verdict(answer: Answer, row: pd.Series, dataset: str) -> tuple[Any, str]:
    digits = scales.decimals([row["estimate"]])
    scored = f"{row['value']} scored {scales.number(row['estimate'], digits)} {scales.metric(answer.asked)}"
    if row["candidates"] != row["candidates"]:
        return (
            "cannot tell",
            f"{scored}, the best of all, but how much of it is luck cannot be told: {_blind(answer, dataset)}; "
            "to tell, run the best ones again with other seeds",
        )
    honest = on(answer, "honest")
    again = ""
    if (dataset, row["value"]) in honest.index:
        numbers = honest.loc[(dataset, row["value"])]
        again = f"; run again it would be expected to score about {scales.with_interval(numbers, digits)}"
    if row["candidates"] <= 1:
        total = answer.asked["configurations"][dataset]
        return "better", f"{scored} and seems to be the best of {total:,} configurations tried{again}"
    open_ = f"{scored}, the best of all, but {_candidates(answer, dataset)}"
    return "undecided", f"{open_}{again}{_repeats(answer, dataset)}"


def _repeats(answer: Answer, dataset: str) -> str:
    """What running the best again would tell; the other numbers of seeds are in the answer's own tests."""
    rows = answer.tests[answer.tests["dataset"] == dataset]
    if rows.empty:
        return ""
    row = rows.iloc[len(rows) // 2]
    gap = scales.number(row["smallest_gap"], scales.decimals(rows["smallest_gap"]))
    return (
        f"; the {row['configurations']} best, run again with {row['seeds']} seeds each, could be told from the best of "
        f"them if they differ by {gap}"
    )
