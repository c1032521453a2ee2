"""What would chance alone do? Generators, and draws of rows: with `joint_draws` the only place where numbers are drawn.

Every function that draws takes `rng`, a seed or a generator: the same seed gives the same draws.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

Rng = int | np.random.Generator


def generator(rng: Rng) -> np.random.Generator:
    """A generator from a seed, or the generator itself.

    Parameters
    ----------
    rng
        Seed, 0 or above (0 is a seed like any other), or a generator.

    Returns
    -------
    numpy.random.Generator
        A new one from a seed; a generator as it is, which moves on with every draw.

    Examples
    --------
    >>> bool(generator(0).random() == generator(0).random())
    True
    """
    return rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)


def named_generator(seed: int, *names: str) -> np.random.Generator:
    """A generator that depends on a seed and some names, not on what was drawn before.

    Parameters
    ----------
    seed
        0 or above.
    *names
        What the draws are for, so that two purposes do not share them.

    Returns
    -------
    numpy.random.Generator
        A new one.

    Examples
    --------
    >>> bool(named_generator(0, "trend").random() == named_generator(0, "curve").random())
    False
    """
    return np.random.default_rng([seed, *b"\0".join(name.encode() for name in names)])


def permutations_within(blocks: np.ndarray, count: int, rng: Rng) -> np.ndarray:
    """Permute rows inside each block.

    Parameters
    ----------
    blocks
        Block code of each row, shape (rows,).
    count
        Number of permutations.
    rng
        Seed or generator.

    Returns
    -------
    numpy.ndarray
        For each permutation the row that stands in the place of each row, int32, shape (count, rows).

    Examples
    --------
    >>> blocks = np.array([0, 0, 0, 1, 1])
    >>> order = permutations_within(blocks, count=100, rng=0)
    >>> order.shape, bool((blocks[order] == blocks).all())
    ((100, 5), True)
    """
    rng = generator(rng)
    order = np.empty((count, len(blocks)), dtype=np.int32)
    for block in np.unique(blocks):
        members = np.flatnonzero(blocks == block).astype(np.int32)
        order[:, members] = rng.permuted(np.broadcast_to(members, (count, len(members))), axis=1)
    return order


def signs(rows: int, count: int, rng: Rng) -> np.ndarray:
    """Signs that turn rows round, each as likely as not.

    Parameters
    ----------
    rows, count
        Number of rows and of draws.
    rng
        Seed or generator.

    Returns
    -------
    numpy.ndarray
        1 or -1, int8, shape (count, rows).

    Examples
    --------
    >>> sorted(set(signs(rows=20, count=3, rng=0).ravel().tolist()))
    [-1, 1]
    """
    return (2 * generator(rng).integers(0, 2, size=(count, rows), dtype=np.int8) - 1).astype(np.int8)


def permutation_p(observed: float, drawn: np.ndarray) -> float:
    """(1 + b) / (1 + m): the share of draws at least as large as what was observed, counting it itself.

    Parameters
    ----------
    observed
        The statistic, larger where there is more of an effect.
    drawn
        The same under m draws without an effect, shape (m,).

    Returns
    -------
    float
        From 1 / (1 + m) to 1.

    Notes
    -----
    Valid for any m, if what was observed and what was drawn are exchangeable without an effect.
    Phipson & Smyth (2010), doi:10.2202/1544-6115.1585.

    Examples
    --------
    >>> permutation_p(8.0, np.arange(9.0))
    0.2
    """
    # A draw that repeats the observed arrangement differs from it by rounding only; it must count.
    return float((1 + np.sum(at_least(observed, drawn))) / (1 + len(drawn)))


def at_least(observed: float, drawn: np.ndarray) -> np.ndarray:
    """Which draws are as large as what was observed, shape (draws,), bool.

    A draw that repeats the observed arrangement differs from it by rounding only; it must count.

    Examples
    --------
    >>> at_least(0.3, np.array([0.1 + 0.2, 0.3 - 1e-6])).tolist()
    [True, False]
    """
    return np.asarray(drawn >= observed - 1e-9 * max(1.0, abs(observed)))


def resample_rows(rows: int, count: int, rng: Rng) -> np.ndarray:
    """Bootstrap row numbers.

    Parameters
    ----------
    rows, count
        Number of rows and of draws.
    rng
        Seed or generator.

    Returns
    -------
    numpy.ndarray
        Row numbers drawn with replacement, shape (count, rows).

    Notes
    -----
    Rows are taken as independent; draw units instead where they are not. Efron (1979), doi:10.1214/aos/1176344552.

    Examples
    --------
    >>> drawn = resample_rows(rows=10, count=200, rng=0)
    >>> drawn.shape, int(drawn.min()), int(drawn.max())
    ((200, 10), 0, 9)
    """
    return generator(rng).integers(0, rows, size=(count, rows))


def halves(block: np.ndarray, count: int, rng: Rng, *, most: int) -> np.ndarray:
    """Random halves of the rows, as even as they go in each block.

    Parameters
    ----------
    block
        Block of each row, shape (rows,).
    count
        Number of draws.
    rng
        Seed or generator.
    most
        The largest number of rows of a half; of a large table each half is a part only.

    Returns
    -------
    numpy.ndarray
        Whether a row is in the half, bool, shape (count, rows).

    Examples
    --------
    >>> halves(np.array([0, 0, 0, 0, 1, 1]), count=50, rng=0, most=1000).sum(axis=1).tolist() == [3] * 50
    True
    """
    rng, share = generator(rng), min(1.0, 2 * most / max(len(block), 1))
    inside = np.zeros((count, len(block)), dtype=bool)
    for b in np.unique(block):
        members = np.flatnonzero(block == b)
        for row in inside:
            # An odd one out goes to either half.
            size = int(share * ((len(members) + int(rng.integers(2))) // 2))
            row[rng.permutation(members)[:size]] = True
    return inside


def cells_drawn(weights: Sequence[np.ndarray], count: int, rng: Rng) -> tuple[np.ndarray, np.ndarray]:
    """Two independent Latin hypercube draws of cells with the given probabilities.

    Parameters
    ----------
    weights
        Probabilities of the cells of each column, shapes (cells,), each of sum 1.
    count
        Points of each draw.
    rng
        Seed or generator.

    Returns
    -------
    one, other
        Cell numbers, each of shape (count, columns): in each column every cell as often as its probability says, to
        rounding.

    Notes
    -----
    McKay, Beckman and Conover (1979), doi:10.1080/00401706.1979.10489755.

    Examples
    --------
    >>> one, other = cells_drawn([np.array([0.25, 0.75])], count=100, rng=0)
    >>> int(one.sum()), int(other.sum())
    (75, 75)
    """
    rng = generator(rng)
    drawn = np.empty((2, count, len(weights)), dtype=np.int64)
    for side in drawn:
        for j, weight in enumerate(weights):
            u = (rng.permutation(count) + rng.random(count)) / count
            side[:, j] = np.minimum(np.searchsorted(np.cumsum(weight), u, side="right"), len(weight) - 1)
    return drawn[0], drawn[1]


def drawn_cells(weight: np.ndarray, count: int, rng: Rng) -> np.ndarray:
    """Cells drawn with the given probabilities.

    Parameters
    ----------
    weight
        Probability of each cell, shape (cells,), of sum 1.
    count
        Number of draws.
    rng
        Seed or generator.

    Returns
    -------
    numpy.ndarray
        Cell numbers, shape (count,).

    Examples
    --------
    >>> drawn_cells(np.array([0.0, 1.0]), count=3, rng=0)
    array([1, 1, 1])
    """
    return generator(rng).choice(len(weight), count, p=weight)


def shuffled_columns(x: np.ndarray, block: np.ndarray, rng: Rng) -> np.ndarray:
    """Every column permuted on its own within each block.

    Parameters
    ----------
    x
        Shape (rows, columns).
    block
        Block of each row, shape (rows,).
    rng
        Seed or generator.

    Returns
    -------
    numpy.ndarray
        Shape like x: each column has its values, and no association with any other.

    Examples
    --------
    >>> x = np.repeat(np.arange(200.0)[:, None], 2, axis=1)
    >>> mixed = shuffled_columns(x, np.zeros(200), rng=0)
    >>> bool(abs(np.corrcoef(mixed.T)[0, 1]) < 0.2 and (np.sort(mixed, axis=0) == x).all())
    True
    """
    rng, out = generator(rng), np.empty_like(x)
    for b in np.unique(block):
        here = block == b
        out[here] = rng.permuted(x[here], axis=0)
    return out


def memberships(best: np.ndarray, count: int, *, rng: Rng, blocks: np.ndarray | None = None) -> Iterator[np.ndarray]:
    """Draw which runs are the best, as if nothing mattered.

    Parameters
    ----------
    best
        Which runs are the best, bool, shape (runs,).
    count
        Number of draws.
    rng
        Seed or generator.
    blocks
        Block of each run, shape (runs,); as many runs are drawn in each block as are the best there.

    Yields
    ------
    numpy.ndarray
        Row numbers of the runs drawn, as many as are the best.

    Examples
    --------
    >>> best = np.arange(100) < 10
    >>> [len(set(rows.tolist())) for rows in memberships(best, count=3, rng=0)]
    [10, 10, 10]
    """
    rng = generator(rng)
    whole = blocks is None
    members = [np.arange(len(best))] if blocks is None else [np.flatnonzero(blocks == b) for b in np.unique(blocks)]
    sizes = [int(best[rows].sum()) for rows in members]
    for _ in range(count):
        picked = [rng.choice(len(r), m, replace=False, shuffle=False) for r, m in zip(members, sizes, strict=True)]
        yield picked[0] if whole else np.concatenate([r[pick] for r, pick in zip(members, picked, strict=True)])


def shuffles(block: np.ndarray, count: int, *, rng: Rng) -> Iterator[np.ndarray]:
    """Permutations of rows inside each block, one at a time, where all at once would not fit.

    Parameters
    ----------
    block
        Block of each row, shape (rows,).
    count
        Number of permutations.
    rng
        Seed or generator.

    Yields
    ------
    numpy.ndarray
        The row that stands in the place of each row, shape (rows,).

    Examples
    --------
    >>> [sorted(order.tolist()) for order in shuffles(np.zeros(4), count=2, rng=0)]
    [[0, 1, 2, 3], [0, 1, 2, 3]]
    """
    rng = generator(rng)
    members = [np.flatnonzero(block == b) for b in np.unique(block)]
    for _ in range(count):
        order = np.empty(len(block), dtype=np.intp)
        for rows in members:
            order[rows] = rng.permutation(rows)
        yield order


def folds(rows: int, count: int, rng: Rng) -> np.ndarray:
    """Groups of equal size, to one row, into which rows are dealt at random.

    Parameters
    ----------
    rows
        How many rows there are.
    count
        How many groups.
    rng
        Seed or generator.

    Returns
    -------
    numpy.ndarray
        Codes from 0 to count - 1, shape (rows,).

    Examples
    --------
    >>> np.bincount(folds(23, count=5, rng=0)).tolist()
    [5, 5, 5, 4, 4]
    """
    return generator(rng).permutation(rows) % count
