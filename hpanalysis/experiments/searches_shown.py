"""How is a comparison of searches told? In a few sentences, three tables and a picture, whatever it shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.experiments.searches import FEWEST, MEASURES, Comparison, Searches, Verdict, differences
from hpanalysis.style import numbers, plot_style
from hpanalysis.style.lines import Lines, describe_figure, opening
from hpanalysis.style.picture_parts import say_if_empty
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ERROR = "log10 error of the pick, lower is better"
SAID: dict[Verdict, str] = {"better": "better", "worse": "worse", "a tie": "a tie", "open": "no two repeats yet"}


def headline(searches: Searches) -> str:
    """The outcome of the primary comparison, as the title of what reports it.

    Examples
    --------
    >>> rows = [
    ...     {"problem": p, "strategy": s, "repeat": r, "error": (r % 2 + 1) * (s == "placebo") * (p == "digits")}
    ...     for p in ("friedman", "digits") for s in ("guided", "placebo") for r in range(9)
    ... ]
    >>> headline(Searches(tuple(rows)))
    'guided against placebo, so far: better on digits, a tie on friedman'
    """
    so_far = ", so far" if any(one.difference.repeats < searches.planned for one in searches.primary) else ""
    found = {v: [one.problem for one in searches.primary if one.verdict == v] for v in SAID}
    outcome = ", ".join(f"{SAID[verdict]} on {' and '.join(places)}" for verdict, places in found.items() if places)
    return f"{searches.guided} against {searches.placebo}{so_far}: {outcome}"


def summary(searches: Searches) -> Lines:
    """The answer: what the primary comparison shows, in a few sentences."""
    digits = _digits(searches.primary)
    sizes = [f"{one.problem} {_size(one, digits)}, {_repeats(one, searches)}" for one in searches.primary]
    verdicts = {one.verdict for one in searches.primary}
    return Lines(
        f"{opening(headline(searches))}.\n"
        f"{opening(searches.guided)} minus {searches.placebo}, {ERROR}: {'; '.join(sizes)}.\n"
        f"{_meaning(verdicts)}"
    )


def _meaning(verdicts: set[Verdict]) -> str:
    if "better" in verdicts:
        return "Where it is better, HSIC says something that chance does not."
    if "worse" in verdicts:
        return "What HSIC says is no better than chance, and worse where it is said to be."
    if "a tie" in verdicts:
        return "That HSIC says something that chance does not is not shown; that it says nothing is not shown either."
    return "Whether HSIC says something that chance does not cannot be told yet."


def beside_engine(searches: Searches) -> Lines:
    """What does better and what does worse than the engine alone, a line a measure; the rest are ties."""
    lines = []
    for key, measure in MEASURES.items():
        own = [one for one in searches.others if one.measure == key]
        if own:
            parts = [f"{SAID[v]} {_places(own, v)}" for v in ("better", "worse") if any(o.verdict == v for o in own)]
            ties = sum(one.verdict == "a tie" for one in own)
            parts += [f"{ties} of {len(own)} tie" if ties < len(own) else f"all {ties} tie"] if ties else []
            lines.append(f"{opening(measure.name)}, against {searches.engine}: {'; '.join(parts)}.")
    return Lines("\n".join(lines) or f"No strategy has {FEWEST} repeats in common with {searches.engine} yet.")


def _places(own: Sequence[Comparison], verdict: Verdict) -> str:
    places: dict[str, list[str]] = {}
    for one in own:
        if one.verdict == verdict:
            places.setdefault(one.strategy, []).append(one.problem)
    return ", ".join(f"{strategy} ({', '.join(on)})" for strategy, on in places.items())


def primary_table(searches: Searches) -> Table:
    """The primary comparison, and the same two strategies in every other measure."""
    named = {(one.problem, one.measure) for one in searches.primary}
    rest = [one for one in searches.beside if (one.problem, one.measure) not in named]
    levels = [_level(searches.primary)] * len(searches.primary) + [_level(searches.beside)] * len(rest)
    rows = [*searches.primary, *rest]
    won = [_won(one, searches) for one in rows]
    frame = pd.DataFrame(
        {
            "problem": [one.problem for one in rows],
            "measure": [MEASURES[one.measure].name for one in rows],
            f"{searches.guided} against {searches.placebo}": [_size(one, 3) for one in rows],
            "interval": levels,
            "repeats": [one.difference.repeats for one in rows],
            "does better in": won,
            "outcome": [SAID[one.verdict] for one in rows],
        }
    )
    return Table(frame, (RATIO, "The first rows are the primary comparison; the others are beside it."))


RATIO = "A cost is compared as a ratio (× 0.5 is half of it), everything else as a difference."


def others_table(searches: Searches) -> Table:
    """Every strategy against the engine alone: a row a problem and strategy, a column a measure."""
    found = {(one.problem, one.strategy, one.measure): one for one in searches.others}
    keys = list(dict.fromkeys((one.problem, one.strategy) for one in searches.others))
    columns: dict[str, list[str]] = {"problem": [p for p, _ in keys], "strategy": [s for _, s in keys]}
    for measure in MEASURES:
        cells = [found.get((*key, measure)) for key in keys]
        columns[MEASURES[measure].name] = [_marked(one) if one else numbers.MISSING for one in cells]
    repeats = [max(found[key].difference.repeats for key in found if key[:2] == place) for place in keys]
    if not keys:
        return Table(pd.DataFrame({"strategy": [f"none has {FEWEST} repeats in common with it yet"]}))
    level = f"{_level(searches.others)} each, so that all hold together with 95 %; (+) better, (−) worse, (=) a tie."
    return Table(pd.DataFrame(columns).assign(repeats=repeats), (RATIO, level))


def _marked(one: Comparison) -> str:
    return f"{_size(one, 3)} {({'better': '(+)', 'worse': '(−)'}).get(one.verdict, '(=)')}"


def means_table(searches: Searches) -> Table:
    """What each strategy reaches on each problem: means, of costs the geometric ones."""
    rows: list[dict[str, object]] = []
    for problem in searches.tried:
        for strategy in searches.strategies:
            values = {m: searches.values(problem, strategy, m) for m in MEASURES}
            if len(values["error"]):
                shown = {MEASURES[m].name: _mean(v, log=MEASURES[m].log) for m, v in values.items()}
                lifts = searches.lifts(problem, strategy)
                shown["lifts"] = numbers.number(float(lifts.mean()), 1) if len(lifts) else numbers.MISSING
                rows.append({"problem": problem, "strategy": strategy, **shown, "repeats": len(values["error"])})
    return Table(pd.DataFrame(rows), ("Lifts are limits that were lifted in a search.",))


def _mean(values: np.ndarray, *, log: bool) -> str:
    if not len(values):
        return numbers.MISSING
    return f"{10 ** values.mean():.3g}" if log else numbers.number(float(values.mean()), 3)


def draw(searches: Searches, ax: Axes | None = None) -> Axes:
    """Draw the primary comparison: the difference in every repeat, their mean and its interval."""
    found = searches.primary
    ax = plot_style.axes(ax, 1.5 + 0.55 * len(found))
    plot_style.dress(ax)
    ax.axvline(0, color=plot_style.INK, linewidth=0.9, zorder=1.5)
    for y, one in zip(-np.arange(len(found), dtype=float), found, strict=True):
        d, own = one.difference, differences(searches.rows, one.problem, (one.strategy, one.against), one.measure)
        ax.plot(own, np.full(len(own), y - 0.22), "|", color=plot_style.SOFT, markersize=7, alpha=0.7)
        colour = plot_style.verdict_colour(d.low, d.high, 0.0, MEASURES[one.measure].favour)
        ax.plot([d.low, d.high], [y, y], color=colour, linewidth=2.4, solid_capstyle="round")
        filled = colour if one.verdict in ("better", "worse") else "white"
        ax.plot([d.mean], [y], "D", color=colour, markerfacecolor=filled, markersize=7, markeredgewidth=1.5, zorder=3)
        plot_style.right_of(ax, y, f"{d.repeats} of {searches.planned}")
    plot_style.above(ax, 1.02, "repeats", plot_style.SOFT, ha="left", size=plot_style.SMALL)
    plot_style.above(ax, 0.0, f"← {searches.guided} better", plot_style.BETTER, ha="left")
    plot_style.above(ax, 1.0, f"{searches.placebo} better →", plot_style.WORSE, ha="right")
    plot_style.name_rows(ax, -np.arange(len(found), dtype=float), [one.problem for one in found])
    ax.set_ylim(0.45 - len(found), 0.6)
    ax.margins(x=0.06)
    say_if_empty(ax, [one.difference.mean for one in found])
    plot_style.label(ax, x=f"error of {searches.guided} − error of {searches.placebo}\n({ERROR})")
    plot_style.title(ax, opening(headline(searches)))
    describe_figure(ax.figure, repr(summary(searches)).replace("\n", " "))
    return ax


def draw_beside_engine(searches: Searches, ax: Axes | None = None) -> Axes:
    """Draw what does better and worse than the engine alone: a row a strategy, a column a problem, for each measure."""
    from matplotlib.patches import Rectangle

    found = {(one.strategy, one.measure, one.problem): one for one in searches.others}
    strategies = [name for name in searches.strategies if any(key[0] == name for key in found)]
    problems = [name for name in searches.tried if any(key[2] == name for key in found)]
    if not found:
        return plot_style.nothing(ax, repr(beside_engine(searches)))
    wide = max(len(problems), 4) + 1  # the name of a measure has to find room, too
    ax = plot_style.axes(ax, 2.0 + 0.28 * len(strategies), width=1.8 + 0.24 * len(MEASURES) * wide)
    plot_style.dress(ax)
    ax.grid(False)
    faces = {"better": plot_style.BETTER, "worse": plot_style.WORSE, "a tie": plot_style.WASH}
    marks = {"better": "+", "worse": "−", "a tie": "="}
    places: dict[float, str] = {}
    for m, measure in enumerate(MEASURES):
        start = float(m * wide)
        for p, problem in enumerate(problems):
            places[start + p] = problem
            for y, strategy in enumerate(strategies):
                one = found.get((strategy, measure, problem))
                if one:
                    face = faces[one.verdict]
                    ax.add_patch(Rectangle((start + p - 0.47, y - 0.44), 0.94, 0.88, facecolor=face, linewidth=0))
                    ink = plot_style.ink_on(face, plot_style.SOFT)
                    ax.text(start + p, y, marks[one.verdict], ha="center", va="center", color=ink)
        middle = start + (len(problems) - 1) / 2
        ax.text(middle, -0.75, MEASURES[measure].name, ha="center", va="bottom", color=plot_style.INK)
    plot_style.name_rows(ax, range(len(strategies)), strategies)
    ax.set_xticks(list(places), list(places.values()), rotation=90, fontsize=plot_style.SMALL)
    ax.set(xlim=(-0.6, max(places) + 0.6), ylim=(len(strategies) - 0.4, -1.4))
    plot_style.title(ax, f"Against {searches.engine}: + better, − worse, = a tie")
    describe_figure(ax.figure, repr(beside_engine(searches)).replace("\n", " "))
    return ax


def _size(one: Comparison, digits: int) -> str:
    d = one.difference
    if not np.isfinite(d.low):
        return numbers.MISSING
    if MEASURES[one.measure].log:
        with np.errstate(over="ignore"):  # a few repeats say nothing of how much dearer it may be
            low, mean, high = (f"{x:.2g}" for x in np.power(10.0, [d.low, d.mean, d.high]))
        return f"× {mean} [{low}, {high}]"
    low, mean, high = (numbers.number(x, digits, signed=True) for x in (d.low, d.mean, d.high))
    return f"{mean} [{low}, {high}]"


def _digits(made: Sequence[Comparison]) -> int:
    return numbers.decimals([x for one in made for x in (one.difference.low, one.difference.high)])


def _level(made: Sequence[Comparison]) -> str:
    return f"{100 - 5 / max(1, len(made)):.4g} %"


def _repeats(one: Comparison, searches: Searches) -> str:
    return f"{one.difference.repeats} of {searches.planned} repeats"


def _won(one: Comparison, searches: Searches) -> str:
    d = differences(searches.rows, one.problem, (one.strategy, one.against), one.measure)
    return f"{int((d * MEASURES[one.measure].favour > 0).sum())} of {len(d)}" if len(d) else numbers.MISSING
