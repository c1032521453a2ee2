"""Which column is probably the metric? A guess for a first look at a table, always said to be one."""

from __future__ import annotations

from os import PathLike
from typing import Any

from hpanalysis.errors import UserError, choices
from hpanalysis.sweeps import vocabulary as say
from hpanalysis.sweeps.candidates import candidates as possible
from hpanalysis.sweeps.candidates import measured
from hpanalysis.sweeps.cells import clean, is_number
from hpanalysis.sweeps.sidecar import load_sidecar, sidecar_path
from hpanalysis.sweeps.sources import READERS, locate

LOWER_IS_BETTER = {"loss", "error", "err", "mse", "rmse", "mae", "nll", "perplexity", "ppl", "regret", "cost"}
HIGHER_IS_BETTER = {"acc", "accuracy", "f1", "auc", "auroc", "auprc", "precision", "recall", "reward", "return"}


def usual_goal(metric: str) -> str | None:
    """The goal that the name of a metric speaks for; None where it tells nothing."""
    words = set(say.words(metric))
    if words & LOWER_IS_BETTER:
        return "min"
    return "max" if words & HIGHER_IS_BETTER else None


def supposed(source: str | PathLike, settings: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Complete reading settings by a supposed metric and goal, to describe a table of which nothing is known.

    Parameters
    ----------
    source
        Path of a table.
    settings
        Reading settings; a metric and a goal given there, or in the sidecar, are kept.

    Returns
    -------
    settings, note
        The settings with a metric and a goal, and what was supposed, in a sentence; empty when nothing was.

    Raises
    ------
    UserError
        If no column looks like a metric, or a study optimised a column under a name that says no goal.
    """
    path = locate(source)
    beside = sidecar_path(path)
    known = load_sidecar(beside) if beside.is_file() else None
    metric = settings.get("metric") or (known.metric if known else None)
    goal = settings.get("goal") or (known.goal if known and metric == known.metric else None)
    if metric and goal:
        return settings, ""
    candidates = [metric]
    if not metric:
        load = next((load for suffixes, load in READERS.items() if path.name.lower().endswith(suffixes)), None)
        frame = clean(load(path)) if load else None
        candidates = [] if frame is None else [c for c in measured(frame) if is_number(frame[c])]
        if frame is not None and (not candidates or candidates[0] in say.objectives(frame)):
            likely = possible(frame)
            raise UserError(
                f"no column of {path.name} looks like a metric by its name; name the one that says how good a run is, "
                f"and whether higher is better, as in --metric {likely[0]} --goal max (or min)"
                + (f"; the candidates are {choices(likely)}." if len(likely) > 1 else ".")
            )
        if not candidates:
            raise UserError(f"no column of {path.name} looks like a metric; name the one that says how good a run is.")
        metric = min(candidates, key=_doubt)
    goal = goal or ("min" if LOWER_IS_BETTER & set(say.words(metric)) else "max")
    others = f" of {choices(candidates)}" if len(candidates) > 1 else ""
    note = f"Metric and goal are supposed, not known: {goal} {metric}{others}. Say --metric NAME --goal max or min."
    return settings | {"metric": metric, "goal": goal}, note


def _doubt(name: str) -> tuple:
    """What speaks against a column as the metric to select by: spread, training, test, a loss beside a score."""
    words = set(say.words(name))
    validation = bool(words & say.VALIDATION_WORDS)
    return (
        not say.is_measure(name),
        "std" in words,
        "train" in words,
        bool(words & say.TEST_WORDS),
        not validation,
        bool(words & LOWER_IS_BETTER),
    )
