"""What should matter for what? The outcome asked about, one number a configuration, in each data set and pooled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from hpanalysis.design.groups import renumbered
from hpanalysis.errors import UserError
from hpanalysis.statistics import resampling
from hpanalysis.statistics.differences import POOLED
from hpanalysis.statistics.variance import surrogate

if TYPE_CHECKING:
    from hpanalysis.design.design import Design
    from hpanalysis.sweeps.space import Hyperparameter

CELLS = 64  # of a range in the surrogate: finer than any forest of a sweep resolves
FEWEST = 20


@dataclass(frozen=True)
class Top:
    """The best runs of each data set: `quantile` is their share; runs that tie with the last of them count too."""

    quantile: float

    def __str__(self) -> str:
        return f"being among the best {100 * self.quantile:g} %"


def top(quantile: float = 0.1) -> Top:
    """Ask what matters for being among the best runs, as in ``hp.importance(sweep, measure="hsic", of=hp.top(0.1))``.

    Parameters
    ----------
    quantile
        Share of the runs of each data set that count as the best, failed runs ranking last.

    Returns
    -------
    Top
        What `importance` takes as ``of``.

    Raises
    ------
    UserError
        If it does not lie between 0 and 1.
    """
    if isinstance(quantile, bool) or not isinstance(quantile, int | float) or not 0 < quantile < 1:
        raise UserError(f"the share of best runs is {quantile!r}; give a number between 0 and 1, such as hp.top(0.1).")
    return Top(float(quantile))


def seed_of(rng: resampling.Rng) -> int:
    """One seed for every draw that is made in a place, whatever was drawn before it."""
    return rng if isinstance(rng, int) else int(resampling.generator(rng).integers(2**31))


Of = Literal["metric", "rank", "fail"] | Top
OUTCOMES = "metric, rank, fail, or hp.top(0.1)"


@dataclass(frozen=True, eq=False)
class Place:
    """The configurations of one data set, or of all, with what is asked of them; repeats are collapsed to their mean.

    Parameters
    ----------
    design
        The runs, prepared.
    dataset
        Where: a data set, or `POOLED`.
    rows
        One row of `sweep.runs` for each configuration, shape (configurations,).
    block
        Data set of each, shape (configurations,).
    raw
        The outcome in its own unit.
    rank
        Mean mid-rank within the data set, in (0, 1), best highest, failed runs tied lowest.
    of
        What is asked about.
    seed
        For every draw that is made here.
    """

    design: Design
    dataset: str
    rows: np.ndarray
    block: np.ndarray
    raw: np.ndarray
    rank: np.ndarray
    of: Of
    seed: int

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def y(self) -> np.ndarray:
        """The outcome with mean 0 and variance 1 in each data set, so that all count; 0 where it is constant."""
        out = np.zeros(len(self))
        for b in np.unique(self.block):
            here = self.block == b
            centred = self.raw[here] - self.raw[here].mean()
            scale = centred.std()
            if scale > 1e-12 * max(1e-300, float(np.abs(self.raw[here]).max())):
                out[here] = centred / scale
        return out

    @property
    def constant(self) -> bool:
        """Whether nothing is there to explain."""
        return not self.y.any()

    @cached_property
    def hyperparameters(self) -> tuple[Hyperparameter, ...]:
        """Those with two values or more here."""
        values = {h: self.design.position(h.name)[self.rows] for h in self.design.sweep.space}
        return tuple(h for h, u in values.items() if len(np.unique(u[np.isfinite(u)])) > 1)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the hyperparameters."""
        return tuple(h.name for h in self.hyperparameters)

    def codes(self, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
        """Level of each configuration (-1 for none) and the labels of those that occur; ranges in slices."""
        g = self.design.groups(name)
        code, used = renumbered(g.codes[self.rows])
        return code, tuple(g.labels[i] for i in used)

    def unit(self, name: str) -> np.ndarray:
        """Position in [0, 1] in the search measure, shape (configurations,), NaN where there is none."""
        return np.asarray(np.clip(self.design.position(name)[self.rows], 0.0, 1.0))

    def column(self, name: str) -> surrogate.Column:
        """A hyperparameter as cells with their probability under the search."""
        h = self.design.sweep.space[name]
        if h.has_levels:
            code, labels = self.codes(name)
            return surrogate.Column(code, np.full(len(labels), 1.0 / len(labels)))
        if h.possible <= CELLS:
            step = h.step or 1.0
            values = h.ends[0] + step * np.arange(h.possible)
            # Each value owns the positions nearer to it than to its neighbours.
            edges = np.concatenate([[0.0], h.to_unit(values[:-1] + step / 2), [1.0]])
        else:
            edges = np.linspace(0.0, 1.0, CELLS + 1)
        u = self.unit(name)
        cell = np.clip(np.searchsorted(edges, u, side="right") - 1, 0, len(edges) - 2)
        return surrogate.Column(np.where(np.isnan(u), -1, cell), np.diff(edges))

    @cached_property
    def forest(self) -> surrogate.Surrogate:
        """A forest of this place; grown once."""
        columns = [self.column(name) for name in self.names]
        seed = int(self.generator("surrogate").integers(2**31))
        return surrogate.Surrogate(tuple(columns), self.y, self.block, seed)

    def generator(self, *names: str) -> np.random.Generator:
        """Random numbers for a question, whatever was asked before it."""
        return resampling.named_generator(self.seed, *names, self.dataset)


class Places(NamedTuple):
    """What is asked about, and where.

    Parameters
    ----------
    places
        All configurations first, then those of each data set, if asked for.
    runs
        Which runs they hold.
    caveats
        What must be said of them.
    """

    places: list[Place]
    runs: Literal["all", "successful"]
    caveats: list[str]


def places(design: Design, of: Of, *, by: Literal["dataset", "pooled"], seed: int) -> Places:
    """The configurations of a sweep with the outcome asked about.

    Parameters
    ----------
    design
        The runs, prepared.
    of
        What is asked about.
    by
        "dataset": each data set by itself too.
    seed
        For every draw that is made.

    Raises
    ------
    UserError
        If `of` or `by` is none of the choices, or nothing is left to ask about.
    """
    sweep, failed = design.sweep, ~design.sweep.ok
    if of not in ("metric", "rank", "fail") and not isinstance(of, Top):
        raise UserError(f"of is {of!r}; choose {OUTCOMES}.")
    if by not in ("dataset", "pooled"):
        raise UserError(f"by is {by!r}; choose dataset (each data set too) or pooled.")
    value = sweep.outcome if of == "metric" else failed.astype(float) if of == "fail" else design.ranks
    use, caveats = np.isfinite(value), []
    if use.sum() < FEWEST:
        raise UserError(
            f"{int(use.sum())} runs have what is asked about ({of}); importances need {FEWEST} or more: add runs."
        )
    if of == "fail" and not failed.any():
        caveats.append("No run failed: nothing can matter for failing.")
    if not use.all():
        caveats.append(
            f"{int(failed.sum()):,} failed runs are left out: of='rank' counts them as the worst runs, of='fail' asks "
            "what made them fail."
        )
    _, first, unit = np.unique(design.repeats.codes[use], return_index=True, return_inverse=True)
    count = np.bincount(unit)
    if len(count) < len(unit):
        caveats.append(
            f"{len(unit):,} runs of {len(count):,} configurations: each configuration counts once, with its mean."
        )
    raw, rank = (np.bincount(unit, x[use]) / count for x in (value, design.ranks))
    rows = np.flatnonzero(use)[first]
    block = sweep.block[rows]
    if isinstance(of, Top):
        for b in np.unique(block):
            raw[block == b] = rank[block == b] >= np.quantile(rank[block == b], 1 - of.quantile, method="higher")
    found = [Place(design, POOLED, rows, block, raw, rank, of, seed)]
    if by == "dataset" and len(sweep.datasets) > 1:
        for b, name in enumerate(sweep.datasets):
            here = block == b
            if here.sum() >= FEWEST:
                found.append(Place(design, name, rows[here], block[here], raw[here], rank[here], of, seed))
            else:
                caveats.append(f"{name} has {int(here.sum())} runs: too few to be asked alone.")
    return Places(found, "all" if use.all() else "successful", caveats)
