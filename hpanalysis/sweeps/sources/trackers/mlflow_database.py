"""How is MLflow's database read? Tables experiments, runs, params, latest_metrics and metrics."""

from __future__ import annotations

from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sources.plain.guarded import sqlite, tables_of
from hpanalysis.sweeps.sources.plain.json_values import Dict
from hpanalysis.sweeps.sources.plain.place import Place
from hpanalysis.sweeps.sources.plain.records import choose
from hpanalysis.sweeps.sources.plain.wanted import Wanted
from hpanalysis.sweeps.sources.trackers.mlflow import Logged, param, runs_table

# The rows of a deleted run stay.
LIVE = "SELECT run_uuid FROM runs WHERE experiment_id = ? AND lifecycle_stage = 'active'"
COUNTS = "SELECT experiment_id, COUNT(*) FROM runs WHERE lifecycle_stage = 'active' GROUP BY experiment_id"
RUNS = f"SELECT run_uuid, status, name FROM runs WHERE run_uuid IN ({LIVE}) ORDER BY start_time, run_uuid"
PARAMS = f"SELECT run_uuid, key, value FROM params WHERE run_uuid IN ({LIVE})"
# What is not a number is stored as 0 with a mark.
LAST = f"SELECT run_uuid, key, CASE is_nan WHEN 1 THEN 'nan' ELSE value END, step FROM latest_metrics WHERE run_uuid IN ({LIVE})"  # noqa: E501
HISTORY = f"SELECT run_uuid, step, key, CASE is_nan WHEN 1 THEN NULL ELSE value END FROM metrics WHERE run_uuid IN ({LIVE}) ORDER BY timestamp"  # noqa: E501


def matches(place: Place) -> bool:
    """Whether a file is a database with these tables."""
    tables = tables_of(place)
    return {"experiments", "runs", "params", "latest_metrics"} <= set(tables)


def load(place: Place, wanted: Wanted) -> Table:
    """The table of one experiment."""
    path = place.path
    with sqlite(path) as db:
        names = {str(name): i for i, name in db.execute("SELECT experiment_id, name FROM experiments")}
        counts = dict(db.execute(COUNTS))
        name = choose({n: counts.get(i, 0) for n, i in names.items()}, wanted.study, path.name, "experiments")
        own = (names[name],)
        logged = {
            str(run): Logged(status=str(status), title=str(title or "")) for run, status, title in db.execute(RUNS, own)
        }
        for run, key, text in db.execute(PARAMS, own):
            logged[run].params[str(key)] = param(str(text))
        for run, key, value, step in db.execute(LAST, own):
            logged[run].metrics[str(key)] = value
            logged[run].last_step = max(logged[run].last_step, float(step or 0))

    def rows() -> list[tuple[str, float, Dict]]:
        with sqlite(path) as again:
            return [(run, float(step), {str(key): value}) for run, step, key, value in again.execute(HISTORY, own)]

    return runs_table("MLflow database", logged, rows)
