"""The guided search as a sampler of Optuna, for a study of your own (extra `optuna`).

    sampler = GuidedSampler(cheap=("n_units", "n_layers"), trials=100)
    study = optuna.create_study(sampler=sampler, storage="sqlite:///study.db")
    study.optimize(objective, n_trials=100)

Each trial is proposed by a base sampler on a study of its own: the trials inside the box, with distributions that end
where the box ends. So any sampler can be the base, and conditional spaces, running and pruned trials and several
objectives are its business as ever. All follows from what the storage holds, so that a study can be continued.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.study import StudyDirection
from optuna.trial import TrialState, create_trial

from hpanalysis.errors import UserError
from hpanalysis.search.strategies.box import HALF, Box
from hpanalysis.search.strategies.engine import distribution, new_study, tpe
from hpanalysis.search.strategies.proposal import Asked, Trial
from hpanalysis.search.strategies.scheduled import GUIDED, NOTHING, Scheduled, Stage
from hpanalysis.sweeps.space import Hyperparameter, Space

if TYPE_CHECKING:
    from optuna import Study
    from optuna import Trial as OptunaTrial
    from optuna.trial import FrozenTrial

PHASE, REASON = "hpanalysis:phase", "hpanalysis:reason"
CUT = ("uniform", "cheap")  # phases in which cost drivers are cut
KNOWN = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)


class GuidedSampler(BaseSampler):  # type: ignore[misc]
    """Cheap values of the cost drivers first, dearer ones when HSIC says that the best trials want them, then all.

    Parameters
    ----------
    cheap
        The parameters that drive the cost: numbers, of which low values are the cheap ones.
    trials
        How many trials the study is to have: the phases are shares of them. Any further trial is open.
    base
        A function of a seed that gives the sampler which proposes; TPE, multivariate and in groups, unless named.
    seed
        Of the search.

    Raises
    ------
    UserError
        If no cost driver is named, or there are no trials.

    Notes
    -----
    A trial says its phase and its reason in the system attributes "hpanalysis:phase" and "hpanalysis:reason". The best
    trials are those by the first objective; failed and pruned ones count as the worst. In the last phase the five best
    are proposed three times more: where the objective is noisy, pick by the mean of those.

    Examples
    --------
    >>> study = new_study(["minimize"])
    >>> study.sampler = GuidedSampler(cheap=("n_units",), trials=20)
    >>> for _ in range(6):
    ...     trial = study.ask()
    ...     _ = study.tell(trial, -trial.suggest_int("n_units", 1, 100))
    >>> max(trial.params["n_units"] for trial in study.trials) <= 50
    True
    """

    def __init__(self, *, cheap: Sequence[str], trials: int, base: Callable[[int], BaseSampler] = tpe, seed: int = 0):
        if isinstance(cheap, str) or not cheap:
            raise UserError(f"cheap is {cheap!r}; name the parameters that drive the cost, in a list.")
        self._asked = Asked("guided", trials, tuple(cheap), seed)
        self._base = base
        self._schedule: tuple[Scheduled, Space, list[tuple[int, float | None]]] | None = None
        self._shadow: tuple[object, Study, set[int]] | None = None
        self._asking: dict[int, tuple[Study, OptunaTrial, Stage, Mapping[str, Any]]] = {}
        self._lock = Lock()

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Nothing: a parameter is proposed when the objective names it."""
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Nothing, see `infer_relative_search_space`."""
        return {}

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        """Decide on the phase of a trial, and let the base sampler look at the trials of its box."""
        others = [t for t in study.get_trials(deepcopy=False) if t.number != trial.number]
        told = [_told(t, study.directions[0]) for t in others if t.state.is_finished()]
        schedule = self._scheduled(Space(tuple(_drivers(others, self._asked.cheap))), told)
        stage, again = schedule.stage(trial.number, told), dict[str, Any]()
        if stage.phase == "confirm":
            best = schedule.confirmable(told)
            if best:
                one = best[min(schedule.rank(trial.number), len(best) - 1)]
                again = dict(one.values)
                stage = Stage("confirm", stage.box, f"the parameters of trial {one.run}, {stage.reason}")
            else:
                stage = Stage("open", stage.box, NOTHING)
        seed = int(np.random.default_rng([self._asked.seed, trial.number]).integers(2**31))
        with self._lock:
            shadow, running = self._shadow_of(study, others, stage)
            shadow.sampler = RandomSampler(seed=seed) if stage.phase == "uniform" else self._base(seed)
            self._asking[trial._trial_id] = (shadow, shadow.ask(), stage, again)
            for number in running:
                shadow.tell(number, state=TrialState.FAIL)  # what comes of it is told later
        for key, text in ((PHASE, stage.phase), (REASON, stage.reason)):
            study._storage.set_trial_system_attr(trial._trial_id, key, text)

    def sample_independent(self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: Any) -> Any:
        """The value of one parameter."""
        _, asked, stage, again = self._asking[trial._trial_id]
        known = again.get(param_name)
        if known is not None and param_distribution._contains(param_distribution.to_internal_repr(known)):
            return known
        return _suggest(asked, param_name, self._cut(param_name, param_distribution, stage))

    def after_trial(self, study: Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None) -> None:
        """Forget what was made for a trial."""
        with self._lock:
            shadow, asked, *_ = self._asking.pop(trial._trial_id)
            shadow.tell(asked, state=TrialState.FAIL)

    def _shadow_of(self, study: Study, others: list[FrozenTrial], stage: Stage) -> tuple[Study, list[int]]:
        """The study that proposes, and the numbers of its running trials, which are of other processes."""
        key = (tuple(stage.box.shares.items()), stage.phase in CUT, study._study_id)
        if self._shadow is None or self._shadow[0] != key:
            self._shadow = (key, new_study(study.directions), set())
        _, shadow, there = self._shadow
        narrowed = stage.box.narrowed()
        cut = cache(lambda name, given: self._cut(name, given, stage))
        running = []
        for t in others:
            mine = t.number in there or t._trial_id in self._asking
            if t.state not in KNOWN or mine or not stage.box.holds(t.params, narrowed):
                continue
            shadow.add_trial(_inside(t, cut))
            if t.state == TrialState.RUNNING:
                running.append(shadow.get_trials(deepcopy=False)[-1].number)
            else:
                there.add(t.number)
        return shadow, running

    def _scheduled(self, space: Space, told: list[Trial]) -> Scheduled:
        # Checks that were made are not made again, unless another process has finished an earlier trial since.
        seen = [(t.run, t.error) for t in told]
        if self._schedule is None or self._schedule[1] != space or seen[: len(self._schedule[2])] != self._schedule[2]:
            asked = Asked("guided", self._asked.runs, space.names, self._asked.seed)
            self._schedule = (Scheduled(space, asked, GUIDED), space, seen)
        self._schedule = (self._schedule[0], space, seen)
        return self._schedule[0]

    def _cut(self, name: str, given: BaseDistribution, stage: Stage) -> BaseDistribution:
        h = _hyperparameter(name, given) if name in self._asked.cheap else None
        if h is None or stage.phase not in CUT:
            return given
        # What no trial has named yet is cut in half, too.
        known = name in stage.box.space
        share = stage.box.shares.get(name) if known else HALF
        return given if share is None else distribution(Box(Space((h,)), {name: share}).narrowed()[name])


def _inside(t: FrozenTrial, cut: Callable[[str, BaseDistribution], BaseDistribution]) -> FrozenTrial:
    return create_trial(
        state=t.state,
        values=t.values if t.state == TrialState.COMPLETE else None,
        params=t.params,
        distributions={name: cut(name, given) for name, given in t.distributions.items()},
        intermediate_values=t.intermediate_values,
        system_attrs=t.system_attrs,
    )


def _told(t: FrozenTrial, direction: StudyDirection) -> Trial:
    sign = 1 if direction == StudyDirection.MINIMIZE else -1
    error = sign * t.values[0] if t.state == TrialState.COMPLETE else None
    return Trial(t.number, t.number, t.params, error, None, str(t.system_attrs.get(PHASE, "open")))


def _drivers(trials: Iterable[FrozenTrial], cheap: Sequence[str]) -> list[Hyperparameter]:
    found: dict[str, Hyperparameter] = {}
    for t in trials:
        for name in cheap:
            h = _hyperparameter(name, t.distributions[name]) if name in t.distributions else None
            if h is not None:
                found.setdefault(name, h)
    return [found[name] for name in cheap if name in found]


def _hyperparameter(name: str, given: BaseDistribution) -> Hyperparameter | None:
    """A cost driver as a hyperparameter; None where there is nothing to cut."""
    if not isinstance(given, IntDistribution | FloatDistribution):
        raise UserError(f"the cost driver {name!r} is a category; name parameters that are numbers.")
    if given.single():
        return None
    whole = isinstance(given, IntDistribution)
    step = None if given.log or (whole and given.step == 1) else given.step
    return Hyperparameter(
        name, "integer" if whole else "continuous", low=given.low, high=given.high, log=given.log, step=step
    )


def _suggest(shadow: OptunaTrial, name: str, given: BaseDistribution) -> Any:
    if isinstance(given, IntDistribution):
        return shadow.suggest_int(name, given.low, given.high, step=given.step, log=given.log)
    if isinstance(given, FloatDistribution):
        return shadow.suggest_float(name, given.low, given.high, step=given.step, log=given.log)
    return shadow.suggest_categorical(name, given.choices)
