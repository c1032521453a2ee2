"""What would others find? Every pair of levels by least squares, and by a cross-fitted estimator, with Holm's p."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.statistics.distributions import t_sf
from hpanalysis.statistics.multiplicity import holm

FOLDS, TREES, LEAF = 5, 60, 3


def by_least_squares(design: Design, seed: int) -> pd.DataFrame:
    """A regression on all hyperparameters, with HC3 errors; of a range its slices in the place of its polynomials.

    The same as ``statsmodels.api.OLS(y, x).fit(cov_type="HC3", use_t=True)``, see test_smoke.
    """

    def pairs(name: str) -> tuple[np.ndarray, np.ndarray, float]:
        x = np.column_stack(
            [np.ones(len(design.sweep)), design.groups(name).indicators]
            + [design.columns(other) for other in design.sweep.space.names if other != name]
        )
        y, levels = design.sweep.outcome, len(design.groups(name).labels)
        inverse = np.linalg.pinv(x.T @ x)
        slopes = inverse @ (x.T @ y)
        leverage = np.minimum(((x @ inverse) * x).sum(axis=1), 0.999)
        each = (x @ inverse) * ((y - x @ slopes) / (1.0 - leverage))[:, None]
        of_levels = np.column_stack([np.zeros(len(y)), each[:, 1:levels]])
        return np.append(0.0, slopes[1:levels]), of_levels, float(len(y) - x.shape[1])

    return _every_pair(design, pairs)


def by_cross_fitting(design: Design, seed: int) -> pd.DataFrame:
    """The augmented estimator with a forest that never saw the runs, and the levels' known probabilities."""
    from sklearn.ensemble import ExtraTreesRegressor

    names, y = design.sweep.space.names, design.sweep.outcome
    rng = np.random.default_rng(seed)
    fold = rng.permutation(np.arange(len(y)) % FOLDS)
    parts = {}
    for name in names:
        h, g = design.sweep.space[name], design.groups(name)
        ordered = g.codes[:, None].astype(float) if g.ordered else np.column_stack([g.codes == 0, g.indicators])
        parts[name] = ordered if h.levels else design.position(name)[:, None]
    table = np.hstack(list(parts.values()))
    forests = [
        ExtraTreesRegressor(TREES, min_samples_leaf=LEAF, max_features=0.5, random_state=seed).fit(
            table[fold != k], y[fold != k]
        )
        for k in range(FOLDS)
    ]

    def pairs(name: str) -> tuple[np.ndarray, np.ndarray, float]:
        g, values = design.groups(name), []
        start = sum(part.shape[1] for part in list(parts.values())[: names.index(name)])
        here = slice(start, start + parts[name].shape[1])
        for level in range(len(g.labels)):
            x = table.copy()
            x[:, here] = parts[name][rng.choice(np.flatnonzero(g.codes == level), len(y))]
            said = np.empty(len(y))
            for k, forest in enumerate(forests):
                said[fold == k] = forest.predict(x[fold == k])
            values.append(said + (g.codes == level) * len(g.labels) * (y - said))
        each = np.column_stack(values)
        mean = each.mean(axis=0)
        return mean, (each - mean) / np.sqrt(len(y) * (len(y) - 1)), float(len(y) - len(g.labels))

    return _every_pair(design, pairs)


def _every_pair(design: Design, pairs: Callable[[str], tuple[np.ndarray, np.ndarray, float]]) -> pd.DataFrame:
    """One row a pair of levels, the later first: estimate, standard error, p, and Holm's p over all rows."""
    rows = []
    for name in design.comparable():
        g = design.groups(name)
        mean, influence, freedom = pairs(name)
        for a, b in g.pairs:
            error = float(np.sqrt(((influence[:, a] - influence[:, b]) ** 2).sum()))
            estimate = float(mean[a] - mean[b])
            p = float(2 * t_sf(abs(estimate) / error, freedom))
            rows.append((name, g.labels[a], g.labels[b], estimate, error, p))
    frame = pd.DataFrame(rows, columns=["hyperparameter", "value", "reference", "estimate", "error", "p"])
    return frame.assign(p_adjusted=holm(frame["p"]), direction=np.sign(frame["estimate"]))
