"""How are the committed outputs of the notebooks renewed? By running them in place.

`python -m hpanalysis.reporting.notebooks.refresh_outputs [NAME ...]`

Every notebook is run in place on its defaults, the shipped sweep, and saved with nothing in it that another run or
another machine would write differently: these outputs are what a reader on a code host sees, and what nbval compares.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hpanalysis.errors import UserError
from hpanalysis.reporting.files import write_text
from hpanalysis.reporting.notebooks.parameters import choose, load_notebooks, notebooks_folder
from hpanalysis.reporting.notebooks.worker import quiet_kernels, terminal_to

if TYPE_CHECKING:
    from nbconvert.exporters import ResourcesDict
    from nbformat import NotebookNode

_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")
_KERNEL_FILE = re.compile(r"/[\w/.\-]*ipykernel_\d+/\d+\.py")


def renew(path: Path) -> bool:
    """Run a notebook and save it in place with its outputs; returns whether the file changed.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails; the file is left as it was then.
    """
    from nbconvert.exporters import NotebookExporter
    from nbconvert.preprocessors import ExecutePreprocessor

    exporter = NotebookExporter(preprocessors=[ExecutePreprocessor(timeout=600, record_timing=False), clean])
    text = str(exporter.from_filename(str(path.resolve()))[0])
    changed = text != path.read_text(encoding="utf-8")
    if changed:
        write_text(path, text)
    return changed


def clean(notebook: NotebookNode, resources: ResourcesDict) -> tuple[NotebookNode, ResourcesDict]:
    """Take out of an executed notebook, in place, what differs between machines; cells get ids by their number."""
    # The folder of the project, which is not named in outputs.
    root = f"{Path(resources['metadata']['path']).parent}/"
    kept = {key: value for key, value in notebook.metadata.items() if key in ("kernelspec", "hpanalysis")}
    notebook.metadata = kept | {"language_info": {"name": "python"}}
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02d}"
        cell.metadata = {key: value for key, value in cell.metadata.items() if key == "tags"}
        for output in cell.get("outputs", []):
            for place in (output, output.get("data", {})):
                for kind in [key for key in place if key == "text" or key.startswith("text/")]:
                    text = _ADDRESS.sub("at 0x…", place[kind].replace(root, ""))
                    place[kind] = _KERNEL_FILE.sub("cell.py", text)
    return notebook, resources


def main(names: Sequence[str]) -> int:
    """Renew some notebooks, or all; 0 when all ran."""
    from tqdm import tqdm

    try:
        notebooks = choose(load_notebooks(notebooks_folder()), names)
    except UserError as error:
        print(f"references: {error}", file=sys.stderr)
        return 2
    failed = []
    with tempfile.TemporaryDirectory() as scratch:
        quiet_kernels(Path(scratch))
        for notebook in tqdm(notebooks, desc="references", unit="notebook"):
            try:
                with terminal_to(Path(scratch) / "log"):
                    renew(notebook.path)
            except Exception as error:
                failed.append(notebook.name)
                print(f"\n{notebook.name}: {error}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
