"""The sweep whose shares are known: by integration, by simulation, and in what it draws."""

import numpy as np
import pytest

from hpanalysis.toys import log_interaction as toy


def test_the_shares_are_those_that_it_promises():
    known = toy.truth()
    assert known.main["learning_rate"] == pytest.approx(0.41, abs=5e-4)
    assert known.total["learning_rate"] == pytest.approx(0.95, abs=5e-4)
    assert known.main["optimizer"] == pytest.approx(0.03, abs=5e-4)
    assert known.total["optimizer"] == pytest.approx(0.56, abs=5e-4)
    assert all(known.main[name] == known.total[name] == 0 for name in toy.NULLS)


def test_main_effects_and_pairs_are_all_there_is():
    known = toy.truth()
    assert sum(known.main.values()) + sum(known.pair.values()) == pytest.approx(1.0, abs=1e-12)
    for name in toy.ACTIVE:
        pairs = sum(size for pair, size in known.pair.items() if name in pair)
        assert known.total[name] == pytest.approx(known.main[name] + pairs, abs=1e-12)


def test_integration_agrees_with_a_large_simulation():
    """Jansen's estimator of total effects on a million draws."""
    rng = np.random.default_rng(0)
    first, second = (_drawn(rng, 1_000_000) for _ in range(2))
    y = toy.surface(*first)
    for j, name in enumerate(toy.ACTIVE):
        moved = [second[k] if k == j else first[k] for k in range(4)]
        total = ((y - toy.surface(*moved)) ** 2).mean() / 2 / y.var()
        assert toy.truth().total[name] == pytest.approx(total, abs=3e-3)


def _drawn(rng, count):
    return [rng.random(count), rng.integers(0, 2, count), rng.integers(0, 4, count), rng.random(count)]


def test_runs_fail_where_the_learning_rate_is_highest_and_nowhere_else():
    sweep = toy.log_interaction(4000, 0)
    u = sweep.space["learning_rate"].to_unit(sweep.values("learning_rate"))
    high = u > toy.FAILS_ABOVE
    assert sweep.ok[~high].all()
    assert (~sweep.ok[high]).mean() == pytest.approx(toy.FAILING, abs=0.07)


def test_the_same_seed_draws_the_same_sweep():
    assert toy.log_interaction(50, 3).runs.equals(toy.log_interaction(50, 3).runs)
    assert not toy.log_interaction(50, 3).runs.equals(toy.log_interaction(50, 4).runs)


def test_an_order_is_right_only_if_every_null_comes_last():
    known = toy.truth().total
    assert toy.ranked_right(known | {"units": 1e-4})
    assert not toy.ranked_right(known | {"units": 0.01})
    assert not toy.ranked_right(known | {"optimizer": 0.02})
