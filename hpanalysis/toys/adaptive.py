"""How does an optimiser choose its runs? Random at first, then near the best so far: runs are no independent draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hpanalysis.sweeps.space import Space

# Before the search starts, runs of one step, the share of runs that count as best, and how a good one is varied.
START, STEPS, BEST = 0.25, 15, 0.05
KEPT, STEP = 0.8, 0.05

Positions = dict[str, np.ndarray]  # hyperparameter -> position in [0, 1] of each configuration, shape (configurations,)
Tried = Callable[[np.ndarray, Positions], np.ndarray]


def search(u: Positions, block: np.ndarray, tried: Tried, share: float, rng: np.random.Generator) -> Positions:
    """Replace later configurations by variations of good earlier ones, as a successive sampler or TPE does.

    Parameters
    ----------
    u
        Independent draws.
    block
        Data set of each configuration, shape (configurations,): each is searched by itself.
    tried
        Called with the rows of configurations and their positions, returns their scores, higher is better.
    share
        Share of the later configurations that vary one of the best twentieth so far; the others stay random.
    rng
        Generator of the choices.

    Returns
    -------
    Positions
        A varied configuration keeps each position of its model with probability .8, moved a little on ranges and
        levels alike.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> drawn = {"rate": rng.random(400)}
    >>> found = search(drawn, np.zeros(400), lambda rows, u: -abs(u["rate"] - 0.3), 0.8, rng)["rate"]
    >>> bool(abs(found[200:] - 0.3).mean() < abs(found[:100] - 0.3).mean())
    True
    """
    u = {name: at.copy() for name, at in u.items()}
    count = len(block)
    first = max(int(START * count), 1)
    score = np.full(count, -np.inf)
    score[:first] = tried(np.arange(first), {name: at[:first] for name, at in u.items()})
    for rows in np.array_split(np.arange(first, count), STEPS):
        for b in np.unique(block[rows]):
            here = rows[(block[rows] == b) & (rng.random(len(rows)) < share)]
            before = np.flatnonzero(block[: rows[0]] == b)
            if not len(before) or not len(here):
                continue
            best = before[np.argsort(-score[before], kind="stable")][: max(int(BEST * len(before)), 1)]
            model = rng.choice(best, len(here))
            for at in u.values():
                near = 1 - np.abs(1 - np.abs(at[model] + rng.normal(0.0, STEP, len(here))))
                at[here] = np.where(rng.random(len(here)) < KEPT, np.clip(near, 0.0, 1.0), at[here])
        score[rows] = tried(rows, {name: at[rows] for name, at in u.items()})
    return u


# A Parzen search begins with random trials, calls at most so many of the best good, and draws so many candidates.
STARTUP, GOOD, MOST_GOOD, CANDIDATES, CELLS = 10, 0.1, 25, 24, 64


def parzen_search(
    space: Space, runs: int, tried: Callable[[Positions, int], float], rng: np.random.Generator
) -> Positions:
    """Draw trials one after the other where good ones are dense and the others are not, each hyperparameter by itself.

    Parameters
    ----------
    space
        What is searched.
    runs
        Number of trials.
    tried
        Called with the positions of one trial and its number, gives its score, higher is better.
    rng
        Generator of the choices.

    Returns
    -------
    Positions
        In the order of the trials.

    Notes
    -----
    Bergstra et al. (2011), Algorithms for hyper-parameter optimization, NeurIPS 24; ranges with a Gaussian kernel a
    trial, levels with counts, and a uniform prior that counts as one trial.

    Examples
    --------
    >>> from hpanalysis.toys.generator import SPACE
    >>> from hpanalysis.sweeps.space import Space
    >>> rate = Space((SPACE["learning_rate"],))
    >>> found = parzen_search(rate, 100, lambda at, i: -abs(at["learning_rate"][0] - 0.3), np.random.default_rng(0))
    >>> bool(abs(found["learning_rate"][50:] - 0.3).mean() < 0.15)
    True
    """
    u = {h.name: rng.random(runs) for h in space}
    score = np.full(runs, -np.inf)
    cells = {h.name: len(h.levels) or CELLS for h in space}
    kernel = {name: _kernel(count) if count == CELLS else np.eye(count) for name, count in cells.items()}
    for i in range(runs):
        if i >= STARTUP:
            good = np.argsort(-score[:i], kind="stable")[: min(int(np.ceil(GOOD * i)), MOST_GOOD)]
            for name, count in cells.items():
                seen = np.minimum((u[name][:i] * count).astype(int), count - 1)
                every, best = np.bincount(seen, minlength=count), np.bincount(seen[good], minlength=count)
                dense = kernel[name] @ best + 1.0 / count
                rare = kernel[name] @ (every - best) + 1.0 / count
                drawn = rng.choice(count, CANDIDATES, p=dense / dense.sum())
                u[name][i] = (drawn[np.argmax(dense[drawn] / rare[drawn])] + rng.random()) / count
        score[i] = tried({name: at[i : i + 1] for name, at in u.items()}, i)
    return u


def _kernel(count: int) -> np.ndarray:
    """Gaussian kernels of a tenth of the range, whole within it, shape (cells, cells)."""
    at = (np.arange(count) + 0.5) / count
    dense = np.exp(-0.5 * ((at[:, None] - at[None, :]) / 0.1) ** 2)
    return np.asarray(dense / dense.sum(axis=0))
