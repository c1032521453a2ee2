"""What does a batch know of each sweep? The sweep, its inquiry, and what both say as plain data."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from hpanalysis.errors import UserError
from hpanalysis.reporting.site.publish import folder_names

if TYPE_CHECKING:
    from hpanalysis.inquiry.inquiry import Inquiry
    from hpanalysis.inquiry.verdicts.verdict import Verdict
    from hpanalysis.questions.finding import Finding
    from hpanalysis.reporting.notebooks.parameters import Value
    from hpanalysis.sweeps.reading.settings import Scale
    from hpanalysis.sweeps.sweep import Budget, Goal, Reduce, Role, Sweep, Transform

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


@dataclass(frozen=True)
class Told:
    """A study with its inquiry, and what may be said of it.

    Parameters
    ----------
    study, inquiry
        The sweep, and what was asked of it.
    findings
        Every sentence on single claims.
    verdicts
        One a hyperparameter, in the order of size.
    pairs
        One on each pair that a notebook asks about.
    advice
        What to try next, a sentence or two.
    stages
        What tuning by hand showed, a sentence each, if that is what the sweep is.
    """

    study: Study
    inquiry: Inquiry
    findings: tuple[Finding, ...]
    verdicts: tuple[Verdict, ...] = ()
    pairs: tuple[Verdict, ...] = ()
    advice: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()


class Settings(TypedDict, total=False):
    """Settings of `hpanalysis.read` that were given."""

    metric: str
    goal: Goal
    roles: dict[str, Role]
    datasets: tuple[str, ...]
    space: str
    where: str
    budget: Budget
    reduce: Reduce
    test_metric: str
    transform: Transform
    margin: float
    failed_value: float
    study: str
    results: str
    scale: dict[str, Scale]


class Facts(TypedDict):
    """The entry of a sweep in ``findings.json``."""

    sweep_id: str
    source: str
    sha256: str
    runs: int
    failed: int
    metric: str
    goal: Goal
    unit: str | None
    datasets: list[str]


def open_studies(sources: Sequence[str], reading: Settings) -> list[Study]:
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


def for_notebooks(reading: Settings) -> dict[str, Value]:
    """The reading settings as a notebook's parameter ``reading``: plain data, metric and goal apart."""
    out: dict[str, Value] = {}
    for key, value in reading.items():
        if key not in ("metric", "goal"):
            out[key] = [*value] if isinstance(value, tuple) else {**value} if isinstance(value, dict) else _plain(value)
    if isinstance(out.get("space"), str):
        out["space"] = os.path.abspath(str(out["space"]))
    return out


def _plain(value: object) -> Value:
    return value if isinstance(value, (bool, int, float)) else str(value)


def facts(study: Study) -> Facts:
    """The entry of a sweep in ``findings.json``."""
    sweep = study.sweep
    return {
        "sweep_id": study.sweep_id,
        "source": sweep.source,
        "sha256": sweep.sha256,
        "runs": len(sweep),
        "failed": int(np.isin(sweep.status, NO_RESULT).sum()),
        "metric": sweep.metric,
        "goal": sweep.goal,
        "unit": sweep.unit or None,
        "datasets": list(sweep.datasets),
    }


def findings_json(told: Iterable[Told]) -> str:
    """The text of ``findings.json``: the same findings give the same bytes, wherever it is written."""
    every = list(told)
    data = {
        "schema": SCHEMA,
        "sweeps": [facts(one.study) for one in every],
        "verdicts": [
            {"sweep_id": one.study.sweep_id} | v.to_dict() for one in every for v in (*one.verdicts, *one.pairs)
        ],
        "advice": {one.study.sweep_id: [*one.advice] for one in every if one.advice},
        "stages": {one.study.sweep_id: [*one.stages] for one in every if one.stages},
        "findings": [f.to_dict() | {"sweep_id": one.study.sweep_id} for one in every for f in one.findings],
    }
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
