"""What is told of each cell of a two-way table, and of which data sets."""

import numpy as np
import pytest
from scipy.stats import t

from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.design.groups import group
from hpanalysis.questions.interaction.ask import interaction
from hpanalysis.questions.interaction.cells import described, taking_part, together


def cells(sweep, a, b):
    one, other = group(sweep, a), group(sweep, b)
    return one.codes * len(other.labels) + other.codes, len(one.labels) * len(other.labels)


def test_without_failures_or_skewness_a_mean_has_welchs_interval():
    sweep = toys.make(toys.Recipe(fails={}), 900, 1)
    cell, count = cells(sweep, "augmentation", "nesterov")
    table = described(Design(sweep), cell, count, 5).query("scale == 'mean'")
    y = np.where(sweep.ok, sweep.outcome, toys.CHANCE)
    parts = [y[(cell == 0) & (sweep.block == s)] for s in range(3)]
    variance = np.array([x.var(ddof=1) / len(x) for x in parts])
    freedom = variance.sum() ** 2 / sum(v**2 / (len(x) - 1) for v, x in zip(variance, parts, strict=True))
    half = t.isf((1 - together(count)) / 2, freedom) * np.sqrt(variance.sum()) / 3
    row = table[table["cell"] == 0].iloc[0]
    assert row["estimate"] == pytest.approx(np.mean([x.mean() for x in parts]))
    # One side grows by what skewness does, and both by failures that a cell may not have seen.
    assert half <= row["high"] - row["estimate"] < 1.5 * half
    assert half <= row["estimate"] - row["low"] < 1.5 * half


def test_intervals_of_more_cells_are_wider_as_they_hold_together():
    assert together(1) == 0.95
    assert together(16) ** 16 == pytest.approx(0.95)


def test_a_data_set_with_few_runs_in_a_cell_takes_no_part():
    sweep = toys.make(toys.NULL, 900, 0)
    cell, count = cells(sweep, "augmentation", "nesterov")
    few = np.ones(900, dtype=bool)
    few[np.flatnonzero((sweep.block == 1) & (cell == 0))[7:]] = False
    told, places = taking_part(Design(sweep), cell, count, few)
    assert told.all() and places.tolist() == [0, 2]
    assert taking_part(Design(sweep), cell, count, np.ones(900, dtype=bool))[1].tolist() == [0, 1, 2]


def test_an_empty_cell_does_not_silence_the_others():
    sweep = toys.make(toys.NULL, 900, 0)
    cell, count = cells(sweep, "augmentation", "nesterov")
    table = described(Design(sweep), np.where(cell == 2, -1, cell), count, 5).query("scale == 'mean'").set_index("cell")
    assert table["estimate"].isna().to_dict() == {c: c == 2 for c in range(count)}


def test_repeats_are_one_piece_of_evidence():
    sweep = toys.make(toys.CLUSTERED, 600, 0)
    cell, count = cells(sweep, "augmentation", "nesterov")
    table = described(Design(sweep), cell, count, 5).query("scale == 'mean'")
    y = np.where(sweep.ok, sweep.outcome, toys.CHANCE)
    apart = (
        np.sqrt(
            sum(y[(cell == 0) & (sweep.block == s)].var() / ((cell == 0) & (sweep.block == s)).sum() for s in range(3))
        )
        / 3
    )
    row = table[table["cell"] == 0].iloc[0]
    assert row["high"] - row["low"] > 1.2 * 2 * 2.24 * apart


def test_in_a_searched_sweep_no_cell_has_an_interval():
    sweep = toys.make(toys.ADAPTIVE, 900, 0)
    cell, count = cells(sweep, "augmentation", "nesterov")
    table = described(Design(sweep), cell, count, 5)
    assert table["estimate"].notna().any() and table["low"].isna().all()


def test_cell_means_have_simultaneous_t_intervals_whose_short_side_is_lengthened():
    sweep = toys.make(toys.NULL, 900, 0)
    sweep = sweep.subset((sweep.runs["dataset"] == "easy") & sweep.ok)
    table = interaction(sweep, "augmentation", "nesterov").frame
    row = table[(table["scale"] == "mean") & (table["value"] == "on") & (table["other_value"] == "yes")].iloc[0]
    cells = [values.to_numpy() for _, values in sweep.runs.groupby(["augmentation", "nesterov"])["accuracy"]]
    cell = sweep.runs.loc[(sweep.runs["augmentation"] == "on") & (sweep.runs["nesterov"] == "yes"), "accuracy"]
    z = np.concatenate([(x - x.mean()) / x.std(ddof=1) for x in cells])
    skewness = (z**3).sum() * len(z) / ((len(z) - 1) * (len(z) - 2))
    times = t.isf((1 - 0.95 ** (1 / 4)) / 2, len(cell) - 1)
    more = np.abs(skewness) / np.sqrt(len(cell)) * (1 + 2 * times**2) / 6
    error = cell.std(ddof=1) / np.sqrt(len(cell))
    below, above = row["estimate"] - row["low"], row["high"] - row["estimate"]
    assert (below, above)[:: -1 if skewness < 0 else 1] == pytest.approx((times * error, (times + more) * error))
