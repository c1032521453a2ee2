"""Is the winner really best, how good is it without its luck, and which runs should be repeated?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.design.outcomes import named_apart, possible_range
from hpanalysis.errors import UserError
from hpanalysis.questions.answer import Answer, Asked, facts_of, in_metric_units, in_vocabulary, joint_limits
from hpanalysis.questions.finding import ALPHA
from hpanalysis.statistics.far_values import far_below
from hpanalysis.statistics.rounding import settled, tied
from hpanalysis.statistics.run_again import run_again
from hpanalysis.statistics.winners_curse import Repeated, after_selection, may_be_best, seed_noise, shrunken
from hpanalysis.sweeps.space import level_key
from hpanalysis.sweeps.sweep import Sweep

# As many configurations as a person repeats, and as many seeds as one asks for at first.
REPEATED, SEEDS = 8, (3, 5, 10, 20)
# A difference should be found in four of five repetitions.
POWER_Z = 0.84
# Why nothing is known of the noise.
NONE_TWICE, AGREE = "none was run twice", "repeats agree to the last digit"
NAMED, UNORDERED = "a text column makes every row another configuration", "it is not known which runs came first"
UNKNOWN = {
    NONE_TWICE: "No configuration was run twice{}",
    NAMED: "Every row{} is another configuration, by a text column that tells all of them apart",
    UNORDERED: "The best configurations were run again{}, and it is not known which of their runs had them chosen",
    AGREE: "Repeats{} agree to the last digit, as copied rows, one seed or rounded scores do, and show no seed noise",
}
NOTHING = (
    "there is no interval, no honest estimate and no list of who may be best; repeat the first five with three seeds "
    "or more."
)
DESIGN = ("test", "dataset", "configurations", "seeds", "smallest_gap")
DIAGNOSTICS = ("rank", "settings", "failed", "noise", "may_be_best", "candidates", "repeat", "seeds_needed")


def winner(sweep: Sweep | Design, *, dataset: str | None = None, count: int = 10) -> Answer:
    """Ask whether the best configuration of each data set is really best.

    Parameters
    ----------
    sweep
        The runs; repeats of a configuration (other seeds) show how much of a score is luck.
    dataset
        Only this data set; each of them when left out.
    count
        How many configurations of a data set are shown.

    Returns
    -------
    Answer
        Per data set the best configurations by the mean of their repeats, failed repeats counted lowest; where the best
        were run again, by the mean of the runs that did not choose them, before all that were not. In metric units,
        scale by scale: "reported" is that mean over the repeats that worked, its interval holds for all configurations
        together, and ``p_adjusted`` tests that the configuration is the best (those above .05,
        ``may_be_best``, hold the truly best one with 95 % confidence; ``candidates`` counts them). "honest" estimates
        what the winner would score when run again, knowing that it was taken because it won; "optimism" is reported
        minus honest. "test" is the mean of the test metric, which chose nothing. ``repeat`` and ``seeds_needed`` say
        which to run again, and how often each to separate it from the winner (its neighbour, for the winner) if the
        difference is what it looks like. ``tests`` lists the smallest difference that a number of seeds can show.

    Raises
    ------
    UserError
        If the data set is unknown, or `count` is less than 2.

    Notes
    -----
    Expected scores are of runs that work; failures are counted beside them. The noise is that of repeated
    configurations of similar score. Without repeats it is unknown: then there are scores and no intervals, as luck and
    merit of a single run cannot be told apart. Copies of a run (copied rows, one seed) are no repeats: they count as
    one run. Nor is anything known of the noise where the repeats near the winner's score agree to the last digit.
    Each data set is judged by itself at 95 %.
    Andrews, Kitagawa & McCloskey (2024), doi:10.1093/qje/qjad043; Hsu (1984), doi:10.1214/aos/1176346721.

    Examples
    --------
    >>> from hpanalysis import toys, winner
    >>> frame = winner(toys.make(toys.CLUSTERED, 300, 0), dataset="hard").frame
    >>> frame.loc[frame["rank"] == 1, "scale"].tolist()
    ['reported', 'honest', 'optimism']
    """
    design = Design.of(sweep)
    if count < 2:
        raise UserError(f"count is {count}; ask for 2 configurations or more.")
    fields = [_Field.of(design, name) for name in design.places_of(dataset)]
    silent = [field.dataset for field in fields if not len(field.order)]
    fields = [field for field in fields if len(field.order)]
    rows = [_rows(design, field, count) for field in fields]
    tests = [designs for field in fields if len(designs := _designs(field))]
    asked = facts_of(design) | Asked(
        level=1 - ALPHA,
        test_metric=design.sweep.test_metric,
        configurations={field.dataset: len(field.order) for field in fields},
        blind={field.dataset: field.blind for field in fields if not field.measured},
    )
    table = in_vocabulary(pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(), *DIAGNOSTICS)
    return Answer(
        "winner",
        joint_limits(table, table["scale"] == "reported"),
        pd.concat(tests, ignore_index=True) if tests else pd.DataFrame(columns=list(DESIGN)),
        asked=asked,
        caveats=tuple(_caveats(design, fields, silent)),
    )


@dataclass(frozen=True)
class _Field:
    """All configurations of one data set: means, what ranks them, their errors, and who may be best.

    `fresh` marks those that were run again, by runs that did not choose them: they come first, as the single runs of
    the others are what is left of a choice. `blind` says why nothing is known of the noise, where that is so.
    """

    dataset: str
    runs: np.ndarray
    configuration: np.ndarray
    repeated: Repeated
    rank_by: np.ndarray
    noise: np.ndarray
    freedom: np.ndarray
    fresh: np.ndarray
    p: np.ndarray
    blind: str = ""

    @classmethod
    def of(cls, design: Design, dataset: str) -> _Field:
        sweep = design.sweep
        there = sweep.block == sweep.datasets.index(dataset)
        copied = design.duplicates.extra
        # A copy of a run is no repeat of it: it adds nothing to its mean, and would take its luck for merit.
        runs, time = np.flatnonzero(there & ~copied), design.order.time
        runs = runs if time is None else runs[np.argsort(time[runs], kind="stable")]
        named = bool(named_apart(sweep))
        configuration = np.arange(len(sweep)) if named else sweep.configuration
        found = run_again(design.worth[runs], configuration[runs])
        # What was run again for its first score owes that score to luck too.
        again = np.unique(configuration[runs][found.again]) if time is not None else np.empty(0, dtype=int)
        runs = runs[~found.chose] if time is not None else runs
        configuration = configuration[runs]
        repeated = Repeated.of(sweep.score[runs], configuration)
        # A failed repeat counts lowest where configurations are ranked; it says nothing of the score when it works.
        ranked = Repeated.of(design.worth[runs], configuration).mean
        rank_by = np.where(repeated.count > 0, ranked, np.nan)
        noise, freedom = seed_noise(repeated)
        fresh = np.isin(repeated.code, again)
        field = cls(dataset, runs, configuration, repeated, rank_by, noise, freedom, fresh, np.empty(0))
        silent = replace(field, noise=np.full(len(noise), np.nan), freedom=np.zeros(len(freedom)))
        if not field.measured:
            field = replace(field, blind=NAMED if named else AGREE if (there & copied).any() else NONE_TWICE)
        elif found.again.any() and time is None:
            field = replace(silent, blind=UNORDERED)
        elif len(field.order) and noise[field.order[0]] == 0:
            # Repeats that tie would leave no doubt at all of the winner; but luck is not absent, it is not seen.
            field = replace(silent, blind=AGREE)
        return replace(field, p=may_be_best(repeated.mean, field.error, field.freedom))

    @property
    def error(self) -> np.ndarray:
        """Standard error of each mean; NaN where nothing is known of the noise."""
        return np.asarray(self.noise / np.sqrt(np.maximum(self.repeated.count, 1)))

    @property
    def order(self) -> np.ndarray:
        """Configurations that ever worked, the best first."""
        known = np.flatnonzero(np.isfinite(self.rank_by))
        return np.asarray(known[np.lexsort((-tied(self.rank_by[known]), ~self.fresh[known]))])

    @property
    def measured(self) -> bool:
        """Whether anything is known of the noise."""
        return bool(self.freedom.max(initial=0) > 0)

    @property
    def again(self) -> np.ndarray:
        """Configurations to run again: the best of those that may be best; none where one stands alone."""
        order = self.order
        if not self.measured:
            return np.asarray(order[:5])
        able: np.ndarray = order[self.p[order] > ALPHA]
        return able[:REPEATED] if len(able) > 1 else able[:0]


def _rows(design: Design, field: _Field, count: int) -> pd.DataFrame:
    from scipy.special import stdtrit

    rep, every = field.repeated, len(field.order)
    shown = field.order[:count]
    unknown = np.nan if not field.measured else None
    rows = _names(design, field, shown).assign(
        dataset=field.dataset,
        runs="successful",
        n=rep.count[shown],
        rank=np.arange(1, len(shown) + 1),
        failed=rep.failed[shown],
        noise=field.noise[shown],
        candidates=(field.p > ALPHA).sum() if unknown is None else unknown,
        repeat=np.isin(shown, field.again),
        seeds_needed=_seeds_needed(field)[shown],
        may_be_best=(field.p[shown] > ALPHA if unknown is None else np.full(len(shown), None)).astype(object),
    )
    mean, error = rep.mean[shown], field.error[shown]
    with np.errstate(invalid="ignore"):
        half = stdtrit(np.maximum(field.freedom[shown], 1), 1 - ALPHA / 2 / every) * error
    reported = rows.assign(
        scale="reported", p_adjusted=field.p[shown], estimate=mean, low=mean - half, high=mean + half
    )
    tables = [_in_metric(reported, design)]
    if field.measured and every > 1:
        honest = _in_metric(rows[:1].assign(scale="honest", **_honest(field)), design)
        seen = tables[0]["estimate"].iloc[0]
        luck = {"estimate": seen - honest["estimate"], "low": seen - honest["high"], "high": seen - honest["low"]}
        tables += [honest, honest.assign(scale="optimism", **luck)]
    if (test := _test_means(design, field)) is not None:
        tables.append(rows.assign(scale="test", estimate=test[shown]))
    return pd.concat(tables).sort_values("rank", kind="stable")


def _honest(field: _Field) -> dict[str, float]:
    """What the winner is expected to score when it is run again, and the interval of that, as scores."""
    from scipy.special import stdtrit

    first, second = field.order[:2]
    score, error, freedom = field.repeated.mean[first], field.error[first], field.freedom[first]
    # Never shorter than the usual interval: a law that is cut off just below the winner would be sure of what it does
    # not know.
    usual = error * stdtrit(freedom, ALPHA / 2)
    if field.fresh[first]:
        # Its runs did not choose it from all, only from those that were run again and may be the best of them.
        able = max(int((field.p[field.fresh] > ALPHA).sum()), 1)
        low, high = score + error * stdtrit(freedom, ALPHA / 2 / able), score - usual
    else:
        rivals = len(field.order)
        low, high = after_selection(
            score, field.rank_by[second], error, freedom=freedom, rivals=rivals, level=1 - ALPHA
        )
        low, high = min(low, score + usual), max(high, score - usual)
    # Nor is it expected to do worse than any run that did not diverge.
    seen = field.rank_by[np.isfinite(field.rank_by)]
    low = max(low, seen[~far_below(seen)].min())
    return {
        "estimate": float(np.clip(shrunken(field.repeated.mean, field.error)[first], low, high)),
        "low": low,
        "high": high,
    }


def _in_metric(rows: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Scores with their limits in metric units, within the range that the metric can have."""
    rows = in_metric_units(rows, facts_of(design))
    least, most = possible_range(design.sweep)
    return rows.assign(low=rows["low"].clip(least, most), high=rows["high"].clip(least, most))


