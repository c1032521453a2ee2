"""`hp.explore`: linked views in JupyterLab, and a still picture wherever there is no browser to draw them."""

from __future__ import annotations

import base64
import importlib
import importlib.util
from typing import Any

import pandas as pd

from hpanalysis.errors import UserError
from hpanalysis.sweeps.sweep import Sweep
from hpanalysis.views import still
from hpanalysis.views.pack import Packed, pack
from hpanalysis.views.script import style, widget_module
from hpanalysis.views.state import selected

# The colours of a notebook, under the names that the views know.
HOST = """.hp-views { --ink: var(--jp-content-font-color1); --soft: var(--jp-content-font-color2);
--line: var(--jp-border-color2); --sheet: var(--jp-layout-color0); --paper: var(--jp-layout-color0);
--wash: var(--jp-layout-color2); --accent: var(--jp-brand-color1); --accent-wash: var(--jp-layout-color2);
--warn: var(--jp-warn-color0); --warn-wash: var(--jp-layout-color2); --bad: var(--jp-error-color1); }
"""


class Explorer:
    """Linked views of a sweep. Displayed, it is the views in a live notebook and a picture anywhere else.

    Attributes
    ----------
    sweep
        What is looked at.
    widget
        The widget, to be put beside others; None without the extra ``widget``.
    """

    def __init__(self, sweep: Sweep, state: str) -> None:
        self.sweep = sweep
        self._state = state
        self._packed = pack(sweep)
        self.widget: Any = _widget(self._packed, state)

    @property
    def state(self) -> str:
        """All that was chosen, as one text: the same as behind the ``#`` of a page's address. It can be set."""
        return str(self.widget.state) if self.widget else self._state

    @state.setter
    def state(self, text: str) -> None:
        if not isinstance(text, str):
            raise UserError(f"the state of a view is {text!r}; give text such as 'f=optimizer:adam'.")
        self._state = text.removeprefix("#")
        if self.widget:
            self.widget.state = self._state

    @property
    def selected(self) -> pd.DataFrame:
        """The runs that the state selects: rows of the sweep's table, all of them at first."""
        return self.sweep.runs[selected(self.sweep, self.state)]

    def __repr__(self) -> str:
        # The same with and without a widget, and whatever is selected: outputs of a notebook are compared.
        runs = f"{len(self.sweep):,} runs of {self.sweep.name!r}"
        return f"Linked views of {runs}: live in JupyterLab, here a still picture."

    def _repr_mimebundle_(self, **options: object) -> tuple[dict[str, object], dict[str, object]]:
        shown = self.widget._repr_mimebundle_(**options) if self.widget else ({}, {})
        data, metadata = shown if isinstance(shown, tuple) else (shown or {}, {})
        picture = base64.b64encode(still.png(self.sweep)).decode()
        own: dict[str, object] = {"text/plain": repr(self), "image/png": picture}
        return {**data, **own}, {**metadata, "image/png": {"alt": still.described(self.sweep)}}


def explore(sweep: Sweep, *, state: str = "") -> Explorer:
    """Look for yourself: every run in linked views, to filter, compare and take along.

    In JupyterLab the views are live (``pip install 'hpanalysis[widget]'``): what is brushed there is in `selected`, and
    what is written to `state` is shown. Where nothing is live, as in a report, there is a still picture.

    Parameters
    ----------
    sweep
        As read, of at most 100,000 runs.
    state
        What is chosen at first, as one text: ``f=`` and filters ``column:level,level`` or ``column:low..high`` joined
        by ``;``, then ``&detail=`` a hyperparameter, ``&scale=place`` or ``&scale=rank``. A page has it behind the
        ``#`` of its address. What the sweep does not have is passed over.

    Returns
    -------
    Explorer
        With `state`, `selected` (a frame of runs) and `widget`.

    Raises
    ------
    UserError
        If the sweep has more runs; the message names a filter to read fewer by.

    Notes
    -----
    What is seen here was looked for: intervals are of one level each, or of the pairs that the page tried, and nothing
    accounts for what you chose to look at. What holds stands in the findings.

    Examples
    --------
    >>> import pandas as pd
    >>> import hpanalysis as hp
    >>> runs = pd.DataFrame({"optimizer": ["adam", "sgd", "adam"], "acc": [0.9, 0.7, 0.5]})
    >>> views = hp.explore(hp.read(runs, metric="acc", goal="max", name="small"))
    >>> views
    Linked views of 3 runs of 'small': live in JupyterLab, here a still picture.
    >>> views.state = "f=acc:0.6..1"
    >>> views.selected["optimizer"].tolist()
    ['adam', 'sgd']
    """
    return Explorer(sweep, state.removeprefix("#"))


def _widget(packed: Packed, state: str) -> Any:
    """The widget, or None where the extra is not installed."""
    if importlib.util.find_spec("anywidget") is None:
        return None
    anywidget, traitlets = importlib.import_module("anywidget"), importlib.import_module("traitlets")
    traits = {
        "_esm": widget_module(),
        "_css": HOST + style(),
        "_head": traitlets.Unicode(packed.head_json()).tag(sync=True),
        "_bytes": traitlets.Bytes(packed.data).tag(sync=True),
        "state": traitlets.Unicode(state).tag(sync=True),
    }
    return type("LinkedViews", (anywidget.AnyWidget,), traits)()
