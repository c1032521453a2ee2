"""Is a Parquet file read with its own types?"""

import pandas as pd
import pytest

from hpanalysis import UserError, read
from hpanalysis.sweeps.sources.parquet import load

FRAME = pd.DataFrame(
    {
        "opt": pd.Categorical(["adam", "sgd"] * 20),
        "layers": pd.array([1, 2, None, 3] * 10, dtype="Int64"),
        "bn": pd.array([True, False] * 20, dtype="boolean"),
        "at": pd.date_range("2024-01-01", periods=40),
        "acc": [(7 * i % 40) / 40 for i in range(40)],
    }
)


def test_every_type_of_column_finds_its_role(tmp_path):
    path = tmp_path / "runs.parquet"
    FRAME.iloc[[*range(40)]].assign(bn=FRAME["bn"].sample(frac=1, random_state=0).to_numpy()).to_parquet(path)
    sweep = read(path, metric="acc", goal="max")
    kinds = {h.name: h.kind for h in sweep.space}
    assert kinds == {"opt": "categorical", "layers": "categorical", "bn": "boolean"}
    assert sweep.roles["at"] == "identifier"
    assert sweep.space["layers"].levels == (1, 2, 3, "(none)")


def test_a_file_that_is_not_parquet_is_refused_by_name(tmp_path):
    path = tmp_path / "runs.parquet"
    path.write_bytes(b"a,b\n1,2\n")
    with pytest.raises(UserError, match=r"runs\.parquet is not a Parquet table; give a Parquet or CSV file"):
        load(path)
