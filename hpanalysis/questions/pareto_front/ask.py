"""What does accuracy cost? The configurations that nothing cheaper beats, and what the last point takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from hpanalysis.design.costs import costs_of, nearly_as_good
from hpanalysis.design.design import Design
from hpanalysis.errors import UserError, choices
from hpanalysis.questions.answer import Answer, Asked, facts_of, in_vocabulary
from hpanalysis.questions.report import THIS_ANSWER
from hpanalysis.statistics.rounding import settled, tied
from hpanalysis.sweeps.runs import cell_codes, same_rows
from hpanalysis.sweeps.space import level_key
from hpanalysis.sweeps.sweep import Sweep

DIAGNOSTICS = ("cost", "front", "near")
LUCK = "The best of many is partly luck: what lies on the front may lie below it when it is run again."


def pareto_front(sweep: Sweep | Design, cost: str | Sequence[str] | None = None) -> Answer:
    """Find the configurations that nothing cheaper beats, and what the last point of the metric costs.

    Parameters
    ----------
    sweep
        Runs of which it was recorded what they cost: seconds, numbers of parameters.
    cost
        A column of costs, or several; all that are known when left out.

    Returns
    -------
    Answer
        One row a cost (``other``), data set and configuration that worked: ``estimate`` is the mean of its runs,
        ``cost`` the mean of what they cost. ``front``: nothing that costs as little or less scores higher. ``near``:
        the cheapest that comes within a point of the best (the declared margin, or a hundredth of the best).

    Raises
    ------
    UserError
        If no cost was recorded, or `cost` is none.

    Notes
    -----
    It describes the runs at hand: the best of many is partly luck, and seconds depend on the machine. Runs that were
    trained for other lengths are other configurations.

    Examples
    --------
    >>> from hpanalysis import pareto_front, toys
    >>> rows = pareto_front(toys.make_staged(toys.Staged(), 0)).frame
    >>> front = rows[rows["front"]]
    >>> bool(front["cost"].is_monotonic_increasing and front["estimate"].is_monotonic_increasing)
    True
    """
    design = Design.of(sweep)
    sweep, known = design.sweep, costs_of(design.sweep)
    asked = known if cost is None else (cost,) if isinstance(cost, str) else tuple(cost)
    if not known:
        raise UserError(f"no cost of the runs of {sweep.name!r} is known; give a column the role cost (seconds=cost).")
    for name in asked:
        if name not in known:
            raise UserError(f"{name!r} is no column of costs; choose one of {choices(known)}.")
    frames = [rows for name in asked for rows in _fronts(sweep, name)]
    if not frames:
        raise UserError(f"no run of {sweep.name!r} that worked has a known cost; there is no front.")
    facts = facts_of(design) | Asked(family=THIS_ANSWER, costs=asked)
    table = pd.concat(frames, ignore_index=True).assign(scale="mean", runs="successful")
    return Answer("pareto_front", in_vocabulary(table, *DIAGNOSTICS), asked=facts, caveats=(LUCK,))


def _fronts(sweep: Sweep, cost: str) -> Iterator[pd.DataFrame]:
    """The configurations of each data set by a cost, the cheapest first."""
    longer = [c for c in sweep.columns_with("budget") if sweep.runs[c].nunique() > 1]
    code = same_rows([sweep.configuration, *(cell_codes(sweep.runs[c]) for c in longer)], len(sweep))
    spent = sweep.runs[cost].to_numpy(dtype=float, na_value=np.nan)
    use = sweep.ok & np.isfinite(spent)
    names = [n for n in sweep.space.names if sweep.runs[n].nunique() > 1] + longer
    up = 1.0 if sweep.goal == "max" else -1.0
    for b, dataset in enumerate(sweep.datasets):
        here = np.flatnonzero(use & (sweep.block == b))
        if not len(here):
            continue
        runs = pd.DataFrame({"code": code[here], "score": sweep.score[here], "cost": spent[here], "first": here})
        own = runs.groupby("code").agg(score=("score", "mean"), cost=("cost", "mean"), first=("first", "first"))
        own = own.assign(n=runs.groupby("code").size())
        score, paid = tied(own["score"].to_numpy(float)), settled(own["cost"])
        order = np.lexsort((own["first"], -score, paid))
        own, score = own.iloc[order], score[order]
        front = np.concatenate([[True], score[1:] > np.maximum.accumulate(score)[:-1]])
        top = float(score.max())
        near = int(np.argmax(score >= tied(np.array([top - nearly_as_good(sweep, up * top)]))[0]))
        yield pd.DataFrame(
            {
                "value": _named(sweep, names, own["first"]),
                "other": cost,
                "other_value": [f"{x:.6g}" for x in own["cost"]],
                "dataset": dataset,
                "estimate": up * own["score"].to_numpy(float),
                "n": own["n"].to_numpy(),
                "cost": own["cost"].to_numpy(float),
                "front": front,
                "near": np.arange(len(own)) == near,
            }
        )


def _named(sweep: Sweep, names: Sequence[str], rows: pd.Series) -> list[str]:
    """The settings of some runs as text, of those that vary."""
    ranges = {h.name for h in sweep.space if not h.has_levels}
    texts = [
        [
            None if pd.isna(v) else f"{name}={f'{v:.3g}' if name in ranges else level_key(v)}"
            for v in sweep.runs[name].iloc[rows].tolist()
        ]
        for name in names
    ]
    return [", ".join(filter(None, row)) for row in zip(*texts, strict=True)]
