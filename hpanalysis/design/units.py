"""What counts as one piece of evidence? Runs that share their luck count once: found here, and said in words.

Repeats of a configuration share it; so do the runs of a configuration on several data sets, and whatever a
hyperparameter was set for as a whole: a job, a host, a seed, a stretch of rows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pandas as pd

from hpanalysis.design.order import is_monotone, sorted_by_result
from hpanalysis.statistics.distributions import f_sf, normal_sf
from hpanalysis.statistics.run_again import run_again
from hpanalysis.statistics.score_tests import connected
from hpanalysis.sweeps.reading.vocabulary import words
from hpanalysis.sweeps.runs import cell_codes, same_rows

if TYPE_CHECKING:
    from hpanalysis.design.design import Design

# From that share of configurations on that were tried on several data sets, beyond what meets by chance.
ACROSS = 0.2
# Where more than that meet by chance, what was chosen has no luck of its own.
BY_CHANCE = 0.5
# Cells of a grid that was run over and over have the same number of runs, but for a tenth of them.
REGULAR = 0.9
# With fewer units a level a comparison of whole jobs is none.
FEWEST_UNITS = 8
# That a hyperparameter is constant in so many groups is no accident below that probability.
ACCIDENT = 1e-6
# What describes a circumstance of a run, and not what was run in it.
CIRCUMSTANCES = frozenset(
    ("job", "sweep", "host", "hostname", "node", "worker", "pid", "machine", "user", "commit", "version", "date")
)
Kind = Literal["run", "configuration", "configuration across data sets", "declared"]


@dataclass(frozen=True)
class Unit:
    """What counts as one piece of evidence, whatever is compared.

    Parameters
    ----------
    kind
        "configuration": a configuration with its repeats counts once. "configuration across data sets": so does one
        that was tried on several of them. "run": every run counts, as every possible configuration was tried over and
        over. "declared": what the owner of the table named.
    codes
        The same number for runs that are one piece of evidence, shape (runs,).
    why
        In a sentence.
    """

    kind: Kind
    codes: np.ndarray
    why: str = ""

    @property
    def each_run(self) -> bool:
        """Whether every possible configuration was tried over and over: a repeat is as good as any other run."""
        return self.kind == "run"


class Plot(NamedTuple):
    """What a hyperparameter was set for as a whole: its name, the code of each run, and units by level, the most first.

    `column` is that of the identifier, or "row order".
    """

    column: str
    codes: np.ndarray
    units: tuple[int, ...]

    @property
    def few(self) -> bool:
        """Whether no two values have enough units to be compared."""
        return len(self.units) < 2 or self.units[1] < FEWEST_UNITS

    @property
    def how(self) -> str:
        """What was found, in words."""
        where = "stretches of rows" if self.column == "row order" else f"values of {self.column}"
        return f"constant within {len(np.unique(self.codes))} {where}"


def repeats(design: Design) -> Unit:
    """Which runs repeat a configuration on its data set, and whether they count as one.

    Repeats share the luck of their configuration, so that they count once. Where every possible configuration was
    tried more than once on average there is no such luck left: the runs of each are independent, and each counts,
    unless they seem to be copies of each other, or to be evaluations of one training.
    """
    sweep, runs = design.sweep, len(design.sweep)
    once = "no configuration was run twice"
    again = "repeats of a configuration share its luck"
    if 2 * possible(design) > runs or design.duplicates.extra.any():
        repeated = sweep.configuration.max() + 1 < runs
        return Unit("configuration", sweep.configuration, again if repeated else once)
    if _evaluated(design):
        why = "the cells of the grid have equally many runs that differ in no seed and agree more than cells do"
        return Unit("configuration", sweep.configuration, f"{why}: they may share one training")
    return Unit("run", np.arange(runs), "every possible configuration was tried over and over")


def possible(design: Design, beside: str = "") -> float:
    """Number of possible configurations, beside a hyperparameter if one is named; infinite with a range."""
    others = [h for h in design.sweep.space if h.name != beside]
    if not all(h.has_levels for h in others):
        return np.inf
    return len(design.sweep.datasets) * math.prod(max(len(design.all_groups(h.name).labels), 1) for h in others)


def again(design: Design) -> np.ndarray:
    """Runs of a configuration beyond as many as most configurations have, shape (runs,), the first ones kept.

    The best run again with more seeds would weigh more, for having been lucky. Nothing where repeats were planned.
    """
    if design.repeats.each_run:
        return np.zeros(len(design.sweep), dtype=bool)
    time = design.order.time
    order = np.arange(len(design.sweep)) if time is None else np.argsort(time, kind="stable")
    found = run_again(design.ranks[order], design.repeats.codes[order])
    out = np.empty(len(order), dtype=bool)
    out[order] = found.again & ~found.chose
    return out


def find_unit(design: Design) -> Unit:
    """What counts as one piece of evidence, whatever is compared."""
    own = design.repeats
    for column in design.sweep.columns_with("unit"):
        codes = connected([own.codes, _codes(design.sweep.runs[column])])
        return Unit("declared", pd.factorize(codes)[0], f"{column} was declared to be the unit of evidence")
    drawn = None if own.each_run else across(design)
    if drawn is None:
        return own
    why = "the same configurations were tried on several data sets, and share their luck there"
    return Unit("configuration across data sets", drawn, why)


def across(design: Design) -> np.ndarray | None:
    """Code of the configuration of each run whatever its data set, shape (runs,); None where they were drawn for each.

    Configurations meet by chance where few are possible: more than a fifth beyond that must have been tried on several
    data sets. Where every possible one was, no luck of a choice is left.
    """
    sweep, places = design.sweep, len(design.sweep.datasets)
    if places < 2:
        return None
    drawn = same_rows([cell_codes(sweep.values(h.name)) for h in sweep.space], len(sweep))
    pairs = pd.DataFrame({"drawn": drawn, "place": sweep.block}).drop_duplicates()
    shared = float((pairs.groupby("drawn")["place"].transform("size") > 1).mean())
    if shared < ACROSS:
        return None
    count = pairs.groupby("place").size().to_numpy()
    tried = count * places / possible(design)
    if tried.min() >= REGULAR:
        return None
    by_chance = float(np.average([1 - np.prod(1 - np.delete(tried, i)) for i in range(places)], weights=count))
    if by_chance > BY_CHANCE or shared - by_chance < ACROSS * (1 - by_chance):
        return None
    unknown = np.logical_or.reduce([sweep.values(h.name).isna() & design.applies(h.name) for h in sweep.space])
    # What was not recorded equals nothing.
    return pd.factorize(np.where(unknown, drawn.max() + 1 + np.arange(len(sweep)), drawn))[0]


def _evaluated(design: Design) -> bool:
    """Whether the cells of a grid seem to have been trained once and measured several times.

    No seed varies in them, they have equally many runs, and these agree more than cells do that differ in what no
    single hyperparameter explains (F test).
    """
    sweep = design.sweep
    code = sweep.configuration
    size = np.bincount(code)
    usual = np.bincount(size).argmax()
    if usual < 2 or (size == usual).mean() < REGULAR:
        return False
    for column in sweep.columns_with("seed"):
        values = pd.Series(cell_codes(sweep.runs[column])).groupby(code).nunique()
        if (values > 1).mean() > 0.5:
            return False
    ok = sweep.ok
    y = design.ranks[ok]
    first, cell = np.unique(code[ok], return_index=True, return_inverse=True)[1:]
    count = np.bincount(cell)
    mean = np.bincount(cell, y) / count
    x = [np.asarray(sweep.block[ok][first][:, None] == np.arange(len(sweep.datasets)), dtype=float)]
    x += [design.all_groups(h.name).indicators[ok][first] for h in sweep.space]
    weight = np.sqrt(count)[:, None]
    columns = weight * np.column_stack(x)
    target = weight[:, 0] * mean
    left = target - columns @ (np.linalg.pinv(columns.T @ columns, rcond=1e-10, hermitian=True) @ (columns.T @ target))
    free, within = len(mean) - int(np.linalg.matrix_rank(columns)), len(y) - len(mean)
    if free < 1 or within < 1:
        return False
    inside = float(((y - mean[cell]) ** 2).sum()) / within
    return inside == 0 or bool(f_sf(float(left @ left) / free / inside, free, within) < 0.05)


def find_plots(design: Design) -> dict[str, Plot]:
    """Hyperparameters that were set for whole jobs, hosts, seeds, or stretches of rows, each with the coarsest."""
    candidates = list(_identifiers(design))
    found: dict[str, Plot] = {}
    drawn = same_rows([cell_codes(design.sweep.values(h.name)) for h in design.sweep.space], len(design.sweep))
    for column, codes in candidates:
        several = pd.Series(drawn).groupby(codes).transform("nunique").to_numpy() > 1
        if several.mean() < 0.5:
            # It tells configurations apart, and nothing else.
            continue
        set_for = [h.name for h in design.sweep.space if _constant(design, h.name, codes)]
        if not set_for or label_of(design, column, codes, set_for):
            continue
        for name in set_for:
            if name not in found or codes.max() < found[name].codes.max():
                found[name] = _plot(design, name, column, codes)
    for name, codes in _stretches(design).items():
        if name not in found:
            found[name] = _plot(design, name, "row order", codes)
    return found


def _plot(design: Design, name: str, column: str, codes: np.ndarray) -> Plot:
    g = design.all_groups(name)
    pairs = pd.DataFrame({"level": g.codes, "unit": codes})[g.codes >= 0].drop_duplicates()
    return Plot(column, codes, tuple(sorted(np.bincount(pairs["level"]).tolist(), reverse=True)))


def _identifiers(design: Design) -> Iterator[tuple[str, np.ndarray]]:
    """Columns that tell groups of runs apart, with the code of each run; a missing one is a group of its own."""
    sweep = design.sweep
    for column in (c for role in ("identifier", "seed") for c in sweep.columns_with(role)):
        known = sweep.runs[column].notna()
        if known.mean() < 0.8 or not 2 <= sweep.runs[column].nunique() <= len(sweep) / 2:
            continue
        yield column, _codes(sweep.runs[column])


def _codes(column: pd.Series) -> np.ndarray:
    codes = cell_codes(column)
    gone = codes < 0
    return np.where(gone, codes.max(initial=0) + 1 + np.cumsum(gone), codes)


def _constant(design: Design, name: str, codes: np.ndarray) -> bool:
    """Whether a hyperparameter is the same within every group of several runs, and not by accident."""
    value = cell_codes(design.sweep.values(name))
    active = value >= 0
    if not active.any() or len(np.unique(value[active])) < 2:
        return False
    values, groups = pd.Series(value[active]), codes[active]
    inside = values.groupby(groups)
    size = inside.size()
    if (inside.nunique() > 1).any() or size[size > 1].sum() < 0.5 * len(values):
        return False
    share = values.value_counts(normalize=True).to_numpy()
    return bool(np.log((share[None, :] ** size[size > 1].to_numpy()[:, None]).sum(axis=1)).sum() < np.log(ACCIDENT))


def label_of(design: Design, column: str, codes: np.ndarray, set_for: list[str]) -> bool:
    """Whether an identifier only names the values that it goes with, as adam-large does, and no circumstance."""
    together = same_rows([cell_codes(design.sweep.values(name)) for name in set_for], len(codes))
    decided = bool((pd.Series(codes).groupby(together).nunique() == 1).all())
    return decided and not CIRCUMSTANCES & set(words(column))


def _stretches(design: Design) -> dict[str, np.ndarray]:
    """Hyperparameters that stay the same over long stretches of rows, as where jobs of many runs follow each other.

    Not in a nested loop or a sorted table, where each combination of what changes slowly comes once.
    """
    sweep, matched = design.sweep, design.matched_runs
    if sorted_by_result(sweep):
        return {}
    shared = design.unit.codes if matched is None else matched.shared
    if shared is None:
        return {}
    # Repeats, and runs that share all but one value, follow each other: they are one draw.
    unit = pd.factorize(shared)[0]
    # Counted in order of appearance: a number that was not yet there is the first row of its draw.
    rows = np.flatnonzero(np.diff(np.maximum.accumulate(unit), prepend=-1))
    n, slow = len(rows), dict[str, np.ndarray]()
    for h in sweep.space:
        value = cell_codes(sweep.values(h.name))[rows]
        counts = np.bincount(value + 1)
        if h.condition is not None or np.count_nonzero(counts) < 2:
            continue
        changes = np.diff(value) != 0
        apart = float(1 - (counts**2).sum() / n**2)
        expected, spread = apart * (n - 1), np.sqrt((n - 1) * apart * (1 - apart)) + 1
        if changes.sum() <= expected / 3 and normal_sf((expected - changes.sum()) / spread) < ACCIDENT:
            slow[h.name] = np.concatenate([[0], np.cumsum(changes)])
    if not slow or _is_loop(design, rows, slow):
        return {}
    return {name: stretch[unit] for name, stretch in slow.items()}


def _is_loop(design: Design, rows: np.ndarray, slow: dict[str, np.ndarray]) -> bool:
    """Whether what changes slowly is the outside of a nested loop, or what rows are sorted by.

    The slowest goes once through its values, perhaps on each data set, and each combination comes once.
    """
    sweep = design.sweep
    block = sweep.block[rows]
    if np.count_nonzero(np.diff(block)) > len(rows) / 3:
        # Data sets that come in turn are no loop around the others.
        block = np.zeros(len(rows), dtype=np.int64)
    stretch = same_rows([block, *slow.values()], len(rows))
    moved = np.concatenate([[0], np.cumsum(np.diff(stretch) != 0)])
    first = np.unique(moved, return_index=True)[1]
    values = {name: cell_codes(sweep.values(name))[rows][first] for name in slow}
    if same_rows([block[first], *values.values()], len(first)).max() + 1 < len(first):
        return False
    slowest = min(slow, key=lambda name: int(slow[name][-1]))
    if not sweep.space[slowest].has_levels and not is_monotone(sweep.values(slowest).to_numpy(float)[rows]):
        return False
    different = len(np.unique(values[slowest]))
    on_each = same_rows([block[first], values[slowest]], len(first)).max() + 1
    return int(slow[slowest][-1]) + 1 in (different, on_each)
