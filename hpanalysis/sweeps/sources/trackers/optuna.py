"""How is an Optuna study read? From its SQLite storage, its journal, or the study itself."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hpanalysis.errors import UserError
from hpanalysis.sweeps.reading.settings import Settings
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.runs import Status
from hpanalysis.sweeps.sources.plain.guarded import lines_of, parse_json, sqlite
from hpanalysis.sweeps.sources.plain.place import Place
from hpanalysis.sweeps.sources.plain.records import Run, Step, choose, fresh, tabulate
from hpanalysis.sweeps.sources.plain.spaces import Axis, axis, widest
from hpanalysis.sweeps.sweep import Goal

STATUS: dict[str, Status] = {"COMPLETE": "complete", "PRUNED": "stopped", "RUNNING": "running", "WAITING": "running"}
GOALS: dict[str, Goal] = {"MAXIMIZE": "max", "MINIMIZE": "min"}
HOW = (
    "Optuna: parameters and their ranges are those of the distributions, conditions are inferred from absent ones; "
    "a failed trial and a diverged one are both FAIL."
)


@dataclass(slots=True)
class Trial:
    """A trial while it is being collected."""

    state: str = "RUNNING"
    chosen: dict[str, Any] = field(default_factory=dict)
    values: list[Any] = field(default_factory=list)
    attrs: dict[str, Any] = field(default_factory=dict)
    steps: dict[float, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Study:
    """A study while it is being collected; `known` has its distributions by their texts, each read once."""

    name: str = ""
    goals: Sequence[Goal | None] = (None,)
    metrics: Sequence[str] = ()
    trials: dict[int, Trial] = field(default_factory=dict)
    known: dict[str, dict[str, tuple[Axis | None, Any]]] = field(default_factory=dict)

    def decoded(self, name: str, internal: Any, text: str) -> Any:
        """The value of a parameter: of a categorical one the choice that its number stands for."""
        try:
            axis, choices = self.known[name][text]
        except KeyError:
            axis, choices = distribution(parse_json(text, f"the distribution of {name}"))
            self.known.setdefault(name, {})[text] = axis, choices
        if choices is not None:
            return choices[int(internal)]
        return int(internal) if axis is not None and axis.whole and float(internal).is_integer() else internal


def distribution(data: Mapping[str, Any]) -> tuple[Axis | None, Any]:
    """The axis of a distribution as JSON, and its choices; with the names that older versions gave them.

    Examples
    --------
    >>> data = {"name": "IntDistribution", "attributes": {"low": 16, "high": 128, "step": 16, "log": False}}
    >>> distribution(data)[0].step
    16.0
    """
    name, said = data["name"], data["attributes"]
    log = said.get("log") is True or "LogUniform" in name
    return axis(said, log=log, whole=name.startswith("Int")), said.get("choices")


def table_of(study: Study) -> Table:
    """The table of a study; its objectives are called `value`, or `values_0` and so on, unless it names them."""
    several, trials = len(study.goals) > 1, study.trials
    taken = {name for trial in trials.values() for name in (*trial.chosen, *trial.attrs)}
    unnamed = [f"values_{i}" for i in range(len(study.goals))] if several else ["value"]
    columns = [fresh(n, taken) for n in (study.metrics if len(study.metrics) == len(study.goals) else unnamed)]
    staged = any(trial.steps for trial in trials.values())
    runs = []
    for number, trial in trials.items():
        last = {"last_step": max(trial.steps, default=0)} if staged else {}
        told = {**last, **dict(zip(columns, trial.values, strict=False)), **trial.attrs}
        runs.append(Run(number, trial.chosen, told, STATUS.get(trial.state, "failed")))

    def curves() -> Iterator[Step]:
        return ((n, at, {columns[0]: x}) for n, trial in trials.items() for at, x in sorted(trial.steps.items()))

    return tabulate(
        runs,
        HOW,
        f"The study has several objectives, {', '.join(columns)}: say which with --metric." if several else "",
        axes={name: widest(axis for axis, _ in texts.values()) for name, texts in study.known.items()},
        metric=None if several else columns[0],
        goal=study.goals[0],
        curves=curves if staged else None,
        prefix="user_attrs_",
    )


def from_study(study: Any) -> Table:
    """The table of a study object, by its attributes."""
    held = Study(goals=[GOALS.get(direction.name) for direction in study.directions])
    held.metrics = list(getattr(study, "metric_names", None) or [])
    for trial in study.trials:
        steps = {float(step): value for step, value in trial.intermediate_values.items()}
        made = Trial(trial.state.name, dict(trial.params), list(trial.values or []), dict(trial.user_attrs), steps)
        held.trials[int(trial.number)] = made
        for name, said in trial.distributions.items():
            parts = {key: getattr(said, key) for key in ("low", "high", "log", "step", "choices") if hasattr(said, key)}
            data = {"name": type(said).__name__, "attributes": parts}
            held.known.setdefault(name, {})[repr(parts)] = distribution(data)
    return table_of(held)


# --- the storage

SCHEMA = 12
TRIALS = "WHERE trial_id IN (SELECT trial_id FROM trials WHERE study_id = ?)"
DISTRIBUTIONS = f"SELECT DISTINCT param_name, distribution_json FROM trial_params {TRIALS}"
# Every row repeats the text of its distribution: they are read only where they changed on the way.
PARAMS = f"SELECT trial_id, param_name, param_value, {{}} FROM trial_params {TRIALS} ORDER BY param_id"
VALUES = f"SELECT trial_id, objective, value, value_type FROM trial_values {TRIALS} ORDER BY objective"
KINDS = "intermediate_value, intermediate_value_type"
STEPS = f"SELECT trial_id, step, {KINDS} FROM trial_intermediate_values {TRIALS}"
ATTRS = f"SELECT trial_id, key, value_json FROM trial_user_attributes {TRIALS}"
DIRECTIONS = "SELECT direction FROM study_directions WHERE study_id = ? ORDER BY objective"
NAMES = "SELECT value_json FROM study_system_attributes WHERE study_id = ? AND key = 'study:metric_names'"
NUMBERS = "SELECT trial_id, COALESCE(number, trial_id), state FROM trials WHERE study_id = ? ORDER BY 2"
SPECIAL = {"INF_POS": math.inf, "INF_NEG": -math.inf, "NAN": math.nan}


def from_storage(place: Place, said: Settings) -> Table:
    """The table of one study of a storage.

    Raises
    ------
    UserError
        If the storage has another schema.
    """
    with sqlite(place.path) as db:
        versions = [version for (version,) in db.execute("SELECT schema_version FROM version_info")]
        if versions != [SCHEMA]:
            name, found = place.path.name, versions[0] if versions else "unknown"
            raise UserError(
                f"{name} is an Optuna storage of schema version {found}, and {SCHEMA} is read (Optuna 3.6 to 5.0); run "
                f"`optuna storage upgrade --storage sqlite:///{name}` on a copy and give that."
            )
        studies = dict(db.execute("SELECT study_name, study_id FROM studies ORDER BY study_id"))
        counts = dict(db.execute("SELECT study_id, COUNT(*) FROM trials GROUP BY study_id"))
        name = choose({s: counts.get(i, 0) for s, i in studies.items()}, said.study, place.path.name, "studies")
        own = (studies[name],)
        study, trials = Study(goals=[GOALS.get(goal) for (goal,) in db.execute(DIRECTIONS, own)]), {}
        for i, number, state in db.execute(NUMBERS, own):
            trials[i] = study.trials[int(number)] = Trial(str(state))
        texts = list(db.execute(DISTRIBUTIONS, own))
        only = dict(texts) if len({name for name, _ in texts}) == len(texts) else {}
        for i, name, value, text in db.execute(PARAMS.format("NULL" if only else "distribution_json"), own):
            trials[i].chosen[name] = study.decoded(name, value, only[name] if only else text)
        for i, objective, value, kind in db.execute(VALUES, own):
            told = trials[i].values
            told += [None] * (min(objective, 100) - len(told))
            told.append(SPECIAL.get(kind, value))
        for i, key, text in db.execute(ATTRS, own):
            trials[i].attrs[key] = parse_json(text, f"the attribute {key}")
        for i, step, value, kind in db.execute(STEPS, own):
            trials[i].steps[float(step)] = SPECIAL.get(kind, value)
        for (text,) in db.execute(NAMES, own):
            study.metrics = [str(name) for name in json.loads(text)]
    return table_of(study)


# --- the journal

STATES = ("RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING")
CREATE_STUDY, DELETE_STUDY, STUDY_ATTR, CREATE_TRIAL, PARAM, STATE, INTERMEDIATE, ATTR = 0, 1, 3, 4, 5, 6, 7, 8


def from_journal(place: Place, said: Settings) -> Table:
    """The table of one study of a journal, which has an operation a line."""
    # Studies are numbered, and trials over all studies of a journal, in the order in which they were made.
    studies: dict[int, Study] = {}
    trials: dict[int, tuple[Study, Trial]] = {}
    gone: set[int] = set()
    for op in lines_of(place.path):
        code = op["op_code"]
        if code == PARAM:
            study, trial = trials[op["trial_id"]]
            name = op["param_name"]
            trial.chosen[name] = study.decoded(name, op["param_value_internal"], op["distribution"])
        elif code == INTERMEDIATE:
            trials[op["trial_id"]][1].steps[float(op["step"])] = op["intermediate_value"]
        elif code == CREATE_STUDY:
            goals: list[Goal | None] = [(None, "min", "max")[int(d)] for d in op["directions"]]
            studies[len(studies)] = Study(op["study_name"], goals)
        elif code == DELETE_STUDY:
            gone.add(op["study_id"])
        elif code == STUDY_ATTR:
            study = studies[op["study_id"]]
            study.metrics = op.get("system_attr", {}).get("study:metric_names") or study.metrics
        elif code == CREATE_TRIAL:
            study = studies[op["study_id"]]
            study.trials[len(study.trials)] = trial = _made(op, study)
            trials[len(trials)] = study, trial
        elif code == STATE:
            _, trial = trials[op["trial_id"]]
            trial.state, trial.values = STATES[op["state"]], op.get("values") or trial.values
        elif code == ATTR:
            trials[op["trial_id"]][1].attrs |= op["user_attr"]
    there = {study.name: study for i, study in studies.items() if i not in gone}
    name = choose({n: len(s.trials) for n, s in there.items()}, said.study, place.path.name, "studies")
    return table_of(there[name])


def _made(op: Mapping[str, Any], study: Study) -> Trial:
    """A new trial; one that was added as it had ended brings everything along."""
    if "distributions" not in op:
        return Trial()
    trial = Trial(STATES[op["state"]], attrs=dict(op["user_attrs"]))
    trial.values = op.get("values") or ([] if op.get("value") is None else [op["value"]])
    trial.chosen = {name: study.decoded(name, x, op["distributions"][name]) for name, x in op["params"].items()}
    trial.steps = {float(step): value for step, value in op["intermediate_values"].items()}
    return trial
