"""How to see it? One function that draws sweeps and answers: it draws tables and computes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hpanalysis.errors import UserError
from hpanalysis.reporting.aloud import read_aloud
from hpanalysis.reporting.notebooks.helpers import describe_figure
from hpanalysis.reporting.plots.bars import box, importances
from hpanalysis.reporting.plots.cells import cell_map, cell_points
from hpanalysis.reporting.plots.forest import comparisons, dependence, values
from hpanalysis.reporting.plots.glance import pair_map, reach
from hpanalysis.reporting.plots.lines import curves
from hpanalysis.reporting.plots.next import next_map
from hpanalysis.reporting.plots.overview import checks, data_sets
from hpanalysis.reporting.plots.strips import strips
from hpanalysis.reporting.plots.tuning import best_curves, podium, tuned_levels
from hpanalysis.reporting.told import no_answer

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.evidence.answer import Answer
    from hpanalysis.sweeps.sweep import Sweep

__all__ = ["plot"]


def plot(subject: Sweep | Answer, *, scale: str | Sequence[str] | None = None, ax: Axes | None = None) -> Axes:
    """Draw a sweep or an answer.

    Parameters
    ----------
    subject
        A sweep: its metric by data set, with the share of failed runs. The answer of contrast: a forest of estimates
        with 95 % intervals. Of by_level: the same, one row a value. Of interaction: a map of the cells, or with a scale
        the cells as points with intervals. Of check: what was found, by verdict. Of curve: the curves with their bands.
        Of depends: the effect at each level. Of all_pairs: a map. Of power: what would be a headline.
        Of winner: the best configurations. Of best_of: the best of k against k. Of isolate: levels tuned, and on
        average. Of common: the values of the best runs.
    scale
        p_better, p_fail, mean, mean successful, best_of_k or tuned; the leading scale when left out. For a contrast
        several scales of one unit, side by side: ``("mean", "best_of_k")`` is on average beside after tuning.
    ax
        Where to draw; a new figure when left out. Its size and the global style are left alone.

    Returns
    -------
    Axes
        The axes that were drawn on. In a notebook the picture carries what `read_aloud` says as its alt text.

    Raises
    ------
    UserError
        If the subject cannot be drawn, or does not have the scale.

    Notes
    -----
    Intervals are those of the table: for each row alone, so that of twenty rows without any effect one seems to have
    one. Filled marks in colour exclude no difference, hollow grey ones do not.
    """
    question = "sweep" if hasattr(subject, "space") else getattr(subject, "question", None)
    first = scale if isinstance(scale, str) or scale is None else (*scale, None)[0]
    several = None if scale is None else (scale,) if isinstance(scale, str) else tuple(scale)
    if question == "contrast":
        drawn = comparisons(subject, several, ax)
    elif question in ("levels", "interaction", "curve", "power", "best_of", "isolation"):
        if several and len(several) > 1:
            raise UserError(f"{len(several)} scales were given for {question!r}, which is drawn on one; choose one.")
        views = {"levels": values, "curve": curves, "power": reach}
        views |= {"best_of": best_curves, "isolation": tuned_levels}
        view = views.get(question, cell_map if scale is None else cell_points)
        drawn = view(subject, first, ax)
    elif question in ("sweep", "check", "depends", "pairs", "importance", "disagreement", "region", "winner", "common"):
        if scale is not None:
            raise UserError(f"scale is {scale!r}, but a {question} has no scales; leave it out.")
        views = {"sweep": data_sets, "check": checks, "depends": dependence, "pairs": pair_map}
        views |= {"region": next_map, "common": strips}
        views |= {"importance": importances, "disagreement": box, "winner": podium}
        drawn = views[question](subject, ax)
    else:
        raise no_answer(subject, "drawn", or_sweep=True)
    told = [read_aloud(subject, scale=key).text for key in several or (None,)]
    describe_figure(drawn.figure, " ".join(told))
    return drawn
