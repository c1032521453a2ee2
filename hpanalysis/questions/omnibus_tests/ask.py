"""Does a hyperparameter matter at all? One test each, of all its levels, on every scale, adjusted for all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.questions.answer import Answer, Asked, facts_of, in_vocabulary
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.level_claims import omnibus
from hpanalysis.questions.report import THIS_ANSWER, Report
from hpanalysis.statistics.multiplicity import holm
from hpanalysis.statistics.resampling import named_generator
from hpanalysis.statistics.score_tests import rearrangements
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
        One row per hyperparameter. ``statistic`` is the smallest p of three score tests (of ranks over all data sets,
        ranks on each, failures), ``p`` the share of rearrangements in which it is as small, ``p_adjusted`` Holm's over
        the rows.

    Raises
    ------
    UserError
        If a name cannot be compared.

    Notes
    -----
    It says that a hyperparameter matters, not how: see `contrast`. One that acts only through another is found as far
    as this shows in its own averages.
    Freedman & Lane (1983), doi:10.1080/07350015.1983.10509354; Besag & Clifford (1991), doi:10.1093/biomet/78.2.301.

    Examples
    --------
    >>> from hpanalysis import omnibus_tests, toys
    >>> answer = omnibus_tests(toys.make(toys.ADDITIVE, 400, 0), ["augmentation", "nesterov"])
    >>> answer.frame.set_index("hyperparameter")["p_adjusted"].le(0.05).to_dict()
    {'augmentation': True, 'nesterov': False}
    """
    design = Design.of(sweep)
    names = design.comparable(hyperparameters)
    rows = _rows(design, rng)
    rows = rows[rows["hyperparameter"].isin(names)].reset_index(drop=True)
    rows = rows.assign(p_adjusted=holm(rows["p"].to_numpy(float)))
    asked = facts_of(design) | Asked(hyperparameters=names, level=1 - ALPHA, family=THIS_ANSWER)
    return Answer("omnibus_tests", in_vocabulary(rows, *COLUMNS), asked=asked, caveats=design.adjustment_caveats)


def claims(design: Design, report: Report) -> pd.DataFrame:
    """The test of every comparable hyperparameter; its share of the error is the same for all."""
    rows = _rows(design, report.rng)
    return rows.assign(p_adjusted=np.minimum(1.0, ALPHA / report.share * len(rows) * rows["p"].to_numpy(float)))


def _rows(design: Design, rng: int) -> pd.DataFrame:
    names = design.comparable()
    regression, groups = design.regression(names), [design.groups(name) for name in names]
    shared = rearrangements(regression, named_generator(rng, "matters"))
    own = {name: rearrangements(regression, named_generator(rng, "matters", name), name) for name in regression.plots}
    tests = np.array([omnibus(design, regression, name, own.get(name, shared)) for name in names]).reshape(-1, 2)
    rows = pd.DataFrame({"hyperparameter": names, "n": len(design.sweep), "statistic": tests[:, 0], "p": tests[:, 1]})
    return rows.assign(levels=[len(g.labels) for g in groups], ordered=[g.ordered for g in groups])
