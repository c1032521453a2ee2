"""How do others do on the same table? `make bench` prints one table and writes docs/benchmarks.md.

Every measurement is a process of its own with one thread, a limit of processor time and one of memory: what is beyond
is said to be so. Contestants that are not installed are said not to be. All ratios are of one run on one machine.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.contestants import CONTESTANTS
from tests.benchmarks.test_hsic_speed import CHUNKS, MOST_MEMORY, PARQUET, QUESTIONS, measure

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
RUNS = (1_000, 10_000, 100_000)
SECONDS, GIGABYTES = 60, 8
SWEEPS, SWEEP_RUNS = 100, 1_000
SHOWN = ("hpanalysis", "numpy", "scipy", "scikit-learn", "openturns", "hyppo", "optuna", "optuna-fast-fanova")
OURS, THEIRS = "hsic, one bandwidth", "OpenTURNS HSIC"
LEAST_RATIO = 1_000


@dataclass(frozen=True)
class Measured:
    """What came of one process: its JSON, or why there is none."""

    found: dict | None
    why: str = ""

    @property
    def seconds(self) -> str:
        """For the table."""
        return self.why if self.found is None else _digits(self.found["seconds"])

    @property
    def megabytes(self) -> str:
        """For the table."""
        return "" if self.found is None else f"{self.found['megabytes']:.0f}"


def _digits(x: float) -> str:
    return f"{x:.4f}" if x < 0.1 else f"{x:.2f}" if x < 10 else f"{x:.0f}"


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (GIGABYTES * 2**30,) * 2)
    # Beyond the time of the call itself: loading code and preparing the table take some of it.
    resource.setrlimit(resource.RLIMIT_CPU, (2 * SECONDS, 2 * SECONDS + 5))


def version(package: str) -> str | None:
    """The version that is installed, None for none."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def process(name: str, *arguments: str) -> Measured:
    """Measure a contestant in a process of its own."""
    if version(CONTESTANTS[name].package) is None:
        return Measured(None, "not installed")
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    command = [sys.executable, "-m", "tests.benchmarks.contestants", name, *arguments]
    limits = {"preexec_fn": _limited, "cwd": ROOT, "env": os.environ | threads}
    done = subprocess.run(command, capture_output=True, text=True, **limits)
    if done.returncode == 0:
        return Measured(json.loads(done.stdout.splitlines()[-1]))
    if done.returncode in (-24, -9):
        return Measured(None, f"> {2 * SECONDS}")
    lack = any(word in done.stderr for word in ("MemoryError", "bad_alloc", "memory", "cannot allocate"))
    if lack or done.returncode in (-6, -11):
        return Measured(None, f"> {GIGABYTES} GB")
    return Measured(None, f"failed: {(done.stderr.strip().splitlines() or ['no message'])[-1][:60]}")


