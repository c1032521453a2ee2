"""How is an answer read? As a table, as a picture, as a summary: the same verbs for every question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from hpanalysis.errors import UserError
from hpanalysis.questions.answer import metric_facts
from hpanalysis.questions.finding import Findings
from hpanalysis.questions.registry import QUESTIONS, Question, question_of
from hpanalysis.questions.sweep import picture as sweep_picture
from hpanalysis.questions.sweep import words as sweep_words
from hpanalysis.style import scales
from hpanalysis.style.lines import Lines, describe_figure, opening
from hpanalysis.style.phrases import at_its_budget
from hpanalysis.sweeps.sweep import Sweep

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer
    from hpanalysis.style.table import Table


def table(answer: Answer) -> Table:
    """Lay an answer out for reading: every scale side by side, estimates with their 95 % intervals.

    Parameters
    ----------
    answer
        Of any question. For calculations take its own ``frame``.

    Returns
    -------
    Table
        A ``frame`` of texts, and the notes below it; a notebook shows both.

    Raises
    ------
    UserError
        If it is no answer.

    Examples
    --------
    >>> from hpanalysis import contrast, table, toys
    >>> table(contrast(toys.make(toys.ADDITIVE, 400, 0), "augmentation")).frame["where"].tolist()
    ['all data sets', 'easy', 'hard', 'middle']
    """
    laid = question_of(answer, "laid out as a table").words.table(answer)
    if "budget" not in answer.asked:
        return laid
    return replace(laid, notes=(f"{opening(answer.asked['budget']['said'])}.", *laid.notes))


def summary(subject: Sweep | Answer, *, scale: str | None = None) -> Lines:
    """Say in a few sentences what a table or its picture shows, without judging it.

    Parameters
    ----------
    subject
        A sweep, or the answer of any question.
    scale
        One of p_better, p_fail, mean, mean successful, best_of_k, tuned; the leading one of the answer when left out.

    Returns
    -------
    Lines
        A few sentences, which a notebook shows as they are; their ``text`` is plain.

    Raises
    ------
    UserError
        If the subject is neither, or it has no such scale.

    Examples
    --------
    >>> from hpanalysis import by_level, summary, toys
    >>> answer = by_level(toys.make(toys.ADDITIVE, 400, 0), ["augmentation"])
    >>> summary(answer, scale="p_fail")
    P(fail) by value, from the widest spread to the narrowest: augmentation 0.152 (on) to 0.199 (off).
    """
    keys = () if scale is None else (scale,)
    if isinstance(subject, Sweep):
        _refuse_scales("sweep", keys)
        return Lines(at_its_budget(metric_facts(subject), sweep_words.summary(subject)))
    question = question_of(subject, "summed up", or_sweep=True)
    _check_scales(question, subject, keys)
    return Lines(at_its_budget(subject.asked, question.words.summary(subject, scale)))


def plot(subject: Sweep | Answer, *, scale: str | Sequence[str] | None = None, ax: Axes | None = None) -> Axes:
    """Draw a sweep or an answer.

    Parameters
    ----------
    subject
        A sweep: its metric by data set, with the share of failed runs. Or the answer of any question.
    scale
        One of p_better, p_fail, mean, mean successful, best_of_k, tuned; the leading one of the answer when left out.
        Of contrast several of one unit, such as ("mean", "best_of_k"), are drawn side by side, as far as the answer
        has them.
    ax
        Where to draw; a new figure when left out.

    Returns
    -------
    matplotlib.axes.Axes
        The axes. The figure carries an alternative text.

    Raises
    ------
    UserError
        If the subject cannot be drawn, or does not have the scale.

    Notes
    -----
    Intervals are those of the table: for each row alone, so that of twenty rows without any effect one seems to have
    one. Filled marks in colour exclude no difference, hollow grey ones do not.

    Examples
    --------
    >>> from hpanalysis import contrast, plot, toys
    >>> ax = plot(contrast(toys.make(toys.ADDITIVE, 400, 0), "augmentation"), scale="mean")
    >>> ax.get_xlabel().splitlines()[0]
    'accuracy: on − off'
    """
    keys = () if scale is None else (scale,) if isinstance(scale, str) else tuple(scale)
    if isinstance(subject, Sweep):
        _refuse_scales("sweep", keys)
        drawn, about = sweep_picture.draw(subject, ax), metric_facts(subject)
    else:
        question = question_of(subject, "drawn", or_sweep=True)
        keys = _of_several(subject, keys)
        _check_scales(question, subject, keys)
        drawn, about = question.picture.draw(subject, keys, ax), subject.asked
    if "budget" in about:
        drawn.set_xlabel(f"{drawn.get_xlabel()}\n{about['budget']['said']}".strip())
    texts = [summary(subject, scale=key).text for key in keys or (None,)]
    describe_figure(drawn.figure, " ".join(texts))
    return drawn


def findings(answer: Answer) -> Findings:
    """Say what may be said of a question asked by hand: exploratory, adjusted over the claims of this answer alone.

    Parameters
    ----------
    answer
        Of a question that has findings.

    Raises
    ------
    UserError
        If it is no answer, or nothing may be said of its question.
    """
    question = question_of(answer, "asked for findings")
    if not question.finds:
        able = ", ".join(name for name, other in QUESTIONS.items() if other.finds)
        raise UserError(f"the answer to {question.name!r} makes no findings; give that of {able}.")
    return Findings(tuple(question.words.findings(answer))).at_budget(answer.asked)


def _check_scales(question: Question, answer: Answer, keys: Sequence[str]) -> None:
    """Refuse scales that the answer does not have, and several where its picture is drawn on one."""
    if question.scales == "none":
        _refuse_scales(question.name, keys)
    if len(keys) > 1 and question.scales == "one":
        raise UserError(f"{len(keys)} scales were given for {question.name!r}, which is drawn on one; choose one.")
    for key in keys:
        scales.check(answer, key)


def _of_several(answer: Answer, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Of several scales those that the answer has; all of them where it has none."""
    if len(keys) < 2:
        return keys
    return tuple(key for key in keys if scales.has(answer, key)) or keys


def _refuse_scales(name: str, keys: Sequence[str]) -> None:
    if keys:
        raise UserError(f"scale is {keys[0]!r}, but the answer to {name!r} has no scales; leave it out.")
