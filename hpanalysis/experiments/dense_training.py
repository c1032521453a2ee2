"""How does a small dense network learn? Plain numpy, one flat vector of weights, the same scores on every machine.

Arithmetic is in double precision, and after each update the weights are rounded to single: what another processor's
sums or exponentials do in the last digits is lost there, before training can amplify it.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from hpanalysis.experiments.dense import DenseConfiguration, Schedule, layer_sizes, multiply_adds
from hpanalysis.experiments.dense_targets import Points, Target
from hpanalysis.search.record import Result

UPDATES = 400
TINY = 1e-8  # of Adam and RMSProp
WORST = 10.0  # standard deviations of the target: a network that is further off has diverged
WEIGHTS_NORMAL = 0.1


class Network:
    """A dense network whose weights and gradients are views of two flat vectors.

    Parameters
    ----------
    configuration
        Its layers, activation and initialization, and how it is trained.
    inputs, outputs
        Their numbers.
    rng
        Where its first weights come from.

    Examples
    --------
    >>> from hpanalysis.experiments.dense import DENSE, checked
    >>> configuration = checked(DENSE.sample(np.random.default_rng(0)) | {"n_layers": 2, "n_units": 8})
    >>> network = Network(configuration, 3, 1, np.random.default_rng(0))
    >>> network.weights.shape, network.predict(np.zeros((5, 3))).shape
    ((113,), (5, 1))
    """

    def __init__(self, configuration: DenseConfiguration, inputs: int, outputs: int, rng: np.random.Generator):
        self.configuration = configuration
        self.sizes = layer_sizes(configuration, inputs, outputs)
        shapes = list(pairwise(self.sizes))
        self.weights = np.zeros(sum(a * b + b for a, b in shapes))
        self.gradient = np.zeros_like(self.weights)
        self._penalised = np.zeros_like(self.weights)  # 1 for what is no bias
        self._layers = self._views(self.weights)
        self._gradients = self._views(self.gradient)
        for (w, _), (free, _) in zip(self._layers, self._views(self._penalised), strict=True):
            w[:] = _initial(configuration["initialization"], w.shape[0], w.shape[1], rng)
            free[:] = 1
        self.settle()

    def _views(self, flat: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        out, at = [], 0
        for a, b in pairwise(self.sizes):
            out.append((flat[at : at + a * b].reshape(a, b), flat[at + a * b : at + a * b + b]))
            at += a * b + b
        return out

    def settle(self) -> None:
        """Round the weights to single precision."""
        self.weights[:] = self.weights.astype(np.float32)

    def _forward(self, x: np.ndarray) -> list[np.ndarray]:
        values, name = [x], self.configuration["activation"]
        for w, b in self._layers[:-1]:
            z = values[-1] @ w
            z += b
            if name == "relu":
                np.maximum(z, 0, out=z)
            elif name == "elu":
                z = np.where(z > 0, z, np.expm1(np.minimum(z, 0)))
            elif name == "tanh":
                np.tanh(z, out=z)
            else:
                z = 0.5 + 0.5 * np.tanh(0.5 * z)
            values.append(z)
        w, b = self._layers[-1]
        return [*values, values[-1] @ w + b]

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Outputs for inputs of shape (points, inputs), shape (points, outputs)."""
        return self._forward(x)[-1]

    def objective(self, x: np.ndarray, y: np.ndarray) -> float:
        """What training makes small: the mean loss of all outputs, and the penalty."""
        r, loss, penalty = self.predict(x) - y, self.configuration["loss"], self.configuration["penalty"]
        size = np.abs(r)
        each = {"squared": r**2, "absolute": size, "huber": np.where(size < 1, r**2 / 2, size - 0.5)}[loss]
        w = self.weights * self._penalised
        cost = {"none": 0.0, "l1": np.abs(w).sum(), "l2": (w**2).sum()}[penalty]
        return float(each.mean() + self.configuration.get("penalty_strength", 0.0) * cost)

    def backward(self, x: np.ndarray, y: np.ndarray) -> None:
        """Write the gradient of `objective` into `gradient`."""
        values, name = self._forward(x), self.configuration["activation"]
        r, loss = values[-1] - y, self.configuration["loss"]
        each = 2 * r if loss == "squared" else np.sign(r) if loss == "absolute" else np.clip(r, -1, 1)
        delta = each / r.size
        for layer in reversed(range(len(self._layers))):
            h, (gw, gb) = values[layer], self._gradients[layer]
            np.matmul(h.T, delta, out=gw)
            np.sum(delta, axis=0, out=gb)
            if layer:
                delta = delta @ self._layers[layer][0].T
                if name == "relu":
                    delta *= h > 0
                elif name == "elu":
                    delta *= np.where(h > 0, 1.0, h + 1)
                elif name == "tanh":
                    delta *= 1 - h * h
                else:
                    delta *= h * (1 - h)
        penalty, strength = self.configuration["penalty"], self.configuration.get("penalty_strength", 0.0)
        if penalty != "none":
            w = self.weights * self._penalised
            self.gradient += strength * (np.sign(w) if penalty == "l1" else 2 * w)


