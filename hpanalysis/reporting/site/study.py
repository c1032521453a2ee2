"""What does a batch know of each sweep? The sweep, its inquiry, and what both say as plain data."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpanalysis.errors import UserError
from hpanalysis.reporting.site.publish import folder_names

if TYPE_CHECKING:
    from hpanalysis.questions.finding import Finding
    from hpanalysis.sweeps.sweep import Sweep

SCHEMA = 1
NO_RESULT = ("failed", "diverged")


@dataclass(frozen=True)
class Study:
    """One sweep of a batch.

    Parameters
    ----------
    sweep_id
        Its name in files and folders; differs between the sweeps of a batch.
    source
        What a notebook reads it from: an absolute path where it is a file.
    sweep
        As read once.
    """

    sweep_id: str
    source: str
    sweep: Sweep


def open_studies(sources: Sequence[str], reading: dict[str, Any]) -> list[Study]:
    """Read every source once, with the same settings.

    Parameters
    ----------
    sources
        Paths, or whatever else `hpanalysis.read` takes as text.
    reading
        Settings of `hpanalysis.read`, without those that were not given.

    Raises
    ------
    UserError
        If a source cannot be read as a sweep, or is given twice.
    """
    from hpanalysis.sweeps.sources import read

    sweeps = [read(source, **reading) for source in sources]
    seen: set[tuple[str, str]] = set()
    for sweep in sweeps:
        if (sweep.name, sweep.sha256) in seen:
            raise UserError(f"the source {sweep.source!r} is given twice; name each sweep once.")
        seen.add((sweep.name, sweep.sha256))
    names = folder_names([sweep.name for sweep in sweeps])
    return [
        Study(name, os.path.abspath(source) if os.path.exists(source) else str(source), sweep)
        for name, source, sweep in zip(names, sources, sweeps, strict=True)
    ]


def for_notebooks(reading: dict[str, Any]) -> dict[str, Any]:
    """The reading settings as a notebook's parameter ``reading``: plain data, metric and goal apart."""
    out = {key: value for key, value in reading.items() if key not in ("metric", "goal")}
    space = out.get("space")
    if isinstance(space, (str, Path)):
        out["space"] = os.path.abspath(space)
    return {key: list(value) if isinstance(value, tuple) else value for key, value in out.items()}


def facts(study: Study) -> dict[str, Any]:
    """The entry of a sweep in ``findings.json``."""
    sweep = study.sweep
    return {
        "sweep_id": study.sweep_id,
        "source": sweep.source,
        "sha256": sweep.sha256,
        "runs": len(sweep),
        "failed": sum(status in NO_RESULT for status in sweep.status),
        "metric": sweep.metric,
        "goal": sweep.goal,
        "unit": sweep.unit or None,
        "datasets": list(sweep.datasets),
    }


def findings_json(studies: Iterable[tuple[Study, Iterable[Finding]]]) -> str:
    """The text of ``findings.json``: the same findings give the same bytes, wherever it is written."""
    pairs = [(study, list(findings)) for study, findings in studies]
    data = {
        "schema": SCHEMA,
        "sweeps": [facts(study) for study, _ in pairs],
        "findings": [f.to_dict() | {"sweep_id": study.sweep_id} for study, found in pairs for f in found],
    }
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
