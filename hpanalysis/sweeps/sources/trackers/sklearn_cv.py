"""How is cv_results_ of scikit-learn read? `params` a row: the columns param_* cannot tell None from inactive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import pandas as pd

from hpanalysis.errors import UserError
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sources.plain.guarded import Json, load_json
from hpanalysis.sweeps.sources.plain.json_values import Dict, as_dict
from hpanalysis.sweeps.sources.plain.literals import literal
from hpanalysis.sweeps.sources.plain.place import Place
from hpanalysis.sweeps.sources.plain.records import Run, tabulate, with_metric, with_notes
from hpanalysis.sweeps.sources.plain.wanted import Wanted
from hpanalysis.sweeps.sweep import Goal, Role

NOTE = (
    "scikit-learn: a configuration whose score is not a number failed in a fold; the folds (split*) are repeated "
    "measurements of a configuration, not runs."
)
KIND = "scikit-learn cv_results_"
MEAN, FOLD = "mean_test_", "split"


def is_results(columns: Iterable[object]) -> bool:
    """Whether a table has the columns of cv_results_."""
    return {"mean_fit_time", "params"} <= set(columns)


def matches(place: Place) -> bool:
    """Whether a JSON file holds cv_results_, as records or as columns."""
    return place.head.lstrip()[:1] in (b"[", b"{") and b'"mean_fit_time"' in place.head


def load(place: Place, wanted: Wanted) -> Table:
    """The table in a JSON file."""
    data = load_json(place.path)
    if isinstance(data, list):
        return table_of(pd.DataFrame([as_dict(item) for item in data]))
    return from_mapping(as_dict(data))


def from_mapping(results: Mapping[str, object]) -> Table:
    """The table of cv_results_ itself: name -> one value a configuration, as an array, a list or by row number."""
    columns = {str(name): list(v.values()) if isinstance(v, Mapping) else list(v) for name, v in results.items()}  # type: ignore[call-overload]
    if not is_results(columns) or len({len(column) for column in columns.values()}) != 1:
        raise UserError("cv_results_ needs mean_fit_time, params and columns of one length; give search.cv_results_.")
    return table_of(pd.DataFrame({name: pd.Series(column, dtype=object) for name, column in columns.items()}))


def table_of(frame: pd.DataFrame) -> Table:
    """The table of a frame with the columns of cv_results_."""
    names = [name for name in frame.columns if not str(name).startswith(("param_", "Unnamed: ")) and name != "params"]
    told = frame[[name for name in names if str(name).strip()]].to_dict("records")
    runs = [
        Run(i, _params(cell, i), _measured(row))
        for i, (cell, row) in enumerate(zip(frame["params"], told, strict=True))
    ]
    table = tabulate(KIND, runs, prefix="measured.")
    means = [name for name in table.frame if str(name).startswith(MEAN)]
    goals: dict[str, Goal] = {str(name): "max" for name in means}  # scorers of errors are negative, by convention
    roles = {name: role for name in map(str, table.frame) if (role := _role(name)) is not None}
    table = replace(table, goals=goals, roles={**table.roles, **roles})
    return with_notes(with_metric(table, str(means[0]) if len(means) == 1 else None, "max"), NOTE)


def _role(name: str) -> Role | None:
    if name.startswith("rank_test"):
        return "identifier"
    if name.startswith((FOLD, "std_test")):
        return "outcome"
    return "cost" if name.endswith(("_fit_time", "_score_time")) else None


def _params(cell: object, i: int) -> Dict:
    if isinstance(cell, str):
        cell = literal(cell, f"params of row {i + 1}")
    if not isinstance(cell, Mapping):
        raise UserError(f"params of row {i + 1} is no dictionary; export cv_results_ with the column params as it is.")
    return {str(name): _plain(value) for name, value in cell.items()}


def _plain(value: object) -> Json:
    if isinstance(value, (bool, int, float, str, list, tuple)) or value is None:
        return list(value) if isinstance(value, tuple) else value
    item = getattr(value, "item", None)
    found = item() if callable(item) else type(value).__name__  # an estimator is told by its class
    return found if isinstance(found, (bool, int, float, str)) else str(found)


def _measured(row: Mapping[object, object]) -> Dict:
    """What came out; a score that is no number was written as an empty cell."""
    out: Dict = {}
    for name, value in row.items():
        number = _plain(value)
        out[str(name)] = number if isinstance(number, (bool, int, float, str)) and number == number else None
    return out
