"""How is a next space handed to the program that searches it? As YAML, Python or Optuna, with a reason a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from hpanalysis.errors import UserError, choices
from hpanalysis.questions.next_space.change import proposed_space
from hpanalysis.statistics.differences import POOLED
from hpanalysis.sweeps.reading.sidecar import one_line, space_lines

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer
    from hpanalysis.reporting.site.study import Settings
    from hpanalysis.sweeps.space import Hyperparameter, Space

Form = Literal["yaml", "python", "optuna"]
FORMS: tuple[str, ...] = get_args(Form)


def write_space(answer: Answer, form: Form = "yaml") -> str:
    """Write the proposed space as a text that runs, every line with its reason as a comment.

    Parameters
    ----------
    answer
        Of `next_space`.
    form
        yaml: the ``hyperparameters`` of a file ``NAME.sweep.yaml``, read back to the same space. python: a `Space`
        called ``space``. optuna: a function ``suggest(trial)`` that returns the parameters of one trial.

    Returns
    -------
    str
        Some lines, the last one ended.

    Raises
    ------
    UserError
        If the answer is of another question, or the form is unknown.
    """
    if form not in FORMS:
        raise UserError(f"form is {form!r}; choose one of {choices(FORMS)}.")
    space = proposed_space(answer)
    why = reasons(answer)
    gone = [one_line(f"{name}: left out, {' '.join(why[name])}") for name in why if name not in space]
    head = f"The space to try next, proposed from {answer.asked['runs']:,} runs by {answer.asked['metric']}."
    writers = {"yaml": _yaml, "python": _python, "optuna": _optuna}
    return writers[form](space, {h.name: why.get(h.name, []) for h in space}, head, gone)


def proposal(source: str, reading: Settings, form: Form) -> str:
    """The text of `write_space` for a table of runs, read with these settings."""
    from hpanalysis.questions.next_space.ask import next_space
    from hpanalysis.reporting.site.study import open_studies

    if form not in FORMS:
        raise UserError(f"form is {form!r}; choose one of {choices(FORMS)}.")
    (study,) = open_studies([source], reading)
    return write_space(next_space(study.sweep), form)


def reasons(answer: Answer) -> dict[str, list[str]]:
    """Hyperparameter -> what happens to it and why, one sentence each; levels that are kept share one."""
    out: dict[str, list[str]] = {}
    rows = answer.frame[answer.frame["dataset"] == POOLED]
    new = proposed_space(answer)
    for name, own in rows.groupby("hyperparameter", sort=False):
        if name not in new:
            out[name] = ["what it depends on was dropped."]
            continue
        levels = own["value"].ne("").sum() > 1 or answer.asked["space"][name].has_levels
        acts = own[own["action"] != "keep"]
        if levels and (acts["action"] == "fix").any():
            acts = acts[acts["action"] == "fix"]
        told = [f"{_did(row, levels)}: {row.reason}." for row in acts.itertuples()]
        kept = own[own["action"] == "keep"]
        if not told and len(kept) == 1:
            told = [f"keep: {kept['reason'].iloc[0]}."]
        elif not told:
            told = ["keep every level: none was shown to be beaten after tuning wherever it was tried."]
        out[name] = told
    return out


def _did(row: Any, levels: bool) -> str:
    if row.action == "drop level":
        return f"drop {row.value}"
    if row.action == "narrow":
        return f"narrow to {row.value}"
    return f"fix at {row.value}" if row.action == "fix" and levels else row.action


def _yaml(space: Space, why: dict[str, list[str]], head: str, gone: list[str]) -> str:
    lines = [f"# {one_line(head)}", *(f"# {text}" for text in gone), "hyperparameters:"]
    for name, line in space_lines(space).items():
        lines += [f"  # {one_line(text)}" for text in why[name]]
        lines += [f"  {part}" for part in line.splitlines()]
    return "\n".join(lines) + "\n"


def _python(space: Space, why: dict[str, list[str]], head: str, gone: list[str]) -> str:
    lines = [f"# {one_line(head)}", "from hpanalysis.sweeps.space import Condition, Hyperparameter, Space", ""]
    lines += [*(f"# {text}" for text in gone), "space = Space(", "    ("]
    for h in space:
        lines += [f"        # {one_line(text)}" for text in why[h.name]]
        lines.append(f"        {_literal(h)},")
    return "\n".join([*lines, "    )", ")"]) + "\n"


def _literal(h: Hyperparameter) -> str:
    parts = [_repr(h.name), _repr(h.kind)]
    parts += [f"levels={_repr(h.levels)}"] if h.has_levels else [f"low={_repr(h.low)}", f"high={_repr(h.high)}"]
    parts += ["log=True"] if h.log else []
    if h.condition:
        parts.append(f"condition=Condition({_repr(h.condition.hyperparameter)}, {_repr(h.condition.values)})")
    parts += [f"{key}={_repr(getattr(h, key))}" for key in ("unit", "description") if getattr(h, key)]
    return f"Hyperparameter({', '.join(parts)})"


def _repr(value: Any) -> str:
    """A literal of plain Python, in one line of printable ASCII."""
    if isinstance(value, tuple):
        inside = ", ".join(map(_repr, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    value = value.item() if isinstance(value, np.generic) else value
    return ascii(value if isinstance(value, bool | int | float | str) or value is None else str(value))


def _optuna(space: Space, why: dict[str, list[str]], head: str, gone: list[str]) -> str:
    lines = [f"# {one_line(head)}", *(f"# {text}" for text in gone), "", "", "def suggest(trial):", "    chosen = {}"]
    for h in _parents_first(space):
        lines += [f"    # {one_line(text)}" for text in why[h.name]]
        indent = "    "
        if h.condition:
            parent, values = _repr(h.condition.hyperparameter), _repr(h.condition.values)
            # A parent that is itself inactive has no value, which no condition lists.
            lines.append(f"    if {parent} in chosen and chosen[{parent}] in {values}:")
            indent = "        "
        lines.append(f"{indent}chosen[{_repr(h.name)}] = {_suggestion(h)}")
    return "\n".join([*lines, "    return chosen"]) + "\n"


def _suggestion(h: Hyperparameter) -> str:
    name = _repr(h.name)
    if h.has_levels:
        return f"trial.suggest_categorical({name}, {_repr(h.levels)})"
    log = ", log=True" if h.log else ""
    if h.kind == "integer":
        return f"trial.suggest_int({name}, {_repr(int(h.low))}, {_repr(int(h.high))}{log})"
    return f"trial.suggest_float({name}, {_repr(float(h.low))}, {_repr(float(h.high))}{log})"


def _parents_first(space: Space) -> list[Hyperparameter]:
    """In the order of the space, but for those that depend on a later one."""
    waiting, ordered, known = list(space), [], set()
    while waiting:
        ready = [h for h in waiting if h.condition is None or h.condition.hyperparameter in known]
        if not ready:
            names = choices(h.name for h in waiting)
            raise UserError(f"{names} depend on each other in a circle; correct the conditions of the space.")
        ordered.append(ready[0])
        known.add(ready[0].name)
        waiting.remove(ready[0])
    return ordered
