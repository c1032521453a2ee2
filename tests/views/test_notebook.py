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
    # As reports do.
    papermill.execute_notebook(source, target, progress_bar=False, log_output=False, store_widget_state=False)
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


def test_the_page_of_a_notebook_that_explores_has_the_picture(root, tmp_path):
    new = nbformat.v4
    parameters = new.new_code_cell(
        'source = "runs.csv"\nmetric = "acc"\ngoal = "max"', metadata={"tags": ["parameters"]}
    )
    reads = "import hpanalysis as hp\nhp.explore(hp.read(source, metric=metric, goal=goal))"
    cells = [new.new_markdown_cell("# Look?"), parameters, new.new_code_cell(reads)]
    kernel = {"name": "python3", "language": "python", "display_name": "Python 3"}
    (tmp_path / "books").mkdir()
    nbformat.write(new.new_notebook(cells=cells, metadata={"kernelspec": kernel}), tmp_path / "books" / "00-look.ipynb")
    lines = [f"{name},{i / 40}" for i in range(40) for name in ("adam", "sgd")]
    (tmp_path / "runs.csv").write_text("\n".join(["optimizer,acc", *lines]))
    words = ["report", "runs.csv", "--metric", "acc", "--goal", "max", "--notebooks", "books", "--out", "out"]
    subprocess.run([sys.executable, "-m", "hpanalysis.cli", *words], cwd=tmp_path, check=True, capture_output=True)
    page = (tmp_path / "out" / "runs" / "00-look.html").read_text()
    assert "data:image/png;base64" in page and "widget-view" not in page
    assert not nbformat.read(tmp_path / "out" / "runs" / "00-look.ipynb", 4).metadata.get("widgets")
