"""Why do measures differ? Every hyperparameter by every measure, and the reason where one sees what another cannot."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.design.target import Of, Place, places, seed_of, top
from hpanalysis.questions.answer import Answer, Asked, facts_of, in_vocabulary
from hpanalysis.questions.disagreement.reasons import Forest, Reason, Seen, reasons
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.importance_measures.by_design import CHOSEN
from hpanalysis.questions.importance_measures.measured import Measure, extremes, measured, table_of
from hpanalysis.statistics.differences import POOLED
from hpanalysis.statistics.multiplicity import holm
from hpanalysis.statistics.resampling import Rng
from hpanalysis.statistics.rounding import ordering
from hpanalysis.sweeps.sweep import Sweep

# Of the comparison -> (measure, effect, scale of the rows that it takes or "" for any).
VIEWS: dict[str, tuple[Measure, str, str]] = {
    "correlation": ("correlation", "main", ""),
    "ols": ("ols", "main", ""),
    "anova main": ("anova", "main", ""),
    "fanova main": ("fanova", "main", ""),
    "fanova total": ("fanova", "total", ""),
    "impurity": ("forest", "total", "impurity"),
    "permutation": ("permutation", "total", ""),
}
HSIC: tuple[Measure, str, str] = ("hsic", "main", "")
DIAGNOSTICS = ("effect", "floor", "measure", "rank", "matters")
REASONS = list(Reason.__annotations__)


def disagreement(sweep: Sweep | Design, *, quantile: float = 0.1, rng: Rng = 0) -> Answer:
    """Lay all measures of importance side by side, and say by rule why they differ where they do.

    Parameters
    ----------
    sweep
        The runs, or their design.
    quantile
        Share of the runs that count as the best.
    rng
        Seed or generator.

    Returns
    -------
    Answer
        ``frame``: one row per hyperparameter and view, pooled over data sets, with estimate, p_adjusted, floor, rank (1
        for the largest) and whether it matters there: adjusted p up to .05, or above the floor where a measure has no
        p. Views: correlation, ols, anova main, fanova main, fanova total, impurity, permutation, anova pair (its
        strongest), hsic (all runs, failures lowest), hsic successful, hsic best, hsic fail, anova by data set (the mean
        share within data sets).
        ``tests``: one row per reason: test (interaction, non-monotone, cardinality, only avoids failures, data set,
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
    Strobl et al. (2007), doi:10.1186/1471-2105-8-25.

    Examples
    --------
    >>> from hpanalysis import Space, disagreement, toys
    >>> space = Space((toys.SPACE["augmentation"], toys.SPACE["depth"]))
    >>> frame = disagreement(toys.make(toys.Recipe(shift={"augmentation": {"on": 3.0}}, space=space), 60, 0)).frame
    >>> set(frame.loc[frame["matters"].astype(bool), "hyperparameter"])
    {'augmentation'}
    """
    design = Design.of(sweep)
    seed, ok = seed_of(rng), design.sweep.ok.all()
    found, runs, caveats = places(design, "metric", by="dataset", seed=seed)
    whole = found[0]
    about: dict[str, Of] = {"hsic best": top(quantile)}
    if not ok:
        about |= {"hsic fail": "fail", "hsic": "rank"}
    tables = [_view(view, whole, *rule) for view, rule in VIEWS.items()]
    tables += [_view(view, places(design, of, by="pooled", seed=seed).places[0], *HSIC) for view, of in about.items()]
    tables += [_view("hsic" if ok else "hsic successful", whole, *HSIC), _pair_view(whole), *_by_dataset(found[1:])]
    tables = [table for table in tables if len(table)]
    table = in_vocabulary(pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(), *DIAGNOSTICS)
    table = table.assign(dataset=POOLED, runs=runs)
    forest: Forest = {} if whole.constant or not whole.names else _pairs(whole)
    known = reasons(Seen(table, forest, whole)) if len(table) else []
    caveats += extremes(whole)
    caveats += [CHOSEN] if design.adaptive else []
    if whole.constant:
        caveats.append("The outcome is the same in every run: nothing is there to matter.")
    elif forest and not forest["shares"]:
        caveats.append("The surrogate is too weak for shares: its views are empty, and interactions cannot be seen.")
    asked = facts_of(design) | Asked(quantile=quantile, views=list(dict.fromkeys(table["measure"].dropna())))
    return Answer("disagreement", table, pd.DataFrame(known, columns=REASONS), asked=asked, caveats=tuple(caveats))


def _view(view: str, place: Place, measure: Measure, effect: str, scale: str) -> pd.DataFrame:
    table = table_of(place, measured(place, measure), "all", measure)
    return _ranked(table[(table["effect"] == effect) & table["scale"].isin([scale] if scale else table["scale"])], view)


def _pair_view(place: Place) -> pd.DataFrame:
    """The strongest pair of each hyperparameter by design; p adjusted over all pairs."""
    table = table_of(place, measured(place, "anova"), "all", "anova")
    pairs = table[(table["effect"] == "pair") & table["p"].notna()]
    turned = pairs.rename(columns={"hyperparameter": "other", "other": "hyperparameter"})
    both = pd.concat([pairs, turned[pairs.columns]]).sort_values("p", kind="stable", key=ordering)
    return _ranked(both.drop_duplicates("hyperparameter"), "anova pair")


def _ranked(table: pd.DataFrame, view: str) -> pd.DataFrame:
    judged = table["p_adjusted"] <= ALPHA
    above = table["p_adjusted"].isna() & (table["estimate"] > table["floor"])
    rank = table["estimate"].abs().rank(ascending=False, method="min")
    return table.assign(measure=view, rank=rank, matters=judged | above)


def _by_dataset(apart: Sequence[Place]) -> list[pd.DataFrame]:
    """The mean share within data sets; it matters where it does in one of them, Holm's over all of them."""
    tables = [table_of(place, measured(place, "anova"), "all", "anova") for place in apart if not place.constant]
    if len(apart) < 2 or not tables:
        return []
    table = pd.concat(tables, ignore_index=True).query("effect == 'main'")
    table = table.assign(p_adjusted=holm(table["p"].to_numpy(float)))
    how = {"estimate": "mean", "floor": "mean", "n": "sum", "p": "min", "p_adjusted": "min"}
    rows = table.groupby("hyperparameter", sort=False).agg(how).reset_index()
    return [_ranked(rows.assign(effect="main", scale="share of variance"), "anova by data set")]


def _pairs(place: Place) -> Forest:
    """Pair shares of the surrogate and how much it explains; nothing where it is too weak."""
    found = measured(place, "fanova")
    pairs = found.table[found.table["effect"] == "pair"].reindex(
        columns=["hyperparameter", "other", "estimate", "floor"]
    )
    shares = {(one, other): share for one, other, share, _ in pairs.itertuples(index=False, name=None)}
    return {"r2": found.r2, "shares": shares, "floor": float(pairs["floor"].max())}
