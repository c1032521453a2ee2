"""How is an Optuna study read? From its SQLite storage, its journal, or the study itself: what they share is here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.runs import Status
from hpanalysis.sweeps.sources.plain.guarded import Json, parse_json
from hpanalysis.sweeps.sources.plain.json_values import Dict, as_dict, as_list, joined
from hpanalysis.sweeps.sources.plain.records import Run, fresh, tabulate, with_curves, with_metric, with_notes
from hpanalysis.sweeps.sources.plain.spaces import Axis, among, between, widest, with_space
from hpanalysis.sweeps.sweep import Goal

STATUS: dict[str, Status] = {
    **{"COMPLETE": "complete", "PRUNED": "stopped", "FAIL": "failed"},
    **{"RUNNING": "running", "WAITING": "running"},
}
HOW = (
    "Optuna: parameters and their ranges are those of the distributions, conditions are inferred from absent ones; "
    "a failed trial and a diverged one are both FAIL."
)
# Every trial repeats the text of its distributions.
Axes = dict[str, Axis | None]


@dataclass(slots=True)
class Trial:
    """A trial while it is being collected."""

    state: str = "RUNNING"
    chosen: Dict = field(default_factory=dict)
    values: list[float | None] = field(default_factory=list)
    attrs: Dict = field(default_factory=dict)
    steps: dict[float, float | None] = field(default_factory=dict)


@dataclass(slots=True)
class Distributions:
    """The distributions of a study by their texts, each read once."""

    known: dict[str, tuple[Axis | None, list[Json] | None]] = field(default_factory=dict)
    of: dict[str, dict[str, None]] = field(default_factory=dict)

    def value(self, name: str, internal: float, text: str) -> Json:
        """The value of a parameter: of a categorical one the choice that its number stands for."""
        self.of.setdefault(name, {})[text] = None
        if text not in self.known:
            self.known[text] = distribution(as_dict(parse_json(text, f"the distribution of {name}")))
        axis, choices = self.known[text]
        if choices is not None:
            return choices[int(internal)] if 0 <= int(internal) < len(choices) else None
        return int(internal) if axis is not None and axis.whole and float(internal).is_integer() else internal

    def axes(self) -> Axes:
        """The axis of each parameter; the widest where its distribution changed."""
        found = {name: [self.known[text][0] for text in texts] for name, texts in self.of.items()}
        return {name: widest([a for a in axes if a is not None]) for name, axes in found.items()}


def distribution(data: Dict) -> tuple[Axis | None, list[Json] | None]:
    """The axis of a distribution as JSON, and its choices; with the names that older versions gave them.

    Examples
    --------
    >>> data = {"name": "IntDistribution", "attributes": {"low": 16, "high": 128, "step": 16, "log": False}}
    >>> distribution(data)[0].step
    16.0
    """
    name, said = str(data.get("name")), as_dict(data.get("attributes"))
    if name == "CategoricalDistribution":
        choices = as_list(said.get("choices"))
        return among(choices), choices
    log = said.get("log") is True or name in ("LogUniformDistribution", "IntLogUniformDistribution")
    step = said.get("step", said.get("q"))
    return between(said.get("low"), said.get("high"), log=log, step=step, whole=name.startswith("Int")), None


def study_table(
    kind: str, trials: Mapping[int, Trial], directions: Sequence[Goal | None], names: Sequence[str], axes: Axes
) -> Table:
    """The table of a study.

    Parameters
    ----------
    kind
        What the source is called.
    trials
        Number -> trial.
    directions
        What is better, one an objective.
    names
        What the objectives are called, if the study names them; else they are `value`, or `values_0` and so on.
    axes
        The declared space.
    """
    several = len(directions) > 1
    taken = {name for trial in trials.values() for name in (*trial.chosen, *trial.attrs)}
    unnamed = [f"values_{i}" for i in range(len(directions))] if several else ["value"]
    columns = [fresh(name, taken) for name in (names if len(names) == len(directions) else unnamed)]
    staged = any(trial.steps for trial in trials.values())
    runs = [
        Run(
            number,
            trial.chosen,
            {
                **({"last_step": max(trial.steps, default=0)} if staged else {}),
                **dict(zip(columns, trial.values, strict=False)),
                **trial.attrs,
            },
            STATUS.get(trial.state, "failed"),
        )
        for number, trial in trials.items()
    ]
    table = with_space(tabulate(kind, runs, prefix="user_attrs_"), axes)
    metric = columns[0] if columns and not several else None
    table = with_metric(table, metric, directions[0] if directions else None)
    if staged and columns:
        told = _told(trials, columns[0])
        table = with_curves(table, lambda: joined(told))
    note = f"The study has several objectives, {', '.join(columns)}: say which with --metric." if several else ""
    return with_notes(table, HOW, note)


def _told(trials: Mapping[int, Trial], name: str) -> Iterable[tuple[int, float, Dict]]:
    return [(n, step, {name: value}) for n, trial in trials.items() for step, value in sorted(trial.steps.items())]
