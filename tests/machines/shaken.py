"""What would a processor do that rounds ten times as coarsely, and finds other eigenbases? It stands for all others.

Results of `numpy.linalg` are moved by some last digits, eigenvectors get other signs and repeated eigenvalues another
basis, and logarithms of hyperparameters end differently; so does every metric, equal values alike.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hpanalysis.sweeps.sweep import Sweep

COARSE = 2e-15
# Eigenvalues so near each other, beside the largest, have no basis of their own.
TOGETHER = 1e-13


class _Logarithm:
    """numpy, with a logarithm whose last digit is another one, the same for equal numbers."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def log(self, x: Any) -> np.ndarray:
        value, place = np.unique(np.asarray(x, dtype=float), return_inverse=True)
        return (np.log(value) * (1 + 2e-16 * self._rng.uniform(-1, 1, value.shape)))[place].reshape(np.shape(x))


def shake(seed: int) -> None:
    """Make this process round coarsely from now on, by a seed."""
    rng = np.random.default_rng(seed)
    exact = {name: getattr(np.linalg, name) for name in ("eigh", "pinv", "qr", "svd", "lstsq", "solve", "matrix_rank")}

    def moved(a: Any, symmetric: bool = False) -> np.ndarray:
        a = np.asarray(a, dtype=float)
        noise = COARSE * np.abs(np.where(np.isfinite(a), a, 0.0)).max(initial=0.0) * rng.uniform(-1, 1, a.shape)
        return a + ((noise + np.swapaxes(noise, -1, -2)) / 2 if symmetric else noise)

    def eigh(a: Any, *args: Any, **kwargs: Any) -> Any:
        values, vectors = exact["eigh"](moved(a, True), *args, **kwargs)
        vectors = vectors * np.where(rng.random((*vectors.shape[:-2], 1, vectors.shape[-1])) < 0.5, -1.0, 1.0)
        start = 0
        while vectors.ndim == 2 and start < len(values):
            same = np.flatnonzero(values[start:] - values[start] <= TOGETHER * np.abs(values).max())
            stop = start + int(same[-1]) + 1
            turn = exact["qr"](rng.standard_normal((stop - start, stop - start)))[0]
            vectors[:, start:stop] = vectors[:, start:stop] @ turn
            start = stop
        return values, vectors

    def of_moved(name: str) -> Any:
        def call(a: Any, *args: Any, **kwargs: Any) -> Any:
            return exact[name](moved(a, bool(kwargs.get("hermitian"))), *args, **kwargs)

        return call

    for name in exact:
        setattr(np.linalg, name, eigh if name == "eigh" else of_moved(name))
    import hpanalysis.sweeps.space as space

    space.np = _Logarithm(rng)


def shaken(sweep: Sweep, seed: int) -> Sweep:
    """A sweep whose metric ends differently in its last digits; equal values stay equal, and none passes another."""
    value = sweep.runs[sweep.metric].to_numpy(dtype=float, na_value=np.nan)
    known, place = np.unique(value, return_inverse=True)
    new = known * (1 + 1e-14 * np.random.default_rng(seed).uniform(0.5, 1.0))
    return replace(sweep, runs=sweep.runs.assign(**{sweep.metric: new[place]}))
