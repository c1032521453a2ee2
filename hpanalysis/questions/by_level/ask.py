"""What happened at each value? Every hyperparameter on its own: how often its values win, and how often they fail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from hpanalysis.design.design import Design
from hpanalysis.design.groups import Groups
from hpanalysis.questions.answer import Answer, Asked, Record, facts_of, in_vocabulary
from hpanalysis.questions.level_claims import REST
from hpanalysis.statistics.differences import compare
from hpanalysis.statistics.failure_rates import share
from hpanalysis.statistics.multiplicity import holm
from hpanalysis.sweeps.sweep import Sweep

LEVEL = 0.95


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
        Two rows per value, over all data sets with equal weights. p_better: the probability that a run with the value
        beats a run with any of the other values on the same data set, failed runs lowest, .5 for no difference.
        p_fail: the share of runs with the value that failed. Intervals are 95 % for each row
        alone; ``p_adjusted`` is Holm's over all values. Values with too few runs have no numbers.

    Raises
    ------
    UserError
        If a name is unknown.

    Notes
    -----
    It describes and does not compare: a value that wins may owe it to what it was drawn with (see `check`), and says
    nothing about which other value it beats.
    Brunner & Munzel (2000), doi:10.1002/(SICI)1521-4036(200001)42:1<17::AID-BIMJ17>3.0.CO;2-U.

    Examples
    --------
    >>> from hpanalysis import by_level, toys
    >>> frame = by_level(toys.make(toys.ADDITIVE, 400, 0), ["optimizer"]).frame
    >>> frame[frame["scale"] == "p_fail"].set_index("value")["estimate"].idxmax()
    'momentum'
    """
    design = Design.of(sweep)
    groups = [design.groups(name) for name in hyperparameters or design.sweep.space.names]
    rows = [row for g in groups if len(g.labels) > 1 for row in (*_wins(design, g), *_failures(design, g))]
    table = in_vocabulary(rows)
    table["p_adjusted"] = holm(table["p"].to_numpy(float))
    asked = facts_of(design) | Asked(level=LEVEL)
    return Answer("by_level", table, asked=asked, scale="p_better", caveats=design.adjustment_caveats)


def _wins(design: Design, g: Groups) -> Iterator[Record]:
    outcomes = design.outcomes(g.name)
    for i, label in enumerate(g.labels):
        codes = np.where(g.codes < 0, -1, (g.codes == i).astype(int))
        claims = compare(outcomes, codes, [(1, 0)], ["p_better"])
        low, high = (limit[0, 0] for limit in claims.interval())
        about = Record(hyperparameter=g.name, value=label, reference=REST, scale="p_better", n=int(g.sizes[i]))
        yield about | Record(estimate=claims.estimate[0, 0], low=low, high=high, p=claims.p[0, 0])


def _failures(design: Design, g: Groups) -> Iterator[Record]:
    outcomes = design.outcomes()
    for i, label in enumerate(g.labels):
        here = g.codes == i
        rate, low, high = share(outcomes.failed[here], outcomes.cluster[here], outcomes.stratum[here], LEVEL)
        about = Record(hyperparameter=g.name, value=label, scale="p_fail", n=int(g.sizes[i]))
        yield about | Record(estimate=rate, low=low, high=high)
