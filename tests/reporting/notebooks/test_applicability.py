"""Is a notebook run only on hyperparameters that the sweep has, and is the user told otherwise?"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.errors import UserError
from hpanalysis.reporting.notebooks.applicability import (
    Interest,
    heading,
    hyperparameters_named,
    hyperparameters_of,
    is_about,
)
from hpanalysis.reporting.notebooks.parameters import Notebook, Parameter


@pytest.fixture(scope="module")
def sweep(toy_frame):
    return hp.read(toy_frame(), metric="accuracy", goal="max", roles={"only": "hyperparameter"})


def notebook(hyperparameters=("hyperparameter", "other"), optional=("tune",), **defaults):
    defaults = {"hyperparameter": "augmentation", "other": "optimizer", "tune": "learning_rate"} | defaults
    parameters = {name: Parameter(name, type(d).__name__, d, "") for name, d in defaults.items()}
    return Notebook(Path("02-two.ipynb"), "Two?", parameters, tuple(hyperparameters), tuple(optional))


def test_defaults_that_are_there_need_nothing(sweep):
    assert hyperparameters_named(notebook(), sweep, {}) == {}


def test_an_absent_default_is_a_reason_to_skip(sweep):
    with pytest.raises(LookupError, match=r"no hyperparameter 'activation'.*-p hyperparameter=NAME"):
        hyperparameters_named(notebook(hyperparameter="activation"), sweep, {})


def test_an_absent_optional_one_is_left_empty(sweep):
    assert hyperparameters_named(notebook(tune="lr"), sweep, {}) == {"tune": ""}


def test_an_absent_one_named_explicitly_is_an_error_with_the_close_name(sweep):
    with pytest.raises(UserError, match=r"hyperparameter=optimiser .*did you mean 'optimizer'"):
        hyperparameters_named(notebook(), sweep, {"hyperparameter": "optimiser"})
    with pytest.raises(UserError, match="tune=momentum"):
        hyperparameters_named(notebook(), sweep, {"tune": "momentum"})


def test_one_level_is_an_error_when_named_and_a_reason_to_skip_when_not(sweep):
    one = sweep.subset(sweep.values("optimizer") == "adam")
    with pytest.raises(UserError, match="'optimizer' has one level"):
        hyperparameters_named(notebook(hyperparameters=("hyperparameter",)), one, {"hyperparameter": "optimizer"})
    with pytest.raises(LookupError, match="'optimizer' has one level"):
        hyperparameters_named(notebook(), one, {})


def test_the_same_hyperparameter_twice_is_no_pair(sweep):
    with pytest.raises(LookupError, match="asked for twice"):
        hyperparameters_named(notebook(), sweep, {"hyperparameter": "optimizer"})
    with pytest.raises(UserError, match="asked for twice"):
        hyperparameters_named(notebook(), sweep, {"other": "augmentation"})


def test_a_list_names_several(sweep):
    book = notebook(hyperparameters=("others",), others=["optimizer", "augmentation"])
    assert hyperparameters_named(book, sweep, {}) == {}
    assert list(hyperparameters_of(book, {"others": ["optimizer", "augmentation"], "tune": ""})) == [
        "optimizer",
        "augmentation",
    ]


def test_a_notebook_that_can_do_without_any_is_about_the_whole_sweep():
    book = notebook(hyperparameters=(), optional=("hyperparameter",))
    assert list(hyperparameters_of(book, {"hyperparameter": "optimizer"})) == []


def test_too_few_runs_are_a_reason_to_skip(sweep):
    book = Notebook(Path("04-what.ipynb"), "What?", {}, fewest=20)
    assert hyperparameters_named(book, sweep, {}) == {}
    with pytest.raises(LookupError, match="12 runs of the sweep .* have a metric and it needs 20; add runs"):
        hyperparameters_named(book, sweep.subset(np.cumsum(sweep.ok) <= 12), {})


def standing_in(**defaults):
    book = notebook(**defaults)
    return replace(book, stand_in=("hyperparameter", "other", "tune"), ranges=("tune",))


def test_what_matters_most_stands_in_for_an_absent_default(sweep):
    book = standing_in(hyperparameter="activation")
    ranked = ("learning_rate", "optimizer", "dropout", "augmentation")
    levels = [n for n in sweep.space.names if sweep.space[n].has_levels and n not in ("optimizer", "only")]
    # Levels before ranges; what another parameter names stays with it.
    assert hyperparameters_named(book, sweep, {}, Interest((*ranked, *levels)))["hyperparameter"] == "augmentation"
    assert hyperparameters_named(book, sweep, {})["hyperparameter"] in levels
    # A pair that is asked for twice finds another partner.
    assert (
        hyperparameters_named(book, sweep, {"hyperparameter": "optimizer"}, Interest(ranked))["other"] == "augmentation"
    )
    with pytest.raises(UserError, match="hyperparameter=optimiser"):
        hyperparameters_named(book, sweep, {"hyperparameter": "optimiser"}, Interest(ranked))


def test_a_pair_is_asked_about_that_acts_together_rather_than_the_two_that_matter_most():
    book = replace(standing_in(hyperparameter="optimizer", other="size"), stand_in=("other",))
    toy, most = toys.make(toys.NULL, 200, 0), ("augmentation", "nesterov")
    assert hyperparameters_named(book, toy, {}, Interest(most))["other"] == "augmentation"
    acting = Interest(most, {"optimizer": ["dropout", "nesterov"], "augmentation": ["activation"]})
    # A range is no partner where levels can be had.
    assert hyperparameters_named(book, toy, {}, acting)["other"] == "nesterov"


def test_only_a_range_stands_in_for_a_range(sweep):
    assert hyperparameters_named(standing_in(tune="lr"), sweep, {}, Interest(("optimizer",))) == {
        "tune": "learning_rate"
    }


def test_a_default_with_levels_is_no_range(sweep):
    # A learning rate that was tried at four values: the range that matters most stands in, or nothing.
    alone = {"hyperparameters": ("hyperparameter",)}
    assert hyperparameters_named(replace(standing_in(tune="optimizer"), **alone), sweep, {}) == {
        "tune": "learning_rate"
    }
    with pytest.raises(UserError, match="tune=optimizer cannot be used: 'optimizer' has levels and a range is needed"):
        hyperparameters_named(replace(standing_in(), **alone), sweep, {"tune": "optimizer"})


def test_a_notebook_about_tuning_by_hand_is_for_a_sweep_with_stages(sweep):
    book = Notebook(Path("09.ipynb"), "What?", {}, needs=("stages",))
    with pytest.raises(LookupError, match="there are no stages of tuning by hand in the sweep 'frame'"):
        hyperparameters_named(book, sweep, {})
    assert hyperparameters_named(book, toys.make_staged(toys.Staged(), 0), {}) == {}


def test_a_notebook_about_training_is_for_a_sweep_whose_runs_share_two_steps(sweep):
    book = replace(notebook(), needs=("curves",))
    with pytest.raises(LookupError, match="there are no learning curves of two steps or more in the sweep 'frame'"):
        hyperparameters_named(book, sweep, {})
    rows = [(run, "ab"[run % 2], epoch, 0.1 * epoch + 0.01 * run) for run in range(20) for epoch in (1, 2)]
    curves = pd.DataFrame(rows, columns=["run", "opt", "epoch", "acc"])
    ends = curves[curves["epoch"] == 2].drop(columns="epoch")
    followed = hp.read(ends, metric="acc", goal="max", history=curves.drop(columns="opt"))
    assert hyperparameters_named(Notebook(Path("10.ipynb"), "How?", {}, needs=("curves",)), followed, {}) == {}
    short = curves[curves["epoch"] == 2].drop(columns="opt")
    once = hp.read(ends, metric="acc", goal="max", history=short)
    with pytest.raises(LookupError, match="two steps or more"):
        hyperparameters_named(book, once, {})


def test_a_notebook_about_searches_is_for_a_table_with_a_row_a_search(sweep):
    book = replace(notebook(), needs=("searches",))
    assert not is_about(book, sweep) and is_about(notebook(), sweep)
    with pytest.raises(LookupError, match="there are no searches to compare in the sweep 'frame'"):
        hyperparameters_named(book, sweep, {})
    rows = [("runge", s, r, float(r)) for s in ("guided", "tpe") for r in range(30)]
    table = pd.DataFrame(rows, columns=["problem", "strategy", "repeat", "error"])
    searches = hp.read(table, metric="error", goal="min")
    assert is_about(book, searches)
    assert not is_about(book, searches.subset((table["strategy"] == "tpe").to_numpy()))


def test_a_notebook_that_needs_hyperparameters_is_skipped_where_none_varies(sweep):
    book = Notebook(Path("04-what.ipynb"), "What?", {}, needs=("hyperparameters",))
    assert hyperparameters_named(book, sweep, {}) == {}
    with pytest.raises(LookupError, match="no hyperparameter varies in the sweep 'frame'"):
        hyperparameters_named(book, sweep.subset(np.arange(len(sweep)) == 0), {})


@pytest.mark.parametrize(
    ("name", "expected"),
    [("augmentation", "When is augmentation beneficial?"), ("learning_rate", "Which learning rate, and when?")],
)
def test_a_report_is_headed_by_what_it_was_asked(toy_frame, name, expected):
    sweep = hp.read(toy_frame(), metric="accuracy", goal="max")
    headings = ("When is {hyperparameter} beneficial?", "Which {hyperparameter}, and when?")
    asked = Notebook(Path("01-x.ipynb"), "In general?", {}, headings=headings)
    assert heading(asked, sweep, {"hyperparameter": name}) == expected
    assert heading(replace(asked, headings=()), sweep, {"hyperparameter": name}) == "In general?"


def test_no_pair_is_asked_about_of_which_one_is_active_with_a_value_of_the_other():
    book = replace(standing_in(hyperparameter="optimizer", other="size"), stand_in=("other",))
    rng = np.random.default_rng(0)
    optimizer = rng.choice(["adam", "sgd"], 120)
    momentum = np.where(optimizer == "sgd", rng.choice([0.0, 0.9], 120), np.nan)
    runs = pd.DataFrame({"optimizer": optimizer, "momentum": momentum, "depth": rng.integers(1, 4, 120)})
    sweep = hp.read(runs.assign(score=rng.random(120)), metric="score", goal="max")
    assert sweep.space["momentum"].condition is not None
    assert hyperparameters_named(book, sweep, {}, Interest(("momentum", "depth")))["other"] == "depth"
    alone = hp.read(runs.drop(columns="depth").assign(score=rng.random(120)), metric="score", goal="max")
    assert hyperparameters_named(book, alone, {}, Interest(("momentum",)))["other"] == "momentum"