def _initial(name: str, fan_in: int, fan_out: int, rng: np.random.Generator) -> np.ndarray:
    if name == "glorot_uniform":
        return np.asarray(rng.uniform(-1, 1, (fan_in, fan_out)) * np.sqrt(6 / (fan_in + fan_out)))
    glorot, he = np.sqrt(2 / (fan_in + fan_out)), np.sqrt(2 / fan_in)
    spread = {"normal": WEIGHTS_NORMAL, "glorot_normal": glorot, "he_normal": he}[name]
    return np.asarray(rng.normal(size=(fan_in, fan_out)) * spread)


class Optimizer:
    """Steps of Adam, RMSProp, SGD with momentum, or plain SGD, on a flat vector.

    Examples
    --------
    >>> from hpanalysis.experiments.dense import DENSE, checked
    >>> drawn = DENSE.sample(np.random.default_rng(0)) | {"optimizer": "sgd"}
    >>> Optimizer(checked(drawn), 2).step(np.array([1.0, -2.0]), 0.5).tolist()
    [0.5, -1.0]
    """

    def __init__(self, configuration: DenseConfiguration, size: int):
        self._how = configuration
        self._mean, self._square, self._steps = np.zeros(size), np.zeros(size), 0

    def step(self, gradient: np.ndarray, rate: float) -> np.ndarray:
        """What to take away from the weights."""
        name = self._how["optimizer"]
        self._steps += 1
        if name == "sgd":
            return np.asarray(rate * gradient)
        if name == "momentum":
            self._mean *= self._how["momentum"]
            self._mean += gradient
            return np.asarray(rate * self._mean)
        beta = self._how["beta_2"]
        self._square *= beta
        self._square += (1 - beta) * gradient * gradient
        if name == "rmsprop":
            return np.asarray(rate * gradient / (np.sqrt(self._square) + TINY))
        self._mean *= self._how["beta_1"]
        self._mean += (1 - self._how["beta_1"]) * gradient
        first, second = 1 - self._how["beta_1"] ** self._steps, 1 - beta**self._steps
        return np.asarray((rate / first) * self._mean / (np.sqrt(self._square / second) + TINY))


def rates(schedule: Schedule, first: float, final: float, updates: int) -> np.ndarray:
    """The step size of every update.

    Examples
    --------
    >>> rates("exponential", 1.0, 0.01, 3).round(6).tolist(), rates("cosine", 1.0, 0.0, 3).round(6).tolist()
    ([1.0, 0.1, 0.01], [1.0, 0.5, 0.0])
    """
    at = np.linspace(0, 1, updates)
    if schedule == "exponential":
        return np.asarray(first * final**at)
    if schedule == "cosine":
        return np.asarray(first * (final + (1 - final) * (1 + np.cos(np.pi * at)) / 2))
    return np.full(updates, first)


def train(configuration: DenseConfiguration, seed: int, data: Target, *, updates: int = UPDATES) -> Result:
    """Train one network; its scores, and what a prediction and the training cost.

    Parameters
    ----------
    configuration
        What is trained.
    seed
        Of the first weights and of the order of points.
    data
        The target.
    updates
        Steps of the optimizer; each epoch has an order of its own, and what is left of it is dropped.

    Returns
    -------
    Result
        log10_rmse and test_log10_rmse (validation and test points), cost, parameters, training_cost.

    Examples
    --------
    >>> from hpanalysis.experiments.dense import DENSE, checked
    >>> from hpanalysis.experiments.dense_targets import target
    >>> configuration = checked(DENSE.sample(np.random.default_rng(0)))
    >>> found = train(configuration, 1, target("runge"), updates=20)
    >>> found == train(configuration, 1, target("runge"), updates=20)
    True
    """
    rng = np.random.default_rng(seed)
    x, y = data.train
    network = Network(configuration, x.shape[1], y.shape[1], rng)
    optimizer, batch = Optimizer(configuration, len(network.weights)), configuration["batch_size"]
    steps = rates(
        configuration["schedule"], configuration["learning_rate"], configuration.get("final_rate", 1), updates
    )
    done = 0
    with np.errstate(all="ignore"):  # what overflows has diverged, and is seen to
        while done < updates and np.isfinite(network.weights).all():
            order = rng.permutation(len(x))
            for start in range(0, len(x) - batch + 1, batch):
                rows = order[start : start + batch]
                network.backward(x[rows], y[rows])
                network.weights -= optimizer.step(network.gradient, steps[done])
                network.settle()
                done += 1
                if done == updates:
                    break
        scores = [_log10_rmse(network, points) for points in (data.validation, data.test)]
    cost = multiply_adds(network.sizes)
    if not scores[0] <= np.log10(WORST):
        scores = [np.nan, np.nan]
    return {
        "log10_rmse": scores[0],
        "test_log10_rmse": scores[1],
        "cost": cost,
        "parameters": len(network.weights),
        "training_cost": 3 * cost * batch * updates,
    }


def _log10_rmse(network: Network, points: Points) -> float:
    x, y = points
    # Eight digits are written: what the last sum of another processor does is not among them.
    return float(np.log10(np.sqrt(np.mean((network.predict(x) - y) ** 2))))
