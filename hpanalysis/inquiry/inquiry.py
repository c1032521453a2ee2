"""What does a sweep say, all questions taken together? Every claim, with the error of the whole report controlled once.

Each question of the registry that has a share of the error makes its claims, the root of the hierarchy first (see
`questions.report`). Whatever falls short of the share is exploratory, at a false discovery rate of
5 % of its kind, so that with what is chosen on the way at most one in ten is expected to be false.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

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
from hpanalysis.questions.report import WHOLE_REPORT, Report, counts_datasets, is_shown
from hpanalysis.statistics import multiplicity
from hpanalysis.statistics.differences import POOLED
from hpanalysis.statistics.distributions import normal_isf
from hpanalysis.statistics.rounding import ROUNDING, settled
from hpanalysis.sweeps.sweep import Sweep

SCHEMA = 2
EXPLORED = ("p_exploratory", "low_exploratory", "high_exploratory")
EXTRA: tuple[str, ...] = (
    *("question", "direction", "z", "critical", *EXPLORED, "statistic", "df", "ordered", "levels", "places", "ends"),
    *("k", "selected"),
)
# What tells the sentences of a question apart.
SENTENCE = ("hyperparameter", "value", "reference", "other", "other_value", "dataset")
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
        ``low_simultaneous`` and ``high_simultaneous`` hold over the whole report; ``p_exploratory`` is the
        false discovery rate, of the directions too, over all sentences of its question that are no headline, and
        ``low_exploratory`` and ``high_exploratory`` are limits that allow for having been selected by it.
        Regime "tuned" is of the best of ``k`` runs: what is reported of the run that was chosen; ``selected`` is the
        same difference by the metric that chose.
    checks
        The answer of `check`.

    Examples
    --------
    >>> from hpanalysis import Inquiry, toys
    >>> inquiry = Inquiry.of(toys.make(toys.ADDITIVE, 400, 0))
    >>> list(inquiry.found)
    ['omnibus_tests', 'contrast', 'tuned_contrast', 'trend', 'interactions', 'effect_modifiers']
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
        # Threads that wait for each other's small tables cost several times what they save.
        with threadpool_limits(1):
            checks, names = check(design), design.comparable()
            found: dict[str, pd.DataFrame] = {}
            for question in QUESTIONS.values() if names else ():
                if question.share:
                    rows = question.ask.claims(design, Report(names, rng, question.share, found))
                    found |= _by_question(rows, question.name)
            claims = _table([rows for rows in found.values() if len(rows)])
        tested = claims["question"].isin(["contrast", "interactions", "tuned_contrast"])
        if counts_datasets(design.sweep.datasets):
            tested &= claims["dataset"] == POOLED
        explored = _explored(claims[tested])
        for column in EXPLORED:
            claims.loc[tested, column] = settled(explored[column].to_numpy(float))
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


def _explored(claims: pd.DataFrame) -> pd.DataFrame:
    """What is no headline, with the false discovery rate of its kind and limits that allow for the selection.

    A sentence is one discovery, whatever the scales that it speaks of; those that became headlines leave the list, and
    are no part of the rate: beside strong effects nearly all of the rest would be false.
    """
    out = claims.assign(p_exploratory=np.nan, low_exploratory=np.nan, high_exploratory=np.nan)
    for _, rows in claims.groupby("question", sort=False):
        sentence = rows.groupby(list(SENTENCE), dropna=False, sort=False).ngroup().to_numpy()
        sure = np.bincount(sentence, is_shown(rows)) > 0
        p = rows["p"].to_numpy(float)
        scales = np.bincount(sentence, np.isfinite(p))[sentence]
        each = np.where(np.isfinite(p), np.minimum(1.0, p * scales), 2.0)
        smallest = np.full(len(sure), 2.0)
        np.minimum.at(smallest, sentence, each)
        listed = ~sure & (smallest <= 1.0)
        rate = multiplicity.false_discovery(np.where(listed, smallest, np.nan))
        # A scale counts where it would have carried its sentence onto the list by itself.
        order = np.argsort(smallest[listed], kind="stable")
        ladder, rates = smallest[listed][order], rate[listed][order]
        at = np.minimum(np.searchsorted(ladder, each * (1 - ROUNDING)), max(len(ladder) - 1, 0))
        found = np.where(each > ladder[-1], each, rates[at]) if len(ladder) else np.full(len(each), np.nan)
        found = np.where(np.isfinite(p), np.minimum(found, 1.0), np.nan)
        out.loc[rows.index, "p_exploratory"] = np.where(sure[sentence], np.minimum(1.0, each), found)
        selected = int((rate[listed] <= ALPHA).sum())
        if selected:
            # As many limits are wrong, of those listed, as a limit alone is (Benjamini & Yekutieli 2005).
            times = float(normal_isf(ALPHA * selected / listed.sum() / 2) / normal_isf(ALPHA / 2))
            for side in ("low", "high"):
                away = (rows[side] - rows["estimate"]) * times
                out.loc[rows.index, f"{side}_exploratory"] = rows["estimate"] + away
    return out


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
