"""How much does each hyperparameter matter, by one measure? One table a measure, all in the same columns."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.design.target import Of, places, seed_of
from hpanalysis.errors import UserError, one_of
from hpanalysis.questions.answer import Answer, Asked, facts_of, tuned_facts
from hpanalysis.questions.importance_measures.measured import MEASURES, Measure, extremes, measured, table_of
from hpanalysis.statistics.resampling import Rng
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
        hsic: any dependence on a column. best_of_k: how far levels differ after tuning everything else, in the test
        metric where there is one.
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
        One row per bar: hyperparameter, other (of a pair), effect (main, pair, total; column for one coefficient or
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

    Examples
    --------
    >>> from hpanalysis import importance, toys
    >>> frame = importance(toys.make(toys.STRONG, 400, 0), measure="anova", by="pooled").frame
    >>> frame.loc[frame["estimate"].idxmax(), "hyperparameter"]
    'augmentation'
    """
    design = Design.of(sweep)
    one_of("measure", measure, MEASURES)
    if measure == "best_of_k" and of not in ("metric", "rank"):
        raise UserError(f"best_of_k is about metric or rank, not {of}; choose one of them, or another measure.")
    found, runs, caveats = places(design, of, by=by, seed=seed_of(rng))
    answers = [(place, measured(place, measure)) for place in found]
    whole = answers[0][1]
    caveats += [*extremes(found[0]), *whole.caveats]
    for place, answer in answers[1:]:
        # What holds for every table of the measure is said once.
        own = [f"{place.dataset}: {caveat}" for caveat in answer.caveats if caveat not in whole.caveats]
        caveats += [caveat for caveat in own if caveat not in caveats]
    tests = [answer.tests.assign(dataset=place.dataset) for place, answer in answers if len(answer.tests)]
    asked = facts_of(design) | Asked(
        measure=measure, of=str(of), by=by, interval=whole.interval, scale=whole.scale, level=0.95
    )
    asked |= Asked(r2=whole.r2) if np.isfinite(whole.r2) else Asked()
    if measure == "best_of_k" and of == "metric":
        asked |= Asked(reported=tuned_facts(design).get("reported", design.sweep.metric))
    return Answer(
        "importance",
        pd.concat([table_of(place, answer, runs, measure) for place, answer in answers], ignore_index=True),
        tests=pd.concat(tests, ignore_index=True) if tests else pd.DataFrame(),
        asked=asked,
        caveats=tuple(dict.fromkeys(caveats)),
    )
