"""Does it matter at all, do two act together: exact cases, references, and agreement of the two laws."""

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.errors import UserError
from hpanalysis.statistics.score_tests import act_together, matters, omnibus, rearrangements
from hpanalysis.sweeps.space import Condition, Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep


def toy(recipe, runs, seed):
    sweep = toys.make(recipe, runs, seed)
    design = Design(sweep)
    return sweep, design.regression(design.comparable())


def test_repeats_are_collapsed_to_their_configuration():
    _, regression = toy(toys.CLUSTERED, 300, 0)
    assert len(regression.block) == 100
    assert ((regression.rank > 0) & (regression.rank < 1)).all()


def test_an_effect_on_failures_alone_is_found():
    recipe = toys.Recipe(fails={"optimizer": {"momentum": 0.3}})
    _, regression = toy(recipe, 600, 1)
    order = rearrangements(regression, 0)
    assert matters(regression, "optimizer", order)[1] < 0.002
    assert matters(regression, "nesterov", order)[1] > 0.01


def test_opposite_effects_on_two_data_sets_are_found():
    sweep, regression = toy(toys.NULL, 600, 2)
    on = sweep.codes("augmentation") == 1
    turned = np.where(sweep.block == 0, 1, -1) * np.where(on, 0.3, -0.3)
    opposite = replace(regression, rank=regression.rank + turned)
    assert matters(opposite, "augmentation", rearrangements(opposite, 0))[1] < 1e-6


def test_permutation_and_asymptotic_law_agree():
    p = []
    for seed in range(12):
        _, regression = toy(toys.Recipe(shift={"depth": {"slope": 0.25}}), 900, seed)
        order = rearrangements(regression, seed)
        p.append([matters(regression, "depth", order)[1], matters(regression, "depth", None)[1]])
    drawn, asymptotic = np.array(p).T
    # Bonferroni's factor of three is an upper bound of what permutation finds, and not a loose one.
    assert (drawn <= asymptotic * 1.15 + 0.01).all()
    assert (asymptotic <= 3.2 * drawn + 0.01).all()


def test_above_a_size_nothing_is_permuted(monkeypatch):
    _, regression = toy(toys.NULL, 300, 0)
    parts = list(rearrangements(regression, 0))
    assert np.vstack(parts).shape == (omnibus.PERMUTATIONS, 300)
    monkeypatch.setattr(omnibus, "DRAWS_UP_TO", 100)
    assert rearrangements(regression, 0) is None


def test_the_interaction_test_is_never_below_the_classical_f_test():
    sweep, regression = toy(toys.INTERACTION, 500, 3)
    frame = sweep.runs.assign(y=regression.mean, block=sweep.block)
    others = " + ".join(f"C({n})" for n in ("activation", "batch_size", "depth", "nesterov", "schedule"))
    for name in ("units", "learning_rate", "dropout"):
        for i, column in enumerate(regression.parts[name].T):
            frame[f"{name}{i}"] = column
            others += f" + {name}{i}"
    base = f"y ~ C(block) * C(augmentation) + C(block) * C(optimizer) + {others}"
    small, large = (smf.ols(f, frame).fit() for f in (base, base + " + C(augmentation):C(optimizer)"))
    statistic, df, p = act_together(regression, ("augmentation", "optimizer"))
    assert df == 2
    assert p >= large.compare_f_test(small)[1] * (1 - 1e-6)
    assert p < 1e-3


def test_a_mean_interaction_is_found_and_an_additive_effect_is_none():
    _, together = toy(toys.INTERACTION, 800, 4)
    assert act_together(together, ("augmentation", "optimizer"))[2] < 1e-6
    assert act_together(together, ("augmentation", "activation"))[2] > 0.001


def test_an_unknown_name_is_named_with_what_there_is():
    _, regression = toy(toys.NULL, 60, 0)
    with pytest.raises(
        UserError, match=r"the hyperparameter of a test is 'dept' \(did you mean 'depth'\?\); choose one"
    ):
        matters(regression, "dept", None)
    with pytest.raises(UserError, match="a hyperparameter of a pair is 'x'; choose one of"):
        act_together(regression, ("depth", "x"))


