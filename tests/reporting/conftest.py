"""A toy table and toy notebooks: small enough that a whole report takes seconds, with a known strong effect."""

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
READ = "import hpanalysis as hp\nsweep = hp.read(source, metric=metric, goal=goal, **reading)"
Maker = Callable[..., Path]


def toy_frame(runs: int = 240, effect: float = 0.1) -> pd.DataFrame:
    """Runs on two data sets, in which augmentation adds `effect` to the accuracy and momentum nothing."""
    rng = np.random.default_rng(7)
    augmentation = rng.choice(["off", "on"], runs)
    return pd.DataFrame(
        {
            "dataset": rng.choice(["easy", "hard"], runs),
            "augmentation": augmentation,
            "optimizer": rng.choice(["adam", "sgd"], runs),
            "learning_rate": 10 ** rng.uniform(-4, -1, runs),
            "only": "same",
            "accuracy": (0.6 + effect * (augmentation == "on") + rng.normal(0, 0.05, runs)).round(4),
        }
    )


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """The toy table as a CSV."""
    path = tmp_path / "toy.csv"
    toy_frame().to_csv(path, index=False)
    return path


@pytest.fixture
def notebooks(tmp_path: Path) -> Path:
    """An empty folder for notebooks."""
    folder = tmp_path / "books"
    folder.mkdir()
    return folder


@pytest.fixture
def write_notebook(notebooks: Path) -> Maker:
    """A function that writes a toy notebook: name, code cells, more parameters, and the names in its metadata."""

    def write(name: str, *code: str, parameters: str = "", title: str = "Is it so?", **metadata: list[str]) -> Path:
        new = nbformat.v4
        tagged = new.new_code_cell(PARAMETERS + parameters, metadata={"tags": ["parameters"]})
        cells = [new.new_markdown_cell(f"# {title}"), tagged, *map(new.new_code_cell, code)]
        kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
        book = new.new_notebook(cells=cells, metadata={"kernelspec": kernel, "hpanalysis": metadata})
        path = notebooks / f"{name}.ipynb"
        nbformat.write(book, path)
        return path

    return write
