"""What do a correlation and a straight line see? The first two steps of the usual path, with their intervals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from hpanalysis.design.target import Place
from hpanalysis.questions.importance_measures.rows import Found, bars
from hpanalysis.statistics import resampling
from hpanalysis.statistics.distributions import normal_isf, normal_sf
from hpanalysis.style.numbers import is_p

SHUFFLES = 199
WORK = 30_000_000  # numbers that shuffles may move
CURVED = 0.05


class Dummy(NamedTuple):
    """A column of a table as the usual path makes it: of a hyperparameter, or a level of it; NaN where inactive."""

    hyperparameter: str
    level: str
    x: np.ndarray


def dummies(place: Place, *, full: bool) -> list[Dummy]:
    """The columns of a table as the usual path makes them.

    A level of an unordered hyperparameter is a column of zeros and ones (unless `full`, the first is left out); an
    ordered one is a single column, its position in the search measure, 0 to 1.
    """
    found = []
    for h in place.hyperparameters:
        if h.ordered:
            found.append(Dummy(h.name, "", place.unit(h.name)))
            continue
        code, labels = place.codes(h.name)
        skip = 0 if full and len(labels) > 2 else 1
        for level in range(skip, len(labels)):
            found.append(Dummy(h.name, labels[level], np.where(code < 0, np.nan, code == level)))
    return found


def _within(x: np.ndarray, block: np.ndarray) -> np.ndarray:
    """Centred in each block."""
    label = np.unique(block, return_inverse=True)[1]
    count = np.bincount(label)
    return x - (np.bincount(label, x) / count)[label]


def shuffles(place: Place) -> np.ndarray:
    """Permutations within data sets, shape (shuffles, configurations), as many as the time allows."""
    count = int(np.clip(WORK // max(len(place), 1), 19, SHUFFLES))
    return resampling.permutations_within(place.block, count, place.generator("shuffles"))


def correlation(place: Place) -> Found:
    """Pearson's correlation of each column with the outcome, within data sets; a hyperparameter has its largest one."""

    columns = dummies(place, full=True)
    shuffled = place.y[shuffles(place)]
    rows, drawn = [], np.zeros((len(columns), len(shuffled)))
    for i, (name, level, x) in enumerate(columns):
        here = np.isfinite(x)
        a, b = (_within(v[here], place.block[here]) for v in (x, place.y))
        scale = [np.sqrt(np.mean(v**2)) for v in (a, b)]
        if min(scale) <= 1e-12:
            rows.append((name, level, len(a), *[np.nan] * 4))
            continue
        a, b = a / scale[0], b / scale[1]
        r = float(np.clip(np.mean(a * b), -1, 1))
        # What a run adds to the correlation: no normal outcome is assumed.
        influence = a * b - r * (a**2 + b**2) / 2
        se = np.sqrt(np.mean(influence**2) / len(a)) / max(1 - r**2, 1e-9)
        low, high = np.tanh(np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12)) + normal_isf([0.975, 0.025]) * se)
        p = float(2 * normal_sf(abs(r) / np.sqrt(np.mean((a * b) ** 2) / len(a))))
        rows.append((name, level, len(a), r, low, high, p))
        spread = np.zeros(len(place))
        spread[here] = a
        drawn[i] = np.abs(shuffled @ spread) / len(a) / scale[1]
    table = pd.DataFrame(rows, columns=["hyperparameter", "value", "n", "estimate", "low", "high", "p"])
    whose = table["hyperparameter"].to_numpy()
    floor = {name: float(np.quantile(drawn[whose == name].max(axis=0), 0.95)) for name in place.names}
    table = table.assign(effect="column", floor=table["hyperparameter"].map(floor))
    known = table[table["estimate"].notna()]
    each = known.groupby("hyperparameter", sort=False)
    # The largest of several: its p counts them all.
    p_of_largest = -np.expm1(each.size() * np.log1p(-each["p"].min().clip(upper=1 - 1e-16)))
    by_size = known.assign(size=known["estimate"].abs()).sort_values("size", ascending=False, kind="stable")
    largest = by_size.drop_duplicates("hyperparameter").set_index("hyperparameter")
    mains = largest.assign(p=p_of_largest).reindex(place.names).rename_axis("hyperparameter").reset_index()
    mains = mains.assign(effect="main", n=mains["n"].fillna(len(place)).astype(int))
    straight = ["A correlation sees straight lines only: a hyperparameter that is best in between has none."]
    return Found(pd.concat([mains, table]), "correlation", "95 %, for the correlation", straight)


