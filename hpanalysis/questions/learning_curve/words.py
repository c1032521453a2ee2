"""How are learning curves told? Who is ahead from where on, what crosses, where to stop, how early it is decided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.questions.finding import Finding, Kind, Verdict
from hpanalysis.questions.learning_curve import told
from hpanalysis.questions.learning_curve.paths import at_step
from hpanalysis.questions.learning_curve.told import Pair, Point, Stop, part
from hpanalysis.questions.report import Context, finding_of
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import numbers, phrases
from hpanalysis.style.lines import opening
from hpanalysis.style.listing import first_few, once
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

# A rank correlation from which on an order counts as that of the end.
AGREES = 0.9
# Steps of which a table shows the means: the first, the last, and between.
SHOWN = 4
# More rows than that are shown for the average alone.
LONGEST = 24
BEST_TENTH = "best tenth"
# Steps at which failures are counted one by one.
FIRST = 3


def table(answer: Answer) -> Table:
    """One row a level and place: its mean at a few steps, the step at which it is best, and what failed."""
    places = told.places(answer)
    rows = [_row(answer, place, level) for place in places for level in answer.asked["levels"]]
    notes = ["Each mean with the limits that hold for all levels, steps and data sets together."]
    if len(rows) > LONGEST:
        rows = [row for row in rows if row["where"] == _where(POOLED, places)]
        notes.append("Those of each data set are in the answer's own table.")
    frame = pd.DataFrame(rows)
    frame["where"] = once(list(frame["where"]))
    frame = frame if len(places) > 1 else frame.drop(columns="where")
    return Table(frame, (*notes, *_order_notes(answer), *answer.caveats))


def _where(place: str, places: Sequence[str]) -> str:
    return "all runs" if len(places) == 1 else place


def _row(answer: Answer, place: str, level: str) -> dict[str, str | int]:
    """A level in a place, laid out."""
    own = part(answer, "level", place)
    digits = numbers.decimals(part(answer, "level", None)["estimate"])
    means = list(told.points(own[own["value"] == level]))
    chosen = np.unique(np.linspace(0, len(means) - 1, SHOWN).round().astype(int))
    row: dict[str, str | int] = {
        "where": _where(place, told.places(answer)),
        str(answer.asked["hyperparameter"]): level,
    }
    row |= {at_step(p.other, p.at): _jointly(p, digits) for p in (means[i] for i in chosen)}
    best = part(answer, "best", place)
    row |= {f"best {_unit(answer)}": _range(p) for p in told.points(best[best["value"] == level])}
    failed = part(answer, "failed")
    if place == POOLED and len(failed):
        row["failed"] = int(failed.loc[failed["value"] == level, "n"].sum())
    elif len(failed):
        row["failed"] = ""
    row["runs"] = int(means[0].n)
    return row


def _jointly(row: Point, digits: int) -> str:
    """A mean with its simultaneous limits."""
    text = numbers.number(row.estimate, digits)
    if row.low_simultaneous != row.low_simultaneous:
        return text
    return f"{text} [{numbers.number(row.low_simultaneous, digits)}, {numbers.number(row.high_simultaneous, digits)}]"


def _range(row: Point) -> str:
    if row.estimate != row.estimate:
        return numbers.MISSING
    return f"{row.estimate:g}" if row.low == row.high else f"{row.estimate:g} [{row.low:g}, {row.high:g}]"


def _unit(answer: Answer) -> str:
    """What a step is called: epoch."""
    return at_step(str(answer.frame["other"].iloc[0]), 0.0).rpartition(" ")[0]


def _order_notes(answer: Answer) -> list[str]:
    """The rank correlations at a few steps."""
    rows, notes = part(answer, "order"), []
    for which, of in (("all", "all runs that did not fail"), (BEST_TENTH, "the tenth that is best at the end")):
        own = list(told.points(rows[(rows["runs"] == which) & rows["estimate"].notna()]))
        own = [own[i] for i in np.unique(np.linspace(0, len(own) - 1, SHOWN).round().astype(int))] if own else []
        if own:
            texts = ", ".join(f"{_jointly(p, 2)} at {at_step(p.other, p.at)}" for p in own)
            notes.append(f"Rank correlation with the end, {of}: {texts}.")
    return notes


def summary(answer: Answer, key: str | None = None) -> str:
    """The answer, a line each: who is ahead, what crosses, where to stop, how early the order shows, what failed."""
    said = [_lead(answer), _opposed(answer), _crossed(answer), _stopped(answer)]
    said += [*(opening(f"{text}.") for _, text in _orders(answer)), _failed(answer)]
    return "\n".join([*filter(None, said), *answer.caveats])


def findings(answer: Answer) -> list[Finding]:
    """Exploratory sentences: every two levels on average, what crosses on data sets, where to stop, order, failures."""
    found = [_of_pair(answer, pair) for pair in told.pairs(answer)]
    apart = [pair for place in told.places(answer)[1:] for pair in told.pairs(answer, place) if pair.crossings]
    apart += [pair for pair in told.opposed(answer) if not pair.crossings]
    found += [_of_pair(answer, pair) for pair in apart]
    stops = told.stops(answer)
    gains = [stop for stop in stops if stop.gains]
    found += [_of_gains(answer, gains)] if gains else []
    stops = [stop for stop in stops if not stop.gains]
    stops += [stop for place in told.places(answer)[1:] for stop in told.stops(answer, place) if stop.lost is not None]
    found += [_of_stop(answer, stop) for stop in stops]
    question = f"How early does the order of the runs show that {answer.asked['metric']} has at the end?"
    for row, text in _orders(answer):
        text = opening(f"{phrases.place(answer.asked, None, row.places)}{text}.")
        found.append(_finding(answer, row, text, "trend", "matters", question))
    failed = part(answer, "failed")
    if len(failed):
        worst = next(told.points(failed.sort_values("n", ascending=False, kind="stable")))
        asked = f"At which {_unit(answer)} do runs fail?"
        last = _finding(answer, worst, _failed(answer), "failure", "matters", asked)
        found.append(replace(last, value=None, other_value=None, estimate=None, n=int(failed["n"].sum())))
    return found


def _finding(answer: Answer, row: Point, text: str, kind: Kind, verdict: Verdict, question: str) -> Finding:
    found = finding_of(row, Context.of(answer), text, kind=kind, verdict=verdict, question=question)
    # All or successful runs are meant there, and the other is a column of the table.
    return replace(found, runs=found.runs if row.runs in ("all", "successful") else None)


def _name(answer: Answer) -> str:
    return str(answer.asked["hyperparameter"])


def sizes(answer: Answer, *values: float) -> str:
    """A difference, above 0 for better, with its limits: "0.9 points [0.3, 1.5]"."""
    about = answer.asked
    if about["transform"] == "log10":
        one, *limits = (f"{10**x:.3g}" for x in values)
        unit, one = "", f"a factor of {one}"
    else:
        scaled = [100 * x if about["share"] else x for x in values]
        digits = max(numbers.decimals(scaled) - 1, 0)
        one, *limits = (numbers.number(x, digits) for x in scaled)
        named = about["unit"] and about["unit"].lower() not in about["metric"].lower()
        unit = " points" if about["share"] or about["unit"] == "%" else f" {about['unit']}" if named else ""
    return f"{one}{unit} [{', '.join(limits)}]"


def _since(answer: Answer, pair: Pair) -> str:
    first = float(part(answer, "level")["at"].min())
    if pair.since is None or pair.since == first:
        return f"from the first {_unit(answer)} on"
    return f"from {at_step(pair.row.other, pair.since)} on"


def _ahead(answer: Answer, pair: Pair) -> str:
    """What is behind, since when and by how much: "tanh from epoch 3 on (0.9 points at the end [0.3, 1.5])"."""
    return f"{pair.behind} {_since(answer, pair)} ({_by(answer, pair)})"


def _by(answer: Answer, pair: Pair) -> str:
    one, _, rest = sizes(answer, pair.end, pair.low, pair.high).rpartition(" [")
    return f"{one} at the end [{rest}"


def _lead(answer: Answer) -> str:
    """The level that leads at the end, what it is ahead of and since when; and what it is not told apart from."""
    best = told.leader(answer)
    found = [pair for pair in told.pairs(answer) if best in (pair.ahead, pair.behind)]
    if not found:
        return f"Too few runs for curves of {_name(answer)}."
    where = phrases.place(answer.asked, None, found[0].places)
    ahead = [pair for pair in found if pair.ahead == best and pair.since is not None]
    open_ = [pair.behind if pair.ahead == best else pair.ahead for pair in found if pair not in ahead]
    if not ahead:
        return f"{opening(where)}{_name(answer)}={best} seems best at the end, but is shown to be ahead of none there."
    said = f"{where}{_name(answer)}={best} is ahead of {first_few([_ahead(answer, pair) for pair in ahead])}"
    return opening(said + (f"; at the end it is not told apart from {_listed(open_)}." if open_ else "."))


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _crossed(answer: Answer) -> str:
    """Which curves are shown to cross, on average and on data sets."""
    texts: list[str] = []
    for place in told.places(answer):
        for pair in told.pairs(answer, place):
            if pair.crossings:
                where = "" if place == POOLED else f" on {place}"
                texts.append(f"{pair.ahead} overtakes {pair.behind}{where} {_between(pair)}")
    if texts:
        return f"Curves are shown to cross: {first_few(texts)}."
    shown = [pair for pair in told.pairs(answer) if pair.shown and pair.since is None]
    faded = first_few([f"{pair.ahead} of {pair.behind} {_until(pair)}" for pair in shown])
    return f"{f'Ahead before the end only: {faded}. ' if faded else ''}No two curves are shown to cross."


def _opposed(answer: Answer) -> str:
    """Where data sets differ in who is ahead at the end."""
    texts = [f"on {pair.dataset} {pair.ahead} is ahead of {_ahead(answer, pair)}" for pair in told.opposed(answer)]
    return f"It depends on the data: {first_few(texts)}." if texts else ""


def _between(pair: Pair) -> str:
    last = pair.crossings[-1]
    more = f" (the last of {len(pair.crossings)} times)" if len(pair.crossings) > 1 else ""
    return f"between {at_step(pair.row.other, last.after)} and {last.before:g}{more}"


def _until(pair: Pair) -> str:
    """From where to where somebody was ahead who is not at the end."""
    mine = [at for at, side in pair.shown if side > 0]
    return f"at {at_step(pair.row.other, mine[0])}" if len(mine) == 1 else _to(pair.row.other, mine[0], mine[-1])


def _to(name: str, low: float, high: float) -> str:
    return f"from {at_step(name, low)} to {high:g}"


def _stopped(answer: Answer) -> str:
    """With which levels training still pays at the end, and where the others are best."""
    found = told.stops(answer)
    gains = [stop for stop in found if stop.gains]
    texts = [_gains(answer, gains)] if gains else []
    return "\n".join(opening(f"{text}.") for text in [*texts, *(_stop(answer, s) for s in found if not s.gains)])


def _gains(answer: Answer, stops: Sequence[Stop]) -> str:
    """The levels with which the last step is the best one."""
    name, row = _name(answer), stops[0].row
    every = len(stops) == len(answer.asked["levels"]) and len(stops) > 1
    levels = f"every value of {name}" if every else f"{name}={_listed([stop.level for stop in stops])}"
    end = f"{at_step(row.other, row.estimate)}, the last"
    return f"longer training may pay: {answer.asked['metric']} still gains at {end}, with {levels}"


def _stop(answer: Answer, stop: Stop) -> str:
    """Where a level is best, and what is lost after it."""
    unit, metric = str(stop.row.other), answer.asked["metric"]
    best = at_step(unit, stop.best)
    best += f" [{stop.low:g}, {stop.high:g}]" if stop.low != stop.high else ""
    said = f"with {_name(answer)}={stop.level} {metric} is best at {best}"
    if stop.lost is not None:
        sign = told.up(answer)
        limits = sorted(sign * x for x in (stop.lost.low_simultaneous, stop.lost.high_simultaneous))
        said += f" and loses {sizes(answer, sign * stop.lost.estimate, *limits)} by the end"
        if stop.fitted is not None:
            fits = f"{stop.fitted.measure} still improves in {numbers.percent(stop.fitted.estimate, 0)} of the runs"
            return f"{said}, while {fits}: it overfits, and {at_step(unit, stop.best)} is where to stop"
        return f"{said}: {at_step(unit, stop.best)} is where to stop"
    if stop.row.at_edge:
        return f"{said}, which includes the last: it may still gain"
    return f"{said}; that it falls after is not shown"


def _orders(answer: Answer) -> Iterator[tuple[Point, str]]:
    """How early the order of the end shows, over all runs and among the best tenth, each with its row."""
    rows = part(answer, "order")
    for which in ("all", BEST_TENTH):
        own = [p for p in told.points(rows[rows["runs"] == which]) if p.low_simultaneous == p.low_simultaneous]
        if not own:
            continue
        firm = next((p for i, p in enumerate(own) if all(q.low_simultaneous >= AGREES for q in own[i:])), None)
        runs = "all runs that did not fail" if len(part(answer, "failed")) else "all runs"
        of = f"of {runs}" if which == "all" else "among the tenth of the runs that is best at the end (chosen by it)"
        if firm is not None:
            on = at_step(firm.other, firm.at)
            yield firm, f"the order {of} is that of the end from {on} on: rank correlation at least {AGREES:g}"
            continue
        early, late = own[(len(own) - 1) // 4], own[-1]
        seen = [f"{_jointly(p, 2)} at {at_step(p.other, p.at)}" for p in (early, late)]
        yield early, f"the order {of} has a rank correlation with the end of {' and '.join(dict.fromkeys(seen))}"


def _failed(answer: Answer) -> str:
    """How many runs failed, at which steps, and with which level most."""
    rows = part(answer, "failed")
    if rows.empty:
        return ""
    by_step = rows.groupby("at")["n"].sum()
    unit, total = str(rows["other"].iloc[0]), int(rows["n"].sum())
    where = [f"{int(n)} at {at_step(unit, at)}" for at, n in zip(by_step.index.tolist(), by_step, strict=True)][:FIRST]
    later = total - int(by_step.iloc[:FIRST].sum())
    where += [f"{later} later"] if later else []
    share = rows.groupby("value", sort=False)["estimate"].sum()
    worst = str(share.index[int(np.argmax(share.to_numpy()))])
    most = f"; most often with {_name(answer)}={worst}, {numbers.percent(float(share.max()))} of its runs"
    most = most if len(share) > 1 else f"; all with {_name(answer)}={worst}"
    count = "1 run" if total == 1 else f"{total:,} runs"
    return f"{count} failed: {', '.join(where)}{most}."


def _of_pair(answer: Answer, pair: Pair) -> Finding:
    """Two levels in one place."""
    name, row = _name(answer), pair.row
    where = phrases.place(answer.asked, pair.dataset, pair.places)
    verdict: Verdict = "better" if pair.since is not None else "undecided"
    if pair.since is not None:
        said = f"{name}={pair.ahead} is ahead of {_ahead(answer, pair)}"
        said += f", after being behind: the curves cross {_between(pair)}" if pair.crossings else ""
    elif pair.shown:
        said = f"{name}={pair.ahead} is ahead of {pair.behind} {_until(pair)} and not told apart from it at the end"
        said += f", after being behind: the curves cross {_between(pair)}" if pair.crossings else ""
        said += f" ({_by(answer, pair)})"
    elif pair.low == pair.low:
        most = phrases.size(answer.asked, max(abs(pair.low), abs(pair.high)), "up")
        said = f"it is undecided which of {name}={pair.ahead} and {pair.behind} is ahead at any {_unit(answer)}; "
        said += f"at the end they differ by at most {most}"
    else:
        verdict, said = (
            "cannot tell",
            f"cannot tell which of {name}={pair.ahead} and {pair.behind} is ahead: too few runs",
        )
    context = Context.of(answer)
    text = opening(f"{where}{said}.") + context.why_observational(name) * context.is_observational(name)
    question = f"Which of {name}={pair.ahead} and {pair.behind} is ahead along training?"
    return _finding(answer, row, text, "contrast", verdict, question)


def _of_gains(answer: Answer, stops: Sequence[Stop]) -> Finding:
    """With which levels longer training may pay, on average."""
    where = phrases.place(answer.asked, None, float(stops[0].row.places))
    found = _finding(answer, stops[0].row, opening(f"{where}{_gains(answer, stops)}."), "trend", "best around", "")
    question = f"When should training with {_name(answer)} stop?"
    return replace(found, question=question, value=None if len(stops) > 1 else found.value)


def _of_stop(answer: Answer, stop: Stop) -> Finding:
    """Where a level is best in one place."""
    where = phrases.place(answer.asked, stop.dataset, float(stop.row.places))
    text = opening(f"{where}{_stop(answer, stop)}.")
    question = f"When should training with {_name(answer)}={stop.level} stop?"
    return _finding(answer, stop.row, text, "trend", "best around", question)
