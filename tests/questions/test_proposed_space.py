"""Changes of single hyperparameters, and the space that they make."""

from dataclasses import replace

import pytest

import hpanalysis as hp
from hpanalysis.errors import UserError
from hpanalysis.questions.next_space.change import Change, changed, is_changed, narrowed, tidied, widened
from hpanalysis.sweeps.space import Condition, Hyperparameter, Space


def on_range(low, high, kind="continuous", log=False):
    return Hyperparameter("x", kind, low=low, high=high, log=log)


def ends(h):
    return None if h is None else (h.low, h.high)


def levels(*values, kind="ordinal"):
    return Hyperparameter("x", kind, levels=values)


@pytest.mark.parametrize(
    ("h", "side", "expected"),
    [
        (on_range(1e-4, 1e-1, log=True), "high", (1e-4, 1.0)),
        (on_range(1e-4, 1e-1, log=True), "low", (1e-5, 1e-1)),
        (on_range(10.0, 40.0), "high", (10.0, 50.0)),
        (on_range(10.0, 40.0), "low", (0.0, 40.0)),
        (on_range(0.0, 0.6), "low", None),
        (on_range(0.0, 0.6), "high", (0.0, 0.8)),
        (on_range(0.0, 0.9), "high", (0.0, 1.0)),
        (on_range(0.0, 1.0), "high", None),
        (on_range(-3.0, 0.0), "low", (-4.0, 0.0)),
        (on_range(16, 128, "integer", log=True), "high", (16, 256)),
        (on_range(2, 4, "integer"), "high", (2, 5)),
        (on_range(1, 4, "integer"), "low", None),
        (on_range(0, 6, "integer"), "low", None),
        (on_range(3, 30, "integer"), "low", (1, 30)),
    ],
)
def test_a_range_is_widened_on_its_own_scale_and_not_past_what_is_natural(h, side, expected):
    assert ends(widened(h, side)) == (pytest.approx(expected) if expected else None)


@pytest.mark.parametrize(
    ("h", "side", "expected"),
    [
        (levels(32, 64, 128), "high", (32, 64, 128, 256)),
        (levels(32, 64, 128), "low", (16, 32, 64, 128)),
        (levels(2, 3, 4), "high", (2, 3, 4, 5)),
        (levels(1, 2, 3), "low", None),
        (levels(1, 2, 4), "low", None),
        (levels(0.1, 0.2, 0.3), "high", (0.1, 0.2, 0.3, 0.4)),
        (levels(1, 2, 5), "high", None),
        (levels("s", "m", "l"), "high", None),
        (levels(2, 4), "high", None),
    ],
)
def test_an_order_goes_on_by_its_factor_or_its_step(h, side, expected):
    new = widened(h, side)
    assert (new and new.levels) == expected


def test_a_range_is_narrowed_outwards_and_never_beyond_itself():
    h = on_range(1e-4, 1e-1, log=True)
    new = narrowed(h, 1 / 3 + 0.001, 2 / 3 + 0.001)
    assert new.low <= h.from_unit([1 / 3 + 0.001])[0] < new.low * 1.1
    assert new.high >= h.from_unit([2 / 3 + 0.001])[0] > new.high / 1.1
    assert ends(narrowed(h, 0.0, 0.5))[0] == h.low and ends(narrowed(h, 0.5, 1.0))[1] == h.high
    whole = narrowed(on_range(1, 100, "integer"), 0.25, 0.5)
    assert ends(whole) == (25, 51) and isinstance(whole.low, int)


def test_every_kind_of_change_makes_its_space():
    space = Space(
        (
            Hyperparameter("optimizer", "categorical", levels=("adam", "sgd", "lion")),
            Hyperparameter("rate", "continuous", low=1e-4, high=1e-1, log=True),
            Hyperparameter("layers", "integer", low=1, high=3),
            Hyperparameter("kept", "boolean", levels=(False, True)),
        )
    )
    changes = {
        "optimizer": Change("keep", dropped=("sgd",)),
        "rate": Change("fix", fixed=0.01),
        "layers": Change("keep", dropped=("1",)),
    }
    new = changed(space, changes)
    assert new["optimizer"].levels == ("adam", "lion")
    assert (new["rate"].kind, new["rate"].levels) == ("ordinal", (0.01,))
    assert ends(new["layers"]) == (2, 3)
    assert new["kept"] == space["kept"]
    assert changed(space, {"layers": Change("keep", dropped=("1", "3"))})["layers"].levels == (2,)
    order = Space((Hyperparameter("size", "ordinal", levels=(8, 16, 32)),))
    more = changed(order, {"size": Change("keep", dropped=("8", "16"), side="high")})
    assert more["size"].levels == (32, 64)
    assert changed(space, {"layers": Change("fix", fixed=3)})["layers"].levels == (3,)
    assert ends(changed(space, {"rate": Change("widen", side="high")})["rate"]) == pytest.approx((1e-4, 1.0))


def test_what_depends_on_a_dropped_level_leaves_with_all_that_hangs_on_it():
    space = Space(
        (
            Hyperparameter("optimizer", "categorical", levels=("adam", "sgd", "lion")),
            Hyperparameter("nesterov", "boolean", levels=(False, True), condition=Condition("optimizer", ("sgd",))),
            Hyperparameter("depth", "integer", low=1, high=9, condition=Condition("nesterov", (True,))),
            Hyperparameter("beta", "continuous", low=0, high=1, condition=Condition("optimizer", ("adam", "sgd"))),
        )
    )
    new = changed(space, {"optimizer": Change("keep", dropped=("sgd",))})
    assert new.names == ("optimizer", "beta")
    assert new["beta"].condition == Condition("optimizer", ("adam",))
    assert changed(space, {}) == space


def test_only_the_answer_of_next_space_has_one():
    with pytest.raises(UserError, match="'DataFrame'; give the Answer of next_space"):
        import pandas as pd

        hp.proposed_space(pd.DataFrame())


def test_ends_that_were_read_off_a_table_are_rounded_outwards_and_declared_ones_stay():
    read = Hyperparameter("lr", "continuous", low=1.1894984834001417e-05, high=0.9892220251093194, log=True)
    assert (tidied(read).low, tidied(read).high) == (1.18e-05, 0.99)
    declared = Hyperparameter("lr", "continuous", low=0.00012345, high=0.3, log=True)
    assert tidied(declared) == declared
    assert tidied(Hyperparameter("depth", "integer", low=1, high=1234567)).high == 1234567


def test_rounding_does_not_stretch_a_range_that_is_short_beside_its_values():
    short = tidied(on_range(1000.123456, 1001.567891))
    assert 1000.1 < short.low <= 1000.123456 and 1001.567891 <= short.high < 1001.6


def test_rounded_ends_and_a_shorter_condition_are_no_change():
    read = on_range(1.1894984834001417e-05, 0.9892220251093194, log=True)
    assert not is_changed(read, tidied(read))
    assert is_changed(read, tidied(narrowed(read, 0.2, 0.8))) and is_changed(read, None)
    inner = Hyperparameter("beta", "continuous", low=0, high=1, condition=Condition("optimizer", ("adam", "sgd")))
    assert not is_changed(inner, replace(inner, condition=Condition("optimizer", ("adam",))))
