"""What is each column for? Roles from structure, names and behaviour; what stays unclear is left out and listed."""

from __future__ import annotations

import shlex
from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpanalysis.sweeps.reading import vocabulary as say
from hpanalysis.sweeps.reading.cells import ELAPSED, mixed
from hpanalysis.sweeps.reading.column_profile import Profile, determined, joint
from hpanalysis.sweeps.reading.copies import computed, copied, same_within
from hpanalysis.sweeps.reading.dataset_hint import dataset_hint
from hpanalysis.sweeps.reading.kinds import MANY_LEVELS
from hpanalysis.sweeps.reading.measured import counts_runs, explains_gaps, follows, is_drawn, is_like, looks_measured
from hpanalysis.sweeps.sweep import Role

STRONG_SETTINGS = {
    "size", "batch", "weight", "weights", "coef", "coefficient", "lr", "split", "init", "initial", "smoothing", "decay",
    "warmup", "frac", "fraction", "function", "fn", "type", "noise", "patience",
}  # fmt: skip
# They make a name that of a limit or an aim: max_time, target_kl.
BOUNDS = {"max", "min", "target", "limit", "threshold", "init", "initial", "clip", "weight", "coef"}


@dataclass
class Guess:
    """Roles while they are being inferred, with the sentences that say why."""

    roles: dict[str, Role] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    recorded: frozenset[str] = frozenset()
    chosen: frozenset[str] = frozenset()

    def leave_out(self, name: str, why: str, role: Role = "ignored") -> None:
        """Set aside a column that may have been chosen before the run, and say so."""
        self.roles[name] = role
        said = shlex.quote(f"{name}=hyperparameter")
        note = f"{name}: left out, {why}; if it was chosen before the run, keep it with --role {said}."
        self.notes.append(note)


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
    for name in frame.attrs.get(ELAPSED, ()):
        profiles[name] = replace(profiles[name], elapsed=True)
    prefixed = frozenset(chosen) or say.chosen_columns(frame.columns)
    known = {name: declared[name] for name in frame.columns if name in declared}
    guess = Guess(known, recorded=say.recorded_columns(frame.columns), chosen=prefixed)
    if metric is not None:
        guess.roles.setdefault(metric, "metric")
    # Sorted, so that the order of the columns decides nothing where only one can have a role.
    open_names = sorted((name for name in frame.columns if name not in guess.roles), key=lambda n: (len(n), n))
    objectives = say.objectives(frame.columns)
    measure = profiles[metric] if metric is not None else None
    for name in open_names:
        configured = name in prefixed or say.is_configured(name)
        role = _by_structure(profiles[name], guess) if configured else _by_name(profiles[name], measure, guess)
        role = "outcome" if name in objectives else role
        if role:
            guess.roles[name] = role
    _datasets(profiles, [name for name in open_names if name not in guess.roles], guess)
    undecided = [name for name in open_names if name not in guess.roles]
    for name in undecided:
        if prefixed and name not in prefixed and not profiles[name].constant:
            _beside_the_chosen(profiles[name], guess)
        else:
            _by_behaviour(profiles[name], profiles, metric, guess)
    left = [name for name in undecided if guess.roles[name] == "hyperparameter"]
    _drop_determined(profiles, left, guess)
    for name in _left(undecided, guess):
        if metric is not None and not (say.is_setting(name) or say.is_budget(name) or name in prefixed):
            _by_the_metric(name, profiles, metric, guess)
    guess.roles = {name: guess.roles[name] for name in frame.columns}
    guess.notes += [*dataset_hint(profiles, guess.roles, declared), *_summaries(guess.roles, declared)]
    return guess


def _by_structure(p: Profile, guess: Guess) -> Role | None:
    """The role of a column that was chosen before the run: its name cannot make it anything measured."""
    if p.filled == 0:
        return _by_name(p, None, guess)
    if say.is_seed(p.name):
        return "seed"
    if p.constant and say.is_budget(p.name):
        return "budget"
    return "identifier" if say.is_identifier(p.name) and p.unique and say.tells_runs(p.name) else None


def _beside_the_chosen(p: Profile, guess: Guess) -> None:
    """A column that no rule knows, in a table where others carry the mark of what was chosen before a run."""
    if p.numeric and say.is_budget(p.name):
        guess.roles[p.name] = "budget"
    elif p.few or not (p.numeric or p.unique):
        why = "other columns carry a prefix that says what was chosen, and it does not"
        guess.leave_out(p.name, why, "outcome" if p.numeric else "identifier")
    else:
        guess.roles[p.name] = "outcome" if p.numeric else "identifier"


