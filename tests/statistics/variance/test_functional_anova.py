"""Functional ANOVA of a forest: exact on its cells, and the same whatever the columns are called."""

from itertools import combinations, product

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor

from hpanalysis.statistics.resampling import cells_drawn
from hpanalysis.statistics.variance import functional_anova

CELLS = (6, 3, 5, 4)


def forest(model, seed=0, runs=200):
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.integers(0, k, runs) for k in CELLS]).astype(np.float32)
    y = np.sin(x[:, 0]) * x[:, 1] + x[:, 2] ** 2 / 5 + (x[:, 0] > 2) * x[:, 3] * x[:, 1] + rng.normal(size=runs)
    return [tree.tree_ for tree in model.fit(x, y).estimators_]


def by_brute_force(trees, weights):
    """Main, pair and total effects from the forest's prediction in every cell of the grid."""
    grid = np.array(list(product(*(range(k) for k in CELLS))), dtype=np.float32)
    table = np.mean([tree.predict(grid)[:, 0] for tree in trees], axis=0).reshape(CELLS)

    def closed(kept):
        mean, p = table, np.ones(())
        for axis in reversed(range(len(CELLS))):
            if axis not in kept:
                mean = np.tensordot(mean, weights[axis], (axis, 0))
        for axis in kept:
            p = np.multiply.outer(p, weights[axis])
        return (p * mean**2).sum() - (p * mean).sum() ** 2

    every = tuple(range(len(CELLS)))
    whole = closed(every)
    main = np.array([closed((j,)) for j in every])
    pair = {(i, j): closed((i, j)) - main[i] - main[j] for i, j in combinations(every, 2)}
    total = np.array([whole - closed(tuple(a for a in every if a != j)) for j in every])
    return whole, main, pair, total


def uneven(seed=1):
    rng = np.random.default_rng(seed)
    return [rng.dirichlet(np.ones(k)) for k in CELLS]


MODELS = {
    "extra trees": ExtraTreesRegressor(12, min_samples_leaf=2, random_state=0, n_jobs=1),
    "random forest": RandomForestRegressor(12, max_depth=7, random_state=0, n_jobs=1),
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("weights", [[np.full(k, 1 / k) for k in CELLS], uneven()], ids=["even", "uneven"])
def test_main_and_pair_effects_are_those_of_the_whole_grid_to_rounding(model, weights):
    trees = forest(model)
    _, main, pair, _ = by_brute_force(trees, weights)
    found = functional_anova.effects(trees, weights, cells_drawn(weights, 64, 0))
    np.testing.assert_allclose(found.main, main, rtol=1e-12, atol=1e-12 * main.max())
    for (i, j), size in pair.items():
        assert found.pair[i, j] == pytest.approx(size, rel=1e-11, abs=1e-12 * main.max())
        assert found.pair[j, i] == found.pair[i, j]


def test_totals_and_the_variance_lie_within_their_stated_errors():
    trees, weights = forest(MODELS["extra trees"]), uneven()
    whole, _, _, total = by_brute_force(trees, weights)
    found = functional_anova.effects(trees, weights, cells_drawn(weights, 4096, 0))
    assert np.all(np.abs(found.total - total) < 4 * found.error)
    assert abs(found.variance - whole) < 4 * found.variance_error
    assert np.all(found.error < 0.02 * total.max())


def test_the_remainder_is_all_that_is_averaged_so_that_additive_forests_are_exact():
    stumps = forest(RandomForestRegressor(30, max_depth=1, random_state=0, n_jobs=1))
    weights = uneven()
    whole, main, _, total = by_brute_force(stumps, weights)
    found = functional_anova.effects(stumps, weights, cells_drawn(weights, 8, 0))
    np.testing.assert_allclose(found.total, total, rtol=1e-10, atol=1e-12)
    assert found.variance == pytest.approx(whole, rel=1e-10)
    assert np.abs(found.pair).max() < 1e-12 * main.max()


def test_boxes_tile_the_grid_once_for_each_tree():
    trees = forest(MODELS["extra trees"])
    leaves = functional_anova.boxes(trees, CELLS)
    assert np.all(leaves.low >= 0) and np.all(leaves.high <= np.array(CELLS))
    volume = np.prod(leaves.high - leaves.low, axis=1)
    # A threshold between the same two cells twice leaves an empty box, which holds nothing.
    assert volume.sum() == len(trees) * np.prod(CELLS)


def test_the_prediction_of_boxes_is_the_forests_own():
    trees, weights = forest(MODELS["extra trees"]), uneven()
    leaves = functional_anova.boxes(trees, CELLS)
    at = np.array([3, 1, 4, 0])
    inside = np.all((leaves.low <= at) & (at < leaves.high), axis=1)
    assert leaves.value[inside].sum() == pytest.approx(functional_anova.predict(trees, at[None, :])[0], rel=1e-12)
    assert functional_anova.components(leaves, weights, []).mean == pytest.approx(
        sum(w * p for w, p in _weighted(trees, weights)), rel=1e-12
    )


def _weighted(trees, weights):
    grid = np.array(list(product(*(range(k) for k in CELLS))))
    p = np.prod([weights[j][grid[:, j]] for j in range(len(CELLS))], axis=0)
    return zip(p, functional_anova.predict(trees, grid), strict=True)


def test_columns_that_are_not_asked_about_are_averaged_over():
    trees, weights = forest(MODELS["extra trees"]), uneven()
    points = cells_drawn(weights, 256, 0)
    few, every = functional_anova.effects(trees, weights, points, 2), functional_anova.effects(trees, weights, points)
    np.testing.assert_allclose(few.main, every.main[:2], rtol=1e-12)
    assert few.pair[0, 1] == pytest.approx(every.pair[0, 1], rel=1e-12)
