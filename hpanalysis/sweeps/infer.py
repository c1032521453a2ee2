"""What is each column for? Roles from names and behaviour; what stays unclear is left out and listed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from hpanalysis.sweeps import vocabulary as say
from hpanalysis.sweeps.cells import is_number, numbers
from hpanalysis.sweeps.kinds import MANY_LEVELS, few_levels, uniform_distance
from hpanalysis.sweeps.sweep import Role

UNLIKE_A_DRAW = 0.25
LIKE_THE_METRIC = 0.95
STRONG_SETTINGS = {
    "size", "batch", "weight", "weights", "coef", "coefficient", "lr", "split", "init", "initial", "smoothing", "decay",
    "warmup", "frac", "fraction", "function", "fn", "type", "noise", "patience",
}  # fmt: skip


@dataclass(frozen=True)
class Profile:
    """What can be seen of one column.

    Parameters
    ----------
    name
        Its name.
    column
        Its cells, shape (rows,).
    """

    name: str
    column: pd.Series

    @cached_property
    def codes(self) -> np.ndarray:
        """The same code for the same cell, -1 where missing, shape (rows,)."""
        return pd.factorize(self.column)[0]

    @cached_property
    def levels(self) -> int:
        """How many different values there are."""
        return int(self.codes.max()) + 1 if len(self.codes) else 0

    @cached_property
    def filled(self) -> int:
        """How many cells are not missing."""
        return int((self.codes >= 0).sum())

    @cached_property
    def numeric(self) -> bool:
        """Whether the cells are numbers; in an outcome a literal None counts as no number."""
        return is_number(self.column) or (
            self.levels > 2 and say.is_outcome(self.name) and not numbers(self.column).odd
        )

    @cached_property
    def values(self) -> np.ndarray:
        """The cells as numbers, shape (rows,)."""
        return numbers(self.column).values

    @cached_property
    def few(self) -> bool:
        """Whether the values repeat as the levels of a setting do."""
        return few_levels(self.levels, self.filled)

    @property
    def constant(self) -> bool:
        """Whether every run has the same value; a column that is empty in some runs is not constant."""
        return self.levels == 1 and self.filled == len(self.codes)

    @property
    def unique(self) -> bool:
        """Whether nearly every run has a value of its own."""
        return self.filled > 10 and self.levels >= 0.95 * self.filled


@dataclass
class Guess:
    """Roles while they are being inferred, with the sentences that say why."""

    roles: dict[str, Role] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def leave_out(self, name: str, why: str) -> None:
        """Ignore a column whose role is unclear, and say so."""
        self.roles[name] = "ignored"
        self.notes.append(f"{name}: left out, {why}; declare its role if it was chosen before the run.")


def infer_roles(frame: pd.DataFrame, declared: dict[str, Role], metric: str | None) -> Guess:
    """The role of every column.

    Parameters
    ----------
    frame
        The table, one row a run.
    declared
        Column -> role as the user declared it; the rest is inferred.
    metric
        The metric, a numeric column of `frame`; None when it is not known yet.

    Returns
    -------
    Guess
        Roles in table order, and a note for whatever was left out or is not obvious.
    """
    profiles = {name: Profile(name, frame[name]) for name in frame.columns}
    guess = Guess({name: declared[name] for name in frame.columns if name in declared})
    if metric is not None:
        guess.roles.setdefault(metric, "metric")
    open_names = [name for name in frame.columns if name not in guess.roles]
    for name in open_names:
        role = _by_name(profiles[name], metric, guess)
        if role:
            guess.roles[name] = role
    _datasets(profiles, [name for name in open_names if name not in guess.roles], guess)
    undecided = [name for name in open_names if name not in guess.roles]
    for name in undecided:
        _by_behaviour(profiles[name], profiles, metric, guess)
    left = [name for name in undecided if guess.roles[name] == "hyperparameter"]
    _drop_determined(profiles, left, guess)
    guess.roles = {name: guess.roles[name] for name in frame.columns}
    guess.notes += _summaries(guess.roles, declared)
    return guess


def _by_name(p: Profile, metric: str | None, guess: Guess) -> Role | None:
    name, own = p.name, set(say.words(p.name))
    if p.filled == 0:
        guess.notes.append(f"{name}: ignored, it is empty.")
        return "ignored"
    if say.is_index(name):
        guess.notes.append(f"{name or 'a column without a name'}: ignored, it numbers the rows.")
        return "ignored"
    if " ".join(say.words(name)) in say.STATUS_NAMES and "status" not in guess.roles.values():
        return "status"
    if say.is_seed(name):
        return "seed"
    if say.is_identifier(name) and not (own & say.OUTCOME_WORDS and p.numeric):
        return "identifier"
    if not p.numeric or own & STRONG_SETTINGS:
        return None
    if metric is not None and say.is_test_of(name, metric) and "test metric" not in guess.roles.values():
        return "test metric"
    outcome, cost = say.is_outcome(name), say.is_cost(name)
    if (outcome or cost) and own & say.SETTING_WORDS:
        if p.few:
            return None
        guess.leave_out(name, "its name could be that of a setting or of something measured")
        return "ignored"
    if outcome and p.levels <= 6 and p.few and not p.constant:
        guess.leave_out(name, "its name is that of something measured, its few values are those of a setting")
        return "ignored"
    if outcome or cost:
        return "outcome" if outcome else "cost"
    return _budget(p, guess) if say.is_budget(name) else None


def _budget(p: Profile, guess: Guess) -> Role:
    if not p.constant and p.few:
        guess.notes.append(
            f"{p.name}: it says how long a run was trained and was varied like a hyperparameter, so it is read as one."
        )
        return "hyperparameter"
    if not p.constant:
        low, high = np.nanmin(p.values), np.nanmax(p.values)
        guess.notes.append(
            f"{p.name}: runs differ in it ({low:g} to {high:g}); it is read as their budget, not as a setting."
        )
    return "budget"


def _datasets(profiles: dict[str, Profile], names: list[str], guess: Guess) -> None:
    if "dataset" in guess.roles.values():
        return
    named = [name for name in names if " ".join(say.words(name)) in say.DATASET_NAMES]
    named = [name for name in named if not profiles[name].unique and profiles[name].levels <= MANY_LEVELS]
    named.sort(key=lambda name: ("dataset" not in "".join(say.words(name)), name))
    for name in named:
        kept = [other for other, role in guess.roles.items() if role == "dataset"]
        if kept and _determined(profiles[name], _joint([profiles[other] for other in kept])):
            continue
        guess.roles[name] = "dataset"
        guess.notes.append(f"{name}: names the data set (inferred from its name).")


def _by_behaviour(p: Profile, profiles: dict[str, Profile], metric: str | None, guess: Guess) -> None:
    name = p.name
    if p.constant:
        guess.roles[name] = "ignored"
        guess.notes.append(f"{name}: ignored, it is constant ({str(p.column.iloc[0])[:40]}).")
        return
    if not p.numeric:
        levels = set(map(str, p.column.dropna().unique())) if p.levels <= MANY_LEVELS else set()
        if len(levels) > 1 and levels <= set(profiles) - {name}:
            guess.roles[name] = "identifier"
            guess.notes.append(
                f"{name}: its values are names of other columns; it is read as the label of a block of runs in which "
                "that column was varied, not as a hyperparameter."
            )
        elif p.unique:
            guess.roles[name] = "identifier"
        elif p.levels > MANY_LEVELS or (p.filled >= 20 and p.levels > p.filled / 2):
            guess.leave_out(name, f"it has {p.levels} different texts, too many to compare")
        else:
            guess.roles[name] = "hyperparameter"
        return
    if p.few or say.is_setting(name):
        guess.roles[name] = "hyperparameter"
        return
    why = _looks_measured(p, profiles.get(metric) if metric else None)
    if why:
        guess.leave_out(name, why)
    else:
        guess.roles[name] = "hyperparameter"


def _looks_measured(p: Profile, metric: Profile | None) -> str:
    """Why a numeric column with many values, under a name that says nothing, was probably not chosen before the run."""
    values = p.values[np.isfinite(p.values)]
    whole = bool((values == np.round(values)).all())
    if whole and p.unique and values.max() - values.min() + 1 == len(values):
        return "it counts the rows"
    if metric is not None:
        lost = ~np.isfinite(metric.values)
        if lost.sum() >= 5 and np.isnan(p.values[lost]).all() and not np.isnan(p.values[~lost]).any():
            return f"it is missing exactly where {metric.name} is"
        both = ~lost & np.isfinite(p.values)
        if both.sum() >= 20:
            ranks = [pd.Series(x[both]).rank().to_numpy() for x in (p.values, metric.values)]
            if ranks[1].std() and abs(np.corrcoef(*ranks)[0, 1]) > LIKE_THE_METRIC:
                return f"it follows {metric.name} too closely to be a setting"
    if len(values) >= 50 and min(uniform_distance(values)) > UNLIKE_A_DRAW:
        return "its values are spread as something measured, not as drawn from a range"
    return ""


def _drop_determined(profiles: dict[str, Profile], names: list[str], guess: Guess) -> None:
    """Leave out what another column already says: the data set, a twin, or several hyperparameters together."""
    blocks = [profiles[name] for name, role in guess.roles.items() if role == "dataset"]
    block = _joint(blocks) if blocks else None
    if block is not None and block.max() > 0:
        for name in names:
            if _determined(profiles[name], block):
                guess.leave_out(name, "it is the same in all runs of a data set")
    kept: list[str] = [
        name for name, role in guess.roles.items() if role == "hyperparameter" and name not in names
    ]
    # Text before numbers and short names before long ones, so that the order of the columns decides nothing.
    for name in sorted(names, key=lambda n: (profiles[n].numeric, len(n), n)):
        if guess.roles[name] != "hyperparameter":
            continue
        twin = next((other for other in kept if _twins(profiles[name], profiles[other])), None)
        if twin is not None:
            guess.leave_out(name, f"it repeats {twin}")
        else:
            kept.append(name)
    few = [profiles[name] for name in kept if profiles[name].few or not profiles[name].numeric]
    joint = _joint(few) if len(few) > 1 else None
    for name in names:
        many = guess.roles[name] == "hyperparameter" and profiles[name].numeric and not profiles[name].few
        if many and joint is not None and _determined(profiles[name], joint) and not say.is_setting(name):
            guess.leave_out(name, "the other hyperparameters determine it")


def _joint(profiles: list[Profile]) -> np.ndarray:
    code = np.zeros(len(profiles[0].codes), dtype=np.int64)
    for p in profiles:
        code = pd.factorize(code * (p.levels + 1) + p.codes + 1)[0]
    return code


def _determined(p: Profile, group: np.ndarray) -> bool:
    """Whether a column is constant within groups, in enough groups of several rows for that to mean something."""
    size = np.bincount(group)
    if size[size > 1].sum() < max(8, 0.5 * len(group)):
        return False
    return int(pd.factorize(group.astype(np.int64) * (p.levels + 1) + p.codes + 1)[0].max()) == int(
        group.max()
    )


def _twins(a: Profile, b: Profile) -> bool:
    if a.levels != b.levels or a.levels < 2:
        return False
    if a.levels > a.filled / 2:
        if (
            not (a.numeric and b.numeric)
            or a.filled < 10
            or not np.array_equal(np.isnan(a.values), np.isnan(b.values))
        ):
            return False
        first, second = (pd.Series(p.values).rank().to_numpy() for p in (a, b))
        both = ~np.isnan(first)
        top = both.sum() + 1
        return bool((first == second)[both].all() or (first == top - second)[both].all())
    return a.filled >= a.levels + 8 and _determined(a, _joint([b])) and _determined(b, _joint([a]))


def _summaries(roles: dict[str, Role], declared: dict[str, Role]) -> list[str]:
    told: dict[Role, Callable[[str], str]] = {
        "test metric": lambda names: f"{names}: the metric on test data (inferred from its name).",
        "outcome": lambda names: f"{names}: measured beside the metric, not hyperparameters (inferred).",
        "cost": lambda names: f"{names}: what a run cost, not hyperparameters (inferred).",
        "seed": lambda names: f"{names}: the random seed (inferred from its name).",
        "identifier": lambda names: f"{names}: tell runs apart, not hyperparameters (inferred).",
    }
    notes = []
    for role, sentence in told.items():
        names = [name for name, own in roles.items() if own == role and name not in declared]
        if names:
            notes.append(sentence(", ".join(names)))
    return notes
