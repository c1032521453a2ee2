"""How does a sweep become a report? The inquiry once, papermill on every notebook, and each page as it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from hpanalysis.inquiry.verdicts.glance import glances
from hpanalysis.reporting.files import write_text
from hpanalysis.reporting.notebooks.applicability import (
    UNKNOWN,
    Interest,
    heading,
    hyperparameters_named,
    hyperparameters_of,
    is_about,
)
from hpanalysis.reporting.notebooks.parameters import (
    Notebook,
    Value,
    choose,
    load_notebooks,
    notebooks_folder,
    typed_parameters,
)
from hpanalysis.reporting.notebooks.run import Outcome, Task, run_all, warm_up
from hpanalysis.reporting.site import explore
from hpanalysis.reporting.site import publish as places
from hpanalysis.reporting.site.cards import cards, matrices
from hpanalysis.reporting.site.claims import anchors, claims_csv, claims_page, hyperparameters
from hpanalysis.reporting.site.index import Section, index_page
from hpanalysis.reporting.site.listing import interest_of, said_first, tell, with_shown
from hpanalysis.reporting.site.page import page
from hpanalysis.reporting.site.study import Settings, Study, Told, facts, findings_json, for_notebooks, open_studies

if TYPE_CHECKING:
    from tqdm import tqdm


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
    reading: Settings = field(default_factory=Settings)
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

    A page is built aside and moved in when it is done, and the index says how far the report has come: what is
    interrupted leaves a working index, its finished pages, and the earlier ones of the others.

    Raises
    ------
    UserError
        If anything that was asked for cannot be done; nothing is written then.
    """
    out = request.out
    with places.work_folder(out) as work:
        every = load_notebooks(notebooks_folder(request.notebooks))
        notebooks = choose(every, request.only)
        given = typed_parameters(notebooks, request.parameters)
        studies = open_studies(request.sources, request.reading)
        fitting = {s.sweep_id: [n for n in notebooks if request.only or is_about(n, s.sweep)] for s in studies}
        # Once for what cannot be done, before anything is computed, and again knowing what matters most.
        steps = [step for s in studies for step in plan(s, fitting[s.sweep_id], given, request.reading, work)]
        warm_up()
        with _bar(len(studies) + sum(isinstance(step, Task) for step in steps)) as bar:
            told = [_inquire(study, every, work, bar) for study in studies]
            interests = [interest_of(one.inquiry) for one in told]
            plans = [
                plan(one.study, fitting[one.study.sweep_id], given, request.reading, work, interest)
                for one, interest in zip(told, interests, strict=True)
            ]
            tasks = [step for steps in plans for step in steps if isinstance(step, Task)]
            now = [step.outcome("running") if isinstance(step, Task) else step for steps in plans for step in steps]
            outcomes = {(o.sweep, o.notebook): o for o in now}
            _begin(out, work, told, now)
            try:
                for outcome in _run(tasks, request.jobs, work, bar):
                    outcomes[outcome.sweep, outcome.notebook] = outcome
                    places.publish(out, work, outcome)
                    _settle(out, told, [o for o in outcomes.values() if o.sweep == outcome.sweep])
                    _tell(out, told, outcomes.values())
            except BaseException:
                _tell(out, told, map(_stopped, outcomes.values()))
                raise
    return Result(out / "index.html", tuple(outcomes.values()))


