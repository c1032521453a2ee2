"""Is the winner really best, how good is it without its luck, and which runs should be repeated?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError, choices
from hpanalysis.evidence.answer import VOCABULARY, Answer, metric_facts
from hpanalysis.evidence.copies import copies
from hpanalysis.evidence.rounding import settled, tied
from hpanalysis.evidence.tuned import worth
from hpanalysis.evidence.winners import Repeated, after_selection, may_be_best, seed_noise, shrunken
from hpanalysis.sweeps.space import level_key

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

LEVEL = 0.05
# As many configurations as a person repeats, and as many seeds as one asks for at first.
REPEATED, SEEDS = 8, (3, 5, 10, 20)
# A difference should be found in four of five repetitions.
POWER_Z = 0.84
LUCK = {"estimate": "estimate", "low": "high", "high": "low"}
# Why nothing is known of the noise.
NONE_TWICE, AGREE = "none was run twice", "repeats agree to the last digit"
UNKNOWN = {
    NONE_TWICE: "No configuration was run twice{}",
    AGREE: "Repeats{} agree to the last digit, as copied rows, one seed or rounded scores do, and show no seed noise",
}
NOTHING = (
    "there is no interval, no honest estimate and no list of who may be best; repeat the first five with three seeds "
    "or more."
)
DIAGNOSTICS = ("rank", "settings", "failed", "noise", "may_be_best", "candidates", "repeat", "seeds_needed")


def winner(sweep: Sweep, *, dataset: str | None = None, top: int = 10) -> Answer:
    """Ask whether the best configuration of each data set is really best.

    Parameters
    ----------
    sweep
        The runs; repeats of a configuration (other seeds) tell how much of a score is luck.
    dataset
        Only this data set; each of them when left out.
    top
        Configurations shown a data set.

    Returns
    -------
    Answer
        Per data set the best configurations by the mean of their repeats, failed repeats counted lowest. In metric
        units, scale by scale: "reported" is that mean over the repeats that worked, its interval holds for all
        configurations together, and ``p_adjusted`` tests that the configuration is the best (those above .05,
        ``may_be_best``, hold the truly best one with 95 % confidence; ``candidates`` counts them). "honest" estimates
        what the winner would score when run again, knowing that it was taken because it won; "optimism" is reported
        minus honest. "test" is the mean of the test metric, which chose nothing. ``repeat`` and ``seeds_needed`` tell
        which to run again, and how often each to separate it from the winner (its neighbour, for the winner) if the
        difference is what it looks like. ``tests`` lists the smallest difference that a number of seeds can show.

    Raises
    ------
    UserError
        If the data set is unknown, or `top` is less than 2.

    Notes
    -----
    Expected scores are of runs that work; failures are counted beside them. The noise is that of repeated
    configurations of similar score. Without repeats it is unknown: then there are scores and no intervals, as luck and
    merit of a single run cannot be told apart. Copies of a run (copied rows, one seed) are no repeats: they count as
    one run. Nor is anything known of the noise where the repeats near the winner's score agree to the last digit.
    Each data set is judged by itself at 95 %.
    Andrews, Kitagawa & McCloskey (2024), doi:10.1093/qje/qjad043; Hsu (1984), doi:10.1214/aos/1176346721.
    """
    if dataset is not None and dataset not in sweep.datasets:
        raise UserError(f"{dataset!r} is not a data set of this sweep; choose one of {choices(sweep.datasets)}.")
    if top < 2:
        raise UserError(f"top is {top}; ask for 2 configurations or more.")
    places = sweep.datasets if dataset is None else (dataset,)
    fields = [_Field.of(sweep, name) for name in places]
    silent = [field.dataset for field in fields if not np.isfinite(field.rank_by).any()]
    fields = [field for field in fields if field.dataset not in silent]
    records = [record for field in fields for record in _rows(sweep, field, top)]
    table = pd.DataFrame(records).reindex(columns=[*VOCABULARY, *DIAGNOSTICS])
    designs = [row for field in fields for row in _designs(field)]
    tests = pd.DataFrame(designs, columns=["test", "dataset", "configurations", "seeds", "smallest_gap"])
    asked = metric_facts(sweep) | {"level": 1 - LEVEL, "test_metric": sweep.test_metric, "scope": sweep.scope}
    asked["datasets"] = list(sweep.datasets)
    asked["configurations"] = {field.dataset: len(field.order) for field in fields}
    asked["blind"] = {field.dataset: field.blind for field in fields if not field.measured}
    return Answer("winner", table, tests, asked=asked, caveats=tuple(_caveats(sweep, fields, silent)))


@dataclass(frozen=True)
class _Field:
    """All configurations of one data set: means, what ranks them, their errors, and who may be best.

    `blind` says why nothing is known of the noise, where that is so.
    """

    dataset: str
    runs: np.ndarray
    repeated: Repeated
    rank_by: np.ndarray
    noise: np.ndarray
    freedom: np.ndarray
    p: np.ndarray
    blind: str = ""

    @classmethod
    def of(cls, sweep: Sweep, dataset: str) -> _Field:
        there = sweep.block == sweep.datasets.index(dataset)
        copied = copies(sweep).extra
        # A copy of a run is no repeat of it: it adds nothing to its mean, and would take its luck for merit.
        runs = np.flatnonzero(there & ~copied)
        score = np.where(sweep.ok, sweep.score, np.nan)[runs]
        repeated = Repeated.of(score, sweep.configuration[runs])
        # A failed repeat counts lowest where configurations are ranked; it says nothing of the score when it works.
        ranked = Repeated.of(worth(sweep)[runs], sweep.configuration[runs]).mean
        rank_by = np.where(repeated.count > 0, ranked, np.nan)
        noise, freedom = seed_noise(repeated)
        field = cls(dataset, runs, repeated, rank_by, noise, freedom, np.empty(0))
        if not field.measured:
            field = replace(field, blind=AGREE if (there & copied).any() else NONE_TWICE)
        elif len(field.order) and noise[field.order[0]] == 0:
            # No doubt at all of the winner would be told from repeats that tie, not from luck that is absent.
            nothing = {"noise": np.full(len(noise), np.nan), "freedom": np.zeros(len(freedom))}
            field = replace(field, blind=AGREE, **nothing)
        return replace(field, p=may_be_best(repeated.mean, field.error, field.freedom))

    @property
    def error(self) -> np.ndarray:
        """Standard error of each mean; NaN where nothing is known of the noise."""
        return self.noise / np.sqrt(np.maximum(self.repeated.count, 1))

    @property
    def order(self) -> np.ndarray:
        """Configurations that ever worked, the best first."""
        known = np.flatnonzero(np.isfinite(self.rank_by))
        return known[np.argsort(-tied(self.rank_by[known]), kind="stable")]

    @property
    def measured(self) -> bool:
        """Whether anything is known of the noise."""
        return bool(self.freedom.max(initial=0) > 0)

    @property
    def again(self) -> np.ndarray:
        """Configurations to run again: the best of those that may be best; none where one stands alone."""
        order = self.order
        if not self.measured:
            return order[: min(REPEATED, 5)]
        able = order[self.p[order] > LEVEL]
        return able[:REPEATED] if len(able) > 1 else able[:0]


def _rows(sweep: Sweep, field: _Field, top: int) -> list[dict]:
    from scipy.special import stdtrit

    rep, order = field.repeated, field.order
    name, test = _names(sweep, field), _test_means(sweep, field)
    with np.errstate(invalid="ignore"):
        halves = stdtrit(np.maximum(field.freedom, 1), 1 - LEVEL / 2 / max(len(order), 1)) * field.error
    needed = _seeds_needed(field)
    candidates = float((field.p > LEVEL).sum()) if field.measured else np.nan
    again = set(field.again.tolist())
    records = []
    for rank, c in enumerate(order[:top], start=1):
        label, settings = name(c)
        base = {"hyperparameter": "", "value": label, "reference": "", "other": "", "other_value": ""}
        base |= {"dataset": field.dataset, "runs": "successful", "n": int(rep.count[c]), "rank": rank}
        base |= {"settings": settings, "failed": int(rep.failed[c]), "noise": field.noise[c]}
        base |= {"candidates": candidates, "repeat": c in again, "seeds_needed": needed[c]}
        base |= {"may_be_best": bool(field.p[c] > LEVEL) if field.measured else None}
        ends = (rep.mean[c] - halves[c], rep.mean[c] + halves[c])
        records.append(base | {"scale": "reported", "p_adjusted": field.p[c]} | _numbers(sweep, rep.mean[c], ends))
        if rank == 1 and field.measured and len(order) > 1:
            ends = after_selection(
                rep.mean[c], field.rank_by[order[1]], field.error[c],
                freedom=field.freedom[c], rivals=len(order), level=1 - LEVEL,
            )  # fmt: skip
            honest = _numbers(sweep, np.clip(shrunken(rep.mean, field.error)[c], *ends), ends)
            records.append(base | {"scale": "honest"} | honest)
            reported = _numbers(sweep, rep.mean[c], ends)["estimate"]
            luck = {name: reported - honest[other] for name, other in LUCK.items()}
            records.append(base | {"scale": "optimism"} | luck)
        if test is not None:
            records.append(base | {"scale": "test", "estimate": test[c]})
    return records


def _numbers(sweep: Sweep, centre: float, ends: tuple[float, float]) -> dict:
    """A score with its ends in metric units; a share stays one."""
    sign = 1.0 if sweep.goal == "max" else -1.0
    low, high = sorted(sign * end for end in ends)
    if metric_facts(sweep)["share"]:
        low, high = np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)
    # Adding zero turns -0.0 into 0.0.
    return {"estimate": sign * centre + 0.0, "low": low + 0.0, "high": high + 0.0}


def _names(sweep: Sweep, field: _Field) -> Callable[[int], tuple[str, str]]:
    """Configuration -> its name, the identifier or row of its first run, and its settings as text."""
    labels = next((c for c in sweep.columns_with("identifier") if sweep.runs[c].is_unique), None)
    vary = {h.name: sweep.runs[h.name] for h in sweep.space if sweep.runs[h.name].nunique() > 1}
    codes = sweep.configuration[field.runs]
    first = field.runs[np.unique(codes, return_index=True)[1]]

    def name(c: int) -> tuple[str, str]:
        row = int(first[c])
        label = f"row {row}" if labels is None else f"{labels} {level_key(sweep.runs[labels].iloc[row])}"
        values = ((h, column.iloc[row]) for h, column in vary.items())
        return label, ", ".join(f"{h}={_setting(v)}" for h, v in values if not pd.isna(v))

    return name


def _setting(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, (float, np.floating)) else level_key(value)


def _test_means(sweep: Sweep, field: _Field) -> np.ndarray | None:
    if sweep.test_metric is None:
        return None
    values = sweep.runs[sweep.test_metric].to_numpy(dtype=float, na_value=np.nan)[field.runs]
    values = np.where(sweep.ok[field.runs], values, np.nan)
    return Repeated.of(values, sweep.configuration[field.runs]).mean


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
        return np.ceil(settled((field.noise**2 + field.noise[other] ** 2) * (_strict(len(field.again)) / gap) ** 2))


def _strict(configurations: int) -> float:
    from scipy.special import ndtri

    return float(-ndtri(LEVEL / max(configurations - 1, 1))) + POWER_Z


def _designs(field: _Field) -> list[dict]:
    again = field.again
    if not field.measured or len(again) < 2:
        return []
    noise = float(np.sqrt(2 * (field.noise[again] ** 2).mean()))
    row = {"test": "seeds to separate", "dataset": field.dataset, "configurations": len(again)}
    gaps = ((seeds, noise * _strict(len(again)) / np.sqrt(seeds)) for seeds in SEEDS)
    return [row | {"seeds": seeds, "smallest_gap": gap} for seeds, gap in gaps]


def _caveats(sweep: Sweep, fields: Sequence[_Field], silent: Sequence[str]) -> list[str]:
    out = [f"No run worked on {name}: it has no winner." for name in silent]
    for why, told in UNKNOWN.items():
        blind = [field.dataset for field in fields if field.blind == why]
        if blind:
            where = "" if len(blind) == len(fields) else f" on {', '.join(blind)}"
            out.append(f"{told.format(where)}: the luck of a winner cannot be told from its merit, so that {NOTHING}")
    copied = int(copies(sweep).extra.sum())
    if copied and any(field.measured for field in fields):
        out.append(f"{copied} runs equal another one of their configuration to the last digit: they are left out here.")
    few = [field.dataset for field in fields if field.measured and field.freedom.max() < 10]
    if few:
        out.append(f"The noise on {', '.join(few)} rests on fewer than ten repeats: it is itself uncertain.")
    if sweep.test_metric is not None:
        out.append(
            f"{sweep.test_metric} of a winner is not chosen by itself, but the same runs made it: it is fair to the "
            "models at hand, not to the same settings run again."
        )
    failed = [
        f"{field.dataset} ({int(field.repeated.failed[field.order[0]])} of its repeats)"
        for field in fields
        if field.repeated.failed[field.order[0]] > 0
    ]
    if failed:
        out.append(f"The winner also failed on {', '.join(failed)}: its score is that of the repeats that worked.")
    return out
