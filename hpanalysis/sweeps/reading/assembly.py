"""How does a table become a sweep? Cells, filter, metric, roles, a row a run, status, space: in this order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpanalysis.errors import UserError, choices, count, did_you_mean
from hpanalysis.sweeps.budgets import STOPPED, at_budget, marked, unless_pruned
from hpanalysis.sweeps.history import History
from hpanalysis.sweeps.reading import vocabulary as say
from hpanalysis.sweeps.reading.cells import ODD, Numbers, clean, durations, is_number, numbers, odd_row
from hpanalysis.sweeps.reading.gaps import Filled, fill_gaps, with_declared_none
from hpanalysis.sweeps.reading.kinds import case_note, hyperparameter, sentence
from hpanalysis.sweeps.reading.metric_guess import candidates, unit_of
from hpanalysis.sweeps.reading.not_a_row_a_run import in_steps, refuse_row_a_metric
from hpanalysis.sweeps.reading.own_curves import (
    columns_of_curves,
    curves_in_columns,
    curves_in_rows,
    numbered_columns,
)
from hpanalysis.sweeps.reading.parts import split_names
from hpanalysis.sweeps.reading.reduction import Reduction, reduce_rows
from hpanalysis.sweeps.reading.resumed import own_runs
from hpanalysis.sweeps.reading.roles import infer_roles
from hpanalysis.sweeps.reading.settings import Settings
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.space import Space, SpaceData
from hpanalysis.sweeps.sweep import Budget, Chosen, Goal, Role, Sweep
from hpanalysis.sweeps.where import keep_where


def assemble(
    table: Table, reading: Settings, *, name: str, source: str, sha256: str, curves: History | None = None
) -> Sweep:
    """The sweep that a table holds.

    Parameters
    ----------
    table
        The rows, and what their source knows of the columns.
    reading
        What the user declares, which comes before what the source knows; `space` must be a mapping.
    name, source, sha256
        The identity of the sweep.
    curves
        Where its curves come from, if there are any; which runs they may be of is filled in here.

    Raises
    ------
    UserError
        If the table is empty, a declared column is not in it, or metric and goal are missing or unusable.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"optimizer": ["adam", "sgd"], "seconds": [3.0, 4.0], "accuracy": ["90 %", "80 %"]})
    >>> said = Settings(metric="accuracy", goal="max")
    >>> sweep = assemble(Table(frame), said, name="small", source="small.csv", sha256="")
    >>> sweep.outcome.tolist(), sweep.unit, sweep.roles["seconds"]
    ([90.0, 80.0], '%', 'cost')
    """
    rows, columns = table.frame.shape
    if columns == 0 or rows == 0:
        raise UserError(f"{source} has {columns} columns and {rows} rows; give a table with a row a run.")
    asked, reading = reading.metric, completed(reading, table)
    cleaned = clean(table.frame)
    whole = frame = split_names(cleaned, reading.parts)
    notes = [*table.notes, *table.frame.attrs.get("notes", ()), *cleaned.attrs[ODD]]
    read = _metric(frame, table.frame, reading)
    metric, goal, declared = str(reading.metric), _goal(reading), reading.declared_roles()
    if reading.unit in frame.columns and reading.unit != metric and not say.is_outcome(str(reading.unit)):
        # Not the unit of the metric: what counts as one piece of evidence.
        declared[str(reading.unit)], reading = "unit", replace(reading, unit=None)
    _columns_exist(frame, [*declared, *reading.columns])
    frame, not_finite = frame.assign(**{metric: read.values}), read.not_finite
    if reading.where:
        mask = keep_where(frame, reading.where)
        frame, not_finite = frame[mask].reset_index(drop=True), not_finite[mask]
        notes.append(f"{len(frame):,} of {len(mask):,} rows satisfy where={reading.where}.")
    found = columns_of_curves(frame.columns, metric) or numbered_columns(frame, metric)
    steps: dict[str, Role] = {c: "outcome" for c in found if c != metric}
    refuse_row_a_metric(frame, declared, source)
    certain = steps | _certain(table, frame, metric) | declared
    guess = infer_roles(frame, certain, metric, table.chosen)
    every = frame
    # Where there are curves beside the rows, a budget need not be one of theirs.
    rows_of = replace(reading, budget=None) if curves is not None or steps else reading
    # In a study tuned by hand the best configuration is trained longer: each row is a run of its own.
    if (table.row_a_run or "stage" in guess.roles.values()) and rows_of.reduce is None and rows_of.budget is None:
        reduction = Reduction(np.arange(len(frame)))
    else:
        reduction = reduce_rows(frame, guess.roles, metric, rows_of)
    if reduction.column is not None:
        # What repeats in every step of a run looks different in a row a run.
        frame, not_finite = frame.iloc[reduction.rows].reset_index(drop=True), not_finite[reduction.rows]
        guess = infer_roles(frame, certain | {reduction.column: "budget"} | reduction.same, metric, table.chosen)
    else:
        own_rows, resumed = own_runs(frame, guess.roles)
        frame, not_finite = frame.iloc[own_rows].reset_index(drop=True), not_finite[own_rows]
        notes += resumed
    frame = _numeric_measures(frame, guess.roles)
    raw = frame
    frame, roles, told = _statuses(frame, guess.roles, not_finite, metric, reduction.early)
    finished, set_aside, stopped = _finished(frame, roles)
    budget = _budget(reading, stopped / len(frame), reduction)
    if budget is not None and curves is None:
        own = curves_in_rows(every, reduction, frame, roles, metric) or curves_in_columns(frame, roles, metric)
        frame, roles, curves = own or (frame, roles, curves)
    elif curves is not None:
        marks = [
            c for role in ("identifier", "unit", "ignored") for c, own in roles.items() if own == role and c in whole
        ]
        curves = replace(curves, table=whole[marks])
    elif steps:
        own = curves_in_columns(frame, roles, metric)
        frame, roles, curves = own or (frame, roles, curves)
    budget = budget if curves else None
    if budget is None:
        _some_finished(frame, roles, finished)
        _usable(raw[finished], frame[finished], roles, metric)
    frame, space, said = _space(frame, roles, reading, table, source)
    notes += [*reduction.notes, *(set_aside if budget is None else []), *told, *guess.notes, *said]
    sweep = Sweep(
        runs=frame if budget is not None else frame[finished],
        space=space,
        roles=roles,
        metric=metric,
        goal=goal,
        name=name,
        source=source,
        sha256=sha256,
        unit=unit_of(metric, read, reading.unit, transformed=bool(reading.transform)),
        margin=reading.margin,
        failed_value=reading.failed_value,
        k=reading.k,
        validation_size=reading.validation_size,
        transform=reading.transform,
        scope=_scope(frame[finished], roles),
        notes=tuple(dict.fromkeys(notes)),
        declared=frozenset(declared) & set(frame.columns) - ({metric} if asked is None else set()),
        sourced=frozenset({*table.chosen, *table.roles, *table.space, metric}) & set(frame.columns),
        columns=reading.columns,
        about=reading.about,
        stopped=stopped + reduction.stopped,
        added=tuple(c for c in frame.columns if c not in whole),
        chosen=_chosen(reading),
        curves=curves,
    )
    if budget is not None:
        return _at(sweep, budget, finished, reading)
    return unless_pruned(sweep) if reading.budget is None and reading.reduce is None else sweep


def _budget(reading: Settings, stopped: float, reduction: Reduction) -> Budget | None:
    """At which budget runs are compared: as asked, or at the common one if a scheduler stopped so many of them."""
    if reading.reduce is not None or (reading.budget == "max" and reduction.column and reduction.run is None):
        return None
    return reading.budget if reading.budget is not None else "common" if stopped >= STOPPED else None


def _at(sweep: Sweep, budget: Budget, finished: NDArray[np.bool_], reading: Settings) -> Sweep:
    """The sweep at a budget; where nobody asked for it and the curves cannot be used, at its end, and it is said."""
    try:
        return at_budget(marked(replace(sweep, stopped=0)), budget)
    except UserError as error:
        if reading.budget is not None or not finished.any():
            raise
        note = f"Runs that were stopped early are set aside, as their curves cannot be used: {error}"
        return replace(sweep.subset(finished), notes=(*sweep.notes, note))


def completed(reading: Settings, table: Table) -> Settings:
    """The settings with the metric and the goal that the source says, where the user says none.

    Examples
    --------
    >>> table = Table(pd.DataFrame({"value": [0.5], "loss": [1.0]}), metric="value", goals={"value": "max"})
    >>> said = completed(Settings(), table)
    >>> said.metric, said.goal, completed(Settings(metric="loss"), table).goal
    ('value', 'max', None)
    """
    metric = reading.metric if reading.metric is not None else table.metric
    return replace(reading, metric=metric, goal=reading.goal or table.goals.get(metric or ""))


def _certain(table: Table, frame: pd.DataFrame, metric: str) -> dict[str, Role]:
    """The roles that the source leaves no doubt about: its own, and that what it draws and varies is drawn."""
    tried = {name: frame[name].nunique() for name in table.space if name in frame and not say.is_seed(name)}
    # A number that is another one in every run may count them.
    drawn = [
        name
        for name, levels in tried.items()
        if 1 < levels < len(frame) or not pd.api.types.is_integer_dtype(frame[name])
    ]
    certain: dict[str, Role] = {**dict.fromkeys(drawn, "hyperparameter"), **table.roles}
    return {name: role for name, role in certain.items() if name in frame and name != metric}


def _metric(frame: pd.DataFrame, table: pd.DataFrame, reading: Settings) -> Numbers:
    likely = candidates(frame)
    if reading.metric is None:
        raise UserError(
            f"no metric was given; name the column that says how good a run is, such as {choices(likely)} (--metric "
            "and --goal, or metric and goal in Python and in the sidecar)."
        )
    if reading.metric not in frame.columns:
        hint = did_you_mean(reading.metric, frame.columns)
        raise UserError(f"the metric {reading.metric!r} is not a column{hint}; choose one of {choices(likely, 20)}.")
    raw = table.iloc[:, list(frame.columns).index(reading.metric)]
    read = numbers(frame[reading.metric] if isinstance(raw.dtype, pd.CategoricalDtype) else raw)
    if read.odd:
        others = [c for c in likely if c != reading.metric and (is_number(frame[c]))]
        raise UserError(
            f"the metric {reading.metric!r} is not numeric, it holds {choices(map(repr, read.odd), 3)} (the first "
            f"in row {odd_row(raw, read.odd):,} below the header); correct these cells or choose another column"
            + (f", such as {choices(others)}." if others else ".")
        )
    return read


def _chosen(reading: Settings) -> Chosen:
    said = {key: getattr(reading, key) for key in ("where", "budget", "reduce")}
    said |= {"parts": {column: list(names) for column, names in reading.parts.items()} or None}
    return cast(Chosen, {key: value for key, value in said.items() if value is not None})


def _goal(reading: Settings) -> Goal:
    if reading.goal is None:
        raise UserError(
            f"no goal was given for {reading.metric!r}; say max if higher is better or min if lower is better (--goal, "
            "or goal in Python and in the sidecar)."
        )
    return reading.goal


def _usable(raw: pd.DataFrame, frame: pd.DataFrame, roles: dict[str, Role], metric: str) -> None:
    """Refuse a metric without two different values; `raw` holds the same runs with the status as it was written."""
    values = frame[metric].to_numpy(dtype=float)
    finite = values[np.isfinite(values)]
    if not len(finite):
        runs = f"{len(values)} runs" if len(values) > 1 else "its only run"
        nothing = f"the metric {metric!r} has no finite value in {runs}"
        column = next((c for c, role in roles.items() if role == "status"), None)
        if column is None:
            raise UserError(f"{nothing}, so that all of them failed; choose another column or run them again.")
        texts = (raw if column in raw else frame)[column].astype(object).fillna("nothing").astype(str)
        counts = ", ".join(f"{text!r} of {n}" for text, n in texts.value_counts().items())
        if column in raw and (frame[column] == "failed").all() and not any(map(_means_failed, texts.unique())):
            raise UserError(f"{nothing}, and {column!r} says {counts}; choose the column that these runs did fill.")
        raise UserError(
            f"{nothing}: all of them failed, {column!r} says {counts}; find out why, or choose another column."
        )
    if len(finite) > 1 and finite.min() == finite.max():
        raise UserError(
            f"the metric {metric!r} is constant, {finite[0]:g} in all {len(finite)} runs that have it; choose a column "
            "that differs between runs."
        )


def _columns_exist(frame: pd.DataFrame, names: list[str]) -> None:
    for name in names:
        if name not in frame.columns:
            hint = did_you_mean(name, frame.columns)
            raise UserError(
                f"the column {name!r} is not in the table{hint}; choose one of {choices(frame.columns, 20)}."
            )


def _numeric_measures(frame: pd.DataFrame, roles: dict[str, Role]) -> pd.DataFrame:
    for column, role in roles.items():
        if role in ("outcome", "test metric", "cost", "budget") and not is_number(frame[column]):
            read, elapsed = numbers(frame[column]), durations(frame[column])
            if elapsed is not None or not read.odd:
                frame = frame.assign(**{column: read.values if elapsed is None else elapsed})
            elif role == "test metric":
                raise UserError(
                    f"the test metric {column!r} is not numeric, it holds {choices(map(repr, read.odd), 3)}; "
                    "choose another column."
                )
    return frame


def _statuses(
    frame: pd.DataFrame,
    roles: dict[str, Role],
    not_finite: NDArray[np.bool_],
    metric: str,
    early: NDArray[np.bool_] | None,
) -> tuple[pd.DataFrame, dict[str, Role], list[str]]:
    """The table with one status column in our words, if any run has a status that the metric alone does not tell."""
    roles, notes = dict(roles), []
    column = next((c for c, role in roles.items() if role == "status"), None)
    lost = ~np.isfinite(frame[metric].to_numpy(dtype=float))
    status = np.where(lost, np.where(not_finite, "diverged", "failed"), "complete").astype(object)
    if column is not None:
        position, unique = pd.factorize(frame[column])
        words = [" ".join(say.words(str(v).rpartition(".")[2])) for v in unique]
        odd = sorted(str(v) for v, word in zip(unique, words, strict=True) if word not in say.STATUS_OF)
        meant = np.array([*(say.STATUS_OF.get(word) for word in words), None], dtype=object)[position]
        if odd:
            unknown = choices(map(repr, odd))
            notes.append(f"{column}: nothing is known of {unknown}; such runs are complete if they have a metric.")
        if len(odd) == len(unique):
            roles[column], column = "ignored", None
        else:
            said = pd.notna(meant) & ~((meant == "complete") & lost)
            status = np.where(said, meant, status)
    if early is not None:
        status = np.where(early & (status == "complete"), "stopped", status)
    if column is None and np.isin(status, ("diverged", "stopped")).any():
        column = next(c for c in ("status", "run_status", "status_of_run", "status_of_the_run") if c not in roles)
        roles[column] = "status"
        if (status == "diverged").any():
            notes.append(
                f"{column}: added, {metric} says which runs diverged (not finite) and which have no value (failed)."
            )
    return (frame if column is None else frame.assign(**{column: status})), roles, notes


def _finished(frame: pd.DataFrame, roles: dict[str, Role]) -> tuple[NDArray[np.bool_], list[str], int]:
    """Which runs have come to their end, shape (runs,), a note for the others, and how many a scheduler stopped."""
    column = next((c for c, role in roles.items() if role == "status"), None)
    if column is None:
        return np.ones(len(frame), dtype=bool), [], 0
    running, stopped = (int((frame[column] == status).sum()) for status in ("running", "stopped"))
    early = "stopped early by a scheduler and"
    told = {
        count(running, "run is still running and is", "runs are still running and are"): running,
        count(stopped, f"run was {early} is", f"runs were {early} are"): stopped,
    }
    notes = [f"{said} set aside." for said, runs in told.items() if runs]
    return ~frame[column].isin(["running", "stopped"]).to_numpy(), notes, stopped


def _some_finished(frame: pd.DataFrame, roles: dict[str, Role], finished: NDArray[np.bool_]) -> None:
    if not finished.any():
        column = next(c for c, role in roles.items() if role == "status")
        raise UserError(
            f"none of the {len(frame)} runs has finished by {column!r}; wait for one or give the column another role."
        )


def _means_failed(text: str) -> bool:
    return say.STATUS_OF.get(" ".join(say.words(text.rpartition(".")[2]))) in ("failed", "diverged")


def _space(frame: pd.DataFrame, roles: dict[str, Role], reading: Settings, table: Table, source: str) -> Filled:
    user: SpaceData = reading.space if isinstance(reading.space, Mapping) else {}
    # What the user says of a hyperparameter completes what the source says, unless it is another kind of axis.
    own = {name: data for name, data in table.space.items() if user.get(name, data).get("kind") in (None, data["kind"])}
    declared = {
        name: {**own.get(name, {}), **user.get(name, {})} for name in (*own, *(n for n in user if n not in own))
    }
    declared |= {n: {**declared.get(n, {}), "log": scale == "log"} for n, scale in reading.scale.items()}
    names = [column for column, role in roles.items() if role == "hyperparameter"]
    if not names and len(frame) == 1:
        raise UserError(
            "there is one run, and a comparison needs more; give a table with a row a run"
            + (f", or a where that keeps more than {reading.where!r} does." if reading.where else ".")
        )
    if not names:
        raise UserError(
            "no column was recognised as a hyperparameter; declare what was varied, with the role hyperparameter for "
            f"one of {choices(c for c in frame.columns if c != reading.metric)}{in_steps(frame, roles, source)}."
        )
    order = [name for name in declared if name in names] + [name for name in names if name not in declared]
    nones = {n: with_declared_none(frame[n], declared[n].get("levels")) for n in order if n in declared}
    frame = frame.assign(**nones)
    axes = [hyperparameter(name, frame[name], declared.get(name)) for name in order]
    fixed = {name for name in declared if "active_when" in declared[name]}
    kept = {name for name in declared if {"kind", "levels"} & set(declared[name])}
    lost = ~np.isfinite(frame[str(reading.metric)].to_numpy(dtype=float))
    filled = fill_gaps(frame, Space(tuple(axes)), fixed, kept, lost)
    notes = [sentence(axis) for axis in filled.space if not {"kind"} <= set(declared.get(axis.name, {}))]
    blocks = [c for c, role in roles.items() if role == "dataset"]
    texts = {axis.name: axis.levels for axis in axes} | {c: frame[c].dropna().unique() for c in blocks}
    notes += [note for name in texts if "levels" not in declared.get(name, {}) for note in case_note(name, texts[name])]
    return filled._replace(notes=notes + filled.notes)


def _scope(frame: pd.DataFrame, roles: dict[str, Role]) -> str:
    """What all runs had in common in how long they were trained; the range where no budget was common to all."""
    budgets = [c for c, role in roles.items() if role == "budget" and is_number(frame[c]) and frame[c].notna().any()]
    parts = []
    for column in [c for c in budgets if frame[c].min() == frame[c].max()] or budgets:
        low, high = frame[column].min(), frame[column].max()
        text = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        rest = [word for word in say.words(column) if word not in say.BUDGET_FILLERS - {"max"}]
        unit = rest[0].rstrip("s") if len(rest) == 1 else ""
        plain = unit in ("epoch", "step", "iteration")
        parts.append(f"{text} {unit}{'' if text == '1' else 's'}" if plain else f"{column} = {text}")
    # The setting epochs and the epoch that was reached say the same.
    return ", ".join(dict.fromkeys(parts))
