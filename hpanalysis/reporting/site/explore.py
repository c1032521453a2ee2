"""How does a reader look for themselves? ``explore.html``: every run of a sweep in linked views, beside its reports."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
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
    from hpanalysis.questions.finding import Finding
    from hpanalysis.reporting.site.study import Study

PAGE = "explore.html"
_UNSETTLED = ("undecided", "cannot tell")
# A hyperparameter with more findings than that has its strongest ones in front.
_MOST = 6


def explore_page(study: Study, findings: Iterable[Finding]) -> str:
    """The HTML of ``explore.html``; of a sweep with too many runs, a page that says which filter to use.

    Parameters
    ----------
    study
        The sweep.
    findings
        What the report says of it: each stands beside the hyperparameter that it is about.
    """
    shown = partial(render, "explore.html.j2", sweep=study.sweep_id, runs=len(study.sweep), metric=study.sweep.metric)
    try:
        packed = pack(study.sweep, verdicts(findings))
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


def verdicts(findings: Iterable[Finding]) -> dict[str, list[Verdict]]:
    """Hyperparameter -> what is said of it, settled findings only, headlines first."""
    said: dict[str, list[Verdict]] = {}
    settled = [f for f in findings if f.verdict not in _UNSETTLED]
    for finding in sorted(settled, key=lambda f: f.tier != "headline"):
        for name in dict.fromkeys(filter(None, (finding.hyperparameter, finding.other))):
            own = said.setdefault(name, [])
            if len(own) < _MOST:
                own.append({"text": finding.sentence, "holds": finding.tier == "headline"})
    return said
