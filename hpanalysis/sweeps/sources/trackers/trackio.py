"""How is a Trackio database read? Tables configs and metrics, with a JSON text a row."""

from __future__ import annotations

from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sources.plain.guarded import Json, parse_json, sqlite, tables_of
from hpanalysis.sweeps.sources.plain.json_values import Dict, as_dict, curves_of
from hpanalysis.sweeps.sources.plain.place import Place
from hpanalysis.sweeps.sources.plain.records import Curves, Run, tabulate, with_curves, with_notes
from hpanalysis.sweeps.sources.plain.wanted import Wanted

NOTE = "Trackio: nothing says how a run ended, and a run without a log has no row."
CONFIGS = "SELECT run_name, config FROM configs ORDER BY id"
METRICS = "SELECT run_name, step, metrics FROM metrics ORDER BY id"


def matches(place: Place) -> bool:
    """Whether a file is a database with these tables."""
    tables = tables_of(place)
    return "config" in tables.get("configs", ()) and "metrics" in tables.get("metrics", ())


def load(place: Place, wanted: Wanted) -> Table:
    """The table of the runs, which are told apart by their names."""
    path = place.path
    with sqlite(path) as db:
        configs = {str(run): _own(text) for run, text in db.execute(CONFIGS)}
        told: dict[str, Dict] = {}
        for run, _, text in db.execute(METRICS):
            told.setdefault(str(run), {}).update(_own(text))
    runs = [Run(run, configs.get(run, {}), told.get(run, {})) for run in dict.fromkeys([*configs, *told])]

    def curves() -> Curves:
        rows: list[tuple[str, Json, Dict]] = []
        with sqlite(path) as again:
            for run, step, text in again.execute(METRICS):
                rows.append((str(run), step, _own(text)))
        return curves_of(rows)

    return with_notes(with_curves(tabulate("Trackio database", runs), curves), NOTE)


def _own(data: str | bytes) -> Dict:
    """What the user wrote; keys with _ in front are Trackio's."""
    values = as_dict(parse_json(data, "a row"))
    return {key: value for key, value in values.items() if not key.startswith("_")}
