"""What would chance do where runs are not independent? Score tests whose units are groups of matched runs.

The score of a hyperparameter is a sum over such units. Without an effect each unit's share is as likely to be turned
round, whatever the association inside it, so that chance is drawn by turning the signs of units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hpanalysis.statistics.distributions import chi2_sf

CHUNK_ROWS = 50_000
# A block that the fit follows closely has little residual left; it is not blown up beyond this.
LEAST_LEFT = 0.02


def restored(y: np.ndarray, x: np.ndarray, inverse: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Residuals with what the fit took from each unit given back.

    Parameters
    ----------
    y
        Residuals of a least-squares fit, shape (rows, outcomes).
    x, inverse
        Its columns, shape (rows, columns), and the inverse of x'x, shape (columns, columns).
    cluster
        Unit of each row, shape (rows,).

    Returns
    -------
    numpy.ndarray
        Shape (rows, outcomes).

    Notes
    -----
    Residuals times the inverse root of I - H of their unit (CR2). Bell & McCaffrey (2002), Survey Methodology 28,
    169-181; Pustejovsky & Tipton (2018), doi:10.1080/07350015.2016.1247004.

    Examples
    --------
    The residuals of a mean of four are too small by sqrt(3 / 4):

    >>> import numpy as np
    >>> y, x = np.array([[-1.0], [1.0], [-1.0], [1.0]]), np.ones((4, 1))
    >>> restored(y, x, np.array([[0.25]]), np.arange(4)).round(4).ravel()
    array([-1.1547,  1.1547, -1.1547,  1.1547])
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
    """Scores of every outcome by unit of runs, and apart by place.

    Parameters
    ----------
    scores
        For each outcome the sums of z times residual, shape (units, columns), with what the fit took given back.
    apart
        The same of the first outcome in each place, such as a data set; none where there is one place.
    first
        A row of each unit, shape (units,): the column of the drawn signs that it uses.

    Examples
    --------
    Twenty units of two rows, all of which point the same way:

    >>> import numpy as np
    >>> unit = np.repeat(np.arange(20), 2)
    >>> found = BlockScores.of(np.ones((40, 1)), np.ones((40, 1)), unit, np.zeros(40, dtype=int))
    >>> bool(found.smallest_p(found, np.ones((1, 20)))[0] < 1e-4)
    True
    """

    scores: list[np.ndarray]
    apart: list[np.ndarray]
    first: np.ndarray

    @classmethod
    def of(cls, z: np.ndarray, y: np.ndarray, cluster: np.ndarray, block: np.ndarray, places: int = 0) -> BlockScores:
        """Sum z' y by unit.

        Parameters
        ----------
        z, y
            Columns in question and residuals, shapes (rows, columns) and (rows, outcomes).
        cluster, block
            Unit and data set of each row, shape (rows,).
        places
            How many of the last outcomes are those of one place each; without any a place is a block.
        """
        first, code = np.unique(cluster, return_index=True, return_inverse=True)[1:]
        scores = [summed(z * column[:, None], code) for column in y.T]
        if places:
            return cls(scores[:-places], scores[-places:], first)
        blocks = np.unique(block)
        each = [z * (y[:, 0] * (block == b))[:, None] for b in blocks] if len(blocks) > 1 else []
        return cls(scores, [summed(part, code) for part in each], first)

    @property
    def tests(self) -> int:
        """How many p-values compete for the smallest."""
        return len(self.scores) + bool(self.apart)

    def smallest_p(self, seen: BlockScores, signs: np.ndarray) -> np.ndarray:
        """The smallest p-value of what was seen under each row of signs of the units, shape (arrangements,)."""
        smallest = np.full(len(signs), np.inf)
        for scores, spread in zip(seen.scores, self.scores, strict=True):
            turned = _whitened(scores, spread)
            if turned.shape[1]:
                smallest = np.fmin(smallest, chi2_sf(((signs @ turned) ** 2).sum(axis=1), turned.shape[1]))
        if self.apart:
            whites = np.column_stack([_whitened(spread, spread) for spread in self.apart])
            total = ((signs @ np.column_stack(list(map(_whitened, seen.apart, self.apart)))) ** 2).sum(axis=1)
            # 1 where no unit is in two places; else places share luck: Box's scaled law of a sum of correlated forms.
            scale = float(((whites.T @ whites) ** 2).sum()) / max(whites.shape[1], 1)
            if whites.shape[1]:
                smallest = np.fmin(smallest, chi2_sf(total / scale, whites.shape[1] / scale))
        return np.where(np.isinf(smallest), np.nan, smallest)


def summed(values: np.ndarray, code: np.ndarray) -> np.ndarray:
    """Sums of rows by code.

    Parameters
    ----------
    values
        Shape (rows, columns).
    code
        Codes from 0, each of which occurs, shape (rows,).

    Returns
    -------
    numpy.ndarray
        Shape (codes, columns).

    Examples
    --------
    >>> import numpy as np
    >>> summed(np.array([[1.0], [2.0], [4.0]]), np.array([0, 1, 0]))
    array([[5.],
           [2.]])
    """
    return np.column_stack([np.bincount(code, weights=column) for column in values.T])


def _whitened(scores: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Scores times the root of V^-1, with V the sum of squares over units of `spread`, which no sign changes."""
    values, vectors = np.linalg.eigh(spread.T @ spread)
    keep = values > max(values.max(initial=0.0) * 1e-9, 1e-12)
    return np.asarray(scores @ (vectors[:, keep] / np.sqrt(values[keep])))