def plan(
    study: Study,
    notebooks: Sequence[Notebook],
    given: dict[str, dict[str, Value]],
    reading: Settings,
    work: Path,
    interest: Interest = UNKNOWN,
) -> list[Task | Outcome]:
    """For each notebook the task of running it on a sweep, or that it is skipped, with the reason.

    A notebook takes what its defaults lack from what is of `interest`.
    """
    steps: list[Task | Outcome] = []
    for notebook in notebooks:
        try:
            own = hyperparameters_named(notebook, study.sweep, given[notebook.name], interest)
        except LookupError as reason:
            steps.append(Outcome(study.sweep_id, notebook.name, notebook.title, "skipped", str(reason.args[0])))
            continue
        folder = work / study.sweep_id / notebook.name
        values = {name: p.default for name, p in notebook.parameters.items()} | own
        fixed: dict[str, Value] = {
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
                title=heading(notebook, study.sweep, values),
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
    titles = {step.notebook: step.title for step in steps}
    return [replace(step, titles=titles) if isinstance(step, Task) else step for step in steps]


def _spoken(value: Value) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _bar(total: int) -> tqdm[NoReturn]:
    from tqdm import tqdm

    form = "{desc} {bar:24} {n_fmt}/{total_fmt} {elapsed}{postfix}"
    return tqdm(total=total, desc="reports", unit="step", bar_format=form)


def _inquire(study: Study, notebooks: Sequence[Notebook], work: Path, bar: tqdm[NoReturn]) -> Told:
    bar.set_postfix_str(f"inquiry into {study.sweep_id}")
    told = tell(study, notebooks)
    (work / study.sweep_id).mkdir()
    told.inquiry.save(work / study.sweep_id / "inquiry.json")
    bar.update()
    return told


def _run(tasks: Sequence[Task], jobs: int, work: Path, bar: tqdm[NoReturn]) -> Iterator[Outcome]:
    bar.set_postfix_str(f"{len(tasks)} notebook{'s' * (len(tasks) != 1)}")
    with closing(run_all(tasks, page, jobs=jobs, scratch=work)) as outcomes:
        for outcome in outcomes:
            bar.set_postfix_str(f"{outcome.notebook} {outcome.status}")
            bar.update()
            yield outcome


def _stopped(outcome: Outcome) -> Outcome:
    if outcome.status != "running":
        return outcome
    return replace(outcome, status="stopped", reason="the report was interrupted")


def _begin(out: Path, work: Path, told: Sequence[Told], outcomes: Sequence[Outcome]) -> None:
    """Publish what is known before the first notebook is run: every claim, what is skipped, and the index."""
    for one in told:
        target = out / one.study.sweep_id
        write_text(target / "claims.html", claims_page(one.inquiry, sweep=one.study.sweep_id, verdicts=one.verdicts))
        write_text(target / "claims.csv", claims_csv(one.inquiry))
        write_text(target / explore.PAGE, explore.explore_page(one))
    for outcome in outcomes:
        if outcome.status == "skipped":
            places.publish(out, work, outcome)
    _settle(out, told, outcomes)
    _tell(out, told, outcomes)


def _settle(out: Path, told: Sequence[Told], outcomes: Sequence[Outcome]) -> None:
    """Remember the finished pages of some sweeps, and point links to what is there."""
    for one in told:
        own = [o for o in outcomes if o.sweep == one.study.sweep_id]
        if own:
            folder = out / one.study.sweep_id
            places.remember(folder, own, one.study.sweep.sha256)
            places.mend_links(folder, {o.notebook for o in own} | set(places.recall(folder)))


def _tell(out: Path, told: Sequence[Told], outcomes: Iterable[Outcome]) -> None:
    """Write ``findings.json`` and the index as far as the report has come."""
    own: dict[str, list[Outcome]] = {one.study.sweep_id: [] for one in told}
    for outcome in outcomes:
        own[outcome.sweep].append(outcome)
    write_text(out / "findings.json", findings_json(with_shown(one, own[one.study.sweep_id]) for one in told))
    sections = [_section(out / one.study.sweep_id, one, own[one.study.sweep_id]) for one in told]
    others = sorted(p for p in out.iterdir() if p.is_dir() and not p.name.startswith(".") and p.name not in own)
    elsewhere = {p.name: known for p in others if (known := places.recall(p))}
    write_text(out / "index.html", index_page(sections, elsewhere=elsewhere))


def _section(folder: Path, one: Told, outcomes: Sequence[Outcome]) -> Section:
    return Section(
        facts=facts(one.study),
        notes=one.study.sweep.notes,
        said_first=tuple(said_first(one)),
        findings=one.findings,
        outcomes=tuple(outcomes),
        known=places.recall(folder),
        folder=folder,
        anchors=anchors(hyperparameters(one.inquiry)),
        claims_count=len(one.inquiry.claims),
        cards=cards(one.verdicts, one.inquiry.about),
        pairs=cards(one.pairs, one.inquiry.about),
        matrices=matrices(glances(one.inquiry, one.verdicts), one.inquiry.about),
        advice=one.advice,
        points=one.inquiry.about["share"] or one.inquiry.about["unit"] == "%",
        stages=one.stages,
    )
