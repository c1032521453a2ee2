"""Which columns, which runs count as the best, at which bandwidth? What an analysis by HSIC is given."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Literal, cast, get_args

import numpy as np
from numpy.typing import ArrayLike

from hpanalysis.errors import UserError

DiscreteKernel = Literal["atoms", "expected", "delta"]
Rule = Literal["maximum", "median"]
Terms = Literal["main", "pairs", "all"]

# Below .05 the kernel separates neighbours that no sweep resolves; at 1 it compares little more than means.
SEARCH = (0.05, 1.0)
GIVEN = (0.01, 10.0)


@dataclass(frozen=True)
class Continuous:
    """A hyperparameter mapped to [0, 1] by its distribution under the search; Gaussian kernel.

    Examples
    --------
    >>> Goal((Continuous(),)).quantile
    0.1
    """


@dataclass(frozen=True)
class Discrete:
    """A hyperparameter with `levels` values, given as codes 0 ... levels - 1.

    Attributes
    ----------
    levels
        How many values could have been drawn, 1 or more.
    kernel
        "atoms": level j lies at (j + 1/2) / levels, Gaussian kernel, for an order that is there. "expected": level j
        is spread over its cell [j, j + 1) / levels, and the kernel is its expectation over that jitter. "delta": two
        levels are the same or they are not; for unordered values, as an order that is not there must not matter.

    Notes
    -----
    An integer with very many values is served faster as `Continuous` at (j + 1/2) / levels: the same index as "atoms".

    Raises
    ------
    UserError
        If levels is no whole number from 1, or the kernel is none of the three.

    Examples
    --------
    >>> Discrete(3, "delta").levels
    3
    >>> Discrete(0)
    Traceback (most recent call last):
    hpanalysis.errors.UserError: levels is 0: give the number of values, a whole number from 1
    """

    levels: int
    kernel: DiscreteKernel = "atoms"

    def __post_init__(self) -> None:
        if not isinstance(self.levels, int | np.integer) or self.levels < 1:
            raise UserError(f"levels is {self.levels!r}: give the number of values, a whole number from 1")
        if self.kernel not in get_args(DiscreteKernel):
            raise UserError(f"kernel is {self.kernel!r}: choose one of {', '.join(get_args(DiscreteKernel))}")


Kind = Continuous | Discrete


@dataclass(frozen=True)
class Goal:
    """What the columns are compared for: what do the runs with the lowest errors have in common?

    Attributes
    ----------
    kinds
        One `Continuous` or `Discrete` a column.
    quantile
        Share of the runs that count as the best, in (0, 1). Runs that tie with the last of them count too.
    bandwidth
        Of the Gaussian kernels, in units of the interval [0, 1]: "maximum" takes the one in [.05, 1] with the largest
        index, "median" the median distance between two different values (to 1/1024, held in [.05, 1]), a number in
        [.01, 10] is used as it is. The delta kernel has none.
    terms
        "main": every column on its own; "pairs": every pair; "all": both; or columns and pairs such as
        ``((0,), (0, 2))``. A pair has one bandwidth, for the distance in the plane.

    Raises
    ------
    UserError
        If a kind, the quantile, the bandwidth or a term is none of these.

    Examples
    --------
    >>> goal = Goal((Continuous(), Discrete(4, "delta")), quantile=0.05, terms="all")
    >>> goal.listed
    ((0,), (1,), (0, 1))
    """

    kinds: tuple[Kind, ...]
    quantile: float = 0.1
    bandwidth: float | Rule = "maximum"
    terms: Terms | tuple[tuple[int, ...], ...] = "main"

    def __post_init__(self) -> None:
        object.__setattr__(self, "kinds", tuple(self.kinds))
        for kind in self.kinds:
            if not isinstance(kind, Kind):
                raise UserError(f"a kind is {kind!r}: give hsic.Continuous() or hsic.Discrete(levels) for each column")
        if not 0 < self.quantile < 1:
            raise UserError(f"quantile is {self.quantile!r}: give a share between 0 and 1, such as 0.1")
        check_bandwidth(self.bandwidth, get_args(Rule), GIVEN)
        object.__setattr__(self, "terms", self._listed())

    @property
    def listed(self) -> tuple[tuple[int, ...], ...]:
        """The terms one by one: the columns of each."""
        # A name such as "main" was replaced by what it stands for when the goal was made.
        return cast(tuple[tuple[int, ...], ...], self.terms)

    def _listed(self) -> tuple[tuple[int, ...], ...]:
        columns = range(len(self.kinds))
        main, pairs = tuple((j,) for j in columns), tuple(combinations(columns, 2))
        if isinstance(self.terms, str):
            if self.terms not in get_args(Terms):
                choices = ", ".join(get_args(Terms))
                raise UserError(f"terms is {self.terms!r}: choose one of {choices}, or list columns and pairs")
            return {"main": main, "pairs": pairs, "all": main + pairs}[self.terms]
        for term in self.terms:
            if len(term) not in (1, 2) or len(set(term)) < len(term) or not set(term) <= set(columns):
                raise UserError(
                    f"a term is {term!r}: name one column or two different ones, of 0 to {columns.stop - 1}"
                )
        return tuple(tuple(term) for term in self.terms)


def check_bandwidth(bandwidth: object, rules: tuple[str, ...], legal: tuple[float, float]) -> None:
    """Refuse a bandwidth that is neither a rule nor a number in the legal range.

    Parameters
    ----------
    bandwidth
        As it was given.
    rules
        The names that are allowed.
    legal
        The smallest and the largest number.

    Raises
    ------
    UserError
        With the rules and the range.

    Examples
    --------
    >>> check_bandwidth(0.3, ("median",), (0.01, 10.0))
    """
    if isinstance(bandwidth, int | float | np.number) and not isinstance(bandwidth, bool):
        usable = legal[0] <= float(bandwidth) <= legal[1]
    else:
        usable = bandwidth in rules
    if not usable:
        known = ", ".join(rules)
        raise UserError(f"bandwidth is {bandwidth!r}: choose {known}, or a number from {legal[0]:g} to {legal[1]:g}")


def checked(x: ArrayLike, errors: ArrayLike, kinds: tuple[Kind, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The table and the errors as floats, refused when a value has no place on its axis.

    Parameters
    ----------
    x
        Columns, shape (runs, columns), NaN where inactive.
    errors
        Lower is better, inf for a failed run, shape (runs,).
    kinds
        The kind of each column.

    Returns
    -------
    x, errors
        Shapes (runs, columns) and (runs,).

    Raises
    ------
    UserError
        If a shape does not fit, an error is NaN or a column leaves its axis.

    Examples
    --------
    >>> x, errors = checked([[0.5], [1.0]], [1, 2], (Continuous(),))
    >>> errors
    array([1., 2.])
    """
    table, lower = np.asarray(x, dtype=float), np.asarray(errors, dtype=float)
    if table.ndim != 2 or table.shape[1] != len(kinds):
        raise UserError(f"x has shape {table.shape}: give (runs, {len(kinds)}), one column for each of the kinds")
    if lower.shape != table.shape[:1]:
        raise UserError(f"errors has shape {lower.shape}: give {table.shape[:1]}, one number for each run of x")
    if np.isnan(lower).any():
        count = int(np.isnan(lower).sum())
        raise UserError(f"{count} of the errors are NaN: give a failed run inf, so that it ranks last, or leave it out")
    check_columns(table, kinds)
    return table, lower


