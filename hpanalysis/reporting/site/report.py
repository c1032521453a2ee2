"""How does a sweep become a report? The inquiry once, papermill on every notebook, then the index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hpanalysis.reporting.notebooks.applicability import hyperparameters_named, hyperparameters_of
from hpanalysis.reporting.notebooks.parameters import (
    Notebook,
    choose,
    load_notebooks,
    notebooks_folder,
    typed_parameters,
)
from hpanalysis.reporting.notebooks.run import Outcome, Task, run_all
from hpanalysis.reporting.site import publish as places
from hpanalysis.reporting.site.listing import Told, most_important, tell
from hpanalysis.reporting.site.study import Study, facts, findings_json, for_notebooks, open_studies

if TYPE_CHECKING:
    from hpanalysis.reporting.site.index import Section


@dataclass(frozen=True)
class Request:
    """What a report is wanted of, and how.

    Parameters
    ----------
    sources
        One sweep or more.
    reading
        Settings of `hpanalysis.read` that were given, metric and goal among them.
    out
        The folder of the reports.
    only
        Numbers or names of notebooks; empty for all.
    parameters
        ``NAME=VALUE`` for the notebooks.
    jobs
        How many notebooks run at once.
    notebooks
        Their folder; None for the project's own.
    """

    sources: tuple[str, ...]
    reading: dict[str, Any] = field(default_factory=dict)
    out: Path = Path("reports")
    only: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    jobs: int = 1
    notebooks: Path | None = None


@dataclass(frozen=True)
class Result:
    """Where the index is, and how each notebook went."""

    index: Path
    outcomes: tuple[Outcome, ...]

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The notebooks that did not run to their end."""
        return tuple(o for o in self.outcomes if o.status == "failed")


def make_reports(request: Request) -> Result:
    """Run the notebooks on the sweeps and publish pages, tables, ``findings.json`` and ``index.html``.

    Everything is built aside and moved in at the end: an interrupted run leaves an earlier report whole.

    Raises
    ------
    UserError
        If anything that was asked for cannot be done; nothing is written then.
    """
    with places.work_folder(request.out) as work:
        every = load_notebooks(notebooks_folder(request.notebooks))
        notebooks = choose(every, request.only)
        given = typed_parameters(notebooks, request.parameters)
        studies = open_studies(request.sources, request.reading)
        # Once for what cannot be done, before anything is computed, and again knowing what matters most.
        plans = [plan(study, notebooks, given, request.reading, work) for study in studies]
        with _bar(len(studies) + sum(isinstance(step, Task) for steps in plans for step in steps)) as bar:
            told = [_inquire(study, every, work, bar) for study in studies]
            plans = [plan(t.study, notebooks, given, request.reading, work, most_important(t.inquiry)) for t in told]
            tasks = [step for steps in plans for step in steps if isinstance(step, Task)]
            outcomes = {(o.sweep, o.notebook): o for o in _run(tasks, request.jobs, work, bar)}
        ordered = tuple(
            step if isinstance(step, Outcome) else outcomes[step.sweep, step.notebook]
            for steps in plans
            for step in steps
        )
        _publish(request.out, work, told, ordered)
    return Result(request.out / "index.html", ordered)


def plan(
    study: Study,
    notebooks: Sequence[Notebook],
    given: dict[str, dict[str, Any]],
    reading: dict[str, Any],
    work: Path,
    ranked: Sequence[str] = (),
) -> list[Task | Outcome]:
    """For each notebook the task of running it on a sweep, or that it is skipped, with the reason.

    `ranked` are the hyperparameters from what matters most: of them a notebook takes what its defaults lack.
    """
    steps: list[Task | Outcome] = []
    for notebook in notebooks:
        try:
            own = hyperparameters_named(notebook, study.sweep, given[notebook.name], ranked)
        except LookupError as reason:
            steps.append(Outcome(study.sweep_id, notebook.name, notebook.title, "skipped", str(reason.args[0])))
            continue
        folder = work / study.sweep_id / notebook.name
        values = {name: p.default for name, p in notebook.parameters.items()} | own
        fixed = {
            "source": study.source,
            "metric": study.sweep.metric,
            "goal": study.sweep.goal,
            "reading": for_notebooks(reading),
            "inquiry": str((work / study.sweep_id / "inquiry.json").resolve()),
            "tables": str((folder / "tables").resolve()),
        }
        steps.append(
            Task(
                sweep=study.sweep_id,
                notebook=notebook.name,
                path=str(notebook.path),
                title=notebook.title,
                parameters=own | {name: value for name, value in fixed.items() if name in notebook.parameters},
                shown={
                    name: _spoken(value)
                    for name, value in values.items()
                    if name in own or (value and name not in fixed)
                },
                folder=str(folder),
                about=tuple(hyperparameters_of(notebook, values)),
            )
        )
    return steps


def _spoken(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _bar(total: int) -> Any:
    from tqdm import tqdm

    return tqdm(
        total=total,
        desc="reports",
        unit="step",
        bar_format="{desc} {bar:24} {n_fmt}/{total_fmt} {elapsed}{postfix}",
    )


def _inquire(study: Study, notebooks: Sequence[Notebook], work: Path, bar: Any) -> Told:
    bar.set_postfix_str(f"inquiry into {study.sweep_id}")
    told = tell(study, notebooks)
    (work / study.sweep_id).mkdir()
    told.inquiry.save(work / study.sweep_id / "inquiry.json")
    bar.update()
    return told


def _run(tasks: Sequence[Task], jobs: int, work: Path, bar: Any) -> Iterator[Outcome]:
    bar.set_postfix_str(f"{len(tasks)} notebook{'s' * (len(tasks) != 1)}")
    with closing(run_all(tasks, jobs=max(1, min(jobs, len(tasks))), scratch=work)) as outcomes:
        for outcome in outcomes:
            bar.set_postfix_str(f"{outcome.notebook} {outcome.status}")
            bar.update()
            yield outcome


def _publish(out: Path, work: Path, told: Sequence[Told], outcomes: Sequence[Outcome]) -> None:
    from hpanalysis.reporting.site.index import index_page

    sections = [_publish_sweep(out, work, one, [o for o in outcomes if o.sweep == one.study.sweep_id]) for one in told]
    places.write_text(out / "findings.json", findings_json((one.study, one.findings) for one in told))
    mine = {one.study.sweep_id for one in told}
    others = sorted(p for p in out.iterdir() if p.is_dir() and not p.name.startswith(".") and p.name not in mine)
    elsewhere = {p.name: known for p in others if (known := places.recall(p))}
    places.write_text(out / "index.html", index_page(sections, elsewhere=elsewhere))


def _publish_sweep(out: Path, work: Path, one: Told, outcomes: Sequence[Outcome]) -> Section:
    from hpanalysis.reporting.site.claims import anchors, claims_csv, claims_page, hyperparameters
    from hpanalysis.reporting.site.index import Section

    study, target = one.study, out / one.study.sweep_id
    for outcome in outcomes:
        places.publish(out, work, outcome)
    places.write_text(target / "claims.html", claims_page(one.inquiry, sweep=study.sweep_id))
    places.write_text(target / "claims.csv", claims_csv(one.inquiry))
    places.remember(target, outcomes, study.sweep.sha256)
    known = places.recall(target)
    places.mend_links(target, {o.notebook for o in outcomes} | set(known))
    return Section(
        facts=facts(study),
        notes=study.sweep.notes,
        findings=one.findings,
        outcomes=tuple(outcomes),
        known=known,
        folder=target,
        anchors=anchors(hyperparameters(one.inquiry)),
        claims_count=len(one.inquiry.claims),
    )
