"""How much does each hyperparameter matter, by one measure? One table a measure, all in the same columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError, choices
from hpanalysis.evidence.answer import VOCABULARY, Answer, metric_facts
from hpanalysis.evidence.chance import Rng, generator, holm
from hpanalysis.evidence.rounding import settled_table
from hpanalysis.questions.relevance import design, linear, trees
from hpanalysis.questions.relevance.asked import Of, Place, places
from hpanalysis.questions.relevance.rows import Found

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

Measure = Literal["correlation", "ols", "forest", "permutation", "fanova", "anova", "hsic", "best_of_k"]
MEASURES: tuple[str, ...] = get_args(Measure)
ASKED: dict[str, Callable[[Place], Found]] = {
    "correlation": linear.correlation,
    "ols": linear.ols,
    "forest": trees.impurity,
    "permutation": trees.permutation,
    "fanova": trees.functional_anova,
    "anova": design.by_design,
    "hsic": design.dependence,
    "best_of_k": design.best_of_k,
}
COLUMNS = (*VOCABULARY, "effect", "floor", "measure")
# One run in a thousand: where they hold half of all variance, shares of variance are about them.
EXTREME = 0.001


def importance(
    sweep: Sweep,
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
    if measure not in MEASURES:
        raise UserError(f"measure is {measure!r}; choose one of {choices(MEASURES)}.")
    if measure == "best_of_k" and of not in ("metric", "rank"):
        raise UserError(f"best_of_k is about metric or rank, not {of}; choose one of them, or another measure.")
    seed = rng if isinstance(rng, int) else int(generator(rng).integers(2**31))
    found, runs, caveats = places(sweep, of, by=by, seed=seed)
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
    asked = metric_facts(sweep) | {"measure": measure, "of": str(of), "by": by, "interval": whole.interval}
    asked |= {"scale": whole.scale, "level": 0.95} | whole.facts
    return Answer("importance", table, tests=tests, asked=asked, caveats=tuple(caveats))


def measured(place: Place, measure: str) -> Found:
    """One measure in one place; rows without numbers where the outcome is the same in every run."""
    if not place.names:
        return Found([], "none", "none", ["Every hyperparameter has one value: nothing can be compared."])
    if place.constant:
        from hpanalysis.questions.relevance.rows import row

        told = "The outcome is the same in every run: nothing is there to matter, and no shares are given."
        return Found([row(name, effect="total", n=len(place)) for name in place.names], "none", "none", [told])
    return ASKED[measure](place)


def table_of(place: Place, found: Found, runs: str, measure: str) -> pd.DataFrame:
    """The rows of a measure in the columns of the vocabulary, with p adjusted over the bars of an effect and scale."""
    table = pd.DataFrame(found.rows)
    if table.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    scale = table["scale"].fillna(found.scale) if "scale" in table else found.scale
    table = table.assign(dataset=place.dataset, scale=scale, runs=runs, measure=measure, reference="", other_value="")
    # Where one set of draws serves all bars, the measure has adjusted for the largest itself.
    own = table["p_adjusted"] if "p_adjusted" in table else pd.Series(np.nan, index=table.index)
    table["p_adjusted"] = np.nan
    for _, rows in table.groupby(["effect", "scale"], sort=False).groups.items():
        table.loc[rows, "p_adjusted"] = holm(table.loc[rows, "p"].to_numpy(float))
    table["p_adjusted"] = own.fillna(table["p_adjusted"])
    # Measures are ranked by these numbers, and equal ones must be equal.
    return settled_table(table[list(COLUMNS)])


def _own(found: Found, whole: Found) -> list[str]:
    """What is to be said of one data set alone: not what holds for every table of the measure."""
    return [told for told in found.caveats if told not in whole.caveats]


def extremes(place: Place) -> list[str]:
    """Say it where a few runs hold most of the variance: then no share is about the others."""
    if place.of != "metric" or place.constant:
        return []
    squares = np.sort(place.y**2)[::-1]
    few = max(1, int(np.ceil(EXTREME * len(squares))))
    held = squares[:few].sum() / squares.sum()
    if held <= 0.5:
        return []
    log = place.sweep.transform is None and bool((place.raw > 0).all())
    advice = "analyse the metric on its logarithm (transform='log10')" if log else "ask for hp.top(0.1), or use hsic"
    share = f"{few:,} of {len(squares):,} runs ({100 * few / len(squares):.2g} %)"
    return [f"On this scale {share} hold {100 * held:.0f} % of the variance, and shares are about them: {advice}."]
