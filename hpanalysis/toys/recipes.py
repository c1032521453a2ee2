"""Which truths are worth meeting? The recipes by name: each is a way in which an analysis of a sweep goes wrong.

What is true of a toy stands below it, with an example of what can be seen in a sweep that is drawn by it.
"""

from __future__ import annotations

from dataclasses import replace

from hpanalysis.sweeps.space import Condition, Hyperparameter, Space
from hpanalysis.toys.generator import SPACE, Recipe

NULL = Recipe()
"""No hyperparameter has any effect, neither on the score nor on failing: every effect that is found is found by chance.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.NULL, 9000, 0)
>>> sweep.runs.query("dataset == 'hard'").groupby("optimizer")["accuracy"].mean().round(2).to_dict()
{'adam': 0.4, 'momentum': 0.4, 'rmsprop': 0.4}
"""

CONFOUNDED = Recipe(shift={"augmentation": {"on": 0.5}}, confounded=True)
"""Augmentation helps on every data set, by half a spread, and was tried more often on the harder ones: pooled over data
sets it seems to do harm.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.CONFOUNDED, 9000, 0)
>>> sweep.runs.groupby("augmentation")["accuracy"].mean().round(2).to_dict()
{'off': 0.84, 'on': 0.68}
>>> sweep.runs.query("dataset == 'hard'").groupby("augmentation")["accuracy"].mean().round(2).to_dict()
{'off': 0.4, 'on': 0.45}
"""

STRONG = Recipe(shift={"augmentation": {"on": 3.0}})
"""Augmentation helps by three spreads on every data set, and nothing else has an effect.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.STRONG, 9000, 0)
>>> sweep.runs.query("dataset == 'hard'").groupby("augmentation")["accuracy"].mean().round(2).to_dict()
{'off': 0.4, 'on': 0.7}
"""

SURVIVORSHIP = Recipe(shift={"optimizer": {"momentum": -1.0}}, fails={"optimizer": {"rmsprop": 0.2}}, fails_below=-4.0)
"""Momentum is worse by a spread, and its worst runs fail and are never seen, so that its complete runs look too good;
rmsprop fails more often, by .2, and is no worse where it does not fail.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.SURVIVORSHIP, 9000, 0)
>>> sweep.runs["accuracy"].isna().groupby(sweep.runs["optimizer"]).mean().round(2).to_dict()
{'adam': 0.16, 'momentum': 0.27, 'rmsprop': 0.34}
"""

INTERIOR = Recipe(shift={"learning_rate": {"peak": 3.0}})
"""The learning rate is best in the middle of its range, on the logarithm, and three spreads worse at either end: no
trend in one direction is true.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.INTERIOR, 9000, 0)
>>> third = (sweep.space["learning_rate"].to_unit(sweep.values("learning_rate")) * 3).astype(int)
>>> sweep.runs.assign(third=third).query("dataset == 'hard'").groupby("third")["accuracy"].mean().round(2).to_dict()
{0: 0.26, 1: 0.39, 2: 0.26}
"""

INTERACTION = Recipe(interaction=3.0)
"""Augmentation helps with momentum and does harm with the other optimizers; averaged over the other, neither of the two
has an effect.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.INTERACTION, 9000, 0)
>>> hard = sweep.runs.query("dataset == 'hard'")
>>> hard.pivot_table(values="accuracy", index="augmentation", columns="optimizer").round(2).loc["on"].to_dict()
{'adam': 0.35, 'momentum': 0.49, 'rmsprop': 0.35}
>>> hard.groupby("augmentation")["accuracy"].mean().round(2).to_dict()
{'off': 0.41, 'on': 0.4}
"""

CLUSTERED = replace(NULL, repeats=3)
"""No effect at all; every configuration was run three times, and its runs share half of the variance of their luck:
there are far fewer independent observations than rows.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.CLUSTERED, 9000, 0)
>>> len(sweep), sweep.runs["learning_rate"].nunique()
(9000, 3000)
"""

TWINS = replace(NULL, repeats=3, varied="optimizer")
"""No effect at all; every configuration was run with each of the optimizers and no other difference, and the three runs
share half of the variance of their luck: comparing within them is more precise.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.TWINS, 9000, 0)
>>> sweep.runs["optimizer"].head(6).to_list()
['adam', 'rmsprop', 'momentum', 'adam', 'rmsprop', 'momentum']
"""

ADDITIVE = Recipe(
    shift={"augmentation": {"on": 1.0}, "optimizer": {"momentum": -1.5}, "learning_rate": {"peak": 3.0}},
    fails={"optimizer": {"momentum": 0.3}},
)
"""Augmentation helps by a spread, momentum is worse by one and a half and fails more often by .3, and the learning rate
is best in the middle: three effects that add up, no interaction.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.ADDITIVE, 9000, 0)
>>> hard = sweep.runs.query("dataset == 'hard'")
>>> means = hard.pivot_table(values="accuracy", index="augmentation", columns="optimizer")
>>> (means.loc["on"] - means.loc["off"]).round(1).to_dict()
{'adam': 0.1, 'momentum': 0.1, 'rmsprop': 0.1}
"""

