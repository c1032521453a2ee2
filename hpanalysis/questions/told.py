"""Who tells the answer to which question, laid out and in words? And what is said where nobody does."""

from __future__ import annotations

from hpanalysis.errors import UserError
from hpanalysis.questions.best_runs import words
from hpanalysis.questions.importance import words
from hpanalysis.questions.next_space import words
from hpanalysis.inquiry.power import words
from hpanalysis.questions.tuned_contrast import words
from hpanalysis.questions.effect_modifiers import words
from hpanalysis.questions.winner import words
from hpanalysis.questions.curve.words import curve_frame

# Question of an answer -> what lays it out: a frame of texts, and the notes below it.
FRAMES = {
    "best_of": words.best_of_frame,
    "common": words.common_frame,
    "curve": curve_frame,
    "depends": words.depends_frame,
    "disagreement": words.box_frame,
    "importance": words.importance_frame,
    "isolation": words.isolation_frame,
    "pairs": words.pairs_frame,
    "power": words.power_frame,
    "region": words.next_frame,
    "winner": words.winner_frame,
}
# Question of an answer -> what says it, for those that are read on no scale of one's choice.
WORDS = {
    "best_of": words.best_of_aloud,
    "common": words.common_aloud,
    "depends": words.depends_aloud,
    "disagreement": words.box_aloud,
    "importance": words.importance_aloud,
    "isolation": words.isolation_aloud,
    "pairs": words.pairs_aloud,
    "power": words.power_aloud,
    "region": words.next_aloud,
    "winner": words.winner_aloud,
}


def no_answer(subject: object, cannot: str, *, or_sweep: bool = False) -> UserError:
    """The error for what is no answer: "a str cannot be drawn; give ..."."""
    return UserError(
        f"a {type(subject).__name__} cannot be {cannot}; give {'a Sweep, or ' if or_sweep else ''}the Answer of "
        "contrast, interaction, by_level, check, curve, depends, all_pairs, power, importance, disagreement, common, "
        "winner, best_of, isolate or propose."
    )
