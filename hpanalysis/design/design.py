"""What can a sweep answer? One view of it, prepared once and passed along to every question.

A question asks a design for the groups of a hyperparameter, for what counts as one piece of evidence, for outcomes
prepared for comparison. Each is worked out at most once, when it is first asked for, and kept here: a sweep itself
never changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from hpanalysis.design import groups as grouping
from hpanalysis.design import matched_runs as matching
from hpanalysis.design.balance import STOPPED, Balance, measure_balance, observational, stopped_share
from hpanalysis.design.best_fraction import BEST, BestFraction, best_fraction
from hpanalysis.design.duplicates import Duplicates, find_duplicates
from hpanalysis.design.groups import BINS, Groups
from hpanalysis.design.matched_runs import MatchedRuns
from hpanalysis.design.outcome_checks import stuck_runs
from hpanalysis.design.outcomes import failed_outcome, outcomes_of, ranks_of, tie_share_of, worth_of
from hpanalysis.design.regression import regression_of
from hpanalysis.errors import UserError
from hpanalysis.statistics.best_of_k import Draws, default_k, smallest_cell
from hpanalysis.statistics.outcomes import Outcomes
from hpanalysis.statistics.score_tests import Regression
from hpanalysis.sweeps.sweep import Sweep


@dataclass(frozen=True)
class Unit:
    """What counts as one piece of evidence.

    Parameters
    ----------
    kind
        "configuration": a configuration with its repeats counts once. "run": every run counts, as every possible
        configuration was tried over and over.
    codes
        The same number for runs that are one piece of evidence, shape (runs,).
    """

    kind: Literal["configuration", "run"]
    codes: np.ndarray


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
        self._groups: dict[tuple[str, int], Groups] = {}
        self._positions: dict[str, np.ndarray] = {}

    @classmethod
    def of(cls, subject: Sweep | Design) -> Design:
        """The design of a sweep; a design stays what it is, so that what was prepared is used again."""
        return subject if isinstance(subject, Design) else cls(subject)

    def subset(self, keep: np.ndarray) -> Design:
        """The design of some of the runs; bool, shape (runs,)."""
        return Design(self.sweep.subset(keep))

    def groups(self, name: str, bins: int = BINS) -> Groups:
        """The runs by the value of a hyperparameter; a range is cut into slices, see `groups.group`."""
        if (name, bins) not in self._groups:
            self._groups[name, bins] = grouping.group(self.sweep, name, bins)
        return self._groups[name, bins]

    def position(self, name: str) -> np.ndarray:
        """Position of each run in the search measure, shape (runs,), in [0, 1], NaN where inactive or missing."""
        if name not in self._positions:
            self._positions[name] = self.sweep.space[name].to_unit(self.sweep.values(name))
        return self._positions[name]

    def columns(self, name: str, degree: int = 3) -> np.ndarray:
        """Regression columns of a hyperparameter, shape (runs, columns), zeros where it is inactive or missing.

        Levels become indicators (the first level left out), a range becomes Legendre polynomials up to `degree` of
        the position in the search measure.
        """
        if self.sweep.space[name].has_levels:
            return self.groups(name).indicators
        return grouping.polynomials(self.position(name), degree)

    def inactive(self, name: str) -> np.ndarray:
        """Whether a hyperparameter has no value in a run, bool, shape (runs,)."""
        return self.groups(name).codes < 0

    def comparable(self, smallest: int = 8) -> tuple[str, ...]:
        """Hyperparameters with at least two groups of `smallest` runs or more, in the order of the space."""
        sizes = {h.name: self.groups(h.name).sizes for h in self.sweep.space}
        return tuple(name for name, size in sizes.items() if (size >= smallest).sum() >= 2)

    @cached_property
    def unit(self) -> Unit:
        """What counts as one piece of evidence, whatever is compared.

        Repeats share the luck of their configuration, so that they count once. Where every possible configuration was
        tried more than once on average there is no such luck left: the runs of each are independent, and each counts,
        unless they seem to be copies of each other.
        """
        sweep, possible = self.sweep, len(self.sweep.datasets)
        for h in sweep.space:
            if not h.has_levels:
                return Unit("configuration", sweep.configuration)
            possible *= max(len(self.groups(h.name).labels), 1)
        if 2 * possible <= len(sweep) and not self.duplicates.extra.any():
            return Unit("run", np.arange(len(sweep)))
        return Unit("configuration", sweep.configuration)

    def units(self, *names: str) -> np.ndarray:
        """What counts as one piece of evidence on some hyperparameters, shape (runs,): matched runs too, if any."""
        return self.unit.codes if self.matched_runs is None else self.matched_runs.units(*names)

    @cached_property
    def duplicates(self) -> Duplicates:
        """Runs that seem to be copies of another run of their configuration."""
        return find_duplicates(self.sweep)

    @cached_property
    def matched_runs(self) -> MatchedRuns | None:
        """The configurations that differ in a single hyperparameter; None where they are few."""
        return matching.find_matched_runs(self)

    @cached_property
    def balance(self) -> Balance:
        """How the values of hyperparameters are associated with each other and with the data set."""
        return measure_balance(self)

    @property
    def adaptive(self) -> bool:
        """Whether the runs seem to be chosen by earlier results."""
        return self.balance.adaptive

    @cached_property
    def observational(self) -> tuple[str, ...]:
        """Hyperparameters of which a difference may be another one's, or the choice of the runs."""
        return observational(self)

    @property
    def weakened(self) -> Literal["", "adaptive", "stopped early", "associated"]:
        """Why comparisons are observational where they are: the first reason that holds."""
        if self.adaptive:
            return "adaptive"
        return "stopped early" if stopped_share(self) >= STOPPED else "associated" if self.observational else ""

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
        return Draws(self.worth, self.unit.codes, self.sweep.block, places, independent=not self.adaptive)

    def k_of_best(self, k: int | None, codes: np.ndarray, groups: int) -> int:
        """The draws of a best of k: those asked for, else the sweep's own, else what the smallest cell can bear.

        Raises
        ------
        UserError
            If fewer than one is asked for.
        """
        if k is not None and k < 1:
            raise UserError(f"k is {k}; choose 1 or more draws, or leave it out.")
        return k or self.sweep.k or default_k(smallest_cell(self.sweep.block, codes, groups))

    def best_fraction(self, share: float = BEST) -> BestFraction:
        """The best configurations of each data set, see `best_fraction.best_fraction`."""
        return best_fraction(self.sweep, self.worth, share)

    @cached_property
    def _outcomes(self) -> Outcomes:
        return outcomes_of(self.sweep, self.failed_outcome, self.unit.codes)

    def outcomes(self, *names: str) -> Outcomes:
        """What is compared, prepared to compare the levels of some hyperparameters; of none, whatever is compared."""
        return self._outcomes.about(self.units(*names), self.confounders(*names)) if names else self._outcomes

    def confounders(self, *names: str) -> np.ndarray | None:
        """What a comparison is adjusted for: columns of every hyperparameter but the named ones, (runs, columns).

        None unless the runs seem to be chosen by earlier results: independent draws need no adjustment.
        """
        if not self.adaptive:
            return None
        parts = []
        for h in self.sweep.space:
            if h.name in names:
                continue
            parts.append(self.columns(h.name))
            # A condition on a named one is left out: it would take that one's effect away.
            gone = self.inactive(h.name)
            if gone.any() and (h.condition is None or h.condition.hyperparameter not in names):
                parts.append(gone[:, None].astype(float))
        return np.column_stack(parts) if parts else None

    def regression(self, names: Sequence[str]) -> Regression:
        """The configurations as rows of a regression on the named hyperparameters, repeats collapsed to their mean."""
        return regression_of(self, names)

    @property
    def adjustment_caveats(self) -> tuple[str, ...]:
        """What to say beside differences that are adjusted: nothing, or one sentence."""
        if not self.adaptive:
            return ()
        return (
            "The runs seem to be chosen by earlier results: differences are those at equal values of the other "
            "hyperparameters, where a data set has runs enough for a regression on them, and observational.",
        )
