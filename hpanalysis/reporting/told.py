"""Who tells the answer to which question, laid out and in words? And what is said where nobody does."""

from __future__ import annotations

from hpanalysis.errors import UserError
from hpanalysis.reporting import (
    told_common,
    told_importance,
    told_next,
    told_power,
    told_tuned,
    told_when,
    told_winner,
)
from hpanalysis.reporting.told_curve import curve_frame

# Question of an answer -> what lays it out: a frame of texts, and the notes below it.
FRAMES = {
    "best_of": told_tuned.best_of_frame,
    "common": told_common.common_frame,
    "curve": curve_frame,
    "depends": told_when.depends_frame,
    "disagreement": told_importance.box_frame,
    "importance": told_importance.importance_frame,
    "isolation": told_tuned.isolation_frame,
    "pairs": told_when.pairs_frame,
    "power": told_power.power_frame,
    "region": told_next.next_frame,
    "winner": told_winner.winner_frame,
}
# Question of an answer -> what says it, for those that are read on no scale of one's choice.
WORDS = {
    "best_of": told_tuned.best_of_aloud,
    "common": told_common.common_aloud,
    "depends": told_when.depends_aloud,
    "disagreement": told_importance.box_aloud,
    "importance": told_importance.importance_aloud,
    "isolation": told_tuned.isolation_aloud,
    "pairs": told_when.pairs_aloud,
    "power": told_power.power_aloud,
    "region": told_next.next_aloud,
    "winner": told_winner.winner_aloud,
}


def no_answer(subject: object, cannot: str, *, or_sweep: bool = False) -> UserError:
    """The error for what is no answer: "a str cannot be drawn; give ..."."""
    return UserError(
        f"a {type(subject).__name__} cannot be {cannot}; give {'a Sweep, or ' if or_sweep else ''}the Answer of "
        "contrast, interaction, by_level, check, curve, depends, all_pairs, power, importance, disagreement, common, "
        "winner, best_of, isolate or propose."
    )
