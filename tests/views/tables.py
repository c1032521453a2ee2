"""Tables that linked views must bear: ordinary ones, and those that would break a page that trusts them."""

from dataclasses import replace

import numpy as np
import pandas as pd

import hpanalysis as hp

MARKUP = "</script><img src=x onerror=window.ran=1>"
HOSTILE_LEVELS = (MARKUP, "a,b;c:d&e=f%41+g", "<!--", "'\"`{{}}\\", "x" * 300)


def ordinary(runs: int = 300, seed: int = 0) -> hp.Sweep:
    """A sweep as many have it: two data sets, two choices, one range, some failed runs, no curves."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "task": rng.choice(["easy", "hard"], runs),
            "optimizer": rng.choice(["adam", "sgd"], runs),
            "depth": rng.choice([2, 3, 4], runs),
            "learning_rate": 10 ** rng.uniform(-4, -1, runs),
            "accuracy": rng.uniform(0.1, 0.9, runs),
        }
    )
    frame.loc[rng.random(runs) < 0.05, "accuracy"] = np.nan
    return hp.read(frame, metric="accuracy", goal="max", datasets=["task"], name="ordinary")


def hostile(runs: int = 120) -> hp.Sweep:
    """Markup, scripts, separators and quotes as names and levels; a column that is called like a score."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            f"set {MARKUP}": rng.choice(["<b>1</b>", "javascript:window.ran=1"], runs),
            MARKUP: rng.choice(HOSTILE_LEVELS, runs),
            "rank": rng.choice([1, 2, 3], runs),
            "__proto__": rng.choice(["constructor", "toString"], runs),
            "a`b'c\"d": rng.uniform(0, 1, runs),
            "n" * 400: rng.choice(["y", "z"], runs),
            "\u202e\u2028 \u0000": rng.choice(["é", "💥"], runs),
            "accuracy": rng.uniform(0, 1, runs),
        }
    )
    # What `read` refuses as a name, a sweep that is made by hand may have.
    return replace(hp.read(frame, metric="accuracy", goal="max", datasets=[f"set {MARKUP}"]), name=MARKUP)


def wide(columns: int = 300, runs: int = 60) -> hp.Sweep:
    """Hundreds of hyperparameters."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({f"h{i}": rng.choice(["a", "b"], runs) for i in range(columns)})
    space = hp.Space(tuple(hp.Hyperparameter(name, "categorical", ("a", "b")) for name in frame))
    roles = dict.fromkeys(frame, "hyperparameter") | {"accuracy": "metric"}
    runs_of = frame.assign(accuracy=rng.uniform(0, 1, runs))
    return hp.Sweep(runs_of, space, roles, "accuracy", "max", name="wide")


def single() -> hp.Sweep:
    """One run."""
    return ordinary().subset(np.arange(300) == 0)


def failed() -> hp.Sweep:
    """No run has a result."""
    sweep = ordinary()
    return sweep.subset(~sweep.ok)


def equal() -> hp.Sweep:
    """All runs have the same result."""
    sweep = ordinary()
    return replace(sweep, runs=sweep.runs.assign(accuracy=0.5))


AWKWARD = {"hostile": hostile, "wide": wide, "one run": single, "all failed": failed, "all equal": equal}


def measured_in_steps(runs: int = 50, steps: int = 12) -> hp.Sweep:
    """A sweep to be minimised, with curves, text as names of runs, and runs that ended in several ways."""
    rng = np.random.default_rng(3)
    names = [f"trial-{i}" for i in rng.permutation(runs)]
    frame = pd.DataFrame(
        {
            "run": names,
            "optimizer": rng.choice(["adam", "sgd"], runs),
            "status": rng.choice(["complete", "failed", "diverged"], runs, p=[0.8, 0.1, 0.1]),
            "loss": rng.exponential(1.0, runs) + 0.01,
        }
    )
    curves = pd.DataFrame(
        {
            "run": np.repeat(names, steps),
            "step": np.tile(np.arange(steps) * 100, runs),
            "loss": rng.exponential(1.0, runs * steps),
        }
    )
    return hp.read(frame, metric="loss", goal="min", name="in-steps", history=curves)
