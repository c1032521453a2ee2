"""Dense networks in numpy: gradients, optimizers and targets against others, and the same scores on every machine."""

from typing import get_args, get_type_hints

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from hpanalysis.errors import UserError
from hpanalysis.experiments import dense_training
from hpanalysis.experiments.dense import DENSE, DenseConfiguration, checked, layer_sizes, multiply_adds
from hpanalysis.experiments.dense_targets import ABSORPTION, RATE, SPEED, TARGETS, bateman, friedman, target
from hpanalysis.experiments.dense_training import Network, Optimizer, rates, train

PLAIN = {
    **{"n_layers": 2, "n_units": 5, "activation": "tanh", "initialization": "glorot_normal", "optimizer": "sgd"},
    **{"learning_rate": 0.05, "batch_size": 8, "loss": "squared", "penalty": "none", "schedule": "constant"},
}
FORMS = [
    *({"activation": name} for name in ("relu", "elu", "tanh", "sigmoid")),
    *({"loss": name} for name in ("absolute", "huber")),
    *({"penalty": name, "penalty_strength": 0.3} for name in ("l1", "l2")),
    *({"n_layers": layers} for layers in (1, 4)),
]


def test_the_type_of_a_configuration_has_the_hyperparameters_and_levels_of_the_space():
    hints = get_type_hints(DenseConfiguration)
    assert tuple(hints) == DENSE.names and len(DENSE) == 15
    levels = {name: get_args(hint) for name, hint in hints.items() if isinstance((get_args(hint) or (0,))[0], str)}
    assert levels == {h.name: h.levels for h in DENSE if h.kind == "categorical"}
    assert {h.name for h in DENSE if h.condition} == {
        *("momentum", "beta_1", "beta_2", "penalty_strength", "final_rate")
    }


def test_every_draw_is_a_configuration_and_what_is_inactive_is_left_out():
    rng = np.random.default_rng(0)
    for _ in range(50):
        drawn = DENSE.sample(rng)
        assert checked(drawn) == drawn
    assert checked({**PLAIN, "momentum": 0.9}) == PLAIN


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"optimizer": "lion"},
            "the optimizer of a dense network is 'lion'; choose one of adam, rmsprop, momentum, sgd",
        ),
        ({"n_units": 0}, "the n_units of a dense network is 0; choose a number above 0"),
        ({"optimizer": "momentum"}, "the momentum of a dense network is None; choose a number above 0"),
    ],
)
def test_what_is_no_configuration_is_refused_in_one_sentence(changed, message):
    with pytest.raises(UserError, match=message):
        checked(PLAIN | changed)


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_gradients_are_those_of_finite_differences(form):
    rng = np.random.default_rng(3)
    network = Network(checked(PLAIN | form), 3, 2, rng)
    network.weights += rng.normal(size=network.weights.shape) * 0.3
    x, y = rng.normal(size=(11, 3)), rng.normal(size=(11, 2))
    network.backward(x, y)
    found, by_hand, step = network.gradient.copy(), np.empty_like(network.gradient), 1e-6
    for i, w in enumerate(network.weights.copy()):
        ends = []
        for moved in (w - step, w + step):
            network.weights[i] = moved
            ends.append(network.objective(x, y))
        network.weights[i] = w
        by_hand[i] = (ends[1] - ends[0]) / (2 * step)
    assert np.abs(found).max() > 1e-3
    # An absolute value has a corner, which a difference may step over.
    close = np.isclose(found, by_hand, rtol=1e-5, atol=1e-8)
    assert close.mean() > (0.95 if form.get("loss") == "absolute" else 0.999)


def test_the_first_steps_of_every_optimizer_are_those_of_its_formula():
    g = [np.array([1.0, -2.0]), np.array([3.0, 0.5])]
    own = {"momentum": 0.9, "beta_1": 0.8, "beta_2": 0.99}

    def steps(name):
        optimizer = Optimizer(checked(PLAIN | own | {"optimizer": name}), 2)
        return [optimizer.step(gradient, 0.1) for gradient in g]

    np.testing.assert_allclose(steps("sgd"), [0.1 * g[0], 0.1 * g[1]])
    np.testing.assert_allclose(steps("momentum"), [0.1 * g[0], 0.1 * (0.9 * g[0] + g[1])])
    v = [0.01 * g[0] ** 2, 0.99 * 0.01 * g[0] ** 2 + 0.01 * g[1] ** 2]
    np.testing.assert_allclose(steps("rmsprop"), [0.1 * a / np.sqrt(b) for a, b in zip(g, v, strict=True)], rtol=1e-6)
    m = [0.2 * g[0], 0.8 * 0.2 * g[0] + 0.2 * g[1]]
    adam = [0.1 * m[0] / 0.2 / np.sqrt(v[0] / 0.01), 0.1 * m[1] / 0.36 / np.sqrt(v[1] / (1 - 0.99**2))]
    np.testing.assert_allclose(steps("adam"), adam, rtol=1e-6)


