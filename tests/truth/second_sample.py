"""Do other runs say the same? What notebooks say of two hyperparameters of the dense networks, held against new runs.

``python -m tests.truth.second_sample FOLDER`` trains 10,000 further random runs on each target, with seeds that the
shipped sweeps do not have, into FOLDER (stop it at any moment, the same command continues), asks both tables the same,
and writes ``docs/second-sample.md``.

A number of the shipped sweep agrees if the new one lies in its interval, nearly if only the intervals of both overlap.
What an answer shows without an interval (adjusted p of 5 %, or an index above that of what does nothing) agrees if it
is shown again.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import rankdata

import hpanalysis as hp
from hpanalysis.experiments.dense_problem import dense_problem
from hpanalysis.search import Search, random_search
from tests.truth.cnn import cell

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "second-sample.md"
TARGETS, ASKED = ("runge", "bateman"), ("learning_rate", "n_layers")
RUNS, SEED, K, QUANTILE, FAILED = 10_000, 1, 20, 0.1, 1.0


@dataclass(frozen=True)
class Number:
    """What a table of runs says.

    Parameters
    ----------
    estimate, low, high
        The number, and its interval: that of all comparisons of its answer where there is one; NaN without.
    shown
        Whether it is told as shown; None where only its size is told.
    """

    estimate: float
    low: float = np.nan
    high: float = np.nan
    shown: bool | None = None

    @property
    def sized(self) -> bool:
        """Whether it has an interval."""
        return bool(np.isfinite(self.low + self.high))

    @property
    def told(self) -> bool:
        """Whether a notebook tells it: with an interval, or as shown."""
        return self.sized or self.shown is True

    def __str__(self) -> str:
        limits = f" [{_short(self.low)}, {_short(self.high)}]" if self.sized else ""
        return f"{_short(self.estimate)}{limits}" + (" shown" if self.shown else "")


def agrees(shipped: Number, new: Number) -> str:
    """Whether new runs say the same: yes, nearly or no.

    Examples
    --------
    >>> agrees(Number(-0.5, -0.6, -0.4), Number(-0.45, -0.47, -0.43))
    'yes'
    >>> agrees(Number(-0.5, -0.6, -0.4), Number(-0.39, -0.41, -0.37))
    'nearly'
    >>> agrees(Number(0.02, shown=True), Number(0.01, shown=False))
    'no'
    """
    if not shipped.sized:
        return "yes" if shipped.shown == new.shown else "no"
    if shipped.low <= new.estimate <= shipped.high:
        return "yes"
    return "nearly" if new.low <= shipped.high and new.high >= shipped.low else "no"


def numbers(sweep: hp.Sweep) -> dict[tuple[str, str], Number]:
    """What notebooks say of both hyperparameters: by notebook and text."""
    out: dict[tuple[str, str], Number] = {}
    for name in ASKED:
        for row in _rows(hp.contrast(sweep, name, k=K), runs="all"):
            if row["scale"] in ("mean", "best_of_k"):
                scale = "mean" if row["scale"] == "mean" else f"best of {K}"
                out["verdicts", f"{name} {row['value']} minus {row['reference']}, {scale}"] = _joint(row)
        for row in _rows(hp.curve(sweep, name, by="optimizer"), scale="best_at"):
            place = "on average" if row["other_value"] == "any" else f"with {row['other_value']}"
            out["curves", f"{name}: a random run does best at, {place}"] = _own(row)
    for pair in _rows(hp.interactions(sweep)):
        if {pair["hyperparameter"], pair["other"]} & {*ASKED}:
            names = " and ".join(sorted((pair["hyperparameter"], pair["other"])))
            out["05", f"{names} act together, share"] = Number(pair["estimate"], shown=pair["p_adjusted"] <= 0.05)
    best = hp.best_runs(sweep, quantile=QUANTILE)
    for row in _rows(best, scale="share of the best runs"):
        if row["hyperparameter"] in ASKED:
            out["06", f"{row['hyperparameter']} {row['value']}: share of the best tenth"] = _joint(row)
    for what, of in (("best tenth", hp.top(QUANTILE)), ("rank", "rank"), ("metric", "metric")):
        for row in _main(hp.importance(sweep, measure="hsic", of=of, by="pooled")):
            text = f"{row['hyperparameter']}: HSIC index of the {what}"
            out["06", text] = Number(row["estimate"], shown=row["estimate"] > row["floor"])
    for row in _main(hp.importance(sweep, measure="anova")):
        out["04", f"{row['hyperparameter']}: share of the variance, alone"] = _own(row)
    return out


def _rows(answer: hp.Answer, **where: str) -> list[dict]:
    frame = answer.frame
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return frame.to_dict("records")


def _main(answer: hp.Answer) -> list[dict]:
    return [row for row in _rows(answer, effect="main") if row["hyperparameter"] in ASKED]


def _own(row: dict) -> Number:
    low = 0.0 if np.isnan(row["low"]) and np.isfinite(row["high"]) else row["low"]  # a share that may be none
    return Number(row["estimate"], low, row["high"])


def _joint(row: dict) -> Number:
    joint = Number(row["estimate"], row["low_simultaneous"], row["high_simultaneous"])
    return joint if joint.sized else _own(row)


def proposed(sweep: hp.Sweep) -> tuple[tuple[float, float], dict[tuple[str, str], Number]]:
    """The range to which the next space narrows the learning rate, and what is said of it."""
    row = next(row for row in _rows(hp.next_space(sweep), action="narrow") if row["hyperparameter"] == "learning_rate")
    low, high = (float(end) for end in str(row["value"]).split(" to "))
    wins = Number(row["p_inside"], row["p_inside_low"], row["p_inside_high"])
    return (low, high), _of_window((low, high), wins, Number(-row["estimate"], -row["high"], -row["low"]))


def within(sweep: hp.Sweep, window: tuple[float, float]) -> dict[tuple[str, str], Number]:
    """What runs say of a range of the learning rate that others proposed, from the table alone."""
    runs = sweep.runs.assign(val_accuracy=-sweep.runs["log10_rmse"].fillna(FAILED))  # of `cell` more is better
    inside = runs["learning_rate"].between(*window).to_numpy()
    ranks, n = rankdata(runs["val_accuracy"]), inside.sum()
    wins = (ranks[inside].sum() - n * (n + 1) / 2) / (n * (~inside).sum())
    gain = cell(runs[inside], "val_accuracy", K) - cell(runs, "val_accuracy", K)
    half = 1.96 * gain.se
    return _of_window(window, Number(float(wins)), Number(gain.estimate, gain.estimate - half, gain.estimate + half))


def _of_window(window: tuple[float, float], wins: Number, gain: Number) -> dict[tuple[str, str], Number]:
    ends = f"learning_rate {_short(window[0])} to {_short(window[1])}"
    return {
        ("07", f"{ends}: a draw inside wins against one outside"): wins,
        ("07", f"{ends}: gain of the best of {K}, inside minus anywhere"): gain,
    }


def _short(x: float) -> str:
    return f"{x:.2g}" if abs(x) < 0.1 else f"{x:.3g}"


def page(shipped: dict[str, hp.Sweep], new: dict[str, hp.Sweep]) -> str:
    """The page, as Markdown."""
    tables: list[str] = []
    counts: Counter[str] = Counter()  # of numbers with an interval
    shown: Counter[str] = Counter()  # of those that are shown without one
    factors: list[float] = []
    for target, sweep in shipped.items():
        window, of_window = proposed(sweep)
        first, second = numbers(sweep) | of_window, numbers(new[target]) | within(new[target], window)
        asked = {key: number for key, number in first.items() if number.told}
        told_again = {key: agrees(number, second[key]) for key, number in asked.items()}
        counts.update(told_again[key] for key, number in asked.items() if number.sized)
        shown.update(told_again[key] for key, number in asked.items() if not number.sized)
        factors += [number.estimate / second[key].estimate for key, number in asked.items() if not number.sized]
        rows = [
            f"| {where} | {text} | {number} | {second[where, text]} | {told_again[where, text]} |"
            for (where, text), number in asked.items()
        ]
        tables += [
            f"## {target}",
            "",
            f"| where | what | {len(sweep):,} shipped runs | {len(new[target]):,} new runs | agrees |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    return "\n".join(
        [
            "# Do other runs say the same?",
            "",
            f"Of {counts.total()} numbers with an interval that the notebooks give on the learning rate and the number",
            f"of layers of the dense networks, {counts['yes']} agree with new random runs, {counts['nearly']} nearly,",
            f"{counts['no']} do not. Of {shown.total()} pairs and indices shown without one, {shown['yes']} are shown",
            f"again, at {1 / max(factors):.2g} to {1 / min(factors):.2g} times their size.",
            "",
            "The new runs have other configurations and other seeds: `python -m tests.truth.second_sample FOLDER`",
            "trains them, asks both tables the same, and writes this page. A number *agrees* if the new one lies in",
            "its interval, *nearly* if only the intervals of both overlap. What the shipped runs neither bound nor",
            "show is left out. Intervals of comparisons hold together in their answer, and are shorter than those",
            "behind the verdicts, which hold together in the whole report. Differences are of log10 RMSE: less is",
            "better.",
            "",
            *tables,
        ]
    )


def main(folder: Path) -> None:
    """Train what is missing, and write the page."""
    new = {
        target: hp.read(
            random_search(dense_problem(target), RUNS, folder / target, seed=SEED, how=Search(save_every=2000))
        )
        for target in TARGETS
    }
    shipped = {target: hp.read(ROOT / "data" / target / "runs.csv") for target in TARGETS}
    PAGE.write_text(page(shipped, new), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
