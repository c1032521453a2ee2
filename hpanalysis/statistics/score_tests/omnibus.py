"""Does a hyperparameter matter at all, and do two act together? Score tests in a regression with blocks.

The regression is fitted without the columns in question, and its residuals are correlated with them: under the null
hypothesis there is no correlation but chance. Nothing is estimated for the columns themselves, so that the tests hold
their level in small samples, and one set of residuals serves every permutation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from hpanalysis.errors import one_of
from hpanalysis.statistics import resampling
from hpanalysis.statistics.distributions import chi2_sf
from hpanalysis.statistics.score_tests.block_scores import BlockScores, restored
from hpanalysis.statistics.score_tests.regression import Regression

# Above so many configurations the chi-squared law replaces the draws: there the two agree (tests/statistics).
DRAWS_UP_TO = 20_000
PERMUTATIONS = 1999
# The chi-squared law of a table wants that many failures expected in each of its cells.
EXPECTED_FAILURES = 5
CHUNK = 200
# So many of them are gathered at a time.
NEAR = 50
# As soon as so many draws beat what was observed no more are made: p is above .05 whatever they say.
ENOUGH = 100
# Of so many units of evidence none is drawn for a p-value as small as that: the law, which agrees there, has the last
# word anyway.
LARGE, SURE = 2000, 1e-7


def _residuals(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """What is left of y, shape (rows, ...), after a least-squares fit on x; x may be rank deficient."""
    # Normal equations, as columns are indicators or bounded: one small matrix instead of a factor as tall as the table.
    gram = x.T @ x
    return np.asarray(y - x @ (np.linalg.pinv(gram, rcond=1e-10, hermitian=True) @ (x.T @ y)))


class OmnibusTest(NamedTuple):
    """Whether a hyperparameter matters at all.

    Attributes
    ----------
    statistic
        The smallest of the p-values that compete, NaN where the design cannot answer.
    p
        Its own p-value, NaN where the design cannot answer.

    Examples
    --------
    >>> smallest, p = OmnibusTest(0.01, 0.03)
    >>> p
    0.03
    """

    statistic: float
    p: float


class Rearrangements:
    """Permutations or signs of configurations, drawn as they are asked for: most tests need few.

    Which numbers a part holds does not depend on who asked for it, so that many tests may share them.

    Parameters
    ----------
    draw
        Draws so many rearrangements, shape (count, configurations).

    Examples
    --------
    >>> import numpy as np
    >>> sum(len(part) for part in Rearrangements(lambda count: np.zeros((count, 6))))
    1999
    """

    def __init__(self, draw: Callable[[int], np.ndarray]) -> None:
        self._draw, self._drawn = draw, list[np.ndarray]()

    def __iter__(self) -> Iterator[np.ndarray]:
        for start in range(0, PERMUTATIONS, CHUNK):
            if start // CHUNK == len(self._drawn):
                self._drawn.append(self._draw(min(CHUNK, PERMUTATIONS - start)))
            yield self._drawn[start // CHUNK]


def rearrangements(regression: Regression, rng: resampling.Rng, *names: str) -> Rearrangements | None:
    """Permutations of the configurations within blocks, for `matters`.

    Parameters
    ----------
    regression
        The configurations.
    rng
        Seed or generator.
    *names
        The hyperparameter that is to be tested, where it has a unit of evidence of its own.

    Returns
    -------
    Rearrangements or None
        Row numbers; signs where units of evidence are larger, as whole units are turned round. None above
        `DRAWS_UP_TO` configurations, where the asymptotic law is used.

    Notes
    -----
    All hyperparameters may share them: each test is valid by itself, and their error is added up without any
    assumption on how they are associated.

    Examples
    --------
    >>> import numpy as np
    >>> from hpanalysis.statistics.score_tests import Regression
    >>> y = np.arange(6.0)
    >>> regression = Regression(np.array([0, 0, 0, 1, 1, 1]), {}, {}, {}, y, np.zeros(6), y)
    >>> sum(len(part) for part in rearrangements(regression, rng=0))
    1999
    """
    rows = len(regression.block)
    if rows > DRAWS_UP_TO:
        return None
    rng = resampling.generator(rng)
    if regression.units(*names) is not None:
        return Rearrangements(lambda count: resampling.signs(rows, count, rng))
    return Rearrangements(lambda count: resampling.permutations_within(regression.block, count, rng))


def matters(regression: Regression, name: str, order: Iterable[np.ndarray] | None) -> OmnibusTest:
    """Test whether a hyperparameter matters at all: for the ranks, in some block, for failing, or for the mean.

    Parameters
    ----------
    regression
        The configurations.
    name
        The hyperparameter, a name of `regression.parts`.
    order
        Permutations (or signs) of the configurations in parts of shape (permutations, configurations), as
        `rearrangements` draws them for this hyperparameter; None for the chi-squared law.

    Returns
    -------
    OmnibusTest
        The smallest of the p-values that compete and its own p-value: by permuting residuals within blocks, where each
        regains what the fit took from it; or by the chi-squared law and Bonferroni's factor.

    Raises
    ------
    UserError
        If the name is unknown.

    Notes
    -----
    It misleads when values were chosen after seeing results (an adaptive search): then it shows association only.
    Freedman & Lane (1983), doi:10.1080/07350015.1983.10509354; drawing stops where chance does as well often enough,
    Besag & Clifford (1991), doi:10.1093/biomet/78.2.301.

    Examples
    --------
    Two columns, of which only the first does anything:

    >>> import numpy as np
    >>> from hpanalysis.statistics.score_tests import Regression
    >>> rng = np.random.default_rng(0)
    >>> a, b = rng.integers(0, 2, (2, 200, 1)).astype(float)
    >>> y = a.ravel() + rng.normal(size=200)
    >>> rank = (y.argsort().argsort() + 0.5) / 200
    >>> regression = Regression(np.zeros(200, dtype=int), {"a": a, "b": b}, {}, {}, rank, np.zeros(200), y)
    >>> order = rearrangements(regression, rng=0)
    >>> matters(regression, "a", order).p < 0.001, matters(regression, "b", order).p > 0.05
    (True, True)
    """
    one_of("the hyperparameter of a test", name, regression.parts)
    x = regression.beside(name)
    inverse = np.linalg.pinv(x.T @ x, rcond=1e-10, hermitian=True)
    leverage = np.clip(((x @ inverse) * x).sum(axis=1), 0.0, 1.0 - 1e-3)
    z = _residuals(regression.parts[name], x)
    outcomes = [regression.rank]
    if regression.failed.any() and not (order is None and _sparse(regression.failed, regression.parts[name])):
        outcomes.append(regression.failed)
    if order is not None and regression.units(name) is None and np.isfinite(regression.mean).all():
        # Runs that collapse hide in ranks what a mean shows. Of a long tail only a permutation knows the law.
        outcomes.append(regression.mean)
    y = [_residuals(outcome, x) for outcome in outcomes]
    apart = [] if regression.places is None else [_known(place, x) for place in regression.places.T]
    y += apart
    if (unit := regression.units(name)) is not None:
        column = np.column_stack(y)
        blocks = BlockScores.of(z, restored(column, x, inverse, unit), unit, regression.block, len(apart))
        as_it_is = np.ones((1, len(blocks.first)))
        # Observed is the score itself: z and the fit have nothing in common, so that nothing was taken from it.
        seen = BlockScores.of(z, column, unit, regression.block, len(apart))
        observed = blocks.smallest_p(seen, as_it_is)
        first = blocks.first
        return _by_luck(blocks.tests, observed, order, lambda s: blocks.smallest_p(blocks, s[:, first]), len(first))
    # A fit takes away part of every residual; a permuted residual is no longer a fitted one and must have it back, or
    # chance would look smaller than it is.
    free = [values / np.sqrt(1.0 - leverage) for values in y]
    law = _Quadratic.of(z, free, regression.block, len(apart))
    seen_p = law.smallest_p(y, np.arange(len(z))[None, :])
    return _by_luck(law.tests, seen_p, order, partial(law.smallest_p, free), len(z))


def _known(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Residuals of what is known of y, and 0 elsewhere: nothing."""
    known = np.isfinite(y)
    out = np.zeros(len(y))
    out[known] = _residuals(y[known], x[known])
    return out


