"""How is an Optuna journal read? One operation a line: a study is made, a trial is made, gets values, ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sources.plain.guarded import Json, json_lines, read_bytes
from hpanalysis.sweeps.sources.plain.json_values import Dict, as_dict, as_list
from hpanalysis.sweeps.sources.plain.place import Place
from hpanalysis.sweeps.sources.plain.records import choose
from hpanalysis.sweeps.sources.plain.wanted import Wanted
from hpanalysis.sweeps.sources.trackers.optuna import Distributions, Trial, study_table
from hpanalysis.sweeps.sweep import Goal

KIND = "Optuna journal"
STATES = ("RUNNING", "COMPLETE", "PRUNED", "FAIL", "WAITING")
DIRECTIONS: tuple[Goal | None, ...] = (None, "min", "max")
CREATE_STUDY, DELETE_STUDY, STUDY_ATTR, CREATE_TRIAL, PARAM, STATE, INTERMEDIATE, ATTR = 0, 1, 3, 4, 5, 6, 7, 8


@dataclass(slots=True)
class Study:
    """A study while its journal is replayed."""

    name: str
    directions: list[Goal | None]
    names: list[str] = field(default_factory=list)
    trials: dict[int, Trial] = field(default_factory=dict)
    known: Distributions = field(default_factory=Distributions)


def matches(place: Place) -> bool:
    """Whether a file begins with an operation."""
    return place.head.startswith(b'{"op_code":') or place.head.startswith(b'{"op_code" :')


def load(place: Place, wanted: Wanted) -> Table:
    """The table of one study."""
    studies: list[Study | None] = []
    # Trials are numbered over all studies of a journal, in the order in which they were made.
    trials: list[tuple[Study, Trial]] = []
    for line in json_lines(read_bytes(place.path), place.path.name):
        _replay(as_dict(line), studies, trials)
    there = {study.name: study for study in studies if study is not None}
    name = choose({n: len(study.trials) for n, study in there.items()}, wanted.study, place.path.name, "studies")
    study = there[name]
    return study_table(KIND, study.trials, study.directions, study.names, study.known.axes())


def _replay(op: Dict, studies: list[Study | None], trials: list[tuple[Study, Trial]]) -> None:
    code = op.get("op_code")
    if code == CREATE_STUDY:
        goals = [DIRECTIONS[d] if isinstance(d, int) and 0 <= d < 3 else None for d in as_list(op.get("directions"))]
        studies.append(Study(str(op.get("study_name")), goals))
    elif code == DELETE_STUDY:
        studies[_index(op, "study_id", len(studies))] = None
    elif code == STUDY_ATTR:
        owner = studies[_index(op, "study_id", len(studies))]
        if owner is not None:
            owner.names = [
                str(n) for n in as_list(as_dict(op.get("system_attr")).get("study:metric_names"))
            ] or owner.names
    elif code == CREATE_TRIAL:
        owner = studies[_index(op, "study_id", len(studies))]
        if owner is not None:
            trial = _made(op, owner)
            owner.trials[len(owner.trials)] = trial
            trials.append((owner, trial))
        else:
            trials.append((Study("", []), Trial()))
    elif code in (PARAM, STATE, INTERMEDIATE, ATTR):
        owner, trial = trials[_index(op, "trial_id", len(trials))]
        _change(op, code, owner, trial)


def _change(op: Dict, code: Json, owner: Study, trial: Trial) -> None:
    if code == PARAM:
        name, value = str(op.get("param_name")), op.get("param_value_internal")
        trial.chosen[name] = owner.known.value(name, _float(value) or 0.0, str(op.get("distribution")))
    elif code == STATE:
        trial.state = _state(op.get("state"))
        if op.get("values") is not None:
            trial.values = [_float(v) for v in as_list(op.get("values"))]
    elif code == INTERMEDIATE:
        trial.steps[_float(op.get("step")) or 0.0] = _float(op.get("intermediate_value"))
    else:
        trial.attrs.update(as_dict(op.get("user_attr")))


def _made(op: Dict, owner: Study) -> Trial:
    """A new trial; one that was added as it had ended brings everything along."""
    trial = Trial(_state(op.get("state", 0)), attrs=dict(as_dict(op.get("user_attrs"))))
    values = op.get("values") if op.get("value") is None else [op.get("value")]
    trial.values = [_float(v) for v in as_list(values)]
    distributions: Mapping[str, Json] = as_dict(op.get("distributions"))
    for name, internal in as_dict(op.get("params")).items():
        trial.chosen[name] = owner.known.value(name, _float(internal) or 0.0, str(distributions.get(name)))
    for step, value in as_dict(op.get("intermediate_values")).items():
        trial.steps[float(step)] = _float(value)
    return trial


def _state(code: Json) -> str:
    return STATES[code] if isinstance(code, int) and 0 <= code < len(STATES) else "FAIL"


def _index(op: Dict, key: str, count: int) -> int:
    value = op.get(key)
    if not isinstance(value, int) or not 0 <= value < count:
        raise ValueError(f"an operation names the {key} {value!r}, which was never made")
    return value


def _float(value: Json) -> float | None:
    return float(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else None
