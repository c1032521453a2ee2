"""Do searches on a forest say what real networks do? What it says of each pick beside the pick, trained for real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError
from hpanalysis.experiments.search_tables import PICKS, read_rows
from hpanalysis.experiments.searches import FEWEST, Cells, Comparison, Difference, Searches, differences, paired
from hpanalysis.style import numbers
from hpanalysis.style.lines import Lines
from hpanalysis.style.table import Table
from hpanalysis.sweeps.sources.files import locate


class Agreement(NamedTuple):
    """A problem: what a pick has more of error than the forest says, and the correlation of both over all picks."""

    problem: str
    more: Difference
    correlation: Difference
    order: float


@dataclass(frozen=True)
class TrainedPicks:
    """The picks that were trained, beside what the forest says of them.

    Parameters
    ----------
    searches
        Those that picked them.
    trained
        Problem, strategy and repeat -> the error of each training of the pick.

    Examples
    --------
    >>> rows = [
    ...     {"problem": "cnn-mnist", "strategy": s, "repeat": str(r), "error": -1 - r / 9}
    ...     for s in ("tpe", "guided")
    ...     for r in range(9)
    ... ]
    >>> better = {"tpe": 0.0, "guided": 0.1}
    >>> trained = {("cnn-mnist", r["strategy"], r["repeat"]): [r["error"] - better[r["strategy"]]] for r in rows}
    >>> picks = TrainedPicks(Searches(tuple(rows)), trained)
    >>> round(picks.agreement[0].more.mean, 3), [one.verdict for one in picks.against_engine]
    (-0.05, ['better'])
    """

    searches: Searches
    trained: Mapping[tuple[str, str, str], Sequence[float]]

    @classmethod
    def beside(cls, source: str, searches: Searches) -> TrainedPicks:
        """The trainings whose table lies beside that of the searches; none where there is no such table."""
        try:
            rows = read_rows(locate(source).with_name(PICKS))
        except UserError:
            rows = []
        trained: dict[tuple[str, str, str], list[float]] = {}
        for row in rows:
            trained.setdefault((row["problem"], row["strategy"], row["repeat"]), []).append(float(row["error"]))
        return cls(searches, trained)

    @cached_property
    def picks(self) -> pd.DataFrame:
        """A row a pick that was trained: its error, what the forest says, and what it has more."""
        found: list[Cells] = []
        for row in self.searches.rows:
            key = (str(row["problem"]), str(row["strategy"]), str(row["repeat"]))
            if key in self.trained:
                own, said = float(np.mean(self.trained[key])), float(str(row["error"]))
                names = dict(zip(("problem", "strategy", "repeat"), key, strict=True))
                found.append({**names, "trained": own, "imitated": said, "more": own - said})
        return pd.DataFrame(found, columns=["problem", "strategy", "repeat", "trained", "imitated", "more"])

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Problems and strategies that can be compared with the engine alone."""
        engine, rows = self.searches.engine, self._rows("trained")
        wanted = [(p, s) for p in self.searches.tried for s in self.searches.strategies if s != engine]
        return tuple((p, s) for p, s in wanted if len(differences(rows, p, (s, engine), "error")) >= FEWEST)

    @property
    def comparisons(self) -> int:
        """All that are made here: their intervals hold together."""
        return 2 * len(self.pairs) + 2 * self.picks["problem"].nunique()

    @cached_property
    def agreement(self) -> tuple[Agreement, ...]:
        """Each problem: the repeat is the unit, as searches of one repeat have the same start and seeds."""
        out = []
        for problem, own in self.picks.groupby("problem", sort=False):
            means = own.groupby("strategy")[["trained", "imitated"]].mean().rank()
            order = float(means["trained"].corr(means["imitated"])) if (means.nunique() > 1).all() else np.nan
            each = own.groupby("repeat")["more"].mean().to_numpy()
            out.append(Agreement(str(problem), self._mean(each), self._correlation(own), order))
        return tuple(out)

    @cached_property
    def against_engine(self) -> tuple[Comparison, ...]:
        """Every strategy against the engine alone, in the error of its trained picks."""
        return self._compared("trained")

    @cached_property
    def against_forest(self) -> tuple[Comparison, ...]:
        """The same differences, minus those that the forest says."""
        return self._compared("more")

    def imitated(self, problem: str, strategy: str) -> Difference:
        """What the forest says of the same repeats."""
        return paired(self._rows("imitated"), problem, (strategy, self.searches.engine), "error")

    def _compared(self, column: str) -> tuple[Comparison, ...]:
        rows, engine, made = self._rows(column), self.searches.engine, self.comparisons
        return tuple(
            Comparison(p, s, engine, "error", paired(rows, p, (s, engine), "error", comparisons=made))
            for p, s in self.pairs
        )

    def _rows(self, column: str) -> list[Cells]:
        table = self.picks.assign(error=self.picks[column])
        return [{str(name): cell for name, cell in row.items()} for row in table.to_dict("records")]

    def _mean(self, values: np.ndarray) -> Difference:
        from scipy.stats import t

        n, mean = len(values), float(values.mean())
        if n < FEWEST:
            return Difference(mean, np.nan, np.nan, n)
        half = float(t.ppf(1 - 0.025 / self.comparisons, n - 1) * values.std(ddof=1) / np.sqrt(n))
        return Difference(mean, mean - half, mean + half, n)

    def _correlation(self, own: pd.DataFrame) -> Difference:
        """Of all picks of a problem; its interval by leaving out one repeat after the other, on Fisher's scale."""

        def fisher(rows: pd.DataFrame) -> float:
            r = np.corrcoef(rows["trained"], rows["imitated"])[0, 1]
            return float(np.arctanh(np.clip(r, -0.999999, 0.999999)))

        repeats = list(dict.fromkeys(own["repeat"]))
        if len(repeats) < FEWEST:
            return Difference(np.nan, np.nan, np.nan, len(repeats))
        whole, n = fisher(own), len(repeats)
        left_out = np.array([n * whole - (n - 1) * fisher(own[own["repeat"] != one]) for one in repeats])
        around = self._mean(left_out)
        low, mean, high = np.tanh(whole + np.array([-1, 0, 1]) * (around.high - around.mean)).tolist()
        return Difference(mean, low, high, n)


