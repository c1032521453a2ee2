"""The sweeps of dense networks that the project ships: complete, independent draws, and made by this very code."""

import hashlib
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.stats import chi2_contingency

import hpanalysis as hp
from hpanalysis.experiments.dense import DENSE
from hpanalysis.experiments.dense_problem import COLUMNS, TrainDense
from hpanalysis.search.plan import Plan
from hpanalysis.search.tables import text_of
from hpanalysis.sweeps.space import Space
from tests.conftest import ROOT

NAMES = ("runge", "bateman")
FEWEST = 2000


@pytest.fixture(scope="module", params=NAMES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def runs(name):
    return pd.read_csv(ROOT / "data" / name / "runs.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def dictionary(name):
    return yaml.safe_load((ROOT / "data" / name / "runs.sweep.yaml").read_text())


def test_no_run_is_missing_or_doubled(runs):
    assert len(runs) >= FEWEST and runs["run"].tolist() == [str(run) for run in range(len(runs))]


def test_every_row_is_what_the_plan_draws(runs):
    plan = Plan(DENSE)
    for row in runs.to_dict("records"):
        draw = plan.draw(int(row["run"]))
        assert (row["seed"], row["configuration"]) == (str(draw.seed), str(draw.configuration))
        assert {h: row[h] for h in DENSE.names} == {h: text_of(draw.values.get(h), 0) for h in DENSE.names}


def test_every_run_has_a_status_and_only_complete_ones_have_a_metric(runs):
    complete = runs["status"] == "complete"
    assert set(runs["status"]) == {"complete", "diverged"} and complete.mean() > 0.95
    for column in ("log10_rmse", "test_log10_rmse"):
        assert ((runs[column] != "") == complete).all()
    assert (pd.to_numeric(runs.loc[complete, "log10_rmse"]) <= 1).all()


def test_hyperparameters_that_are_always_active_are_drawn_independently(runs):
    drawn = runs.drop_duplicates("configuration")
    always = [h for h in DENSE if h.condition is None]
    cells = {h.name: h.codes(drawn[h.name]) if h.has_levels else (h.to_unit(drawn[h.name]) * 5) // 1 for h in always}
    p = [chi2_contingency(pd.crosstab(cells[a], cells[b]).to_numpy()).pvalue for a, b in combinations(cells, 2)]
    assert len(p) == 45 and min(p) * len(p) > 0.05


def test_good_settings_learn(name, runs):
    best = pd.to_numeric(runs["test_log10_rmse"]).min()
    assert best < {"runge": -2, "bateman": -0.7}[name]


def test_the_dictionary_fits_the_table(name, runs, dictionary):
    assert set(dictionary["roles"]) == set(dictionary["columns"]) == set(runs.columns)
    assert dictionary["metric"] == "log10_rmse" and dictionary["goal"] == "min"
    assert all(dictionary["columns"][c]["description"] == COLUMNS[c].description for c in COLUMNS)
    digest = hashlib.sha256((ROOT / "data" / name / "runs.csv").read_bytes()).hexdigest()
    assert dictionary["about"]["sha256_of_runs_csv"] == digest
    assert Space.from_dict(dictionary["hyperparameters"]) == DENSE
    command = f"hpanalysis train dense --target {name} --seed 0 --out data/{name} --runs {len(runs)}"
    assert dictionary["about"]["command"] == command


def test_training_again_gives_the_recorded_digits(name, runs):
    for row in runs.iloc[:: len(runs) // 12].to_dict("records"):
        again = TrainDense(name)(Plan(DENSE).draw(int(row["run"])).values, int(row["seed"]))
        for column in ("log10_rmse", "test_log10_rmse", "cost", "parameters", "training_cost"):
            shown = text_of(float(again[column]), 8) if "rmse" in column else str(again[column])
            assert (row[column] or "nan") == shown, (row["run"], column)


def test_it_is_read_with_its_conditions_and_is_no_adaptive_search(name, runs):
    sweep = hp.read(ROOT / "data" / name / "runs.csv")
    assert len(sweep) == len(runs) and sweep.space["beta_2"].condition.values == ("adam", "rmsprop")
    assert not hp.Design(sweep).adaptive
    found = hp.best_runs(sweep)
    assert np.isfinite(found.frame["estimate"]).any()
