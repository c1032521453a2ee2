"""What does a sweep say, all questions taken together? Every claim, with the error of the whole report controlled once.

Each question of the registry that has a share of the error makes its claims, the root of the hierarchy first (see
`questions.report`). Whatever falls short of the share is exploratory, at a false discovery rate of 5 %.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.errors import UserError, choices
from hpanalysis.questions.answer import (
    BLANK,
    VOCABULARY,
    Answer,
    Asked,
    budget_facts,
    facts_of,
    in_vocabulary,
    tuned_facts,
)
from hpanalysis.questions.check.ask import check
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.registry import QUESTIONS
from hpanalysis.questions.report import WHOLE_REPORT, Report
from hpanalysis.statistics import multiplicity
from hpanalysis.statistics.rounding import settled
from hpanalysis.sweeps.sweep import Sweep

SCHEMA = 2
EXTRA: tuple[str, ...] = (
    *("question", "direction", "z", "critical", "p_exploratory", "statistic", "df", "ordered", "levels", "places"),
    *("k", "selected"),
)
NUMERIC = [c for c in (*VOCABULARY, *EXTRA) if c not in (*BLANK, "regime", "scale", "question", "ordered")]


class About(Asked, total=False):
    """What an inquiry is about: beside what sentences need, what identifies the sweep and the question.

    Keys
    ----
    sweep_id, source, sha256
        The sweep's name, where it was read from, the hash of what was read.
    seed
        From which all draws follow.
    """

    sweep_id: str
    source: str
    sha256: str
    seed: int


@dataclass(frozen=True)
class Inquiry:
    """Every claim that the sweep was asked for, and the checks that came first.

    Parameters
    ----------
    about
        What was asked about.
    claims
        One row per claim in the columns of the vocabulary, and the ``question`` that it belongs to; ``p_adjusted``,
        ``low_simultaneous`` and ``high_simultaneous`` hold over the whole report; ``p_exploratory`` is adjusted for
        the false discovery rate over all claims that are no headline. Regime "tuned" is of the best of ``k`` runs: what
        is reported of the run that was chosen; ``selected`` is the same difference by the metric that chose.
    checks
        The answer of `check`.

    Examples
    --------
    >>> from hpanalysis import Inquiry, toys
    >>> inquiry = Inquiry.of(toys.make(toys.ADDITIVE, 400, 0))
    >>> list(inquiry.found)
    ['omnibus_tests', 'contrast', 'tuned_contrast', 'interactions']
    """

    about: About
    claims: pd.DataFrame
    checks: Answer

    @classmethod
    def of(cls, sweep: Sweep | Design, *, rng: int = 0, saved: str | Path | None = None) -> Inquiry:
        """Ask a sweep everything.

        Parameters
        ----------
        sweep
            The runs, or their design.
        rng
            Seed; each question derives its own stream from it and from its name.
        saved
            Path of an inquiry that was saved from the same sweep; it is loaded instead of computed.

        Raises
        ------
        UserError
            If the saved inquiry is about other data.
        """
        design = Design.of(sweep)
        if saved:
            inquiry = cls.load(saved)
            inquiry.check_identity(design.sweep, rng)
            return inquiry
        checks, names = check(design), design.comparable()
        found: dict[str, pd.DataFrame] = {}
        for question in QUESTIONS.values() if names else ():
            if question.share:
                rows = question.ask.claims(design, Report(names, rng, question.share, found))
                found |= _by_question(rows, question.name)
        claims = _table([rows for rows in found.values() if len(rows)])
        for kind in (["contrast", "interactions"], ["tuned_contrast"]):
            tested = claims["question"].isin(kind)
            claims.loc[tested, "p_exploratory"] = settled(_exploratory(claims[tested]))
        return cls(_about(design, names, rng), claims, checks)

    @property
    def found(self) -> dict[str, pd.DataFrame]:
        """Question -> its claims, in the order in which they were made."""
        return {str(name): rows for name, rows in self.claims.groupby("question", sort=False)}

    def tests(self, *hyperparameters: str) -> Answer:
        """The tests of whole hyperparameters and of pairs, adjusted for the whole report.

        Parameters
        ----------
        *hyperparameters
            One: its test, and its pair with every other one. Several: theirs, and their pairs among each other. None:
            whether each of all hyperparameters matters.

        Raises
        ------
        UserError
            If one is no hyperparameter of the sweep.
        """
        names, claims = set(hyperparameters), self.claims
        known = self.about["hyperparameters"]
        if unknown := [name for name in hyperparameters if name not in known]:
            raise UserError(f"{unknown[0]!r} is not a hyperparameter of this sweep; choose one of {choices(known)}.")
        pairs = claims["question"] == "interactions"
        one, other = claims["hyperparameter"].isin(names), claims["other"].isin(names)
        alone = (claims["question"] == "omnibus_tests") & (one | (not names))
        kept = alone | (pairs & (one & other if len(names) > 1 else one | other))
        asked = cast(Asked, self.about | {"hyperparameters": tuple(hyperparameters), "family": WHOLE_REPORT})
        return Answer("omnibus_tests", claims[kept].reset_index(drop=True), asked=asked)

    def check_identity(self, sweep: Sweep, rng: int) -> None:
        """Refuse an inquiry into other data.

        Raises
        ------
        UserError
            If a saved fact differs from the sweep's.
        """
        for key, value in _identity(sweep, rng).items():
            if self.about.get(key) != value:
                raise UserError(
                    f"the saved inquiry has {key}={self.about.get(key)!r}, not {value!r} as this sweep; leave it out "
                    "to compute anew."
                )

    def save(self, path: str | Path) -> Path:
        """Write as JSON; the same inquiry gives the same bytes."""
        checks = {"table": _records(self.checks.frame), "asked": self.checks.asked, "caveats": self.checks.caveats}
        content = {"schema": SCHEMA, "about": self.about, "claims": _records(self.claims), "checks": checks}
        Path(path).write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
        return Path(path)

    @classmethod
    def load(cls, path: str | Path) -> Inquiry:
        """Read what `save` wrote.

        Raises
        ------
        UserError
            If the file is not there or is not a saved inquiry.
        """
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            if content["schema"] != SCHEMA:
                raise ValueError(f"schema {content['schema']}")
            about = cast(About, _tuples(content["about"]))
            claims = _table([pd.DataFrame(content["claims"], columns=[*VOCABULARY, *EXTRA])])
            table = pd.DataFrame(content["checks"]["table"])
            asked = cast(Asked, _tuples(content["checks"]["asked"]))
            caveats = tuple(content["checks"]["caveats"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"{Path(path).name!r} is not a saved inquiry ({type(error).__name__}); compute it anew."
            ) from None
        return cls(about, claims, Answer("check", table, asked=asked, caveats=caveats))


def _table(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """All claims in one table, numbers as numbers, also where there are none: loading gives what was saved."""
    claims = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return in_vocabulary(claims, *EXTRA).astype(dict.fromkeys(NUMERIC, float))


def _by_question(rows: pd.DataFrame, name: str) -> dict[str, pd.DataFrame]:
    """Question -> its claims: of those of the levels, one question asks on average and another after tuning."""
    rows = rows.assign(question=rows["question"] if "question" in rows else name)
    return {name: rows[:0]} | {str(asked): part for asked, part in rows.groupby("question", sort=False)}


def _exploratory(claims: pd.DataFrame) -> np.ndarray:
    """Adjusted for the false discovery rate; of what is no headline among itself, as headlines leave the list.

    Adjusted among all, strong effects would let false claims in, and then be listed elsewhere: nearly all of the
    exploratory list was false beside one strong hyperparameter.
    """
    p, sure = claims["p"].to_numpy(float), (claims["p_adjusted"] <= ALPHA).to_numpy(bool)
    among_rest = multiplicity.false_discovery(np.where(sure, np.nan, p))
    return np.where(sure, multiplicity.false_discovery(p), among_rest)


def _about(design: Design, names: tuple[str, ...], rng: int) -> About:
    about = facts_of(design) | tuned_facts(design) | Asked(hyperparameters=design.sweep.space.names, asked=list(names))
    return cast(About, about | _identity(design.sweep, rng))


def _identity(sweep: Sweep, rng: int) -> About:
    """What must be equal for a saved inquiry to be one into this sweep."""
    about = About(
        sweep_id=sweep.name,
        source=sweep.source,
        sha256=sweep.sha256,
        seed=rng,
        runs=len(sweep),
        metric=sweep.metric,
        goal=sweep.goal,
        transform=sweep.transform,
        margin=sweep.margin,
        failed_value=sweep.failed_value,
        scope=sweep.scope,
    )
    return about if sweep.budget is None else cast(About, about | Asked(budget=budget_facts(sweep, sweep.budget)))


def _records(table: pd.DataFrame) -> list[dict[str, object]]:
    """Rows as plain data with every digit: a fixed number of decimals would save a far tail as 0."""
    known = table.notna() & ~table.isin([np.inf, -np.inf])
    return [
        {str(column): value if here[column] else None for column, value in row.items()}
        for row, here in zip(table.to_dict("records"), known.to_dict("records"), strict=True)
    ]


def _tuples(known: dict[str, object]) -> dict[str, object]:
    """Lists of JSON as the tuples that they were, but for those that are lists."""
    lists = ("datasets", "asked")
    return {
        key: tuple(value) if isinstance(value, list) and key not in lists else value for key, value in known.items()
    }
