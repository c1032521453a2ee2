"""How much of the variance is whose? Functional ANOVA of a forest, on plain arrays, exact on the cells of its trees.

The columns are cells of a grid, 0 ... cells - 1, each with its probability under the search, so that a log scale is
integrated on its log. A tree is a list of boxes of such cells, and the mean of a forest over all columns but one, or
but two, is a sum of boxes: corners are added once, and a cumulative sum fills them in. One pass over the leaves serves
main effects and pairs, whatever the number of trees.

Total effects also need what more than two columns do together. That remainder, the forest without its mean, main and
pair effects, is small and is averaged over points drawn from the search measure; the standard error is reported.

Hutter, Hoos and Leyton-Brown (2014), An efficient approach for assessing hyperparameter importance, ICML 32; the total
effect by Jansen (1999), doi:10.1016/S0010-4655(98)00154-4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

import numpy as np


class Tree(Protocol):
    """What is needed of a fitted tree; the ``tree_`` of a scikit-learn regression tree has it.

    Attributes
    ----------
    node_count
        How many nodes there are, leaves included.
    children_left, children_right
        Node on either side, below 0 for a leaf, shape (nodes,).
    feature, threshold
        The column that a node splits, and the value up to which a run goes left, shape (nodes,).
    value
        Mean outcome of each node, shape (nodes, 1, 1).

    Examples
    --------
    >>> from sklearn.tree import DecisionTreeRegressor
    >>> tree: Tree = DecisionTreeRegressor().fit([[0.0], [1.0]], [0.0, 1.0]).tree_
    >>> tree.node_count
    3
    """

    @property
    def node_count(self) -> int: ...
    @property
    def children_left(self) -> np.ndarray: ...
    @property
    def children_right(self) -> np.ndarray: ...
    @property
    def feature(self) -> np.ndarray: ...
    @property
    def threshold(self) -> np.ndarray: ...
    @property
    def value(self) -> np.ndarray: ...
    def predict(self, x: np.ndarray, /) -> np.ndarray: ...
    def compute_feature_importances(self, normalize: bool = ...) -> np.ndarray: ...


@dataclass(frozen=True)
class Boxes:
    """The leaves of all trees of a forest.

    Attributes
    ----------
    low, high
        First cell of each leaf and the one behind its last, shape (leaves, columns).
    value
        What the forest adds there, its mean over the trees included, shape (leaves,): predictions are sums of it.

    Examples
    --------
    >>> import numpy as np
    >>> everywhere = Boxes(low=np.array([[0, 0]]), high=np.array([[4, 4]]), value=np.array([0.5]))
    >>> even = np.full(4, 0.25)
    >>> components(everywhere, [even, even], []).mean
    0.5
    """

    low: np.ndarray
    high: np.ndarray
    value: np.ndarray


@dataclass(frozen=True)
class Effects:
    """Variances of the effects of a forest, in the squared unit of its predictions.

    Attributes
    ----------
    mean, variance
        Of the predictions under the search measure.
    main
        Variance of the mean prediction given one column, shape (columns,).
    pair
        What two columns do beyond their main effects, shape (columns, columns), symmetric, zero on the diagonal.
    total
        All effects in which a column takes part, shape (columns,): what of the variance would remain on average if
        every other column were known.
    error
        Standard error of the totals, shape (columns,), from the points on which their remainder was averaged.
    variance_error
        Standard error of the variance, for the same reason.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.tree import DecisionTreeRegressor
    >>> x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> tree = DecisionTreeRegressor().fit(x, [0.0, 0.0, 0.0, 4.0]).tree_
    >>> half, points = np.array([0.5, 0.5]), (x.astype(int), x[::-1].astype(int))
    >>> found = effects([tree], [half, half], points)
    >>> found.mean, found.variance, found.main.tolist(), found.pair[0, 1], found.total.tolist()
    (1.0, 3.0, [1.0, 1.0], np.float64(1.0), [2.0, 2.0])
    """

    mean: float
    variance: float
    main: np.ndarray
    pair: np.ndarray
    total: np.ndarray
    error: np.ndarray
    variance_error: float


def boxes(trees: Sequence[Tree], cells: Sequence[int]) -> Boxes:
    """List the leaves of fitted trees.

    Parameters
    ----------
    trees
        The ``tree_`` of fitted scikit-learn regression trees, whose columns were cell numbers.
    cells
        Number of cells of each column.

    Returns
    -------
    Boxes
        Those of one tree fill the grid without overlap.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.tree import DecisionTreeRegressor
    >>> x = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> tree = DecisionTreeRegressor(max_depth=1).fit(x, [0.0, 0.0, 1.0, 1.0]).tree_
    >>> leaves = boxes([tree], [4])
    >>> leaves.low.ravel().tolist(), leaves.high.ravel().tolist(), leaves.value.tolist()
    ([0, 2], [2, 4], [0.0, 1.0])
    """
    start = np.cumsum([0, *(tree.node_count for tree in trees)])
    left, right = (
        np.concatenate([np.where(side >= 0, side + first, -1) for side, first in zip(sides, start, strict=False)])
        for sides in ([t.children_left for t in trees], [t.children_right for t in trees])
    )
    feature = np.concatenate([tree.feature for tree in trees])
    # A threshold sends cells up to it to the left, so that the next whole number starts the right side.
    edge = np.concatenate([np.floor(tree.threshold) + 1 for tree in trees]).astype(np.int32)
    value = np.concatenate([tree.value[:, 0, 0] for tree in trees]) / len(trees)
    low = np.zeros((len(feature), len(cells)), dtype=np.int32)
    high = np.broadcast_to(np.asarray(cells, dtype=np.int32), low.shape).copy()
    nodes = start[:-1]
    while len(nodes := nodes[left[nodes] >= 0]):
        a, b, axis = left[nodes], right[nodes], feature[nodes]
        for child in (a, b):
            low[child], high[child] = low[nodes], high[nodes]
        high[a, axis] = low[b, axis] = edge[nodes]
        nodes = np.concatenate([a, b])
    leaf = left < 0
    return Boxes(low[leaf], high[leaf], value[leaf])


@dataclass(frozen=True)
class Components:
    """The mean of a forest given one or two columns, as effects that add up.

    Attributes
    ----------
    mean
        Over all cells.
    one
        Effect of each column on its cells, shapes (cells,), of mean 0.
    two
        Pair of columns -> what both do beyond that, shape (cells, cells), of mean 0 along each axis.

    Examples
    --------
    >>> import numpy as np
    >>> found = Components(1.0, (np.array([-0.5, 0.5]),), {})
    >>> found.low_order(np.array([[0], [1]]))
    array([0.5, 1.5])
    """

    mean: float
    one: tuple[np.ndarray, ...]
    two: dict[tuple[int, int], np.ndarray]

    def low_order(self, x: np.ndarray) -> np.ndarray:
        """Mean, main and pair effects at given cells, shape (points,); x has shape (points, columns)."""
        out = np.full(len(x), self.mean)
        for j, effect in enumerate(self.one):
            out += effect[x[:, j]]
        for (i, j), effect in self.two.items():
            out += effect[x[:, i], x[:, j]]
        return out


def components(leaves: Boxes, weights: Sequence[np.ndarray], pairs: Sequence[tuple[int, int]]) -> Components:
    """Centred main and pair effects on their cells.

    Parameters
    ----------
    leaves
        Of a forest.
    weights
        Probability of each cell of each column under the search, shapes (cells,).
    pairs
        The pairs of columns that are wanted.

    Returns
    -------
    Components
        Exact to rounding.

    Examples
    --------
    A forest of one box in the corner of a 2 x 2 grid, an effect that needs both columns:

    >>> import numpy as np
    >>> leaf = Boxes(np.array([[1, 1]]), np.array([[2, 2]]), np.array([4.0]))
    >>> half = np.array([0.5, 0.5])
    >>> found = components(leaf, [half, half], [(0, 1)])
    >>> found.mean, found.one[0].tolist(), found.two[0, 1].tolist()
    (1.0, [-1.0, 1.0], [[1.0, -1.0], [-1.0, 1.0]])
    """
    mass = np.empty(leaves.low.shape)
    for j, weight in enumerate(weights):
        below = np.concatenate([[0.0], np.cumsum(weight)])
        mass[:, j] = below[leaves.high[:, j]] - below[leaves.low[:, j]]
    inverse = 1.0 / np.maximum(mass, 1e-300)
    whole = leaves.value * mass.prod(axis=1)
    mean = float(whole.sum())
    edges = [(leaves.low[:, j].astype(np.int64), leaves.high[:, j].astype(np.int64)) for j in range(len(weights))]
    one = []
    for j, weight in enumerate(weights):
        share = whole * inverse[:, j]
        size = len(weight) + 1
        steps = np.bincount(edges[j][0], share, size) - np.bincount(edges[j][1], share, size)
        one.append(np.cumsum(steps)[:-1] - mean)
    two = {}
    for i, j in pairs:
        share = whole * inverse[:, i] * inverse[:, j]
        rows, wide = len(weights[i]) + 1, len(weights[j]) + 1
        corners = np.zeros(rows * wide)
        for side, place in enumerate(edges[i]):
            for end, other in enumerate(edges[j]):
                added = np.bincount(place * wide + other, share, rows * wide)
                corners += added if side == end else -added
        table = corners.reshape(rows, wide).cumsum(axis=0).cumsum(axis=1)[:-1, :-1]
        two[i, j] = table - mean - one[i][:, None] - one[j][None, :]
    return Components(mean, tuple(one), two)


def predict(trees: Sequence[Tree], x: np.ndarray) -> np.ndarray:
    """Mean prediction of fitted trees, without scikit-learn's checks, which cost more than the prediction.

    Parameters
    ----------
    trees
        The ``tree_`` of fitted scikit-learn regression trees.
    x
        Cell numbers, shape (points, columns).

    Returns
    -------
    numpy.ndarray
        Shape (points,).

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.tree import DecisionTreeRegressor
    >>> x = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> tree = DecisionTreeRegressor(max_depth=1).fit(x, [0.0, 0.0, 1.0, 1.0]).tree_
    >>> predict([tree], np.array([[0], [3]]))
    array([0., 1.])
    """
    x = np.ascontiguousarray(x, dtype=np.float32)
    total = np.zeros(len(x))
    for tree in trees:
        total += tree.predict(x)[:, 0]
    return total / len(trees)


def effects(
    trees: Sequence[Tree],
    weights: Sequence[np.ndarray],
    points: tuple[np.ndarray, np.ndarray],
    columns: int | None = None,
) -> Effects:
    """Main, pair and total effects of a forest.

    Parameters
    ----------
    trees
        The ``tree_`` of fitted scikit-learn regression trees, whose columns were cell numbers.
    weights
        Probability of each cell of each column under the search, shapes (cells,).
    points
        Two independent draws of cells under the search, each of shape (points, columns).
    columns
        Effects of the first so many columns only; the others are averaged over.

    Returns
    -------
    Effects
        Main and pair effects are exact to rounding; totals and the variance add a remainder averaged over the points.

    Notes
    -----
    It describes the forest, not the truth: a forest smooths steep effects and spreads noise over all columns, so that
    the effect of a column that does nothing is above zero; compare it with shuffled copies.
    Hutter, Hoos and Leyton-Brown (2014), ICML 32; Jansen (1999), doi:10.1016/S0010-4655(98)00154-4.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.ensemble import ExtraTreesRegressor
    >>> from hpanalysis.statistics.resampling import cells_drawn
    >>> rng = np.random.default_rng(0)
    >>> x = rng.integers(0, 4, (400, 2))
    >>> model = ExtraTreesRegressor(20, random_state=0).fit(x, x[:, 0] + 0.01 * x[:, 1])
    >>> weights = [np.full(4, 0.25), np.full(4, 0.25)]
    >>> found = effects([tree.tree_ for tree in model.estimators_], weights, cells_drawn(weights, 500, rng=0))
    >>> (found.total / found.variance).round(2)
    array([1., 0.])
    """
    count = len(weights) if columns is None else columns
    pairs = list(combinations(range(count), 2))
    found = components(boxes(trees, [len(w) for w in weights]), weights, pairs)
    main = np.array([weights[j] @ found.one[j] ** 2 for j in range(count)])
    pair = np.zeros((count, count))
    for i, j in pairs:
        pair[i, j] = pair[j, i] = weights[i] @ found.two[i, j] ** 2 @ weights[j]

    base, fresh = points
    rest = predict(trees, base) - found.low_order(base)
    remainder, error = np.zeros(count), np.zeros(count)
    for j in range(count):
        moved = base.copy()
        moved[:, j] = fresh[:, j]
        squares = (rest - predict(trees, moved) + found.low_order(moved)) ** 2 / 2
        remainder[j], error[j] = squares.mean(), squares.std(ddof=1) / np.sqrt(len(squares))
    squares = rest**2
    # Where the remainder is above the pairs it is counted with its noise, never below zero.
    variance = float(sum(weights[j] @ found.one[j] ** 2 for j in range(len(weights))) + pair.sum() / 2 + squares.mean())
    return Effects(
        found.mean,
        variance,
        main,
        pair,
        main + pair.sum(axis=1) + remainder,
        error,
        float(squares.std(ddof=1) / np.sqrt(len(squares))),
    )
