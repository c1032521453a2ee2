"""How is cv_results_ of scikit-learn read? `params` a row: the columns param_* cannot tell None from inactive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from hpanalysis.errors import UserError
from hpanalysis.sweeps.reading.settings import Settings
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sources.plain.guarded import load_json
from hpanalysis.sweeps.sources.plain.literals import literals
from hpanalysis.sweeps.sources.plain.place import Place
from hpanalysis.sweeps.sources.plain.records import Run, tabulate
from hpanalysis.sweeps.sweep import Role

NOTE = (
    "scikit-learn: a configuration whose score is not a number failed in a fold; the folds (split*) are repeated "
    "measurements of a configuration, not runs."
)
# By which it is known.
COLUMNS = ("mean_fit_time", "params")
# How the names of its columns begin and end.
STARTS: dict[str, Role] = {"rank_test": "identifier", "split": "outcome", "std_test": "outcome"}
ENDS: dict[str, Role] = {"_fit_time": "cost", "_score_time": "cost"}


def load(place: Place, said: Settings) -> Table:
    """The table in a JSON file, as records or as columns."""
    data = load_json(place.path)
    return from_mapping(data) if isinstance(data, dict) else table_of(pd.DataFrame(data))


def from_mapping(results: Mapping[str, Any]) -> Table:
    """The table of cv_results_ itself: name -> one value a configuration, as an array, a list or by row number."""
    columns = {str(name): list(v.values()) if isinstance(v, Mapping) else list(v) for name, v in results.items()}
    if not set(COLUMNS) <= set(columns) or len({len(column) for column in columns.values()}) != 1:
        raise UserError("cv_results_ needs mean_fit_time, params and columns of one length; give search.cv_results_.")
    return table_of(pd.DataFrame({name: pd.Series(column, dtype=object) for name, column in columns.items()}))


def table_of(frame: pd.DataFrame) -> Table:
    """The table of a frame with the columns of cv_results_."""
    names = [
        n for n in map(str, frame.columns) if n.strip() and not n.startswith(("param_", "Unnamed: ")) and n != "params"
    ]
    told: list[Any] = frame[names].astype(object).where(frame[names].notna(), None).to_dict("records")
    chosen = [_params(cell, i + 1) for i, cell in enumerate(literals(frame["params"], "params"))]
    runs = [Run(i, *both) for i, both in enumerate(zip(chosen, told, strict=True))]
    means = [name for name in names if name.startswith("mean_test_")]
    table = tabulate(runs, NOTE, prefix="measured.", metric=means[0] if len(means) == 1 else None)
    roles = {n: role for n in names for start, role in STARTS.items() if n.startswith(start)}
    roles |= {n: role for n in names for end, role in ENDS.items() if n.endswith(end)}
    roles = {name: role for name, role in roles.items() if name in table.frame}
    # Scorers of errors are negative, by convention.
    # Successive halving has a row for each rung that a configuration came to.
    rungs = "n_resources" in table.frame
    return replace(table, goals=dict.fromkeys(means, "max"), roles={**table.roles, **roles}, row_a_run=not rungs)


def _params(values: object, row: int) -> dict[str, Any]:
    if not isinstance(values, Mapping):
        raise UserError(f"params of row {row} is no dictionary; export cv_results_ with the column params as it is.")
    return {str(key): _plain(value) for key, value in values.items()}


def _plain(value: object) -> object:
    """A value that was chosen; an estimator is told by its class."""
    known = value is None or isinstance(value, (bool, int, float, str, list, tuple, dict)) or hasattr(value, "item")
    return value if known else type(value).__name__
