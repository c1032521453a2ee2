"""How long does `hpanalysis findings` take for a million runs, and how much memory? From all rows, reading included.

CPU seconds of one thread, each in a process of its own. Run it with
`pytest -m benchmark -s tests/benchmarks/test_findings_speed.py`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from hpanalysis import toys

pytestmark = pytest.mark.benchmark
ROOT = Path(__file__).resolve().parents[2]
# runs -> most CPU seconds, most GiB
BUDGET = {13_000: (15, 4.0), 1_000_000: (60, 4.0)}
CODE = """
import contextlib, io, json, resource, sys, time
begin = time.perf_counter()
from hpanalysis import cli
with contextlib.redirect_stdout(io.StringIO()):
    cli.main(["findings", sys.argv[1], "--metric", "accuracy", "--goal", "max", "--json", sys.argv[2]])
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
print(json.dumps([time.process_time(), time.perf_counter() - begin, memory]))
"""


def table(runs: int):
    """Twelve hyperparameters on three data sets, effects of about 12 standard errors at 13,000 runs."""
    frame = toys.make(toys.real_effects(2000), runs, 0).runs
    rng = np.random.default_rng(1)
    initialization = rng.choice(["glorot", "he", "normal"], runs)
    return frame.assign(initialization=initialization, weight_decay=10 ** rng.uniform(-6, -2, runs))


def measure(path: Path) -> tuple[float, float, float, list[dict]]:
    """CPU and wall seconds, the peak of memory in GiB, and the findings."""
    out = path.with_suffix(".json")
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    code = [sys.executable, "-c", CODE, str(path), str(out)]
    done = subprocess.run(code, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    seconds, wall, memory = json.loads(done.stdout)
    return seconds, wall, memory, json.loads(out.read_text(encoding="utf-8"))


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_a_million_runs_are_told_within_a_minute_and_as_fully_as_thousands(ending, tmp_path, capsys, record_property):
    kinds = {}
    for runs, (most_seconds, most_memory) in BUDGET.items():
        path = tmp_path / f"runs{runs}.{ending}"
        frame = table(runs)
        frame.to_parquet(path) if ending == "parquet" else frame.to_csv(path, index=False)
        seconds, wall, memory, told = measure(path)
        record_property(f"{runs} runs, {ending}", (seconds, memory))
        with capsys.disabled():
            print(f"\n{runs:>9,} runs, {ending}: {seconds:.1f} CPU seconds, {wall:.1f} by the clock, {memory:.2f} GiB")
        assert seconds < most_seconds and memory < most_memory
        kinds[runs] = _kinds(told)
    assert kinds[13_000] <= kinds[1_000_000]


def _kinds(told) -> set[str]:
    found = told["findings"] if isinstance(told, dict) else told
    return {f["kind"] for f in found if f["tier"] == "headline"}