def ols(place: Place) -> Found:
    """One straight line through all columns: every coefficient, and what R2 loses without a hyperparameter."""
    import statsmodels.api as sm

    columns = dummies(place, full=False)
    x = np.column_stack([np.where(np.isfinite(c), c - np.nanmean(c), 0.0) for *_, c in columns])
    blocks = np.unique(place.block)
    intercepts = (place.block[:, None] == blocks[None, :]).astype(float)
    y = place.raw if len(blocks) == 1 else place.y
    kept = _independent(np.hstack([intercepts, x]))[len(blocks) :] - len(blocks)
    design = np.hstack([intercepts, x[:, kept]])
    fit = sm.OLS(y, design).fit(cov_type="HC3")
    interval, used = fit.conf_int(), [columns[i] for i in kept]
    numbers = {"estimate": fit.params, "low": interval[:, 0], "high": interval[:, 1], "p": fit.pvalues}
    coefficients = pd.DataFrame({name: x[len(blocks) :] for name, x in numbers.items()}).assign(
        hyperparameter=[column.hyperparameter for column in used],
        value=[column.level for column in used],
        effect="column",
        n=len(place),
    )
    within = float(((y - intercepts @ np.linalg.lstsq(intercepts, y, rcond=None)[0]) ** 2).sum())
    residual = np.asarray(fit.resid)
    order = shuffles(place)[:49]
    lost, p, floor = np.full((3, len(place.names)), np.nan)
    for j, name in enumerate(place.names):
        mine = [i for i, column in enumerate(used, start=len(blocks)) if column.hyperparameter == name]
        if not mine or within <= 0:
            continue
        basis = np.linalg.qr(np.delete(design, mine, axis=1))[0]
        left = y - basis @ (basis.T @ y)
        lost[j] = max((float(left @ left) - float(residual @ residual)) / within, 0.0)
        p[j] = float(fit.wald_test(np.eye(design.shape[1])[mine], scalar=True, use_f=True).pvalue)
        floor[j] = float(np.quantile([_gain(basis, design[rows][:, mine], left) / within for rows in order], 0.95))
    caveats = [_unit(place), *_lack_of_fit(place, residual, within)]
    if len(kept) < len(columns):
        caveats.append(f"{len(columns) - len(kept)} columns repeat others and have no coefficient.")
    table = pd.concat([bars(place, "main", estimate=lost, p=p, floor=floor), coefficients])
    return Found(table, "R2 lost", "95 % (HC3), for the coefficient of a straight line", caveats)


def _unit(place: Place) -> str:
    over = "from the lower to the upper end of an ordered hyperparameter, or from the first level to another"
    if len(np.unique(place.block)) == 1:
        return f"Coefficients are in the outcome's own unit, {over}."
    return f"Pooled coefficients are in standard deviations of the outcome within a data set, {over}."


def _independent(design: np.ndarray) -> np.ndarray:
    """Columns that are no combination of those before them."""
    scale = np.sqrt((design**2).sum(axis=0))
    r = np.linalg.qr(design / np.where(scale > 0, scale, 1.0), mode="r")
    own = np.zeros(design.shape[1])
    own[: len(r)] = np.abs(np.diag(r))
    return np.flatnonzero((own > 1e-9) & (scale > 0))


def _gain(basis: np.ndarray, columns: np.ndarray, left: np.ndarray) -> float:
    """Sum of squares that columns would take from what is left beside a basis."""
    apart = np.linalg.qr(columns - basis @ (basis.T @ columns))[0]
    return float(((apart.T @ left) ** 2).sum())


def _lack_of_fit(place: Place, residual: np.ndarray, within: float) -> list[str]:
    """Does a forest, on runs it never saw, predict what the line leaves over?"""

    forest = place.forest
    known = np.isfinite(forest.held_out)
    beyond = forest.held_out - (place.y - residual * (1 if len(np.unique(place.block)) > 1 else _scale(place)))
    a, b = residual[known], beyond[known] - beyond[known].mean()
    influence = a * b
    se = np.sqrt((influence**2).sum())
    p = float(normal_sf(influence.sum() / se)) if se > 0 else 1.0
    r2 = 1 - float(residual @ residual) / within if within > 0 else np.nan
    seen = f"A straight line through all columns explains {100 * r2:.0f} % of the differences between runs"
    seen += f", a forest {100 * max(forest.r2, 0.0):.0f} % in runs that it never saw."
    return [f"{seen} The line does not fit (p {is_p(p)}): ignore its p-values." if p < CURVED else seen]


def _scale(place: Place) -> float:
    spread = place.raw.std()
    return 1 / spread if spread > 0 else 0.0
