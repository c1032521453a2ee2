"""What every test may rely on: no window opens, one thread a process, and paths that hold from any folder."""

import os
from pathlib import Path

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")  # before numpy is imported: it reads them only then

import matplotlib
import pytest

# Not by the environment variable: a kernel that a test starts would inherit it and lose its inline pictures.
matplotlib.use("Agg")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def shipped() -> Path:
    """The table of the sweep that the project ships."""
    return ROOT / "data" / "cnn" / "runs.csv"


@pytest.fixture(scope="session")
def shared() -> Path:
    """A folder with other people's sweeps beside the project, where there is one; elsewhere the test is skipped."""
    folder = ROOT.parent / "shared"
    if not (folder / "sweeps").is_dir():
        pytest.skip("no folder of other people's sweeps beside the project")
    return folder
