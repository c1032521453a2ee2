"""Is the table found in a sheet that has more in it, and is an odd cell named?"""

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp

RNG = np.random.default_rng(0)
RUNS = pd.DataFrame(
    {
        "rate": 10 ** RNG.uniform(-4, -1, 60),
        "solver": RNG.choice(["a", "b", "mean"], 60),
        "units": RNG.choice([16, 32, 64], 60),
        "accuracy": RNG.random(60),
    }
)


def read(tmp_path, text, metric="accuracy", **settings):
    path = tmp_path / "runs.csv"
    path.write_text(text)
    return hp.read(path, metric=metric, goal="max", **settings)


def csv(frame=RUNS, **options) -> str:
    return frame.to_csv(index=False, **options)


@pytest.mark.parametrize(
    "above", ["Sweep of June,,,\n,,,\n", "My sweep,,,\n", "first run,,,\nsecond line,,,\n\n", "the title,,,\n\n,,,\n"]
)
def test_titles_above_the_header_are_skipped_and_said(tmp_path, above):
    sweep = read(tmp_path, above + csv())
    assert len(sweep) == 60 and sweep.space.names == ("rate", "solver", "units")
    assert any("above the header" in note for note in sweep.notes)


@pytest.mark.parametrize("below", ["mean,,,0.5\n", ",,,\naverage,,,0.5\nstd,,,0.1\n", "Total:,,32,0.5\n"])
def test_means_below_the_runs_are_no_runs(tmp_path, below):
    sweep = read(tmp_path, csv() + below)
    assert len(sweep) == 60 and sweep.space["rate"].log
    np.testing.assert_array_equal(sweep.values("rate"), RUNS["rate"])
    assert any("below the runs" in note for note in sweep.notes)


def test_several_summaries_below_runs_with_names_are_no_runs(tmp_path):
    named = RUNS.assign(run=[f"r{i}" for i in range(60)])[["run", *RUNS.columns]]
    ends = [len(RUNS.columns) * ","] * 3
    below = "".join(f"{label}{end}\n" for label, end in zip(("Mean", "SD", "Max"), ends, strict=True))
    sweep = read(tmp_path, csv(named) + below.replace(",\n", ",0.5\n"))
    assert len(sweep) == 60 and any("called Mean, SD, Max" in note for note in sweep.notes)


def test_levels_called_mean_and_max_are_runs(tmp_path):
    pooled = RUNS.assign(solver=["mean", "max"] * 30, units=RUNS["units"].astype(object))
    pooled.loc[57:, "units"] = None
    assert len(read(tmp_path, csv(pooled))) == 60


def test_a_level_called_mean_in_the_last_row_is_a_run(tmp_path):
    last = RUNS.assign(solver=[*RUNS["solver"][:-1], "mean"], units=RUNS["units"].astype(object))
    last.loc[59, "units"] = None
    assert len(read(tmp_path, csv(last))) == 60


def test_a_bar_may_split_the_columns(tmp_path):
    np.testing.assert_array_equal(read(tmp_path, csv(sep="|")).values("rate"), RUNS["rate"])


def test_a_line_that_names_the_separator_is_followed(tmp_path):
    sweep = read(tmp_path, "sep=;\n" + csv(sep=";", decimal=","))
    np.testing.assert_array_equal(sweep.values("rate"), RUNS["rate"])


@pytest.mark.parametrize("first", ["config,config,config,metrics", "config,,,metrics"])
def test_a_header_in_two_rows_is_joined(tmp_path, first):
    sweep = read(tmp_path, first + "\n" + csv(), metric="metrics.accuracy")
    assert sweep.space.names == ("config.rate", "config.solver", "config.units")


def test_columns_of_one_name_are_refused(tmp_path):
    with pytest.raises(hp.UserError, match=r"more than one column called 'rate'; rename all but one"):
        read(tmp_path, "rate,rate ,accuracy\n0.1,0.2,0.5\n0.2,0.3,0.6\n")


def test_names_are_trimmed_and_every_digit_is_kept(tmp_path):
    sweep = read(tmp_path, csv(RUNS.rename(columns={"rate": " rate ", "accuracy": " accuracy"})))
    np.testing.assert_array_equal(sweep.values("rate"), RUNS["rate"])
    np.testing.assert_array_equal(sweep.outcome, RUNS["accuracy"])


