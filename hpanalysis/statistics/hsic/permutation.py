"""Could chance do it? Permutation p-values and noise floors, with the bandwidth chosen again in each draw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hpanalysis.errors import UserError
from hpanalysis.statistics.hsic.features import scratch
from hpanalysis.statistics.hsic.goal import Goal, checked, conditional_columns
from hpanalysis.statistics.hsic.indices import Indices, Term
from hpanalysis.statistics.hsic.moments import CHUNK, Moments, quantiles
from hpanalysis.statistics.resampling import Rng, generator, memberships, permutation_p

MEMORY = 2**27  # bytes of memberships, one bit a run and draw, that are held at once
WIDTH = 2**22  # numbers in a block of features


@dataclass(frozen=True)
class PermutationTest:
    """Indices, and what they would be if which runs are the best had nothing to do with the columns.

    Attributes
    ----------
    indices
        The indices of the runs as they are.
    p
        (1 + b) / (1 + B), b of the B draws being at least as large, shape (terms,); NaN without runs. Not adjusted for
        the number of terms.
    floor
        What chance exceeds one time in twenty, shape (terms,): the 95 % quantile of the draws.
    drawn
        The indices of the draws, shape (B, terms). Terms that are active in the same runs share their draws.

    Examples
    --------
    >>> import numpy as np
    >>> from hpanalysis import hsic
    >>> x = np.linspace(0, 1, 50)[:, None]
    >>> goal = hsic.Goal((hsic.Continuous(),), bandwidth=0.3)
    >>> found = hsic.permutation_test(x, x[:, 0], goal, permutations=19, rng=0)
    >>> found.drawn.shape, bool(found.indices.index[0] > found.floor[0])
    ((19, 1), True)
    """

    indices: Indices
    p: np.ndarray
    floor: np.ndarray
    drawn: np.ndarray


def permutation_test(
    x: np.ndarray,
    errors: np.ndarray,
    goal: Goal,
    *,
    permutations: int = 999,
    rng: Rng,
    blocks: np.ndarray | None = None,
) -> PermutationTest:
    """Compare every index with those of runs that are called the best at random.

    Parameters
    ----------
    x
        Columns, shape (runs, columns): [0, 1] for continuous ones, codes for discrete ones, NaN where inactive.
    errors
        Lower is better, inf for a failed run, shape (runs,).
    goal
        The kinds of the columns, the quantile, the bandwidth and the terms. With bandwidth "maximum" it is maximised
        again in each draw: a p-value at the bandwidth that suited the data best would be too small, .10 in place of
        .05.
    permutations
        Number of draws B; the smallest p is 1 / (1 + B).
    rng
        Seed or generator.
    blocks
        Block of each run, such as its data set, shape (runs,): draws stay within blocks. Give errors that compare
        across blocks, such as ranks within each, or the best runs will be those of the easiest block.

    Returns
    -------
    PermutationTest
        Indices, p-values, floors and draws.

    Raises
    ------
    UserError
        If a column leaves its axis, an error is NaN or a length does not fit.

    Notes
    -----
    Time goes with runs x features x permutations: a continuous column has about 60 features under a search and 15 at
    h = .3, and a pair has the product of both, which is for thousands of runs rather than millions.
    The p-value is valid if runs are exchangeable under independence: not for a search that adapts, nor for repeats of
    one configuration. Novello et al. (2023), arXiv:2207.06216.

    Examples
    --------
    Of two columns the first decides the error:

    >>> import numpy as np
    >>> from hpanalysis import hsic
    >>> x = np.random.default_rng(0).random((300, 2))
    >>> goal = hsic.Goal((hsic.Continuous(), hsic.Continuous()), bandwidth=0.3)
    >>> found = hsic.permutation_test(x, np.abs(x[:, 0] - 0.4), goal, permutations=99, rng=0)
    >>> bool(found.p[0] == 0.01), bool(found.p[1] > 0.05)
    (True, True)
    """
    x, errors = checked(x, errors, goal.kinds)
    if permutations < 1:
        raise UserError(f"permutations is {permutations!r}: ask for 1 or more, such as 999")
    if blocks is not None and np.shape(blocks) != errors.shape:
        raise UserError(f"blocks has shape {np.shape(blocks)}: give {errors.shape}, one label for each run")
    blocks = None if blocks is None else np.asarray(blocks)
    rng = generator(rng)
    moments = Moments(goal, quantiles(x, errors, goal)).add(x, errors)
    drawn = np.full((permutations, len(goal.listed)), np.nan)
    observed = np.full(len(goal.listed), np.nan)
    for numbers, rows in _alike(x, goal):
        best = errors[rows] <= moments.limits[numbers[0]]
        if not best.any():
            continue
        here = None if blocks is None else blocks[rows]
        rules = {number: moments.rule(number) for number in numbers}
        draws = memberships(best, permutations, rng=rng, blocks=here)
        for batch, bits in _packed(best, draws, permutations):
            for number, values in _values(x[rows], goal, rules, bits, len(batch) + 1, int(best.sum())):
                # The runs as they are go the same way as the draws, so that a tie is a tie.
                observed[number], drawn[batch, number] = values[0], values[1:]
    found = moments.indices()
    p = np.array([_p(seen, values) for seen, values in zip(observed, drawn.T, strict=True)])
    return PermutationTest(found, p, np.quantile(drawn, 0.95, axis=0), drawn)


def _p(seen: float, values: np.ndarray) -> float:
    if np.isnan(seen):
        return np.nan
    return permutation_p(1.0, values / seen) if seen > 0 else 1.0


def _alike(x: np.ndarray, goal: Goal) -> Iterator[tuple[list[int], np.ndarray | slice]]:
    """Terms that are active in the same runs, and these runs."""
    conditional = conditional_columns(x)
    groups: dict[bytes, tuple[list[int], np.ndarray | slice]] = {}
    for number, term in enumerate(goal.listed):
        columns = [j for j in term if conditional[j]]
        rows: np.ndarray = ~np.isnan(x[:, columns]).any(axis=1)
        key = np.packbits(rows).tobytes() if columns else b""
        groups.setdefault(key, ([], rows if columns else slice(None)))[0].append(number)
    yield from groups.values()


def _packed(best: np.ndarray, draws: Iterator[np.ndarray], count: int) -> Iterator[tuple[range, np.ndarray]]:
    """Memberships as bits, the runs as they are first, shape (bytes, runs), for as many draws as memory bears."""
    size = max(7, MEMORY // max(len(best), 1) * 8 - 1)
    for start in range(0, count, size):
        batch = range(start, min(start + size, count))
        bits = np.zeros((len(batch) // 8 + 1, len(best)), dtype=np.uint8)
        bits[0] = best
        for place, _ in enumerate(batch, 1):
            bits[place // 8, next(draws)] |= np.uint8(1 << place % 8)
        yield batch, bits


def _values(
    x: np.ndarray, goal: Goal, rules: dict[int, float | None], bits: np.ndarray, draws: int, m: int
) -> Iterator[tuple[int, np.ndarray]]:
    """S of each term for each membership: columns together, so that memberships are unpacked once; pairs one by one."""
    main = [number for number in rules if len(goal.listed[number]) == 1]
    for together in [main, *([number] for number in rules if number not in main)]:
        terms = [Term(goal, goal.listed[number]) for number in together]
        total, best = _sums(x, terms, bits)
        start = 0
        for number, term in zip(together, terms, strict=True):
            part = slice(start, start := start + term.size)
            sums = term.shaped(total[part]), term.shaped(best[part, :draws])
            step = max(1, WIDTH // term.size)
            pieces = [
                term.value(rules[number], sums[0], sums[1][..., i : i + step], (len(x), m))[0]
                for i in range(0, draws, step)
            ]
            yield number, np.concatenate(pieces)


def _sums(x: np.ndarray, terms: list[Term], bits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Features summed over all runs, shape (features, 1), and over the members of each draw, (features, draws)."""
    size = sum(term.size for term in terms)
    total, best = np.zeros((size, 1)), np.zeros((size, 8 * len(bits)))
    places = np.arange(8, dtype=np.uint8)[:, None]
    step = int(np.clip(WIDTH // max(size, 8 * len(bits)), 64, CHUNK))
    for start in range(0, len(x) if terms else 0, step):
        rows = slice(start, start + step)
        here = x[rows]
        table = scratch("table", size, len(here))
        for term, part in zip(terms, np.split(table, np.cumsum([term.size for term in terms])[:-1]), strict=True):
            term.table(here, part)
        chosen = scratch("chosen", 8 * len(bits), len(here))
        np.bitwise_and(bits[:, None, rows] >> places, 1, out=chosen.reshape(len(bits), 8, -1))
        total[:, 0] += table.sum(axis=1)
        best += table @ chosen.T
    return total, best