def _by_name(p: Profile, metric: Profile | None, guess: Guess) -> Role | None:
    name, own = p.name, set(say.telling_words(p.name))
    if p.filled == 0:
        guess.notes.append(f"{name}: ignored, it is empty.")
        return "ignored"
    if say.is_index(name):
        guess.notes.append(f"{name or 'a column without a name'}: ignored, it numbers the rows.")
        return "ignored"
    if say.is_status(name) and "status" not in guess.roles.values():
        return "status"
    if say.is_seed(name):
        return "seed"
    if set(say.words(name)) <= {"tuning", "stage"} and p.numeric and _in_order(p.values):
        guess.notes.append(f"{name}: the stage of tuning by hand (inferred from its name and the order of its values).")
        return "stage"
    if p.elapsed and not (p.few and say.is_setting(name)):
        return "cost"
    if say.is_message(name) and not p.numeric:
        return "identifier"
    if say.is_repeat(name) and p.levels <= max(10, p.filled / 4):
        guess.notes.append(f"{name}: tells repeats of a configuration apart, as a seed does (inferred from its name).")
        return "identifier"
    if say.is_identifier(name) and not say.is_dataset(name) and not (say.is_measure(name) and p.numeric):
        return _identifier(p, guess)
    return _measure(p, own, metric, guess)


def _in_order(values: NDArray[np.float64]) -> bool:
    """Whether numbers count up from 1 or 0 along the rows, each several times."""
    steps = np.diff(values)
    return len(steps) > 2 and values[0] in (0, 1) and set(steps.tolist()) == {0, 1}


def _identifier(p: Profile, guess: Guess) -> Role | None:
    """The role of a column with the name of an identifier: what repeats a few levels may have been chosen."""
    numbers = p.numeric and not p.few and not say.tells_runs(p.name)
    if not numbers and (p.unique or p.constant or p.levels > p.filled / 2):
        return "identifier"
    if not say.tells_runs(p.name):
        return None
    if p.few or not p.numeric:
        guess.leave_out(p.name, "its name tells runs apart, but its values repeat", "identifier")
    return "identifier"


def _measure(p: Profile, own: set[str], metric: Profile | None, guess: Guess) -> Role | None:
    """The role of a column that was measured or sets a budget, by its name; None for any other."""
    name, recorded = p.name, p.name in guess.recorded
    outcome, cost, head = say.is_measure(name), say.is_cost(name), say.head(name)
    if not p.numeric:
        # Whether a run stopped early, or which checkpoint was its best, is measured too.
        truth = p.levels <= 2 and pd.api.types.infer_dtype(p.column.dropna()) == "boolean"
        return "outcome" if truth and outcome and not own & say.SETTING_WORDS and not say.is_message(name) else None
    if not recorded and ((own & STRONG_SETTINGS and not head) or say.is_aim(name)):
        return None
    if metric is not None and say.is_test_of(name, metric.name) and "test metric" not in guess.roles.values():
        return "test metric"
    if recorded:
        # Whatever its values look like, it was not chosen before the run.
        return "cost" if cost and head != "outcome" else (say.is_budget(name) and _budget(p, guess)) or "outcome"
    if (outcome or cost) and own & say.SETTING_WORDS and not (head and not p.few and not own & BOUNDS):
        if p.few or is_drawn(p):
            return None
        guess.leave_out(name, "its name could be that of a setting or of something measured")
        return "ignored"
    if say.is_loosely_measured(name) and is_drawn(p) and not is_like(p, metric):
        return None
    few = p.levels <= 6 and p.few and not p.constant
    if outcome and few and not say.AFTERWARDS & own and not guess.chosen:
        guess.leave_out(name, "its name is that of something measured, its few values are those of a setting")
        return "ignored"
    if outcome or cost:
        return "cost" if cost and head != "outcome" else "outcome"
    return _budget(p, guess) if say.is_budget(name) else None


def _budget(p: Profile, guess: Guess) -> Role | None:
    if not p.constant and p.few and not say.COMPLETED_WORDS & set(say.last_words(p.name)):
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
    named = [name for name in names if say.is_dataset(name)]
    named = [name for name in named if not profiles[name].unique and profiles[name].levels <= MANY_LEVELS]
    named.sort(key=lambda name: ("dataset" not in "".join(say.words(name)), name))
    for name in named:
        kept = [other for other, role in guess.roles.items() if role == "dataset"]
        if kept and determined(profiles[name], joint([profiles[other] for other in kept])):
            continue
        guess.roles[name] = "dataset"
        guess.notes.append(f"{name}: names the data set (inferred from its name).")