def rows() -> tuple[list[list[str]], dict[tuple[str, int], Measured]]:
    """The table, one row a contestant, and what was measured."""
    table, known = [], {}
    for name, contestant in CONTESTANTS.items():
        cells = []
        for runs in RUNS:
            # Who could not do it on a tenth of the runs is not asked for more.
            before = known.get((name, runs // 10))
            found = before if before and before.found is None else process(name, "--runs", str(runs))
            known[name, runs] = found
            cells += [found.seconds, found.megabytes]
        order = ["", ""]
        if contestant.orders and known[name, RUNS[0]].found:
            right = process(name, "--runs", str(SWEEP_RUNS), "--sweeps", str(SWEEPS), "--seconds", str(SECONDS)).found
            if right:
                order[0] = f"{right['right']} of {right['sweeps']}"
                order[1] = f"{right['above']} of {right['floors']}" if right["floors"] else "has no floor"
        table.append([contestant.group, name, *cells, *order])
        print("  ".join(cell for cell in table[-1] if cell), flush=True)
    return table, known


def markdown(head: list[str], body: list[list[str]]) -> str:
    """A table in Markdown."""
    return "\n".join(
        [f"| {' | '.join(row)} |" for row in (head, [("---" if i < 2 else "---:") for i in range(len(head))], *body)]
    )


def million() -> tuple[list[list[str]], list[tuple[str, bool]]]:
    """Our own budgets at a million runs: CPU seconds and peak memory, and whether they were kept."""
    body, kept = [], []
    for name, (question, most) in QUESTIONS.items():
        seconds, memory = measure(question, 1_000_000)
        body.append([name, f"{seconds:.2f}", f"{most}", f"{memory:.2f}"])
        kept.append((f"{name}: {seconds:.2f} s of {most}, {memory:.2f} GiB of {MOST_MEMORY}",
                     seconds < most and memory < MOST_MEMORY))  # fmt: skip
        print("  ".join(body[-1]), flush=True)
    for name, question in (("made on the way", CHUNKS), ("from a Parquet file", PARQUET)):
        (_, few), (seconds, many) = (measure(question, runs, data="") for runs in (100_000, 2_000_000))
        told = f"in chunks of 50,000 {name}: {few:.3f} GiB for 10^5 runs, {many:.3f} GiB for 2 x 10^6 ({seconds:.2f} s)"
        kept.append((told, many < few + 0.05))
    return body, kept


def faster(known: dict[tuple[str, int], Measured]) -> tuple[str, bool]:
    """How many times faster than OpenTURNS, and whether both gave the same numbers."""
    ours, theirs = known[OURS, 10_000].found, known[THEIRS, 10_000].found
    if not ours or not theirs:
        return f"{THEIRS} at 10^4 runs: {known[THEIRS, 10_000].why}, so that nothing can be compared", False
    ratio = theirs["seconds"] / ours["seconds"]
    # Of the largest index: OpenTURNS adds some 1e-12 to the diagonal of a kernel, which a null index feels.
    apart = max(abs(ours["scores"][name] - value) for name, value in theirs["scores"].items())
    error = apart / max(theirs["scores"].values())
    told = f"{OURS} is {ratio:,.0f} times faster than {THEIRS} at 10^4 runs x 8"
    told += f", indices equal to {error:.1e} of the largest"
    return told, ratio >= LEAST_RATIO and error < 1e-9


def main() -> int:
    """Measure everything, print it, write the page; 1 if something that must hold did not."""
    table, known = rows()
    body, kept = million()
    kept.append(faster(known))
    versions = ", ".join(f"{name} {version(name) or '(not installed)'}" for name in SHOWN)
    head = ["question", "who", *(f"{what} at {n:,}" for n in RUNS for what in ("s", "MB")), "order right", "null told"]
    text = PROSE.format(
        versions=f"Python {platform.python_version()}, {versions}",
        limit=2 * SECONDS,
        memory=GIGABYTES,
        sweeps=SWEEPS,
        runs=f"{SWEEP_RUNS:,}",
        seconds=SECONDS,
        table=markdown(head, table),
        million=markdown(["a million runs", "CPU s", "budget", "GiB"], body),
        kept="\n".join(f"* {'held' if fine else 'MISSED'}: {told}" for told, fine in kept),
    )
    # What `linked_views` measures stays.
    _, title, brush = PAGE.read_text(encoding="utf-8").partition("\n## A brush over every run\n")
    PAGE.write_text(text + title + brush, encoding="utf-8")
    print(text)
    return int(not all(fine for _, fine in kept))


PROSE = """# Benchmarks

Made by `make bench` in one run on two cores: {versions}.

## The same table, the same run

Processor seconds of one call with one thread, code loaded, and the peak of memory of its process in MB; a process of
its own each. "> {limit}" took longer, "> {memory} GB" wanted more memory; who could not do it on a tenth of the runs is
not asked for more. The table is a toy with known truth (`toys/log_interaction.py`: 8 hyperparameters, 4 of them
without any effect, the optimizer acts mainly through the learning rate, runs fail at the highest learning rates).

*order right*: in how many of {sweeps} sweeps of {runs} runs (fewer where {seconds} s were over) the hyperparameters
that act are in the order of their true total effects, above all that do not act. HSIC of single columns, anova by main
effects and marginal measures do not ask for total effects: the column shows what follows from reading their bars as if
they did. *null told*: in how many of them a hyperparameter without any effect lies above the largest noise floor.
HSIC columns here are all taken as positions in [0, 1], as OpenTURNS and hyppo take them.

{table}

## A million runs of ten hyperparameters, six of them ranges

{million}

## What must hold

{kept}
"""


if __name__ == "__main__":
    sys.exit(main())
