"""Which hyperparameters is a notebook about, what else does it need, and does this sweep have it?"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hpanalysis.design.design import Design
from hpanalysis.design.groups import group
from hpanalysis.errors import UserError, choices
from hpanalysis.questions.learning_curve.paths import paths_of
from hpanalysis.style.lines import opening
from hpanalysis.style.phrases import SWITCHES, spoken
from hpanalysis.sweeps.space import known_level

if TYPE_CHECKING:
    from hpanalysis.reporting.notebooks.parameters import Need, Notebook, Value
    from hpanalysis.sweeps.sweep import Sweep


# What a table with a row a search has (`hpanalysis.experiments.comparison` makes one).
SEARCHES = {"problem", "strategy", "repeat", "error"}
# So many levels leave enough runs in a cell of most sweeps.
FEW = 4


def lacking(need: Need, sweep: Sweep) -> str:
    """Why a sweep has not what a notebook needs, in a few words; empty where it has."""
    there, reason = _NEEDS[need]
    return "" if there(sweep) else f"{reason} in the sweep {sweep.name!r}"


def is_about(notebook: Notebook, sweep: Sweep) -> bool:
    """Whether a sweep is of the kind that a notebook is about: one on searches has nothing to say of networks."""
    return "searches" not in notebook.needs or _compares_searches(sweep)


def _compares_searches(sweep: Sweep) -> bool:
    return set(sweep.runs.columns) >= SEARCHES and sweep.runs["strategy"].nunique() > 1


def _has_curves(sweep: Sweep) -> bool:
    """Whether runs can be followed along training: two steps or more at which their metric is known."""
    try:
        return len(paths_of(sweep, None).steps) > 1
    except UserError:
        return False


_NEEDS: dict[Need, tuple[Callable[[Sweep], bool], str]] = {
    "hyperparameters": (lambda s: any(_problem(n, s, {}) is None for n in s.space.names), "no hyperparameter varies"),
    "curves": (_has_curves, "there are no learning curves of two steps or more"),
    "stages": (lambda s: Design.of(s).stages is not None, "there are no stages of tuning by hand"),
    "searches": (_compares_searches, "there are no searches to compare"),
}


@dataclass(frozen=True)
class Interest:
    """What a sweep has to tell.

    Parameters
    ----------
    names
        Its hyperparameters from what matters most.
    partners
        Of each, those with which it is shown to act together, the surest first.
    """

    names: tuple[str, ...] = ()
    partners: Mapping[str, Sequence[str]] = field(default_factory=dict)


UNKNOWN = Interest()


def hyperparameters_named(
    notebook: Notebook, sweep: Sweep, given: dict[str, Value], interest: Interest = UNKNOWN
) -> dict[str, Value]:
    """Check the hyperparameters that a notebook is about, and complete its parameters for this sweep.

    Parameters
    ----------
    notebook
        The notebook.
    sweep
        The sweep it shall run on.
    given
        Parameters named explicitly, already typed.
    interest
        What the sweep has to tell; in the order of the space when left out.

    Returns
    -------
    dict
        `given`; where the sweep does not have a default, what stands in for it; "" for an optional one without.

    Raises
    ------
    UserError
        If a hyperparameter named explicitly is absent or has one level.
    LookupError
        If a default is absent or has one level, or the sweep has too few runs or lacks something else that is needed:
        the reason for which the notebook is skipped.
    """
    if sweep.ok.sum() < notebook.fewest:
        raise LookupError(
            f"{int(sweep.ok.sum())} runs of the sweep {sweep.name!r} have a metric and it needs {notebook.fewest}; "
            "add runs"
        )
    reason = next(filter(None, (lacking(need, sweep) for need in notebook.needs)), "")
    if reason:
        raise LookupError(reason)
    _check_draws_and_reference(notebook, sweep, given)
    out, seen = dict(given), dict[str, str]()
    for name in (*notebook.hyperparameters, *notebook.optional):
        value = given.get(name, notebook.parameters[name].default if name in notebook.parameters else None)
        for wanted in value if isinstance(value, list) else [value]:
            problem = _problem(str(wanted), sweep, seen, range_=name in notebook.ranges) if wanted else None
            if problem and name in given:
                raise UserError(f"-p {name}={wanted} cannot be used: {problem}; name another.")
            other = _stand_in(notebook, name, sweep, seen, given, interest) if problem else None
            if other:
                out[name] = other
                seen[other] = name
            elif problem and name in notebook.hyperparameters:
                raise LookupError(f"{problem}; name another with -p {name}=NAME")
            elif problem:
                out[name] = [] if isinstance(value, list) else ""
            elif wanted:
                seen[str(wanted)] = name
    return out


def _stand_in(
    notebook: Notebook, name: str, sweep: Sweep, seen: dict[str, str], given: dict[str, Value], interest: Interest
) -> str | None:
    """What the sweep has in the place of a default that it lacks; None where the notebook wants none, or has none.

    Few levels come before many, as cells need runs, and levels before ranges, unless a range is asked for; of a pair
    what acts together with the first before what does not, and last what is active with one of its values alone; what
    another parameter names stays with it.
    """
    if name not in notebook.stand_in:
        return None
    others = {p: given.get(p, notebook.parameters[p].default) for p in (*notebook.hyperparameters, *notebook.optional)}
    taken = {str(value) for parameter, value in others.items() if parameter != name}
    first = next((n for n, parameter in seen.items() if parameter == notebook.hyperparameters[0]), "")
    partners = interest.partners.get(first, ())
    names = (*partners, *interest.names, *sweep.space.names)
    able = [n for n in names if n not in taken and not _problem(n, sweep, seen)]
    if name in notebook.ranges:
        able = [n for n in able if not sweep.space[n].has_levels]
    kind = {n: (not sweep.space[n].has_levels, len(group(sweep, n).labels) > FEW) for n in able}
    # The order of importance stays within each kind, as the first of equals is taken.
    key = {n: (_hangs_on(sweep, n, first), kind[n][0], n not in partners, kind[n][1]) for n in able}
    return min(able, key=key.__getitem__, default=None)


def _hangs_on(sweep: Sweep, one: str, other: str) -> bool:
    """Whether one of two hyperparameters is active with some values of the other alone: they cannot be crossed."""
    pairs = ((one, other), (other, one)) if other else ()
    return any((c := sweep.space[a].condition) is not None and c.hyperparameter == b for a, b in pairs)


def _check_draws_and_reference(notebook: Notebook, sweep: Sweep, given: dict[str, Value]) -> None:
    """Refuse before anything runs what the notebook would refuse after it started."""
    k = given.get("k")
    if isinstance(k, int) and k < 0:
        raise UserError(f"-p k={k} cannot be used; give a number of draws from 1 on, or 0 for the default.")
    hyperparameter = given.get(
        "hyperparameter",
        notebook.parameters["hyperparameter"].default if "hyperparameter" in notebook.parameters else None,
    )
    wanted = given.get("reference")
    if wanted not in (None, "") and isinstance(hyperparameter, str) and hyperparameter in sweep.space:
        known_level(wanted, group(sweep, hyperparameter).labels, hyperparameter)


def _problem(name: str, sweep: Sweep, seen: dict[str, str], *, range_: bool = False) -> str | None:
    if sweep.roles.get(name) == "ignored" and sweep.runs[name].nunique() == 1:
        return f"{name!r} is {str(sweep.runs[name].iloc[0])!r} in every run, so nothing can be compared"
    if name not in sweep.space:
        close = difflib.get_close_matches(name, sweep.space.names, n=1)
        hint = f" (did you mean {close[0]!r}?)" if close else ""
        return f"the sweep {sweep.name!r} has no hyperparameter {name!r}{hint}, only {choices(sweep.space.names)}"
    if name in seen:
        return f"{name!r} is asked for twice, as {seen[name]!r} too"
    if range_ and sweep.space[name].has_levels:
        return f"{name!r} has levels and a range is needed"
    levels = sweep.values(name).dropna().astype(str).nunique()
    return None if levels > 1 else f"{name!r} has one level in the sweep {sweep.name!r}, so nothing can be compared"


def hyperparameters_of(notebook: Notebook, values: dict[str, Value]) -> Iterator[str]:
    """The hyperparameters that a notebook is about when its parameters have these values.

    A notebook that can do without any is about the whole sweep: one that it takes along has its home elsewhere.
    """
    if not notebook.hyperparameters:
        return
    for name in (*notebook.hyperparameters, *notebook.optional):
        value = values.get(name)
        yield from (str(v) for v in (value if isinstance(value, list) else [value]) if v)


def heading(notebook: Notebook, sweep: Sweep, values: dict[str, Value]) -> str:
    """What the report of a notebook is called when its parameters have these values.

    Parameters
    ----------
    notebook
        The notebook.
    sweep
        The sweep that it is run on.
    values
        Its parameters.
    """
    if not notebook.headings:
        return notebook.title
    name = str(values.get("hyperparameter", ""))
    switch = name in sweep.space and tuple(group(sweep, name).labels) in SWITCHES
    texts = {key: spoken(str(value)) for key, value in values.items() if isinstance(value, str)}
    return opening(notebook.headings[0 if switch else -1].format_map(texts))
