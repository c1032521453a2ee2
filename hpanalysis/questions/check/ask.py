"""Can this sweep answer? What was tried, how evenly, what failed, and what each of these forbids."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hpanalysis.design.balance import DATA_SET, stopped_share
from hpanalysis.design.coverage import edges, scarce
from hpanalysis.design.design import Design
from hpanalysis.design.evidence_checks import adaptive_check, evidence_checks
from hpanalysis.design.matched_runs import how_counted
from hpanalysis.design.outcome_checks import FEW_RUNS, Check, outcome_checks
from hpanalysis.questions.answer import Answer, Asked
from hpanalysis.sweeps.budgets import FAILED, STOPPED
from hpanalysis.sweeps.reading.slow_starters import starts_slowly
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
        One row per check with what was found, a share or a p-value where there is one, a verdict (fine, caution, stop)
        and what follows. ``asked["observational"]`` lists the hyperparameters whose values are associated with
        those of another one: comparing their levels compares other things too.

    Raises
    ------
    UserError
        If the declared value of a failure has no logarithm where the metric is analysed on one.

    Notes
    -----
    Balance is tested by chi-squared, Holm-adjusted over all pairs; a large sweep finds imbalances too small to
    matter, so that a pair counts as unbalanced from Cramer's V of .03 on. The share of the best runs at an end has
    Wilson's interval, Wilson (1927), doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    >>> from hpanalysis import check, toys
    >>> frame = check(toys.make(toys.CEILING, 400, 0)).frame
    >>> frame.loc[frame["check"] == "ceiling", ["subject", "verdict"]].to_numpy().tolist()
    [['easy', 'caution']]
    """
    design = Design.of(sweep)
    rows = [_runs(design), *outcome_checks(design), _repeats(design), *evidence_checks(design), *_copies(design)]
    rows += [*_matched(design), *_levels(design), *scarce(design), *edges(design), *_budget(design)]
    rows += [*_stopped(design), *_balance(design)]
    caveats = tuple(f"{row.subject}: {row.so}" for row in rows if row.verdict == "stop")
    asked = Asked(observational=design.observational, metric=design.sweep.metric)
    return Answer("check", pd.DataFrame(rows, columns=list(Check._fields))[COLUMNS], asked=asked, caveats=caveats)


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
    size = np.unique(design.sweep.configuration, return_counts=True)[1]
    if size.max() == 1:
        return Check("repeats", "configurations", "none", so="seed noise cannot be told from effects of a single run")
    found = f"{int((size > 1).sum())} of {len(size)} configurations were run up to {size.max()} times"
    so = "each run counts" if design.repeats.each_run else "repeats count as one piece of evidence"
    return Check("repeats", "configurations", found, so=so, n=len(size))


def _copies(design: Design) -> list[Check]:
    copied = design.duplicates
    if not copied.extra.any():
        return []
    found = f"{copied.equal} runs equal another one of their configuration to the last digit"
    so = "copied rows or one seed: they are no repeats, and show nothing of seed noise"
    return [Check("copies", "repeats", found, "caution", so, copied.equal / copied.repeated, n=copied.equal)]


def _matched(design: Design) -> list[Check]:
    if (found := design.matched_runs) is None:
        return []
    return [Check("matched runs", name, how_counted(found, name), n=n) for name, n in found.pairs.items()]


def _levels(design: Design) -> list[Check]:
    out = []
    for g in (design.groups(h.name) for h in design.sweep.space if h.has_levels):
        few = [f"{label} ({n})" for label, n in zip(g.labels, g.sizes, strict=True) if n < FEW_RUNS]
        if len(g.labels) < 2:
            out.append(Check("levels", g.name, "one level", "caution", "constant: nothing can be said about it"))
        elif few:
            found = "few runs: " + ", ".join(few[:6])
            out.append(Check("levels", g.name, found, "caution", "these levels cannot be compared"))
    return out


def _budget(design: Design) -> list[Check]:
    """Of a pruned sweep, or one at several budgets: how many runs reached the end, and where they are compared."""
    sweep = design.sweep
    if (at := sweep.budget) is None:
        return []
    stopped, ends, runs = at.count("stopped"), at.count("complete", *FAILED), len(at.whole)
    found = f"{stopped:,} of {runs:,} runs were stopped early, {ends:,} came to their end; {len(sweep):,} are compared"
    so = "every sentence is about the end"
    if at.value < at.end:
        so = "every sentence is about that budget, and a ranking there need not be the one at the end"
        slow = [f"{name} ({values})" for name in sweep.space.names if (values := starts_slowly(name))]
        so += f"; known to start slowly: {', '.join(slow)}" if slow else ""
    return [Check("budget", str(at), found, "caution" if stopped else "fine", so, stopped / runs, n=stopped)]


def _stopped(design: Design) -> list[Check]:
    """Runs that a scheduler stopped are not here; those that are were chosen by their results."""
    stopped, share = design.sweep.stopped, stopped_share(design)
    if share < STOPPED:
        return []
    found = f"{stopped:,} runs that were stopped early are left out, {100 * share:.0f} % of all"
    so = "every comparison is observational: the runs that are left were chosen by their first results"
    if design.sweep.budget is None:
        so += "; with their curves all of them could be compared before the first was stopped"
    return [Check("stopped early", "all", found, "caution", so, share, n=stopped)]


def _balance(design: Design) -> list[Check]:
    """Pairs of hyperparameters, and each with the data set, that are associated."""
    found = design.balance
    if design.adaptive:
        return [adaptive_check(design)]
    if not found.pairs:
        return []
    if not found.related:
        calm = f"{found.pairs} pairs, largest Cramer's V {found.largest:.2f}"
        return [Check("balance", "all pairs", calm, share=found.largest)]
    of_data = "compared within each data set, never pooled raw"
    of_two = "observational: a difference between levels of one may be the other's"
    return [
        Check(
            "balance",
            f"{pair.one} x {pair.other}",
            f"not drawn independently (Cramer's V {pair.v:.2f})",
            "caution",
            of_data if pair.other == DATA_SET else of_two,
            pair.v,
            pair.p,
        )
        for pair in found.related
    ]
