"""In which order, and with which numbers, are findings listed? For the index and for the terminal alike."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hpanalysis.design.design import Design
from hpanalysis.questions.check.words import doubts, not_compared
from hpanalysis.questions.report import FDR_FAMILY, WHOLE_REPORT, counts_datasets
from hpanalysis.reporting.notebooks.applicability import Interest, hyperparameters_named, hyperparameters_of
from hpanalysis.reporting.site.study import Study, Told, facts
from hpanalysis.statistics.rounding import ordering
from hpanalysis.style.numbers import is_p
from hpanalysis.style.phrases import DRAWN
from hpanalysis.sweeps.reading.dataset_hint import SAY_DATASET

if TYPE_CHECKING:
    from hpanalysis.inquiry.inquiry import Inquiry
    from hpanalysis.questions.finding import Finding
    from hpanalysis.reporting.notebooks.parameters import Notebook
    from hpanalysis.reporting.notebooks.run import Outcome
    from hpanalysis.sweeps.sweep import Sweep

GOALS = {"max": "higher is better", "min": "lower is better"}
_UNSETTLED = ("undecided", "cannot tell")
_SCALES = {"mean": "difference", "p_better": "P(better)", "best_of_k": "best of {k}", "p_fail": "P(fail) difference"}
HEADLINES = "These hold together: the chance that any one of them is wrong is held at 5 % over the whole report."
EXPLORATORY = (
    "Worth a second look, not for quoting: of the statements in this list at most one in ten is expected to be false "
    "(false discovery rate)."
)
NOTHING = (
    "None. Nothing in this sweep stands out from what chance alone would do, once everything that was asked is "
    "counted. That is an answer about this sweep, not proof that nothing matters."
)
WEAK = (
    "None. No statement holds at 5 % over the whole report; what stands out by itself is in the exploratory list. That "
    "is an answer about this sweep, not proof that nothing matters."
)
SEARCHED = (
    "None. The runs seem to be chosen by earlier results, as an optimiser does: no comparison of them is a headline, "
    "however clear it is. What stands out is in the exploratory list."
)
BY_ITSELF = "This proposal is judged by itself: of what an answer calls undecided it is a hint."
BY_HAND = "What did tuning by hand show, and what did it miss?"
TOO_FEW = "None. There were too few runs to test anything: that is no answer about the hyperparameters."


@dataclass(frozen=True)
class Groups:
    """Findings by how far they can be trusted, each group in the order in which it was given."""

    headlines: tuple[Finding, ...]
    exploratory: tuple[Finding, ...]
    unsettled: tuple[Finding, ...]

    @property
    def opening(self) -> str:
        """What is said above the headlines, or in their place."""
        if self.headlines:
            return HEADLINES
        # Which run is best is judged by itself: it says nothing of what was tested on the hyperparameters.
        weak = [f for f in self.exploratory if f.kind != "selection"]
        judged = [f.verdict for f in self.unsettled if f.kind != "selection"]
        if judged and set(judged) == {"cannot tell"} and not weak:
            return TOO_FEW
        if any(f.question == DRAWN for f in self.unsettled):
            return SEARCHED
        return WEAK if weak else NOTHING

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Groups:
        """Sort findings into the three groups."""
        found = list(findings)
        settled = [f for f in found if f.verdict not in _UNSETTLED]
        return cls(
            tuple(f for f in settled if f.tier == "headline"),
            tuple(f for f in settled if f.tier == "exploratory"),
            tuple(f for f in found if f.verdict in _UNSETTLED),
        )


def numbers(finding: Finding) -> str:
    """The evidence of a finding on one line: scale, estimate, interval, adjusted p, runs; perhaps empty."""
    parts = []
    if finding.estimate is not None and finding.estimate == finding.estimate:
        scale = _SCALES.get(finding.scale or "", "estimate").format(k=finding.k)
        parts.append(f"{scale} {finding.estimate:.3g}")
    level = f"{100 * finding.ci_level:.3g} % " if finding.ci_level else ""
    if finding.family and finding.low_simultaneous is not None and finding.high_simultaneous is not None:
        whose = WHOLE_REPORT if finding.family == FDR_FAMILY else finding.family
        ends = f"{finding.low_simultaneous:.3g} to {finding.high_simultaneous:.3g}"
        parts.append(f"{level}interval (adjusted for {'the ' * (whose == WHOLE_REPORT)}{whose}) {ends}")
    elif finding.low is not None and finding.high is not None:
        parts.append(f"{level}interval {finding.low:.3g} to {finding.high:.3g}")
    if finding.p_adjusted is not None:
        p, judged = finding.p_adjusted, "false discovery rate q" if finding.family == FDR_FAMILY else "adjusted p"
        parts.append(f"{judged} {is_p(p, digits=2)}")
    if finding.n is not None:
        runs = f"run{'s' * (finding.n != 1)}"
        parts.append(f"{finding.n:,} {'successful ' if finding.runs == 'successful' else ''}{runs}")
    return ", ".join(parts)


def asked_of(finding: Finding) -> set[str]:
    """The hyperparameters that a finding is about; none when it is about the design of the sweep."""
    return {name for name in (finding.hyperparameter, finding.other) if name and finding.kind != "design"}


def shows(about: Sequence[str], wanted: set[str]) -> bool:
    """Whether a notebook about some hyperparameters, the one in question first, answers for those wanted.

    A pair is answered wherever both are; one alone where it is the one in question, not where it is the condition.
    """
    return set(about[:1]) == wanted if len(wanted) < 2 else wanted <= set(about)


def at_home(findings: Iterable[Finding], notebooks: Sequence[Notebook]) -> tuple[Finding, ...]:
    """Findings that name the notebook in which their question is asked, by the notebooks' defaults.

    A notebook that shows the finding comes first, the one about the fewest others before those about more. Other
    findings belong to the notebook that asks about as many hyperparameters, which ``-p`` points at theirs.
    """
    defaults = {n.name: {name: p.default for name, p in n.parameters.items()} for n in notebooks}
    about = {n.name: tuple(hyperparameters_of(n, defaults[n.name])) for n in notebooks}

    def home(finding: Finding) -> str | None:
        wanted = asked_of(finding)
        exact = sorted((name for name in about if shows(about[name], wanted)), key=lambda name: len(about[name]))
        whole = [n.name for n in notebooks if finding.kind in n.asks]
        alike = [n.name for n in notebooks if len(n.hyperparameters) == len(wanted)]
        # A pair may have a notebook of its own; whether one hyperparameter matters is asked of all of them at once.
        return next(iter([*exact, *whole, *alike] if len(wanted) > 1 else [*whole, *exact, *alike]), None)

    return tuple(f if f.notebook else replace(f, notebook=home(f)) for f in findings)


def tell(study: Study, notebooks: Sequence[Notebook], *, every: bool = True) -> Told:
    """Ask a sweep everything, once, and say what may be said, the winner of each data set last.

    Without `every` sentence the winners are left out, which takes less time; how many sentences are exploratory is told
    beside the verdicts in any case.
    """
    from hpanalysis.inquiry.findings import findings
    from hpanalysis.inquiry.inquiry import Inquiry
    from hpanalysis.inquiry.verdicts.compose import verdicts
    from hpanalysis.inquiry.verdicts.pairs import pair_verdict
    from hpanalysis.questions.next_space.ask import next_space
    from hpanalysis.questions.next_space.words import advice
    from hpanalysis.questions.winner.ask import winner

    design = Design.of(study.sweep)
    inquiry = Inquiry.of(design)
    found = at_home(findings(inquiry) + findings(winner(design)) if every else findings(inquiry), notebooks)
    able = set(inquiry.about["asked"])
    names = [pair for pair in pairs_asked(study.sweep, notebooks, interest_of(inquiry)) if able.issuperset(pair)]
    pairs = tuple(pair_verdict(design, one, other, inquiry=inquiry) for one, other in names)
    stages, also = _by_hand(design, notebooks)
    return Told(study, inquiry, found + also, tuple(verdicts(inquiry)), pairs, advice(next_space(design)), stages)


def _by_hand(design: Design, notebooks: Sequence[Notebook]) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """What a study that was tuned by hand shows, a sentence each, and the same as findings; nothing of any other."""
    if design.stages is None:
        return (), ()
    from hpanalysis.inquiry.findings import findings
    from hpanalysis.questions.staged.ask import staged
    from hpanalysis.questions.verbs import summary

    answer = staged(design)
    home = next((n.name for n in notebooks if "stages" in n.needs), None)
    return tuple(summary(answer).text.splitlines()), tuple(replace(f, notebook=home) for f in findings(answer))


def pairs_asked(sweep: Sweep, notebooks: Sequence[Notebook], interest: Interest) -> list[tuple[str, str]]:
    """The pairs that notebooks ask about, by their defaults or by what stands in for these in a sweep, each once.

    Of a notebook about more than two, the first with the second.
    """
    found: dict[frozenset[str], tuple[str, str]] = {}
    for notebook in notebooks:
        if len(notebook.hyperparameters) < 2:
            continue
        try:
            own = hyperparameters_named(notebook, sweep, {}, interest)
        except LookupError:
            continue
        values = {name: p.default for name, p in notebook.parameters.items()} | own
        one, other = (str(values[name]) for name in notebook.hyperparameters[:2])
        found.setdefault(frozenset((one, other)), (one, other))
    return [*found.values()]


def with_shown(told: Told, outcomes: Iterable[Outcome]) -> Told:
    """A study with what its notebooks showed beside the inquiry, each sentence once, at home where it was shown."""
    found = list(told.findings)
    said = {(f.question, f.sentence) for f in found}
    for outcome in outcomes:
        for finding in outcome.findings:
            if (finding.question, finding.sentence) not in said:
                said.add((finding.question, finding.sentence))
                found.append(replace(finding, notebook=outcome.notebook))
    return replace(told, findings=tuple(found))


def interest_of(inquiry: Inquiry) -> Interest:
    """The hyperparameters, the smallest p of the omnibus test first, and with what each is shown to act together.

    Last comes what looks like part of the data set.
    """
    from hpanalysis.inquiry.verdicts.evidence import acting_with

    claims = inquiry.claims
    ranked: list[str] = (
        claims[claims["question"] == "omnibus_tests"]
        .sort_values("p", kind="stable", key=ordering)["hyperparameter"]
        .to_list()
    )
    of_data = inquiry.about.get("of_data", ())
    names = sorted(ranked, key=lambda name: name in of_data)
    return Interest(tuple(names), {name: acting_with(inquiry, name) for name in names})


def said_first(told: Told) -> list[str]:
    """What a reader must know before any answer, a sentence each: slips in the metric, and what has no answer."""
    # What was tuned by hand has few runs a value, and its own answers.
    silent = [] if told.stages else not_compared(told.inquiry.about)
    return [*doubts(told.inquiry.checks), *silent]


def verdicts_as_text(told: Told) -> str:
    """The verdicts on one sweep as text for a terminal, in its width, and what to try next."""
    width = min(100, shutil.get_terminal_size().columns)
    parts = _head(told.study, width, said_first(told))
    if told.stages:
        parts += ["", BY_HAND, *(_wrapped(line, width, first="  ") for line in told.stages)]
    for verdict in (*told.verdicts, *told.pairs):
        parts += ["", _wrapped(verdict.question, width), _wrapped(verdict.text, width, first="  ")]
        hints = len(_exploratory(told, {verdict.hyperparameter, verdict.other} - {""}))
        if verdict.kind == "undecided" and hints:
            parts.append(_wrapped(f"{_hints(hints)} about it with --all: a hint, not an answer.", width, first="  "))
    if told.advice:
        parts += ["", "What to try next?", _wrapped(" ".join(told.advice), width, first="  ")]
        if any(verdict.kind == "undecided" for verdict in told.verdicts):
            parts.append(_wrapped(BY_ITSELF, width, first="  "))
    return "\n".join(parts)


def what_more(told: Iterable[Told]) -> str:
    """Where every sentence is, below the verdicts: how many of them are exploratory, and what that means."""
    hints = sum(len(_exploratory(one)) for one in told)
    more = (
        f" {_hints(hints)} among them: worth a second look, as each may be luck. What an answer calls undecided stays "
        "undecided."
    )
    width = min(100, shutil.get_terminal_size().columns)
    return _wrapped(f"Every sentence with its numbers: add --all.{more if hints else ''}", width)


def _exploratory(told: Told, about: set[str] | None = None) -> list[Finding]:
    """The exploratory sentences on comparisons, of all hyperparameters or of those that are named."""
    found = [f for f in Groups.of(told.findings).exploratory if f.kind != "selection"]
    return found if about is None else [f for f in found if asked_of(f) == about]


def _hints(count: int) -> str:
    return "One exploratory sentence" if count == 1 else f"{count} exploratory sentences"


def _head(study: Study, width: int, doubtful: Sequence[str] = ()) -> list[str]:
    fact = facts(study)
    unit = f" in {fact['unit']}" if fact["unit"] else ""
    names = fact["datasets"]
    where = f"{len(names)} data sets" if counts_datasets(names) else f"data sets {', '.join(names)}"
    head = [
        f"{fact['sweep_id']}: {fact['runs']:,} runs, {fact['failed']:,} of them failed",
        f"metric {fact['metric']}{unit}, {GOALS[fact['goal']]}; {where}",
    ]
    news = study.sweep.left_out
    # What is compared hangs on what the data sets are.
    head += [note for note in study.sweep.notes if SAY_DATASET in note]
    head += doubtful
    lines = [*head, *(["", "Not in this analysis:"] if news else [])]
    return [_wrapped(line, width) for line in lines] + [_wrapped(note, width, first="  - ") for note in news]


def as_text(study: Study, findings: Iterable[Finding]) -> str:
    """The findings on one sweep as text for a terminal, in its width."""
    width = min(100, shutil.get_terminal_size().columns)
    groups, parts = Groups.of(findings), _head(study, width)
    parts += ["", f"HEADLINES ({len(groups.headlines)})", _wrapped(groups.opening, width)]
    parts += _items(groups.headlines, width)
    if groups.exploratory:
        parts += ["", f"EXPLORATORY ({len(groups.exploratory)})", _wrapped(EXPLORATORY, width)]
        parts += _items(groups.exploratory, width)
    if groups.unsettled:
        parts += ["", f"NOT SETTLED BY THIS SWEEP ({len(groups.unsettled)})", *_items(groups.unsettled, width)]
    return "\n".join(parts)


def _items(findings: Sequence[Finding], width: int) -> list[str]:
    lines = []
    for i, finding in enumerate(findings, start=1):
        lines.append(_wrapped(finding.sentence, width, first=f"{i:>3}. "))
        if numbers(finding):
            lines.append(_wrapped(numbers(finding), width, first="     "))
    return lines


def described(study: Study, guessed: Sequence[str] = ()) -> str:
    """What was read and inferred from a table, as text for a terminal; a metric that was guessed is called supposed."""
    sweep = study.sweep
    table = sweep.describe()
    if "metric" in guessed:
        table.loc[table["role"] == "metric", "how"] = "supposed"
    table = table.loc[:, [not (table[c].astype(str) == "").all() for c in table]]
    cut = [[textwrap.shorten(_printable(c), 60, placeholder=" …") for c in row] for row in table.to_numpy()]
    rows = [list(table.columns), *cut]
    widths = [max(len(row[i]) for row in rows) for i in range(len(table.columns))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    notes = [_wrapped(note, 100, first="  - ") for note in sweep.notes]
    return "\n".join([_printable(repr(sweep)), "", *lines, *(["", "Notes:"] if notes else []), *notes])


def _wrapped(text: str, width: int, first: str = "") -> str:
    return textwrap.fill(_printable(text), width, initial_indent=first, subsequent_indent=" " * len(first))


def _printable(text: object) -> str:
    # A name in a table may hold escape sequences that would act on the terminal.
    return "".join(c if c.isprintable() else " " for c in str(text))
