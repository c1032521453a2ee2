"""The two sentences of a forum about heads for transfer learning: what README says is what the package says of them."""

import pandas as pd
import pytest

import hpanalysis as hp
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def sweep():
    return hp.read(ROOT / "data" / "transfer" / "runs.csv")


@pytest.fixture(scope="module")
def said():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    return " ".join(" ".join(line.removeprefix(">") for line in lines).split())


def test_readme_says_how_l1_and_l2_compare(sweep, said):
    frame = hp.contrast(sweep, "regularizer", reference="l2").frame
    frame = frame[(frame["dataset"] == "all data sets") & (frame["scale"] == "mean")].set_index("value")
    estimate, low, high = 100 * frame.loc["l1", ["estimate", "low", "high"]].astype(float)
    assert f"L1 is {-estimate:.1f} points behind L2 on average" in said
    assert f"anything from {-low:.1f} behind to {high:.1f} ahead fits these runs" in said


def test_the_depths_are_in_that_order_in_pandas():
    runs = pd.read_csv(ROOT / "data" / "transfer" / "runs.csv")
    known = runs.groupby(["dataset", "depth", "configuration"])["val_acc"].mean().groupby(["dataset", "depth"])
    means, errors = known.mean().unstack(), known.sem().unstack()
    assert (means.diff(axis=1).iloc[:, 1:] < 0).all().all()
    gap, error = (means[1] - means[4]).mean(), ((errors[1] ** 2 + errors[4] ** 2).sum() ** 0.5) / 2
    # The verdict's size is adjusted for the other hyperparameters: the plain one lies within two standard errors.
    assert abs(gap - 0.14) < 2 * error < 0.04
