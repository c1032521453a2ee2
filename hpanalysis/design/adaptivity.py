"""Did earlier results choose the runs? Seen from their order, told by a tracker, or left in what occurs together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.design.circumstances import span
from hpanalysis.sweeps.reading.vocabulary import words
from hpanalysis.sweeps.runs import cell_codes

if TYPE_CHECKING:
    from hpanalysis.design.design import Design

# Names of samplers that look at results, and of those that do not.
ADAPTIVE = frozenset(
    ("tpe", "bayes", "bayesian", "gp", "cma", "cmaes", "bohb", "hyperopt", "smac", "nevergrad", "ax", "botorch", "nsga",
     "nsgaii", "evolution", "genetic", "pbt", "skopt", "turbo", "hebo", "motpe")
)  # fmt: skip
BLIND = frozenset(("random", "grid", "sobol", "halton", "qmc", "latin", "bruteforce", "quasi"))
SAMPLER = frozenset(("sampler", "searcher", "optimizer_of_search", "search_alg", "search_method", "method"))
UNIFORM = "uniform"  # the phase of random draws in a search by a strategy
# The best share of the runs so far that a search goes back to, and how often it is looked at.
BEST, STEPS, FEWEST = 0.15, 24, 20
# A level that was first tried after that share of the time was thought of, not found.
LATE = 0.2
# Standard errors from which runs come back to good ones more often than chance does: one of many thousand sweeps.
BACK = 5.0


def is_adaptive(design: Design) -> bool:
    """Whether the runs seem to be chosen by earlier results: told by a tracker, or from their order or balance."""
    if (known := told(design)) is not None:
        return known
    return design.comes_back > BACK or (design.balance.crowded and crowds(design))


def told(design: Design) -> bool | None:
    """Whether a tracker says that a sampler looked at results; None where it says nothing that is known.

    A search by a strategy says it of every row, in the column phase: those of the phase uniform are random draws.
    """
    if "phase" in design.sweep.columns_with("ignored") and (design.sweep.runs["phase"] == UNIFORM).all():
        return False
    for text in _samplers(design):
        own = set(words(text)) | {text.lower()}
        own |= {word.removesuffix("sampler") for word in own}
        if own & ADAPTIVE:
            return True
        if own & BLIND:
            return False
    return None


def _samplers(design: Design) -> list[str]:
    about = design.sweep.about
    out = [str(value) for key, value in about.items() if set(words(key)) & SAMPLER and isinstance(value, str)]
    for role in ("identifier", "ignored"):
        for column in design.sweep.columns_with(role):
            if {"sampler", "searcher"} & set(words(column)) and not pd.api.types.is_numeric_dtype(
                design.sweep.runs[column]
            ):
                out += [str(v) for v in design.sweep.runs[column].dropna().unique()[:3]]
    return out


def comes_back(design: Design) -> float:
    """How much more often than chance runs come back to what was best before them, in standard errors; 0 without order.

    For each run the share of the best so far that have its values, over the share of all so far, hyperparameter by
    hyperparameter: a likelihood ratio, 1 on average where draws are independent, whatever the hyperparameters do.
    """
    time, sweep = design.order.time, design.sweep
    if time is None or ((matched := design.matched_runs) is not None and matched.shared is None):
        return 0.0
    row = np.unique(design.unit.codes, return_index=True)[1] if design.unit.kind != "run" else np.arange(len(sweep))
    row = row[np.argsort(time[row], kind="stable")]
    # What was set for whole jobs, or tried from some day on, comes back for another reason.
    groups = {n: design.all_groups(n) for n in sweep.space.names if n not in design.plots}
    names = [name for name, g in groups.items() if span(g, time)[0] <= LATE]
    codes = [c for c in (_slices(design, name)[row] for name in names) if len(np.unique(c)) > 1]
    block, score = sweep.block[row], design.ranks[row]
    gain, variance = np.zeros(STEPS), np.zeros(STEPS)
    for b in np.unique(block):
        here = np.flatnonzero(block == b)
        # What was found early is gone back to at once: the first steps are the shortest.
        steps = np.geomspace(FEWEST, max(len(here), FEWEST), STEPS + 1).round().astype(int)
        for step, (before, until) in enumerate(zip(steps, steps[1:], strict=False)):
            past, now = here[:before], here[before:until]
            if len(now) < 2:
                continue
            best = past[np.argsort(-score[past], kind="stable")[: max(int(BEST * before), 5)]]
            back, alone = np.zeros(len(now)), 0.0
            for code in codes:
                size = int(code.max()) + 1
                every = np.bincount(code[past], minlength=size) + 0.5
                every = every / every.sum()
                good = np.bincount(code[best], minlength=size) + 0.5 * size * every
                ratio = good / good.sum() / every - 1.0
                back += ratio[code[now]]
                alone += float((every * ratio**2).sum())
            gain[step] += back.sum()
            # Of what occurs together, as with a condition, the spread is seen and not computed.
            variance[step] += len(now) * max(alone, float(back.var(ddof=1)))
    so_far = np.cumsum(gain)[STEPS // 2 :] / np.sqrt(np.maximum(np.cumsum(variance)[STEPS // 2 :], 1e-12))
    # A search that has found its place goes back to it and to nothing else: what shows is the time before.
    return float(so_far.max()) if variance.any() else 0.0


def _slices(design: Design, name: str) -> np.ndarray:
    """Levels, or eighths of a range, from 0; inactive is a level of its own."""
    if design.sweep.space[name].has_levels:
        return cell_codes(design.sweep.values(name)) + 1
    u = design.position(name)
    return np.where(np.isfinite(u), np.clip((np.nan_to_num(u) * 8).astype(int), 0, 7) + 1, 0)


def crowds(design: Design) -> bool:
    """Whether combinations that occur more often than independent draws would are the better ones.

    An optimiser copies good runs; a grid that was cut off, or a region that was left out, has no such preference.
    """
    sweep = design.sweep
    first = np.unique(design.unit.codes, return_index=True)[1]
    dense = np.zeros(len(first))
    groups = {name: design.all_groups(name).codes[first] for name in sweep.space.names}
    for pair in design.balance.related:
        if pair.other not in groups:
            continue
        a, b = groups[pair.one] + 1, groups[pair.other] + 1
        table = np.zeros((a.max() + 1, b.max() + 1))
        np.add.at(table, (a, b), 1.0)
        expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
        dense += np.log((table + 0.5) / (expected + 0.5))[a, b]
    rank = pd.Series(dense).rank().to_numpy()
    if not np.ptp(rank):
        return False
    r = float(np.corrcoef(rank, design.ranks[first])[0, 1])
    return bool(r * np.sqrt(len(first)) > 3.0)
