"""How does a reader look for themselves? ``explore.html``: every run of a sweep in linked views, beside its reports."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from hpanalysis.errors import UserError
from hpanalysis.reporting.site.page import render
from hpanalysis.views import still
from hpanalysis.views.pack import Verdict, pack
from hpanalysis.views.script import page_script, style
from hpanalysis.views.state import Filter, state

if TYPE_CHECKING:
    from hpanalysis.reporting.site.study import Told

PAGE = "explore.html"
_UNSETTLED = ("undecided", "cannot tell")
# The verdict first, and some of the findings behind it: all of them stand on the index.
_MOST = 4


def explore_page(told: Told) -> str:
    """The HTML of ``explore.html``; of a sweep with too many runs, a page that says which filter to use.

    Parameters
    ----------
    told
        The sweep, and what the report says of it: each sentence stands beside the hyperparameter that it is about.
    """
    study = told.study
    shown = partial(render, "explore.html.j2", sweep=study.sweep_id, runs=len(study.sweep), metric=study.sweep.metric)
    try:
        packed = pack(study.sweep, verdicts(told))
    except UserError as refusal:
        return shown(refusal=str(refusal))
    return shown(
        script=page_script(),
        more_style=style(),
        head=packed.head_json(),
        data=base64.b64encode(packed.data).decode(),
        picture=base64.b64encode(still.png(study.sweep)).decode(),
        alt=still.described(study.sweep),
    )


def explore_link(sweep_id: str, filters: Mapping[str, Filter] | None = None, *, detail: str = "") -> str:
    """Where a page in the folder of the reports finds some runs: an address ready for ``href``.

    Parameters
    ----------
    sweep_id
        The folder of the sweep; empty from a page in that folder.
    filters
        Column -> its levels, or the low and the high end as a pair of numbers.
    detail
        The hyperparameter to look at closely.

    Examples
    --------
    >>> explore_link("cnn", {"activation": ["elu"]}, detail="activation")
    'cnn/explore.html#f=activation:elu&detail=activation'
    """
    chosen = state(filters or {}, detail=detail)
    folder = f"{quote(sweep_id)}/" if sweep_id else ""
    return f"{folder}{PAGE}#{chosen}" if chosen else f"{folder}{PAGE}"


def verdicts(told: Told) -> dict[str, list[Verdict]]:
    """Hyperparameter -> what the report says of it: its verdict, then its findings, what holds first."""
    said: dict[str, list[Verdict]] = {}
    for verdict in told.verdicts:
        holds = verdict.tier == "headline" and verdict.kind != "undecided"
        for name in filter(None, (verdict.hyperparameter, verdict.other)):
            said.setdefault(name, []).append({"text": " ".join(verdict.sentences), "holds": holds})
    settled = [f for f in told.findings if f.verdict not in _UNSETTLED]
    for finding in sorted(settled, key=lambda f: f.tier != "headline"):
        for name in dict.fromkeys(filter(None, (finding.hyperparameter, finding.other))):
            said.setdefault(name, []).append({"text": finding.sentence, "holds": finding.tier == "headline"})
    return {name: own[:_MOST] for name, own in said.items()}
