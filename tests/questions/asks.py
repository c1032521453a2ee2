"""Every question of the registry, asked once: of a sweep or of its design."""

from collections.abc import Callable

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.questions.answer import Answer
from hpanalysis.sweeps.space import Space
from hpanalysis.sweeps.sweep import Sweep

# As small as every question can be asked of: three data sets, a range, an order, levels, a condition, failures.
NAMES = ("augmentation", "depth", "learning_rate", "optimizer", "nesterov")
RECIPE = toys.Recipe(
    shift={"augmentation": {"on": 1.5}, "depth": {"slope": 4.0}},
    fails={"optimizer": {"momentum": 0.2}},
    space=Space(tuple(h for h in toys.CONDITIONAL.space if h.name in NAMES)),
)
RUNS = 240

ASKS: dict[str, Callable[[Sweep | Design], Answer]] = {
    "check": hp.check,
    "omnibus_tests": hp.omnibus_tests,
    "by_level": hp.by_level,
    "contrast": lambda subject: hp.contrast(subject, "augmentation"),
    "interaction": lambda subject: hp.interaction(subject, "augmentation", "optimizer", tune="learning_rate"),
    "trend": lambda subject: hp.trend(subject, "depth"),
    "replicability": lambda subject: hp.replicability(subject, "augmentation"),
    "interactions": lambda subject: hp.interactions(subject, ["augmentation", "optimizer", "depth"], by="dataset"),
    "by_budget": lambda subject: hp.by_budget(toys.with_curves(Design.of(subject).sweep, {}, 9, 0), "augmentation"),
    "learning_curve": lambda subject: hp.learning_curve(
        toys.with_curves(Design.of(subject).sweep, {}, 9, 0), "augmentation"
    ),
    "staged": lambda subject: hp.staged(toys.make_staged(toys.Staged(seeds=3), 0)),
    "replay": lambda subject: hp.replay(toys.make_factorial(toys.Staged(seeds=2), 0)),
    "pareto_front": lambda subject: hp.pareto_front(toys.make_staged(toys.Staged(seeds=3), 0)),
    "effect_modifiers": lambda subject: hp.effect_modifiers(subject, "augmentation"),
    "curve": lambda subject: hp.curve(subject, "learning_rate", by="optimizer"),
    "importance": lambda subject: hp.importance(subject, measure="anova"),
    "disagreement": hp.disagreement,
    "best_runs": hp.best_runs,
    "best_of_k": lambda subject: hp.best_of_k(subject, "augmentation"),
    "tuned_contrast": lambda subject: hp.tuned_contrast(subject, "augmentation"),
    "winner": hp.winner,
    "next_space": hp.next_space,
    "power": hp.power,
}


def small() -> Sweep:
    """The sweep that all are asked of."""
    return toys.make(RECIPE, RUNS, 0)
