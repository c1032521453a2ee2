"""What the best runs have in common: against HSIC on plain arrays, exact shares, invariance, ties and failures."""

import numpy as np
import pandas as pd
import pytest

from hpanalysis import hsic
from hpanalysis.design.design import Design
from hpanalysis.design.target import places, top
from hpanalysis.errors import UserError
from hpanalysis.questions.answer import VOCABULARY
from hpanalysis.questions.best_runs.ask import best_runs
from hpanalysis.questions.importance.ask import importance
from hpanalysis.questions.importance_measures.by_design import arrays
from hpanalysis.sweeps.space import Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep
from tests.questions.test_importance import mixed

POOLED = "all data sets"


def simple(runs=400, seed=0, goal="max", pair=False, datasets=1):
    """One level of "kind" is good and "rate" best in its middle; with `pair` it is good that a and b are the same."""
    rng = np.random.default_rng(seed)
    levels = {"kind": ("p", "q", "r", "s"), "a": ("u", "v"), "b": ("u", "v")}
    space = Space(
        (
            *(Hyperparameter(name, "categorical", values) for name, values in levels.items()),
            Hyperparameter("rate", "continuous", low=0.0, high=1.0),
        )
    )
    table = pd.DataFrame({name: rng.choice(values, runs) for name, values in levels.items()})
    table["rate"] = rng.random(runs)
    table["data"] = rng.choice([f"d{i}" for i in range(datasets)], runs)
    match = 2.0 * (table["a"] == table["b"]) if pair else 2.0 * (table["kind"] == "q") - 6 * (table["rate"] - 0.5) ** 2
    score = match + 0.3 * rng.normal(size=runs) + table["data"].str[1:].astype(float)
    roles = dict.fromkeys(space.names, "hyperparameter") | {"data": "dataset", "score": "metric"}
    return Sweep(table.assign(score=score if goal == "max" else -score), space, roles, "score", goal, name="simple")


def part(answer, effect, dataset=POOLED, quantile=None):
    rows = answer.frame[(answer.frame["effect"] == effect) & (answer.frame["dataset"] == dataset)]
    return rows if quantile is None else rows[rows["quantile"] == quantile]


def test_the_index_is_that_of_hsic_on_plain_arrays():
    sweep = simple(datasets=2)
    (place, *_), _, _ = places(Design(sweep), top(0.1), by="pooled", seed=0)
    x, kinds = arrays(place)
    found = part(best_runs(sweep), "main")
    assert set(found["quantile"]) == {0.05, 0.1, 0.2, 0.3}
    for quantile, rows in found.groupby("quantile"):
        plain = hsic.goal_oriented(x, 1 - place.rank, hsic.Goal(kinds, quantile=quantile))
        assert rows["hyperparameter"].tolist() == list(place.names)
        assert rows["estimate"].to_numpy() == pytest.approx(plain.r2, rel=1e-9)
    bars = importance(sweep, measure="hsic", of=top(0.1), by="pooled").frame
    assert part(best_runs(sweep), "main", quantile=0.1)["estimate"].to_numpy() == pytest.approx(
        bars["estimate"].to_numpy()
    )


def test_shares_are_those_counted_by_hand():
    sweep = simple(datasets=1)
    best = sweep.outcome >= np.sort(sweep.outcome)[-40]
    rows = part(best_runs(sweep), "value").set_index(["hyperparameter", "value"])
    for level in "pqrs":
        here = (sweep.runs["kind"] == level).to_numpy()
        row = rows.loc[("kind", level)]
        assert row["estimate"] == here[best].mean() and row["among_all"] == here.mean() and row["n"] == here.sum()
        assert 0 <= row["low"] <= row["estimate"] + 1e-12 and row["estimate"] - 1e-12 <= row["high"] <= 1
    for _, shares in rows.groupby("hyperparameter"):
        assert shares[["estimate", "among_all"]].sum().to_numpy() == pytest.approx([1, 1])


def test_what_matters_is_told_from_chance_and_the_rest_is_not():
    rows = part(best_runs(simple()), "main", quantile=0.1).set_index("hyperparameter")
    assert (rows.loc[["kind", "rate"], "p_adjusted"] <= 0.01).all()
    assert (rows.loc[["kind", "rate"], "estimate"] > rows.loc[["kind", "rate"], "floor"]).all()
    assert (rows.loc[["a", "b"], "p_adjusted"] > 0.05).all()
    assert (rows["p_adjusted"] >= rows["p"]).all()


def test_a_pair_is_found_whose_values_match_among_the_best():
    answer = best_runs(simple(pair=True))
    first = part(answer, "pair").sort_values("p_adjusted").iloc[0]
    assert {first["hyperparameter"], first["other"]} == {"a", "b"} and first["value"] == first["other_value"]
    assert first["p_adjusted"] <= 0.01
    assert (part(answer, "pair")["p_adjusted"] <= 0.05).sum() == 1
    assert (part(answer, "main", quantile=0.1)["p_adjusted"] > 0.05).all()


def test_the_goal_does_not_matter_nor_does_the_scale_of_the_metric():
    high, low = (best_runs(simple(goal=goal)).frame for goal in ("max", "min"))
    pd.testing.assert_frame_equal(high, low)
    sweep = simple()
    stretched = Sweep(
        sweep.runs.assign(score=np.exp(sweep.runs["score"])), sweep.space, sweep.roles, "score", "max", name="simple"
    )
    pd.testing.assert_frame_equal(high, best_runs(stretched).frame)


def test_the_same_seed_gives_the_same_table_and_another_seed_only_another_chance():
    one, two, other = (best_runs(simple(), rng=seed).frame for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(one, two)
    pd.testing.assert_frame_equal(
        one.drop(columns=["p", "p_adjusted", "floor"]), other.drop(columns=["p", "p_adjusted", "floor"])
    )
    assert (one["floor"].dropna() != other["floor"].dropna()).any()


def test_every_kind_repeats_failures_and_conditions_are_taken():
    answer = best_runs(mixed())
    assert list(answer.frame.columns) == [*VOCABULARY, "effect", "floor", "quantile", "among_all"]
    assert set(answer.frame["dataset"]) == {POOLED, "a", "b"} and answer.frame["runs"].eq("all").all()
    rows = part(answer, "main", quantile=0.1).set_index("hyperparameter")
    assert rows.loc["momentum", "n"] < rows.loc["rate", "n"] == 200  # 400 runs repeat 200 configurations
    assert any("each configuration counts once" in caveat for caveat in answer.caveats)


def test_where_every_run_is_the_same_there_is_no_best_one():
    sweep = simple()
    flat = Sweep(sweep.runs.assign(score=1.0), sweep.space, sweep.roles, "score", "max", name="flat")
    answer = best_runs(flat)
    assert answer.frame.empty and any("same outcome" in caveat for caveat in answer.caveats)


def test_ties_all_count_and_are_told():
    sweep = simple()
    tied = Sweep(
        sweep.runs.assign(score=(sweep.runs["kind"] == "q").astype(float)), sweep.space, sweep.roles, "score", "max"
    )
    answer = best_runs(tied)
    assert any(caveat.startswith("Ties: ") for caveat in answer.caveats)
    assert part(answer, "value").set_index(["hyperparameter", "value"]).loc[("kind", "q"), "estimate"] == 1.0


def test_an_error_names_the_value_and_the_choices():
    with pytest.raises(UserError, match="the share of best runs is 1.5; give a number between 0 and 1"):
        best_runs(simple(), quantile=1.5)
    with pytest.raises(UserError, match="importances need 20 or more"):
        best_runs(simple(runs=12))
