"""What does a sweep say, all questions taken together? Every claim, with the error of the whole report controlled once.

The procedure is hierarchical. One omnibus test a hyperparameter shares `SHARE_MAIN` of the error; below it all pairs
of levels, in every data set and on every scale, share one critical value (max-t), so that each stated bound holds
simultaneously. Pairs of hyperparameters share `SHARE_PAIRS` by Holm. The sum is 3 %, so that any false headline,
including a bound that is wrong, stays below 5 % also where a law is approximate. Whatever falls short of that is
exploratory, at a false discovery rate of 5 %.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError
from hpanalysis.evidence import chance
from hpanalysis.evidence.answer import VOCABULARY, Answer, metric_facts
from hpanalysis.evidence.design import check
from hpanalysis.evidence.estimate import POOLED, SCALES, compare
from hpanalysis.evidence.groups import Groups, comparable, failed_outcome, group, tie_share
from hpanalysis.evidence.outcomes import Outcomes
from hpanalysis.evidence.rounding import settled, settled_table
from hpanalysis.evidence.score_test import Regression, each_pair, matters, rearrangements
from hpanalysis.evidence.together import Claims
from hpanalysis.evidence.twins import twins
from hpanalysis.questions.orders import trend, turned

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

LEVEL = 0.05
SHARE_MAIN = 0.02
SHARE_PAIRS = 0.01
DRAWS = 20_000
EXTRA = ("kind", "direction", "z", "critical", "p_exploratory", "node_p", "ordered", "levels", "places")
TEXT = ("hyperparameter", "value", "reference", "other", "other_value", "dataset", "scale", "runs", "kind", "ordered")
NUMERIC = tuple(column for column in (*VOCABULARY, *EXTRA) if column not in TEXT)


@dataclass(frozen=True)
class Inquiry:
    """Every claim that the sweep was asked for, and the checks that came first.

    Parameters
    ----------
    about
        What was asked about: sweep_id, source, sha256, runs, failed, metric, goal, unit, datasets, margin, scope, seed.
    claims
        One row a claim in the columns of the vocabulary; ``p_adjusted`` holds over the whole report, ``low`` and
        ``high`` hold simultaneously; ``p_exploratory`` is adjusted for the false discovery rate over all claims.
    checks
        The answer of `check`.
    """

    about: dict[str, Any]
    claims: pd.DataFrame
    checks: Answer

    @classmethod
    def of(cls, sweep: Sweep, *, rng: int = 0, saved: str | Path | None = None) -> Inquiry:
        """Ask a sweep everything.

        Parameters
        ----------
        sweep
            The runs.
        rng
            Seed; each question derives its own stream from it and from its name.
        saved
            Path of an inquiry that was saved from the same sweep; it is loaded instead of computed.

        Raises
        ------
        UserError
            If the saved inquiry is about other data.
        """
        if saved:
            inquiry = cls.load(saved)
            asked = _about(sweep, rng)
            other = [key for key, value in asked.items() if inquiry.about[key] != value]
            if other:
                raise UserError(
                    f"the saved inquiry {Path(saved).name!r} has {other[0]}={inquiry.about[other[0]]!r}, not "
                    f"{asked[other[0]]!r} as this sweep; leave it out to compute anew."
                )
            return inquiry
        checks = check(sweep)
        names = comparable(sweep)
        parts = []
        if names:
            regression = Regression.of(sweep, names)
            outcomes = Outcomes.of(sweep)
            order = rearrangements(regression, chance.named_generator(rng, "matters"))
            for name in names:
                test = matters(regression, name, order)
                parts += _about_one(sweep, outcomes, name, test, LEVEL / SHARE_MAIN * len(names), rng)
            every = sweep.ok.all() or failed_outcome(sweep) is not None
            runs, count = ("all", len(sweep)) if every else ("successful", int(sweep.ok.sum()))
            parts.append(_about_pairs(regression, names, runs, count))
        claims = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*VOCABULARY, *EXTRA])
        claims = settled_table(_typed(claims.reindex(columns=[*VOCABULARY, *EXTRA])))
        tested = claims["kind"].isin(["contrast", "interaction"])
        claims.loc[tested, "p_exploratory"] = settled(_exploratory(claims[tested]))
        related = twins(sweep)
        found = {"asked": list(names), "observational": list(checks.asked["observational"])}
        found |= {"pairs": {} if related is None else related.pairs}
        return cls(_about(sweep, rng) | found, claims, checks)

    def save(self, path: str | Path) -> Path:
        """Write as JSON; the same inquiry gives the same bytes."""
        checks = {
            "table": _records(self.checks.table),
            "asked": self.checks.asked,
            "caveats": self.checks.caveats,
        }
        content = {"schema": 1, "about": self.about, "claims": _records(self.claims), "checks": checks}
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
            claims = _typed(pd.DataFrame(content["claims"], columns=[*VOCABULARY, *EXTRA]))
            table = pd.DataFrame(content["checks"]["table"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UserError(
                f"{Path(path).name!r} is not a saved inquiry ({type(error).__name__}); compute it anew."
            ) from None
        asked = {k: tuple(v) if isinstance(v, list) else v for k, v in content["checks"]["asked"].items()}
        return cls(
            content["about"],
            claims,
            Answer("check", table, asked=asked, caveats=tuple(content["checks"]["caveats"])),
        )


def _exploratory(claims: pd.DataFrame) -> np.ndarray:
    """Adjusted for the false discovery rate; of what is no headline among itself, as headlines leave the list.

    Adjusted among all, strong effects would let false claims in, and then be listed elsewhere: nearly all of the
    exploratory list was false beside one strong hyperparameter.
    """
    p, sure = claims["p"].to_numpy(float), (claims["p_adjusted"] <= LEVEL).to_numpy(bool)
    return np.where(sure, chance.false_discovery(p), chance.false_discovery(np.where(sure, np.nan, p)))


def _typed(claims: pd.DataFrame) -> pd.DataFrame:
    """Numbers as numbers, also where a file had nothing: loading gives what was saved."""
    return claims.astype(dict.fromkeys(NUMERIC, float))


def _records(table: pd.DataFrame) -> list[dict]:
    return json.loads(table.to_json(orient="records", double_precision=15))


def _about(sweep: Sweep, rng: int) -> dict[str, Any]:
    return {
        "sweep_id": sweep.name,
        "source": sweep.source,
        "sha256": sweep.sha256,
        "runs": len(sweep),
        "runs_on": dict(zip(sweep.datasets, np.bincount(sweep.block).tolist(), strict=True)),
        "failed": int((~sweep.ok).sum()),
        **metric_facts(sweep),
        "datasets": list(sweep.datasets),
        "margin": sweep.margin,
        "failed_value": sweep.failed_value,
        "scope": sweep.scope,
        "hyperparameters": list(sweep.space.names),
        "ties": tie_share(sweep) > 0.01,
        "seed": rng,
    }


def _about_one(
    sweep: Sweep, outcomes: Outcomes, name: str, test: tuple[float, float], factor: float, rng: int
) -> list[pd.DataFrame]:
    """The claims on one hyperparameter: it matters at all; its levels differ; they follow an order."""
    statistic, p = test
    g = group(sweep, name)
    node = {"hyperparameter": name, "kind": "importance", "scale": None, "runs": "all", "estimate": np.nan}
    node |= {"p": p, "p_adjusted": min(1.0, factor * p), "n": len(sweep), "dataset": POOLED}
    node |= {"node_p": statistic, "levels": len(g.labels), "ordered": g.ordered}
    outcomes = outcomes.about(sweep, name)
    claims = compare(outcomes, g.codes, g.pairs, outcomes.measures)
    rng_children = chance.named_generator(rng, "levels", name)
    # Seen from the better side, so that the draws are the same whether the metric or its negative is analysed.
    side = np.array(
        [-1.0 if sweep.goal == "min" and measure.startswith("mean") else 1.0 for *_, measure in claims.claims]
    )
    covariances = [covariance * np.outer(side, side) for covariance in claims.covariances]
    maxima = chance.max_abs_normal(covariances, claims.weights, claims.spread, DRAWS, rng_children)
    count = int(np.isfinite(claims.se).sum())
    critical = chance.max_t_critical(maxima, LEVEL / factor, count)
    # A level's claim is stated below a rejected omnibus test only: its adjusted p is never smaller than the test's.
    adjusted = np.minimum(1.0, factor * np.maximum(chance.max_t_p(claims.z(), maxima, count), p))
    table = _contrasts(sweep, claims, g, adjusted, critical)
    table = table.assign(critical=critical, node_p=statistic, ordered=g.ordered, levels=len(g.labels))
    return [pd.DataFrame([node]), table, *trend(table, g, partial(turned, sweep, outcomes, g))]


def _contrasts(sweep: Sweep, claims: Claims, g: Groups, adjusted: np.ndarray, critical: float) -> pd.DataFrame:
    low, high = claims.interval(critical=critical)
    p, z = claims.p(), claims.z()
    places = [POOLED, *(sweep.datasets[s] for s in claims.strata)]
    # With one data set the pooled rows say it all.
    rows = range(1 if len(claims.strata) == 1 else len(places))
    up = 1 if sweep.goal == "max" else -1
    records = []
    for row in rows:
        for c, (value, reference, measure) in enumerate(claims.claims):
            scale, runs = SCALES[measure]
            favour = {"p_better": 1, "p_fail": -1}.get(measure, up)
            records.append(
                {
                    "hyperparameter": g.name,
                    "value": g.labels[value],
                    "reference": g.labels[reference],
                    "dataset": places[row],
                    "scale": scale,
                    "runs": runs,
                    "estimate": claims.estimate[row, c],
                    "low": low[row, c],
                    "high": high[row, c],
                    "p": p[row, c],
                    "p_adjusted": adjusted[row, c],
                    "n": int(claims.n[row, c]),
                    "places": claims.places[row, c],
                    "kind": "contrast",
                    "direction": float(np.sign(z[row, c]) * favour),
                    "z": z[row, c],
                }
            )
    # An order of the levels is read off these numbers.
    return settled_table(pd.DataFrame(records))


def _about_pairs(regression: Regression, names: tuple[str, ...], runs: str, n: int) -> pd.DataFrame:
    records = []
    pairs = list(combinations(names, 2))
    for (a, b), (statistic, df, p) in zip(pairs, each_pair(regression, pairs), strict=True):
        row = {"kind": "interaction", "hyperparameter": a, "other": b, "dataset": POOLED, "scale": "mean", "runs": runs}
        records.append(row | {"p": p, "z": statistic, "levels": df, "n": n})
    table = pd.DataFrame(records)
    if len(table):
        table["p_adjusted"] = np.minimum(1.0, LEVEL / SHARE_PAIRS * chance.holm(table["p"].to_numpy(float)))
    return table
