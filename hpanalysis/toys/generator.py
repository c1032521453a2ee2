"""How is a sweep drawn whose truth is known? One recipe says what every hyperparameter does, one function draws.

All of them look like a random search over networks: data sets of unequal size and difficulty, ten hyperparameters of
every kind, skewed accuracies, some runs that fail. What each hyperparameter does is known exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError, choices, one_of
from hpanalysis.sweeps.space import Hyperparameter, Space
from hpanalysis.sweeps.sweep import Role, Sweep
from hpanalysis.toys.adaptive import Positions, search
from hpanalysis.toys.designs import DESIGNS, Design, Drawn, draw

Effects = dict[str, dict[str, float]]  # hyperparameter -> label of a level, or "peak", "slope", "cliff" -> size

SPACE = Space(
    (
        Hyperparameter("augmentation", "boolean", ("off", "on")),
        Hyperparameter("optimizer", "categorical", ("adam", "rmsprop", "momentum")),
        Hyperparameter("activation", "categorical", ("relu", "elu", "sigmoid", "tanh")),
        Hyperparameter("batch_size", "ordinal", (32, 64, 128, 256)),
        Hyperparameter("depth", "ordinal", (2, 3, 4, 5)),
        Hyperparameter("units", "integer", low=16, high=512, log=True),
        Hyperparameter("learning_rate", "continuous", low=1e-4, high=1e-1, log=True),
        Hyperparameter("dropout", "continuous", low=0.0, high=0.5),
        Hyperparameter("nesterov", "boolean", ("no", "yes")),
        Hyperparameter("schedule", "categorical", ("constant", "cosine", "step")),
    )
)
# Share of the runs, ceiling and spread of the accuracy: from easy and crowded at the top to hard and wide.
# Of ten data sets: equal shares, ceilings and spreads between those of the three.
MANY = {f"task-{i}": (0.1, 0.95 - 0.04 * i, 0.03 + 0.007 * i) for i in range(10)}
DATASETS = {"easy": (0.4, 0.99, 0.02), "middle": (0.35, 0.9, 0.06), "hard": (0.25, 0.6, 0.1)}
CHANCE = 0.1
# A run that is stuck ends that many spreads lower.
STUCK = 5.0
# A cliff lies at that position of a range.
CLIFF = 0.75


@dataclass(frozen=True)
class Recipe:
    """How the outcome of a toy sweep depends on its hyperparameters.

    Parameters
    ----------
    shift
        Shift of the score, in spreads of the data set: a label shifts the runs of that level; "peak" lowers the score
        with the squared distance from the middle of the range; "slope" raises it by the whole shift from the first to
        the last position; "cliff" shifts the last quarter of a range.
    fails
        Added probability of failing.
    interaction
        Shift where augmentation is on and the optimizer is momentum, balanced so that neither has an effect alone.
    failing
        Probability of failing everywhere.
    fails_below
        Score in spreads below the ceiling under which a run fails: the worst are never seen.
    confounded
        Whether augmentation is drawn more often on harder data sets.
    repeats
        Runs of each configuration, which share half of the variance of their outcome.
    varied
        Hyperparameter that runs through its levels in the repeats of a configuration, which are twins then.
    spread
        Factor of the luck of the runs of a level.
    stuck
        Probability of ending in a second, lower mode.
    crowded
        On the easy data set, every score at most so many spreads below the ceiling is the ceiling: runs tie there.
    adaptive
        Share of the configurations after the first quarter that are chosen near the best ones so far.
    tested
        Whether there is a test accuracy too, the score itself; then, or with `examples`, the accuracy is that of a
        validation set.
    examples
        Of the validation set; the accuracy is a share of them. 0 for a score without noise or step.
    noise
        Share of the binomial noise of these examples that is in the validation accuracy of the runs of a level.
    cost
        Seconds of a run, more than 1, by level.
    design
        How the runs are drawn, see `designs`.
    shared
        Whether a configuration has luck of its own on all data sets, where it is tried on each of them.
    many
        Whether there are ten data sets instead of three.
    drift
        Spreads by which the score rises while a grid is gone through.
    space
        What is drawn; a conditional hyperparameter has no value, and no effect, where its condition does not hold.

    Raises
    ------
    UserError
        If an effect is that of no hyperparameter or level of the space.

    Examples
    --------
    >>> sweep = make(Recipe(shift={"depth": {"5": -2.0}}, failing=0.5), 4000, 0)
    >>> round(float(sweep.runs["accuracy"].isna().mean()), 1)
    0.5
    """

    shift: Effects = field(default_factory=dict)
    fails: Effects = field(default_factory=dict)
    interaction: float = 0.0
    failing: float = 0.08
    fails_below: float = -np.inf
    confounded: bool = False
    repeats: int = 1
    varied: str = ""
    spread: Effects = field(default_factory=dict)
    stuck: Effects = field(default_factory=dict)
    crowded: float = 0.0
    adaptive: float = 0.0
    tested: bool = False
    examples: int = 0
    noise: Effects = field(default_factory=dict)
    cost: Effects = field(default_factory=dict)
    design: Design = "independent"
    shared: bool = True
    many: bool = False
    drift: float = 0.0
    space: Space = SPACE

    def __post_init__(self) -> None:
        for effects in (self.shift, self.fails, self.spread, self.stuck, self.noise, self.cost):
            for name, by_level in effects.items():
                legal = [*map(str, self.space[name].levels), "peak", "slope", "cliff"]
                for key in by_level:
                    if key not in legal:
                        raise UserError(f"{key!r} is not a level of {name!r}; choose one of {choices(legal)}.")
        one_of("the design of a toy", self.design, DESIGNS)
        if self.varied:
            self.space[self.varied]  # refuses what it does not hold


def make(recipe: Recipe, runs: int, rng: int | np.random.Generator, *, failed_value: float | None = CHANCE) -> Sweep:
    """Draw a sweep by a recipe.

    Parameters
    ----------
    recipe
        What the hyperparameters do.
    runs
        Number of runs (a multiple of the recipe's repeats, else the last configuration has fewer).
    rng
        Seed or generator.
    failed_value
        Declared accuracy of a failed run; None declares none.

    Returns
    -------
    Sweep
        Metric ``accuracy``, goal max, data sets easy, middle and hard; failed runs have no metric.

    Examples
    --------
    >>> from hpanalysis import toys
    >>> sweep = toys.make(toys.STRONG, 300, rng=0)
    >>> len(sweep), sweep.metric, sweep.datasets
    (300, 'accuracy', ('easy', 'hard', 'middle'))
    """
    rng = np.random.default_rng(rng)
    places = MANY if recipe.many else DATASETS
    if recipe.design != "independent":
        return _sweep(recipe, _designed(recipe, runs, rng), runs, rng, failed_value)
    count = -(-runs // recipe.repeats)
    block = rng.choice(len(places), count, p=[share for share, _, _ in places.values()])
    u = {h.name: rng.random(count) for h in recipe.space}
    if recipe.confounded:
        # Augmentation was tried on 20, 50 and 80 % of the runs: a pooled comparison compares data sets.
        u["augmentation"] = np.where(rng.random(count) < np.array([0.2, 0.5, 0.8])[block], 0.75, 0.25)
    each = np.repeat(np.arange(count), recipe.repeats)
    own, shared = rng.gamma(2.0, 1.0, len(each)), np.repeat(rng.gamma(2.0, 1.0, count), recipe.repeats)
    luck = own if recipe.repeats == 1 else (own + shared) / 2
    fate = np.vstack([luck, rng.random(len(each)), rng.random(len(each)) if recipe.stuck else np.ones(len(each))])
    if recipe.adaptive:

        def tried(rows: np.ndarray, chosen: Positions) -> np.ndarray:
            score, failed = _outcome(recipe, block[rows], chosen, fate[:, :: recipe.repeats][:, rows])
            return np.where(failed, -np.inf, score)

        u = search(u, block, tried, recipe.adaptive, rng)
    u = {name: at[each] for name, at in u.items()}
    if recipe.varied:
        u[recipe.varied] = (np.arange(len(each)) % recipe.repeats + 0.5) / recipe.repeats
    made = Runs(block[each], u, *_outcome(recipe, block[each], u, fate))
    return _sweep(recipe, made, runs, rng, failed_value)


class Runs(NamedTuple):
    """Data set, positions, score and failure of every run, and further columns of the table."""

    block: np.ndarray
    u: Positions
    score: np.ndarray
    failed: np.ndarray
    columns: Mapping[str, np.ndarray] = MappingProxyType({})


def _designed(recipe: Recipe, runs: int, rng: np.random.Generator) -> Runs:
    """The runs of a design that is not that of independent draws."""
    places = MANY if recipe.many else DATASETS

    def tried(block: np.ndarray, u: Positions, luck: np.ndarray) -> np.ndarray:
        return _outcome(recipe, block, u, np.vstack([luck, np.ones((2, len(luck)))]))[0]

    found: Drawn = draw(recipe, runs, np.array([share for share, _, _ in places.values()]), tried, rng)
    fate = np.vstack([found.luck - found.moved, rng.random((2, len(found.luck)))])
    return Runs(found.block, found.u, *_outcome(recipe, found.block, found.u, fate), found.columns)


def _sweep(recipe: Recipe, made: Runs, runs: int, rng: np.random.Generator, failed_value: float | None) -> Sweep:
    names, (block, u, score, failed, columns) = np.array(list(MANY if recipe.many else DATASETS)), made
    values, active = _values(recipe.space, u, recipe.space.names)
    for name, value in values.items():
        value[~active[name]] = None
    table = pd.DataFrame(values)
    at = {name: Axis(recipe.space[name], u[name], values[name].astype(str), active[name]) for name in values}
    seen = _validated(recipe, score, at, rng) if recipe.examples else score
    table = table.infer_objects().assign(dataset=names[block], accuracy=np.where(failed, np.nan, seen), **columns)
    roles: dict[str, Role] = dict.fromkeys(recipe.space.names, "hyperparameter")
    roles |= {name: "seed" if name == "seed" else "identifier" for name in columns}
    if recipe.tested:
        table, roles = (
            table.assign(test_accuracy=np.where(failed, np.nan, score)),
            roles | {"test_accuracy": "test metric"},
        )
    if recipe.cost:
        seconds = 1.0 + _sum(recipe.cost, at, np.zeros(len(table)))
        table, roles = table.assign(seconds=seconds), roles | {"seconds": "cost"}
    return Sweep(
        table.iloc[:runs],
        recipe.space,
        roles | {"dataset": "dataset", "accuracy": "metric"},
        "accuracy",
        "max",
        name="toy",
        source="toy",
        sha256=f"toy-{runs}",
        unit="accuracy",
        failed_value=failed_value,
    )


def _validated(recipe: Recipe, score: np.ndarray, at: dict[str, Axis], rng: np.random.Generator) -> np.ndarray:
    """The share of the examples of a validation set that each run gets right, shape (runs,)."""
    share = np.clip(score, 0.0, 1.0)
    noise = _sum(recipe.noise, at, np.zeros(len(score))) * np.sqrt(share * (1 - share) / recipe.examples)
    drawn = share + noise * rng.standard_normal(len(score))
    return np.asarray(np.clip((drawn * recipe.examples).round(), 0, recipe.examples) / recipe.examples)


def _values(space: Space, u: Positions, names: Iterable[str]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Values at positions in the unit cube, and whether each hyperparameter is active; shape (configurations,)."""
    values: dict[str, np.ndarray] = {}
    active: dict[str, np.ndarray] = {}
    for h in (space[name] for name in names):
        values[h.name] = np.array(h.from_unit(u[h.name]), dtype=object)
        active[h.name] = np.ones(len(u[h.name]), dtype=bool)
        if h.condition:
            other = np.array(space[h.condition.hyperparameter].from_unit(u[h.condition.hyperparameter]), dtype=object)
            active[h.name] = np.isin(other, h.condition.values)
    return values, active


def _outcome(recipe: Recipe, block: np.ndarray, u: Positions, fate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Score and whether it failed of each run, shape (runs,); fate is its luck, and two uniform draws."""
    luck, fails, sticks = fate
    places = MANY if recipe.many else DATASETS
    acts = {"augmentation", "optimizer"} if recipe.interaction else set()
    acts = acts.union(recipe.shift, recipe.fails, recipe.spread, recipe.stuck)
    values, active = _values(recipe.space, u, acts)
    at = {name: Axis(recipe.space[name], u[name], values[name].astype(str), active[name]) for name in acts}
    zero = np.zeros(len(block))
    shift = _sum(recipe.shift, at, zero)
    if recipe.interaction:
        # Centred products: the row and column means of the table of cells stay zero.
        on, momentum = at["augmentation"].label == "on", at["optimizer"].label == "momentum"
        shift = shift + recipe.interaction * (on - 0.5) * (momentum - 1 / 3)
    shift = shift - STUCK * (sticks < _sum(recipe.stuck, at, zero))
    level = shift - luck * (1.0 + _sum(recipe.spread, at, zero, 1.0))
    failing = np.clip(recipe.failing + _sum(recipe.fails, at, zero), 0.0, 0.95)
    _, ceiling, spread = (np.array(v)[block] for v in zip(*places.values(), strict=True))
    if recipe.crowded:
        level = np.where((block == 0) & (level > -recipe.crowded), 0.0, level)
    return ceiling + spread * level, (fails < failing) | (level < recipe.fails_below)


class Axis(NamedTuple):
    """Position and label of each run on a hyperparameter, and whether it is active there; shape (runs,)."""

    hyperparameter: Hyperparameter
    u: np.ndarray
    label: np.ndarray
    active: np.ndarray


def _sum(effects: Effects, at: dict[str, Axis], start: np.ndarray, less: float = 0.0) -> np.ndarray:
    """Sum of the effects of all hyperparameters on each run where they are active, shape (runs,)."""
    total = start
    for name, by_level in effects.items():
        h, u, label, active = at[name]
        for key, size in by_level.items():
            if key == "peak":
                part = -size * (2 * u - 1) ** 2
            elif key == "cliff":
                part = size * np.asarray(u > CLIFF, dtype=float)
            elif key == "slope":
                part = size * (np.floor(u * len(h.levels)) / (len(h.levels) - 1) if h.levels else u)
            else:
                part = (size - less) * (label == key)
            total = total + part * active
    return total


def shifts_of(sweep: Sweep, effects: Effects) -> np.ndarray:
    """Sum of effects on the runs of a toy by its values, shape (runs,), in spreads; none where one is inactive.

    Examples
    --------
    >>> sweep = make(Recipe(), 300, 0)
    >>> sorted({float(shift) for shift in shifts_of(sweep, {"depth": {"5": -2.0}})})
    [-2.0, 0.0]
    """
    at = {}
    for h in (sweep.space[name] for name in effects):
        u = h.to_unit(sweep.values(h.name))
        at[h.name] = Axis(h, np.nan_to_num(u), sweep.values(h.name).astype(str).to_numpy(), np.isfinite(u))
    return _sum(effects, at, np.zeros(len(sweep)))


def levels_of(name: str) -> tuple[str, ...]:
    """Labels of the levels of a hyperparameter of the toys; empty for a range.

    Examples
    --------
    >>> levels_of("depth")
    ('2', '3', '4', '5')
    """
    return tuple(str(level) for level in SPACE[name].levels)
