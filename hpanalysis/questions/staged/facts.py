"""What else does a careful reader of a staged study note? Slips, collapsed runs, costs, orders that turn, gaps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np

from hpanalysis.design.costs import counts_parameters, nearly_as_good
from hpanalysis.questions.staged.study import Study
from hpanalysis.statistics.rounding import settled, tied
from hpanalysis.sweeps.reading.vocabulary import words

# A cost is worth a word where the best takes that many times as much as one that nearly reaches it.
DEAR = 2.0
# As many are run again at first.
RIVALS = 5
# In fewer arms it is hardly worth a word that one value won in all.
ARMS = 3
HIGH, MEAN = frozenset(("max", "maximum", "best", "highest")), frozenset(("mean", "average", "avg"))
Fact = dict[str, object]


def facts(study: Study) -> list[Fact]:
    """A row a fact: ``test`` says of which kind, and ``names`` of which configurations it is."""
    kinds: tuple[Callable[[Study], Iterator[Fact]], ...] = (
        *(_listed_twice, _above_maximum, _equal_cost, _collapsed),
        *(_left, _dear, _pairs, _turned, _untried, _rivals),
    )
    return [fact for kind in kinds for fact in kind(study)]


def _listed_twice(study: Study) -> Iterator[Fact]:
    """Configurations that are listed again with another score, and nothing says that they were run again."""
    again = ~study.own_runs
    for point in np.unique(study.stages.point[again]):
        mine = study.sweep.outcome[study.stages.point == point]
        mine = mine[np.isfinite(mine)]
        if len(mine) > 1 and np.ptp(tied(mine)) > 0:
            yield Fact(test="listed twice", names=study.name(int(point)), low=mine.min(), high=mine.max(), n=len(mine))


def _above_maximum(study: Study) -> Iterator[Fact]:
    """Runs whose mean is above their maximum: one of the two is a slip."""
    columns = (study.sweep.metric, *study.beside)
    tops = [c for c in columns if HIGH & set(words(c))]
    means = [c for c in columns if MEAN & set(words(c))]
    for top, mean in ((t, m) for t in tops for m in means):
        a, b = (tied(study.sweep.runs[c].to_numpy(dtype=float, na_value=np.nan)) for c in (top, mean))
        odd = np.flatnonzero(b > a)
        names = list(dict.fromkeys(study.name(int(study.stages.point[row])) for row in odd))
        if names:
            yield Fact(test="mean above maximum", value=mean, reference=top, names="; ".join(names), n=len(odd))


def _equal_cost(study: Study) -> Iterator[Fact]:
    """Two configurations that differ in one hyperparameter alone and report one number, where it differs elsewhere."""
    codes = np.column_stack([study.cells[name].map(str).to_numpy() for name in study.stages.names])
    for cost in filter(counts_parameters, study.costs):
        spent = np.array([study.known(p, cost) for p in range(len(codes))])
        matched: dict[int, list[tuple[int, int]]] = {}
        for a, b in combinations(np.flatnonzero(np.isfinite(spent)).tolist(), 2):
            differs = np.flatnonzero(codes[a] != codes[b])
            if len(differs) == 1:
                matched.setdefault(int(differs[0]), []).append((a, b))
        for i, pairs in matched.items():
            same = [(a, b) for a, b in pairs if spent[a] == spent[b]]
            if 0 < len(same) < len(pairs) / 2:
                for a, b in same:
                    name = study.stages.names[i]
                    both = {"value": study.name(a), "reference": study.name(b), "estimate": spent[a]}
                    yield Fact(test="equal cost", hyperparameter=name, names=cost, n=len(pairs), **both)


def _collapsed(study: Study) -> Iterator[Fact]:
    """Stages whose mean contains configurations that did nothing: the mean with them and without."""
    for s, stage in enumerate(study.stages.stages):
        points = list(dict.fromkeys(stage.points))
        mean = np.array([study.score(p, s).mean for p in points])
        low = study.collapsed[points]
        some = low & np.isfinite(mean)
        if some.any() and not low.all():
            lost = [p for p, odd in zip(points, some, strict=True) if odd]
            short = study.label is None and len(stage.arms) == 1
            names = "; ".join(study.settings(p, stage.varied) if short else study.name(p, s) for p in lost)
            high, all_in = float(mean[~low].mean()), float(np.nanmean(mean))
            yield Fact(test="collapsed", stage=stage.label, names=names, low=all_in, high=high, n=int(some.sum()))


def _left(study: Study) -> Iterator[Fact]:
    """The one value at which all was tried, and some learnt nothing, until a stage varied it and left it."""
    lost = np.flatnonzero(study.collapsed)
    for s, stage in enumerate(study.stages.stages):
        final = study.best([p for p in stage.points if not study.collapsed[p]], s)
        if s == 0 or final is None or len(lost) < 2:
            continue
        before = {p for earlier in study.stages.stages[:s] for p in earlier.points}
        values = {study.value(int(p), stage.varied) for p in before.union(lost.tolist())}
        value = study.value(final, stage.varied)
        if len(values) == 1 and value not in values:
            about = {"hyperparameter": ", ".join(stage.varied), "value": value, "reference": values.pop()}
            yield Fact(test="left", stage=stage.label, n=len(lost), **about)


def _dear(study: Study) -> Iterator[Fact]:
    """The best so far, where one that nearly reaches it is much cheaper: of the last stage in which it was the best."""
    found: dict[int, list[Fact]] = {}
    for s, stage in enumerate(study.stages.stages):
        points = sorted({p for one in study.stages.stages[: s + 1] for p in one.points if not study.collapsed[p]})
        best = study.best(points, s)
        if best is None or best in stage.kept:
            continue
        top = study.score(best, s).mean
        least = top - study.up * nearly_as_good(study.sweep, top)
        near = [p for p in points if p != best and study.up * (study.score(p, s).mean - least) >= 0]
        cheaper = [(_share(study, p, best), study.name(p, s), p) for p in near]
        share, _, cheap = min(cheaper, default=(1.0, "", best))
        if DEAR * share <= 1:
            apart = abs(top - study.score(cheap, s).mean)
            about = {"value": study.name(best, s), "reference": study.name(cheap, s), "estimate": apart, "n": 1}
            spent = [(cost, study.known(cheap, cost), study.known(best, cost)) for cost in study.costs]
            found[best] = [
                Fact(test="dear", stage=stage.label, names=cost, low=low, high=high, **about)
                for cost, low, high in spent
                if high == high
            ]
    for rows in found.values():
        yield from rows


def _share(study: Study, point: int, best: int) -> float:
    """The smallest share that a configuration takes of what another one costs, over the costs of both; else 1."""
    shares = [study.known(point, cost) / study.known(best, cost) for cost in study.costs]
    return float(settled([min((x for x in shares if x == x), default=1.0)])[0])


def _levels(study: Study, s: int) -> list[dict[str, float]]:
    """For each arm of a stage the score of each value."""
    stage = study.stages.stages[s]
    return [
        {study.value(p, stage.varied): study.score(p, s).mean for p in arm.points if not study.collapsed[p]}
        for arm in stage.arms
    ]


def _pairs(study: Study) -> Iterator[Fact]:
    """Two values that were compared in all of several arms, of which one always won."""
    for s, stage in enumerate(study.stages.stages):
        arms = _levels(study, s)
        levels = list(dict.fromkeys(value for arm in arms for value in arm))
        best = min(levels, key=lambda v: (-sum(v in arm for arm in arms), levels.index(v)), default="")
        for value in levels:
            both = [arm for arm in arms if value in arm and best in arm]
            apart = settled(study.up * (arm[value] - arm[best]) for arm in both)
            if value == best or len(both) < ARMS or len(both) < len(arms):
                continue
            if (apart > 0).all() or (apart < 0).all():
                won, lost = (value, best) if apart[0] > 0 else (best, value)
                ends = {"low": np.abs(apart).min(), "high": np.abs(apart).max(), "n": len(both)}
                about = {"hyperparameter": ", ".join(stage.varied), "value": won, "reference": lost}
                yield Fact(test="won in all", stage=stage.label, **about, **ends)


def _turned(study: Study) -> Iterator[Fact]:
    """What a stage chose, where a later one compared it again at another value of something, and the order turned."""
    for s, stage in enumerate(study.stages.stages):
        arms = dict(zip((frozenset(arm.points[: arm.bases]) for arm in stage.arms), _levels(study, s), strict=True))
        final = study.best([p for p in stage.points if not study.collapsed[p]], s)
        for t, earlier in enumerate(study.stages.stages[:s]):
            for arm in earlier.arms:
                chosen = study.chosen(t, earlier, arm)
                for other in arm.points:
                    both = [next((a for bases, a in arms.items() if p in bases), None) for p in (chosen, other)]
                    if chosen is None or final is None or other == chosen or both[0] is None or both[1] is None:
                        continue
                    start, value = study.value(chosen, stage.varied), study.value(final, stage.varied)
                    if value == start or not all(start in a and value in a for a in both if a):
                        continue
                    before, after = (study.up * (both[0][x] - both[1][x]) for x in (start, value))
                    if tied(np.array([before]))[0] > 0 > tied(np.array([after]))[0]:
                        names = "; ".join(study.value(p, earlier.varied) for p in (chosen, other))
                        about = {"stage": stage.label, "value": f"{', '.join(stage.varied)}={value}"}
                        ends = {
                            "low": before,
                            "high": -after,
                            "n": min(study.score(p, s).runs for p in (chosen, other)),
                        }
                        said = {"reference": earlier.label, "hyperparameter": ", ".join(earlier.varied)}
                        yield Fact(test="turned", names=names, **about, **ends, **said)


def _untried(study: Study) -> Iterator[Fact]:
    """Values of what was varied early that were never tried with what later stages chose."""
    last = len(study.stages.stages)
    final = study.best(list(range(len(study.cells))), last)
    if final is None:
        return
    since: dict[str, int] = {}
    for s, stage in enumerate(study.stages.stages):
        since |= {name: s for name in stage.varied if name in study.hyperparameters}
    for name, s in since.items():
        later = [n for n in study.stages.names if n != name and since.get(n, -1) > s]
        moved = [n for n in later if study.cells[n].iloc[final] != study.cells[n].iloc[0]]
        if not moved:
            continue
        texts = study.cells.astype(object).map(str)
        there = (texts[later] == texts[later].iloc[final]).all(axis=1)
        levels = study.cells[name].dropna().unique()
        never = sorted(set(levels) - set(study.cells[name][there]))
        if never:
            chosen = study.settings(final, moved)
            text = ", ".join(str(v) for v in never)
            yield Fact(
                test="untried",
                stage=study.stages.stages[s].label,
                hyperparameter=name,
                value=text,
                reference=chosen,
                n=len(never),
            )
    tried = len(study.cells[list(study.hyperparameters)].drop_duplicates())
    cells = int(np.prod([study.cells[n].nunique(dropna=False) for n in study.hyperparameters]))
    yield Fact(test="cells", n=tried, high=float(cells))


def _rivals(study: Study) -> Iterator[Fact]:
    """The best and those, trained as long, of which it is not told or that are nearly as good: to be run again."""
    last = len(study.stages.stages)
    longer = [name for name in study.stages.names if name not in study.hyperparameters]
    best = study.best([p for p in range(len(study.cells)) if not study.collapsed[p]], last)
    if best is None:
        return
    alike = (study.cells[longer] == study.cells[longer].iloc[best]).all(axis=1).to_numpy()
    close = nearly_as_good(study.sweep, study.score(best, last).mean)
    near: list[tuple[float, int]] = []
    for point in np.flatnonzero(alike & ~study.collapsed):
        apart, error = study.apart(best, int(point), last)
        reach = study.reach * error if study.noise.freedom else close
        if point == best or study.up * apart <= reach:
            near.append((float(settled([study.up * apart])[0]), int(point)))
    near = sorted(near)[:RIVALS]
    if len(near) > 1:
        names = "; ".join(
            [study.name(best, last), *(_beside(study, point, best) for _, point in near if point != best)]
        )
        yield Fact(test="rivals", names=names, estimate=near[-1][0], n=len(near))


def _beside(study: Study, point: int, best: int) -> str:
    """A configuration by its label, or by what tells it from the best."""
    if study.label is not None:
        return study.name(point, len(study.stages.stages))
    own, other = (study.cells[list(study.stages.names)].iloc[p].astype(object) for p in (point, best))
    return f"the same with {study.settings(point, [n for n in study.stages.names if own[n] != other[n]])}"
