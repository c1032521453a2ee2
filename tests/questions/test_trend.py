"""An order among levels: which level is named, and a turn that lies inside the last slice of a range."""

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis.inquiry.inquiry import Inquiry


def trends(frame):
    claims = Inquiry.of(hp.read(frame, metric="score", goal="max")).claims
    return [(row.value, row.direction) for row in claims[claims["question"] == "trend"].itertuples()]


def frame(seed, n=900):
    rng = np.random.default_rng(seed)
    columns = {"lr": 10 ** rng.uniform(-4, -1, n), "act": rng.choice(["relu", "tanh"], n)}
    batch = rng.choice([16, 32, 64, 128, 256], n, p=[0.2, 0.1, 0.4, 0.1, 0.2])
    return pd.DataFrame(columns | {"batch_size": batch}), rng.gamma(2, 1, n)


@pytest.mark.parametrize("seed", range(3))
def test_best_inside_names_the_level_that_wins_most_not_the_one_with_most_runs(seed):
    runs, noise = frame(seed)
    gain = runs["batch_size"].map({16: 0, 32: 0.2, 64: 1.2, 128: 2.6, 256: 0})
    assert trends(runs.assign(score=gain - noise)) == [("128", 0.0)]


@pytest.mark.parametrize("seed", range(3))
def test_a_range_whose_last_slice_turns_round_is_not_the_higher_the_better(seed):
    runs, noise = frame(seed)
    u = (np.log10(runs["lr"]) + 4) / 3
    straight = trends(runs.assign(score=8 * u - noise))
    turned = trends(runs.assign(score=np.where(u < 0.9, 8 * u / 0.9, 8 - (u - 0.9) / 0.1 * 4) - noise))
    assert [direction for _, direction in straight] == [1.0] and turned == []
    down = trends(runs.assign(score=8 * (1 - u) - noise))
    assert [direction for _, direction in down] == [-1.0]
    assert trends(runs.assign(score=np.where(u > 0.1, 8 * (1 - u), 4 * u / 0.1) - noise)) == []
