"""Does a sweep say what was tried and what came out, whatever the table looks like?"""

import numpy as np
import pandas as pd
import pytest

from hpanalysis import UserError
from hpanalysis.sweeps.space import Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep

SPACE = Space(
    (
        Hyperparameter("opt", "categorical", ("adam", "sgd")),
        Hyperparameter("batch", "ordinal", (16, 32)),
        Hyperparameter("lr", "continuous", low=0.001, high=1, log=True),
    )
)
ROLES = {"data": "dataset", "opt": "hyperparameter", "batch": "hyperparameter", "lr": "hyperparameter", "acc": "metric"}


def table() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "data": ["b", "a", "a", "b", "a"],
            "opt": ["sgd", "adam", "adam", "sgd", "sgd"],
            "batch": [32.0, 16.0, 16.0, np.nan, 32.0],
            "lr": [0.1, 0.01, 0.01, 0.1, 0.5],
            "acc": [0.9, 0.8, 0.7, np.nan, np.inf],
        }
    )


def sweep(**changes) -> Sweep:
    given = {"runs": table(), "space": SPACE, "roles": ROLES, "metric": "acc", "goal": "max"} | changes
    return Sweep(**given)


def test_a_run_without_a_finite_metric_has_no_outcome_but_stays():
    s = sweep()
    np.testing.assert_array_equal(s.ok, [True, True, True, False, False])
    np.testing.assert_array_equal(s.outcome, [0.9, 0.8, 0.7, np.nan, np.nan])
    assert list(s.status) == ["complete", "complete", "complete", "failed", "diverged"]
    assert len(s) == 5


def test_a_failed_run_has_no_outcome_even_when_it_reported_a_metric():
    runs = table().assign(status=["failed", *["complete"] * 4])
    s = sweep(runs=runs, roles=ROLES | {"status": "status"})
    assert list(s.ok) == [False, True, True, False, False]
    assert list(s.status) == ["failed", "complete", "complete", "failed", "diverged"]


def test_a_declared_failed_value_is_never_an_outcome():
    assert np.isnan(sweep(failed_value=0.1).outcome[3])


def test_the_score_turns_the_sign_of_what_is_minimised():
    np.testing.assert_array_equal(sweep(goal="min").score[:3], [-0.9, -0.8, -0.7])
    np.testing.assert_array_equal(sweep().score[:3], [0.9, 0.8, 0.7])


def test_the_logarithm_is_taken_of_usable_runs_only():
    np.testing.assert_allclose(sweep(transform="log10").outcome[:3], np.log10([0.9, 0.8, 0.7]))


def test_the_logarithm_of_a_metric_that_is_not_positive_is_refused():
    with pytest.raises(UserError, match="positive metric, not -1 as in 'acc'"):
        sweep(runs=table().assign(acc=[-1.0, 1, 2, 3, 4]), transform="log10")


def test_data_sets_are_sorted_and_blocks_point_at_them():
    s = sweep()
    assert s.datasets == ("a", "b")
    np.testing.assert_array_equal(s.block, [1, 0, 0, 1, 0])


def test_without_a_data_set_column_all_runs_are_one_block():
    s = sweep(roles=ROLES | {"data": "ignored"})
    assert s.datasets == ("all runs",)
    assert set(s.block) == {0}


def test_several_data_set_columns_are_joined_and_empty_cells_skipped():
    runs = table().assign(feature=[None, "x", "y", None, "x"])
    s = sweep(runs=runs, roles=ROLES | {"feature": "dataset"})
    assert s.datasets == ("a / x", "a / y", "b")
    np.testing.assert_array_equal(s.block, [2, 0, 1, 2, 0])


def test_labels_of_data_sets_stay_apart_when_an_empty_cell_would_make_them_equal():
    runs = table().assign(x=["m", None, "m", None, None], y=[None, "m", None, "m", "m"])
    s = sweep(runs=runs, roles=ROLES | {"data": "ignored", "x": "dataset", "y": "dataset"})
    assert s.datasets == ("m / missing", "missing / m")


def test_a_configuration_is_a_data_set_with_the_values_of_all_hyperparameters():
    code = sweep().configuration
    assert code[1] == code[2]
    assert len(set(code)) == 4


def test_codes_and_levels_speak_of_the_same_order():
    s = sweep()
    assert s.levels("batch") == ("16", "32")
    np.testing.assert_array_equal(s.codes("batch"), [1, 0, 0, -1, 1])


def test_a_number_on_a_range_has_no_levels():
    with pytest.raises(UserError, match="'lr' is continuous and has no levels; choose one of opt, batch"):
        sweep().codes("lr")
    with pytest.raises(UserError, match="'rate' is not a hyperparameter"):
        sweep().values("rate")


def test_nothing_is_written_into_a_sweep_after_it_was_made():
    s = sweep()
    before = dict(s.__dict__)
    for look in (
        s.codes("opt"),
        s.levels("opt"),
        s.score,
        s.describe(),
        s._repr_html_(),
        s.subset(s.ok),
        s.permuted(0),
    ):
        assert look is not None
    assert s.__dict__.keys() == before.keys() and all(s.__dict__[key] is value for key, value in before.items())


def test_a_subset_keeps_the_space_and_counts_its_own_data_sets():
    s = sweep().subset([True, False, False, True, False])
    assert len(s) == 2 and s.datasets == ("b",) and s.space == SPACE


def test_a_mask_of_another_length_or_without_a_run_is_refused():
    with pytest.raises(UserError, match=r"shape \(2,\) .* 5 runs"):
        sweep().subset([True, False])
    with pytest.raises(UserError, match="none of the 5 runs"):
        sweep().subset(np.zeros(5, dtype=bool))


def test_a_permutation_moves_what_was_measured_together_and_within_data_sets():
    runs = pd.concat([table()] * 20, ignore_index=True)
    runs["acc"] = np.arange(100.0)
    runs["loss"] = -runs["acc"]
    s = sweep(runs=runs, roles=ROLES | {"loss": "outcome"})
    p = s.permuted(0)
    assert not p.runs["acc"].equals(s.runs["acc"])
    assert p.runs["lr"].equals(s.runs["lr"])
    np.testing.assert_array_equal(p.runs["loss"], -p.runs["acc"])
    for name in ("a", "b"):
        here = runs["data"] == name
        assert sorted(p.runs["acc"][here]) == sorted(runs["acc"][here])
    assert p.runs.equals(s.permuted(0).runs)
    assert not p.runs.equals(s.permuted(1).runs)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"goal": "up"}, ["'up'", "max", "min"]),
        ({"metric": "accuracy"}, ["'accuracy'", "acc"]),
        ({"roles": ROLES | {"data": "group"}}, ["'data'", "'group'", "dataset"]),
        ({"roles": {k: v for k, v in ROLES.items() if k != "lr"}}, ["'lr'", "role"]),
        ({"space": SPACE.without("lr")}, ["'lr'", "space"]),
        ({"transform": "sqrt"}, ["'sqrt'", "log10"]),
        ({"runs": table().set_axis(["data", "opt", "opt", "lr", "acc"], axis=1)}, ["'opt'", "rename"]),
        (
            {"runs": table().assign(status="abandoned"), "roles": ROLES | {"status": "status"}},
            ["abandoned", "complete, stopped, diverged, failed, running"],
        ),
    ],
)
def test_an_inconsistent_sweep_is_refused_with_the_value_and_the_choices(changes, words):
    with pytest.raises(UserError) as error:
        sweep(**changes)
    assert all(word in str(error.value) for word in words), str(error.value)
