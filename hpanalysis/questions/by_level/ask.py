"""What happened at each value? Every hyperparameter on its own: how often its values win, and how often they fail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.design.groups import Groups
from hpanalysis.questions.answer import Answer, facts_of, in_vocabulary
from hpanalysis.statistics.differences import POOLED, compare
from hpanalysis.statistics.failure_rates import share
from hpanalysis.statistics.multiplicity import holm
from hpanalysis.statistics.outcomes import Outcomes

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

LEVEL = 0.95
REST = "the other values"


def by_level(sweep: Sweep | Design, hyperparameters: Sequence[str] = ()) -> Answer:
    """Look at every value of every hyperparameter once: the overview before any comparison.

    Parameters
    ----------
    sweep
        The runs, or their design.
    hyperparameters
        Which ones; all that have two values or more when left out. A range is cut into four slices of equal width in
        the search measure.

    Returns
    -------
    Answer
        Two rows a value, over all data sets with equal weights. p_better: the probability that a run with the value
        beats a run with any of the other values on the same data set, failed runs lowest, .5 for no difference.
        p_fail: the share of runs with the value that failed, see `failing.share`. Intervals are 95 % for each row
        alone; ``p_adjusted`` is Holm's over all values. Values with too few runs have no numbers.

    Raises
    ------
    UserError
        If a name is unknown.

    Notes
    -----
    It describes and does not compare: a value that wins may owe it to what it was drawn with (see `check`), and says
    nothing about which other value it beats.
    """
    design = Design.of(sweep)
    sweep = design.sweep
    groups = [design.groups(name) for name in hyperparameters or sweep.space.names]
    groups = [g for g in groups if len(g.labels) > 1]
    outcomes = design.outcomes()
    records = [record for g in groups for record in (*_wins(design.outcomes(g.name), g), *_failures(outcomes, g))]
    table = in_vocabulary(pd.DataFrame(records))
    table["p_adjusted"] = holm(table["p"].to_numpy(float)) if len(table) else np.nan
    return Answer(
        "by_level",
        table,
        asked=facts_of(design) | {"level": LEVEL},
        scale="p_better",
        caveats=tuple(design.adjustment_caveats),
    )


def _row(g: Groups, label: str, reference: str) -> dict:
    place = {"hyperparameter": g.name, "value": label, "reference": reference, "other": "", "other_value": ""}
    return place | {"dataset": POOLED, "runs": "all"}


def _wins(outcomes: Outcomes, g: Groups) -> list[dict]:
    records = []
    for i, label in enumerate(g.labels):
        codes = np.where(g.codes < 0, -1, (g.codes == i).astype(int))
        claims = compare(outcomes, codes, [(1, 0)], ["p_better"])
        low, high = claims.interval()
        numbers = {"estimate": claims.estimate[0, 0], "low": low[0, 0], "high": high[0, 0], "p": claims.p()[0, 0]}
        records.append(_row(g, label, REST) | {"scale": "p_better"} | numbers | {"n": int((codes == 1).sum())})
    return records


def _failures(outcomes: Outcomes, g: Groups) -> list[dict]:
    records = []
    for i, label in enumerate(g.labels):
        here = g.codes == i
        told = share(outcomes.failed[here], outcomes.cluster[here], outcomes.stratum[here], LEVEL)
        numbers = dict(zip(("estimate", "low", "high"), told, strict=True)) | {"p": np.nan, "n": int(here.sum())}
        records.append(_row(g, label, "") | {"scale": "p_fail"} | numbers)
    return records