def check_columns(x: np.ndarray, kinds: tuple[Kind, ...]) -> None:
    """Refuse a column that leaves its axis; NaN, for inactive, is let through.

    Parameters
    ----------
    x
        Columns, shape (runs, columns).
    kinds
        The kind of each.

    Raises
    ------
    UserError
        With the column, the value and what is legal.

    Examples
    --------
    >>> import numpy as np
    >>> check_columns(np.array([[0.0], [2.0], [np.nan]]), (Discrete(3),))
    """
    for j, kind in enumerate(kinds):
        column = x[:, j]
        low, high = column.min(initial=np.inf), column.max(initial=-np.inf)
        if np.isnan(low):
            low, high = np.fmin.reduce(column, initial=np.inf), np.fmax.reduce(column, initial=-np.inf)
        top = kind.levels - 1 if isinstance(kind, Discrete) else 1
        if low < 0 or high > top:
            raise UserError(
                f"column {j} of x holds {low if low < 0 else high:g}: {_legal(kind)}, and NaN where it is inactive"
            )
        if isinstance(kind, Discrete):
            odd = column[(column != np.floor(column)) & ~np.isnan(column)]
            if len(odd):
                raise UserError(f"column {j} of x holds {odd[0]:g}: {_legal(kind)}, and NaN where it is inactive")


def conditional_columns(x: np.ndarray) -> np.ndarray:
    """Which columns are inactive, NaN, in some run.

    Parameters
    ----------
    x
        Shape (runs, columns).

    Returns
    -------
    numpy.ndarray
        Bool, shape (columns,).

    Examples
    --------
    >>> import numpy as np
    >>> conditional_columns(np.array([[0.1, np.nan], [0.2, 0.3]]))
    array([False,  True])
    """
    return np.asarray(np.isnan(np.ones(len(x)) @ x))  # one pass, and no array of the size of x


def _legal(kind: Kind) -> str:
    if isinstance(kind, Discrete):
        return f"give codes, whole numbers from 0 to {kind.levels - 1}"
    return "map it to [0, 1] by its distribution under the search"
