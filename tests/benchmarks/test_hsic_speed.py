"""How long does HSIC take for a million runs, and how much memory? Budgets, and a table of what was measured.

CPU seconds of one thread, so that neighbours matter little; each question in a process of its own, so that its peak of
memory is its own. Run it with `pytest -m benchmark -s tests/benchmarks/test_hsic_speed.py`.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.benchmark
ROOT = Path(__file__).resolve().parents[2]

PREPARE = """
import json, resource, time
import numpy as np
from hpanalysis import hsic

def columns(n, seed):
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.random((n, 6)), rng.integers(0, [2, 3, 5, 8], (n, 4))])
    return x, (x[:, 0] - 0.3) ** 2 + 0.1 * x[:, 8] + 0.05 * rng.standard_normal(n)

levels = (hsic.Discrete(2), hsic.Discrete(3, "delta"), hsic.Discrete(5), hsic.Discrete(8, "expected"))
kinds = (hsic.Continuous(),) * 6 + levels
small, target = columns(1000, 1)
hsic.goal_oriented(small, target, hsic.Goal(kinds, terms="all"))
n = {runs}
{data}
start = time.process_time()
{question}
seconds = time.process_time() - start
print(json.dumps([seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20]))
"""
DATA = "x, errors = columns(n, 0)"
CHUNKS = """
moments = hsic.Moments(hsic.Goal(kinds), 0.1)
for seed in range(n // 50_000):
    moments.update(*columns(50_000, seed))
moments.indices()
"""
# A table that is never whole in memory: a child writes it, a row group at a time, and it is read the same way.
PARQUET = """
import os, pathlib, tempfile
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "runs.parquet"
    child = os.fork()
    import pyarrow as pa, pyarrow.parquet as pq
    names = [*('x%d' % j for j in range(10)), "error"]
    if not child:
        with pq.ParquetWriter(path, pa.schema([(name, pa.float64()) for name in names])) as writer:
            for seed in range(n // 50_000):
                x, errors = columns(50_000, seed)
                writer.write_table(pa.table(dict(zip(names, [*x.T, errors]))))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    file = pq.ParquetFile(path, pre_buffer=False)
    moments = hsic.Moments(hsic.Goal(kinds), 0.1)
    for group in range(file.num_row_groups):
        table = file.read_row_group(group, use_threads=False)
        x = np.column_stack([table.column(name).to_numpy() for name in names])
        moments.update(x[:, :10], x[:, 10])
    assert moments.indices().runs[0] == n
"""
MOST_MEMORY = 2.0  # GiB
# question -> code, most CPU seconds for a million runs
QUESTIONS = {
    "six continuous, h = .3": ("hsic.goal_oriented(x[:, :6], errors, hsic.Goal(kinds[:6], bandwidth=0.3))", 1),
    "all ten, bandwidth searched": ("hsic.goal_oriented(x, errors, hsic.Goal(kinds))", 5),
    "45 pairs, h = .3": ("hsic.goal_oriented(x, errors, hsic.Goal(kinds, bandwidth=0.3, terms='pairs'))", 60),
    "45 pairs, searched": ("hsic.goal_oriented(x, errors, hsic.Goal(kinds, terms='pairs'))", 60),
    "1,000 permutations of ten, h = .3": (
        "hsic.permutation_test(x, errors, hsic.Goal(kinds, bandwidth=0.3), permutations=1000, rng=0)",
        60,
    ),
    "1,000 permutations of ten, searched": (
        "hsic.permutation_test(x, errors, hsic.Goal(kinds), permutations=1000, rng=0)",
        60,
    ),
    "whole metric, six continuous, with p": ("hsic.dependence(x[:, :6], errors)", 30),
}


def measure(question: str, runs: int, data: str = DATA) -> tuple[float, float]:
    """CPU seconds and the peak of memory in GiB."""
    code = PREPARE.format(runs=runs, data=data, question=question)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    return tuple(json.loads(done.stdout))


def test_a_million_runs_of_ten_hyperparameters_take_seconds(capsys, record_property):
    rows = {}
    for name, (question, _) in QUESTIONS.items():
        rows[name] = *(measure(question, runs)[0] for runs in (10_000, 100_000)), *measure(question, 1_000_000)
        record_property(name, rows[name])
    with capsys.disabled():
        print(f"\n{'CPU seconds, one thread':<42}{'n=1e4':>9}{'1e5':>9}{'1e6':>9}{'GiB at 1e6':>12}")
        for name, (one, two, three, memory) in rows.items():
            print(f"{name:<42}{one:>9.3f}{two:>9.3f}{three:>9.2f}{memory:>12.2f}")
    for name, (_, most_seconds) in QUESTIONS.items():
        assert rows[name][2] < most_seconds and rows[name][3] < MOST_MEMORY, name


@pytest.mark.parametrize("question", [CHUNKS, PARQUET], ids=["chunks", "parquet"])
def test_memory_does_not_grow_with_the_runs_when_they_come_in_chunks(capsys, record_property, question):
    (_, few), (seconds, many) = (measure(question, runs, data="") for runs in (100_000, 2_000_000))
    record_property("GiB", (few, many))
    with capsys.disabled():
        print(f"\nin chunks of 50,000: {few:.3f} GiB for 1e5 runs, {many:.3f} GiB for 2e6 ({seconds:.2f} s)")
    assert many < few + 0.05
