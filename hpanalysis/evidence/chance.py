"""What would luck alone do? The only module that draws random numbers for inference."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

Rng = int | np.random.Generator
# A standard error below that share of the largest is rounding; so is an eigenvalue of a covariance.
ROUNDING, SINGULAR = 1e-9, 1e-10


def generator(rng: Rng) -> np.random.Generator:
    """A generator from a seed (0 is a seed like any other) or the generator itself."""
    return rng if isinstance(rng, np.random.Generator) else np.random.default_rng(rng)


def named_generator(seed: int, *names: str) -> np.random.Generator:
    """A generator that depends on a seed and a question's name, not on which questions were asked before it."""
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
        For each permutation the row that stands in the place of each row, shape (count, rows).
    """
    rng = generator(rng)
    order = np.empty((count, len(blocks)), dtype=np.int32)
    for block in np.unique(blocks):
        members = np.flatnonzero(blocks == block).astype(np.int32)
        order[:, members] = rng.permuted(np.broadcast_to(members, (count, len(members))), axis=1)
    return order


def signs(rows: int, count: int, rng: Rng) -> np.ndarray:
    """Signs that turn rows round, each as likely as not: 1 or -1, shape (count, rows)."""
    return (2 * generator(rng).integers(0, 2, size=(count, rows), dtype=np.int8) - 1).astype(np.int8)


def permutation_p(observed: float, drawn: np.ndarray) -> float:
    """(1 + b) / (1 + m): the share of draws at least as large as what was observed, counting it itself."""
    return float((1 + np.sum(at_least(observed, drawn))) / (1 + len(drawn)))


def at_least(observed: float, drawn: np.ndarray) -> np.ndarray:
    """Which draws are as large as what was observed, shape (draws,), bool.

    A draw that repeats the observed arrangement differs from it by rounding only; it must count.
    """
    return drawn >= observed - 1e-9 * max(1.0, abs(observed))


def largest_p(seen: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """p-values adjusted for the largest of many statistics, each on the scale of its own draws; step-down max-t.

    Parameters
    ----------
    seen
        What was observed, shape (claims,), NaN where there is nothing.
    drawn
        The same under draws that serve all claims, shape (draws, claims). The smallest p is 1 / (1 + draws), where
        Holm's is that times the number of claims.

    Returns
    -------
    numpy.ndarray
        Shape (claims,), never below the p of the claim alone. Westfall and Young (1993), Resampling-based multiple
        testing.
    """
    spread = drawn.std(axis=0)
    known = np.isfinite(seen) & (spread > ROUNDING * np.abs(drawn).max(axis=0, initial=0.0))
    out = np.where(np.isfinite(seen), 1.0, np.nan)
    if known.any():
        own = ((seen - drawn.mean(axis=0)) / np.where(known, spread, 1.0))[known]
        order = np.argsort(-own, kind="stable")
        z = ((drawn - drawn.mean(axis=0)) / np.where(known, spread, 1.0))[:, known][:, order]
        # Each claim against the largest of those that are not larger than it; none before the one above it.
        largest = np.maximum.accumulate(z[:, ::-1], axis=1)[:, ::-1]
        p = [permutation_p(x, column) for x, column in zip(own[order], largest.T, strict=True)]
        out[np.flatnonzero(known)[order]] = np.maximum.accumulate(p)
    return out


def max_abs_normal(
    covariances: Sequence[np.ndarray], weights: np.ndarray, scale: np.ndarray, count: int, rng: Rng
) -> np.ndarray:
    """The largest absolute z of many dependent estimates, were all of them zero.

    The estimates are a vector in each stratum, independent between strata, and their weighted sums over strata.

    Parameters
    ----------
    covariances
        One covariance matrix a stratum, each of shape (claims, claims).
    weights
        Weight of each stratum in the pooled claim, shape (strata, claims); zero where it does not take part.
    scale
        Standard errors, shape (strata + 1, claims): pooled first, then each stratum; NaN or 0 leaves a claim out.
    count
        Number of draws.
    rng
        Seed or generator.

    Returns
    -------
    numpy.ndarray
        The maxima, shape (count,).
    """
    rng = generator(rng)
    pooled, largest = np.zeros((weights.shape[1], count)), np.zeros(count)
    whole = np.isfinite(scale[0]) & (scale[0] > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(whole, weights / scale[0], 0.0)
    for covariance, part, se in zip(covariances, share, scale[1:], strict=True):
        alone, sd = np.isfinite(se) & (se > 0), np.sqrt(np.diag(covariance).clip(0.0))
        # What no maximum looks at stays out: where a claim is nothing but rounding, so is how it hangs together.
        use = np.flatnonzero((sd > 0) & (alone | (part * sd > ROUNDING)))
        drawn = root(covariance[np.ix_(use, use)]) @ rng.standard_normal((count, len(use))).T
        pooled[use] += drawn * part[use, None]
        largest = np.maximum(largest, _largest(drawn[alone[use]] / se[use][alone[use], None]))
    return np.maximum(largest, _largest(pooled[whole]))


def _largest(z: np.ndarray) -> np.ndarray:
    return np.abs(z, out=z).max(axis=0, initial=0.0)


def root(covariance: np.ndarray) -> np.ndarray:
    """A root of a covariance matrix, shape (claims, claims): standard errors times the symmetric root of correlations.

    Draws with a given covariance are this root times independent normals. Of all roots it is the one that every
    processor finds: an eigenbasis is unique only up to signs and rotations, and a triangular root of a singular matrix
    hangs on its last digits.

    Parameters
    ----------
    covariance
        Shape (claims, claims), of any rank; claims of variance 0 have a root of 0. In whatever units: claims in a
        small unit are not lost beside those in a large one.

    Examples
    --------
    >>> root(np.array([[4.0, 4.0], [4.0, 4.0]])).round(3)
    array([[1.414, 1.414],
           [1.414, 1.414]])
    """
    sd = np.sqrt(np.diag(covariance).clip(0.0))
    unit = np.where(sd > 0, sd, 1.0)
    values, vectors = np.linalg.eigh(covariance / np.outer(unit, unit))
    smallest = SINGULAR * values.max(initial=0.0)
    # The root of rounding is far larger than rounding: what a singular matrix has in place of 0 must be 0, and what is
    # hardly more fades in, as a cut would be one more place where a last digit decides.
    faded = np.clip(values / max(smallest, 1e-300) - 1.0, 0.0, 1.0) * np.sqrt(values.clip(0.0))
    return unit[:, None] * ((vectors * faded) @ vectors.T)


def max_t_p(z: np.ndarray, maxima: np.ndarray, claims: int) -> np.ndarray:
    """p-values of |z| adjusted for the maximum, shape like z; never above Bonferroni's, so that far tails resolve."""
    from scipy.stats import norm

    ordered = np.sort(maxima)
    beyond = len(ordered) - np.searchsorted(ordered, np.abs(z), side="left")
    simulated = (1 + beyond) / (1 + len(ordered))
    return np.where(np.isnan(z), np.nan, np.minimum(simulated, np.minimum(1.0, claims * 2 * norm.sf(np.abs(z)))))


