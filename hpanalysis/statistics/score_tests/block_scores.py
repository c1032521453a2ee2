"""What would luck do where runs come in blocks? Score tests whose units are blocks of runs that hang together.

The score of a hyperparameter is a sum over blocks. Without an effect each block's share is as likely to be turned
round, whatever hangs together inside it, so that luck is drawn by turning the signs of blocks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hpanalysis.statistics.distributions import chi2_sf

CHUNK_ROWS = 50_000
# A block that the fit follows closely has little residual left; it is not blown up beyond this.
LEAST_LEFT = 0.02


def restored(y: np.ndarray, x: np.ndarray, inverse: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Residuals with what the fit took from each block given back, shape like y, (rows, outcomes).

    Parameters
    ----------
    y
        Residuals of a least-squares fit.
    x, inverse
        Its columns and the inverse of x'x.
    cluster
        Block of each row, shape (rows,).

    References
    ----------
    Bell & McCaffrey (2002), Survey Methodology 28: residuals times the inverse root of I - H of their block (CR2).
    """
    code = np.unique(cluster, return_inverse=True)[1]
    order = np.argsort(code, kind="stable")
    size = np.bincount(code)
    start = np.concatenate([[0], np.cumsum(size)[:-1]])
    out = np.empty_like(y)
    for length in np.unique(size):
        blocks = np.flatnonzero(size == length)
        step = max(CHUNK_ROWS // length, 1)
        for i in range(0, len(blocks), step):
            rows = order[start[blocks[i : i + step]][:, None] + np.arange(length)]
            part = x[rows]
            taken = part @ inverse @ part.transpose(0, 2, 1)
            values, vectors = np.linalg.eigh(np.eye(length) - taken)
            root = vectors / np.sqrt(np.maximum(values, LEAST_LEFT))[:, None, :]
            out[rows] = root @ (vectors.transpose(0, 2, 1) @ y[rows])
    return out


@dataclass(frozen=True)
class BlockScores:
    """Scores of every outcome by block of runs, and which data set each block belongs to.

    Parameters
    ----------
    scores
        For each outcome the sums of z times residual, shape (blocks, columns), with what the fit took given back.
    place
        Data set of each block, shape (blocks,).
    first
        A row of each block: the column of the drawn signs that it uses.
    """

    scores: list[np.ndarray]
    place: np.ndarray
    first: np.ndarray

    @classmethod
    def of(cls, z: np.ndarray, y: np.ndarray, cluster: np.ndarray, block: np.ndarray) -> BlockScores:
        """Sum z' y by cluster; z has shape (rows, columns), y (rows, outcomes)."""
        first, code = np.unique(cluster, return_index=True, return_inverse=True)[1:]
        scores = [summed(z * column[:, None], code) for column in y.T]
        return cls(scores, block[first], first)

    @property
    def tests(self) -> int:
        """How many p-values compete for the smallest."""
        return len(self.scores) + (len(np.unique(self.place)) > 1)

    def smallest_p(self, scores: list[np.ndarray], signs: np.ndarray) -> np.ndarray:
        """The smallest p-value of some scores under each row of signs of the blocks, shape (arrangements,)."""
        smallest = np.full(len(signs), np.inf)
        places = np.unique(self.place)
        for i, (turned, spread) in enumerate(zip(scores, self.scores, strict=True)):
            form, rank = _form(signs, turned, spread)
            if rank:
                smallest = np.fmin(smallest, chi2_sf(form, rank))
            if i == 0 and len(places) > 1:
                inside = [self.place == b for b in places]
                parts = [_form(signs[:, here], turned[here], spread[here]) for here in inside]
                rank = sum(r for _, r in parts)
                smallest = np.fmin(smallest, chi2_sf(sum(f for f, _ in parts), rank)) if rank else smallest
        return np.where(np.isinf(smallest), np.nan, smallest)


def summed(values: np.ndarray, code: np.ndarray) -> np.ndarray:
    """Sums of rows by code 0, 1, ..., shape (codes, columns)."""
    return np.column_stack([np.bincount(code, weights=column) for column in values.T])


def _form(signs: np.ndarray, scores: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, int]:
    """g' V^-1 g with V the sum of squares over blocks of `spread`, which no sign changes, and the rank of V."""
    values, vectors = np.linalg.eigh(spread.T @ spread)
    keep = values > max(values.max(initial=0.0) * 1e-9, 1e-12)
    return ((signs @ (scores @ (vectors[:, keep] / np.sqrt(values[keep])))) ** 2).sum(axis=1), int(keep.sum())
