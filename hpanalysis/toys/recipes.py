"""Which truths are worth meeting? The recipes by name: each is a way in which an analysis of a sweep goes wrong."""

from __future__ import annotations

from dataclasses import replace

from hpanalysis.toys.generator import Recipe, shift_for

NULL = Recipe()
CONFOUNDED = Recipe(shift={"augmentation": {"on": 0.5}}, confounded=True)
STRONG = Recipe(shift={"augmentation": {"on": 3.0}})
SURVIVORSHIP = Recipe(shift={"optimizer": {"momentum": -1.0}}, fails={"optimizer": {"rmsprop": 0.2}}, fails_below=-4.0)
INTERIOR = Recipe(shift={"learning_rate": {"peak": 3.0}})
INTERACTION = Recipe(together=3.0)
CLUSTERED = replace(NULL, repeats=3)
ADDITIVE = Recipe(
    shift={"augmentation": {"on": 1.0}, "optimizer": {"momentum": -1.5}, "learning_rate": {"peak": 3.0}},
    fails={"optimizer": {"momentum": 0.3}},
)


def real_effects(runs: int, strength: float = 6.0) -> Recipe:
    """Augmentation helps, momentum does worse than the other two optimizers: each by `strength` standard errors."""
    return Recipe(
        shift={
            "augmentation": {"on": shift_for(strength, runs, 1 / 2)},
            "optimizer": {"momentum": -shift_for(strength, runs, 1 / 3)},
        }
    )
