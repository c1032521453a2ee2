"""Do two hyperparameters act together on the mean? One pair, or many; a test each.

On the mean scale, never on ranks: a rank transformation turns additive effects into interactions.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hpanalysis.errors import one_of
from hpanalysis.statistics.distributions import chi2_sf, f_sf
from hpanalysis.statistics.results import Significance
from hpanalysis.statistics.rounding import ROUNDING
from hpanalysis.statistics.score_tests.all_pairs import PairSums, pair_sums
from hpanalysis.statistics.score_tests.block_scores import LEAST_LEFT, restored, summed
from hpanalysis.statistics.score_tests.omnibus import DRAWS_UP_TO, spread_inverse
from hpanalysis.statistics.score_tests.regression import Regression, is_range


def act_together(regression: Regression, pair: tuple[str, str]) -> Significance:
    """Test whether the effect of one hyperparameter on the mean depends on another.

    On the mean scale, never on ranks: a rank transformation turns additive effects into interactions. Blocks, the
    other hyperparameters, and the effect of each of the pair in each block are allowed for.

    Parameters
    ----------
    regression
        The configurations.
    pair
        Two hyperparameters, names of `regression.parts`; of a range the straight and the bent part take part.

    Returns
    -------
    Significance
        An ANOVA-type statistic times its columns: what the products explain over what they would by chance, whatever
        the spreads are (HC2); the columns; and the larger p-value of it and of the classical F test, as either alone
        can be fooled by unequal spreads. NaN where the design cannot answer.

    Raises
    ------
    UserError
        If a name is unknown.

    Notes
    -----
    An interaction depends on the scale: effects that multiply on one scale add up on its logarithm.
    Brunner, Dette & Munk (1997), doi:10.1080/01621459.1997.10473671; MacKinnon & White (1985),
    doi:10.1016/0304-4076(85)90158-7. Beyond `DRAWS_UP_TO` configurations `each_pair` takes the score test instead.

    Examples
    --------
    `a` helps with `b` only:

    >>> import numpy as np
    >>> from hpanalysis.statistics.score_tests import Regression
    >>> rng = np.random.default_rng(0)
    >>> a, b, c = rng.integers(0, 2, (3, 400, 1)).astype(float)
    >>> y = 2 * (a * b).ravel() + rng.normal(size=400)
    >>> parts = {"a": a, "b": b, "c": c}
    >>> regression = Regression(np.zeros(400, dtype=int), parts, {}, {}, y, np.zeros(400), y)
    >>> act_together(regression, ("a", "b")).p < 0.001, act_together(regression, ("a", "c")).p > 0.05
    (True, True)
    """
    for name in pair:
        one_of("a hyperparameter of a pair", name, regression.parts)
    parts = [regression.parts[name] for name in pair]
    a, b = (part[:, :2] if is_range(part) else part for part in parts)
    keep = np.isfinite(regression.mean)
    within = [(part[:, :, None] * regression.intercepts[:, None, :]).reshape(len(part), -1) for part in parts]
    x = np.column_stack([regression.others(*pair), *within])[keep]
    z = (a[:, :, None] * b[:, None, :]).reshape(len(a), -1)[keep]
    free = len(z) - x.shape[1] - z.shape[1]
    if free < 10:
        return Significance(float("nan"), 0, float("nan"))
    inverse = np.linalg.pinv(x.T @ x, rcond=1e-10, hermitian=True)
    leverage = ((x @ inverse) * x).sum(axis=1)
    y = regression.mean[keep]
    z, r = z - x @ (inverse @ (x.T @ z)), y - x @ (inverse @ (x.T @ y))
    squares, rank = spread_inverse(z.T @ z)
    score, left = z.T @ r, r - z @ (squares @ (z.T @ r))
    leverage += ((z @ squares) * z).sum(axis=1)
    contributions = z * (left / np.sqrt(np.clip(1.0 - leverage, LEAST_LEFT, 1.0)))[:, None]
    alone = True
    if (every := regression.units(*pair)) is not None:
        unit = np.unique(every[keep], return_inverse=True)[1]
        # In a grid each unit has all cells of the pair: what it shares cancels, and each configuration tells by itself.
        alone = bool(np.abs(summed(z, unit)).max(initial=0.0) <= ROUNDING * np.abs(z).max(initial=0.0) * len(z))
        if not alone:
            whole, none = np.hstack([x, z]), np.zeros((x.shape[1], z.shape[1]))
            both = np.block([[inverse, none], [none.T, squares]])
            contributions = summed(z * restored(left[:, None], whole, both, unit), unit)
    form = float(score @ squares @ score)
    if not rank or not form > 0:
        return Significance(float("nan"), 0, float("nan"))
    each, spread = (contributions @ squares * contributions).sum(axis=1), squares @ contributions.T @ contributions
    trace = max(float(each.sum()), 1e-300)
    # The fourth moment of a normal residual is three times its squared variance.
    freedom = trace**2 / float(each @ each) * (3.0 if alone else 1.0)
    robust = f_sf(form / trace, trace**2 / float((spread * spread.T).sum()), freedom)
    classic = f_sf(form / rank / max(float(left @ left) / free, 1e-300), rank, free)
    return Significance(form / trace * rank, rank, float(max(robust, classic)))


def _judged(sums: PairSums, rows: int) -> Significance:
    """The robust score statistic, its degrees of freedom, and the larger p-value of it and of the F test."""
    robust, df = spread_inverse(sums.robust)
    free = rows - sums.fitted - len(sums.score)
    if not df or free < 10:
        return Significance(float("nan"), 0, float("nan"))
    statistic = float(sums.score @ robust @ sums.score)
    classic, rank = spread_inverse(sums.squares)
    explained = float(sums.score @ classic @ sums.score)
    ratio = explained / max(rank, 1) / max((sums.residual - explained) / free, 1e-300)
    return Significance(statistic, df, float(max(chi2_sf(statistic, df), f_sf(ratio, rank, free))))


def at_once(regression: Regression) -> bool:
    """Whether `each_pair` tests all pairs at once, by the score.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.arange(6.0)
    >>> at_once(Regression(np.zeros(6, dtype=int), {}, {}, {}, y, np.zeros(6), y))
    False
    """
    return len(regression.block) > DRAWS_UP_TO and regression.matched is None and not regression.plots


def each_pair(regression: Regression, pairs: Sequence[tuple[str, str]]) -> list[Significance]:
    """The tests of `act_together` for many pairs; above `DRAWS_UP_TO` configurations all at once.

    Parameters
    ----------
    regression
        The configurations.
    pairs
        Pairs of names of `regression.parts`.

    Returns
    -------
    list of Significance
        In the order of the pairs; p is not adjusted for their number.

    Examples
    --------
    >>> import numpy as np
    >>> from hpanalysis.statistics.score_tests import Regression
    >>> rng = np.random.default_rng(0)
    >>> a, b, c = rng.integers(0, 2, (3, 400, 1)).astype(float)
    >>> y = 2 * (a * b).ravel() + rng.normal(size=400)
    >>> parts = {"a": a, "b": b, "c": c}
    >>> regression = Regression(np.zeros(400, dtype=int), parts, {}, {}, y, np.zeros(400), y)
    >>> [found.df for found in each_pair(regression, [("a", "b"), ("a", "c"), ("b", "c")])]
    [1, 1, 1]
    """
    if not at_once(regression):
        return [act_together(regression, pair) for pair in pairs]
    rows = int(np.isfinite(regression.mean).sum())
    return [_judged(sums, rows) for sums in pair_sums(regression, pairs)]
