"""What do reports from a part of the shipped sweep say, leave open, and get wrong? Scored against all of its runs.

Runs are drawn from the table without replacement; the verdicts on them are held against the same estimands of all
13,000 runs, from the table alone (`cnn`): a comparison is wrong if its sign is the opposite of one that all runs show
by two standard errors, or if its bound lies beyond what all runs say by two standard errors.
``python -m tests.truth.replay 50`` writes ``docs/replay.md``.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

import hpanalysis as hp
from hpanalysis.inquiry.verdicts.compose import OPEN
from hpanalysis.inquiry.verdicts.verdict import Effect
from tests.truth import cnn

SIZES = (100, 300, 1000)
PAGE = Path(__file__).resolve().parents[2] / "docs" / "replay.md"


@cache
def _runs() -> pd.DataFrame:
    return cnn.table()


@cache
def _of_all(name: str, value: str, reference: str, where: str, k: int) -> tuple[float, float]:
    """What all runs say: the difference of the test metric after tuning, of the metric on average; standard error."""
    runs, metric = _runs(), "test_accuracy" if k > 1 else "val_accuracy"
    if " to " in value:
        pair = [runs[name].between(*map(float, label.split(" to "))) for label in (value, reference)]
    else:
        pair = [runs[name].astype(str) == label for label in (value, reference)]
    places = cnn.DATASETS if where == "average" else (where,)
    cells = [
        cnn.together([cnn.cell(runs[own & (runs["dataset"] == place)], metric, k) for place in places]) for own in pair
    ]
    found = cells[0] - cells[1]
    return found.estimate, found.se


def wrong(name: str, e: Effect) -> bool:
    """Whether all runs deny a comparison that a report shows."""
    best = e.better
    truth, se = _of_all(
        name, best.value, best.reference, best.dataset or "average", best.k if e.regime == "tuned" else 1
    )
    return truth < -2 * se or (best.sized and best.bound > truth + 2 * se)


@dataclass
class Score:
    """Of all reports of one size."""

    reports: int = 0
    said: int = 0
    open_: int = 0
    comparisons: int = 0
    denied: int = 0
    with_denied: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    by_name: Counter[str] = field(default_factory=Counter)


def replay(size: int, samples: int) -> Score:
    """Score reports from so many runs."""
    score, table = Score(), pd.read_csv(cnn.RUNS)
    with tempfile.TemporaryDirectory() as folder:
        for i in range(samples):
            rows = np.random.default_rng([size, i]).choice(len(table), size, replace=False)
            path = Path(folder) / "runs.csv"
            table.iloc[np.sort(rows)].to_csv(path, index=False)
            path.with_name("runs.sweep.yaml").write_bytes(cnn.RUNS.with_name("runs.sweep.yaml").read_bytes())
            denied = 0
            for v in hp.verdicts(hp.read(path)):
                score.kinds[v.kind] += 1
                score.said += v.kind not in OPEN
                score.by_name[v.hyperparameter] += v.kind not in OPEN
                score.open_ += v.kind in OPEN
                shown = [e for e in v.effects if e.shown and not e.other and e.scale in ("mean", "best_of_k")]
                score.comparisons += len(shown)
                denied += sum(wrong(v.hyperparameter, e) for e in shown)
            score.reports += 1
            score.denied += denied
            score.with_denied += denied > 0
    return score


def page(scores: dict[int, Score]) -> str:
    """The page, as Markdown."""
    lines = [
        "# What do reports from fewer runs say?",
        "",
        "Reports were made from parts of the shipped sweep, drawn at random, and held against all 13,000 runs, from",
        "the table alone (`tests/truth/replay.py`). *Said*: hyperparameters, of 11, whose verdict is not undecided.",
        "*Denied*: all runs show the opposite sign, or a smaller size than the stated bound, by two standard errors.",
        "",
        "| runs | reports | said | left open | comparisons | denied | reports with one |",
        "|---|---|---|---|---|---|---|",
    ]
    for size, s in scores.items():
        lines.append(
            f"| {size:,} | {s.reports} | {s.said / s.reports:.1f} | {s.open_ / s.reports:.1f} | {s.comparisons} | "
            f"{s.denied} | {s.with_denied} |"
        )
    lines += ["", "How often a report says something on each hyperparameter:", ""]
    names = [h for h, _ in scores[max(scores)].by_name.most_common()]
    lines += [f"| hyperparameter | {' | '.join(f'{n:,} runs' for n in scores)} |", "|---|" + "---|" * len(scores)]
    for name in names:
        lines.append(f"| {name} | {' | '.join(f'{s.by_name[name] / s.reports:.2f}' for s in scores.values())} |")
    lines += ["", "Which verdicts it gives (each report has 11):", ""]
    kinds = sorted({kind for s in scores.values() for kind in s.kinds})
    lines += [f"| verdict | {' | '.join(f'{n:,} runs' for n in scores)} |", "|---|" + "---|" * len(scores)]
    for kind in kinds:
        lines.append(f"| {kind} | {' | '.join(f'{s.kinds[kind] / s.reports:.2f}' for s in scores.values())} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    PAGE.write_text(page({size: replay(size, samples) for size in SIZES}), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))
