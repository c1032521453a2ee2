"""How does an optimiser choose its runs? Random at first, then near the best so far: runs are no independent draws."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

# Before the search starts, runs of one step, the share of runs that count as best, and how a good one is varied.
START, STEPS, BEST = 0.25, 15, 0.05
KEPT, STEP = 0.8, 0.05

Tried = Callable[[np.ndarray, dict[str, np.ndarray]], np.ndarray]


def search(
    u: dict[str, np.ndarray], block: np.ndarray, tried: Tried, share: float, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Replace later configurations by variations of good earlier ones, as a successive sampler or TPE does.

    Parameters
    ----------
    u
        Name -> position in [0, 1] of independent draws, shape (configurations,).
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
    dict
        Name -> position, shape (configurations,). A varied configuration keeps each position of its model with
        probability .8, moved a little on ranges and levels alike.
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
