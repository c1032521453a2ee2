"""How does an optimiser choose its runs? Random at first, then near the best so far: runs are no independent draws."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

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