def summary(picks: TrainedPicks) -> Lines:
    """Whether the forest's errors are those of real networks, and whether what wins on it wins with them."""
    if not picks.agreement or not picks.pairs:
        return Lines("No pick was trained: every error of a problem that is imitated is what the forest says.")
    lines = []
    for one in picks.agreement:
        low, high = one.more.low, one.more.high
        said = "err more" if low > 0 else "err less" if high < 0 else "are not shown to err more or less"
        lines.append(
            f"On {one.problem} picks that are trained {said} than the forest says: {_size(one.more, signed=True)} of "
            f"log10 error; over all picks the correlation of both is {_size(one.correlation)}."
        )
    made, engine = picks.against_engine, picks.searches.engine
    parts = [_named(made, verdict) for verdict in ("better", "worse")]
    ties = sum(one.verdict == "a tie" for one in made)
    parts.append(f"{ties} of {len(made)} tie")
    lines.append(f"Trained, against {engine}: {'; '.join(part for part in parts if part)}.")
    other = [one for one in picks.against_forest if one.verdict != "a tie"]
    named = ", ".join(f"{one.strategy} ({one.problem})" for one in other)
    lines.append(
        f"The difference from {engine} is another than the forest says for {named}."
        if other
        else f"No difference from {engine} is shown to be another than the forest says."
    )
    return Lines("\n".join(lines))


def _named(made: Sequence[Comparison], verdict: str) -> str:
    own = [f"{one.strategy} ({one.problem})" for one in made if one.verdict == verdict]
    return f"{verdict} {', '.join(own)}" if own else ""


def table(picks: TrainedPicks) -> Table:
    """A row a strategy and problem: its difference from the engine, trained and as the forest says."""
    if not picks.pairs:
        return Table(pd.DataFrame({"strategy": [f"none has {FEWEST} trained repeats in common with the engine"]}))
    rows = [
        {
            "problem": own.problem,
            "strategy": own.strategy,
            "trained": f"{_size(own.difference, signed=True)} {MARKS[own.verdict]}",
            "the forest says": numbers.number(picks.imitated(own.problem, own.strategy).mean, 3, signed=True),
            "trained minus forest": _size(more.difference, signed=True),
            "repeats": own.difference.repeats,
        }
        for own, more in zip(picks.against_engine, picks.against_forest, strict=True)
    ]
    level = (
        f"{100 - 5 / picks.comparisons:.4g} % each, so that all hold together with 95 %, those of the sentences too."
    )
    orders = "; ".join(f"{one.problem} {numbers.number(one.order, 2)}" for one in picks.agreement)
    return Table(
        pd.DataFrame(rows),
        (
            f"log10 error of the pick minus that of {picks.searches.engine}; {level}",
            f"Rank correlation of the strategies' means, trained and as the forest says: {orders}.",
        ),
    )


MARKS = {"better": "(+)", "worse": "(−)", "a tie": "(=)", "open": ""}


def _size(d: Difference, *, signed: bool = False) -> str:
    text = [numbers.number(x, 3 if signed else 2, signed=signed) for x in (d.mean, d.low, d.high)]
    return f"{text[0]} [{text[1]}, {text[2]}]" if np.isfinite(d.low) else text[0]
