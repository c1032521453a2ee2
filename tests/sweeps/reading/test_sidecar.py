"""Is the sidecar found, read as people write YAML, and drafted so that it says the same again?"""

import pandas as pd
import pytest

from hpanalysis import UserError, read
from hpanalysis.sweeps.reading.sidecar import SUFFIXES, draft, load_sidecar, sidecar_path, space_of
from hpanalysis.sweeps.sources.files import FORMATS
from hpanalysis.sweeps.space import Hyperparameter, Space

TEXT = """
metric: acc
goal: max
unit: points
margin: 0.5
roles: {host: ignored}
hyperparameters:
  augmentation: {kind: boolean, levels: [off, on]}
  lr: {kind: continuous, low: 1e-4, high: 1e-1, log: true}
columns:
  acc: {unit: points, description: accuracy on held-out images}
about: {made_by: someone, date: 2024-05-01}
"""


@pytest.fixture
def table(tmp_path):
    n = 40
    frame = pd.DataFrame(
        {
            "augmentation": ["on", "off"] * (n // 2),
            "lr": [1e-4 * 1.15**i for i in range(n)],
            "host": ["a", "b", "b", "a"] * (n // 4),
            "acc": [(7 * i % n) / n for i in range(n)],
        }
    )
    path = tmp_path / "runs.csv"
    frame.to_csv(path, index=False)
    return path


@pytest.mark.parametrize("name", ["runs.csv", "runs.csv.gz", "runs.tsv", "runs.parquet", "runs.CSV"])
def test_the_sidecar_lies_beside_the_table(name, tmp_path):
    assert sidecar_path(tmp_path / name) == tmp_path / "runs.sweep.yaml"


def test_every_format_that_can_be_read_has_a_sidecar():
    assert set(FORMATS) <= set(SUFFIXES)


def test_a_sidecar_is_found_by_itself_and_believed(table):
    sidecar_path(table).write_text(TEXT)
    sweep = read(table)
    assert (sweep.metric, sweep.goal, sweep.unit, sweep.margin) == ("acc", "max", "points", 0.5)
    assert sweep.roles["host"] == "ignored"
    assert sweep.space["augmentation"].levels == ("off", "on")
    assert (sweep.space["lr"].low, sweep.space["lr"].high) == (1e-4, 1e-1)
    assert sweep.about["made_by"] == "someone"
    described = sweep.describe().set_index("column")
    assert described.loc["acc", "description"] == "accuracy on held-out images"
    assert described.loc["augmentation", "how"] == "declared"


def test_an_argument_overrides_the_sidecar(table):
    sidecar_path(table).write_text(TEXT)
    sweep = read(table, goal="min", margin=0.1, roles={"host": "hyperparameter"})
    assert (sweep.goal, sweep.margin, sweep.roles["host"]) == ("min", 0.1, "hyperparameter")


def test_a_space_file_overrides_the_hyperparameters_of_the_sidecar(table, tmp_path):
    sidecar_path(table).write_text(TEXT)
    other = tmp_path / "space.yaml"
    other.write_text("lr: {kind: continuous, low: 1e-5, high: 1}")
    sweep = read(table, space=other)
    assert sweep.space["lr"].high == 1
    assert not sweep.space["lr"].log, "declared in full, so nothing is inferred"


def test_a_draft_says_the_same_again(table):
    first = read(table, metric="acc", goal="max", unit="%", margin=0.01, roles={"host": "identifier"})
    sidecar_path(table).write_text(draft(first))
    again = read(table)
    assert again.roles == first.roles and again.space == first.space
    assert (again.metric, again.goal, again.unit, again.margin) == ("acc", "max", "%", 0.01)
    assert set(again.describe()["how"]) == {"declared"}
    said = [[line for line in draft(s).splitlines() if line[:1] not in ("", "#")] for s in (first, again)]
    assert said[0] == said[1]


def test_a_draft_keeps_the_choice_of_rows(table):
    first = read(table, metric="acc", goal="max", where="host == a")
    sidecar_path(table).write_text(draft(first))
    assert len(read(table)) == len(first) == 20


def test_hostile_names_and_levels_survive_a_draft_and_stay_data(tmp_path):
    evil = "x: !!python/object/apply:os.system ['false'] # \n- <b>"
    n = 24
    frame = pd.DataFrame(
        {
            evil: ["1e-3", "off", "null", "'"] * (n // 4),
            "acc": [(7 * i % n) / n for i in range(n)],
        }
    )
    path = tmp_path / "runs.parquet"
    frame.to_parquet(path)
    first = read(path, metric="acc", goal="max")
    sidecar_path(path).write_text(draft(first))
    assert read(path).space == first.space


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("metrik: acc", ["runs.sweep.yaml", "'metrik'", "did you mean 'metric'", "hyperparameters"]),
        ("- a\n- b", ["runs.sweep.yaml", "list", "mapping"]),
        ("a: [1", ["runs.sweep.yaml", "not YAML"]),
        ("goal: up", ["runs.sweep.yaml", "'up'", "max, min"]),
        ("goal: max\ngoal: min", ["runs.sweep.yaml", "goal", "more than once"]),
        ("curves: [a.csv]", ["runs.sweep.yaml", "curves is ['a.csv']", "beside the file"]),
        ("hyperparameters: [a]", ["hyperparameters", "kind: continuous"]),
        ("a: !!python/object/apply:os.system ['false']", ["runs.sweep.yaml", "not YAML"]),
    ],
)
def test_a_sidecar_that_cannot_be_used_is_refused_by_name(text, words, tmp_path):
    path = tmp_path / "runs.sweep.yaml"
    path.write_text(text)
    with pytest.raises(UserError) as error:
        load_sidecar(path)
    assert all(word in str(error.value) for word in words), str(error.value)


def test_a_space_comes_from_a_space_a_mapping_or_a_file(tmp_path):
    space = Space((Hyperparameter("lr", "continuous", low=1e-4, high=0.1, log=True),))
    path = tmp_path / "space.yaml"
    path.write_text("hyperparameters:\n  lr: {kind: continuous, low: 1e-4, high: 0.1, log: true}\n")
    assert space_of(space) == space_of(space.to_dict()) == space_of(path)
    assert space_of(None) == {}
    with pytest.raises(UserError, match="space is 3; give a Space"):
        space_of(3)
    with pytest.raises(UserError, match="no such file"):
        space_of(tmp_path / "nothing.yaml")
