"""What does tuning one hyperparameter at a time cost? Every such study, replayed on a full factorial."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations, product

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.errors import UserError, choices, count
from hpanalysis.questions.answer import Answer, Asked, facts_of, in_vocabulary
from hpanalysis.questions.report import THIS_ANSWER
from hpanalysis.statistics import resampling
from hpanalysis.statistics.differences import POOLED
from hpanalysis.statistics.replays import best_of_draws, one_at_a_time
from hpanalysis.statistics.rounding import tied
from hpanalysis.sweeps.space import level_key
from hpanalysis.sweeps.sweep import Sweep

DIAGNOSTICS = ("row", "found", "least", "most", "worst", "draws")
ARROW = " → "
SAME_RUNS = (
    "One run a cell: what chose a configuration judges it too, so that what is lost by choosing luck is not counted."
)
FEW_SEEDS = (
    "The best cell is the one with the best mean over {} seeds: part of its lead may be luck, and part of what is lost "
    "to it with that."
)
WORST = "{} failed and count as the worst score that was seen, as no value was declared for a failure."


def replay(
    sweep: Sweep | Design, hyperparameters: Sequence[str] | None = None, *, orders: int = 120, rng: int = 0
) -> Answer:
    """Replay tuning one hyperparameter at a time, where all combinations of some hyperparameters were run.

    Parameters
    ----------
    sweep
        A full factorial: every combination has a run, or several with other seeds.
    hyperparameters
        Those that are tuned; all that vary when left out. The others must not vary.
    orders
        Of more than five hyperparameters, so many orders drawn at random are replayed; of fewer all.
    rng
        Seed of that draw.

    Returns
    -------
    Answer
        In the columns of the vocabulary. Each study starts at a cell, tunes one hyperparameter after the other by the
        runs of one seed, each at its best with all others held, and is judged by the other seeds, if there are any:
        ``estimate`` is how much worse than the best cell its end is on average, in metric units (the regret), ``least``
        and ``most`` the same of the seed that loses least and of the one that loses most, ``worst`` the largest of all,
        and ``found`` the share of studies that end there. One row an "order" in ``row``
        (``other_value``); "first" and "last": the orders in which ``hyperparameter`` is tuned first or last; "all":
        every order; "random": the best of as many ``draws`` from the cells as one such study runs. ``n`` is the number
        of studies.

    Raises
    ------
    UserError
        If combinations are missing, or something else varies.

    Notes
    -----
    It is exact: each start, order and seed is replayed, and random draws are not simulated. It is about these levels:
    with others, another order may be the better one. Ties are settled at nine digits, for the first level. The best
    cell is that of the highest mean over all seeds.

    Examples
    --------
    >>> from hpanalysis import replay, toys
    >>> answer = replay(toys.make_factorial(toys.Staged(seeds=2), 0))
    >>> answer.frame["row"].value_counts(sort=False).to_dict()
    {'all': 1, 'random': 1, 'first': 4, 'last': 4, 'order': 24}
    """
    design = Design.of(sweep)
    names = _names(design.sweep, hyperparameters)
    if orders < 1:
        raise UserError(f"orders is {orders}; replay one order or more.")
    tables = [_Factorial.of(design, names, b) for b in range(len(design.sweep.datasets))]
    chosen = _orders(len(names), orders, rng)
    frames = [_rows(table, names, chosen) for table in tables]
    if len(frames) > 1:
        every = pd.concat(frames, ignore_index=True).drop(columns="dataset")
        keys = ["row", "hyperparameter", "other_value"]
        mean = every.groupby(keys, sort=False, as_index=False).agg(
            {"worst": "max", "draws": "first", "n": "sum"}
            | dict.fromkeys(("estimate", "found", "least", "most"), "mean")
        )
        frames = [mean.assign(dataset=POOLED), *frames]
    frame = pd.concat(frames, ignore_index=True).assign(other="order", scale="mean", runs="all")
    seeds = min(table.scores.shape[-1] for table in tables)
    asked = facts_of(design) | Asked(
        hyperparameters=names,
        family=THIS_ANSWER,
        cells={name: table.best for name, table in zip(design.sweep.datasets, tables, strict=True)},
        noise=(float(np.sqrt(np.mean([t.within for t in tables]))), float(sum(t.freedom for t in tables))),
        studied=(tables[0].size, seeds, len(chosen), math.factorial(len(names))),
    )
    caveats = [SAME_RUNS if seeds == 1 else FEW_SEEDS.format(seeds)]
    if (~design.sweep.ok).any() and design.failed_outcome is None:
        caveats.append(WORST.format(count(int((~design.sweep.ok).sum()), "run")))
    return Answer("replay", in_vocabulary(frame, *DIAGNOSTICS), asked=asked, caveats=tuple(caveats))


def _names(sweep: Sweep, asked: Sequence[str] | None) -> tuple[str, ...]:
    """The hyperparameters that are tuned, checked."""
    varied = [h.name for h in sweep.space if sweep.values(h.name).nunique(dropna=False) > 1]
    names = tuple(varied if asked is None else asked)
    for name in names:
        if name not in varied:
            raise UserError(f"{name!r} is no hyperparameter that varies; choose some of {choices(varied)}.")
    if len(names) < 2 or len(set(names)) < len(names):
        raise UserError(
            f"replay needs two different hyperparameters or more, not {choices(names) or 'none'}; name more."
        )
    budgets = [c for c in sweep.columns_with("budget") if sweep.runs[c].nunique() > 1]
    if more := [name for name in [*varied, *budgets] if name not in names]:
        raise UserError(
            f"{choices(more)} {'varies' if len(more) == 1 else 'vary'} too: keep one value with where, or name it."
        )
    return names


@dataclass(frozen=True)
class _Factorial:
    """The scores of all cells of a data set, higher is better: an axis a hyperparameter, the last one the seeds."""

    dataset: str
    scores: np.ndarray
    best: str

    @property
    def size(self) -> int:
        return int(np.prod(self.scores.shape[:-1]))

    @property
    def freedom(self) -> int:
        """The degrees of freedom between the seeds of a cell, over all cells."""
        return int(self.size * (self.scores.shape[-1] - 1))

    @property
    def within(self) -> float:
        """The variance between the seeds of a cell, over all cells; NaN of one seed."""
        return float(self.scores.var(axis=-1, ddof=1).mean()) if self.freedom else float("nan")

    @classmethod
    def of(cls, design: Design, names: Sequence[str], block: int) -> _Factorial:
        sweep = design.sweep
        here = np.flatnonzero(sweep.block == block)
        codes, levels = zip(*(_levels(sweep, name, here) for name in names), strict=True)
        shape = tuple(len(own) for own in levels)
        cell = np.asarray(np.ravel_multi_index(codes, shape))
        runs = np.bincount(cell, minlength=math.prod(shape))
        if not runs.all():
            raise UserError(_missing(sweep, names, levels, runs, block))
        seeds = sweep.columns_with("seed")
        seed = sweep.runs[seeds[0]].rank(method="dense").to_numpy(float)[here] if seeds else np.zeros(len(here))
        place = np.lexsort((seed, cell))
        turn = np.empty(len(here), dtype=int)
        turn[place] = np.arange(len(here)) - np.repeat(np.cumsum(runs) - runs, runs)
        keep = turn < runs.min()
        up = 1.0 if sweep.goal == "max" else -1.0
        known = sweep.score[here][sweep.ok[here]]
        lost = np.nanmin(known) if design.failed_outcome is None else up * design.failed_outcome
        scores = np.empty((len(runs), int(runs.min())))
        scores[cell[keep], turn[keep]] = np.where(sweep.ok[here], sweep.score[here], lost)[keep]
        top = list(product(*map(range, shape)))[int(np.argmax(tied(scores.mean(axis=1))))]
        best = ", ".join(f"{n}={own[i]}" for n, own, i in zip(names, levels, top, strict=True))
        return cls(sweep.datasets[block], scores.reshape(*shape, -1), best)

    def judged(self, seed: int) -> np.ndarray:
        """The mean of the other seeds, of the same one where there is no other, shape (cells,)."""
        flat = self.scores.reshape(self.size, -1)
        others = np.delete(flat, seed, axis=1) if flat.shape[1] > 1 else flat
        return np.asarray(others.mean(axis=1))


def _levels(sweep: Sweep, name: str, here: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """The level of each run, and those that were tried: a range by its values; inactive is a level of its own."""
    if sweep.space[name].has_levels:
        codes, labels = sweep.codes(name)[here], sweep.levels(name)
    else:
        values = sweep.values(name).iloc[here]
        known = sorted(values.dropna().unique())
        codes, labels = pd.Index(known).get_indexer(values), tuple(map(level_key, known))
    tried, own = np.unique(np.where(codes < 0, len(labels), codes), return_inverse=True)
    return own, tuple((*labels, "inactive")[i] for i in tried)


def _missing(sweep: Sweep, names: Sequence[str], levels: Sequence[Sequence[str]], runs: np.ndarray, block: int) -> str:
    cells = list(product(*levels))
    gone = [cell for cell, n in zip(cells, runs, strict=True) if not n]
    first = ", ".join(f"{name}={v}" for name, v in zip(names, gone[0], strict=True))
    where = f" on {sweep.datasets[block]}" if len(sweep.datasets) > 1 else ""
    return (
        f"{len(gone):,} of {len(cells):,} combinations of {choices(names)} were not run{where}, the first {first}: all "
        "of them are needed; leave levels out with where, or name fewer hyperparameters."
    )


def _orders(axes: int, asked: int, rng: int) -> list[tuple[int, ...]]:
    """All orders of up to five axes, else so many of them drawn at random."""
    if axes <= 5:
        return list(permutations(range(axes)))
    draws = resampling.named_generator(rng, "replay", str(axes), "orders")
    found = dict.fromkeys(tuple(draws.permutation(axes).tolist()) for _ in range(50 * asked))
    return sorted(list(found)[:asked])


def _rows(table: _Factorial, names: Sequence[str], orders: Sequence[tuple[int, ...]]) -> pd.DataFrame:
    """The rows of a data set."""
    seeds, shape = table.scores.shape[-1], table.scores.shape[:-1]
    flat = table.scores.reshape(table.size, -1)
    best = int(np.argmax(tied(flat.mean(axis=1))))
    draws = 1 + sum(size - 1 for size in shape)
    lost = np.empty((len(orders), seeds, table.size))
    found = np.empty(lost.shape, dtype=bool)
    by_luck = np.empty((seeds, 2))
    for seed in range(seeds):
        judged = table.judged(seed)
        regret = judged[best] - judged
        for i, order in enumerate(orders):
            end = one_at_a_time(table.scores[..., seed], order)
            lost[i, seed], found[i, seed] = regret[end], end == best
        chance = best_of_draws(flat[:, seed], draws)
        by_luck[seed] = chance @ regret, chance[best]

    def row(kind: str, keep: np.ndarray, **more: object) -> dict[str, object]:
        own = {"estimate": lost[keep].mean(), "found": found[keep].mean(), "worst": lost[keep].max()}
        seed = lost[keep].mean(axis=(0, 2))
        own |= {"least": seed.min(), "most": seed.max()}
        return {"row": kind, "n": lost[keep].size, "draws": draws, **own, **more}

    every = np.ones(len(orders), dtype=bool)
    rows = [row("all", every)]
    luck = {"estimate": by_luck[:, 0].mean(), "found": by_luck[:, 1].mean(), "worst": np.nan}
    luck |= {"least": by_luck[:, 0].min(), "most": by_luck[:, 0].max()}
    rows.append({"row": "random", "n": seeds, "draws": draws, **luck})
    for kind, at in (("first", 0), ("last", -1)):
        for axis, name in enumerate(names):
            keep = np.array([order[at] == axis for order in orders])
            rows += [row(kind, keep, hyperparameter=name)] if keep.any() else []
    for i, order in enumerate(orders):
        text = ARROW.join(names[axis] for axis in order)
        rows.append(row("order", np.arange(len(orders)) == i, hyperparameter=names[order[0]], other_value=text))
    keys = {"hyperparameter": "", "other_value": "", "dataset": table.dataset}
    return pd.DataFrame([keys | one for one in rows])
