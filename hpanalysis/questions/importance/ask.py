"""How much does each hyperparameter matter, by one measure? One table a measure, all in the same columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.design.target import Of, places
from hpanalysis.errors import UserError, choices
from hpanalysis.questions.answer import Answer, facts_of
from hpanalysis.questions.importance_measures.measured import MEASURES, Measure, extremes, measured, table_of
from hpanalysis.questions.importance_measures.rows import Found
from hpanalysis.statistics.resampling import Rng, generator

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep


def importance(
    sweep: Sweep | Design,
    *,
    measure: Measure = "fanova",
    of: Of = "metric",
    by: Literal["dataset", "pooled"] = "dataset",
    rng: Rng = 0,
) -> Answer:
    """Ask by one measure how much each hyperparameter matters.

    Parameters
    ----------
    sweep
        The runs; repeats of a configuration count once, with their mean.
    measure
        correlation: the straight line a column draws alone. ols: all of them together, every coefficient. forest:
        impurity beside permutation. permutation: R2 that a surrogate loses on held-out runs. fanova: shares of the
        surrogate's variance in the search measure, main, pair and total. anova: shares by design, corrected for noise.
        hsic: any dependence on a column. best_of_k: how far levels differ after tuning everything else.
    of
        metric: of the runs that did not fail. rank: of all runs within their data set, failed ones lowest. fail: what
        makes runs fail? ``hp.top(0.1)``: what makes runs be among the best tenth, failed ones last?
    by
        dataset: pooled, and each data set alone. Pooled means standardised within each data set, every run once.
    rng
        Seed or generator.

    Returns
    -------
    Answer
        One row a bar: hyperparameter, other (of a pair), effect (main, pair, total; column for a single coefficient or
        dummy, its level in ``value``), dataset, scale, estimate, low, high, p, p_adjusted (over the bars of the same
        effect and place: max-t where draws are shared, else Holm's), floor (what shuffled columns reach), n.
        ``asked["interval"]`` says what the intervals are. ``tests`` has for anova and the measures of a forest whether
        each hyperparameter matters at all, alone or with others.

    Raises
    ------
    UserError
        If measure, of or by is none of the choices, the question does not fit the measure, or fewer than 20 runs
        can be asked.

    Notes
    -----
    It misleads where values were not drawn independently (see `check`): a column inherits what its neighbour does.
    Hutter et al. (2014), ICML 32 (fanova); Breiman (2001), doi:10.1023/A:1010933404324 (permutation);
    Novello et al. (2023), doi:10.1007/s10915-022-02083-4 (hsic).
    """
    design = Design.of(sweep)
    sweep = design.sweep
    if measure not in MEASURES:
        raise UserError(f"measure is {measure!r}; choose one of {choices(MEASURES)}.")
    if measure == "best_of_k" and of not in ("metric", "rank"):
        raise UserError(f"best_of_k is about metric or rank, not {of}; choose one of them, or another measure.")
    seed = rng if isinstance(rng, int) else int(generator(rng).integers(2**31))
    found, runs, caveats = places(design, of, by=by, seed=seed)
    answers = [(place, measured(place, measure)) for place in found]
    table = pd.concat([table_of(place, answer, runs, measure) for place, answer in answers], ignore_index=True)
    whole = answers[0][1]
    caveats += extremes(found[0])
    for place, answer in answers:
        mine = answer.caveats if place is found[0] else [f"{place.dataset}: {told}" for told in _own(answer, whole)]
        caveats += [told for told in mine if told not in caveats]
    tests = pd.concat(
        [answer.tests.assign(dataset=place.dataset) for place, answer in answers if len(answer.tests)]
        or [pd.DataFrame()],
        ignore_index=True,
    )
    asked = facts_of(design) | {"measure": measure, "of": str(of), "by": by, "interval": whole.interval}
    asked |= {"scale": whole.scale, "level": 0.95} | whole.facts
    return Answer("importance", table, tests=tests, asked=asked, caveats=tuple(caveats))


def _own(found: Found, whole: Found) -> list[str]:
    """What is to be said of one data set alone: not what holds for every table of the measure."""
    return [told for told in found.caveats if told not in whole.caveats]
