"""What a finding keeps of the row it tells: numbers where there are some, None where there are none."""

import json

import numpy as np
import pandas as pd

from hpanalysis.questions.evidence import evidence
from hpanalysis.questions.finding import Finding
from hpanalysis.style.rows import rows_of

ROW = {
    "hyperparameter": "optimizer",
    "value": "adam",
    "reference": "sgd",
    "other": "",
    "other_value": "",
    "dataset": "all data sets",
    "runs": "all",
    "estimate": 0.5,
    "low": np.nan,
    "high": np.inf,
    "p_adjusted": np.float64(0.01),
    "n": 20.0,
}


def kept(**more):
    (row,) = rows_of(pd.DataFrame([ROW | more]))
    return evidence(row)


def test_the_average_is_no_data_set_and_a_data_set_is_named():
    assert kept()["dataset"] is None and kept(dataset="")["dataset"] is None
    assert kept(dataset="mnist")["dataset"] == "mnist"


def test_what_is_blank_or_no_number_is_none():
    found = kept(n=np.nan)
    assert found["other"] is None and found["other_value"] is None and found["n"] is None
    assert found["low"] is None and found["high"] is None and found["estimate"] == 0.5
    assert kept(runs="")["runs"] is None and kept(runs="successful")["runs"] == "successful"


def test_a_finding_of_it_is_plain_data():
    said = Finding("", "?", "contrast", "better", "It is.", "exploratory", **kept())
    plain = json.loads(json.dumps(said.to_dict(), allow_nan=False))
    assert plain["n"] == 20 and plain["p_adjusted"] == 0.01 and plain["reference"] == "sgd"
