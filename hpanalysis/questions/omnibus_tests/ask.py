"""Does a hyperparameter matter at all? One test each, of all its levels, on every scale, adjusted for all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.errors import UserError, choices
from hpanalysis.questions.answer import Answer, Asked, facts_of, in_vocabulary
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.report import THIS_ANSWER, Report
from hpanalysis.statistics.differences import POOLED
from hpanalysis.statistics.multiplicity import holm
from hpanalysis.statistics.resampling import named_generator
from hpanalysis.statistics.score_tests import matters, rearrangements
from hpanalysis.sweeps.sweep import Sweep

COLUMNS = ("statistic", "levels", "ordered")


def omnibus_tests(sweep: Sweep | Design, hyperparameters: Sequence[str] = (), *, rng: int = 0) -> Answer:
    """Test of each hyperparameter whether it matters at all: for the metric or for failing, on any data set.

    Parameters
    ----------
    sweep
        The runs, or their design.
    hyperparameters
        Which ones; all that can be compared when left out. The others are allowed for either way.
    rng
        Seed of the permutations.

    Returns
    -------
    Answer
        One row a hyperparameter. ``statistic`` is the smallest p of three score tests (ranks over all data sets, ranks
        on each, failures), ``p`` the share of rearrangements in which it is as small, ``p_adjusted`` Holm's over the
        rows.

    Raises
    ------
    UserError
        If a name cannot be compared.

    Notes
    -----
    It tells that a hyperparameter matters, not how: see `contrast`. One that acts only through another is found as far
    as this shows in its own averages.

    Examples
    --------
    >>> from hpanalysis import omnibus_tests, toys
    >>> answer = omnibus_tests(toys.make(toys.ADDITIVE, 400, 0), ["augmentation", "nesterov"])
    >>> answer.frame.set_index("hyperparameter")["p_adjusted"].le(0.05).to_dict()
    {'augmentation': True, 'nesterov': False}
    """
    design = Design.of(sweep)
    able = design.comparable()
    unable = [name for name in hyperparameters if name not in able]
    if unable:
        raise UserError(
            f"{unable[0]!r} cannot be tested: fewer than two of its values have 8 runs; choose among "
            f"{choices(able) or 'none'}."
        )
    rows = _rows(design, able, rng)
    if hyperparameters:
        rows = rows[rows["hyperparameter"].isin(hyperparameters)].reset_index(drop=True)
    rows = rows.assign(p_adjusted=holm(rows["p"].to_numpy(float)))
    asked = facts_of(design) | Asked(hyperparameters=tuple(rows["hyperparameter"]), level=0.95, family=THIS_ANSWER)
    return Answer("omnibus_tests", in_vocabulary(rows, *COLUMNS), asked=asked, caveats=design.adjustment_caveats)


def claims(design: Design, report: Report) -> pd.DataFrame:
    """The test of every comparable hyperparameter; its share of the error is the same for all."""
    rows = _rows(design, report.names, report.rng)
    adjusted = np.minimum(1.0, ALPHA / report.share * len(report.names) * rows["p"].to_numpy(float))
    return rows.assign(p_adjusted=adjusted)


def _rows(design: Design, names: Sequence[str], rng: int) -> pd.DataFrame:
    regression = design.regression(names)
    order = rearrangements(regression, named_generator(rng, "matters"))
    records = []
    for name in names:
        statistic, p = matters(regression, name, order)
        g = design.groups(name)
        row = {"hyperparameter": name, "dataset": POOLED, "regime": "average", "runs": "all", "n": len(design.sweep)}
        records.append(row | {"p": p, "statistic": statistic, "levels": len(g.labels), "ordered": g.ordered})
    return pd.DataFrame(records, columns=[*records[0]] if records else ["hyperparameter", "p"])
