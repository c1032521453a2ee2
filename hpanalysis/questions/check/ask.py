"""Can this sweep answer? What was tried, how evenly, what failed, and what each of these forbids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.design.balance import DATA_SET, STOPPED, stopped_share
from hpanalysis.design.coverage import edges, scarce
from hpanalysis.design.design import Design
from hpanalysis.design.matched_runs import told
from hpanalysis.design.outcome_checks import FEW_RUNS, Check, outcome_checks
from hpanalysis.questions.answer import Answer, Asked

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

COLUMNS = ["check", "subject", "found", "share", "p_adjusted", "n", "verdict", "so"]


def check(sweep: Sweep | Design) -> Answer:
    """Check whether a sweep can answer questions, before any is asked.

    Parameters
    ----------
    sweep
        The runs, or their design.

    Returns
    -------
    Answer
        One row a check with what was found, a share or a p-value where there is one, a verdict (fine, caution, stop)
        and what follows. ``asked["observational"]`` lists the hyperparameters whose values are associated with
        those of another one: comparing their levels compares other things too.

    Notes
    -----
    Balance is tested by chi-squared, Holm-adjusted over all pairs; a large sweep finds imbalances too small to
    matter, so that a pair counts as unbalanced from Cramer's V of .03 on.
    """
    design = Design.of(sweep)
    sweep = design.sweep
    rows = [_runs(design), *outcome_checks(design), _repeats(design), *_copies(design)]
    rows += _twins(design) + _levels(design) + scarce(design) + edges(design)
    rows += _stopped(design) + _balance(design)
    table = pd.DataFrame(rows, columns=list(Check._fields))[COLUMNS]
    caveats = tuple(f"{row.subject}: {row.so}" for row in rows if row.verdict == "stop")
    return Answer("check", table, asked=Asked(observational=design.observational, metric=sweep.metric), caveats=caveats)


def _runs(design: Design) -> Check:
    sweep = design.sweep
    usable, smallest = int(sweep.ok.sum()), int(np.bincount(sweep.block).min())
    found = f"{len(sweep)} runs, {usable} with a usable {sweep.metric}; at least {smallest} a data set"
    if usable < 2 * FEW_RUNS:
        return Check("runs", "all", found, "stop", "too few runs: no difference can be told from luck", n=usable)
    if smallest < 30:
        return Check("runs", "all", found, "caution", "few runs: means need 30 runs a level", n=usable)
    return Check("runs", "all", found, n=usable)


def _repeats(design: Design) -> Check:
    sweep = design.sweep
    size = np.bincount(np.unique(sweep.configuration, return_inverse=True)[1])
    if size.max() == 1:
        return Check("repeats", "configurations", "none", so="seed noise cannot be told from effects of a single run")
    found = f"{int((size > 1).sum())} of {len(size)} configurations were run up to {size.max()} times"
    return Check("repeats", "configurations", found, so="repeats count as one piece of evidence", n=len(size))


def _copies(design: Design) -> list[Check]:
    copied = design.duplicates
    if not copied.extra.any():
        return []
    found = f"{copied.equal} runs equal another one of their configuration to the last digit"
    so = "copied rows or one seed: they are no repeats, and tell nothing about seed noise"
    return [Check("copies", "repeats", found, "caution", so, share=copied.equal / copied.repeated, n=copied.equal)]


def _twins(design: Design) -> list[Check]:
    found = design.matched_runs
    if found is None:
        return []
    return [Check("twins", name, told(found, name), n=count) for name, count in found.pairs.items()]


def _levels(design: Design) -> list[Check]:
    sweep = design.sweep
    out = []
    for h in sweep.space:
        if not h.has_levels:
            continue
        g = design.groups(h.name)
        count = np.bincount(g.codes[g.codes >= 0], minlength=len(g.labels))
        few = [f"{label} ({n})" for label, n in zip(g.labels, count, strict=True) if n < FEW_RUNS]
        if len(g.labels) < 2:
            out.append(Check("levels", h.name, "one level", "caution", "constant: nothing can be said about it"))
        elif few:
            out.append(
                Check(
                    "levels",
                    h.name,
                    "few runs: " + ", ".join(few[:6]),
                    "caution",
                    "these levels cannot be compared",
                )
            )
    return out


def _stopped(design: Design) -> list[Check]:
    """Runs that a scheduler stopped are not here; those that are were chosen by their results."""
    sweep = design.sweep
    share = stopped_share(design)
    if share < STOPPED:
        return []
    found = f"{sweep.stopped:,} runs that were stopped early are left out, {100 * share:.0f} % of all"
    so = "every comparison is observational: the runs that are left were chosen by their first results"
    return [Check("stopped early", "all", found, "caution", so, share=share, n=sweep.stopped)]


def _balance(design: Design) -> list[Check]:
    """Pairs of hyperparameters, and each with the data set, that are associated."""
    found = design.balance
    if not found.pairs:
        return []
    if found.adaptive:
        # One row: what is associated with what is the optimiser's doing, and each pair would say the same.
        together = f"{found.associated} of {found.among} pairs of hyperparameters are associated"
        so = "runs seem to be chosen by earlier results: every comparison is observational, and made at equal values "
        so += "of the other hyperparameters"
        row = Check("adaptive", "all", together, "caution", so, share=found.associated / found.among, n=found.units)
        return [row]
    out = []
    for one, other, v, p in found.related:
        so = "compared within each data set, never pooled raw"
        if other != DATA_SET:
            so = "observational: a difference between levels of one may be the other's"
        together = f"not drawn independently (Cramer's V {v:.2f})"
        out.append(Check("balance", f"{one} x {other}", together, "caution", so, share=v, p_adjusted=p))
    if not out:
        calm = f"{found.pairs} pairs, largest Cramer's V {found.largest:.2f}"
        out = [Check("balance", "all pairs", calm, share=found.largest)]
    return out
