"""What is each column for? Roles from names and behaviour; what stays unclear is left out and listed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import pandas as pd

from hpanalysis.sweeps.reading import vocabulary as say
from hpanalysis.sweeps.reading.column_profile import Profile, determined, explained, joint, twins
from hpanalysis.sweeps.reading.kinds import MANY_LEVELS, uniform_distance
from hpanalysis.sweeps.sweep import Role

UNLIKE_A_DRAW = 0.25
LIKE_THE_METRIC = 0.95
GIVEN_AWAY = 0.9
STRONG_SETTINGS = {
    "size", "batch", "weight", "weights", "coef", "coefficient", "lr", "split", "init", "initial", "smoothing", "decay",
    "warmup", "frac", "fraction", "function", "fn", "type", "noise", "patience",
}  # fmt: skip


@dataclass
class Guess:
    """Roles while they are being inferred, with the sentences that say why."""

    roles: dict[str, Role] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def leave_out(self, name: str, why: str) -> None:
        """Ignore a column whose role is unclear, and say so."""
        self.roles[name] = "ignored"
        self.notes.append(f"{name}: left out, {why}; declare its role if it was chosen before the run.")


def infer_roles(
    frame: pd.DataFrame, declared: dict[str, Role], metric: str | None, chosen: Collection[str] = ()
) -> Guess:
    """The role of every column.

    Parameters
    ----------
    frame
        The table, one row a run.
    declared
        Column -> role as the user declared it; the rest is inferred.
    metric
        The metric, a numeric column of `frame`; None when it is not known yet.
    chosen
        The columns that hold what was chosen before a run, where the source says so: then no other is a hyperparameter.

    Returns
    -------
    Guess
        Roles in table order, and a note for whatever was left out or is not obvious.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"run_id": [1, 2, 3], "lr": [0.1, 0.2, 0.3], "seconds": [3.0, 4.0, 5.0], "loss": [3, 1, 2]})
    >>> infer_roles(runs, {}, "loss").roles
    {'run_id': 'identifier', 'lr': 'hyperparameter', 'seconds': 'cost', 'loss': 'metric'}
    """
    profiles = {name: Profile.of(name, frame[name]) for name in frame.columns}
    guess = Guess({name: declared[name] for name in frame.columns if name in declared})
    if metric is not None:
        guess.roles.setdefault(metric, "metric")
    # Sorted, so that the order of the columns decides nothing where only one can have a role.
    open_names = sorted((name for name in frame.columns if name not in guess.roles), key=lambda n: (len(n), n))
    objectives = say.objectives(frame.columns)
    for name in open_names:
        role = _by_source(profiles[name], guess) if name in chosen else _by_name(profiles[name], metric, guess)
        role = "outcome" if name in objectives else role
        if role is None and chosen and name not in chosen:
            role = "outcome" if profiles[name].numeric else "identifier"
        if role:
            guess.roles[name] = role
    _datasets(profiles, [name for name in open_names if name not in guess.roles], guess)
    undecided = [name for name in open_names if name not in guess.roles]
    for name in undecided:
        _by_behaviour(profiles[name], profiles, metric, guess, name in chosen)
    left = [name for name in undecided if guess.roles[name] == "hyperparameter"]
    _drop_determined(profiles, left, guess)
    guess.roles = {name: guess.roles[name] for name in frame.columns}
    guess.notes += _summaries(guess.roles, declared)
    return guess


def _by_source(p: Profile, guess: Guess) -> Role | None:
    """The role of a column that was chosen before the run: its name cannot make it anything measured."""
    return _by_name(p, None, guess) if p.filled == 0 else "seed" if say.is_seed(p.name) else None


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
    if say.is_message(name) and not p.numeric:
        return "identifier"
    if say.is_identifier(name) and not (own & say.OUTCOME_WORDS and p.numeric):
        return "identifier"
    recorded = say.is_recorded(name)
    if not p.numeric or (own & STRONG_SETTINGS and not recorded):
        return None
    if metric is not None and say.is_test_of(name, metric) and "test metric" not in guess.roles.values():
        return "test metric"
    outcome, cost = say.is_measure(name), say.is_cost(name)
    if recorded:
        # Whatever its values look like, it was not chosen before the run.
        return "cost" if cost and not outcome else (say.is_budget(name) and _budget(p, guess)) or "outcome"
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


def _budget(p: Profile, guess: Guess) -> Role | None:
    if not p.constant and p.few:
        return None
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
        if kept and determined(profiles[name], joint([profiles[other] for other in kept])):
            continue
        guess.roles[name] = "dataset"
        guess.notes.append(f"{name}: names the data set (inferred from its name).")


def _by_behaviour(
    p: Profile, profiles: dict[str, Profile], metric: str | None, guess: Guess, chosen: bool = False
) -> None:
    name = p.name
    if p.constant:
        guess.roles[name] = "ignored"
        guess.notes.append(f"{name}: ignored, it is constant ({str(p.column.iloc[0])[:40]}).")
        return
    if say.is_recorded(name):
        guess.leave_out(name, "the tracker recorded it during the run")
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
        elif metric and p.filled < len(p.codes) and not np.isfinite(profiles[metric].values[p.codes >= 0]).any():
            guess.leave_out(name, f"it is filled only where {metric} is missing")
        elif p.levels > MANY_LEVELS or (p.filled >= 20 and p.levels > p.filled / 2):
            guess.leave_out(name, f"it has {p.levels} different texts, too many to compare")
        else:
            guess.roles[name] = "hyperparameter"
        return
    if chosen and _counts_runs(p):
        guess.leave_out(name, "it counts the runs")
        return
    if chosen or p.few or say.is_setting(name):
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
    if _counts_runs(p):
        return "it counts the runs"
    if metric is not None:
        lost = ~np.isfinite(metric.values)
        if lost.sum() >= 5 and np.isnan(p.values[lost]).all() and not np.isnan(p.values[~lost]).any():
            return f"it is missing exactly where {metric.name} is"
        both = ~lost & np.isfinite(p.values)
        if both.sum() >= 20:
            own, other = (pd.Series(x[both]).rank().to_numpy(dtype=float) for x in (p.values, metric.values))
            if other.std() and abs(np.corrcoef(own, other)[0, 1]) > LIKE_THE_METRIC:
                return f"it follows {metric.name} too closely to be a setting"
    if len(values) >= 50 and min(uniform_distance(values)) > UNLIKE_A_DRAW:
        return "its values are spread as something measured, not as drawn from a range"
    return ""


def _counts_runs(p: Profile) -> bool:
    """Whether whole numbers are those of runs: without a gap, or with few and none of them twice."""
    values = p.values[np.isfinite(p.values)]
    if len(values) < 20 or not (values == np.round(values)).all():
        return False
    span = values.max() - values.min() + 1
    return bool(span == p.levels > len(values) / 2 or (p.levels == len(values) and span <= 1.25 * len(values)))


def _drop_determined(profiles: dict[str, Profile], names: list[str], guess: Guess) -> None:
    """Leave out what another column already says: the data set, a twin, or several hyperparameters together."""
    blocks = [profiles[name] for name, role in guess.roles.items() if role == "dataset"]
    block = joint(blocks) if blocks else None
    if block is not None and block.max() > 0:
        for name in names:
            if determined(profiles[name], block):
                guess.leave_out(name, "it is the same in all runs of a data set")
    kept: list[str] = [name for name, role in guess.roles.items() if role == "hyperparameter" and name not in names]
    # Text before numbers, a number before its logarithm, short names before long ones.
    for name in sorted(names, key=lambda n: (profiles[n].numeric, "log" in say.words(n), len(n), n)):
        if guess.roles[name] != "hyperparameter":
            continue
        twin = next((other for other in kept if twins(profiles[name], profiles[other])), None)
        if twin is not None:
            guess.leave_out(name, f"it repeats {twin}")
        else:
            kept.append(name)
    _drop_computed(profiles, names, blocks, guess)


def _drop_computed(profiles: dict[str, Profile], names: list[str], blocks: list[Profile], guess: Guess) -> None:
    """Leave out numbers that two other columns, or all of them together, give away: updates, volume."""
    kept = [profiles[name] for name, role in guess.roles.items() if role == "hyperparameter"]
    few = [*blocks, *(p for p in kept if p.levels <= MANY_LEVELS and (p.few or not p.numeric))]
    together = joint(few) if len(few) > 1 else None
    left = [profiles[name] for name in names if guess.roles[name] == "hyperparameter"]
    # A product has more values than its factors, and any two of the three give the third away: the product goes.
    for p in sorted(left, key=lambda p: (-p.levels, len(p.name), p.name)):
        if not p.numeric or (say.is_setting(p.name) and not say.is_budget(p.name)):
            continue
        if not p.few and together is not None and determined(p, together):
            guess.leave_out(p.name, "the other hyperparameters determine it")
            continue
        others = [o for o in few if o is not p and guess.roles[o.name] != "ignored"] if p.few else []
        pair = next(((a, b) for a, b in combinations(others, 2) if explained(p, a, b) > GIVEN_AWAY), None)
        if pair:
            guess.leave_out(p.name, f"{pair[0].name} and {pair[1].name} determine it")
        elif say.is_budget(p.name):
            guess.notes.append(
                f"{p.name}: how long a run was trained was varied like a hyperparameter and is read as one."
            )


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
