"""Are names that hold hyperparameters split into them, as their owner names the parts?"""

import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis import UserError
from hpanalysis.sweeps.reading.sidecar import draft
from tests.truth import students

MODELS = pd.DataFrame({"model": ["M1.3.32.64", "M2.3.32.64", "M2.4.16.32"], "acc": ["80,5%", "81,5%", "79,0%"]})


def read(frame=MODELS, **settings):
    return hp.read(frame, metric="acc", goal="max", **settings)


def test_each_part_is_a_hyperparameter_and_the_last_takes_what_is_left():
    sweep = read(parts={"model": ["conv", "fc", "channels"]})
    assert sweep.space.names == ("conv", "fc", "channels") and sweep.roles["model"] == "identifier"
    assert sweep.runs["conv"].tolist() == [1, 2, 2] and sweep.levels("channels") == ("16.32", "32.64")
    assert sweep.outcome.tolist() == [80.5, 81.5, 79.0] and sweep.unit == "%"


def test_a_part_of_one_number_is_a_number():
    sweep = read(parts={"model": ["conv", "fc", "into", "out"]})
    assert sweep.runs["out"].tolist() == [64, 64, 32]


def test_names_with_too_few_numbers_and_parts_called_like_columns_are_refused():
    with pytest.raises(UserError, match="'M1.3' has not|holds 'M1.3', which has not 3 numbers for a, b, c"):
        read(MODELS.assign(model=["M1.3", "M1.2.3", "M1.2.4"]), parts={"model": ["a", "b", "c"]})
    with pytest.raises(UserError, match="a part of 'model' is called 'acc', as a column is"):
        read(parts={"model": ["acc", "b"]})
    with pytest.raises(UserError, match="parts names the column 'modell', which is not in the table"):
        read(parts={"modell": ["a", "b"]})
    with pytest.raises(UserError, match="the parts of 'model' are 'conv'; give a list of names"):
        read(parts={"model": "conv"})


def test_an_empty_name_has_no_parts():
    sweep = read(MODELS.assign(model=["M1.3.32.64", None, "M2.4.16.32"]), parts={"model": ["conv", "fc", "channels"]})
    assert sweep.runs["fc"].isna().tolist() == [False, True, False]


def test_durations_are_seconds():
    sweep = read(MODELS.assign(time=["24m 59s", "3m1s", None]), parts={"model": ["conv", "fc", "channels"]})
    assert sweep.roles["time"] == "cost" and sweep.runs["time"].tolist()[:2] == [1499.0, 181.0]
    sweep = read(MODELS.assign(eta=["PT1H2M3S", "PT40.5S", "P1DT1M"]), parts={"model": ["conv", "fc", "channels"]})
    assert sweep.roles["eta"] == "cost" and sweep.runs["eta"].tolist() == [3723.0, 40.5, 86460.0]


def test_the_draft_of_a_sidecar_declares_parts_and_stages(tmp_path):
    path = students.write(tmp_path)
    sweep = hp.read(path)
    (tmp_path / "students.sweep.yaml").write_text(draft(sweep), encoding="utf-8")
    again = hp.read(path)
    assert again.roles == sweep.roles and again.space.names == sweep.space.names
    assert again.runs.equals(sweep.runs) and again.roles["table"] == "stage"