def _names(design: Design, field: _Field, shown: np.ndarray) -> pd.DataFrame:
    """The name of configurations, the identifier or row of their first run, and their settings as text."""
    sweep = design.sweep
    first = field.runs[np.unique(field.configuration, return_index=True)[1]][shown]
    labels = next((c for c in sweep.columns_with("identifier") if sweep.runs[c].is_unique), None)
    names = [f"row {row}" for row in first]
    if labels is not None:
        names = [f"{labels} {level_key(value)}" for value in sweep.runs[labels].iloc[first]]
    vary = [name for name in sweep.space.names if sweep.runs[name].nunique() > 1]
    settings = [
        ", ".join(f"{name}={_setting(value)}" for name, value in zip(vary, row, strict=True) if not pd.isna(value))
        for row in zip(*(sweep.runs[name].iloc[first] for name in vary), strict=True)
    ]
    return pd.DataFrame({"value": names, "settings": settings or ""})


def _setting(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, (float, np.floating)) else level_key(value)


def _test_means(design: Design, field: _Field) -> np.ndarray | None:
    sweep = design.sweep
    if sweep.test_metric is None:
        return None
    values = np.where(sweep.ok, sweep.runs[sweep.test_metric].to_numpy(dtype=float, na_value=np.nan), np.nan)
    return Repeated.of(values[field.runs], field.configuration).mean


