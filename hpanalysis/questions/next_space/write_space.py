"""How is a next space handed to the program that searches it? As YAML, Python or Optuna, with a reason a line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from hpanalysis.errors import UserError, choices, one_of
from hpanalysis.questions.next_space.change import proposed_space
from hpanalysis.questions.next_space.reasons import reasons
from hpanalysis.sweeps.reading.kinds import NONE
from hpanalysis.sweeps.reading.sidecar import one_line, space_lines

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer
    from hpanalysis.sweeps.space import Hyperparameter, Level, Space

Form = Literal["yaml", "python", "optuna"]
FORMS: tuple[Form, ...] = get_args(Form)
# Said where something changes: a report judges all that it asks together, and may leave the same open.
ALONE = (
    "Changes hold with probability .95 for this proposal by itself; where a report of everything calls one undecided, "
    "take it as a hint."
)


@dataclass(frozen=True)
class Comments:
    """What a text says beside the space: in its first line, of what was left out, and above each hyperparameter."""

    head: str
    gone: list[str]
    why: dict[str, list[str]]

    @classmethod
    def of(cls, answer: Answer) -> Comments:
        """The reasons of an answer, each in one line."""
        space, why = proposed_space(answer), reasons(answer)
        head = f"The space to try next, proposed from {answer.asked['runs']:,} runs by {answer.asked['metric']}."
        gone = [one_line(f"{name}: left out, {' '.join(why[name])}") for name in why if name not in space]
        above = {h.name: [f"# {one_line(text)}" for text in why.get(h.name, [])] for h in space}
        lines = [head, ALONE] if space != answer.asked["space"] else [head]
        return cls("\n".join(f"# {one_line(line)}" for line in lines), [f"# {text}" for text in gone], above)

    def above(self, name: str, indent: str) -> list[str]:
        """The lines above a hyperparameter."""
        return [f"{indent}{line}" for line in self.why[name]]


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

    Examples
    --------
    >>> import hpanalysis as hp
    >>> from hpanalysis import toys
    >>> answer = hp.next_space(toys.make(toys.STRONG, 900, 1))
    >>> hp.write_space(answer).splitlines()[0]
    '# The space to try next, proposed from 900 runs by accuracy.'
    """
    writers: dict[Form, Callable[[Space, Comments], str]] = {"yaml": _yaml, "python": _python, "optuna": _optuna}
    writer = writers[one_of("form", form, FORMS)]
    return writer(proposed_space(answer), Comments.of(answer))


def _yaml(space: Space, comments: Comments) -> str:
    lines = [comments.head, *comments.gone, "hyperparameters:"]
    for name, line in space_lines(space).items():
        lines += comments.above(name, "  ")
        lines += [f"  {part}" for part in line.splitlines()]
    return "\n".join(lines) + "\n"


def _python(space: Space, comments: Comments) -> str:
    lines = [comments.head, "from hpanalysis.sweeps.space import Condition, Hyperparameter, Space", ""]
    lines += [*comments.gone, "space = Space(", "    ("]
    for h in space:
        lines += [*comments.above(h.name, "        "), f"        {_literal(h)},"]
    return "\n".join([*lines, "    )", ")"]) + "\n"


def _literal(h: Hyperparameter) -> str:
    parts = [_repr(h.name), _repr(h.kind)]
    parts += [f"levels={_repr(h.levels)}"] if h.has_levels else [f"low={_repr(h.low)}", f"high={_repr(h.high)}"]
    parts += ["log=True"] if h.log else []
    parts += [f"step={_repr(h.step)}"] if h.step is not None else []
    if h.condition:
        parts.append(f"condition=Condition({_repr(h.condition.hyperparameter)}, {_repr(h.condition.values)})")
    parts += [f"{key}={_repr(getattr(h, key))}" for key in ("unit", "description") if getattr(h, key)]
    return f"Hyperparameter({', '.join(parts)})"


def _repr(value: object) -> str:
    """A literal of plain Python, in one line of printable ASCII."""
    if isinstance(value, tuple):
        inside = ", ".join(map(_repr, value))
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    value = value.item() if isinstance(value, np.generic) else value
    return ascii(value if isinstance(value, bool | int | float | str) or value is None else str(value))


def _optuna(space: Space, comments: Comments) -> str:
    lines = [comments.head, *comments.gone, "", "", "def suggest(trial):", "    chosen = {}"]
    for h in _parents_first(space):
        lines += comments.above(h.name, "    ")
        indent = "    "
        if h.condition:
            parent, values = _repr(h.condition.hyperparameter), _repr(_values(h.condition.values))
            # A parent that is itself inactive has no value, which no condition lists.
            lines.append(f"    if {parent} in chosen and chosen[{parent}] in {values}:")
            indent = "        "
        lines.append(f"{indent}chosen[{_repr(h.name)}] = {_suggestion(h)}")
    return "\n".join([*lines, "    return chosen"]) + "\n"


def _values(levels: Iterable[Level]) -> tuple[Level | None, ...]:
    """Levels as a program takes them: where nothing was chosen, None."""
    return tuple(None if level == NONE else level for level in levels)


def _suggestion(h: Hyperparameter) -> str:
    name = _repr(h.name)
    if h.has_levels:
        return f"trial.suggest_categorical({name}, {_repr(_values(h.levels))})"
    number = int if h.kind == "integer" else float
    scale = ", log=True" if h.log else f", step={_repr(number(h.step))}" if h.step else ""
    low, high = (number(end) for end in h.ends)
    return f"trial.suggest_{number.__name__}({name}, {_repr(low)}, {_repr(high)}{scale})"


def _parents_first(space: Space) -> list[Hyperparameter]:
    """In the order of the space, but for those that depend on a later one."""
    waiting, known = list(space), set()
    ordered: list[Hyperparameter] = []
    while waiting:
        ready = [h for h in waiting if h.condition is None or h.condition.hyperparameter in known]
        if not ready:
            names = choices(h.name for h in waiting)
            raise UserError(f"{names} depend on each other in a circle; correct the conditions of the space.")
        ordered.append(ready[0])
        known.add(ready[0].name)
        waiting.remove(ready[0])
    return ordered
