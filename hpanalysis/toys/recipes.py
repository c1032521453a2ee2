"""Which truths are worth meeting? The recipes by name: each is a way in which an analysis of a sweep goes wrong."""

from __future__ import annotations

from dataclasses import replace

from hpanalysis.sweeps.space import Condition, Hyperparameter, Space
from hpanalysis.toys.generator import SPACE, Recipe, shift_for

NULL = Recipe()
CONFOUNDED = Recipe(shift={"augmentation": {"on": 0.5}}, confounded=True)
STRONG = Recipe(shift={"augmentation": {"on": 3.0}})
SURVIVORSHIP = Recipe(shift={"optimizer": {"momentum": -1.0}}, fails={"optimizer": {"rmsprop": 0.2}}, fails_below=-4.0)
INTERIOR = Recipe(shift={"learning_rate": {"peak": 3.0}})
INTERACTION = Recipe(together=3.0)
CLUSTERED = replace(NULL, repeats=3)
# Every configuration with each of the optimizers, and no other difference: three runs that share half of their luck.
TWINS = replace(NULL, repeats=3, varied="optimizer")
ADDITIVE = Recipe(
    shift={"augmentation": {"on": 1.0}, "optimizer": {"momentum": -1.5}, "learning_rate": {"peak": 3.0}},
    fails={"optimizer": {"momentum": 0.3}},
)
# The lower the depth the better? No: only the deepest is worse.
LAST_LEVEL = Recipe(shift={"depth": {"5": -2.0}})
# Two modes and unequal spreads, by the very hyperparameters that are compared.
BIMODAL = Recipe(
    shift={"augmentation": {"on": 1.0}},
    spread={"augmentation": {"on": 2.0}, "activation": {"sigmoid": 1.5}},
    stuck={"augmentation": {"off": 0.1}, "optimizer": {"momentum": 0.25}},
)
# An optimiser looks for the best learning rate; what it finds on the way makes nothing else matter.
ADAPTIVE = replace(INTERIOR, adaptive=0.8)
# Four of ten runs on the easy data set tie at its ceiling.
CEILING = Recipe(shift={"augmentation": {"on": 0.5}}, crowded=1.5)


def _conditional() -> Space:
    """Nesterov's momentum exists with momentum only, and the rate of dropout where dropout is used."""
    out = []
    for h in SPACE:
        if h.name == "nesterov":
            h = replace(h, condition=Condition("optimizer", ("momentum",)))
        elif h.name == "dropout":
            out.append(Hyperparameter("use_dropout", "boolean", ("no", "yes")))
            h = replace(h, condition=Condition("use_dropout", ("yes",)))
        out.append(h)
    return Space(tuple(out))


CONDITIONAL = Recipe(shift={"nesterov": {"yes": 1.5}, "dropout": {"slope": -1.5}}, space=_conditional())


def real_effects(runs: int, strength: float = 6.0) -> Recipe:
    """Augmentation helps, momentum does worse than the other two optimizers: each by `strength` standard errors."""
    return Recipe(
        shift={
            "augmentation": {"on": shift_for(strength, runs, 1 / 2)},
            "optimizer": {"momentum": -shift_for(strength, runs, 1 / 3)},
        }
    )