def _seeds_needed(field: _Field) -> np.ndarray:
    """Repeats, of it and of the winner, that tell each configuration from the winner with power .8, as it looks.

    For the winner itself: from the next one. NaN where the noise is unknown, infinite where the scores are equal.
    """
    order = field.order
    if not field.measured or len(order) < 2:
        return np.full(len(field.noise), np.nan)
    other = np.full(len(field.noise), order[0])
    other[order[0]] = order[1]
    gap = np.abs(field.rank_by - field.rank_by[other])
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = (field.noise**2 + field.noise[other] ** 2) * (_strict(len(field.again)) / gap) ** 2
    return np.asarray(np.ceil(settled(needed)))


def _strict(configurations: int) -> float:
    from scipy.special import ndtri

    return float(-ndtri(ALPHA / max(configurations - 1, 1))) + POWER_Z


def _designs(field: _Field) -> pd.DataFrame:
    """The smallest difference that a number of seeds would show among the configurations to run again."""
    again, seeds = field.again, np.array(SEEDS)
    if not field.measured or len(again) < 2:
        return pd.DataFrame()
    noise = float(np.sqrt(2 * (field.noise[again] ** 2).mean()))
    designs = pd.DataFrame({"seeds": seeds, "smallest_gap": noise * _strict(len(again)) / np.sqrt(seeds)})
    designs = designs.assign(test="seeds to separate", dataset=field.dataset, configurations=len(again))
    return designs[list(DESIGN)]


