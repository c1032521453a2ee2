"""What would an honest method say of this? Sweeps whose truth is known, for tests, documentation and examples."""

from hpanalysis.toys.generator import CHANCE, DATASETS, SPACE, Recipe, levels_of, make, shift_for
from hpanalysis.toys.recipes import (
    ADAPTIVE,
    ADDITIVE,
    BIMODAL,
    CEILING,
    CLUSTERED,
    CONDITIONAL,
    CONFOUNDED,
    INTERACTION,
    INTERIOR,
    LAST_LEVEL,
    NULL,
    STRONG,
    SURVIVORSHIP,
    real_effects,
)

__all__ = [
    "ADAPTIVE",
    "ADDITIVE",
    "BIMODAL",
    "CEILING",
    "CHANCE",
    "CLUSTERED",
    "CONDITIONAL",
    "CONFOUNDED",
    "DATASETS",
    "INTERACTION",
    "INTERIOR",
    "LAST_LEVEL",
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