def max_t_critical(maxima: np.ndarray, level: float, claims: int) -> float:
    """The z beyond which the maximum lies with probability `level`; at most Bonferroni's."""
    from scipy.stats import norm

    return float(min(np.quantile(maxima, 1.0 - level), norm.isf(level / (2 * max(claims, 1)))))


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's adjusted p-values, shape like p; NaN stays NaN and does not count.

    Holm (1979), Scandinavian Journal of Statistics 6. Written out, as `statsmodels` collects garbage at every call:
    50 ms, more than the analysis it adjusts.
    """
    p = np.asarray(p, dtype=float)
    order = np.argsort(p, kind="stable")[: int(np.isfinite(p).sum())]
    out = np.full(p.shape, np.nan)
    out[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)))
    return out


def false_discovery(p: np.ndarray) -> np.ndarray:
    """Benjamini-Hochberg adjusted p-values, shape like p; NaN stays NaN and does not count."""
    from scipy.stats import false_discovery_control

    p = np.asarray(p, dtype=float)
    out = np.full(p.shape, np.nan)
    known = np.isfinite(p)
    if known.any():
        out[known] = false_discovery_control(p[known])
    return out


def resample_rows(rows: int, count: int, rng: Rng) -> np.ndarray:
    """Bootstrap row numbers, shape (count, rows)."""
    return generator(rng).integers(0, rows, size=(count, rows))


def halves(block: np.ndarray, count: int, rng: Rng, *, most: int) -> np.ndarray:
    """Random halves of the rows, as even as they go in each block, at most `most` rows, bool, shape (count, rows)."""
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
    """Two independent Latin hypercube draws of cells with the given probabilities, each of shape (count, columns).

    McKay, Beckman and Conover (1979), doi:10.1080/00401706.1979.10489755.
    """
    rng = generator(rng)
    drawn = np.empty((2, count, len(weights)), dtype=np.int64)
    for side in drawn:
        for j, weight in enumerate(weights):
            u = (rng.permutation(count) + rng.random(count)) / count
            side[:, j] = np.minimum(np.searchsorted(np.cumsum(weight), u, side="right"), len(weight) - 1)
    return drawn[0], drawn[1]


def joint_t(covariance: np.ndarray, df: float, count: int, rng: Rng) -> np.ndarray:
    """Draws of many dependent estimates around zero, shape (count, claims): Student's t with a shared spread.

    Parameters
    ----------
    covariance
        Of the claims, all in one unit, shape (claims, claims), of any rank.
    df
        Degrees of freedom of the estimated spread; the normal law from 1e4 on.
    count
        Number of draws.
    rng
        Seed or generator.
    """
    rng = generator(rng)
    if not np.isfinite(covariance).all():
        return np.zeros((count, len(covariance)))
    sd = np.sqrt(np.diag(covariance).clip(0.0))
    use = np.flatnonzero(sd > ROUNDING * sd.max(initial=0.0))
    drawn = np.zeros((count, len(sd)))
    drawn[:, use] = rng.standard_normal((count, len(use))) @ root(covariance[np.ix_(use, use)]).T
    return drawn if df >= 1e4 else drawn / np.sqrt(rng.chisquare(df, (count, 1)) / df)


def drawn_cells(weight: np.ndarray, count: int, rng: Rng) -> np.ndarray:
    """Cells drawn with the given probabilities, shape (count,)."""
    return generator(rng).choice(len(weight), count, p=weight)


def shuffled_columns(x: np.ndarray, block: np.ndarray, rng: Rng) -> np.ndarray:
    """Every column permuted on its own within each block, shape like x."""
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
        Which runs are the best, shape (runs,), bool.
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
    """
    rng = generator(rng)
    whole = blocks is None
    members = [np.arange(len(best))] if whole else [np.flatnonzero(blocks == b) for b in np.unique(blocks)]
    sizes = [int(best[rows].sum()) for rows in members]
    for _ in range(count):
        picked = [rng.choice(len(r), m, replace=False, shuffle=False) for r, m in zip(members, sizes, strict=True)]
        yield picked[0] if whole else np.concatenate([r[pick] for r, pick in zip(members, picked, strict=True)])


def shuffles(block: np.ndarray, count: int, *, rng: Rng) -> Iterator[np.ndarray]:
    """Permutations of rows inside each block, one at a time, where all at once would not fit: shape (rows,) each."""
    rng = generator(rng)
    members = [np.flatnonzero(block == b) for b in np.unique(block)]
    for _ in range(count):
        order = np.empty(len(block), dtype=np.intp)
        for rows in members:
            order[rows] = rng.permutation(rows)
        yield order


def folds(rows: int, count: int, rng: Rng) -> np.ndarray:
    """Groups of equal size (to one) into which rows are dealt at random, codes from 0, shape (rows,)."""
    return generator(rng).permutation(rows) % count
