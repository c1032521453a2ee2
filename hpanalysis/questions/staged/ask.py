"""What did tuning by hand show, stage by stage? The candidates, what was kept, and what each choice rests on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.errors import UserError
from hpanalysis.questions.answer import Answer, Asked, facts_of, in_vocabulary
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.report import THIS_ANSWER
from hpanalysis.questions.staged.facts import facts
from hpanalysis.questions.staged.study import Study
from hpanalysis.statistics.distributions import t_isf
from hpanalysis.sweeps.sweep import Sweep

DIAGNOSTICS = ("row", "arm", "held", "name", "best", "failed", "kept", "new", "collapsed", "at")
# Longer curves are drawn by that many of their steps.
STEPS = 60
NO_STAGES = (
    "the sweep {!r} has no stages: its runs do not follow from each other as where one hyperparameter after the other "
    "is tuned by hand; if it was, name the column that says the stage of a run (stage=COLUMN)."
)
SUPPOSED = "The noise of seeds is that of {} that were run again; it is supposed to be the same for the others."
ONE_SEED = (
    "One run each: nothing is known of the noise of seeds, so that any difference of two configurations may be luck."
)


def staged(sweep: Sweep | Design, *, noise: float | None = None) -> Answer:
    """Read a study that was tuned by hand: what each stage tried and kept, and what its choices rest on.

    Parameters
    ----------
    sweep
        The runs, on one data set. Their stages are those of the column that was declared (``stage``), or recognised
        from the order of the runs.
    noise
        Standard deviation of the metric between seeds, where it is known from elsewhere; else it is that of the
        configurations that were run with several seeds.

    Returns
    -------
    Answer
        In the columns of the vocabulary, ``other_value`` the stage. "candidate" in ``row``: a configuration that a
        stage compared, with the mean of its runs and the best of them, its costs, whether the stage was the first to
        try it (``new``), kept it, and whether it had ``collapsed``. "choice": what was chosen less another candidate
        of its arm; where the noise of seeds is known, with limits that hold for all differences of the study at once.
        "curve", where there are curves: the mean metric of a candidate at the step ``at``.
        An ``arm`` is a set of candidates that differ in nothing but what the stage varied; there are several where
        several configurations were carried on. ``tests`` holds what else the table shows, a row a fact.

    Raises
    ------
    UserError
        If the sweep has no stages, or `noise` is not above 0.

    Notes
    -----
    What the best of a stage scored is partly luck, and that luck is carried on. The limits allow for it: they are those
    of the range of the means of all configurations (Tukey and Kramer), which holds whatever chose what was tried next.
    They suppose one noise for all. It misleads where runs of a stage differ in more than the table says. Tukey's
    method: Kramer (1956), doi:10.2307/3001469.

    Examples
    --------
    >>> from hpanalysis import staged, toys
    >>> answer = staged(toys.make_staged(toys.Staged(seeds=3), 0))
    >>> rows = answer.frame[answer.frame["row"] == "candidate"]
    >>> rows.groupby("other_value")["value"].size().tolist()
    [3, 3, 4, 4]
    """
    design = Design.of(sweep)
    if design.stages is None:
        several = "" if len(design.sweep.datasets) == 1 else " It has several data sets: choose one with where."
        raise UserError(NO_STAGES.format(design.sweep.name) + several)
    if noise is not None and not 0 < noise < np.inf:
        raise UserError(f"noise is {noise!r}; give the standard deviation between seeds, above 0 and in metric units.")
    study = Study(design, design.stages, noise)
    rows = [*_candidates(study), *_choices(study), *_curves(study)]
    more = [*(f"cost {c}" for c in study.costs), *(f"beside {c}" for c in study.beside)]
    asked = facts_of(design) | Asked(
        level=1 - ALPHA,
        family=THIS_ANSWER,
        hyperparameters=study.hyperparameters,
        costs=study.costs,
        beside=study.beside,
        noise=(study.noise.deviation, study.noise.freedom),
        configurations={stage.label: len(set(stage.points)) for stage in design.stages.stages},
    )
    return Answer(
        "staged",
        in_vocabulary(pd.DataFrame(rows), *DIAGNOSTICS, *more),
        pd.DataFrame(facts(study)),
        asked=asked,
        caveats=tuple(_caveats(study)),
    )


def _caveats(study: Study) -> list[str]:
    noise = study.noise
    if not noise.freedom:
        return [ONE_SEED]
    if not noise.repeated:
        return []
    some = "1 configuration" if noise.repeated == 1 else f"{noise.repeated} configurations"
    return [SUPPOSED.format(some)] * (noise.repeated < len(study.cells))


def _candidates(study: Study) -> list[dict[str, object]]:
    """A row a candidate of each arm."""
    near = float(t_isf(ALPHA / 2, study.noise.freedom)) if study.noise.freedom else np.nan
    rows = []
    for s, stage, a, arm in study.arms():
        for point in study.in_order(arm, stage.varied):
            score = study.score(point, s)
            about = _where(study, s, a, point) | {"row": "candidate", "new": point not in arm.points[: arm.bases]}
            about |= {"estimate": score.mean, "best": score.best, "n": score.runs, "failed": score.failed}
            half = near * study.noise.deviation / np.sqrt(max(score.runs, 1))
            about |= {"low": score.mean - half, "high": score.mean + half}
            about |= {"kept": point in stage.kept, "collapsed": bool(study.collapsed[point])}
            about |= {f"cost {c}": study.known(point, c, s) for c in study.costs}
            rows.append(about | {f"beside {c}": study.known(point, c, s) for c in study.beside})
    return rows


def _choices(study: Study) -> list[dict[str, object]]:
    """A row for every candidate that was not chosen: how far what was chosen is above it."""
    far, rows = study.reach, []
    near = float(t_isf(ALPHA / 2, study.noise.freedom)) if study.noise.freedom else np.nan
    for s, stage, a, arm in study.arms():
        chosen = study.chosen(s, stage, arm)
        for point in study.in_order(arm, stage.varied):
            if chosen is None or point == chosen:
                continue
            apart, error = study.apart(chosen, point, s)
            about = _where(study, s, a, chosen) | {"row": "choice", "kept": chosen in stage.kept}
            about |= {"reference": study.value(point, stage.varied), "collapsed": bool(study.collapsed[point])}
            about |= {"estimate": apart, "low": apart - near * error, "high": apart + near * error}
            about |= {"low_simultaneous": apart - far * error, "high_simultaneous": apart + far * error}
            rows.append(about | {"n": min(study.score(p, s).runs for p in (chosen, point))})
    return rows


def _curves(study: Study) -> list[dict[str, object]]:
    """A row a candidate and step, where there are curves."""
    curves, rows = study.curves, []
    for s, stage, a, arm in study.arms() if len(curves) else ():
        for point in study.in_order(arm, stage.varied):
            own = curves[curves["run"].isin(study.rows(point, s)) & curves["value"].notna()]
            mean = own.groupby("step")["value"].mean()
            about = _where(study, s, a, point) | {"row": "curve", "kept": point in stage.kept}
            about |= {"n": own["run"].nunique()}
            for i in np.unique(np.linspace(0, len(mean) - 1, min(len(mean), STEPS)).round().astype(int)):
                rows.append(about | {"at": float(mean.index[i]), "estimate": float(mean.iloc[i])})
    return rows


def _where(study: Study, s: int, a: int, point: int) -> dict[str, object]:
    stage = study.stages.stages[s]
    return {
        "hyperparameter": ", ".join(stage.varied),
        "value": study.value(point, stage.varied),
        "other": "stage",
        "other_value": stage.label,
        "scale": "mean",
        "runs": "successful",
        "arm": a,
        "held": study.held(stage, stage.arms[a]),
        "name": study.name(point, s),
    }
