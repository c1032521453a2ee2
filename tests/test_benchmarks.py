"""How long does it take? Budgets that a reader would notice; run on a quiet machine by `make bench`."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.benchmark


def seconds(*arguments: str) -> float:
    """Wall-clock seconds of one call of the command line, in a process of its own."""
    command = Path(sys.executable).with_name("hpanalysis")
    start = time.perf_counter()
    subprocess.run([str(command), *arguments], check=True, capture_output=True)
    return time.perf_counter() - start


def test_the_report_on_the_shipped_sweep_takes_less_than_a_minute(shipped, tmp_path, record_property):
    taken = seconds("report", str(shipped), "--out", str(tmp_path / "reports"))
    record_property("seconds", taken)
    assert taken < 60


def test_a_look_at_the_shipped_sweep_takes_less_than_three_seconds(shipped, record_property):
    taken = seconds("describe", str(shipped))
    record_property("seconds", taken)
    assert taken < 3
