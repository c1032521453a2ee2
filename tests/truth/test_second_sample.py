"""Is the page on new runs of the dense networks about the sweeps that are shipped, and what counts as agreement?"""

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from tests.truth.second_sample import PAGE, ROOT, TARGETS, K, Number, agrees, numbers, proposed, within


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (Number(-0.45, -0.47, -0.43), "yes"),
        (Number(-0.39, -0.41, -0.37), "nearly"),
        (Number(-0.61, -0.63, -0.595), "nearly"),
        (Number(-0.3, -0.32, -0.28), "no"),
        (Number(0.5, 0.45, 0.55), "no"),
    ],
)
def test_a_number_agrees_that_lies_in_the_interval_and_nearly_if_intervals_overlap(new, said):
    assert agrees(Number(-0.5, -0.6, -0.4), new) == said


def test_what_has_no_interval_agrees_if_it_is_shown_in_both():
    assert agrees(Number(0.02, shown=True), Number(0.01, shown=True)) == "yes"
    assert agrees(Number(0.02, shown=True), Number(0.02, shown=False)) == "no"


def test_a_range_is_judged_by_draws_inside_and_outside():
    rng = np.random.default_rng(0)
    rate = 10 ** rng.uniform(-4, 0, 4000)
    error = np.where(rate > 1e-2, -1.0, 0.0) + rng.normal(0, 0.1, 4000)
    table = pd.DataFrame({"run": range(4000), "configuration": range(4000), "learning_rate": rate, "log10_rmse": error})
    sweep = hp.read(table, metric="log10_rmse", goal="min", roles={"configuration": "identifier", "run": "identifier"})
    wins, gain = within(sweep, (1e-2, 1.0)).values()
    assert wins.estimate > 0.999 and gain.low < gain.estimate < gain.high
    # Of 20 draws about ten lie inside: their best is a little worse than that of 20 that do.
    inside = -1 + 0.1 * np.array([rng.normal(size=(2000, k)).min(axis=1).mean() for k in (20, 10)])
    assert gain.estimate == pytest.approx(inside[1] - inside[0], abs=0.02) and K == 20


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_the_page_says_what_the_shipped_sweep_says(target):
    sweep, said = hp.read(ROOT / "data" / target / "runs.csv"), PAGE.read_text().partition(f"## {target}")[2]
    known = numbers(sweep) | proposed(sweep)[1]
    rows = [f"| {where} | {text} | {number} |" for (where, text), number in known.items() if number.told]
    assert len(rows) > 50 and [row for row in rows if row not in said] == []