def test_a_schedule_ends_where_it_says():
    for name in ("exponential", "cosine"):
        steps = rates(name, 0.2, 0.01, 400)
        assert steps[0] == pytest.approx(0.2) and steps[-1] == pytest.approx(0.002) and (np.diff(steps) <= 0).all()
    assert set(rates("constant", 0.2, 1.0, 400)) == {0.2}


def test_cost_is_counted_by_hand():
    sizes = layer_sizes(checked(PLAIN), 3, 2)
    assert sizes == (3, 5, 5, 2) and multiply_adds(sizes) == 15 + 25 + 10
    found = train(checked(PLAIN), 0, target("bateman"), updates=10)
    assert found["cost"] == 50 and found["parameters"] == 50 + 12
    assert found["training_cost"] == 3 * 50 * 8 * 10


def test_bateman_is_what_integrating_its_equations_gives():
    for first, second, t in ((3.0, 1.5, 4.0), (0.5, 2.0, 10.0), (4.0, 0.1, 1.0)):
        done = solve_ivp(
            lambda _, s: [-SPEED * ABSORPTION * s[1] * s[0], SPEED * RATE * s[1] * s[0]],
            (0, t),
            [first, second],
            rtol=1e-10,
            atol=1e-12,
        )
        np.testing.assert_allclose(bateman(np.array([[first, second, t]]))[0], done.y[:, -1], rtol=1e-6, atol=1e-8)


def test_five_inputs_of_friedman_do_nothing():
    x = np.random.default_rng(0).random((20, 10))
    moved = x.copy()
    moved[:, 5:] = 0
    np.testing.assert_array_equal(friedman(x), friedman(moved))


@pytest.mark.parametrize("name", TARGETS)
def test_targets_are_centred_and_their_points_are_not_shared(name):
    data = target(name)
    for part in data.train:
        np.testing.assert_allclose(part.mean(axis=0), 0, atol=1e-9)
    rows = [{tuple(row) for row in part[0].round(9)} for part in (data.train, data.validation, data.test)]
    assert not rows[0] & rows[1] and not rows[0] & rows[2] and not rows[1] & rows[2]


def test_an_unknown_target_is_refused():
    with pytest.raises(UserError, match="there is no target 'ackley'; choose one of runge, bateman, friedman, digits"):
        target("ackley")


GOOD = PLAIN | {
    **{"optimizer": "adam", "beta_1": 0.9, "beta_2": 0.999, "learning_rate": 0.02, "n_units": 32},
    **{"schedule": "cosine", "final_rate": 0.01},
}


def test_a_good_configuration_learns_and_a_wild_one_diverges():
    assert train(checked(GOOD), 1, target("runge"))["log10_rmse"] < -1.2
    wild = train(checked(PLAIN | {"learning_rate": 50.0, "activation": "relu", "n_layers": 4}), 1, target("runge"))
    assert np.isnan(wild["log10_rmse"]) and np.isnan(wild["test_log10_rmse"])


def test_another_seed_gives_another_network_and_the_same_seed_the_same():
    first, again, other = (train(checked(GOOD), seed, target("bateman"), updates=50) for seed in (1, 1, 2))
    assert first == again and first["log10_rmse"] != other["log10_rmse"]


def test_rounding_errors_of_another_processor_are_lost(monkeypatch):
    """Every gradient is moved in its last digits, as other sums would move it: the scores stay what they were."""
    before = [train(checked(GOOD), seed, target("bateman")) for seed in range(3)]
    rng, backward = np.random.default_rng(0), Network.backward

    def shaken(self, x, y):
        backward(self, x, y)
        self.gradient *= 1 + rng.uniform(-4e-16, 4e-16, self.gradient.shape)

    monkeypatch.setattr(Network, "backward", shaken)
    assert [train(checked(GOOD), seed, target("bateman")) for seed in range(3)] == before


def test_without_settling_they_would_not_be_lost(monkeypatch):
    monkeypatch.setattr(Network, "settle", lambda self: None)
    test = test_rounding_errors_of_another_processor_are_lost
    with pytest.raises(AssertionError), pytest.MonkeyPatch.context() as patch:
        test(patch)


def test_an_epoch_sees_every_point_once_but_for_what_is_left_over(monkeypatch):
    seen = []
    monkeypatch.setattr(dense_training.Network, "backward", lambda self, x, y: seen.extend(x[:, 0]))
    train(checked(PLAIN | {"batch_size": 64}), 0, target("runge"), updates=4)
    half = len(seen) // 2
    assert half == 128 and len(set(seen[:half])) == 128 and seen[:half] != seen[half:]