def test_one_text_among_numbers_is_named_and_read_as_missing(tmp_path):
    odd = RUNS.assign(rate=RUNS["rate"].astype(object))
    odd.loc[7, "rate"] = "auto"
    sweep = read(tmp_path, csv(odd))
    assert sweep.space["rate"].log and sweep.values("rate").isna().sum() == 1
    assert any("rate" in note and "row 8 below the header" in note and "'auto'" in note for note in sweep.left_out)


def test_many_texts_among_numbers_are_left_out_with_a_word(tmp_path):
    odd = RUNS.assign(rate=RUNS["rate"].astype(object))
    odd.loc[::4, "rate"] = "auto"
    sweep = read(tmp_path, csv(odd))
    assert "rate" not in sweep.space
    assert any("'auto'" in note and "--role rate=hyperparameter" in note for note in sweep.left_out)


def test_lists_have_one_spelling(tmp_path):
    shapes = RNG.choice(["[64, 32]", "[64,32]", "(64, 32)", "[128]"], 60)
    assert read(tmp_path, csv(RUNS.assign(hidden=shapes))).levels("hidden") == ("[64, 32]", "[128]")


def test_a_resumed_run_is_its_last_row(tmp_path):
    named = RUNS.assign(run_id=[f"r{i}" for i in range(60)])
    resumed = pd.concat([named, named.head(12).assign(accuracy=0.99)])
    sweep = read(tmp_path, csv(resumed))
    assert len(sweep) == 60 and (sweep.outcome == 0.99).sum() == 12
    assert any("12 rows of runs that were resumed" in note for note in sweep.left_out)
    other = pd.concat([named, named.head(12).assign(units=128)])
    assert len(read(tmp_path, csv(other))) == 72
    twice = pd.concat([named, named.assign(accuracy=0.5)])
    assert len(read(tmp_path, csv(twice))) == 120


def test_a_run_that_went_on_is_compared_where_it_ended(tmp_path):
    named = RUNS.assign(run_id=[f"r{i}" for i in range(60)], epochs_done=50)
    sweep = read(tmp_path, csv(pd.concat([named, named.head(8).assign(epochs_done=20, accuracy=-1.0)])))
    assert len(sweep) == 60 and sweep.roles["epochs_done"] == "budget" and (sweep.outcome >= 0).all()


def test_steps_that_a_resumed_run_made_again_count_once(tmp_path):
    steps = [(i, e, 0.5 + e / 100) for i in range(20) for e in (*range(10), *((8, 9, 10) if i < 5 else ()))]
    rows = pd.DataFrame(steps, columns=["run", "epoch", "accuracy"])
    sweep = read(tmp_path, csv(rows.merge(RUNS.head(20).drop(columns="accuracy"), left_on="run", right_index=True)))
    assert len(sweep) == 20 and sorted(set(sweep.runs["epoch"])) == [9, 10]
    assert any("10 rows repeat a step of a run that was resumed" in note for note in sweep.notes)


def test_the_parent_of_a_sweep_is_no_run(tmp_path):
    parent = pd.DataFrame({"accuracy": [0.9]})
    sweep = read(tmp_path, csv(pd.concat([RUNS, parent])))
    assert len(sweep) == 60 and any("parent" in note for note in sweep.left_out)


@pytest.mark.parametrize(("scale", "log"), [("linear", False), ("log", True)])
def test_a_declared_scale_has_the_last_word(tmp_path, scale, log):
    assert read(tmp_path, csv(), scale={"rate": scale}).space["rate"].log is log
    (tmp_path / "runs.sweep.yaml").write_text(f"scale: {{rate: {scale}}}\n")
    assert read(tmp_path, csv()).space["rate"].log is log


@pytest.mark.parametrize("reference", [32, "32", 32.0, np.int64(32)])
def test_a_reference_is_found_by_its_key(reference):
    answer = hp.contrast(hp.read(RUNS, metric="accuracy", goal="max"), "units", reference=reference)
    assert set(answer.frame["reference"]) == {"32"}


def test_zero_and_false_are_references(tmp_path):
    frame = RUNS.assign(extra=RNG.choice([0, 1, 2], 60), on=RNG.choice([True, False], 60))
    sweep = hp.read(frame, metric="accuracy", goal="max")
    assert set(hp.contrast(sweep, "extra", reference=0).frame["reference"]) == {"0"}
    assert set(hp.contrast(sweep, "on", reference=False).frame["reference"]) == {"False"}
