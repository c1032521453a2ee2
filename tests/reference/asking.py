"""How is each question asked of the code as it is? The only module of the net that knows its functions and arguments.

When a name changes, change it here and add it to names.json; what is asked, and how rows and columns are called, stays.
A question is asked in a few ways on each sweep; `ask` names the way and is a key of its rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.questions.answer import Answer
from hpanalysis.toys.log_interaction import log_interaction
from tests.reference.net import Names, Table

SHIPPED = Path(__file__).parents[2] / "data" / "cnn" / "runs.csv"
RUNS, SEEDS = 360, (0, 1, 2)
# Toys that go through most of the code: chosen runs, repeats, conditions, no value of a failure, matched runs, a loss.
MANY_WAYS = ("adaptive", "clustered", "conditional", "log_interaction", "twins", "log_loss")


# -- the sweeps --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class About:
    """Which hyperparameters are asked about: one of two levels, one of several, a range, and one with an order."""

    two: str = "augmentation"
    several: str = "optimizer"
    along: str = "learning_rate"
    order: str = "batch_size"


def families() -> dict[str, dict[str, Callable[[], hp.Sweep]]]:
    """Family -> sweep -> how to get it: the shipped sweep, and every toy with some seeds."""
    recipes = {
        name.lower(): getattr(toys, name) for name in toys.__all__ if isinstance(getattr(toys, name), toys.Recipe)
    }
    makers: dict[str, Callable[[int], hp.Sweep]] = {
        name: partial(toys.make, recipe, RUNS) for name, recipe in recipes.items()
    }
    makers["real_effects"] = partial(toys.make, toys.real_effects(RUNS), RUNS)
    makers["log_interaction"] = partial(log_interaction, RUNS)
    found = {
        family: {f"{family}/{seed}": partial(make, seed) for seed in SEEDS} for family, make in sorted(makers.items())
    }
    variants = {name: {f"{name}/0": partial(make, 0)} for name, make in (("loss", _loss), ("log_loss", _log_loss))}
    return {"cnn": {"cnn": partial(hp.read, SHIPPED)}} | found | variants


def _loss(seed: int) -> hp.Sweep:
    """Lower is better, and everything is declared: what no toy has."""
    sweep = toys.make(toys.ADDITIVE, RUNS, seed)
    # From 1.1, as an accuracy of the toys may pass 1.
    runs = sweep.runs.assign(accuracy=1.1 - sweep.runs["accuracy"])
    return replace(sweep, runs=runs, goal="min", failed_value=1.0, margin=0.1, k=5)


def _log_loss(seed: int) -> hp.Sweep:
    """The same on the logarithm, and a failure has no value."""
    return replace(_loss(seed), transform="log10", failed_value=None, margin=None, k=None)


def about(sweep: hp.Sweep) -> About:
    """The hyperparameters that are asked about."""
    if "augmentation" in sweep.space:
        return About()
    return About(two="optimizer", several="activation")


# -- the questions -----------------------------------------------------------------------------------------------------

Frames = Iterator[tuple[str, pd.DataFrame]]
Rows = Callable[[pd.DataFrame], pd.Series]
Cost = Literal["claim", "short", "long", "forest"]


@dataclass(frozen=True)
class Question:
    """How a question is asked, and what of its table is kept.

    Parameters
    ----------
    ask
        Sweep, seed -> (way of asking, table), one or several.
    keys
        Columns that tell rows apart, beside the way of asking.
    exact
        Columns that draw no random numbers.
    drawn
        Columns that do.
    partly
        Columns that do in some rows -> which rows.
    cost
        claim: every claim at once. short, long: by hand, of few or many numbers. forest: grows a forest, or permutes
        much. See `questions_of`.
    """

    ask: Callable[[hp.Sweep, int], Frames]
    keys: tuple[str, ...]
    exact: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()
    partly: dict[str, Rows] = field(default_factory=dict)
    cost: Cost = "long"


def asked(question: str, sweep: hp.Sweep, rng: int = 0) -> dict[str, Table]:
    """What the code answers now: the exact table and the drawn one, each only if it has columns."""
    q = QUESTIONS[question]
    names = Names.load()
    frames = [names.now(question, frame).assign(ask=way) for way, frame in q.ask(sweep, rng) if len(frame)]
    frame = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["ask", *q.keys])
    if {"low", "low_simultaneous"} <= {*frame} and question not in ("inquiry", "contrast"):
        # Limits that hold together stand in both; they were recorded as simultaneous ones only.
        both = frame["low_simultaneous"].isna()
        frame = frame.assign(low=frame["low"].where(both), high=frame["high"].where(both))
    out = {}
    for which, columns in (("exact", q.exact), ("drawn", q.drawn)):
        shown = frame
        for column, rows in q.partly.items():
            if column in frame and len(frame):
                take = rows(frame) if which == "drawn" else ~rows(frame)
                shown = shown.assign(**{column: frame[column].where(take)})
        if columns or q.partly:
            out[which] = Table.of(shown, ("ask", *q.keys), (*columns, *q.partly))
    return out


@lru_cache(maxsize=1)
def _everything(sweep: hp.Sweep, rng: int) -> hp.Inquiry:
    return hp.Inquiry.of(sweep, rng=rng)


def _inquiry(sweep: hp.Sweep, rng: int) -> Frames:
    claims = _everything(sweep, rng).claims
    kinds = {"omnibus_tests": "importance", "interactions": "interaction"}
    claims = claims.assign(kind=claims["question"].replace(kinds))
    test, pair = claims["kind"] == "importance", claims["kind"] == "interaction"
    # The statistic of a test of a hyperparameter was told beside its contrasts too.
    mine = claims[test].set_index("hyperparameter")["statistic"]
    whole = claims["hyperparameter"].map(mine).where(claims["kind"].isin(["importance", "contrast"]))
    table = claims.assign(node_p=whole, statistic=claims["statistic"].where(pair), df=claims["df"].where(pair))
    # What a pair explains is asked in "interactions"; the test was told of the mean.
    table = table.assign(scale=table["scale"].where(~pair, "mean"), estimate=table["estimate"].where(~pair))
    # On single data sets the critical value says all; the limits would double what is stored.
    alone = ~claims["dataset"].isin(sweep.datasets) & ~pair
    ends = ("low", "high", "low_simultaneous", "high_simultaneous", "p_exploratory")
    keep = {end: table[end].where(alone | (pair if end == "p_exploratory" else False)) for end in ends}
    yield "", table.assign(**keep)


def _claims(sweep: hp.Sweep, rng: int) -> Frames:
    """Standard errors, degrees of freedom and limits of each claim alone, which the inquiry does not tell."""
    from hpanalysis.statistics.differences import POOLED, SCALES, compare

    design = hp.Design(sweep)
    for name in design.comparable():
        g, mine = design.groups(name), design.outcomes(name)
        found = compare(mine, g.codes, g.pairs, mine.measures)
        low, high = found.interval()
        numbers = {"estimate": found.estimate, "se": found.se, "spread": found.spread, "df": found.df}
        numbers |= {"low": low, "high": high, "p": found.p, "n": found.n, "places": found.places}
        at = [POOLED, *(sweep.datasets[s] for s in found.strata)]
        at = at[:1] if len(found.strata) == 1 else at
        # Contrasts by hand have the limits on single data sets; here they would double what is stored.
        for column in ("spread", "df", "low", "high"):
            numbers[column] = np.vstack([numbers[column][:1], np.full_like(numbers[column][1:], np.nan)])
        claims = [(g.labels[v], g.labels[r], *SCALES[m]) for v, r, m in found.claims] * len(at)
        table = pd.DataFrame(claims, columns=["value", "reference", "scale", "runs"])
        cells = {column: values[: len(at)].ravel() for column, values in numbers.items()}
        yield "", table.assign(hyperparameter=name, dataset=np.repeat(at, len(found.claims)), **cells)


def _contrast(sweep: hp.Sweep, rng: int) -> Frames:
    a = about(sweep)
    for name in (a.two, a.several, a.along):
        yield f"{name} by dataset", hp.contrast(sweep, name).frame
    yield f"{a.order} by {a.two}", hp.contrast(sweep, a.order, by=a.two).frame
    first = sweep.levels(a.several)[0]
    yield f"{a.several} from {first}", hp.contrast(sweep, a.several, reference=str(first)).frame
    for h in sweep.space:
        if h.condition:
            yield f"{h.name} active", hp.contrast(sweep, h.name, reference="inactive").frame


def _by_level(sweep: hp.Sweep, rng: int) -> Frames:
    yield "", hp.by_level(sweep).frame


def _interaction(sweep: hp.Sweep, rng: int) -> Frames:
    yield "", _of_two(sweep, rng).frame


def _interaction_tests(sweep: hp.Sweep, rng: int) -> Frames:
    yield "", _of_two(sweep, rng).tests


@lru_cache(maxsize=1)
def _of_two(sweep: hp.Sweep, rng: int) -> Answer:
    a = about(sweep)
    return hp.interaction(sweep, a.several, a.two, tune=a.along, rng=rng)


def _interactions(sweep: hp.Sweep, rng: int) -> Frames:
    yield "", hp.interactions(sweep, by="dataset").frame


@lru_cache(maxsize=1)
def _modifiers(sweep: hp.Sweep) -> dict[str, Answer]:
    asked = (about(sweep).several, about(sweep).along)[: _ways(sweep)]
    return {name: hp.effect_modifiers(sweep, name) for name in asked}


def _ways(sweep: hp.Sweep) -> int:
    """A second way of asking, of a range, is for the shipped sweep: on a toy it tells what the inquiry tells."""
    return 1 if sweep.source == "toy" else 2


def _effect_modifiers(sweep: hp.Sweep, rng: int) -> Frames:
    for name, answer in _modifiers(sweep).items():
        # The tests are on the mean; P(better) of the same runs is in the contrasts.
        yield name, answer.frame[answer.frame["scale"] == "mean"]


def _effect_modifiers_tests(sweep: hp.Sweep, rng: int) -> Frames:
    for name, answer in _modifiers(sweep).items():
        yield name, answer.tests


def _curve(sweep: hp.Sweep, rng: int) -> Frames:
    for way, answer in _curves(sweep, rng).items():
        best = answer.frame["scale"] == "best_at"
        # Where a curve is highest is a result and no key; every third point tells what all of them do.
        point = answer.frame.groupby(["other_value", "dataset", "scale"]).cumcount()
        table = answer.frame.assign(at=answer.frame["at"].where(~best))
        yield way, table[best | (point % 3 == 0)]


def _curve_tests(sweep: hp.Sweep, rng: int) -> Frames:
    for way, answer in _curves(sweep, rng).items():
        yield way, answer.tests


@lru_cache(maxsize=1)
def _curves(sweep: hp.Sweep, rng: int) -> dict[str, Answer]:
    a = about(sweep)
    each = {f"{a.along} by dataset": hp.curve(sweep, a.along, rng=rng)}
    return each | {f"{a.order} by {a.two}": hp.curve(sweep, a.order, by=a.two, rng=rng)}


def _best_of_k(sweep: hp.Sweep, rng: int) -> Frames:
    yield "all runs", hp.best_of_k(sweep).frame
    yield about(sweep).two, hp.best_of_k(sweep, about(sweep).two).frame


def _tuned_contrast(sweep: hp.Sweep, rng: int) -> Frames:
    for name in (about(sweep).two, about(sweep).several):
        table = hp.tuned_contrast(sweep, name, rng=rng).frame
        # Of the best of several k the k tells rows apart; where one was chosen it is a result and no key.
        yield name, table.assign(tries=table["k"].where(table["scale"] == "best_of_k by k"))


def _winner(sweep: hp.Sweep, rng: int) -> Frames:
    yield "", hp.winner(sweep).frame


def _winner_tests(sweep: hp.Sweep, rng: int) -> Frames:
    yield "", hp.winner(sweep).tests


@lru_cache(maxsize=1)
def _next(sweep: hp.Sweep, rng: int) -> Answer:
    return hp.next_space(sweep, rng=rng)


def _next_space(sweep: hp.Sweep, rng: int) -> Frames:
    table = _next(sweep, rng).frame
    # The window of a range is a result and no key.
    table = table.assign(range=~_leveled(sweep, table), window=table["value"])
    yield "", table.assign(value=table["value"].where(~table["range"], ""))


def _leveled(sweep: hp.Sweep, table: pd.DataFrame) -> pd.Series:
    return table["hyperparameter"].map(lambda name: sweep.space[name].has_levels)


def _next_space_ends(sweep: hp.Sweep, rng: int) -> Frames:
    space = hp.proposed_space(_next(sweep, rng))
    rows = [
        {"hyperparameter": h.name, "levels": ", ".join(map(str, h.levels)), "lowest": h.low, "highest": h.high}
        for h in space
    ]
    yield "", pd.DataFrame(rows).astype({"lowest": float, "highest": float})


@lru_cache(maxsize=1)
def _by_measure(sweep: hp.Sweep, measure: str, rng: int) -> dict[str, Answer]:
    outcomes = {"anova": ("metric", "rank"), "hsic": ("metric", "rank", "fail", hp.top(0.1))}.get(measure, ("metric",))
    ways = {of: "dataset" if of == "metric" else "pooled" for of in outcomes}
    return {str(of): hp.importance(sweep, measure=measure, of=of, by=by, rng=rng) for of, by in ways.items()}


def _importance(measure: str, sweep: hp.Sweep, rng: int) -> Frames:
    for way, answer in _by_measure(sweep, measure, rng).items():
        # Of pairs the pooled ones; which column stands for a hyperparameter is a result and no key.
        table = answer.frame[(answer.frame["effect"] != "pair") | ~answer.frame["dataset"].isin(sweep.datasets)]
        yield way, table.assign(value=table["value"].where(table["effect"] == "column", ""))


def _importance_tests(measure: str, sweep: hp.Sweep, rng: int) -> Frames:
    for way, answer in _by_measure(sweep, measure, rng).items():
        yield way, answer.tests


def _best_runs(sweep: hp.Sweep, rng: int) -> Frames:
    table = hp.best_runs(sweep, rng=rng).frame
    # Which values go together is a result and no key.
    pair = table["effect"] == "pair"
    both = (table["value"] + " & " + table["other_value"]).where(pair)
    yield "", table.assign(together=both, value=table["value"].where(~pair, ""))


def _disagreement(sweep: hp.Sweep, rng: int) -> Frames:
    table = hp.disagreement(sweep, rng=rng).frame
    # The strongest pair of a hyperparameter is a result and no key.
    yield "", table.assign(beside=table["other"].where(table["other"] != ""))


def _power(sweep: hp.Sweep, rng: int) -> Frames:
    yield "", hp.power(_everything(sweep, rng)).frame


def _check(sweep: hp.Sweep, rng: int) -> Frames:
    yield "", hp.check(sweep).frame


def _is(column: str, *texts: str) -> Rows:
    return lambda table: table[column].isin(texts)


def _isnt(column: str, *texts: str) -> Rows:
    return lambda table: ~table[column].isin(texts)


_PAIR = ("hyperparameter", "value", "reference")
_OTHER = ("other", "other_value")
_WHERE = ("dataset", "scale", "runs")
_ROW = (*_PAIR, *_OTHER, *_WHERE)
_BAR = ("hyperparameter", "value", "other", "effect", "dataset", "scale", "runs")
_NUMBERS = ("estimate", "low", "high", "p", "p_adjusted", "n")
_TEST = ("statistic", "df", "p", "p_adjusted")
_FORESTS = ("fanova main", "fanova total", "impurity", "permutation")
_BY_FOREST = _is("measure", *_FORESTS)
_BY_HSIC = ("hsic", "hsic successful", "hsic best", "hsic fail")
_BY_DRAWS = _is("measure", *_FORESTS, *_BY_HSIC)
_RANGES = _is("range", True)

QUESTIONS: dict[str, Question] = {
    "claims": Question(
        _claims, (*_PAIR, *_WHERE), ("estimate", "se", "spread", "df", "low", "high", "p", "n", "places"), cost="claim"
    ),
    "inquiry": Question(
        _inquiry,
        ("kind", *_PAIR, "other", *_WHERE),
        ("estimate", "direction", "statistic", "df", "node_p", "n", "places"),
        ("low_simultaneous", "high_simultaneous", "critical", "p_exploratory"),
        {"p": _is("kind", "importance"), "p_adjusted": _isnt("kind", "interaction")},
        cost="claim",
    ),
    "contrast": Question(_contrast, _ROW, (*_NUMBERS, "heterogeneity_p", "places", "k")),
    "by_level": Question(_by_level, (*_PAIR, "scale"), _NUMBERS),
    "interaction": Question(
        _interaction,
        ("hyperparameter", "value", *_OTHER, "scale", "runs"),
        ("estimate", "low_simultaneous", "high_simultaneous", "n", "places", "k", "best_value", "at_edge"),
        ("best_low", "best_high"),
        cost="short",
    ),
    "interaction (tests)": Question(
        _interaction_tests, ("test", "hyperparameter", "other"), ("statistic", "df", "p"), cost="short"
    ),
    "interactions": Question(_interactions, ("hyperparameter", "other", "dataset", "runs"), ("estimate", *_TEST, "n")),
    "effect_modifiers": Question(_effect_modifiers, _ROW, _NUMBERS),
    "effect_modifiers (tests)": Question(
        _effect_modifiers_tests, ("test", "hyperparameter", "other", "scale", "runs"), _TEST, cost="short"
    ),
    "curve": Question(
        _curve,
        ("hyperparameter", "at", *_OTHER, *_WHERE),
        ("estimate", "n", "places"),
        ("low_simultaneous", "high_simultaneous", "low", "high", "at_edge"),
    ),
    "curve (tests)": Question(
        _curve_tests,
        ("test", "hyperparameter", "other", "scale"),
        ("statistic", "df"),
        (),
        {"p": _is("test", "the curve is level")},
    ),
    "best_of_k": Question(_best_of_k, (*_PAIR, "dataset", "scale", "k"), ("estimate", "low", "high", "n")),
    "tuned_contrast": Question(
        _tuned_contrast,
        (*_PAIR, *_WHERE, "tries"),
        ("estimate", "low", "high", "p", "n", "k", "opposed"),
        ("low_simultaneous", "high_simultaneous", "p_adjusted", "opposed_shown"),
        cost="short",
    ),
    "winner": Question(
        _winner,
        ("value", "dataset", "scale"),
        ("estimate", "low", "high", "low_simultaneous", "high_simultaneous", "p_adjusted", "n")
        + ("rank", "failed", "noise", "may_be_best", "candidates", "repeat", "seeds_needed"),
        cost="short",
    ),
    "winner (tests)": Question(
        _winner_tests, ("test", "dataset", "seeds"), ("configurations", "smallest_gap"), cost="short"
    ),
    "next_space": Question(
        _next_space,
        ("hyperparameter", "value", "dataset", "scale"),
        ("p", "p_adjusted", "share", "share_low", "share_high", "edge"),
        ("p_inside", "p_inside_low", "p_inside_high", "window"),
        dict.fromkeys(("estimate", "low", "high", "n", "k", "action"), _RANGES),
        cost="short",
    ),
    "next_space (space)": Question(
        _next_space_ends, ("hyperparameter",), ("levels",), ("lowest", "highest"), cost="short"
    ),
    "best_runs": Question(
        _best_runs,
        ("hyperparameter", "value", "other", "effect", "quantile", "dataset", "scale"),
        ("estimate", "low_simultaneous", "high_simultaneous", "among_all", "n", "together"),
        ("p", "p_adjusted", "floor"),
    ),
    "importance: correlation": Question(partial(_importance, "correlation"), _BAR, _NUMBERS, ("floor",)),
    "importance: anova": Question(partial(_importance, "anova"), _BAR, (*_NUMBERS, "floor")),
    "importance: anova (tests)": Question(
        partial(_importance_tests, "anova"), ("test", "hyperparameter", "dataset"), ("df", "p", "p_adjusted")
    ),
    "importance: hsic": Question(partial(_importance, "hsic"), _BAR, ("estimate", "n"), ("p", "p_adjusted", "floor")),
    "importance: best_of_k": Question(
        partial(_importance, "best_of_k"), _BAR, ("estimate", "n"), ("p", "p_adjusted", "floor"), cost="forest"
    ),
    "importance: ols": Question(partial(_importance, "ols"), _BAR, _NUMBERS, ("floor",), cost="forest"),
    "importance: forest": Question(partial(_importance, "forest"), _BAR, (), (*_NUMBERS, "floor"), cost="forest"),
    "importance: permutation": Question(
        partial(_importance, "permutation"), _BAR, (), (*_NUMBERS, "floor"), cost="forest"
    ),
    "importance: fanova": Question(partial(_importance, "fanova"), _BAR, (), (*_NUMBERS, "floor"), cost="forest"),
    "disagreement": Question(
        _disagreement,
        ("hyperparameter", "measure", "scale", "runs"),
        ("n", "beside"),
        ("floor",),
        dict.fromkeys(("estimate", "low", "high", "rank"), _BY_FOREST)
        | dict.fromkeys(("p", "p_adjusted", "matters"), _BY_DRAWS),
        cost="forest",
    ),
    "power": Question(
        _power,
        (*_PAIR, "scale", "runs"),
        ("seen", "n"),
        ("estimate", "at_90", "p_adjusted", "settled", "more_runs"),
    ),
    "check": Question(_check, ("check", "subject"), ("share", "p_adjusted", "n", "verdict"), cost="short"),
}


def questions_of(sweep: str) -> tuple[str, ...]:
    """What is asked of a sweep: everything of the shipped one and of the first of each toy; what is short of others."""
    whole = sweep == "cnn" or sweep.endswith("/0")
    return tuple(name for name, q in QUESTIONS.items() if whole or q.cost in ("claim", "short"))


def is_quick(sweep: str, question: str) -> bool:
    """Whether a question belongs to the quick tests: the claims of every toy, and more of the first of each."""
    family, _, seed = sweep.partition("/")
    cost = QUESTIONS[question].cost
    if sweep == "cnn" or cost == "forest":
        return False
    return question == "claims" or (seed == "0" and (cost != "long" or family in MANY_WAYS))
