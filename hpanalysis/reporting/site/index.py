"""What does a reader see first? One answer a hyperparameter, each linked to its evidence, of every sweep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from hpanalysis.reporting.notebooks.helpers import package_versions
from hpanalysis.reporting.notebooks.run import Outcome
from hpanalysis.reporting.site.cards import OPEN, Card, Matrix
from hpanalysis.reporting.site.explore import PAGE, explore_link
from hpanalysis.reporting.site.glossary import explained
from hpanalysis.reporting.site.listing import BY_HAND, EXPLORATORY, GOALS, Groups, asked_of, numbers, shows
from hpanalysis.reporting.site.page import render
from hpanalysis.sweeps.display import news

if TYPE_CHECKING:
    from hpanalysis.questions.finding import Finding
    from hpanalysis.reporting.site.publish import Known
    from hpanalysis.reporting.site.study import Facts

VISIBLE = 8
_MARKS = {"better": "▲", "slightly better": "△", "worse": "▼", "slightly worse": "▽", "monotone": "↗", "depends": "⤫"}


@dataclass(frozen=True)
class Section:
    """What the index says of one sweep.

    Parameters
    ----------
    facts
        Its entry in ``findings.json``.
    notes
        What was inferred and set aside, one sentence each.
    findings
        All of them.
    outcomes
        How each notebook of this run went.
    known
        Every finished report in its folder, of this run or an earlier one (`publish.recall`).
    folder
        Where its reports lie.
    anchors
        Hyperparameter -> the id of its part of ``claims.html``.
    claims_count
        How many claims that page has.
    cards, pairs, matrices
        The verdicts, those on pairs that notebooks ask about, and the effects at a glance, see `cards`.
    advice
        What to try next.
    points
        Whether differences are in points.
    stages
        What tuning by hand showed, a sentence each.
    said_first
        What a reader must know before any answer, a sentence each, see `listing.said_first`.
    """

    facts: Facts
    notes: tuple[str, ...]
    findings: tuple[Finding, ...]
    outcomes: tuple[Outcome, ...]
    known: dict[str, Known]
    folder: Path
    anchors: dict[str, str]
    claims_count: int
    cards: tuple[Card, ...] = ()
    pairs: tuple[Card, ...] = ()
    matrices: tuple[Matrix, ...] = ()
    advice: tuple[str, ...] = ()
    points: bool = False
    stages: tuple[str, ...] = ()
    said_first: tuple[str, ...] = ()


def index_page(sections: Sequence[Section], *, elsewhere: dict[str, dict[str, Known]]) -> str:
    """The HTML of ``index.html``.

    Parameters
    ----------
    sections
        One a sweep of this run.
    elsewhere
        Folder name -> finished reports of sweeps that this run did not read.
    """
    page = render(
        "index.html.j2",
        sweeps=[_sweep(section) for section in sections],
        comparison=comparison(sections) if len(sections) > 1 else None,
        elsewhere=elsewhere,
        texts={"exploratory": EXPLORATORY, "by_hand": BY_HAND},
        versions=package_versions(),
    )
    return explained(page)


def _sweep(section: Section) -> dict[str, object]:
    groups = Groups.of(section.findings)
    items = {
        "headlines": [_item(f, section) for f in groups.headlines],
        "exploratory": [_item(f, section) for f in groups.exploratory],
        "unsettled": [_item(f, section) for f in groups.unsettled],
    }
    return {
        **section.facts,
        "better": GOALS[section.facts["goal"]],
        "notes": section.notes,
        "opening": groups.opening,
        **items,
        "cards": [_card(card, section) for card in section.cards[:OPEN]],
        "more_cards": [_card(card, section) for card in section.cards[OPEN:]],
        "pairs": [_card(card, section) for card in section.pairs],
        "matrices": section.matrices,
        "wins": any("%" in tile.text for m in section.matrices for _, tiles in m.rows for tile in tiles),
        "links": {name: f"{_claims(section)}#{anchor}" for name, anchor in section.anchors.items()},
        "points": section.points,
        "advice": section.advice,
        "next_page": _page(section, "next"),
        "stages": section.stages,
        "stages_page": _page(section, "staged") if section.stages else "",
        "left_out": (*section.said_first, *news(section.notes)),
        "headlines": items["headlines"][:VISIBLE],
        "more": items["headlines"][VISIBLE:],
        "claims": _claims(section),
        "claims_count": section.claims_count,
        "explore": _runs(section),
        "reports": [*map(lambda o: _report(o, section), section.outcomes), *_earlier(section)],
    }


class _Card(TypedDict):
    """A card with its links."""

    card: Card
    claims: str
    report: str
    title: str
    explore: str


def _card(card: Card, section: Section) -> _Card:
    """A verdict with links to its figure and numbers, to the notebook that asks it, and to the runs themselves."""
    there = {n: k.about for n, k in sorted(section.known.items()) if k.sha256 == section.facts["sha256"]}
    report = next((name for name, about in there.items() if _asks(about, card)), "")
    return {
        "card": card,
        "claims": f"{_claims(section)}#{section.anchors.get(card.name, '')}",
        "report": f"{section.facts['sweep_id']}/{report}.html" if report else "",
        "title": section.known[report].title if report else "",
        "explore": _runs(section, card),
    }


def _runs(section: Section, card: Card | None = None) -> str:
    """Where the runs can be looked at, at the hyperparameter of a card; ready for ``href``."""
    if not (section.folder / PAGE).exists():
        return ""
    return explore_link(section.facts["sweep_id"], detail=card.name if card else "")


def _asks(about: tuple[str, ...], card: Card) -> bool:
    """Whether a notebook about some hyperparameters asks what a card answers: a pair, or the one in question."""
    return {card.name, card.other} == set(about) if card.other else about[:1] == (card.name,)


def _page(section: Section, about: str) -> str:
    """The report on what to try next, or on the stages of a study, if it was made on this data."""
    made = [n for n, k in sorted(section.known.items()) if k.sha256 == section.facts["sha256"] and about in n]
    return f"{section.facts['sweep_id']}/{made[0]}.html" if made else ""


def _item(finding: Finding, section: Section) -> dict[str, str]:
    anchor = section.anchors.get(finding.hyperparameter or "", "")
    # Which run is best is no claim of the inquiry.
    page = "" if finding.kind == "selection" else _claims(section)
    report = evidence(finding, section)
    return {
        "sentence": finding.sentence,
        "mark": _MARKS.get(finding.verdict, "•"),
        "tone": finding.verdict.split()[-1] if finding.verdict.endswith(("better", "worse")) else "plain",
        "numbers": numbers(finding),
        "claims": f"{page}#{anchor}" if page and anchor else page,
        "report": f"{section.facts['sweep_id']}/{report}.html" if report else "",
        "title": section.known[report].title if report else "",
    }


def _claims(section: Section) -> str:
    return f"{section.facts['sweep_id']}/claims.html"


def evidence(finding: Finding, section: Section) -> str:
    """The notebook whose report shows a finding, on this data; empty if none was made.

    First choice is the finding's own notebook, then any other that shows it, then one about no hyperparameter in
    particular, which looks at each of them; a pair has no place there.
    """
    there = {n: k.about for n, k in sorted(section.known.items()) if k.sha256 == section.facts["sha256"]}
    wanted = asked_of(finding)
    fitting = [name for name, about in there.items() if shows(about, wanted)]
    general = [name for name, about in there.items() if not about and len(wanted) < 2]
    own = finding.notebook if finding.notebook in there and not there[finding.notebook] else ""
    return finding.notebook if finding.notebook in fitting else own or next(iter([*fitting, *general]), "")


class _Row(TypedDict):
    """A line of the list of reports."""

    title: str
    name: str
    status: str
    reason: str
    href: str
    earlier: str
    tables: list[dict[str, str]]


def _report(outcome: Outcome, section: Section) -> _Row:
    page = f"{outcome.notebook}{'.failed' if outcome.status == 'failed' else ''}.html"
    there = outcome.status in ("done", "failed") and (section.folder / page).exists()
    earlier = outcome.status != "done" and outcome.notebook in section.known
    return {
        "title": outcome.title,
        "name": outcome.notebook,
        "status": outcome.status,
        "reason": outcome.reason,
        "href": f"{outcome.sweep}/{page}" if there else "",
        "earlier": f"{outcome.sweep}/{outcome.notebook}.html" if earlier else "",
        "tables": _tables(section, outcome.notebook) if outcome.status == "done" else [],
    }


def _earlier(section: Section) -> Iterable[_Row]:
    run = {outcome.notebook for outcome in section.outcomes}
    for name, entry in sorted(section.known.items()):
        if name not in run:
            same = entry.sha256 == section.facts["sha256"]
            yield {
                "title": entry.title,
                "name": name,
                "status": "earlier",
                "reason": "made by an earlier run" + ("" if same else " on other data"),
                "href": f"{section.facts['sweep_id']}/{name}.html",
                "earlier": "",
                "tables": _tables(section, name),
            }


def _tables(section: Section, notebook: str) -> list[dict[str, str]]:
    paths = sorted((section.folder / "tables").glob("*.csv"))
    own = [path for path in paths if path.name.startswith(f"{notebook}.")]
    return [
        {
            "href": f"{section.facts['sweep_id']}/tables/{path.name}",
            "name": path.name.removeprefix(f"{notebook}.").removesuffix(".csv"),
        }
        for path in own
    ]


class Compared(NamedTuple):
    """One hyperparameter in every sweep: None where it was not asked about, and empty where it is undecided."""

    name: str
    cells: list[str | None]


@dataclass(frozen=True)
class Comparison:
    """The answers of sweeps side by side: a row for each hyperparameter, a column for each sweep."""

    sweeps: list[str]
    rows: list[Compared]


def comparison(sections: Sequence[Section]) -> Comparison:
    """What each sweep says of the hyperparameters that two or more have, if one of them says anything."""
    told = [{c.name: "" if c.kind == "undecided" else c.sentences[0] for c in s.cards} for s in sections]
    rows = [Compared(name, [own.get(name) for own in told]) for name in dict.fromkeys(n for own in told for n in own)]
    shared = [row for row in rows if any(row.cells) and sum(cell is not None for cell in row.cells) > 1]
    return Comparison([s.facts["sweep_id"] for s in sections], shared)
