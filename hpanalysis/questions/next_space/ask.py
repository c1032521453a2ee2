"""Where are the good runs, and what should be tried next? Levels to drop, ranges to widen, narrow or keep."""

from __future__ import annotations

from hpanalysis.design.design import Design
from hpanalysis.design.outcomes import WORST
from hpanalysis.design.tuning import test_scores
from hpanalysis.errors import UserError
from hpanalysis.questions.answer import Answer, Asked, facts_of, in_metric_units, in_vocabulary
from hpanalysis.questions.next_space.change import Change, changed
from hpanalysis.questions.next_space.context import ERROR, Context, Row, leveled
from hpanalysis.questions.next_space.kept import kept
from hpanalysis.questions.next_space.levels import level_rows
from hpanalysis.questions.next_space.own_ranges import own_ranges
from hpanalysis.questions.next_space.ranges import held_windows, range_rows
from hpanalysis.statistics.resampling import Rng, generator
from hpanalysis.sweeps.sweep import Sweep


def next_space(sweep: Sweep | Design, *, k: int | None = None, margin: float | None = None, rng: Rng = 0) -> Answer:
    """Say what to try next: which levels to drop, which ranges to widen, narrow or keep, each with its reason.

    Parameters
    ----------
    sweep
        The runs, or their design.
    k
        Draws at which levels are compared, "after tuning"; a tenth of the smallest cell, 5 to 20, when left out.
    margin
        The practically irrelevant difference of the best of k, in metric units; the sweep's own when left out. Without
        one no hyperparameter is ever fixed.
    rng
        Seed or generator of the halves on which windows are chosen and judged.

    Returns
    -------
    Answer
        One row per level, or a range, for all data sets and for each. The row of all data sets decides: its ``action``
        is keep, drop level, fix, widen low, widen high or narrow, its ``reason`` a sentence; that of a data set is what
        it alone would say. Levels: ``estimate`` is the best of k of ``value`` minus that of the incumbent
        ``reference``, and ``tested`` the same in the test metric of the runs that were chosen. Ranges: it is the
        held-out gain, the best of k inside ``value`` minus that of the whole range, with a 95 % interval of its own;
        ``p_inside`` is P(better) of a run inside over one outside. ``share`` is the share of the best tenth of the
        configurations at the level, or in the outer tenth named by ``edge``, with Wilson's interval.
        ``asked["proposed"]`` is the next space, ``asked["best"]`` the positions of the best tenth in the unit cube, by
        hyperparameter; ``asked["kept"]`` how much of the best twentieth, and of all runs, lies in it; ``asked["own"]``
        the ranges that have a best part of their own at each level of another hyperparameter.

    Raises
    ------
    UserError
        If k is below 1 or the margin is not positive.

    Notes
    -----
    With probability .95 none of the dropped levels is truly the best on any data set, none of the windows leaves out
    a single peak, and nothing is fixed that matters by more than the margin: the error is shared by the
    hyperparameters. A level goes only if it is beaten on every data set where it was tried and holds none of the three
    best runs of any. It says nothing of what was never tried, and where an optimiser chose the runs, levels that it
    left early look worse than they are.
    Berger (1982), doi:10.1080/00401706.1982.10487790; Schuirmann (1987), doi:10.1007/BF01068419.

    Examples
    --------
    >>> from hpanalysis import next_space, toys
    >>> frame = next_space(toys.make(toys.STRONG, 900, 1)).frame
    >>> frame.loc[frame["action"] == "drop level", ["hyperparameter", "value"]].drop_duplicates().to_numpy().tolist()
    [['augmentation', 'off']]
    """
    design = Design.of(sweep)
    sweep = design.sweep
    margin = sweep.margin if margin is None else margin
    if k is not None and k < 1:
        raise UserError(f"k is {k}; choose 1 or more draws.")
    if margin is not None and not margin > 0:
        raise UserError(f"margin is {margin}; give a difference above 0, or none.")
    judged = [h for h in sweep.space if len(design.groups(h.name).labels) > 1 and sweep.ok.any()]
    error = ERROR / max(len(judged), 1) / (1 if margin is None else 2)
    question = Context(design, design.best_fraction(), k or sweep.k, margin, error)
    windows = held_windows(question, [h for h in judged if not leveled(h)], generator(rng))
    rows: list[Row] = []
    changes: dict[str, Change] = {}
    for h in sweep.space:
        if h not in judged:
            rows.append(Row(hyperparameter=h.name, action="keep", reason="fewer than two of its values were tried"))
            continue
        more, changes[h.name] = level_rows(question, h) if leveled(h) else range_rows(question, h, windows.get(h.name))
        rows += more
    caveats = design.unless_every_run(WORST) if sweep.ok.any() else []
    if margin is None:
        caveats.append("Without a margin nothing is called equivalent, so that no hyperparameter is fixed.")
    about = facts_of(design)
    table = in_metric_units(in_vocabulary(rows, *Row.__annotations__).assign(scale="best_of_k", regime="tuned"), about)
    best, proposed = question.best.rows[question.best.best], changed(sweep.space, changes)
    asked = about | Asked(
        level=1 - ERROR,
        margin=margin,
        space=sweep.space,
        proposed=proposed,
        kept=kept(design, proposed),
        own=own_ranges(question, proposed),
        test_metric=None if test_scores(design) is None else sweep.test_metric,
        best={h.name: h.to_unit(sweep.values(h.name).iloc[best]) for h in sweep.space},
    )
    return Answer("next_space", table, asked=asked, caveats=tuple(caveats))
