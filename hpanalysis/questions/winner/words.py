"""How is a winner told? As a table of the best configurations, in a few sentences, and as what may be said of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, cast

import pandas as pd

from hpanalysis.questions.finding import Finding, Verdict
from hpanalysis.questions.report import Context, counts_datasets, finding_of
from hpanalysis.style import numbers, phrases, scales
from hpanalysis.style.rows import Row
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

# More seeds than that are only counted as more.
MOST_SEEDS = 1000


class Configuration(Row, Protocol):
    """A configuration on one scale, among the best of its data set."""

    rank: int
    settings: str
    failed: int
    may_be_best: bool | None
    candidates: float
    repeat: bool
    seeds_needed: float


class Design(Protocol):
    """The smallest difference that a number of seeds can show among the configurations to run again."""

    configurations: int
    seeds: int
    smallest_gap: float


def on(answer: Answer, scale: str) -> dict[tuple[str, str], Configuration]:
    """Data set and name -> configuration, on one scale, in their order."""
    rows = answer.frame[answer.frame["scale"] == scale]
    return {(row.dataset, row.value): row for row in cast("Iterator[Configuration]", rows.itertuples())}


def places(answer: Answer) -> list[str]:
    """The data sets that have a winner, in their order."""
    return list(answer.frame["dataset"].drop_duplicates())


def first(answer: Answer, dataset: str) -> Configuration:
    """The winner of a data set, as reported."""
    return next(row for row in on(answer, "reported").values() if row.dataset == dataset and row.rank == 1)


def table(answer: Answer) -> Table:
    """One row a configuration: reported, honest, test, whether it may be the best, and how often to run it again."""
    reported, honest, test = (on(answer, scale) for scale in ("reported", "honest", "test"))
    digits = _digits(answer)
    several = len(places(answer)) > 1
    laid_out = []
    for key, row in reported.items():
        cells = {"data set": row.dataset} if several else {}
        cells |= {"configuration": row.value, scales.metric(answer.asked): numbers.with_interval(row, digits)}
        cells["run again"] = numbers.with_interval(honest[key], digits) if key in honest else ""
        if test:
            cells[str(answer.asked["test_metric"])] = numbers.number(test[key].estimate, digits)
        cells["repeats"] = f"{row.n}" + (f" and {row.failed} failed" if row.failed else "")
        cells["may be best"] = "unknown" if row.may_be_best is None else "yes" if row.may_be_best else "no"
        cells["seeds to tell from the winner"] = _seeds(row)
        laid_out.append(cells)
    winners = [first(answer, name) for name in places(answer)]
    notes = [f"{row.dataset}: {row.value} is {row.settings}; {_candidates(answer, row)}." for row in winners]
    notes += ["The settings of the others are in the answer's own table."] if len(reported) > len(winners) else []
    notes += [f"{line}." for line in _designs(answer)]
    return Table(pd.DataFrame(laid_out), (*notes, *answer.caveats))


def _digits(answer: Answer) -> int:
    """Decimals of the reported scores."""
    return numbers.decimals([row.estimate for row in on(answer, "reported").values()])


def _seeds(row: Configuration) -> str:
    needed = row.seeds_needed
    if needed != needed or row.rank == 1:
        return "–"
    return f"over {MOST_SEEDS:,}" if needed > MOST_SEEDS else f"{needed:,.0f}"


def _ran(answer: Answer, row: Configuration) -> str:
    """What the winner did: a run scored, of several the mean is no score of any of them."""
    digits = numbers.decimals([row.estimate])
    did = f"{numbers.number(row.estimate, digits)} {scales.metric(answer.asked)}"
    if row.n == 1:
        return f"{row.value} scored {did}"
    return f"the configuration of {row.value} averages {did} over {row.n} runs"


def _tested(answer: Answer, row: Configuration) -> str:
    """Its score on the metric that chose nothing."""
    if (found := on(answer, "test").get((row.dataset, row.value))) is None:
        return ""
    digits = numbers.decimals([found.estimate])
    return f"; its {answer.asked['test_metric']} is {numbers.number(found.estimate, digits)}"


def _candidates(answer: Answer, winner: Configuration) -> str:
    """How many configurations may be the best of a data set."""
    total = answer.asked["configurations"][winner.dataset]
    if winner.candidates != winner.candidates:
        return f"which of {total:,} configurations may be the best is unknown, as {_blind(answer, winner.dataset)}"
    if winner.candidates <= 1:
        return f"{winner.value} alone may be the best of {total:,} configurations"
    return f"{int(winner.candidates):,} of {total:,} configurations may be the best"


def _blind(answer: Answer, dataset: str) -> str:
    """Why nothing is known of the noise."""
    return answer.asked["blind"].get(dataset, "none was run twice")


def _designs(answer: Answer) -> list[str]:
    """What a number of seeds could tell apart, a text a data set."""
    out = []
    for name, rows in answer.tests.groupby("dataset", sort=False):
        digits = numbers.decimals(rows["smallest_gap"])
        designs = list(cast("Iterator[Design]", rows.itertuples()))
        told = [f"{numbers.number(row.smallest_gap, digits)} with {row.seeds} seeds" for row in designs]
        count = designs[0].configurations
        out.append(f"{name}: the {count} to run again could be told from the best if they differ by {', '.join(told)}")
    return out


def summary(answer: Answer, key: str | None = None) -> str:
    """A few sentences on each data set."""
    honest, lines = on(answer, "honest"), []
    for name in places(answer):
        row = first(answer, name)
        text = f"{name}: {_ran(answer, row)}, the best of all{_tested(answer, row)}"
        if again := honest.get((name, row.value)):
            expected = numbers.with_interval(again, numbers.decimals([row.estimate]))
            text += f"; run again it is expected to score {expected}"
        may = row.candidates == row.candidates and row.candidates > 1
        lines.append(f"{text}." if may else f"{text}; {_candidates(answer, row)}.")
    unsure = [name for name in places(answer) if first(answer, name).candidates > 1]
    designs = [design for name in unsure if (design := _middle(answer, name))]
    if len(designs) == 1:
        lines.append(f"Others may be as good. {_repeats(answer, unsure[0]).removeprefix('. ')}.")
    elif designs:
        gaps = [design.smallest_gap for design in designs]
        ends = " to ".join(numbers.number(x, numbers.decimals(gaps)) for x in (min(gaps), max(gaps)))
        most = max(design.configurations for design in designs)
        lines.append(
            f"Others may be as good. Run the {most} best of each data set again with {designs[0].seeds} seeds: that "
            f"separates configurations {ends} apart."
        )
    return "\n".join(lines) if lines else "No run worked: there is no winner."


def findings(answer: Answer) -> list[Finding]:
    """What may be said of each winner: it is the best, it may be, or it cannot be told; exploratory, by data set."""
    every = [_finding(answer, first(answer, name)) for name in places(answer)]
    return [_on_how_many(answer, every)] if counts_datasets(every) else every


def _on_how_many(answer: Answer, every: list[Finding]) -> Finding:
    """One sentence on all winners, where data sets are too many to name each."""
    alone = sum(found.verdict == "better" for found in every)
    said = f"On {alone} of {len(every)} data sets one configuration alone seems to be the best; on the others "
    said += "several may be, or it cannot be told."
    question = "Is the best configuration of each data set really the best?"
    family = every[0].family
    return Finding("", question, "selection", "better" if alone else "cannot tell", said, "exploratory", family=family)


def _finding(answer: Answer, row: Configuration) -> Finding:
    """The sentence on a winner; its numbers are those it would score again, or as reported where luck is unknown."""
    context = Context.of(answer)
    several = len(answer.asked["configurations"]) > 1
    again = on(answer, "honest").get((row.dataset, row.value))
    verdict, told = _verdict(answer, row, again)
    where = phrases.place(context.about, row.dataset) if several else ""
    said = finding_of(
        again or row,
        context,
        f"{where}{told}{phrases.scope(context.about)}.",
        kind="selection",
        verdict=verdict,
        question=f"Is the best configuration{f' on {row.dataset}' if several else ''} really the best?",
    )
    # A winner is told by the set of those that may be the best, which has no p of its own.
    return replace(said, dataset=row.dataset if several else None, p_adjusted=None)


def _verdict(answer: Answer, row: Configuration, again: Configuration | None) -> tuple[Verdict, str]:
    digits = numbers.decimals([row.estimate])
    ran, tested = f"{_ran(answer, row)}, the best of all", _tested(answer, row)
    if row.candidates != row.candidates:
        return (
            "cannot tell",
            f"{ran}{tested}; how much of it is luck cannot be told: {_blind(answer, row.dataset)}; "
            "to tell, run the best ones again with other seeds",
        )
    expected = tested
    if again is not None:
        expected += f"; run again it would be expected to score about {numbers.with_interval(again, digits)}"
    if row.candidates <= 1:
        total = answer.asked["configurations"][row.dataset]
        return "better", f"{_ran(answer, row)} and seems to be the best of {total:,} configurations tried{expected}"
    return "undecided", f"{ran}, but others may be as good{expected}{_repeats(answer, row.dataset)}"


def _repeats(answer: Answer, dataset: str) -> str:
    """What running the best again would tell; the other numbers of seeds are in the answer's own tests."""
    middle = _middle(answer, dataset)
    if middle is None:
        return ""
    rows = answer.tests[answer.tests["dataset"] == dataset]
    gap = numbers.number(middle.smallest_gap, numbers.decimals(rows["smallest_gap"]))
    names = [row.value for row in on(answer, "reported").values() if row.dataset == dataset and row.repeat]
    every = len(names) == middle.configurations
    which = f"these {len(names)} again" if every else f"the {middle.configurations} best again"
    named = f": {', '.join(names)}" if every else ""
    return f". Run {which} with {middle.seeds} seeds each{named}; that separates configurations {gap} apart"


def _middle(answer: Answer, dataset: str) -> Design | None:
    """Of the numbers of seeds that were worked out, the one in the middle; None where nothing is known of the noise."""
    rows = answer.tests[answer.tests["dataset"] == dataset]
    designs = list(cast("Iterator[Design]", rows.itertuples()))
    return designs[len(designs) // 2] if designs else None
