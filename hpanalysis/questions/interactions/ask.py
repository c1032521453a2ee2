"""Which hyperparameters act together? Every pair, one test each, adjusted for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Literal

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.errors import one_of
from hpanalysis.questions.answer import Answer, Asked, facts_of, in_vocabulary
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.report import THIS_ANSWER, Report
from hpanalysis.statistics.differences import POOLED
from hpanalysis.statistics.multiplicity import holm
from hpanalysis.statistics.results import Significance
from hpanalysis.statistics.rounding import ordering
from hpanalysis.statistics.score_tests import at_once, each_pair
from hpanalysis.sweeps.sweep import Sweep

NO_TEST = Significance(float("nan"), 0, float("nan"))


def interactions(
    sweep: Sweep | Design, hyperparameters: Sequence[str] = (), *, by: Literal["dataset"] | None = None
) -> Answer:
    """Test every pair of hyperparameters for acting together on the mean.

    Parameters
    ----------
    sweep
        The runs, or their design.
    hyperparameters
        Pairs among these; among all with two comparable values when left out. The others are allowed for either way.
    by
        "dataset": on each data set alone too, where there are several.

    Returns
    -------
    Answer
        One row per pair, the smallest p first. ``estimate`` (scale share) is the share of the variance that data sets
        and all single effects leave, which the pair accounts for beyond what luck would, in [0, 1]; it has no interval.
        ``statistic``, ``df`` and ``p`` are those of `statistics.score_tests.each_pair`; ``p_adjusted`` is Holm's over
        all rows. NaN where the design cannot tell the pair apart from single effects.

    Raises
    ------
    UserError
        If a name cannot be compared, or `by` is none of the choices.

    Notes
    -----
    Power is poor: a pair that is not shown stays open. Without a declared value of a failure it is about successful
    runs (``runs``), and a pair may show there because of which runs failed.
    MacKinnon & White (1985), doi:10.1016/0304-4076(85)90158-7.

    Examples
    --------
    >>> from hpanalysis import interactions, toys
    >>> answer = interactions(toys.make(toys.INTERACTION, 600, 0), ["augmentation", "optimizer", "depth"])
    >>> answer.frame.loc[0, ["hyperparameter", "other"]].tolist(), bool(answer.frame.loc[0, "p_adjusted"] < 0.05)
    (['augmentation', 'optimizer'], True)
    """
    design = Design.of(sweep)
    sweep, names = design.sweep, design.comparable(hyperparameters)
    tables = [_rows(design, names)]
    if one_of("by", by, (None, "dataset")) and len(sweep.datasets) > 1:
        apart = (design.subset(sweep.block == b) for b in range(len(sweep.datasets)))
        tables += [_rows(part, names, dataset) for part, dataset in zip(apart, sweep.datasets, strict=True)]
    table = in_vocabulary(pd.concat(tables), *Significance._fields)
    table = table.assign(p_adjusted=holm(table["p"].to_numpy(float))).sort_values("p", kind="stable", key=ordering)
    table = table.sort_values("dataset", kind="stable", key=lambda c: c != POOLED).reset_index(drop=True)
    caveats = design.unless_every_run("Of successful runs only")
    if table["p"].isna().any():
        caveats.insert(0, f"{table['p'].isna().sum()} pairs cannot be told from single effects in this design.")
    asked = facts_of(design) | Asked(hyperparameters=names, family=THIS_ANSWER)
    return Answer("interactions", table, asked=asked, caveats=tuple(caveats))


def claims(design: Design, report: Report) -> pd.DataFrame:
    """Every pair of comparable hyperparameters, over all data sets; Holm's p in the share of the report."""
    rows = _rows(design, report.names)
    return rows.assign(p_adjusted=np.minimum(1.0, ALPHA / report.share * holm(rows["p"].to_numpy(float))))


def _rows(design: Design, names: Sequence[str], dataset: str = POOLED) -> pd.DataFrame:
    """One row per pair; without numbers where a name cannot be compared among these runs."""
    able, every = design.comparable(), design.every_run
    regression, asked = design.regression(able), list(combinations(names, 2))
    tested = [pair for pair in asked if set(pair) <= set(able)]
    found = dict(zip(tested, each_pair(regression, tested), strict=True))
    tests = pd.DataFrame([found.get(pair, NO_TEST) for pair in asked], columns=list(Significance._fields), dtype=float)
    # Beyond what luck would, of the variance that is left. The score test counts in units of all of that, the other in
    # units of what stays beside the pair: there the pair's own part joins what it is a share of.
    beside = 0.0 if at_once(regression) else tests["statistic"]
    share = (tests["statistic"] - tests["df"]) / (max(np.isfinite(regression.mean).sum(), 1) + beside)
    rows = pd.DataFrame(asked, columns=["hyperparameter", "other"]).join(tests)
    rows = rows.assign(estimate=share.clip(0.0, 1.0).where(tests["p"].notna()), dataset=dataset, scale="share")
    return rows.assign(runs="all" if every else "successful", n=len(design.sweep) if every else design.sweep.ok.sum())
