"""How is a Trackio database read? Tables configs and metrics, with a JSON text a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hpanalysis.sweeps.reading.settings import Settings
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sources.plain.guarded import parse_json, sqlite
from hpanalysis.sweeps.sources.plain.place import Place
from hpanalysis.sweeps.sources.plain.records import Run, Step, tabulate

NOTE = "Trackio: nothing says how a run ended, and a run without a log has no row."
CONFIGS = "SELECT run_name, config FROM configs ORDER BY id"
METRICS = "SELECT run_name, step, metrics FROM metrics ORDER BY id"


def load(place: Place, said: Settings) -> Table:
    """The table of the runs, which are told apart by their names."""
    told: dict[str, dict[str, Any]] = {}
    with sqlite(place.path) as db:
        configs = {str(run): _own(text) for run, text in db.execute(CONFIGS)}
    for run, _, values in _logged(place):
        told.setdefault(str(run), {}).update(values)
    runs = [Run(run, configs.get(run, {}), told.get(run, {})) for run in dict.fromkeys([*configs, *told])]
    return tabulate(runs, NOTE, curves=lambda: _logged(place))


def _logged(place: Place) -> Iterator[Step]:
    with sqlite(place.path) as db:
        yield from ((str(run), step, _own(text)) for run, step, text in db.execute(METRICS))


def _own(text: str | bytes) -> dict[str, Any]:
    """What the user wrote; keys with _ in front are Trackio's."""
    return {key: value for key, value in parse_json(text, "a row").items() if not key.startswith("_")}
