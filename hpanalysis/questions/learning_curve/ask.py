"""How do runs get to their result, and when is it decided? Learning curves by the level of a hyperparameter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.design.groups import Groups
from hpanalysis.questions.answer import Answer, Asked, facts_of, in_vocabulary
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.learning_curve.paths import STEPS, Paths, paths_of
from hpanalysis.questions.report import THIS_ANSWER
from hpanalysis.statistics import curve_bands, mean_curves, rank_agreement, resampling, simultaneous_bands
from hpanalysis.statistics.curve_bands import Bands
from hpanalysis.statistics.differences import POOLED
from hpanalysis.statistics.mean_curves import Place
from hpanalysis.sweeps.sweep import Sweep

DIAGNOSTICS = ("curve", "measure", "at", "places", "at_edge")
# So many differences of two levels are looked at in a place: of many levels fewer steps are.
DIFFERENCES = 3_000
# The runs that count as the best at the end.
BEST = 0.1
ORDERS = ("all", "best tenth")
CHOSEN_BY_TIME = "Its levels were run one after the other: what drifted in time is in the difference of their curves."

HARDLY_BEGUN = (
    "A mean has no band where hardly any of a few runs have begun to learn: what those do is still to be seen."
)


def learning_curve(sweep: Sweep | Design, hyperparameter: str, *, rng: int = 0) -> Answer:
    """Follow the metric along the training of the runs, by the level of a hyperparameter.

    Parameters
    ----------
    sweep
        A sweep with curves of its metric (see `Sweep.history`), or its design.
    hyperparameter
        Its levels have a curve each; a range is cut into four slices of equal width in the search measure.
    rng
        Seed of the draws that make bands simultaneous.

    Returns
    -------
    Answer
        One row a step and curve, on average over the data sets and on each, in the columns of the vocabulary. ``at`` is
        the step, and ``curve`` says what is estimated. "level": the mean of a level. "difference": that of two, value
        less reference. "change": the mean at a step less that at the end, of the runs that came to their end. "best":
        the step at which that mean is highest, from ``low`` to ``high`` at 95 %; ``at_edge`` says that this includes
        the last one. "train": the share of these runs whose ``measure`` of the training data is better at the end than
        at the step. "gap": where the metric itself was measured on the training data, that less the metric. "order":
        rank correlation of the step with the end, of these runs or, in ``runs``, of the tenth of them that is best at
        the end. "failed": the share of the runs that failed at the step. Each kind of curve has simultaneous limits of
        its own, over all its steps, levels and data sets.

    Raises
    ------
    UserError
        If there are no curves of the metric, or they share fewer than two steps; or the hyperparameter is unknown or
        has a single level.

    Notes
    -----
    The same runs are behind every step of a curve: a failed run counts with its declared value from where it failed, or
    not at all; one that ended by itself keeps its last value; and where a scheduler stopped runs, curves end at the
    step that all reached. Beyond it a mean would be one of the survivors. The question is exploratory and takes no
    share of the error of a report. Not to be mixed up with `curve`, which follows the metric along the range of a
    hyperparameter. Hothorn, Bretz & Westfall (2008), doi:10.1002/bimj.200810425 (simultaneous limits).

    Examples
    --------
    >>> from hpanalysis import learning_curve, toys
    >>> sweep = toys.with_curves(toys.make(toys.STRONG, 600, 0), {"augmentation": {"on": -6.0}}, 9, 0)
    >>> rows = learning_curve(sweep, "augmentation").frame
    >>> apart = rows[(rows["curve"] == "difference") & (rows["dataset"] == "all data sets")]
    >>> bool(apart["high_simultaneous"].iloc[0] < 0 < apart["low_simultaneous"].iloc[-1])
    True
    """
    design = Design.of(sweep)
    g = design.levels_of(hyperparameter)
    paths = paths_of(design.sweep, design.failed_outcome, max(min(STEPS, DIFFERENCES // len(g.pairs)), 2))
    follow = _Followed(design, g, paths, rng)
    tables = [follow.levels(), follow.differences(), follow.changes(), follow.best(), follow.train(), follow.gap()]
    tables += [follow.order(), follow.failures()]
    table = pd.concat([t for t in tables if len(t)], ignore_index=True)
    text = [f"{x:g} of {paths.steps[-1]:g}" if np.isfinite(x) else "" for x in table["at"]]
    table = table.assign(hyperparameter=hyperparameter, other=paths.name, other_value=text)
    asked = facts_of(design) | Asked(
        hyperparameter=hyperparameter, levels=g.labels, level=1 - ALPHA, family=THIS_ANSWER
    )
    caveats = [*paths.caveats, *design.adjustment_caveats]
    caveats += [CHOSEN_BY_TIME] * (hyperparameter in design.loops)
    caveats += [HARDLY_BEGUN] * _hardly_begun(tables[0])
    if (g.sizes < mean_curves.FEWEST).any():
        few = ", ".join(label for label, n in zip(g.labels, g.sizes, strict=True) if n < mean_curves.FEWEST)
        caveats.append(f"A band needs {mean_curves.FEWEST} runs; there are fewer of {few}.")
    return Answer("learning_curve", in_vocabulary(table, *DIAGNOSTICS), asked=asked, caveats=tuple(caveats))


def _hardly_begun(levels: pd.DataFrame) -> bool:
    """Whether some means of a level have no band where others of it have one."""
    known = np.isfinite(levels["low"]).groupby([levels["dataset"], levels["value"]])
    return bool((known.any() & ~known.all()).any())


class _Followed:
    """The curves of a sweep by the levels of a hyperparameter, and every table that is made of them."""

    def __init__(self, design: Design, g: Groups, paths: Paths, rng: int) -> None:
        self.design, self.g, self.paths, self.rng = design, g, paths, rng
        self.cluster = design.units(g.name)
        self.others = design.confounders(g.name)
        self.count = len(paths.steps)
        self.up = 1.0 if design.sweep.goal == "max" else -1.0
        self.every = self._fit(paths.values)
        self.whole = self._fit(np.where(paths.completed[:, None], paths.values, np.nan))

    def _fit(self, values: np.ndarray) -> tuple[Place, ...]:
        return mean_curves.fit(
            values, self.g.codes, self.cluster, self.design.sweep.block, groups=len(self.g.labels), others=self.others
        )

    def _draws(self, what: str) -> np.random.Generator:
        return resampling.named_generator(self.rng, "learning_curve", self.g.name, what)

    def levels(self) -> pd.DataFrame:
        """The mean curve of each level."""
        return self._means(self.every, "level", self.design.sweep.metric)

    def gap(self) -> pd.DataFrame:
        """What the training data have more of the metric than the validation data."""
        train = self.paths.train
        if train is None or not train.same:
            return pd.DataFrame()
        return self._means(self._fit(train.values - self.paths.values), "gap", train.name)

    def _means(self, places: tuple[Place, ...], curve: str, measure: str) -> pd.DataFrame:
        at = np.arange(len(self.g.labels) * self.count)
        bands = curve_bands.bands(places, at, np.full(len(at), -1), self._draws(curve), begun=True)
        about = pd.DataFrame(
            {"value": np.repeat(self.g.labels, self.count), "at": np.tile(self.paths.steps, len(self.g.labels))}
        )
        return self._rows(places, bands, about.assign(curve=curve, measure=measure, scale="mean"), at // self.count)

    def differences(self) -> pd.DataFrame:
        """The difference of every two levels."""
        steps = np.arange(self.count)
        pairs = self.g.pairs
        plus, minus = (np.concatenate([pair[i] * self.count + steps for pair in pairs]) for i in (0, 1))
        bands = curve_bands.bands(self.every, plus, minus, self._draws("difference"))
        names = [[self.g.labels[pair[i]] for pair in pairs for _ in steps] for i in (0, 1)]
        about = pd.DataFrame({"value": names[0], "reference": names[1], "at": np.tile(self.paths.steps, len(pairs))})
        about = about.assign(curve="difference", measure=self.design.sweep.metric, scale="mean")
        return self._rows(self.every, bands, about, plus // self.count, minus // self.count)

    def changes(self) -> pd.DataFrame:
        """What each step has more than the end, of the runs that came to it."""
        level, step = (x.ravel() for x in np.mgrid[: len(self.g.labels), : self.count - 1])
        last = level * self.count + self.count - 1
        bands = curve_bands.bands(self.whole, level * self.count + step, last, self._draws("change"))
        about = pd.DataFrame({"value": np.array(self.g.labels)[level], "at": self.paths.steps[step]})
        about = about.assign(curve="change", measure=self.design.sweep.metric, scale="mean", runs="successful")
        return self._rows(self.whole, bands, about, level)

    def best(self) -> pd.DataFrame:
        """At which step the mean of each level is best."""
        out, steps = [], self.paths.steps
        for name, place in self._named(self.whole):
            for level, label in enumerate(self.g.labels):
                row = {"value": label, "dataset": name, "n": int(place.runs[level]), "places": len(place.strata)}
                out.append(row)
                own = slice(level * self.count, (level + 1) * self.count)
                if place.units[level] < mean_curves.FEWEST or not np.isfinite(place.estimate[level]).all():
                    continue
                mean, law, df = (
                    self.up * place.estimate[level],
                    place.covariance[own, own],
                    float(place.units[level] - 1),
                )
                keep = np.flatnonzero(simultaneous_bands.best_points(mean, law, df, self._draws("best")))
                if not len(keep):
                    continue
                top = float(steps[int(np.argmax(np.round(mean, 12)))])
                row |= {"estimate": top, "at": top, "low": steps[keep[0]], "high": steps[keep[-1]]}
                row |= {"at_edge": bool(keep[-1] == self.count - 1)}
        return pd.DataFrame(out).assign(
            curve="best", measure=self.design.sweep.metric, scale="best_at", runs="successful"
        )

    def train(self) -> pd.DataFrame:
        """In how many of the runs the training data are fitted better at the end than at each step."""
        train = self.paths.train
        if train is None:
            return pd.DataFrame()
        better = np.sign(train.values[:, -1:] - train.values[:, :-1]) * (1.0 if train.goal == "max" else -1.0)
        places = self._fit(better)
        level, step = (x.ravel() for x in np.mgrid[: len(self.g.labels), : self.count - 1])
        at = level * (self.count - 1) + step
        bands = curve_bands.bands(places, at, np.full(len(at), -1), self._draws("train"))
        bands = replace(bands, **{f: np.clip((1 + getattr(bands, f)) / 2, 0.0, 1.0) for f in LIMITS})
        about = pd.DataFrame({"value": np.array(self.g.labels)[level], "at": self.paths.steps[step]})
        about = about.assign(curve="train", measure=train.name, scale="share", runs="successful")
        return self._rows(places, bands, about, level)

    def order(self) -> pd.DataFrame:
        """How the order of the runs at each step goes with that at the end."""
        taken = self.paths.completed & ~self.design.again
        scores = np.where(taken[:, None], self.up * self.paths.values, np.nan)
        places = rank_agreement.fit(scores, self.design.unit.codes, self.design.sweep.block, best=BEST)
        group, step = (x.ravel() for x in np.mgrid[: len(ORDERS), : self.count - 1])
        at = np.arange(len(group))
        bands = curve_bands.bands(places, at, np.full(len(at), -1), self._draws("order"))
        bands = replace(bands, **{f: np.tanh(getattr(bands, f)) for f in LIMITS})
        about = pd.DataFrame({"runs": np.array(ORDERS)[group], "at": self.paths.steps[step]})
        about = about.assign(curve="order", measure=self.design.sweep.metric, scale="correlation")
        return self._rows(places, bands, about, group)

    def failures(self) -> pd.DataFrame:
        """At which steps the runs of each level failed."""
        at, rows = self.paths.failed_at, []
        for level, label in enumerate(self.g.labels):
            here = self.g.codes == level
            steps, counts = np.unique(at[here & np.isfinite(at)], return_counts=True)
            rows += [
                {"value": label, "at": float(s), "n": int(c), "estimate": c / max(int(here.sum()), 1)}
                for s, c in zip(steps, counts, strict=True)
            ]
        return pd.DataFrame(rows).assign(curve="failed", scale="p_fail", dataset=POOLED) if rows else pd.DataFrame()

    def _named(self, places: Sequence[Place]) -> list[tuple[str, Place]]:
        """Each place by the name of its data set."""
        names = [self.design.sweep.datasets[p.strata[0]] for p in places[1:]]
        return list(zip([POOLED, *names], places, strict=True))

    def _rows(self, places: Sequence[Place], bands: Bands, about: pd.DataFrame, *groups: np.ndarray) -> pd.DataFrame:
        """One row a claim in each place; `groups` are those behind each claim."""
        tables = []
        for i, (name, place) in enumerate(self._named(places)):
            numbers = {f: getattr(bands, f)[i] for f in (*LIMITS, "p", "p_adjusted")}
            known = np.isfinite(numbers["low"])
            # Without limits an order of a few runs would be read as one.
            numbers["estimate"] = np.where(known | (about["scale"] != "correlation"), numbers["estimate"], np.nan)
            n = sum(place.runs[g] for g in groups)
            tables.append(about.assign(**numbers, dataset=name, n=n, places=len(place.strata)))
        table = pd.concat(tables, ignore_index=True)
        return table if table["curve"].iloc[0] in TESTED else table.assign(p=np.nan, p_adjusted=np.nan)


# What a scale is turned in together; and the curves of which "no difference" is tested.
LIMITS = ("estimate", "low", "high", "low_simultaneous", "high_simultaneous")
TESTED = ("difference", "change")
