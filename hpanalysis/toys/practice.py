"""Which designs are met in practice? Recipes whose runs are no independent draws, though nobody searched.

In each of them an analysis that counts rows finds effects that are none. What is true of a toy stands below it.
"""

from __future__ import annotations

from dataclasses import replace

from hpanalysis.sweeps.space import Space
from hpanalysis.toys.generator import SPACE, Recipe

_NAMES = ("activation", "optimizer", "batch_size", "depth", "augmentation", "nesterov")
GRID = Space(tuple(SPACE[name] for name in _NAMES))
SEARCHED = Space(tuple(SPACE[name] for name in ("optimizer", "depth", "learning_rate", "dropout")))

CROSSED = Recipe(shift={"learning_rate": {"cliff": -4.0}}, design="crossed", shared=False)
"""The same configurations on each of three data sets; above a quarter of its range the learning rate costs four
spreads, which no smooth curve follows, so that a configuration lies off the fit on all data sets alike.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.CROSSED, 900, 0)
>>> sweep.runs.groupby("learning_rate")["dataset"].nunique().unique().tolist()
[3]
"""

CROSSED_LUCK = Recipe(design="crossed")
"""The same configurations on each of three data sets, no effect at all; half of the variance of the luck of a run is
that of its configuration.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.CROSSED_LUCK, 9000, 0)
>>> wide = sweep.runs.pivot_table(values="accuracy", index="learning_rate", columns="dataset")
>>> round(float(wide.corr().loc["easy", "hard"]), 1)
0.5
"""

CROSSED_MANY = replace(CROSSED_LUCK, many=True)
"""As `CROSSED_LUCK`, on ten data sets: a tenth as many configurations as runs.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.CROSSED_MANY, 400, 0)
>>> len(sweep.datasets), sweep.runs["learning_rate"].nunique()
(10, 40)
"""

JOBS = Recipe(design="jobs", varied="depth")
"""Jobs of twenty runs, each with one depth, and with luck of its own; no effect at all.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.JOBS, 400, 0)
>>> int(sweep.runs.groupby("job")["depth"].nunique().max())
1
"""

PHASE = Recipe(design="phase", varied="schedule")
"""After three fifths of the time the code was better by two spreads, and only then a third schedule was tried; no
effect at all.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.PHASE, 9000, 0)
>>> hard = sweep.runs.query("dataset == 'hard'")
>>> hard.groupby("schedule")["accuracy"].mean().round(2).to_dict()
{'constant': 0.46, 'cosine': 0.47, 'step': 0.59}
"""

DRIFT = Recipe(design="loop", drift=2.0, failing=0.0, space=GRID)
"""A full grid in nested loops on one data set, no effect at all; over the whole time the score rises by two spreads, so
that the values of the outer loop differ.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.DRIFT, 400, 0)
>>> sweep.runs.groupby("activation")["accuracy"].mean().round(2).to_dict()
{'elu': 0.48, 'relu': 0.44, 'sigmoid': 0.52, 'tanh': 0.59}
"""

NESTED = replace(DRIFT, drift=0.0, shift={"activation": {"sigmoid": -3.0}, "augmentation": {"on": 1.0}})
"""A full grid in nested loops on one data set, without any drift: of the outer loop sigmoid is worse by three spreads,
of an inner one augmentation helps by one.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.NESTED, 400, 0)
>>> sweep.runs.groupby("activation")["accuracy"].mean().round(1).to_dict()
{'elu': 0.5, 'relu': 0.5, 'sigmoid': 0.1, 'tanh': 0.5}
"""

EVALUATED = Recipe(design="evaluated", failing=0.0, space=GRID)
"""A full grid on one data set, each cell trained once and evaluated three times; no effect at all, and next to all luck
is that of the training.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.EVALUATED, 400, 0)
>>> inside = sweep.runs.groupby(list(sweep.space.names))["accuracy"].std().mean()
>>> bool(inside < 0.2 * sweep.runs["accuracy"].std())
True
"""

RERUN = Recipe(design="rerun")
"""Independent draws on one data set, of which the best five were run again nine times each; no effect at all.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.RERUN, 400, 0)
>>> sweep.runs["learning_rate"].value_counts().head(6).tolist()
[10, 10, 10, 10, 10, 1]
"""

PARZEN = Recipe(shift={"learning_rate": {"peak": 3.0}, "optimizer": {"momentum": -1.0}}, design="tpe", space=SEARCHED)
"""A tree-structured Parzen search over four hyperparameters on one data set, in the order of its trials: the learning
rate is best in the middle of its range, momentum is worse by a spread, and depth and dropout have no effect.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.PARZEN, 400, 0)
>>> u = sweep.space["learning_rate"].to_unit(sweep.values("learning_rate"))
>>> bool((abs(u[200:] - 0.5) < 0.2).mean() > 0.6)
True
"""
