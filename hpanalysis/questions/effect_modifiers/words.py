"""What is said of what an effect depends on: a table, a summary that is also the alt text, and findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from hpanalysis.questions import dependence
from hpanalysis.questions.finding import ALPHA, Finding
from hpanalysis.questions.report import Context
from hpanalysis.statistics.rounding import ordering
from hpanalysis.style import numbers
from hpanalysis.style.listing import first_few
from hpanalysis.style.rows import Row, TestRow, ends, known, pair_of, tests_of
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer


class Where(NamedTuple):
    """Where an effect differs most, as texts: which difference, its lowest and its highest size."""

    pair: str
    lowest: str
    highest: str


def sorted_tests(answer: Answer) -> list[TestRow]:
    """The tests of an answer, the smallest p first."""
    return list(tests_of(answer.tests.sort_values("p", kind="stable", na_position="last", key=ordering)))


def widest(answer: Answer, other: str) -> pd.DataFrame:
    """Of the effects at the levels of another hyperparameter, those of the value for which they differ most."""
    rows: pd.DataFrame = answer.frame[(answer.frame["other"] == other) & (answer.frame["scale"] == "mean")]
    with_estimate = known(rows)
    if with_estimate.empty:
        value = str(rows["value"].iloc[0])
    else:
        value = str(with_estimate.groupby("value", sort=False)["estimate"].agg(lambda x: x.max() - x.min()).idxmax())
    there: pd.DataFrame = rows[rows["value"] == value]
    return there


def table(answer: Answer) -> Table:
    """One row an other hyperparameter: the test, and the lowest and the highest effect at its levels."""
    tests = sorted_tests(answer)
    where = [_where(answer, test.other) for test in tests]
    frame = pd.DataFrame(
        {
            f"does the effect of {answer.asked['hyperparameter']} depend on": [test.other for test in tests],
            "p": [numbers.exact_p(test.p) for test in tests],
            "p adjusted": [numbers.exact_p(test.p_adjusted) for test in tests],
            "where the mean differs most": [ends.pair for ends in where],
            "lowest effect": [ends.lowest for ends in where],
            "highest effect": [ends.highest for ends in where],
        }
    )
    note = "Tests on the mean, adjusted by Holm over this table; intervals for each row alone."
    return Table(frame, (note, *answer.caveats))


def _where(answer: Answer, other: str) -> Where:
    rows = known(widest(answer, other))
    if len(rows) < 2:
        return Where("too few runs to show where", numbers.MISSING, numbers.MISSING)
    digits = numbers.decimals(answer.frame.loc[answer.frame["scale"] == "mean", "estimate"])
    low, high = ends(rows)
    texts = (f"{numbers.with_interval(row, digits, signed=True)} at {row.other_value}" for row in (low, high))
    return Where(str(pair_of(low)), *texts)


def summary(answer: Answer, key: str | None = None) -> str:
    """How many dependences the tests show, and the strongest of them with its ends."""
    tests, hyperparameter = sorted_tests(answer), answer.asked["hyperparameter"]
    if not tests:
        return f"There is nothing else that the effect of {hyperparameter} could depend on."
    tested = [test for test in tests if test.p == test.p]
    if not tested:
        return f"What the effect of {hyperparameter} depends on cannot be tested: too few runs."
    shown = [test.other for test in tested if test.p_adjusted <= ALPHA]
    count = f"Of {len(tested)} tests, adjusted for each other, {len(shown)} show{'s' * (len(shown) == 1)}"
    head = f"{count} that the effect of {hyperparameter} depends on something"
    if not shown:
        first = tested[0]
        return f"{head}; the smallest adjusted p is {numbers.p_value(first.p_adjusted)} ({first.other})."
    texts = first_few([f"{other} ({_in_brackets(_where(answer, other))})" for other in shown])
    return f"{head}: {texts}. Power is poor: the others stay open."


def _in_brackets(where: Where) -> str:
    if where.lowest == numbers.MISSING:
        return where.pair
    return f"mean of {where.pair}: {where.lowest}, {where.highest}"


def label(row: Row) -> str:
    """What a row of a list of claims is about."""
    where = f", {row.other} = {row.other_value}" if row.other else ""
    if row.scale != "best_at":
        return f"{pair_of(row)}{where}"
    return f"value in the best of {row.k:.0f}{where}" + (f" beside {row.reference}" if row.reference else "")


def render(rows: pd.DataFrame, context: Context) -> Iterator[Finding]:
    """Nothing: how one depends on another is said by the verdicts, where all that is known of both is at hand."""
    yield from ()


def findings(answer: Answer) -> list[Finding]:
    """Exploratory sentences on what the effect depends on, adjusted over all tests; one on what stays open."""
    name, tests = str(answer.asked["hyperparameter"]), sorted_tests(answer)
    found = [test for test in tests if test.p_adjusted <= ALPHA]
    left = [test.p_adjusted for test in tests if not test.p_adjusted <= ALPHA]
    return [
        *(dependence.shown(answer.asked, test, "adjusted p", test.p_adjusted) for test in found),
        *dependence.left_open(left, f"what else the effect of {name} depends on", name),
    ]
