"""Which columns does a model of the runs lean on? A forest, and how well it does on runs it never saw.

The forest is made of small forests, each grown on another half of the runs. So every run is held out of about half of
them: their mean prediction says how good the model is (`Surrogate.r2`) and what shuffling a column costs, without a
second fit. The spread over the small forests is the interval of whatever is read off the model, as a half sample
scatters about the whole one as much as the whole one does about the truth of the model; it says nothing of how far the
model is from the runs. Further small forests are given shuffled copies of all columns, its shadows: what they seem
to matter is the noise floor.

Breiman (2001), doi:10.1023/A:1010933404324; Geurts, Ernst and Wehenkel (2006), doi:10.1007/s10994-006-6226-1; shadows
by Kursa and Rudnicki (2010), doi:10.18637/jss.v036.i11.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hpanalysis.statistics.resampling import (
    Rng,
    cells_drawn,
    drawn_cells,
    generator,
    halves,
    named_generator,
    shuffled_columns,
)
from hpanalysis.statistics.variance import functional_anova

FORESTS = 20  # small forests, each on a half
SHADOWED = 10  # small forests with shuffled copies
USUAL = 10  # small forests whose trees are fully grown
MOST = 20_000  # runs of a half: beyond that time grows and shares do not change
TREES = 8  # of a small forest
LEAVES = 2000  # about, of a tree: more would cost time and add nothing to shares
SMALLEST_LEAVES = (3, 10, 30)  # of runs; the larger ones are tried where noise is left
GRID = 2.0**26  # parts of a standard deviation: far finer than a forest predicts
CLEAR = 0.8  # an R2 at which there is little left
SMALLEST_R2 = 0.2


@dataclass(frozen=True)
class Column:
    """A hyperparameter as cells of a grid.

    Parameters
    ----------
    cell
        Cell of each run, a whole number from 0, shape (runs,), -1 where it is inactive or missing.
    weights
        Probability of each cell under the search, shape (cells,), of sum 1.

    Examples
    --------
    A column of two levels that four runs have, one of them without a value:

    >>> import numpy as np
    >>> column = Column(np.array([0, 1, 1, -1]), np.array([0.5, 0.5]))
    >>> (column.cell < 0).tolist()
    [False, False, False, True]
    """

    cell: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class SmallForest:
    """Trees grown on some of the runs.

    Attributes
    ----------
    trees
        Fitted trees.
    inside
        Whether a run grew them, bool, shape (runs,).
    x
        The cells that stood for each run, shape (runs, columns).

    Examples
    --------
    >>> import numpy as np
    >>> even = np.full(4, 0.25)
    >>> cell = np.arange(200) % 4
    >>> forest = Surrogate((Column(cell, even),), cell.astype(float), np.zeros(200), seed=0)
    >>> small = forest.forests[0]
    >>> int(small.inside.sum()), small.x.shape
    (100, (200, 1))
    """

    trees: tuple[functional_anova.Tree, ...]
    inside: np.ndarray
    x: np.ndarray


@dataclass(frozen=True)
class Surrogate:
    """A forest of some runs, in small forests that are grown when they are first needed.

    Parameters
    ----------
    columns
        The hyperparameters. Where one has no value it is given one at random in each small forest: it changes nothing
        there, and what it does where it is active is averaged over all runs.
    y
        The outcome, shape (runs,), finite.
    block
        Block of each run, such as its data set, shape (runs,): halves and shuffles stay within blocks.
    seed
        Seed of the halves, the trees and the shadows.

    Notes
    -----
    Whatever is read off it describes the forest: where `r2` is low, it says little about the runs.
    Geurts, Ernst and Wehenkel (2006), doi:10.1007/s10994-006-6226-1.

    Examples
    --------
    The outcome is the first of two columns, with a little noise:

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> a, b = rng.integers(0, 4, (2, 300))
    >>> even = np.full(4, 0.25)
    >>> forest = Surrogate((Column(a, even), Column(b, even)), a + 0.1 * rng.normal(size=300), np.zeros(300), seed=0)
    >>> forest.r2 > 0.9
    True
    >>> found = forest.effects(500, rng=0)
    >>> bool(found.total[0] / found.variance > 0.95)
    True
    """

    columns: tuple[Column, ...]
    y: np.ndarray
    block: np.ndarray
    seed: int

    @cached_property
    def forests(self) -> tuple[SmallForest, ...]:
        """Small forests, each grown on a half of the runs."""
        return self._best[1]

    @cached_property
    def shadowed(self) -> tuple[SmallForest, ...]:
        """Small forests on halves that are given a shuffled copy of each column behind the columns."""
        return self._grown(SHADOWED, self._best[0], shadowed=True)

    @cached_property
    def _best(self) -> tuple[int, tuple[SmallForest, ...], np.ndarray]:
        """The size of leaves that predicts held-out runs best, its small forests and their predictions."""
        found: list[tuple[float, tuple[int, tuple[SmallForest, ...], np.ndarray]]] = []
        for leaf in SMALLEST_LEAVES:
            leaf = max(leaf, len(self.y) // (2 * LEAVES))
            if found and (leaf <= found[-1][1][0] or 6 * leaf > len(self.y)):
                continue
            forests = self._grown(FORESTS, leaf, shadowed=False)
            predicted = self._held_out({}, forests)
            found.append((self._score(predicted), (leaf, forests, predicted)))
            if not found[-1][0] < CLEAR:
                break
        return max(found, key=lambda tried: tried[0])[1]

    def _grown(self, count: int, leaf: int, *, shadowed: bool) -> tuple[SmallForest, ...]:
        from sklearn.ensemble import ExtraTreesRegressor

        rng = named_generator(self.seed, "shadowed" if shadowed else "forests")
        # Whole multiples of a small power of two: their sums are exact in any order, so that two splits that part the
        # runs alike tie, and the first of them is taken on every processor.
        y = np.round(self.y * GRID) / GRID
        known = np.column_stack([column.cell for column in self.columns]).astype(np.float32)
        grown = []
        for inside in halves(self.block, count, rng, most=MOST):
            x = known.copy()
            for j, column in enumerate(self.columns):
                absent = column.cell < 0
                if absent.any():
                    x[absent, j] = drawn_cells(column.weights, int(absent.sum()), rng)
            if shadowed:
                x = np.hstack([x, shuffled_columns(x, self.block, rng)])
            seed = int(rng.integers(2**31))
            model = ExtraTreesRegressor(TREES, min_samples_leaf=leaf, max_features=1.0, n_jobs=1, random_state=seed)
            model.fit(x[inside], y[inside])
            grown.append(SmallForest(tuple(tree.tree_ for tree in model.estimators_), inside, x))
        return tuple(grown)

    @cached_property
    def held_out(self) -> np.ndarray:
        """Mean prediction of each run by the small forests that never saw it, shape (runs,); NaN if there is none."""
        return self._best[2]

    @property
    def r2(self) -> float:
        """Share of the variance that is predicted in runs that were held out; below 0 when worse than the mean."""
        return self._score(self.held_out)

    def _score(self, predicted: np.ndarray) -> float:
        known = np.isfinite(predicted)
        y = self.y[known]
        spread = ((y - y.mean()) ** 2).sum() if len(y) else 0.0
        return float(1 - ((y - predicted[known]) ** 2).sum() / spread) if spread > 0 else np.nan

    def _held_out(self, replaced: dict[int, np.ndarray], forests: Sequence[SmallForest] | None = None) -> np.ndarray:
        """Held-out predictions with some columns taken from other rows: column -> row number for each run."""
        total, count = np.zeros(len(self.y)), np.zeros(len(self.y))
        for forest in self.forests if forests is None else forests:
            out = np.flatnonzero(~forest.inside)
            x = forest.x[out]
            for j, rows in replaced.items():
                x[:, j] = forest.x[rows[out], j]
            total[out] += functional_anova.predict(forest.trees, x)
            count[out] += 1
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    @cached_property
    def weights(self) -> list[np.ndarray]:
        """Probability of each cell of each column under the search."""
        return [column.weights for column in self.columns]

    @property
    def trees(self) -> list[functional_anova.Tree]:
        """All trees that were grown without shuffled copies."""
        return [tree for forest in self.forests for tree in forest.trees]

    def impurity(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Mean decrease of impurity of each column: of all trees, by small forest, and of shadows.

        Shapes (columns,), (forests, columns) and (shadowed, columns); each small forest's sum over its columns is 1.
        The trees are fully grown, as they are by default where this importance is read: on the runs that grew them, so
        that columns with many values gain from noise.
        """
        each = np.array([_decrease(forest.trees) for forest in self._grown(USUAL, 1, shadowed=False)])
        shadows = np.array([_decrease(forest.trees) for forest in self._grown(USUAL // 2, 1, shadowed=True)])
        return each.mean(axis=0), each, shadows[:, len(self.columns) :]

    def losses(self, order: np.ndarray) -> np.ndarray:
        """Squared error that shuffling a column adds in held-out runs, shape (runs, columns).

        Parameters
        ----------
        order
            For each shuffle the row that stands in the place of each row, shape (shuffles, runs).
        """
        before = (self.y - self.held_out) ** 2
        out = np.zeros((len(self.y), len(self.columns)))
        for j in range(len(self.columns)):
            for rows in order:
                out[:, j] += (self.y - self._held_out({j: rows})) ** 2 - before
        return out / len(order)

    def shadow_losses(self, rng: Rng) -> np.ndarray:
        """Squared error that shuffling a shadow adds in the runs held out of its small forest, (shadowed, columns).

        Each small forest predicts alone here, so that its shadows cost no less than those of the whole forest would.
        """
        rng, first = generator(rng), len(self.columns)
        out = np.zeros((len(self.shadowed), first))
        for number, forest in enumerate(self.shadowed):
            held = np.flatnonzero(~forest.inside)
            held = held[:: max(1, len(held) // MOST)]
            x = forest.x[held]
            before = (self.y[held] - functional_anova.predict(forest.trees, x)) ** 2
            for j in range(first):
                own = x[:, first + j].copy()
                x[:, first + j] = rng.permutation(own)
                out[number, j] = ((self.y[held] - functional_anova.predict(forest.trees, x)) ** 2 - before).mean()
                x[:, first + j] = own
        return out

    def effects(self, points: int, rng: Rng) -> functional_anova.Effects:
        """Functional ANOVA of the whole forest; its remainder is averaged over so many points."""
        return functional_anova.effects(self.trees, self.weights, cells_drawn(self.weights, points, rng))

    def spread(self, points: int, rng: Rng) -> list[functional_anova.Effects]:
        """Functional ANOVA of each small forest."""
        drawn = cells_drawn(self.weights, points, rng)
        return [functional_anova.effects(forest.trees, self.weights, drawn) for forest in self.forests]

    def shadows(self, points: int, rng: Rng) -> list[functional_anova.Effects]:
        """Functional ANOVA of each small forest with shuffled copies: the columns first, then their shadows."""
        twice = [*self.weights, *self.weights]
        drawn = cells_drawn(twice, points, rng)
        return [functional_anova.effects(forest.trees, twice, drawn) for forest in self.shadowed]


def _decrease(trees: Sequence[functional_anova.Tree]) -> np.ndarray:
    total = np.mean([tree.compute_feature_importances(normalize=False) for tree in trees], axis=0)
    return total / total.sum() if total.sum() > 0 else np.zeros_like(total)