def _by_luck(
    tests: int,
    seen: np.ndarray,
    order: Iterable[np.ndarray] | None,
    by_chance: Callable[[np.ndarray], np.ndarray],
    units: int,
) -> OmnibusTest:
    """The smallest of so many p-values as it is seen, and its own p-value by chance: of what is rearranged."""
    observed = float(seen[0])
    if not np.isfinite(observed):
        return OmnibusTest(float("nan"), float("nan"))
    if order is None:
        return OmnibusTest(observed, min(1.0, tests * observed))
    if units >= LARGE and tests * observed <= SURE:
        # No draw would come near, and the tail of the law would be used.
        return OmnibusTest(observed, tests * observed)
    drawn = np.empty(0)
    for part in order:
        drawn = np.append(drawn, by_chance(part))
        if resampling.at_least(-observed, -drawn).sum() >= ENOUGH:
            break
    # Permutation resolves to 1 / (1 + draws); below that the tail of the law is used, which agrees where both are seen.
    p = resampling.permutation_p(-observed, -drawn)
    return OmnibusTest(observed, min(p, tests * observed) if p <= 2 / (1 + len(drawn)) else p)


def _sparse(failed: np.ndarray, columns: np.ndarray) -> bool:
    """Whether some level has so few failures to expect that their chi-squared law is not one."""
    share = np.abs(columns).mean(axis=0)
    return bool((failed.sum() * np.append(share, max(1.0 - share.sum(), share.min())) < EXPECTED_FAILURES).any())


