"""What is kept of an executed notebook? What it shows, and its findings as data; not what is true of one run only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hpanalysis.questions.finding import FINDINGS, Finding

if TYPE_CHECKING:
    from nbformat import NotebookNode


def collect(notebook: NotebookNode) -> tuple[Finding, ...]:
    """Take the records of the findings that a notebook showed out of its outputs, in place.

    What a cell tagged ``chance`` shows is about shuffled runs: it is no finding on the sweep.
    """
    found: list[Finding] = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            records = output.get("data", {}).pop(FINDINGS, [])
            output.get("metadata", {}).pop(FINDINGS, None)
            if "chance" not in cell.metadata.get("tags", []):
                found += [Finding(**record) for record in records]
    return tuple(found)


def tidy(notebook: NotebookNode) -> None:
    """Take out of an executed notebook, in place, what is true of this run only: times, paths, work files."""
    notebook.metadata.pop("papermill", None)
    notebook.cells = [c for c in notebook.cells if "papermill-error-cell-tag" not in c.metadata.get("tags", [])]
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            # The work folder is gone when the notebook is opened again: "" makes it compute for itself.
            cell.source = re.sub(r"(?m)^(inquiry|tables) = .*$", r'\1 = ""', cell.source)
