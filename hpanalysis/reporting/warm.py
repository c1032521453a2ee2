"""What is imported once for all notebooks of a report? Whatever a worker or most kernels need: they are forks of this.

To import this module is to do it. Only the process that workers are forked from should.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import cast

from hpanalysis.reporting.notebooks.worker import ONE_THREAD

# What notebooks, the questions and the pages import where they use it. A name too many costs its import once a report.
MODULES = (
    *(
        "nbformat",
        "papermill",
        "nbconvert",
        "bs4",
        "jupyter_client.manager",
        "ipykernel.kernelapp",
        "ipykernel.ipkernel",
    ),
    *("matplotlib.pyplot", "matplotlib.backends.backend_agg"),
    *("scipy.stats", "scipy.optimize", "scipy.spatial", "scipy.sparse.csgraph"),
    *("sklearn.ensemble", "statsmodels.api"),
)
# jsonschema, which nbformat imports, can do without this grammar of web addresses, which takes a second to build.
SLOW = "rfc3987_syntax"


def warm() -> None:
    """Import, and do once what every first use does: find fonts, compile templates and the schema of notebooks."""
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    # As in every kernel: matplotlib looks when it is imported.
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    sys.modules.setdefault(SLOW, cast(ModuleType, None))
    for name in MODULES:
        import_module(name)
    if sys.modules[SLOW] is None:
        del sys.modules[SLOW]
    face = import_module("hpanalysis")
    for name in face.__all__:
        getattr(face, name)
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
