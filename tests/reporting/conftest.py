"""A toy table and toy notebooks: small enough that a whole report takes seconds, with one strong effect in it."""

from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

PARAMETERS = """source: str = ""  # the table of runs
metric: str = "accuracy"  # the column that says how good a run is
goal: str = "max"  # whether higher or lower is better
reading: dict = {}  # other settings of hp.read
inquiry: str = ""  # a saved inquiry, empty to compute it
tables: str = ""  # folder for tables as CSV, empty for none
"""


def _toy_frame(runs: int = 240, **renamed: str) -> pd.DataFrame:
    rng = np.random.default_rng(7)
    augmentation = rng.choice(["off", "on"], runs)
    frame = pd.DataFrame(
        {
            "dataset": rng.choice(["easy", "hard"], runs),
            "augmentation": augmentation,
            "optimizer": rng.choice(["adam", "sgd"], runs),
            "learning_rate": 10 ** rng.uniform(-4, -1, runs),
            "only": rng.choice(["a", "b"], runs),
            "accuracy": (0.6 + 0.1 * (augmentation == "on") + rng.normal(0, 0.05, runs)).round(4),
        }
    )
    return frame.rename(columns=renamed)


def _write_notebook(
    folder: Path, name: str, *code: str, parameters: str = "", text: str = "# Is it so?", **metadata: list[str]
) -> Path:
    new = nbformat.v4
    tagged = new.new_code_cell(PARAMETERS + parameters, metadata={"tags": ["parameters"]})
    cells = [new.new_markdown_cell(text), tagged, *map(new.new_code_cell, code)]
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    book = new.new_notebook(cells=cells, metadata={"kernelspec": kernel, "hpanalysis": metadata})
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.ipynb"
    nbformat.write(book, path)
    return path


@pytest.fixture(scope="session")
def toy_frame() -> Callable[..., pd.DataFrame]:
    """Runs on two data sets; augmentation adds .1 to the accuracy, nothing else does anything."""
    return _toy_frame


@pytest.fixture(scope="session")
def write_notebook() -> Callable[..., Path]:
    """Writes a toy notebook into a folder: name, code cells, more parameters, text, and names in its metadata."""
    return _write_notebook


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """The toy table as a CSV."""
    path = tmp_path / "toy.csv"
    _toy_frame().to_csv(path, index=False)
    return path
