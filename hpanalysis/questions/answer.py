"""What does an answer look like? One shape for every question, and one for every sentence made from it."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict, cast

import numpy as np
import pandas as pd

from hpanalysis.design import tuning
from hpanalysis.statistics import rounding
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import numbers
from hpanalysis.style.phrases import BudgetFacts, Facts
from hpanalysis.style.scales import ScaleKey
from hpanalysis.sweeps import budgets
from hpanalysis.sweeps.reading.dataset_hint import parts_of_dataset

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.design.design import Design
    from hpanalysis.questions.finding import Findings
    from hpanalysis.questions.tuned_value import OwnRange
    from hpanalysis.style.lines import Lines
    from hpanalysis.style.table import Table
    from hpanalysis.sweeps.budgets import AtBudget
    from hpanalysis.sweeps.space import Space
    from hpanalysis.sweeps.sweep import Sweep


class Record(TypedDict, total=False):
    """A row of a table, in the columns that all tables share; see `Answer`.

    Keys
    ----
    hyperparameter, value, reference, other, other_value
        What is estimated, as texts; empty where it does not apply.
    dataset, regime, scale, runs
        Where and of which runs: a data set or all of them, average or tuned, the scale, all or successful runs.
    estimate, low, high, low_simultaneous, high_simultaneous, p, p_adjusted, n
        The numbers; what cannot be justified is left out, and becomes NaN.
    """

    hyperparameter: str
    value: str
    reference: str
    other: str
    other_value: str
    dataset: str
    regime: str
    scale: str
    runs: str
    estimate: float
    low: float
    high: float
    low_simultaneous: float
    high_simultaneous: float
    p: float
    p_adjusted: float
    n: int


VOCABULARY: tuple[str, ...] = tuple(Record.__annotations__)
# What a text is where a row leaves it out.
BLANK = dict.fromkeys(("hyperparameter", "value", "reference", "other", "other_value"), "")
BLANK |= {"dataset": POOLED, "runs": "all"}

# What a column of the vocabulary is called where a person reads it.
SPOKEN = {
    "other_value": "other value",
    "p_adjusted": "p adjusted",
    "dataset": "data set",
    "low_simultaneous": "low of all",
    "high_simultaneous": "high of all",
}


def in_vocabulary(rows: pd.DataFrame | Sequence[Record], *more: str) -> pd.DataFrame:
    """Rows in the columns of all tables, and some more behind them.

    What a row leaves out is blank, of all runs and data sets, and without a number; the regime follows from the scale.

    Examples
    --------
    >>> in_vocabulary([Record(hyperparameter="depth", scale="mean", estimate=0.5)]).iloc[0][["dataset", "regime", "p"]]
    dataset    all data sets
    regime           average
    p                    NaN
    Name: 0, dtype: object
    """
    # Here numbers become a table: what is read off it, an order or a sign, must not hang on a processor's rounding.
    out = rounding.settled_table(pd.DataFrame(rows).reindex(columns=list(dict.fromkeys((*VOCABULARY, *more)))))
    texts = {column: _filled(out[column], blank) for column, blank in BLANK.items()}
    regime = ["tuned" if "best_of_k" in str(scale) else "average" for scale in out["scale"]]
    return out.assign(**texts, regime=np.array(regime, dtype=str))


def _filled(column: pd.Series, blank: str) -> pd.Series:
    cells = [blank if gone else cell for cell, gone in zip(column.tolist(), pd.isna(column), strict=True)]
    return pd.Series(cells, column.index, dtype=object)


def joint_limits(table: pd.DataFrame, rows: pd.Series) -> pd.DataFrame:
    """A table in the vocabulary whose limits in some rows were made to hold together: they are simultaneous ones too.

    Parameters
    ----------
    table
        A table of `in_vocabulary`.
    rows
        Where ``low`` to ``high`` hold for the whole family, bool, shape (rows,).

    Examples
    --------
    >>> cells = in_vocabulary([Record(scale="mean", estimate=0.5, low=0.25, high=0.75)])
    >>> joint_limits(cells, cells["scale"] == "mean")[["low_simultaneous", "high_simultaneous"]].to_numpy().tolist()
    [[0.25, 0.75]]
    """
    return table.assign(low_simultaneous=table["low"].where(rows), high_simultaneous=table["high"].where(rows))


def in_metric_units(scores: pd.DataFrame, about: Asked) -> pd.DataFrame:
    """Scores, best highest, and their limits as the metric has them: with their signs turned where lower is better.

    Examples
    --------
    >>> scores = pd.DataFrame({"estimate": [-0.2], "low": [-0.3], "high": [-0.1]})
    >>> in_metric_units(scores, Asked(goal="min")).iloc[0].tolist()
    [0.2, 0.1, 0.3]
    """
    if about["goal"] == "max":
        return scores
    return scores.assign(estimate=-scores["estimate"], low=-scores["high"], high=-scores["low"])


class Asked(Facts, total=False):
    """What was asked, and what a reader of the numbers must know; absent where it does not apply.

    Keys
    ----
    metric, goal, unit, transform, share, datasets, runs, runs_on, failed, ties, margin, scope, tune, k, budget
        See `Facts`.
    hyperparameter, other, by, reference, level
        The arguments of the question; level is that of the intervals, such as .95.
    failed_value
        The declared value of a failure.
    observational, reasons, stuck, matched
        Of its design: hyperparameters whose comparisons are observational and why each is, data sets on which complete
        runs share the bottom of the scale, and the groups of matched runs of each hyperparameter.
    of_data
        Hyperparameters that look like part of what names the data set.
    family
        Over which claims simultaneous limits and adjusted p-values hold.
    hyperparameters, asked
        Those that were asked for; of a whole report all of them, and those that could be compared.
    levels, log, unit_of_value
        Of the hyperparameter: its levels in their order, if it has any; whether its range is on a log scale; its unit.
    measure, of, quantile, scale, interval, r2, views
        Of importances: the measure, the outcome, the share of the runs that count as the best, what the leading
        estimates are, what their intervals mean, how much the surrogate explains, the measures side by side.
    test_metric, configurations, blind
        Of a winner: the metric that chose nothing; by data set how many configurations were tried, and why nothing is
        known of the noise.
    reported, validated
        Of the best of k: the metric that is reported of the run that was chosen, and on what it was measured if it is
        the one that chose.
    cost, tries
        Of the best of k at equal cost: the column of costs, and the draws of each level.
    space, proposed, best, kept, own
        Of the next space: the space, the next one, the positions of the best tenth in the unit cube, by
        hyperparameter, the shares of the best twentieth and of all runs that lie in the next one, and the ranges that
        have a best part of their own at each level of another hyperparameter.
    costs, beside, noise
        Of a staged study: the columns of costs, those of another statistic of the metric, and, as of replays, the
        standard deviation between seeds with its degrees of freedom, 0 where nothing is known of it.
    cells, studied
        Of replays: by data set the best cell; how many cells there are, seeds, orders that were replayed, and orders in
        all.
    """

    failed_value: float | None
    cells: dict[str, str]
    studied: tuple[int, int, int, int]
    costs: tuple[str, ...]
    beside: tuple[str, ...]
    noise: tuple[float, float]
    reasons: Mapping[str, str]
    stuck: tuple[str, ...]
    matched: dict[str, int]
    hyperparameter: str | None
    hyperparameters: tuple[str, ...]
    asked: list[str]
    of_data: tuple[str, ...]
    other: str | None
    by: str | Sequence[str] | None
    reference: str | None
    level: float
    levels: tuple[str, ...]
    family: str
    observational: tuple[str, ...]
    quantile: float
    measure: str
    of: str
    interval: str
    scale: str
    r2: float
    views: list[str]
    unit_of_value: str
    log: bool
    test_metric: str | None
    configurations: dict[str, int]
    blind: dict[str, str]
    reported: str
    validated: str
    cost: str
    tries: dict[str, int]
    space: Space
    proposed: Space
    best: dict[str, np.ndarray]
    kept: tuple[float, float]
    own: tuple[OwnRange, ...]


@dataclass(frozen=True, repr=False)
class Answer:
    """What the data say to one question.

    Parameters
    ----------
    question
        The name of the question, which is that of its public function.
    frame
        One row an estimate, in the columns of `VOCABULARY`, diagnostics behind them. ``estimate`` is value minus
        reference in metric units, whatever the goal; for ``p_better`` it is a probability with .5 as "no difference".
        A number that the data cannot justify is NaN, and a caveat says why.
    tests
        Omnibus tests: columns test, hyperparameter, other, statistic, df, p.
    asked
        The arguments, and what is needed to read the frame, see `Asked`.
    caveats
        Sentences that travel with the numbers.
    scale
        The scale on which it is read unless another one is named; None where it has no scales.
    differences
        Whether its rows are differences between two values, rather than values by themselves.

    Examples
    --------
    >>> from hpanalysis import contrast, toys
    >>> answer = contrast(toys.make(toys.ADDITIVE, 400, 0), "augmentation")
    >>> answer.question, answer.asked["metric"]
    ('contrast', 'accuracy')
    >>> answer.frame.loc[0, ["value", "reference"]].tolist()
    ['on', 'off']
    """

    question: str
    frame: pd.DataFrame
    tests: pd.DataFrame = field(default_factory=pd.DataFrame)
    asked: Asked = field(default_factory=lambda: Asked())
    caveats: tuple[str, ...] = ()
    scale: ScaleKey | None = None
    differences: bool = False

    def __post_init__(self) -> None:
        # Here numbers become an answer: from here on no sentence, order or digit hangs on a processor's rounding.
        object.__setattr__(self, "frame", rounding.settled_table(self.frame))
        object.__setattr__(self, "tests", rounding.settled_table(self.tests))
        settled = {key: rounding.settled_value(value) for key, value in self.asked.items()}
        object.__setattr__(self, "asked", cast(Asked, settled))

    def table(self) -> Table:
        """Laid out for reading, see `hpanalysis.table`."""
        from hpanalysis.questions import verbs

        return verbs.table(self)

    def plot(self, *, scale: str | Sequence[str] | None = None, ax: Axes | None = None) -> Axes:
        """As a picture, see `hpanalysis.plot`."""
        from hpanalysis.questions import verbs

        return verbs.plot(self, scale=scale, ax=ax)

    def summary(self, *, scale: str | None = None) -> Lines:
        """In a few sentences, see `hpanalysis.summary`."""
        from hpanalysis.questions import verbs

        return verbs.summary(self, scale=scale)

    def findings(self) -> Findings:
        """What may be said, see `hpanalysis.findings`."""
        from hpanalysis.questions import verbs

        return verbs.findings(self)

    def show(self) -> pd.DataFrame:
        """The table without empty and constant-blank columns, rounded for reading."""
        full = self.frame.dropna(axis="columns", how="all")
        full = full.loc[:, [not (full[c].astype(str) == "").all() for c in full]]
        return full.rename(columns=SPOKEN).reset_index(drop=True)

    def __repr__(self) -> str:
        notes = "".join(f"\n- {caveat}" for caveat in self.caveats)
        return f"Answer to {self.question}, {len(self.frame)} rows\n{self.show().to_string(index=False)}{notes}"

    def _repr_html_(self) -> str:
        body = _html(self.show())
        tests = _html(self.tests.dropna(axis="columns", how="all")) if len(self.tests) else ""
        notes = "".join(f"<li>{html.escape(caveat)}</li>" for caveat in self.caveats)
        return body + tests + (f"<ul class='caveats'>{notes}</ul>" if notes else "")


def _html(frame: pd.DataFrame) -> str:
    """A table whose numbers can be read whatever their size."""
    # pandas gives a formatter the values of its column: numbers, although its stubs know objects only.
    readable = cast("Callable[[object], str]", numbers.readable)
    formatters = {c: readable for c in frame if pd.api.types.is_float_dtype(frame[c])}
    return frame.to_html(index=False, border=0, formatters=formatters, na_rep="", escape=True)


def metric_facts(sweep: Sweep) -> Asked:
    """What a reader of numbers must know of the metric: metric, goal, unit, transform, and whether it is a share.

    A share is called so by its unit or name and lies in [0, 1] in every run; its differences are given in points.
    """
    said = Asked(metric=sweep.metric, goal=sweep.goal, unit=sweep.unit, transform=sweep.transform)
    said |= Asked(share=tuning.is_share(sweep))
    return said if sweep.budget is None else said | Asked(budget=budget_facts(sweep, sweep.budget))


def budget_facts(sweep: Sweep, at: AtBudget) -> BudgetFacts:
    """At which budget runs are compared, for sentences."""
    names = [sweep.metric, *sweep.space.names, *sweep.datasets]
    return BudgetFacts(said=str(at), end=budgets.said(at.name, at.end, at.end), names=names)


def tuned_facts(design: Design, k: int | None = None) -> Asked:
    """What sentences on the best of k need to know: k, what is reported of the run that was chosen, and on what."""
    sweep, k = design.sweep, k or design.drawn.k
    if tuning.test_scores(design) is not None:
        return Asked(k=k, reported=str(sweep.test_metric), validated="")
    sizes = tuning.validation_examples(sweep)
    known = [] if sizes is None else sorted({int(n) for n in sizes if np.isfinite(n)})
    several = "these validation sets" if len(sweep.datasets) > 1 else "this validation set"
    of = f" of {' to '.join(f'{n:,}' for n in dict.fromkeys((known[0], known[-1])))} examples" if known else ""
    return Asked(k=k, reported=sweep.metric, validated=f"on {several}{of}")


def facts_of(design: Design) -> Asked:
    """What sentences about a sweep need to know beside their numbers: the metric, the sweep and its design."""
    sweep, matched = design.sweep, design.matched_runs
    return metric_facts(sweep) | Asked(
        failed_value=sweep.failed_value,
        failed=int((~sweep.ok).sum()),
        ties=design.tie_share > 0.01,
        margin=sweep.margin,
        scope=sweep.scope,
        datasets=list(sweep.datasets),
        runs=len(sweep),
        runs_on=dict(zip(sweep.datasets, np.bincount(sweep.block).tolist(), strict=True)),
        observational=design.observational,
        of_data=parts_of_dataset(sweep),
        reasons=dict(design.reasons),
        stuck=design.stuck,
        matched={} if matched is None else matched.pairs,
    )
