"""Which columns may be part of what names the data set? A hint for who knows the table; nothing is decided by it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

import numpy as np

from hpanalysis.errors import choices
from hpanalysis.sweeps.reading import vocabulary as say
from hpanalysis.sweeps.reading.column_profile import Profile, joint
from hpanalysis.sweeps.sweep import Role, Sweep

# A column that never differs on so many of the data sets, of at least so many, may say what was asked of the others.
SAME_ON, OF_DATASETS = 0.5, 4
# By these words a hint is found among other notes.
SAY_DATASET = "say --dataset"


def dataset_hint(profiles: Mapping[str, Profile], roles: Mapping[str, Role], declared: Mapping[str, Role]) -> list[str]:
    """A note on the columns that look like part of the data set's name and are read as hyperparameters; else nothing.

    Parameters
    ----------
    profiles
        Column -> what can be seen of it.
    roles
        Column -> its role.
    declared
        The roles that the user gave, which are never doubted.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"data": ["cora", "wine"] * 4, "label": ["a", "a", "a", "b"] * 2, "lr": [0.1, 0.2] * 4})
    >>> profiles = {name: Profile.of(name, runs[name]) for name in runs}
    >>> print(*dataset_hint(profiles, {"data": "dataset", "label": "hyperparameter", "lr": "hyperparameter"}, {}))
    label is read as a hyperparameter; if it is part of what names the data set, say --dataset data,label.
    """
    blocks = [name for name, role in roles.items() if role == "dataset"]
    texts = [
        name
        for name, role in roles.items()
        if role == "hyperparameter" and name not in declared and not profiles[name].numeric
    ]
    place = joint([profiles[name] for name in blocks]) if blocks else None
    found = [name for name in texts if say.is_part_of_dataset(name) or _same_on_most(profiles[name], place)]
    if not found:
        return []
    joined = shlex.quote(",".join([*blocks, *found]))
    one = len(found) == 1
    read = f"{choices(found)} {'is read as a hyperparameter' if one else 'are read as hyperparameters'}"
    part = "part of" if blocks or not one else ""
    if_part = f"if {'it is' if one else 'they are'} {part} what names the data set".replace("  ", " ")
    return [f"{read}; {if_part}, {SAY_DATASET} {joined}."]


def parts_of_dataset(sweep: Sweep) -> tuple[str, ...]:
    """The hyperparameters of a sweep that look like part of the data set's name: what cannot be set is asked last.

    Parameters
    ----------
    sweep
        The runs; a column that the user declared is never doubted.

    Examples
    --------
    >>> import hpanalysis as hp
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"label": list("abab"), "optimizer": ["adam", "sgd"] * 2, "accuracy": [0.1, 0.2, 0.3, 0.5]})
    >>> parts_of_dataset(hp.read(runs, metric="accuracy", goal="max"))
    ('label',)
    """
    texts = [h.name for h in sweep.space if h.name not in sweep.declared]
    profiles = [Profile.of(name, sweep.runs[name]) for name in texts]
    place = sweep.block if len(sweep.datasets) > 1 else None
    return tuple(
        p.name for p in profiles if not p.numeric and (say.is_part_of_dataset(p.name) or _same_on_most(p, place))
    )


def _same_on_most(p: Profile, place: np.ndarray | None) -> bool:
    """Whether a column never differs on most of the data sets, and does on another one."""
    if place is None or p.levels <= 2:
        return False
    wide = int(p.codes.max()) + 2
    levels = np.bincount(np.unique(place.astype(np.int64) * wide + p.codes + 1) // wide)
    return len(levels) >= OF_DATASETS and levels.max() > 1 and bool((levels == 1).mean() >= SAME_ON)
