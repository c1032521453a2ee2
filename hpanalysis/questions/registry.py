"""Which questions are there? Their names, once: a question is a folder with this name, and a public function.

Each folder has ask.py (a design becomes an answer), words.py (`table`, `summary` and, where something may be said,
`findings`) and picture.py (`draw`). Nothing else in the package decides anything by a question's name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal, Protocol, cast

from hpanalysis.errors import UserError
from hpanalysis.questions.report import SHARE_END, SHARE_MAIN, SHARE_PAIRS, Report

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from hpanalysis.design.design import Design
    from hpanalysis.questions.answer import Answer
    from hpanalysis.questions.finding import Finding
    from hpanalysis.questions.report import Context
    from hpanalysis.style.rows import Row
    from hpanalysis.style.table import Table

Scales = Literal["none", "one", "several"]


class Ask(Protocol):
    """What the ask.py of a question provides whose claims a report pools."""

    def claims(self, design: Design, report: Report) -> pd.DataFrame: ...


class Words(Protocol):
    """What a question's words.py provides."""

    def table(self, answer: Answer) -> Table: ...

    def summary(self, answer: Answer, key: str | None = None) -> str: ...

    def findings(self, answer: Answer) -> Iterable[Finding]: ...

    def label(self, row: Row) -> str: ...

    def render(self, rows: pd.DataFrame, context: Context) -> Iterable[Finding]: ...


class Picture(Protocol):
    """What a question's picture.py provides."""

    def draw(self, answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes: ...


@dataclass(frozen=True)
class Question:
    """A question that can be asked.

    Parameters
    ----------
    name
        Of its folder, its public function and `Answer.question`.
    scales
        On how many scales at once its picture can be drawn.
    finds
        Whether something may be said of it; else it describes.
    share
        The part of the error of a whole report that its claims may spend; 0 if a report does not pool them.
    room
        The package that its folder is in.
    """

    name: str
    scales: Scales = "none"
    finds: bool = True
    share: float = 0.0
    room: str = "hpanalysis.questions"

    @property
    def ask(self) -> Ask:
        """Its claims."""
        return cast(Ask, import_module(f"{self.room}.{self.name}.ask"))

    @property
    def words(self) -> Words:
        """Its sentences and tables."""
        return cast(Words, import_module(f"{self.room}.{self.name}.words"))

    @property
    def picture(self) -> Picture:
        """Its picture."""
        return cast(Picture, import_module(f"{self.room}.{self.name}.picture"))


QUESTIONS = {
    question.name: question
    for question in (
        Question("check", finds=False),
        Question("omnibus_tests", share=SHARE_MAIN),
        Question("by_level", "one", finds=False),
        Question("contrast", "several", share=SHARE_MAIN),
        Question("interaction", "one"),
        Question("trend", share=SHARE_MAIN),
        Question("replicability", share=SHARE_MAIN),
        Question("interactions", share=SHARE_PAIRS),
        Question("by_budget", share=SHARE_END),
        Question("learning_curve"),
        Question("staged"),
        Question("replay"),
        Question("pareto_front"),
        Question("effect_modifiers", share=SHARE_PAIRS),
        Question("curve", "one"),
        Question("importance"),
        Question("disagreement"),
        Question("best_runs"),
        Question("best_of_k", "one", finds=False),
        Question("tuned_contrast", "one"),
        Question("winner"),
        Question("next_space"),
        Question("power", "one", finds=False, room="hpanalysis.inquiry"),
    )
}


def question_of(answer: Answer, verb: str, *, or_sweep: bool = False) -> Question:
    """The question that an answer answers; `verb` says in the error what was to be done with it.

    Raises
    ------
    UserError
        If it is no answer.
    """
    found = QUESTIONS.get(getattr(answer, "question", ""))
    if found is None:
        legal = f"{'a Sweep, or ' if or_sweep else ''}the Answer of {', '.join(QUESTIONS)}"
        raise UserError(f"a {type(answer).__name__} cannot be {verb}; give {legal}.")
    return found
