"""What to try next within a box? Optuna's TPE, on a study of its own that knows the box alone (extra `optuna`).

The study holds the trials inside the box, with distributions that end where the box ends. A study with the whole ranges
would propose outside, and one whose ranges change falls back to random draws.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from hpanalysis.errors import UserError
from hpanalysis.search.plan import Configuration, Scalar
from hpanalysis.search.strategies.box import Box
from hpanalysis.search.strategies.proposal import Trial
from hpanalysis.sweeps.space import Hyperparameter, Level

if TYPE_CHECKING:
    from optuna import Study
    from optuna import Trial as OptunaTrial
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler
    from optuna.study import StudyDirection

CANDIDATES = 24


def need_optuna(strategy: str) -> None:
    """See that Optuna is there.

    Raises
    ------
    UserError
        If it is not.
    """
    if find_spec("optuna") is None:
        raise UserError(
            f"the strategy {strategy} needs Optuna, which is not installed; install it with: "
            "pip install 'hpanalysis[optuna]', or choose the strategy random."
        )


class Engine:
    """Proposals by TPE, multivariate and with conditional groups, from one error or from error and cost.

    What it proposes follows from its arguments alone: the study is kept between calls and made anew when the box or
    what is fixed changes, and every call has a sampler with its own seed.

    Parameters
    ----------
    with_cost
        Whether the cost is an objective, too.
    """

    def __init__(self, *, with_cost: bool = False):
        self._with_cost = with_cost
        self._study: Study | None = None
        self._made_for: tuple[Box, Configuration] | None = None
        self._seen = 0

    def ask(self, box: Box, told: Sequence[Trial], seed: int, fixed: Configuration | None = None) -> Configuration:
        """A configuration of the box.

        Parameters
        ----------
        box
            Where to look.
        told
            Results, in the order of their runs; those outside the box are passed over, and failed ones count as worse
            than all others (with two objectives they are passed over).
        seed
            Of this proposal.
        fixed
            Values that are not searched; the trials are compared in the others alone.
        """
        from optuna.trial import TrialState

        fixed = fixed or {}
        if self._made_for != (box, fixed) or len(told) < self._seen or self._study is None:
            self._study, self._made_for, self._seen = new_study(["minimize"] * (1 + self._with_cost)), (box, fixed), 0
        study, space = self._study, box.narrowed()
        for trial in told[self._seen :]:
            if box.holds(trial.values, space):
                self._add(study, space.hyperparameters, trial, fixed)
        self._seen = len(told)
        study.sampler = tpe(seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trial = study.ask()
            values: Configuration = {}
            for h in space:
                if h.condition and not h.condition.holds(values):
                    continue
                if h.name in fixed:
                    values[h.name] = fixed[h.name]
                    continue
                values[h.name] = _suggest(trial, h)
        study.tell(trial, state=TrialState.FAIL)  # its result comes as a trial of its own
        return values

    def _add(self, study: Study, space: Sequence[Hyperparameter], trial: Trial, fixed: Configuration) -> None:
        from optuna.trial import TrialState, create_trial

        failed = trial.error is None or (self._with_cost and trial.cost is None)
        if failed and self._with_cost:
            return
        free = [h for h in space if h.name in trial.values and h.name not in fixed]
        values = [v for v in (trial.error, trial.cost if self._with_cost else None) if v is not None]
        study.add_trial(
            create_trial(
                state=TrialState.PRUNED if failed else TrialState.COMPLETE,
                values=None if failed else values,
                params={h.name: _inner(h, trial.values[h.name]) for h in free},
                distributions={h.name: distribution(h) for h in free},
            )
        )


def tpe(seed: int) -> BaseSampler:
    """TPE, multivariate and with conditional groups; random where it knows no trial."""
    from optuna.samplers import TPESampler

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that arguments of the sampler may change
        return TPESampler(n_startup_trials=1, n_ei_candidates=CANDIDATES, seed=seed, multivariate=True, group=True)


def new_study(directions: Sequence[str | StudyDirection]) -> Study:
    """A study in memory, made without a word in the log."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return optuna.create_study(directions=directions)
    finally:
        optuna.logging.set_verbosity(before)


def distribution(h: Hyperparameter) -> BaseDistribution:
    """The distribution of a hyperparameter in Optuna; ordered levels are whole numbers from 0."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if h.kind == "ordinal":
        return IntDistribution(0, len(h.levels) - 1)
    if h.has_levels:
        return CategoricalDistribution(h.levels)
    low, high = h.ends
    if h.kind == "integer":
        return IntDistribution(int(low), int(high), log=h.log, step=int(h.step or 1))
    return FloatDistribution(low, high, log=h.log, step=h.step)


def _inner(h: Hyperparameter, value: Scalar) -> Level:
    return int(h.codes([value])[0]) if h.kind == "ordinal" else value


def _suggest(trial: OptunaTrial, h: Hyperparameter) -> Scalar:
    if h.kind == "ordinal":
        return h.levels[int(trial.suggest_int(h.name, 0, len(h.levels) - 1))]
    if h.has_levels:
        level: Level = trial.suggest_categorical(h.name, h.levels)
        return level
    low, high = h.ends
    if h.kind == "integer":
        return int(trial.suggest_int(h.name, int(low), int(high), log=h.log, step=int(h.step or 1)))
    # As draws are written: what another processor does in the last digits is no other proposal.
    value = float(f"{trial.suggest_float(h.name, low, high, log=h.log, step=h.step):.12g}")
    return min(max(value, low), high)