def _caveats(design: Design, fields: Sequence[_Field], silent: Sequence[str]) -> list[str]:
    out = [f"No run worked on {name}: it has no winner." for name in silent]
    for why, said in UNKNOWN.items():
        blind = [field.dataset for field in fields if field.blind == why]
        if blind:
            where = "" if len(blind) == len(fields) else f" on {', '.join(blind)}"
            out.append(f"{said.format(where)}: the luck of a winner cannot be told from its merit, so that {NOTHING}")
    copied = int(design.duplicates.extra.sum())
    if copied and any(field.measured for field in fields):
        out.append(f"{copied} runs equal another one of their configuration to the last digit: they are left out here.")
    chosen = [field.dataset for field in fields if field.fresh.any()]
    if chosen:
        out.append(
            f"The best were run again on {', '.join(chosen)}: the runs that had them chosen are left out, as they owe "
            "their score to luck too."
        )
    few = [field.dataset for field in fields if field.measured and field.freedom.max() < 10]
    if few:
        out.append(f"The noise on {', '.join(few)} rests on fewer than ten repeats: it is itself uncertain.")
    if design.sweep.test_metric is not None:
        out.append(
            f"{design.sweep.test_metric} of a winner is not chosen by itself, but the same runs made it: it is fair to "
            "the models at hand, not to the same settings run again."
        )
    lost = {field.dataset: int(field.repeated.failed[field.order[0]]) for field in fields}
    failed = [f"{name} ({count} of its repeats)" for name, count in lost.items() if count]
    if failed:
        out.append(f"The winner also failed on {', '.join(failed)}: its score is that of the repeats that worked.")
    return out
