"""What can a sweep answer? One view of it, prepared once and passed along to every question.

A question asks a design for the groups of a hyperparameter, for what counts as one piece of evidence, for outcomes
prepared for comparison. Each is worked out once, when it is first asked for, and kept: a sweep itself never changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from hpanalysis.design import groups as grouping
from hpanalysis.design import matched_runs as matching
from hpanalysis.design import tuning
from hpanalysis.design import units as evidence
from hpanalysis.design.adaptivity import comes_back, is_adaptive
from hpanalysis.design.balance import ADJUSTED, DATA_SET, Balance, measure_balance
from hpanalysis.design.best_fraction import BestFraction, best_fraction
from hpanalysis.design.circumstances import Circumstance, find_circumstances, time_of
from hpanalysis.design.duplicates import Duplicates, find_duplicates
from hpanalysis.design.groups import Groups
from hpanalysis.design.matched_runs import MatchedRuns
from hpanalysis.design.order import Order, find_order
from hpanalysis.design.outcome_checks import FEW_RUNS, stuck_runs
from hpanalysis.design.outcomes import UNDECLARED, failed_outcome, far_of, outcomes_of, ranks_of, tie_share_of, worth_of
from hpanalysis.design.predictions import Predictions, levels_in_grid
from hpanalysis.design.reasons import Reason, find_reasons
from hpanalysis.design.regression import confounders_of, regression_of
from hpanalysis.design.stages import Stages, find_stages
from hpanalysis.design.units import Plot, Unit
from hpanalysis.errors import UserError, choices
from hpanalysis.statistics.best_of_k import Draws, default_k, smallest_cell
from hpanalysis.statistics.chosen import Chosen
from hpanalysis.statistics.outcomes import Outcomes
from hpanalysis.statistics.results import Significance
from hpanalysis.statistics.score_tests import Regression, act_together, connected
from hpanalysis.sweeps.space import level_key
from hpanalysis.sweeps.sweep import Sweep


class Design:
    """A sweep prepared for questions.

    Parameters
    ----------
    sweep
        The runs.

    Examples
    --------
    >>> from hpanalysis import toys
    >>> from hpanalysis.design.design import Design
    >>> design = Design(toys.make(toys.ADDITIVE, 300, 0))
    >>> design.groups("augmentation").labels
    ('off', 'on')
    >>> design.adaptive, design.unit.kind
    (False, 'configuration')
    """

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self._groups: dict[str, Groups] = {}
        self._kept: dict[str, Groups] = {}
        self._positions: dict[str, np.ndarray] = {}
        self._regressions: dict[tuple[str, ...], Regression] = {}

    @classmethod
    def of(cls, subject: Sweep | Design) -> Design:
        """The design of a sweep; a design stays what it is, so that what was prepared is used again."""
        return subject if isinstance(subject, Design) else cls(subject)

    def subset(self, keep: np.ndarray) -> Design:
        """The design of some of the runs; bool, shape (runs,)."""
        return Design(self.sweep.subset(keep))

    def groups(self, name: str) -> Groups:
        """The runs by the value of a hyperparameter; a range is cut into slices, see `groups.group`.

        Without those that were made again, see `again`; and where levels came and went with the time, or with an
        identifier, only the runs among which all were tried.
        """
        g, found = self.all_groups(name), self.circumstances.get(name)
        within = found is not None and found.found == "within"
        if not within and not self.again.any():
            return g
        if name not in self._kept:
            keep = ~self.again & found.keep if found is not None and within else ~self.again
            self._kept[name] = replace(g, codes=np.where(keep, g.codes, -1))
        return self._kept[name]

    @cached_property
    def again(self) -> np.ndarray:
        """Runs of a configuration beyond as many as most have, shape (runs,): made again for what came out at first."""
        return evidence.again(self)

    def all_groups(self, name: str) -> Groups:
        """The runs by the value of a hyperparameter, whenever they were made."""
        if name not in self._groups:
            self._groups[name] = grouping.group(self.sweep, name)
        return self._groups[name]

    @property
    def data_sets(self) -> Groups:
        """The runs by data set."""
        return Groups(DATA_SET, self.sweep.block, self.sweep.datasets, False, False)

    def position(self, name: str) -> np.ndarray:
        """Position of each run in the search measure, shape (runs,), in [0, 1], NaN where inactive or missing."""
        if name not in self._positions:
            self._positions[name] = self.sweep.space[name].to_unit(self.sweep.values(name))
        return self._positions[name]

    def columns(self, name: str) -> np.ndarray:
        """Regression columns of a hyperparameter, shape (runs, columns), zeros where it is inactive or missing.

        Levels become indicators (the first level left out), a range becomes three Legendre polynomials of the position
        in the search measure.
        """
        g = self.groups(name)
        if self.sweep.space[name].has_levels:
            return g.indicators
        return grouping.polynomials(np.where(g.codes >= 0, self.position(name), np.nan), 3)

    def inactive(self, name: str) -> np.ndarray:
        """Whether a hyperparameter has no value in a run, bool, shape (runs,)."""
        return self.groups(name).codes < 0

    def levels_of(self, name: str) -> Groups:
        """The groups of a hyperparameter whose levels are to be compared.

        Raises
        ------
        UserError
            If it has a single one.
        """
        g = self.groups(name)
        if len(g.labels) < 2:
            raise UserError(
                f"{name!r} has the one level {choices(g.labels)}; choose a hyperparameter with two or more."
            )
        return g

    def applies(self, name: str) -> np.ndarray:
        """Whether the condition of a hyperparameter holds, bool, shape (runs,); always where it has none."""
        condition = self.sweep.space[name].condition
        if condition is None:
            return np.ones(len(self.sweep), dtype=bool)
        parent = self.sweep.values(condition.hyperparameter).map(level_key, na_action="ignore")
        return parent.isin([level_key(value) for value in condition.values]).to_numpy(bool)

    def comparable(self, names: Sequence[str] = ()) -> tuple[str, ...]:
        """The named hyperparameters, or all with at least two groups of 8 runs or more, in the order of the space.

        Raises
        ------
        UserError
            If a named one cannot be compared.
        """
        able = tuple(h.name for h in self.sweep.space if (self.groups(h.name).sizes >= FEW_RUNS).sum() >= 2)
        for name in names:
            if name not in able:
                raise UserError(
                    f"{name!r} cannot be compared: fewer than two of its values have {FEW_RUNS} runs; choose among "
                    f"{choices(able) or 'none'}."
                )
        return tuple(name for name in able if name in (names or able))

    def others_of(self, hyperparameter: str, by: str | Sequence[str]) -> tuple[str, ...]:
        """The other hyperparameters by whose levels one is asked for.

        Raises
        ------
        UserError
            If one is unknown or the hyperparameter itself, or there is none.
        """
        legal = [name for name in self.sweep.space.names if name != hyperparameter]
        names = (by,) if isinstance(by, str) else tuple(by)
        wrong = next((repr(name) for name in names if name not in legal), None if names else "empty")
        if wrong:
            raise UserError(
                f"by is {wrong}; choose dataset, None, or another hyperparameter: {choices(legal) or 'none'}."
            )
        return names

    def places_of(self, dataset: str | None) -> tuple[str, ...]:
        """The data set that was asked for, or all of them.

        Raises
        ------
        UserError
            If there is no such data set.
        """
        datasets = self.sweep.datasets
        if dataset not in (None, *datasets):
            raise UserError(f"{dataset!r} is not a data set of this sweep; choose one of {choices(datasets)}.")
        return datasets if dataset is None else (dataset,)

    @cached_property
    def repeats(self) -> Unit:
        """Which runs repeat a configuration on its data set: their results are averaged before anything is tested."""
        return evidence.repeats(self)

    @cached_property
    def unit(self) -> Unit:
        """What counts as one piece of evidence, whatever is compared: the repeats of a configuration, or more."""
        return evidence.find_unit(self)

    @cached_property
    def plots(self) -> dict[str, Plot]:
        """Hyperparameters that were set for whole jobs, hosts, seeds or stretches of rows: these are their units."""
        return evidence.find_plots(self)

    def units(self, *names: str) -> np.ndarray:
        """Code of what counts as one piece of evidence on some hyperparameters, shape (runs,).

        The unit of evidence of the sweep, with the matched runs, jobs or stretches of rows that these share beside.
        """
        own = [self.unit.codes] if self.matched_runs is None else [self.matched_runs.units(*names)]
        own += [self.unit.codes] if self.unit.kind == "declared" and self.matched_runs is not None else []
        return connected([*own, *(self.plots[name].codes for name in names if name in self.plots)])

    @cached_property
    def order(self) -> Order:
        """The order of the runs in time, if it is known."""
        return find_order(self.sweep)

    @cached_property
    def circumstances(self) -> dict[str, Circumstance]:
        """Hyperparameters whose levels hang together with the time or an identifier; none where all were chosen."""
        return {} if self.adaptive else find_circumstances(self)

    @cached_property
    def duplicates(self) -> Duplicates:
        """Runs that seem to be copies of another run of their configuration."""
        return find_duplicates(self.sweep)

    @cached_property
    def stages(self) -> Stages | None:
        """The stages of a study that was tuned by hand; None where it was not."""
        return find_stages(self)

    @cached_property
    def matched_runs(self) -> MatchedRuns | None:
        """The configurations that differ in a single hyperparameter; None where they are few."""
        return matching.find_matched_runs(self)

    @cached_property
    def balance(self) -> Balance:
        """How the values of hyperparameters are associated with each other and with the data set."""
        return measure_balance(self)

    @cached_property
    def loops(self) -> dict[str, np.ndarray]:
        """Hyperparameters whose levels came one after the other in a grid -> the time of each run, shape (runs,)."""
        time, found = time_of(self), self.circumstances.items()
        return {} if time is None else {name: time for name, one in found if one.found == "loop"}

    @cached_property
    def adaptive(self) -> bool:
        """Whether the runs seem to be chosen by earlier results: told by a tracker, or from order or balance."""
        return is_adaptive(self)

    @cached_property
    def comes_back(self) -> float:
        """How much more often than by chance runs come back to what was best before them, in standard errors."""
        return comes_back(self)

    @cached_property
    def reasons(self) -> dict[str, Reason]:
        """Hyperparameters of which a difference may be another one's, or the choice of the runs, and why."""
        return find_reasons(self)

    @property
    def observational(self) -> tuple[str, ...]:
        """Hyperparameters of which a difference may be another one's, or the choice of the runs."""
        return tuple(self.reasons)

    @cached_property
    def stuck(self) -> tuple[str, ...]:
        """Data sets on which complete runs share the bottom of the scale, as failures do that nobody called so."""
        return tuple(found.dataset for found in stuck_runs(self))

    @cached_property
    def failed_outcome(self) -> float | None:
        """The declared value of a failed run on the scale of `Sweep.outcome`; None where none may be used."""
        return failed_outcome(self.sweep)

    @property
    def every_run(self) -> bool:
        """Whether each run has a value of the metric: its own, or the declared one of a failure."""
        return bool(self.sweep.ok.all()) or self.failed_outcome is not None

    def unless_every_run(self, what: str) -> list[str]:
        """A caveat on what is said, where failed runs have no declared value that could be used."""
        return [] if self.every_run else [f"{what}: {UNDECLARED}."]

    @cached_property
    def far(self) -> np.ndarray:
        """Complete runs far below all others of their data set, bool, shape (runs,), see `outcomes.far_of`."""
        return far_of(self.sweep)

    @cached_property
    def ranks(self) -> np.ndarray:
        """Mid-rank of each run within its data set, shape (runs,), in (0, 1), best highest, failed runs lowest."""
        return ranks_of(self.sweep)

    @cached_property
    def tie_share(self) -> float:
        """Share of the pairs of runs on one data set that tie; data sets weigh equally."""
        return tie_share_of(self.sweep)

    @cached_property
    def worth(self) -> np.ndarray:
        """Score of every run, shape (runs,), best highest; failures at their declared value, else at the worst seen."""
        return worth_of(self.sweep, self.failed_outcome)

    @cached_property
    def draws(self) -> Draws:
        """The runs as draws from the space, for the best of k."""
        places = len(self.sweep.datasets)
        score = np.where(self.again, np.nan, self.worth)
        return Draws(score, self.unit.codes, self.sweep.block, places, independent=not self.adaptive)

    @cached_property
    def drawn(self) -> Chosen:
        """What chooses the best of k runs, with the k of the report, see `tuning.drawn`."""
        return tuning.drawn(self)

    def chosen(self, k: int | None = None) -> Chosen | None:
        """The same with another k if one is named; None where runs were chosen by earlier results."""
        return None if self.adaptive else self.drawn.drawing(k or self.drawn.k)

    def k_of_levels(self, codes: np.ndarray, groups: int) -> int:
        """The draws of a best of k at every level of one hyperparameter: those of the report, or what they can bear."""
        return self.sweep.k or min(self.drawn.k, default_k(smallest_cell(self.sweep.block, codes, groups)))

    def k_of_cells(self, cell: np.ndarray, cells: int) -> int:
        """The draws of a best of k in every cell of a pair: those of the report, else as many as the cells bear.

        0 where they bear fewer than the fewest of a report.
        """
        able, usual = default_k(smallest_cell(self.sweep.block, cell, cells)), self.drawn.k
        return next((k for k in (usual, *tuning.DRAWS) if k <= min(able, usual)), 0)

    def best_fraction(self) -> BestFraction:
        """The best configurations of each data set, see `best_fraction.best_fraction`."""
        return best_fraction(self.sweep, self.worth)

    @cached_property
    def _outcomes(self) -> Outcomes:
        spans = self.unit.kind in ("configuration across data sets", "declared") or bool(self.plots)
        return replace(outcomes_of(self.sweep, self.failed_outcome, self.unit.codes), across=spans)

    def outcomes(self, *names: str) -> Outcomes:
        """What is compared, prepared to compare the levels of some hyperparameters; of none, whatever is compared."""
        if not names:
            return self._outcomes
        return self._outcomes.about(self.units(*names), self.confounders(*names), self.expected(*names))

    @cached_property
    def _predictions(self) -> Predictions | None:
        return Predictions.of(self)

    def expected(self, *names: str) -> np.ndarray | None:
        """What the other hyperparameters say of each run: of its rank, of failing, of its metric, shape (runs, 3).

        None where the runs do not seem to be independent draws, or these hyperparameters hang together with others:
        their levels differ in the others by more than luck.
        """
        if self.adaptive or self.matched_runs is not None or set(names) & set(self.observational):
            return None
        if not np.array_equal(self.units(*names), self.unit.codes):
            return None
        return None if self._predictions is None else self._predictions.without(names, levels_in_grid(self, names))

    def confounders(self, *names: str) -> np.ndarray | None:
        """What a comparison is adjusted for: columns of every hyperparameter but the named ones, (runs, columns).

        None unless the runs seem to be chosen by earlier results: independent draws need no adjustment.
        """
        return confounders_of(self, names) if self.adaptive else None

    def regression(self, names: Sequence[str]) -> Regression:
        """The configurations as rows of a regression on the named hyperparameters, repeats collapsed to their mean."""
        if tuple(names) not in self._regressions:
            self._regressions[tuple(names)] = regression_of(self, names)
        return self._regressions[tuple(names)]

    def act_together(self, hyperparameter: str, other: str) -> Significance:
        """The test whether two hyperparameters act together on the mean, beside all that can be compared."""
        names = tuple(dict.fromkeys([*self.comparable(), hyperparameter, other]))
        return act_together(self.regression(names), (hyperparameter, other))

    @property
    def adjustment_caveats(self) -> tuple[str, ...]:
        """What to say beside differences that are adjusted: nothing, or one sentence."""
        return (ADJUSTED,) if self.adaptive else ()