def _by_behaviour(p: Profile, profiles: dict[str, Profile], metric: str | None, guess: Guess) -> None:
    name = p.name
    lost = None if metric is None else ~np.isfinite(profiles[metric].values)
    if p.constant and _offered(p, profiles, lost):
        guess.roles[name] = "hyperparameter"
        return
    if p.constant:
        guess.roles[name] = "ignored"
        guess.notes.append(f"{name}: ignored, it is constant ({str(p.column.iloc[0])[:40]}).")
        return
    if name in guess.recorded:
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
        elif odd := mixed(p.column):
            guess.leave_out(name, f"it mixes many numbers with texts, {odd}")
        elif p.unique:
            guess.roles[name] = "identifier"
        elif lost is not None and p.filled < len(p.codes) and lost[p.codes >= 0].all():
            guess.leave_out(name, f"it is filled only where {metric} is missing")
        elif p.levels > MANY_LEVELS or (p.filled >= 20 and p.levels > p.filled / 2):
            guess.leave_out(name, f"it has {p.levels} different texts, too many to compare")
        else:
            guess.roles[name] = "hyperparameter"
        return
    if name in guess.chosen and counts_runs(p):
        guess.leave_out(name, "it counts the runs")
        return
    why = (
        ""
        if name in guess.chosen or p.few or say.is_setting(name)
        else looks_measured(p, profiles.get(metric) if metric else None)
    )
    if why:
        guess.leave_out(name, why)
    else:
        guess.roles[name] = "hyperparameter"


def _offered(p: Profile, profiles: dict[str, Profile], lost: NDArray[np.bool_] | None) -> bool:
    """Whether a column with one value and empty cells is a choice between that value and none."""
    empty = p.codes < 0
    if p.filled < 3 or not 0.1 <= empty.mean() <= 0.9 or (lost is not None and lost[~empty].all()):
        return False
    return not any(explains_gaps(other, empty) for other in profiles.values() if other is not p)


def _by_the_metric(name: str, profiles: dict[str, Profile], metric: str, guess: Guess) -> None:
    """Set aside a column that is predicted by the metric and a setting, and depends on settings as no draw does."""
    p = profiles[name]
    settings = [profiles[o] for o, role in guess.roles.items() if role == "hyperparameter" and o != name]
    if p.numeric and follows(p, profiles[metric], settings):
        guess.leave_out(name, f"{metric} and the settings predict it, as they do what was measured", "outcome")


def _drop_determined(profiles: dict[str, Profile], names: list[str], guess: Guess) -> None:
    """Leave out what another column already says: the data set, a twin, or several hyperparameters together."""
    blocks = [profiles[name] for name, role in guess.roles.items() if role == "dataset"]
    kept = [name for name, role in guess.roles.items() if role == "hyperparameter"]
    if blocks and joint(blocks).max() > 0:
        for name in names:
            if same_within(profiles[name], blocks, [profiles[other] for other in kept]):
                guess.leave_out(name, "it is the same in all runs of a data set")
    # Text before numbers, a number before its logarithm, short names before long ones.
    order = sorted(_left(names, guess), key=lambda n: (profiles[n].numeric, "log" in say.words(n), len(n), n))
    stay = [name for name in kept if name not in names]
    for name, twin in copied(profiles, order, stay).items():
        guess.leave_out(name, f"it repeats {twin}")
    sure = {name for name in names if name in guess.chosen or (say.is_setting(name) and not say.is_budget(name))}
    open_names = [name for name in _left(names, guess) if profiles[name].numeric and name not in sure]
    varied = [name for name, role in guess.roles.items() if role == "hyperparameter"]
    for name, why in computed(profiles, open_names, varied, blocks).items():
        guess.leave_out(name, why)
    for name in filter(say.is_budget, _left(open_names, guess)):
        guess.notes.append(f"{name}: how long a run was trained was varied like a hyperparameter and is read as one.")


def _left(names: list[str], guess: Guess) -> list[str]:
    return [name for name in names if guess.roles[name] == "hyperparameter"]


def _summaries(roles: dict[str, Role], declared: dict[str, Role]) -> list[str]:
    told: dict[Role, str] = {
        "test metric": "the metric on test data (inferred from its name).",
        "outcome": "measured beside the metric, not hyperparameters (inferred).",
        "cost": "what a run cost, not hyperparameters (inferred).",
        "seed": "the random seed (inferred from its name).",
        "identifier": "tell runs apart, not hyperparameters (inferred).",
    }
    named = {role: [name for name, own in roles.items() if own == role and name not in declared] for role in told}
    return [f"{', '.join(names)}: {told[role]}" for role, names in named.items() if names]
