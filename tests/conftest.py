"""What every test may rely on: no window opens, one thread a process, and paths that hold from any folder."""

import os
from pathlib import Path

# Before numpy is imported: it reads them only then.
os.environ.update({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"})

import matplotlib  # noqa: E402
import pytest  # noqa: E402

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
    """A folder with other people's sweeps beside the project; without one the test is skipped."""
    folder = ROOT.parent / "shared"
    if not (folder / "sweeps").is_dir():
        pytest.skip("no folder of other people's sweeps beside the project")
    return folder