def test_too_small_a_design_cannot_tell():
    _, regression = toy(toys.NULL, 40, 0)
    assert np.isnan(act_together(regression, ("activation", "batch_size"))[2])


@pytest.mark.parametrize("name", ["augmentation", "units"])
def test_a_hyperparameter_without_spread_has_no_p(name):
    _, regression = toy(toys.NULL, 200, 0)
    flat = replace(regression, parts=regression.parts | {name: np.zeros((200, 1))})
    assert np.isnan(matters(flat, name, rearrangements(flat, 0))[1])


def conditional_sweep(runs=600, effect=0.0, seed=0):
    """Momentum exists for sgd only; sgd shifts the metric by `effect`."""
    rng = np.random.default_rng(seed)
    optimizer = rng.choice(["adam", "sgd"], runs)
    table = pd.DataFrame({"optimizer": optimizer, "momentum": np.where(optimizer == "sgd", rng.random(runs), np.nan)})
    table["rate"] = rng.random(runs)
    table["y"] = rng.normal(size=runs) + effect * (optimizer == "sgd")
    only = Condition("optimizer", ("sgd",))
    space = Space(
        (
            Hyperparameter("optimizer", "categorical", ("adam", "sgd")),
            Hyperparameter("momentum", "continuous", low=0.0, high=1.0, condition=only),
            Hyperparameter("rate", "continuous", low=0.0, high=1.0),
        )
    )
    roles = dict.fromkeys(space.names, "hyperparameter") | {"y": "metric"}
    return Sweep(table, space, roles, "y", "max")


def test_a_conditional_hyperparameter_does_not_hide_the_one_it_depends_on():
    regression = Design(conditional_sweep(effect=1.0)).regression(("optimizer", "momentum", "rate"))
    order = rearrangements(regression, 0)
    assert matters(regression, "optimizer", order)[1] < 1e-6
    assert matters(regression, "momentum", order)[1] > 0.01


def test_values_lost_in_crashes_do_not_make_a_hyperparameter_matter():
    sweep = toys.make(toys.Recipe(failing=0.2), 600, 0)
    lost = replace(sweep, runs=sweep.runs.assign(dropout=sweep.runs["dropout"].where(sweep.ok)))
    regression = Design(lost).regression(Design(lost).comparable())
    assert matters(regression, "dropout", rearrangements(regression, 0))[1] > 0.01


def test_a_handful_of_failures_is_not_given_to_the_chi_squared_law():
    rng = np.random.default_rng(0)
    failed = np.zeros(5000)
    failed[:6] = 1.0
    rare = (rng.random((5000, 3)) < [0.3, 0.2, 0.02]).astype(float)
    assert omnibus._sparse(failed, rare)
    assert not omnibus._sparse(np.ones(5000) * (np.arange(5000) < 1500), rare)


def test_with_many_columns_and_few_runs_luck_is_not_found():
    p = []
    for seed in range(25):
        _, regression = toy(toys.NULL, 70, seed)
        order = rearrangements(regression, seed)
        p += [matters(regression, name, order)[1] for name in ("augmentation", "activation", "depth", "nesterov")]
    assert np.mean(np.array(p) < 0.05) < 0.11


def test_a_full_grid_shows_a_crossing_as_surely_as_the_f_test_of_its_runs():
    rng = np.random.default_rng(0)
    cells = np.array(list(itertools.product(range(4), range(5), range(3), range(3))))
    table = pd.DataFrame(cells, columns=list("abcd")).astype(str)
    best = np.array([1, 3, 2, 0])[cells[:, 0]]
    table["score"] = -0.18 * (cells[:, 1] - best) ** 2 + 0.3 * cells[:, 2] + rng.normal(size=180)
    space = Space(tuple(Hyperparameter(name, "categorical", tuple(sorted(table[name].unique()))) for name in "abcd"))
    design = Design(Sweep(table, space, dict.fromkeys("abcd", "hyperparameter") | {"score": "metric"}, "score", "max"))
    assert design.matched_runs is not None
    small, large = (smf.ols(f"score ~ C(a) {sign} C(b) + C(c) + C(d)", table).fit() for sign in "+*")
    p = design.act_together("a", "b").p
    assert p == pytest.approx(large.compare_f_test(small)[1], rel=30) and p < 1e-6
    assert design.act_together("b", "c").p > 0.01
