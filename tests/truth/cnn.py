"""What is true of the shipped sweep? Six questions of a reader, answered from the table alone.

Nothing of the package is used: what the package says is held against these numbers. Run it to read them:
``python -m tests.truth.cnn``.

Estimands, all in accuracy, a failed run at chance level (.1), everything else drawn as in the sweep, data sets with
equal weight in an average:

average
    the difference of the mean of a run between two values;
best of k
    the difference of the expected score of the run that is best of k on *validation*: its validation score, and its
    *test* score, which chose nothing;
rate
    the geometric mean of the learning rate of the run that is best of k on validation, in decades: where tuning ends.

Standard errors are those of a jackknife over configurations (seeds of one configuration are one piece of evidence).
Bounds hold for all rows of a question, on both metrics, together (Bonferroni, 95 %).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd

RUNS = Path(__file__).resolve().parents[2] / "data" / "cnn" / "runs.csv"
K, CHANCE = 20, 0.1
DATASETS = ("cifar10", "digits", "mnist", "notmnist")
METRICS = {"validation": "val_accuracy", "test": "test_accuracy"}
RATES = ("adam", "momentum", "rmsprop")


def table() -> pd.DataFrame:
    """The runs, failures at chance level on both metrics."""
    runs = pd.read_csv(RUNS)
    for metric in METRICS.values():
        runs[metric] = runs[metric].where(runs["status"] == "complete").fillna(CHANCE)
    return runs.assign(decades=np.log10(runs["learning_rate"]))


@dataclass(frozen=True)
class Cell:
    """An estimate, and what each configuration contributes to it."""

    estimate: float
    influence: pd.Series

    def __sub__(self, other: Cell) -> Cell:
        return Cell(self.estimate - other.estimate, self.influence.sub(other.influence, fill_value=0.0))

    @property
    def se(self) -> float:
        return float(np.sqrt((self.influence**2).sum()))


def together(cells: Sequence[Cell]) -> Cell:
    """The average of several data sets."""
    influence = pd.concat([cell.influence for cell in cells]).groupby(level=0).sum() / len(cells)
    return Cell(float(np.mean([cell.estimate for cell in cells])), influence)


def cell(runs: pd.DataFrame, value: str, k: int) -> Cell:
    """The expected value, in some column, of the run that is best of k on validation; of any run for k = 1.

    The weight of the i-th worst of n runs is the share of the draws of k runs in which it is the best,
    C(i-1, k-1) / C(n, k); without one run the others move up or down by one place.
    """
    order = runs.sort_values(["val_accuracy", "run"])
    y, n = order[value].to_numpy(float), len(order)
    below, above = np.zeros(n), np.zeros(n)
    below[1:] = np.cumsum(shares(n - 1, k) * y[:-1])
    above[:-1] = np.cumsum((shares(n - 1, k) * y[1:])[::-1])[::-1]
    left_out = below + above
    each = pd.Series((left_out.mean() - left_out) * np.sqrt((n - 1) / n), index=order["configuration"].to_numpy())
    return Cell(float(shares(n, k) @ y), each.groupby(level=0).sum())


def shares(n: int, k: int) -> np.ndarray:
    """C(i-1, k-1) / C(n, k) for i = 1 to n, by the ratio of neighbours from the largest down."""
    out = np.zeros(n)
    out[-1] = k / n
    for i in range(n - 1, k - 1, -1):
        out[i - 1] = out[i] * (i - k + 1) / i
    return out


def level(runs: pd.DataFrame, hyperparameter: str, of: object, *, value: str, k: int, where: str) -> Cell:
    """One value of a hyperparameter on a data set, or on the average of all."""
    own = runs[runs[hyperparameter] == of]
    places = DATASETS if where == "average" else (where,)
    return together([cell(own[own["dataset"] == place], value, k) for place in places])


def difference(runs: pd.DataFrame, name: str, pair: tuple[object, object], where: str, k: int) -> list[dict]:
    """One comparison on both metrics."""
    return [
        {"compared": f"{name}: {pair[0]} - {pair[1]}", "where": where, "k": k, "metric": metric}
        | {"cell": level(runs, name, pair[0], value=value, k=k, where=where)
           - level(runs, name, pair[1], value=value, k=k, where=where)}
        for metric, value in METRICS.items()
    ]  # fmt: skip


def bounded(rows: list[dict]) -> pd.DataFrame:
    """Estimate, standard error and bounds that hold for all rows together."""
    found = pd.DataFrame(rows)
    found["estimate"] = [cell.estimate for cell in found["cell"]]
    found["se"] = [cell.se for cell in found.pop("cell")]
    z = NormalDist().inv_cdf(1 - 0.025 / len(found))
    return found.assign(low=found["estimate"] - z * found["se"], high=found["estimate"] + z * found["se"])


def augmentation(runs: pd.DataFrame) -> pd.DataFrame:
    """1 When is augmentation beneficial? On each data set, a random run and the best of 20."""
    where = ("average", *DATASETS)
    return bounded(
        [row for k in (1, K) for w in where for row in difference(runs, "augmentation", ("on", "off"), w, k)]
    )


def optimizer(runs: pd.DataFrame) -> pd.DataFrame:
    """2 Is the optimizer important? Every pair, a random run and the best of 20."""
    pairs = [("momentum", "adam"), ("momentum", "rmsprop"), ("adam", "rmsprop")]
    return bounded([row for k in (1, K) for p in pairs for row in difference(runs, "optimizer", p, "average", k)])


def optimizer_batch_size(runs: pd.DataFrame) -> pd.DataFrame:
    """3 Optimizer with batch size? Do gaps between optimizers change from batch 32 to 256, and where do rates end?"""
    rows: list[dict] = []
    small, large = (runs[runs["batch_size"] == size] for size in (32, 256))
    for pair in [("momentum", "adam"), ("momentum", "rmsprop"), ("adam", "rmsprop")]:
        for k in (1, K):
            for one, other in zip(
                difference(large, "optimizer", pair, "average", k),
                difference(small, "optimizer", pair, "average", k),
                strict=True,
            ):
                rows.append(
                    one | {"compared": f"{one['compared']}, batch 256 - 32", "cell": one["cell"] - other["cell"]}
                )
    return bounded(rows)


def best_rates(runs: pd.DataFrame) -> pd.DataFrame:
    """3 Where does tuning end? Decades of the learning rate of the best of 20, by optimizer and batch size."""
    rows: list[dict] = []
    own = {name: level(runs, "optimizer", name, value="decades", k=K, where="average") for name in RATES}
    for name in RATES:
        rows.append({"compared": f"rate of {name}", "cell": own[name]})
        by_size = [
            level(runs[runs["batch_size"] == size], "optimizer", name, value="decades", k=K, where="average")
            for size in (32, 256)
        ]
        for size, found in zip((32, 256), by_size, strict=True):
            rows.append({"compared": f"rate of {name}, batch {size}", "cell": found})
        rows.append({"compared": f"rate of {name}, batch 256 - 32", "cell": by_size[1] - by_size[0]})
    return bounded([row | {"where": "average", "k": K, "metric": "chosen on validation"} for row in rows])


def optimizer_activation(runs: pd.DataFrame) -> pd.DataFrame:
    """4 Optimizer with activation? elu against tanh with each optimizer, a random run and the best of 20."""
    rows: list[dict] = []
    for name in RATES:
        own = runs[runs["optimizer"] == name]
        for k in (1, K):
            found = difference(own, "activation", ("elu", "tanh"), "average", k)
            rows += [row | {"compared": f"{row['compared']}, {name}"} for row in found]
    return bounded(rows)


def initialization(runs: pd.DataFrame) -> pd.DataFrame:
    """5 Initialization? constant against the rest, and the others among each other."""
    others = sorted(set(runs["initialization"]) - {"constant"})
    pairs = [("constant", other) for other in others] + [(a, b) for i, a in enumerate(others) for b in others[i + 1 :]]
    return bounded([row for k in (1, K) for p in pairs for row in difference(runs, "initialization", p, "average", k)])


def region(runs: pd.DataFrame) -> pd.Series:
    """Which runs lie in the region that is worth searching: no sigmoid, no constant start, wide enough, a low rate."""
    inside = (runs["activation"] != "sigmoid") & (runs["initialization"] != "constant")
    return inside & (runs["width_conv"] != 4) & (runs["learning_rate"] <= 0.04)


def next_space(runs: pd.DataFrame) -> pd.DataFrame:
    """6 What next? The share of the best twentieth, and of all runs, that lies in the region (Wilson's bounds)."""
    rows = []
    for metric, value in METRICS.items():
        best = runs.groupby("dataset")[value].rank(pct=True) > 0.95
        for what, among in (("of the best twentieth", best), ("of all runs", pd.Series(True, index=runs.index))):
            rows.append({"compared": f"share inside, {what}", "metric": metric, "n": int(among.sum())})
            rows[-1]["estimate"] = float(region(runs)[among].mean())
    found = pd.DataFrame(rows).assign(where="all", k=np.nan)
    z, n, p = NormalDist().inv_cdf(1 - 0.025 / len(found)), found["n"], found["estimate"]
    centre, half = p + z**2 / (2 * n), z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    found["se"] = np.sqrt(p * (1 - p) / n)
    return found.assign(low=(centre - half) / (1 + z**2 / n), high=(centre + half) / (1 + z**2 / n))


QUESTIONS: tuple[Callable[[pd.DataFrame], pd.DataFrame], ...] = (
    augmentation, optimizer, optimizer_batch_size, best_rates, optimizer_activation, initialization, next_space,
)  # fmt: skip


def sign(found: pd.DataFrame, compared: str, where: str, k: int) -> int:
    """1 or -1 where both metrics show one sign, else 0: the sign hangs on the set and is undecided."""
    rows = found[(found["compared"] == compared) & (found["where"] == where) & (found["k"] == k)]
    signs = {int(row.low > 0) - int(row.high < 0) for row in rows.itertuples()}
    return signs.pop() if len(signs) == 1 else 0


def main() -> None:
    """Print every question with its numbers; accuracy in points."""
    runs = table()
    with pd.option_context("display.width", 200, "display.max_rows", 200):
        for question in QUESTIONS:
            found, scale = question(runs), 1 if question in (best_rates, next_space) else 100
            shown = found.assign(**{c: (scale * found[c]).round(3) for c in ("estimate", "se", "low", "high")})
            columns = ["compared", "where", "k", "metric", "estimate", "se", "low", "high"]
            print(question.__doc__, "", shown[columns].to_string(index=False), "", sep="\n")


if __name__ == "__main__":
    main()
