"""How much of the variance of a random search is whose? Analysis of variance by design, on plain arrays.

In a random search columns are drawn independently, so that the mean outcome of the runs with a level estimates what the
level does on average over all others, whatever they do together. The variance of such means is too large by what
chance adds to them; that is known, and taken away. What remains is unbiased, may come out below zero, and has an
interval for the truth, which shares read off a model have not::

    V_j  = |C b_j|^2 / k - trace(C S C) / k        b_j: effects of k levels, S: their covariance, C: centring
    V_ij = the same of the means of the cells, centred by rows and columns, of residuals

Effects come from one regression on all columns, which takes the others' variance out; S is robust (HC3), as what was
left out, pairs and all, is not spread evenly.

It misleads where columns were not drawn independently: a search that adapts (`importance` refuses it there), a grid
with holes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from hpanalysis.statistics.distributions import chi2_isf, chi2_sf, normal_isf

LEVEL = 0.05
SMALLEST_CELL = 3
# Below that share an estimate is not normal: its square of a nearly normal effect dominates.
SMALL = 0.02


@dataclass(frozen=True)
class Shares:
    """Shares of the variance, one a term: first the columns, then every pair of them.

    Attributes
    ----------
    terms
        Column numbers, one or two each.
    share
        Share of the variance, shape (terms,); NaN where a level or a cell has too few runs.
    low, high
        95 % interval, shape (terms,). Where the share is below `SMALL` there is only an upper bound, and low is NaN.
    p
        That there is no effect, shape (terms,), by a scaled chi-squared law (Satterthwaite).
    floor
        What a term without any effect exceeds one time in twenty, shape (terms,).
    n
        Runs with a level in all columns of the term, shape (terms,).

    Examples
    --------
    >>> import numpy as np
    >>> found = variance_shares([np.arange(40) % 2], np.arange(40.0))
    >>> found.terms, found.n.tolist()
    (((0,),), [40])
    """

    terms: tuple[tuple[int, ...], ...]
    share: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    floor: np.ndarray
    n: np.ndarray


def variance_shares(
    codes: Sequence[np.ndarray],
    y: np.ndarray,
    *,
    others: np.ndarray | None = None,
    pairs: bool = True,
) -> Shares:
    """Shares of the variance of main effects and pairs, corrected for noise.

    Parameters
    ----------
    codes
        Level of each run in each column, shapes (runs,), 0 ... levels - 1, -1 where there is none.
    y
        The outcome, shape (runs,), finite.
    others
        Further columns to take out, such as polynomials of continuous ones and blocks, shape (runs, columns).
    pairs
        Whether pairs are wanted too.

    Returns
    -------
    Shares
        Levels weigh equally, as a search draws them. Intervals are for the share among all runs that could have been
        drawn.

    Notes
    -----
    A conditional column counts where it is active, against the mean of the others there. It misleads where columns
    were not drawn independently. Searle, Casella and McCulloch (1992), Variance Components; MacKinnon and White (1985),
    doi:10.1016/0304-4076(85)90158-7.

    Examples
    --------
    A third of the variance is that of the first column, none that of the second; they do nothing together:

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> codes = [rng.integers(0, 2, 4000), rng.integers(0, 3, 4000)]
    >>> y = codes[0] * np.sqrt(2.0) + rng.normal(size=4000)
    >>> found = variance_shares(codes, y)
    >>> found.terms
    ((0,), (1,), (0, 1))
    >>> np.abs(found.share).round(2)
    array([0.33, 0.  , 0.  ])
    >>> bool(found.low[0] < 1 / 3 < found.high[0])
    True
    """
    sizes = [int(code.max(initial=-1)) + 1 for code in codes]
    blocks = [
        (code[:, None] == np.arange(1, size)[None, :]).astype(float) for code, size in zip(codes, sizes, strict=True)
    ]
    parts = [np.ones((len(y), 1)), *blocks, *([others] if others is not None and others.size else [])]
    design = np.hstack(parts)
    inverse = np.linalg.pinv(design.T @ design, rcond=1e-10, hermitian=True)
    influence = design @ inverse
    fitted = influence.T @ y
    residual = y - design @ fitted
    leverage = np.minimum(np.einsum("ij,ij->i", influence, design), 1 - 1e-9)
    influence *= (residual / (1 - leverage))[:, None]
    # The regression also took a share of what the pairs do, its own columns over the runs.
    residual *= len(y) / max(len(y) - leverage.sum(), 1.0)
    centred = y - y.mean()
    total = float(centred @ centred) / max(len(y) - 1, 1)
    about_total = (centred**2 - total) / len(y)

    terms: list[tuple[int, ...]] = [(j,) for j in range(len(codes))]
    terms += list(combinations(range(len(codes)), 2)) if pairs else []
    share, low, high, p, floor = np.full((5, len(terms)), np.nan)
    n = np.zeros(len(terms), dtype=int)
    start = np.cumsum([1, *(size - 1 for size in sizes)])
    for number, term in enumerate(terms):
        code = _cell(term, codes, sizes)
        n[number] = (code >= 0).sum()
        size = int(np.prod([sizes[j] for j in term]))
        counts = np.bincount(code[code >= 0], minlength=size)
        if size < 2 or counts.min() < SMALLEST_CELL or total <= 1e-24 * max(1.0, float(np.abs(y).max()) ** 2):
            continue
        if len(term) == 1:
            own = slice(start[number], start[number + 1])
            means: np.ndarray = np.concatenate([[0.0], fitted[own]])
            scatter = np.hstack([np.zeros((len(y), 1)), influence[:, own]])
            covariance: np.ndarray = scatter.T @ scatter
        else:
            means = np.bincount(code[code >= 0], residual[code >= 0], size) / counts
            apart = np.where(code >= 0, residual - means[code], 0.0)
            apart *= (np.sqrt(counts / (counts - 1)) / counts)[code]
            covariance = np.diag(np.bincount(code[code >= 0], apart[code >= 0] ** 2, size))
        projection = _projection([sizes[j] for j in term])
        effect = projection @ means
        noise = projection @ covariance @ projection
        if len(term) == 1:
            about = scatter @ effect
        else:
            about = np.where(code >= 0, effect[code] * apart, 0.0)
        one = _share(effect, noise, 2 * about / size, (total, about_total))
        share[number], low[number], high[number], p[number], floor[number] = one
    return Shares(tuple(terms), share, low, high, p, floor, n)


def _cell(term: tuple[int, ...], codes: Sequence[np.ndarray], sizes: Sequence[int]) -> np.ndarray:
    if len(term) == 1:
        return codes[term[0]]
    a, b = codes[term[0]], codes[term[1]]
    return np.where((a < 0) | (b < 0), -1, a * sizes[term[1]] + b)


def _projection(sizes: Sequence[int]) -> np.ndarray:
    """Centring of a table of effects along each of its axes."""
    out: np.ndarray = np.ones((1, 1))
    for size in sizes:
        out = np.kron(out, np.eye(size) - 1.0 / size)
    return out


def _share(
    effect: np.ndarray, noise: np.ndarray, about: np.ndarray, spread: tuple[float, np.ndarray]
) -> tuple[float, float, float, float, float]:
    """Share, low, high, p and floor of one term."""
    from scipy.special import chndtrinc

    size, (total, about_total) = len(effect), spread
    chance, wide = float(np.trace(noise)) / size, 2 * float(np.sum(noise**2)) / size**2
    seen = float(effect @ effect) / size
    share = (seen - chance) / total
    # The influence of a run is taken at an effect that holds chance too, which counts twice what chance alone adds.
    variance = max(float(np.sum((about - share * about_total) ** 2)) - wide, wide)
    half = float(normal_isf(LEVEL / 2)) * np.sqrt(variance) / total
    low = share - half if share >= SMALL else np.nan
    if not wide > 0:
        return share, low, share + half, 0.0 if seen > 0 else 1.0, 0.0
    unit, freedom = wide / (2 * chance), 2 * chance**2 / wide
    high = share + half
    if share < SMALL:
        # The largest effect that would be seen so small one time in forty.
        beyond = float(chndtrinc(seen / unit, freedom, LEVEL / 2))
        high = max(high, beyond * unit / total if np.isfinite(beyond) else 0.0)
    floor = (unit * float(chi2_isf(LEVEL, freedom)) - chance) / total
    return share, low, high, float(chi2_sf(seen / unit, freedom)), float(floor)