@dataclass(frozen=True)
class _Quadratic:
    """g' V^-1 g for g = z' y, pooled and by place, under a permutation of y within blocks.

    A place is a block, or one of the last outcomes where a row is about several places.
    """

    z: np.ndarray
    members: list[np.ndarray]
    inverse: list[list[tuple[np.ndarray, int]]]  # for each y: pooled, then each block
    alike: np.ndarray | None  # correlation of the outcomes that are one a place; None where places are blocks

    @classmethod
    def of(cls, z: np.ndarray, y: list[np.ndarray], block: np.ndarray, places: int = 0) -> _Quadratic:
        members = [np.flatnonzero(block == b) for b in np.unique(block)]
        inverse = []
        for values in y:
            parts = []
            for m in members:
                centred = z[m] - z[m].mean(axis=0)
                parts.append(centred.T @ centred * (np.var(values[m], ddof=1) if len(m) > 1 else 0.0))
            inverse.append([spread_inverse(sum(parts)), *(spread_inverse(part) for part in parts)])
        return cls(z, members, inverse, correlation(np.array(y[-places:])) if places else None)

    @property
    def tests(self) -> int:
        """How many p-values compete for the smallest."""
        if self.alike is None:
            return len(self.inverse) + (len(self.members) > 1)
        return len(self.inverse) - len(self.alike) + 1

    def smallest_p(self, y: list[np.ndarray], order: np.ndarray) -> np.ndarray:
        """The smallest p-value of each arrangement of y, shape (arrangements,)."""
        smallest, apart = np.full(len(order), np.inf), np.zeros((len(order), 2))
        pooled = len(y) - (0 if self.alike is None else len(self.alike))
        for i, scores in enumerate(self._scores(y, order)):
            inverse, rank = self.inverse[i][0]
            if i >= pooled:
                apart += np.column_stack([_form(np.sum(scores, axis=0), inverse), np.full(len(order), rank)])
            elif rank:
                smallest = np.fmin(smallest, chi2_sf(_form(np.sum(scores, axis=0), inverse), rank))
            if i == 0 and len(self.members) > 1 and self.alike is None:
                total = sum(_form(g, inv) for g, (inv, _) in zip(scores, self.inverse[i][1:], strict=True))
                freedom = sum(r for _, r in self.inverse[i][1:])
                smallest = np.fmin(smallest, chi2_sf(total, freedom)) if freedom else smallest
        if self.alike is not None and apart[0, 1]:
            # Places share their luck: Box's scaled law of a sum of forms that are correlated.
            scale = float((self.alike**2).sum() / len(self.alike))
            smallest = np.fmin(smallest, chi2_sf(apart[:, 0] / scale, apart[0, 1] / scale))
        return np.where(np.isinf(smallest), np.nan, smallest)

    def _scores(self, y: list[np.ndarray], order: np.ndarray) -> list[list[np.ndarray]]:
        """z' y of each arrangement, for each y and each block, of shape (arrangements, columns of z)."""
        scores = [[np.empty((len(order), self.z.shape[1])) for _ in self.members] for _ in y]
        for b, m in enumerate(self.members):
            centred, gathered = self.z[m] - self.z[m].mean(axis=0), np.empty((NEAR, len(m)))
            # A few arrangements at a time, in memory that stays near the processor: gathering is most of the time.
            for start in range(0, len(order), NEAR):
                own = order[start : start + NEAR].take(m, axis=1).astype(np.intp)
                for values, found in zip(y, scores, strict=True):
                    found[b][start : start + NEAR] = values.take(own, out=gathered[: len(own)], mode="clip") @ centred
        return scores


def correlation(rows: np.ndarray) -> np.ndarray:
    """Correlation of rows, shape (rows, rows); what is constant is like nothing else.

    Examples
    --------
    >>> import numpy as np
    >>> correlation(np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 3.0]])).round().tolist()
    [[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    known = rows - rows.mean(axis=1, keepdims=True)
    size = np.sqrt((known**2).sum(axis=1))
    unit = known / np.where(size > 0, size, 1.0)[:, None]
    alike = unit @ unit.T
    np.fill_diagonal(alike, 1.0)
    return np.asarray(alike)


def _form(g: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    return np.asarray(((g @ inverse) * g).sum(axis=1))


def spread_inverse(matrix: np.ndarray) -> tuple[np.ndarray, int]:
    """Inverse of a covariance on the directions in which it is not rounding, and how many these are.

    Examples
    --------
    >>> import numpy as np
    >>> spread_inverse(np.diag([4.0, 0.0]))
    (array([[0.25, 0.  ],
           [0.  , 0.  ]]), 1)
    """
    values, vectors = np.linalg.eigh(matrix)
    keep = values > max(values.max(initial=0.0) * 1e-9, 1e-12)
    return (vectors[:, keep] / values[keep]) @ vectors[:, keep].T, int(keep.sum())
