"""Does a notebook that explores run headless, and compare with its outputs, with the widget and without?"""

import subprocess
import sys

import nbformat
import papermill
import pytest

CODE = """
import pandas as pd
import hpanalysis as hp
{before}
runs = pd.DataFrame({{"optimizer": ["adam", "sgd"] * 20, "acc": [i / 40 for i in range(40)]}})
views = hp.explore(hp.read(runs, metric="acc", goal="max", name="small"))
"""
# As if the extra were not there.
WITHOUT = "from hpanalysis.views import explorer; explorer._widget = lambda packed, state: None"


def executed(folder, name, before):
    new = nbformat.v4
    cells = [new.new_code_cell(CODE.format(before=before)), new.new_code_cell("views")]
    cells += [new.new_code_cell("views.state = 'f=acc:0.5..1'\nlen(views.selected)")]
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    source, target = folder / f"{name}-source.ipynb", folder / f"{name}.ipynb"
    nbformat.write(new.new_notebook(cells=cells, metadata={"kernelspec": kernel}), source)
    papermill.execute_notebook(source, target, progress_bar=False, log_output=False)
    return target


@pytest.mark.slow
@pytest.mark.parametrize("ran", ["", WITHOUT], ids=["with", "without"])
@pytest.mark.parametrize("compared", ["", WITHOUT], ids=["with", "without"])
def test_papermill_runs_it_and_nbval_finds_the_same(root, tmp_path, ran, compared):
    path = executed(tmp_path, "ran", ran)
    book = nbformat.read(path, 4)
    shown = book.cells[1].outputs[0].data
    assert shown["text/plain"].startswith("Linked views of 40 runs of 'small'") and "image/png" in shown
    assert book.cells[2].outputs[0].data["text/plain"] == "20"
    assert "widgets" not in book.metadata or not book.metadata["widgets"]
    book.cells[0].source = CODE.format(before=compared)
    nbformat.write(book, path)
    command = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "--nbval", "--nbval-current-env"]
    done = subprocess.run([*command, str(path)], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]