LAST_LEVEL = Recipe(shift={"depth": {"5": -2.0}})
"""Of the four depths the largest is worse by two spreads and the others are equal: "the lower, the better" is false.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.LAST_LEVEL, 9000, 0)
>>> sweep.runs.query("dataset == 'hard'").groupby("depth")["accuracy"].mean().round(2).to_dict()
{2: 0.4, 3: 0.4, 4: 0.4, 5: 0.21}
"""

BIMODAL = Recipe(
    shift={"augmentation": {"on": 1.0}},
    spread={"augmentation": {"on": 2.0}, "activation": {"sigmoid": 1.5}},
    stuck={"augmentation": {"off": 0.1}, "optimizer": {"momentum": 0.25}},
)
"""Two modes and unequal spreads, by the very hyperparameters that are compared: augmentation shifts by a spread and
doubles the luck, one run in ten without it ends in a second mode, and one in four with momentum.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.BIMODAL, 9000, 0)
>>> hard = sweep.runs.query("dataset == 'hard'")
>>> (hard["accuracy"] < 0.1).groupby(hard["optimizer"]).mean().round(1).to_dict()
{'adam': 0.2, 'momentum': 0.4, 'rmsprop': 0.2}
"""

ADAPTIVE = replace(INTERIOR, adaptive=0.8)
"""As `INTERIOR`, searched by an optimiser: after the first quarter most runs vary a good earlier one, so that runs are
not independent draws, and levels that were tried with good learning rates look good themselves.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.ADAPTIVE, 9000, 0)
>>> u = sweep.space["learning_rate"].to_unit(sweep.values("learning_rate"))
>>> [round(float((abs(part - 0.5) < 0.25).mean()), 1) for part in (u[:2000], u[-2000:])]
[0.5, 0.8]
"""

CEILING = Recipe(shift={"augmentation": {"on": 0.5}}, crowded=1.5)
"""Augmentation helps by half a spread; on the easy data set half of the complete runs tie at the ceiling, where
nothing shows.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.CEILING, 9000, 0)
>>> easy = sweep.runs.query("dataset == 'easy'")["accuracy"].dropna()
>>> round(float((easy == easy.max()).mean()), 1)
0.5
"""


def _conditional() -> Space:
    # Nesterov's momentum exists with momentum only, and the rate of dropout where dropout is used.
    out: list[Hyperparameter] = []
    for h in SPACE:
        if h.name == "nesterov":
            h = replace(h, condition=Condition("optimizer", ("momentum",)))
        elif h.name == "dropout":
            out.append(Hyperparameter("use_dropout", "boolean", ("no", "yes")))
            h = replace(h, condition=Condition("use_dropout", ("yes",)))
        out.append(h)
    return Space(tuple(out))


CONDITIONAL = Recipe(shift={"nesterov": {"yes": 1.5}, "dropout": {"slope": -1.5}}, space=_conditional())
"""Nesterov's momentum exists with momentum only, and helps by one and a half spreads there; the rate of dropout exists
where dropout is used, and costs up to as much. Elsewhere neither has a value or an effect.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.CONDITIONAL, 9000, 0)
>>> sweep.runs["nesterov"].notna().groupby(sweep.runs["optimizer"]).mean().to_dict()
{'adam': 0.0, 'momentum': 1.0, 'rmsprop': 0.0}
"""

TUNED_ONLY = Recipe(
    shift={"augmentation": {"on": 1.0}}, spread={"augmentation": {"on": 1.5}}, tested=True, examples=2000
)
"""Augmentation changes nothing on average: it spreads the runs, and the best of several are better with it.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.TUNED_ONLY, 9000, 0)
>>> hard = sweep.runs.query("dataset == 'hard'").groupby("augmentation")["test_accuracy"]
>>> best = hard.quantile(0.95)
>>> hard.mean().round(2).to_dict(), bool(best["on"] > best["off"] + 0.03)
({'off': 0.4, 'on': 0.4}, True)
"""

TUNED_TURNS = Recipe(shift={"augmentation": {"on": 0.6}}, spread={"augmentation": {"on": 2.0}}, tested=True)
"""Augmentation costs 1.4 spreads on average and pays from about seven tries on: the sign depends on k.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.TUNED_TURNS, 9000, 0)
>>> hard = sweep.runs.query("dataset == 'hard'").groupby("augmentation")["test_accuracy"]
>>> hard.mean().round(2).to_dict()
{'off': 0.4, 'on': 0.26}
"""

TUNED_NOISE = Recipe(examples=500, noise={"augmentation": {"on": 1.0}})
"""No effect at all: with augmentation the accuracy on the 500 examples of the validation set, which all runs share, is
noisy, and the best of several look better for that alone.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.TUNED_NOISE, 9000, 0)
>>> sweep.runs.query("dataset == 'hard'").groupby("augmentation")["accuracy"].max().round(2).to_dict()
{'off': 0.6, 'on': 0.65}
"""

TUNED_COST = Recipe(shift={"depth": {"slope": 0.3}}, cost={"depth": {"slope": 2.0}})
"""Deeper is better by up to .3 spreads, and takes three times as long: in equal time the shallow ones are tried more
often.

>>> from hpanalysis import toys
>>> sweep = toys.make(toys.TUNED_COST, 9000, 0)
>>> sweep.runs.groupby("depth")["seconds"].mean().round(1).to_dict()
{2: 1.0, 3: 1.7, 4: 2.3, 5: 3.0}
"""
