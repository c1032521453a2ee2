"""Why do measures differ? Every hyperparameter by every measure, and the reason where one sees what another cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hpanalysis.evidence.answer import VOCABULARY, Answer, metric_facts
from hpanalysis.evidence.balance import balance
from hpanalysis.evidence.chance import Rng, generator, holm
from hpanalysis.evidence.estimate import POOLED
from hpanalysis.evidence.rounding import ordering
from hpanalysis.questions.relevance.asked import Place, places, top
from hpanalysis.questions.relevance.design import CHOSEN
from hpanalysis.questions.relevance.measure import extremes, measured, table_of
from hpanalysis.questions.relevance.reasons import Seen, reasons

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

LEVEL = 0.05
# Of the box -> (measure, effect, scale of the rows that it takes or "" for any).
VIEWS = {
    "correlation": ("correlation", "main", ""),
    "ols": ("ols", "main", ""),
    "anova main": ("anova", "main", ""),
    "fanova main": ("fanova", "main", ""),
    "fanova total": ("fanova", "total", ""),
    "impurity": ("forest", "total", "impurity"),
    "permutation": ("permutation", "total", ""),
}
COLUMNS = (*VOCABULARY, "effect", "floor", "measure", "rank", "matters")
REASONS = ("test", "hyperparameter", "other", "statistic", "df", "p", "between", "told")


def disagreement(sweep: Sweep, *, quantile: float = 0.1, rng: Rng = 0) -> Answer:
    """Lay all measures of importance side by side, and say by rule why they differ where they do.

    Parameters
    ----------
    sweep
        The runs.
    quantile
        Share of the runs that count as the best.
    rng
        Seed or generator.

    Returns
    -------
    Answer
        ``table``: one row a hyperparameter and view, pooled over data sets, with estimate, p_adjusted, floor, rank (1
        for the largest) and whether it matters there: adjusted p up to .05, or above the floor where a measure has no
        p. Views: correlation, ols, anova main, fanova main, fanova total, impurity, permutation, anova pair (its
        strongest), hsic (all runs, failures lowest), hsic successful, hsic best, hsic fail, anova by data set (the mean
        share within data sets).
        ``tests``: one row a reason: test (interaction, non-monotone, cardinality, only avoids failures, data set,
        matters at the top, matters below the top), hyperparameter, other, statistic (the number behind it), between
        (which views), told (a sentence). It is empty where measures agree.

    Raises
    ------
    UserError
        If the quantile does not lie between 0 and 1, or fewer than 20 runs have a metric.

    Notes
    -----
    The rules look for the usual reasons and give none where none of them has its number; two rankings of
    hyperparameters that do not matter differ by chance, and no reason is looked for there.
    """
    best = top(quantile)
    seed = rng if isinstance(rng, int) else int(generator(rng).integers(2**31))
    found, runs, caveats = places(sweep, "metric", by="dataset", seed=seed)
    whole = found[0]
    tables = [_view(view, whole, *rule) for view, rule in VIEWS.items()]
    tables.append(_view("hsic best", _other(sweep, best, seed), "hsic", "main", ""))
    if not sweep.ok.all():
        tables.append(_view("hsic fail", _other(sweep, "fail", seed), "hsic", "main", ""))
        tables.append(_view("hsic", _other(sweep, "rank", seed), "hsic", "main", ""))
        tables.append(_view("hsic successful", whole, "hsic", "main", ""))
    else:
        tables.append(_view("hsic", whole, "hsic", "main", ""))
    tables += [_pair_view(whole), *_by_dataset(found[1:])]
    table = pd.concat([t for t in tables if len(t)], ignore_index=True) if any(map(len, tables)) else pd.DataFrame()
    table = table.reindex(columns=list(COLUMNS)).assign(dataset=POOLED, runs=runs, reference="", other_value="")
    forest = {} if whole.constant or not whole.names else _pairs(whole)
    known = reasons(Seen(table, forest, whole)) if len(table) else []
    tests = pd.DataFrame(known, columns=list(REASONS))
    caveats += extremes(whole)
    caveats += [CHOSEN] if balance(sweep).adaptive else []
    if whole.constant:
        caveats.append("The outcome is the same in every run: nothing is there to matter.")
    elif forest and not forest["shares"]:
        caveats.append("The surrogate is too weak for shares: its views are empty, and interactions cannot be seen.")
    asked = metric_facts(sweep) | {"quantile": quantile, "views": list(dict.fromkeys(table["measure"].dropna()))}
    return Answer("disagreement", table, tests=tests, asked=asked, caveats=tuple(caveats))


def _other(sweep: Sweep, of: Any, seed: int) -> Place:
    return places(sweep, of, by="pooled", seed=seed)[0][0]


def _view(view: str, place: Place, measure: str, effect: str, scale: str) -> pd.DataFrame:
    table = table_of(place, measured(place, measure), "all", measure)
    if table.empty:
        return table
    table = table[(table["effect"] == effect) & (table["scale"].eq(scale) | (scale == ""))]
    return _ranked(table.assign(measure=view))


def _pair_view(place: Place) -> pd.DataFrame:
    """The strongest pair of each hyperparameter by design; p adjusted over all pairs."""
    table = table_of(place, measured(place, "anova"), "all", "anova")
    pairs = table[(table["effect"] == "pair") & np.isfinite(table["p"])] if len(table) else table
    if pairs.empty:
        return pairs
    turned = pairs.rename(columns={"hyperparameter": "other", "other": "hyperparameter"})
    both = pd.concat([pairs, turned[pairs.columns]]).sort_values("p", kind="stable", key=ordering)
    return _ranked(both.drop_duplicates("hyperparameter").assign(measure="anova pair"))


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    size = table["estimate"].abs()
    judged = table["p_adjusted"] <= LEVEL
    above = table["p_adjusted"].isna() & (table["estimate"] > table["floor"])
    return table.assign(rank=size.rank(ascending=False, method="min"), matters=judged | above)


def _by_dataset(apart: list[Place]) -> list[pd.DataFrame]:
    """The mean share within data sets; it matters where it does in one of them, Holm's over all of them."""
    if len(apart) < 2:
        return []
    tables = [table_of(place, measured(place, "anova"), "all", "anova") for place in apart if not place.constant]
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=["effect"])
    table = table[table["effect"] == "main"]
    if table.empty:
        return []
    table = table.assign(p_adjusted=holm(table["p"].to_numpy(float)))
    mean = table.groupby("hyperparameter", sort=False)
    rows = mean[["estimate", "floor"]].mean().assign(n=mean["n"].sum(), p=mean["p"].min())
    rows = rows.assign(
        p_adjusted=mean["p_adjusted"].min(), effect="main", scale="share of variance", other="", value=""
    )
    return [_ranked(rows.reset_index().assign(measure="anova by data set", low=np.nan, high=np.nan))]


def _pairs(place: Place) -> dict[str, Any]:
    """Pair shares of the surrogate and how much it explains; nothing where it is too weak."""
    found = measured(place, "fanova")
    pairs = [row for row in found.rows if row["effect"] == "pair"]
    shares = {(row["hyperparameter"], row["other"]): row["estimate"] for row in pairs}
    floor = max((row["floor"] for row in pairs), default=np.nan)
    return {"r2": found.facts.get("r2", np.nan), "shares": shares, "floor": floor}
