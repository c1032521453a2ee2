"""What was picked on a forest, trained for real: what is trained, the shipped table, and what it is said to show."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import hpanalysis as hp
from hpanalysis.errors import UserError
from hpanalysis.experiments import images, picks
from hpanalysis.experiments.comparison import command, read_searches, write_searches
from hpanalysis.experiments.picks import COLUMNS, PROBLEMS, TIMES, as_shipped, fresh_seeds, key_of, one_training, wanted
from hpanalysis.experiments.picks_shown import TrainedPicks, summary, table
from hpanalysis.experiments.search_tables import PICKS, SEARCHES, read_rows, write_rows
from hpanalysis.experiments.searches import Searches
from tests.conftest import ROOT

FOLDER, IMAGES = ROOT / "data" / "search", ROOT.parent / "shared" / "images"
FEWEST_TRAININGS = 20  # of what each strategy picked on a problem


@pytest.fixture(scope="module")
def searches():
    return {(r["problem"], r["strategy"], r["repeat"]): r for r in read_searches(FOLDER)}


@pytest.fixture(scope="module")
def rows():
    return read_rows(FOLDER / PICKS)


def search(problem, strategy, repeat, **more):
    return {"problem": problem, "strategy": strategy, "repeat": str(repeat), "error": "-1.0", "pick": "{}", **more}


def test_every_pick_is_trained_once_before_any_is_again_and_others_are_left_out():
    rows = [
        search("cnn-mnist", "tpe", 1),
        search("runge", "tpe", 0),
        search("cnn-mnist", "tpe", 0),
        search("cnn-mnist", "guided", 2, pick=""),
    ]
    assert [(t, r["repeat"]) for t, r in wanted(rows)] == [(t, r) for t in range(TIMES) for r in ("0", "1")]


def test_trainings_that_were_stopped_are_continued_where_they_were(monkeypatch, tmp_path):
    write_searches(tmp_path, [search("cnn-mnist", s, r) for s in ("tpe", "guided") for r in range(2)])
    done = []

    def trained(row, training, folder):
        if len(done) % 4 == 3:
            done.append(None)
            raise KeyboardInterrupt
        done.append(key_of({**row, "training": str(training)}))
        return dict.fromkeys(COLUMNS, "0") | dict(
            zip(("problem", "strategy", "repeat", "training"), done[-1], strict=True)
        )

    monkeypatch.setattr(picks, "one_training", trained)
    for _ in range(4):
        CliRunner().invoke(command, ["--out", str(tmp_path), "--train-picks", "images"])
    keys = [key for key in done if key]
    assert len(keys) == len(set(keys)) == 4 * TIMES == len(read_rows(tmp_path / PICKS))


def test_other_images_than_those_of_the_shipped_sweep_are_refused(monkeypatch):
    digits = images.load("digits")
    monkeypatch.setattr(picks, "load", lambda name, folder: replace(digits, fingerprint="0" * 16))
    with pytest.raises(UserError, match="not those of the shipped sweep"):
        as_shipped.__wrapped__("mnist", "elsewhere")


def made(shift, repeats=12, noise=0.02):
    """Searches on a forest, and trainings that differ from it by what is added."""
    rng = np.random.default_rng(0)
    rows = [
        search("cnn-mnist", s, r) | {"error": f"{rng.normal(-1, 0.2):.4f}"}
        for s in ("tpe", "guided", "random")
        for r in range(repeats)
    ]
    trained = {
        (r["problem"], r["strategy"], r["repeat"]): [
            float(r["error"]) + shift[r["strategy"]] + e for e in rng.normal(0, noise, 2)
        ]
        for r in rows
    }
    return TrainedPicks(Searches(tuple(rows)), trained)


def test_what_is_told_is_what_was_added():
    more = made({"tpe": 0.5, "guided": 0.5, "random": 0.5})
    said = repr(summary(more))
    assert "err more than the forest says: +0.5" in said and "No difference from tpe is shown to be another" in said
    assert more.agreement[0].correlation.low > 0.9 and more.agreement[0].correlation.high < 1
    other = made({"tpe": 0.0, "guided": 0.0, "random": 2.0})
    assert "another than the forest says for random (cnn-mnist)." in repr(summary(other))
    assert "worse random (cnn-mnist); 1 of 2 tie." in repr(summary(other))
    assert "are not shown to err more or less" in repr(summary(made(dict.fromkeys(("tpe", "guided", "random"), 0.0))))
    cells = table(other).frame.set_index("strategy")["trained"]
    assert cells["random"].endswith("(−)") and cells["guided"].endswith("(=)")


def test_intervals_hold_together_and_the_repeat_is_the_unit():
    from scipy.stats import ttest_1samp, ttest_rel

    picked = made({"tpe": 0.1, "guided": 0.2, "random": 0.0})
    level = 1 - 0.05 / (2 * 2 + 2)
    wide = picked.picks.pivot(index="repeat", columns="strategy", values="more")
    bias = ttest_1samp(wide.mean(axis=1), 0).confidence_interval(level)
    assert (picked.agreement[0].more.low, picked.agreement[0].more.high) == pytest.approx((bias.low, bias.high))
    trained = picked.picks.pivot(index="repeat", columns="strategy", values="trained")
    for shown, cells in ((picked.against_engine, trained), (picked.against_forest, wide)):
        interval = ttest_rel(cells["guided"], cells["tpe"]).confidence_interval(level)
        own = next(one.difference for one in shown if one.strategy == "guided")
        assert (own.low, own.high) == pytest.approx((interval.low, interval.high))


@pytest.mark.parametrize("repeats", [1, 2, 4, 5, 6])
def test_few_trainings_and_none_are_told_too(repeats, tmp_path):
    picked = made(dict.fromkeys(("tpe", "guided", "random"), 0.0), repeats)
    assert "nan" not in repr(summary(picked)) + repr(table(picked))
    (tmp_path / SEARCHES).write_text("problem\n")
    nothing = TrainedPicks.beside(str(tmp_path / SEARCHES), picked.searches)
    assert repr(summary(nothing)).startswith("No pick was trained") and table(nothing).frame.shape == (1, 1)


class TestShipped:
    def test_no_training_is_there_twice_and_each_is_of_a_pick_of_the_table(self, rows, searches):
        keys = [key_of(row) for row in rows]
        assert len(set(keys)) == len(keys) and {row["problem"] for row in rows} == {*PROBLEMS}
        for row in rows:
            of = searches[row["problem"], row["strategy"], row["repeat"]]
            assert row["cost"] == of["cost"], "a network of another size than the pick"
            assert row["seed"] == str(fresh_seeds(int(row["repeat"]), TIMES)[int(row["training"])])

    def test_every_strategy_has_as_many_trainings_as_are_asked_for(self, rows, searches):
        counts = pd.DataFrame(rows).groupby(["problem", "strategy"]).size()
        wanted = {key[:2] for key in searches if key[0] in PROBLEMS}
        assert {*counts.index} == wanted and counts.min() >= FEWEST_TRAININGS

    def test_what_diverged_counts_as_chance_and_the_rest_are_shares_of_2000_images(self, rows):
        for row in rows:
            wrong = 10 ** float(row["error"])
            if row["status"] == "complete":
                assert round(wrong * 2000) / 2000 == pytest.approx(wrong, rel=2e-4)
            else:
                assert wrong == pytest.approx(0.9, rel=1e-3)

    def test_it_is_as_it_would_be_written_and_is_a_sweep(self, rows, tmp_path):
        write_rows(tmp_path / PICKS, rows, COLUMNS, PROBLEMS)
        for name in (PICKS, "picks.sweep.yaml"):
            assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()
        sweep = hp.read(FOLDER / PICKS)
        assert (sweep.metric, sweep.goal, sweep.space.names) == ("error", "min", ("strategy",))

    @pytest.mark.train
    def test_training_again_gives_the_recorded_digits(self, rows, searches):
        if not IMAGES.is_dir():
            pytest.skip("the images are not here")
        for row in sorted(rows, key=lambda r: int(r["cost"]))[: len(rows) // 3 : len(rows) // 9]:
            of = searches[row["problem"], row["strategy"], row["repeat"]]
            again = one_training(of, int(row["training"]), str(IMAGES))
            assert float(again["error"]) == pytest.approx(float(row["error"]), abs=0.2)
            assert {k: v for k, v in again.items() if k not in ("error", "validation")} == {
                k: v for k, v in row.items() if k not in ("error", "validation")
            }
