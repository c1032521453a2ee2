"""What would an honest method say of this? Sweeps whose truth is known, for tests, documentation and examples."""

from hpanalysis.toys.generator import CHANCE, DATASETS, SPACE, Recipe, levels_of, make, shift_for
from hpanalysis.toys.recipes import (
    ADDITIVE,
    CLUSTERED,
    CONFOUNDED,
    INTERACTION,
    INTERIOR,
    NULL,
    STRONG,
    SURVIVORSHIP,
    real_effects,
)

__all__ = [
    "ADDITIVE",
    "CHANCE",
    "CLUSTERED",
    "CONFOUNDED",
    "DATASETS",
    "INTERACTION",
    "INTERIOR",
    "NULL",
    "SPACE",
    "STRONG",
    "SURVIVORSHIP",
    "Recipe",
    "levels_of",
    "make",
    "real_effects",
    "shift_for",
]
