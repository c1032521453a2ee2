"""What would an honest method say of this? Sweeps whose truth is known, for tests, documentation and examples.

A map of the room::

    recipes          the toys by name, each with what is true of it: `NULL`, `INTERACTION`, `CONFOUNDED` and others
    practice         designs met in practice, each with what is true of it: `CROSSED`, `JOBS`, `PHASE` and others
    designs          how the runs of these designs are drawn
    generator        how a sweep is drawn by a recipe: `make`, `Recipe`, and the `SPACE` of most of them
    staged           studies tuned by hand, stage by stage: `make_staged`; and all their cells, `make_factorial`
    strength         effects of so many standard errors: `real_effects`, `shift_for`
    one_data_set     one data set, no failures, and effects in standard errors of a regression: `make_one`
    adaptive         how an optimiser chooses its runs, and a tree-structured Parzen search
    pruning          what a scheduler leaves of a sweep: `pruned`, and curves to replay, `with_curves`
    log_interaction  a sweep whose shares of the variance are known exactly
"""

from hpanalysis.toys.generator import CHANCE, DATASETS, SPACE, Recipe, levels_of, make
from hpanalysis.toys.practice import (
    CROSSED,
    CROSSED_LUCK,
    CROSSED_MANY,
    DRIFT,
    EVALUATED,
    JOBS,
    NESTED,
    PARZEN,
    PHASE,
    RERUN,
)
from hpanalysis.toys.pruning import SCHEDULERS, pruned, with_curves
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
    TUNED_COST,
    TUNED_NOISE,
    TUNED_ONLY,
    TUNED_TURNS,
    TWINS,
)
from hpanalysis.toys.staged import Staged, make_factorial, make_staged
from hpanalysis.toys.strength import real_effects, shift_for

__all__ = [
    "ADAPTIVE",
    "ADDITIVE",
    "BIMODAL",
    "CEILING",
    "CHANCE",
    "CLUSTERED",
    "CONDITIONAL",
    "CONFOUNDED",
    "CROSSED",
    "CROSSED_LUCK",
    "CROSSED_MANY",
    "DATASETS",
    "DRIFT",
    "EVALUATED",
    "INTERACTION",
    "INTERIOR",
    "JOBS",
    "LAST_LEVEL",
    "NESTED",
    "NULL",
    "PARZEN",
    "PHASE",
    "RERUN",
    "SCHEDULERS",
    "SPACE",
    "STRONG",
    "SURVIVORSHIP",
    "TUNED_COST",
    "TUNED_NOISE",
    "TUNED_ONLY",
    "TUNED_TURNS",
    "TWINS",
    "Recipe",
    "Staged",
    "levels_of",
    "make",
    "make_factorial",
    "make_staged",
    "pruned",
    "real_effects",
    "shift_for",
    "with_curves",
]
