"""How is Optuna's SQLite storage read? Tables studies, trials, trial_params and so on, of schema version 12."""

from __future__ import annotations

import math
import sqlite3

from hpanalysis.errors import UserError
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sources.plain.guarded import parse_json, sqlite, tables_of
from hpanalysis.sweeps.sources.plain.json_values import as_list
from hpanalysis.sweeps.sources.plain.place import Place
from hpanalysis.sweeps.sources.plain.records import choose
from hpanalysis.sweeps.sources.plain.wanted import Wanted
from hpanalysis.sweeps.sources.trackers.optuna import Distributions, Trial, study_table
from hpanalysis.sweeps.sweep import Goal

KIND = "Optuna storage (SQLite)"
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
GOALS: dict[str, Goal] = {"MAXIMIZE": "max", "MINIMIZE": "min"}
SPECIAL = {"INF_POS": math.inf, "INF_NEG": -math.inf, "NAN": math.nan}


def matches(place: Place) -> bool:
    """Whether a file is a database with the tables of a study."""
    return {"studies", "trials", "trial_params"} <= set(tables_of(place))


def load(place: Place, wanted: Wanted) -> Table:
    """The table of one study."""
    with sqlite(place.path) as db:
        _check_version(db, place.path.name)
        studies = dict(db.execute("SELECT study_name, study_id FROM studies ORDER BY study_id"))
        counts = dict(db.execute("SELECT study_id, COUNT(*) FROM trials GROUP BY study_id"))
        name = choose({s: counts.get(i, 0) for s, i in studies.items()}, wanted.study, place.path.name, "studies")
        return _study(db, (studies[name],))


def _check_version(db: sqlite3.Connection, name: str) -> None:
    versions = [version for (version,) in db.execute("SELECT schema_version FROM version_info")]
    if versions != [SCHEMA]:
        found = versions[0] if versions else "unknown"
        raise UserError(
            f"{name} is an Optuna storage of schema version {found}, and {SCHEMA} is read (Optuna 3.6 to 5.0); run "
            f"`optuna storage upgrade --storage sqlite:///{name}` on a copy and give that."
        )


def _study(db: sqlite3.Connection, own: tuple[int]) -> Table:
    trials, numbers = {}, {}
    for i, number, state in db.execute("SELECT trial_id, number, state FROM trials WHERE study_id = ? ORDER BY 2", own):
        trials[i], numbers[i] = Trial(str(state)), int(i if number is None else number)
    known = Distributions()
    texts = list(db.execute(DISTRIBUTIONS, own))
    only = dict(texts) if len({name for name, _ in texts}) == len(texts) else {}
    for i, name, value, text in db.execute(PARAMS.format("NULL" if only else "distribution_json"), own):
        trials[i].chosen[name] = known.value(name, value, only[name] if only else text)
    for i, objective, value, kind in db.execute(VALUES, own):
        told = trials[i].values
        told += [None] * (min(objective, 100) - len(told))
        told.append(SPECIAL.get(kind, value))
    for i, key, text in db.execute(ATTRS, own):
        trials[i].attrs[key] = parse_json(text, f"the attribute {key}")
    for i, step, value, kind in db.execute(STEPS, own):
        trials[i].steps[float(step)] = SPECIAL.get(kind, value)
    goals = [GOALS.get(direction) for (direction,) in db.execute(DIRECTIONS, own)]
    said = db.execute(NAMES, own).fetchone()
    names = [str(name) for name in as_list(parse_json(said[0], "the names of the metrics"))] if said else []
    return study_table(KIND, {numbers[i]: trial for i, trial in trials.items()}, goals, names, known.axes())
