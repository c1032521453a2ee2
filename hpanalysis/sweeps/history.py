"""How did the runs get there? The curves of a sweep: one row a run and step, read only when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpanalysis.errors import UserError, choices
from hpanalysis.sweeps.reading import vocabulary as say
from hpanalysis.sweeps.reading.cells import is_number
from hpanalysis.sweeps.space import level_key

NONE = (
    "this sweep has no curves: give the table with a row a run and step to hp.read as history, or name it under the "
    "key curves in the file NAME.sweep.yaml beside the runs."
)


class Placed(NamedTuple):
    """Curves beside the runs that they are of.

    Parameters
    ----------
    frame
        One row a run and step, as `History.of` gives it.
    run
        Position of the run of each row, shape (rows,), ascending.
    step
        What the column of the steps is called in its table.
    """

    frame: pd.DataFrame
    run: NDArray[np.int64]
    step: str


@dataclass(frozen=True)
class History:
    """Where the curves of a sweep come from. The table is loaded by `of`, each time anew, and nothing is kept.

    Parameters
    ----------
    source
        What the table is called in messages: the name of a file, or "the history given" for a frame.
    load
        Gives the table, cleaned, shape (rows, columns).
    table
        The columns of the whole table of runs that may tell runs apart, before any run was left out, shape (rows,
        columns): curves of runs that are not in it belong to another sweep.
    file
        How a file beside the table of runs names them; None where they lie elsewhere.
    step
        The column of the steps, where it is known; else it is found by its name.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"run": ["a", "b"]})
    >>> curves = pd.DataFrame({"run": ["b", "a", "b"], "epoch": [2, 1, 1], "loss": [0.2, 0.6, 0.4]})
    >>> History("the history given", lambda: curves, runs).of(runs)
      run  step  loss
    0   a     1   0.6
    1   b     1   0.4
    2   b     2   0.2
    """

    source: str
    load: Callable[[], pd.DataFrame]
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    file: str | None = None
    step: str | None = None

    def of(self, runs: pd.DataFrame) -> pd.DataFrame:
        """The curves of some runs: run, step and what was measured, in the order of the runs and of the steps.

        Parameters
        ----------
        runs
            The runs, shape (runs, columns).

        Returns
        -------
        DataFrame
            One row a run and step. ``run`` holds what tells the runs apart in `runs`, ``step`` the step or epoch; the
            other columns keep their names.

        Raises
        ------
        UserError
            If no column tells which run a row is of, or which step; if cells of the two are empty or a pair occurs
            twice; or if a run is unknown.
        """
        return self.placed(runs).frame

    def placed(self, runs: pd.DataFrame) -> Placed:
        """The curves of some runs, as `of` gives them, with the position of the run of each row."""
        curves = self.load()
        key = self._run_column(curves, runs)
        own, known, mine = _keys(curves[key], self.table[key], runs[key])
        if own.isna().any():
            raise self._wrong(f"has no {key!r} in {int(own.isna().sum()):,} of its rows", "say which run they are of")
        strangers = own[~own.isin(known)].unique()
        if len(strangers):
            raise self._wrong(
                f"is also of runs that the table of runs does not have ({key}: {choices(strangers, 3)})",
                f"keep the rows whose {key!r} is in both",
            )
        step = self._step_column(curves, key)
        place = pd.Series(np.arange(len(runs)), index=mine).reindex(own).to_numpy(dtype=float)
        here = np.flatnonzero(np.isfinite(place))
        order = here[np.lexsort((curves[step].to_numpy()[here], place[here]))]
        rest = [name for name in curves.columns if name not in (key, step)]
        if clash := [name for name in rest if name in ("run", "step")]:
            raise self._wrong(f"has the column {clash[0]!r} beside {key!r} and {step!r}", "rename it")
        frame = curves.iloc[order][[key, step, *rest]].rename(columns={key: "run", step: "step"})
        return Placed(frame.reset_index(drop=True), place[order].astype(np.int64), step)

    def _run_column(self, curves: pd.DataFrame, runs: pd.DataFrame) -> str:
        shared = [name for name in self.table.columns if name in curves.columns and name in runs.columns]
        # Of a configuration and its runs, the runs.
        for name in sorted(shared, key=lambda n: -curves[n].nunique()):
            if runs[name].notna().all() and runs[name].is_unique:
                return name
        if shared:
            raise self._wrong(
                f"shares {choices(map(repr, shared))} with the runs, which is empty or the same in several of them",
                "give each run a name of its own in both tables",
            )
        raise self._wrong(
            f"shares no column with the runs that tells them apart (it has {choices(map(repr, curves.columns))})",
            f"add the one of {choices(map(repr, self.table.columns))}"
            if len(self.table.columns)
            else "add a column such as 'run' to both tables",
        )

    def _step_column(self, curves: pd.DataFrame, key: str) -> str:
        named = [self.step] if self.step else [n for n in curves.columns if n != key and say.is_budget(n)]
        if not named:
            raise self._wrong(
                f"has no column that says the step (it has {choices(map(repr, curves.columns))})",
                "call it 'step' or 'epoch'",
            )
        why = ""
        for name in sorted(named, key=lambda n: n != "step"):
            column = curves[name]
            if not is_number(column) or not np.isfinite(column.to_numpy(dtype=float, na_value=np.nan)).all():
                why = why or f"has rows whose {name!r} is empty or no number"
            elif (twice := curves.duplicated([key, name])).any():
                run, step = curves.loc[twice, [key, name]].iloc[0]
                why = why or f"has {name} {level_key(step)} of the run {level_key(run)} more than once"
            else:
                return name
        raise self._wrong(why, "give one row a run and step")

    def _wrong(self, what: str, do: str) -> UserError:
        return UserError(f"{self.source} {what}; {do}.")


def _keys(*columns: pd.Series) -> list[pd.Series]:
    """The columns in a form that compares: as they are if all hold numbers or all hold text, else as text."""
    if len({is_number(column) for column in columns}) == 1:
        return list(columns)
    return [column.map(level_key, na_action="ignore") for column in columns]
