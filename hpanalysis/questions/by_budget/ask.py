"""Does what separates values early separate them later, too? The same pairs of values at one budget after another."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from hpanalysis.design.balance import stopped_share
from hpanalysis.design.design import Design
from hpanalysis.errors import UserError
from hpanalysis.questions.answer import Answer, Asked, Record, facts_of, in_vocabulary
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.level_claims import swapped
from hpanalysis.questions.report import THIS_ANSWER, Report, is_shown
from hpanalysis.statistics.differences import POOLED, compare
from hpanalysis.statistics.multiplicity import holm
from hpanalysis.style.rows import rows_of
from hpanalysis.sweeps.budgets import STOPPED
from hpanalysis.sweeps.history import NONE
from hpanalysis.sweeps.sweep import Sweep

# More budgets than that are not looked at: from the first to the last, about evenly on a logarithm.
BUDGETS = 7


def by_budget(sweep: Sweep | Design, hyperparameter: str) -> Answer:
    """Compare the values of a hyperparameter at one budget after another.

    Parameters
    ----------
    sweep
        A sweep with curves of its metric, or its design; pruned or not.
    hyperparameter
        Its values are compared pair by pair; a range is cut into four slices of equal width in the search measure.

    Returns
    -------
    Answer
        One row a pair and budget: the probability of superiority of ``value`` on the same data set, averaged over data
        sets, among the runs that came so far; ``other`` is the column of the budget, ``other_value`` such as "3 of 15".
        Intervals are 95 % for each row alone, ``p_adjusted`` is Holm's over all rows. ``tests``: of each pair that is
        told apart at the first budget of the table, the better value first, how it stands at the highest budget that
        enough runs of both reached; Holm's over these.

    Raises
    ------
    UserError
        If there are no curves of the metric, or the hyperparameter is unknown or has a single value.

    Notes
    -----
    Where a scheduler stopped runs, those that came further were chosen by their first results: of a value that starts
    worse only the luckiest went on, so that it looks better among them than it is. A ranking that holds in spite of
    this is likely to hold; one that turns round may owe it to the choice. Li et al. (2018), arXiv:1603.06560.

    Examples
    --------
    >>> from hpanalysis import by_budget, toys
    >>> sweep = toys.with_curves(toys.make(toys.STRONG, 400, 0), {"augmentation": {"on": -12.0}}, 9, 0)
    >>> frame = by_budget(sweep, "augmentation").frame
    >>> frame.set_index("other_value")["estimate"].gt(0.5)[["1 of 9", "9 of 9"]].tolist()
    [False, True]
    """
    design = Design.of(sweep)
    design.levels_of(hyperparameter)
    at = _Budgets(design.sweep)
    first = at.steps[0] if design.sweep.budget is None else design.sweep.budget.value
    shown = _spread(at.steps[at.steps >= first])
    table = pd.concat([at.rows(hyperparameter, step) for step in shown], ignore_index=True)
    table["p_adjusted"] = holm(table["p"].to_numpy(float))
    known = table["p_adjusted"] <= ALPHA
    early = table[known & (table["other_value"] == at.text(first))]
    tests = at.later(_better_first(early), shown[1:], 1.0)
    caveats = ["Runs that came further were chosen by their first results: later rows are observational."]
    facts = facts_of(design)
    facts.pop("budget", None)
    asked = facts | Asked(hyperparameter=hyperparameter, level=0.95, family=THIS_ANSWER)
    pruned = any(stopped_share(at.design(step)) >= STOPPED for step in shown)
    return Answer("by_budget", table, tests, asked=asked, caveats=tuple(caveats[: int(pruned)]), differences=True)


def claims(design: Design, report: Report) -> pd.DataFrame:
    """How the pairs that are headlines at a low budget stand at the highest one that both reached; none at the end."""
    sweep = design.sweep
    if sweep.budget is None or sweep.curves is None or sweep.budget.value == sweep.budget.end:
        return pd.DataFrame()
    at = _Budgets(sweep)
    levels = report.found["contrast"]
    shown = levels[is_shown(levels) & (levels["dataset"] == POOLED)]
    early = _better_first(shown).drop_duplicates(["hyperparameter", "value", "reference"])
    later = at.later(early, _spread(at.steps[at.steps >= sweep.budget.value])[1:], report.share / ALPHA)
    tests = report.found["omnibus_tests"]
    matter = tests.loc[tests["p_adjusted"] <= ALPHA, "hyperparameter"]
    open_ = [name for name in matter if name not in set(early["hyperparameter"])]
    alone = [
        Record(hyperparameter=name, other=at.name, other_value=at.text(at.end), scale="p_better") for name in open_
    ]
    return in_vocabulary(pd.concat([later, pd.DataFrame(alone)], ignore_index=True).assign(n=len(sweep)))


def _better_first(rows: pd.DataFrame) -> pd.DataFrame:
    """Comparisons from the side of the better value."""
    return pd.concat([rows[rows["direction"] > 0], swapped(rows[rows["direction"] < 0])]) if len(rows) else rows


def _spread(steps: np.ndarray) -> np.ndarray:
    """A few of the steps, the first and the last among them."""
    if len(steps) <= BUDGETS:
        return steps
    wanted = np.geomspace(1, len(steps), BUDGETS).round().astype(int) - 1
    return np.asarray(steps[np.unique(wanted)])


class _Budgets:
    """A sweep at its budgets, each looked up once."""

    def __init__(self, sweep: Sweep) -> None:
        if sweep.curves is None:
            raise UserError(NONE)
        self.sweep = sweep
        whole = sweep.budget.whole if sweep.budget else sweep
        placed = (whole.curves or sweep.curves).placed(whole.runs)
        self.name, self.steps = placed.step, np.unique(placed.frame["step"].to_numpy(float))
        self.end = float(self.steps[-1])
        self.design = cache(lambda step: Design(sweep.at_budget(float(step))))

    def text(self, step: float) -> str:
        """A budget beside the highest one."""
        return f"{step:g} of {self.end:g}"

    def rows(self, name: str, step: float) -> pd.DataFrame:
        """Every pair of values at a budget."""
        design = self.design(step)
        g = design.groups(name)
        found = compare(design.outcomes(name), g.codes, g.pairs, ["p_better"])
        # Runs of one data set alone have a row of their own, and no average.
        row = 1 if len(found.strata) == 1 else 0
        low, high = (limit[row] for limit in found.interval())
        up = np.sign(found.z[row])
        places = [
            Record(
                hyperparameter=name, value=g.labels[a], reference=g.labels[b], other=self.name,
                other_value=self.text(step), scale="p_better", runs="all",
            )
            for a, b, _ in found.claims
        ]  # fmt: skip
        numbers = {"estimate": found.estimate[row], "low": low, "high": high, "p": found.p[row], "n": found.n[row]}
        table = pd.DataFrame(places).assign(**numbers, direction=up, z=found.z[row])
        return in_vocabulary(table, "direction", "z")

    def later(self, early: pd.DataFrame, steps: np.ndarray, share: float) -> pd.DataFrame:
        """Each pair at the highest of some budgets that enough runs of both values reached, else without a number."""
        found = [self._highest(row.hyperparameter, row.value, row.reference, steps) for row in rows_of(early)]
        table = in_vocabulary(pd.DataFrame(found))
        return table.assign(p_adjusted=np.minimum(holm(table["p"].to_numpy(float)) / share, 1.0))

    def _highest(self, name: str, value: str, reference: str, steps: np.ndarray) -> pd.Series:
        for step in steps[::-1]:
            rows = self.rows(name, float(step))
            both = pd.concat([rows, swapped(rows)])
            here = both[(both["value"] == value) & (both["reference"] == reference) & both["estimate"].notna()]
            if len(here):
                return here.iloc[0].drop(["direction", "z"])
        about = Record(hyperparameter=name, value=value, reference=reference, scale="p_better", runs="all")
        return pd.Series(about | Record(other=self.name, other_value=self.text(self.end)))
