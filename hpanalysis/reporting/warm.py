"""What is imported once for all notebooks of a report? Whatever a worker or most kernels need: they are forks of this.

To import this module is to do it. Only the process that workers are forked from should.
"""

from __future__ import annotations

import gc
import os
from contextlib import suppress
from importlib import import_module

from hpanalysis.reporting.notebooks.run import ONE_THREAD

# What notebooks, the questions and the pages import where they use it. A name too many costs its import once a report.
MODULES = (
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "papermill", "nbclient", "nbconvert", "nbformat", "bs4", "click"),
    *("matplotlib.pyplot", "matplotlib.backends.backend_agg", "matplotlib_inline.config", "seaborn"),
    *("scipy.stats", "scipy.optimize", "scipy.spatial", "scipy.interpolate", "scipy.cluster.hierarchy"),
    *("sklearn.ensemble", "sklearn.tree", "sklearn.inspection", "statsmodels.api"),
)


def warm() -> None:
    """Import, and do once what every first use does: find fonts, compile templates and the schema of notebooks."""
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    # As in every kernel: matplotlib looks when it is imported.
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    for name in MODULES:
        import_module(name)
    import hpanalysis

    for name in hpanalysis.__all__:
        getattr(hpanalysis, name)
    _draw()
    _convert()
    gc.collect()
    gc.freeze()


def _draw() -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(layout="constrained")
    figure.subplots().set_title("a title", weight="bold")
    FigureCanvasAgg(figure).draw()


def _convert() -> None:
    from nbformat import v4, validate

    from hpanalysis.reporting.site.page import page

    cell = v4.new_code_cell("1", outputs=[v4.new_output("display_data", {"text/plain": "1"})])
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell("# Is it?"), cell])
    validate(notebook)
    page(notebook, title="", sweep="", shown={})


# A worker finds out by itself, and says, what it cannot import.
with suppress(Exception):
    warm()
