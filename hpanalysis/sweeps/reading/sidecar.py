"""What did the owner of the table say about it? The file NAME.sweep.yaml beside the table: read, and drafted."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, cast

from hpanalysis.errors import UserError, did_you_mean
from hpanalysis.sweeps.reading.settings import Settings
from hpanalysis.sweeps.space import Space, SpaceData
from hpanalysis.sweeps.sweep import Sweep

SUFFIXES = (
    *(".csv.gz", ".tsv.gz", ".csv", ".tsv", ".parquet", ".pq", ".jsonl.gz", ".ndjson.gz", ".jsonl", ".ndjson"),
    *(".json", ".xlsx", ".db", ".sqlite", ".sqlite3", ".log", ".wandb"),
)
SIDECAR = ".sweep.yaml"
# The file calls the space and the history by their content; all other keys are the names of the settings.
KEYS = (
    *("name", "metric", "goal", "unit", "margin", "failed_value", "k", "transform", "budget", "reduce", "where"),
    *(
        "test_metric",
        "validation_size",
        "datasets",
        "stage",
        "parts",
        "roles",
        "hyperparameters",
        "columns",
        "curves",
        "about",
    ),
    *("study", "results", "scale"),
)


def stem(source: str | PathLike[str]) -> str:
    """The name of a table without the suffix of its format: runs for runs.csv.gz."""
    name = Path(source).name
    for suffix in SUFFIXES:
        if name.lower().endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return name


def sidecar_path(source: str | PathLike[str]) -> Path:
    """Where the sidecar of a table lies, whatever the format of the table.

    Examples
    --------
    >>> sidecar_path("runs.csv.gz").name, sidecar_path("runs.parquet").name
    ('runs.sweep.yaml', 'runs.sweep.yaml')
    """
    return Path(source).with_name(stem(source) + SIDECAR)


def load_sidecar(path: str | PathLike[str]) -> Settings:
    """The settings in a sidecar file.

    Raises
    ------
    UserError
        If a key is unknown or a value is not legal; the message names the file and the known keys.
    """
    from hpanalysis.sweeps.reading.yaml_text import load_yaml  # a table without such a file needs no YAML

    path = Path(path)
    data = load_yaml(path)
    for key in data:
        if key not in KEYS:
            raise UserError(f"{path.name} has the key {key!r}{did_you_mean(key, KEYS)}; known keys: {', '.join(KEYS)}.")
    said = cast(dict[str, Any], {key: value for key, value in data.items() if value is not None})
    if "hyperparameters" in said:
        said["space"] = _space(said.pop("hyperparameters"), path.name)
    if "curves" in said:
        curves = said.pop("curves")
        if not isinstance(curves, str):
            raise UserError(f"{path.name}: curves is {curves!r}; give the name of a table beside the file.")
        said["history"] = path.parent / curves
    try:
        return Settings(**said)
    except UserError as error:
        raise UserError(f"{path.name}: {error}") from None


def space_of(space: str | PathLike[str] | SpaceData | Space | None) -> SpaceData:
    """A declared space as name -> plain data, from a `Space`, a mapping or a YAML file with either.

    Raises
    ------
    UserError
        If it is none of these, or a hyperparameter is not declared as a mapping.

    Examples
    --------
    >>> space_of({"depth": {"kind": "integer"}})
    {'depth': {'kind': 'integer'}}
    """
    if space is None:
        return {}
    if isinstance(space, Space):
        return {name: dict(data) for name, data in space.to_dict().items()}
    if isinstance(space, Mapping):
        return _space(space, "space")
    if isinstance(space, (str, PathLike)):
        from hpanalysis.sweeps.reading.yaml_text import load_yaml

        said = load_yaml(space)
        return _space(said.get("hyperparameters", said), Path(space).name)
    raise UserError(f"space is {space!r}; give a Space, a mapping of hyperparameters or the path of a YAML file.")


def draft(sweep: Sweep, blank: Collection[str] = ()) -> str:
    """The sidecar that declares what was read and inferred, as YAML text to correct and keep beside the table.

    Parameters
    ----------
    sweep
        What was read.
    blank
        The settings that were guessed, as metric and goal may be: they are left for the owner to fill in.

    Examples
    --------
    >>> import pandas as pd
    >>> import hpanalysis as hp
    >>> runs = pd.DataFrame({"lr": [0.1, 0.01, 0.001], "loss": [0.4, 0.2, 0.3]})
    >>> print(draft(hp.read(runs, metric="loss", goal="min")))
    # What is known about frame. Correct what is wrong, add what is missing.
    # margin: the practically irrelevant difference of the metric. Without it nothing is called negligible.
    metric: loss
    goal: min
    <BLANKLINE>
    # What was inferred or set aside:
    #   lr: continuous, log scale (inferred).
    <BLANKLINE>
    hyperparameters:
      lr: {kind: continuous, low: 0.001, high: 0.1, log: true}
    <BLANKLINE>
    """
    from hpanalysis.sweeps.reading.yaml_text import yaml_line

    settings: dict[str, object] = {
        "name": sweep.name if sweep.name != stem(Path(sweep.source or sweep.name)) else None,
        "metric": sweep.metric,
        "goal": sweep.goal,
        "unit": sweep.unit or None,
        **{key: getattr(sweep, key) for key in ("margin", "failed_value", "k", "validation_size", "transform")},
        "test_metric": sweep.test_metric,
        "datasets": list(sweep.columns_with("dataset")) or None,
        "curves": sweep.curves.file if sweep.curves else None,
        **sweep.chosen,
    }
    implied = ("metric", "test metric", "dataset", "hyperparameter")
    # At a low budget what was measured at the end is ignored, and has a role all the same.
    every = sweep.budget.whole.roles if sweep.budget else sweep.roles
    roles = {c: role for c, role in every.items() if role not in implied and c not in sweep.added}
    parts = [
        f"# What is known about {one_line(sweep.source or sweep.name)}. Correct what is wrong, add what is missing.",
        "# margin: the practically irrelevant difference of the metric. Without it nothing is called negligible.",
        *(
            f"{key}:  # {one_line(str(value))}?" if key in blank else yaml_line(key, value)
            for key, value in settings.items()
            if value is not None
        ),
    ]
    if sweep.notes:
        parts += ["", "# What was inferred or set aside:", *(f"#   {one_line(note)}" for note in sweep.notes)]
    sections: dict[str, Mapping[str, object]] = {
        "roles": roles,
        "hyperparameters": sweep.space.to_dict(),
        "columns": sweep.columns,
        "about": sweep.about,
    }
    for section, content in sections.items():
        if content:
            parts += ["", f"{section}:", *(f"  {yaml_line(key, value)}" for key, value in content.items())]
    return "\n".join(parts) + "\n"


def space_lines(space: Space) -> dict[str, str]:
    """Hyperparameter -> its line under the key ``hyperparameters`` (two, where the name is very long)."""
    from hpanalysis.sweeps.reading.yaml_text import yaml_line

    return {name: yaml_line(name, data) for name, data in space.to_dict().items()}


def one_line(text: str) -> str:
    """Text for a comment: printable, in one line."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


def _space(data: object, where: str) -> SpaceData:
    if not isinstance(data, Mapping) or not all(isinstance(item, Mapping) for item in data.values()):
        raise UserError(
            f"{where}: hyperparameters must map each name to its keys, such as {{kind: continuous, log: true}}."
        )
    return {str(name): dict(item) for name, item in data.items()}
