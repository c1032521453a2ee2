"""How long does a tracker's store of 10,000 runs take, beside pandas on the same runs as CSV?

CPU seconds of a process of its own each, its imports included: what a person waits for. Run it with
`pytest -m benchmark -s tests/benchmarks/test_sources_speed.py`.
"""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.benchmark
ROOT = Path(__file__).resolve().parents[2]
RUNS = 10_000
# How many times as long as pandas: a store that is one file (twice, but for the clock), and one that is a folder a run.
ONE_FILE, FOLDERS = 2.1, 10
FILES = ("ax", "mlflow_database", "optuna_journal", "optuna_sqlite", "sklearn_cv", "trackio", "wandb_project")
FILES += ("deepcave", "smac", "syne_tune")
STORE = """
import sys, time
from hpanalysis.sweeps.reading.settings import Settings
from hpanalysis.sweeps.sources.opening import open_source
table = open_source(sys.argv[1], Settings(results=sys.argv[2] or None)).table
print(len(table.frame), time.process_time())
"""
PANDAS = """
import sys, time
import pandas
frame = pandas.read_csv(sys.argv[1], float_precision="round_trip")
print(len(frame), time.process_time())
"""

spec = importlib.util.spec_from_file_location("planted_stores", ROOT / "tests" / "sweeps" / "sources" / "stores.py")
stores = importlib.util.module_from_spec(spec)
spec.loader.exec_module(stores)


def seconds(code, *arguments):
    """CPU seconds, and the rows."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package is compiled
    command = [sys.executable, "-c", code, *map(str, arguments)]
    told = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    rows, took = told.stdout.split()
    return float(took), int(rows)


@pytest.fixture(scope="module")
def runs():
    return stores.planted(RUNS, 1)


@pytest.fixture(scope="module")
def plain(runs, tmp_path_factory):
    path = tmp_path_factory.mktemp("plain") / "runs.csv"
    stores.table_of(runs).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("name", sorted(stores.KINDS))
def test_a_store_is_read_in_a_small_multiple_of_the_time_of_pandas(
    name, runs, plain, tmp_path, capsys, record_property
):
    path = stores.write(name, tmp_path, runs)
    # The fewest of five, in turns: what else the machine does slows both alike.
    pairs = [(seconds(STORE, path, stores.KINDS[name].results or ""), seconds(PANDAS, plain)) for _ in range(5)]
    assert all(rows >= 0.99 * RUNS for (_, rows), _ in pairs)
    took, pandas_took = (min(one[side][0] for one in pairs) for side in (0, 1))
    times = took / pandas_took
    record_property(name, json.dumps([took, pandas_took]))
    with capsys.disabled():
        print(f"\n{name}: {took:.2f} s, {times:.1f} times pandas ({pandas_took:.2f} s)")
    assert times <= (ONE_FILE if name in FILES else FOLDERS)
