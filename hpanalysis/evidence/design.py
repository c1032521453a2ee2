"""Can this sweep answer? What was tried, how evenly, what failed, and what each of these forbids."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.evidence.answer import Answer
from hpanalysis.evidence.balance import DATA_SET, balance, one_each
from hpanalysis.evidence.groups import failed_outcome, group, position
from hpanalysis.evidence.twins import told, twins
from hpanalysis.sweeps.suppose import usual_goal

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

COLUMNS = ("check", "subject", "found", "share", "p_adjusted", "n", "verdict", "so")
FEW_RUNS = 8
UNEQUAL = 10.0
EDGE = 0.1
NEAR_BEST = 0.01
# A level is scarce below that share of the average count, if luck does not make it so.
SCARCE = 0.8


def check(sweep: Sweep) -> Answer:
    """Check whether a sweep can answer questions, before any is asked.

    Parameters
    ----------
    sweep
        The runs.

    Returns
    -------
    Answer
        One row a check with what was found, a share or a p-value where there is one, a verdict (fine, caution, stop)
        and what follows. ``asked["observational"]`` lists the hyperparameters whose values hang together with those
        of another one: comparing their levels compares other things too.

    Notes
    -----
    Balance is tested by chi-squared, Holm-adjusted over all pairs; a large sweep finds imbalances too small to
    matter, so that a pair counts as unbalanced from Cramer's V of .03 on.
    """
    rows = [_runs(sweep), *_goal(sweep), *_failures(sweep), *_at_chance(sweep), *_ceiling(sweep), _repeats(sweep)]
    rows += _spreads(sweep) + _twins(sweep) + _levels(sweep) + _scarce(sweep) + _edges(sweep)
    related, observational = _balance(sweep)
    table = pd.DataFrame(rows + related, columns=list(COLUMNS))
    caveats = tuple(f"{row.subject}: {row.so}" for row in table.itertuples() if row.verdict == "stop")
    return Answer("check", table, asked={"observational": observational, "metric": sweep.metric}, caveats=caveats)


def _row(check: str, subject: str, found: str, verdict: str = "fine", so: str = "", **numbers: float) -> dict:
    return {"check": check, "subject": subject, "found": found, "verdict": verdict, "so": so, **numbers}


def _runs(sweep: Sweep) -> dict:
    usable, smallest = int(sweep.ok.sum()), int(np.bincount(sweep.block).min())
    found = f"{len(sweep)} runs, {usable} with a usable {sweep.metric}; at least {smallest} a data set"
    if usable < 2 * FEW_RUNS:
        return _row("runs", "all", found, "stop", "too few runs: no difference can be told from luck", n=usable)
    if smallest < 30:
        return _row("runs", "all", found, "caution", "few runs: means need 30 runs a level", n=usable)
    return _row("runs", "all", found, n=usable)


def _goal(sweep: Sweep) -> list[dict]:
    usual = usual_goal(sweep.metric)
    if usual in (None, sweep.goal):
        return []
    found = f"{sweep.goal} was asked of {sweep.metric}, whose name speaks for {usual}"
    return [_row("goal", sweep.metric, found, "caution", "if the goal is wrong, every sentence is the wrong way round")]


def _failures(sweep: Sweep) -> list[dict]:
    out = []
    for status in ("diverged", "failed"):
        count = int((sweep.status == status).sum())
        if count:
            so = "they stay in, ranked lowest"
            if failed_outcome(sweep) is None:
                so += "; no mean over all runs, as a failure has no declared value that could be used"
            out.append(_row("failures", status, f"{count} runs", "caution", so, share=count / len(sweep), n=count))
    if sweep.failed_value is not None and failed_outcome(sweep) is None:
        found = f"the declared {sweep.failed_value:g} of a failed run is better than that of the median run"
        out.append(
            _row("failures", "failed_value", found, "caution", "it is not used: declare what a failure is worth")
        )
    return out or [_row("failures", "all", "none", share=0.0, n=0)]


def _at_chance(sweep: Sweep) -> list[dict]:
    """Complete runs that share the bottom of the scale: failures that nobody called so."""
    value = failed_outcome(sweep)
    out = []
    for b, name in enumerate(sweep.datasets):
        score = sweep.score[(sweep.block == b) & sweep.ok]
        if len(score) < 2 * FEW_RUNS or np.ptp(score) == 0:
            continue
        width = 0.02 * np.ptp(score)
        bottom = np.quantile(score, 0.01)
        if value is not None:
            bottom = value if sweep.goal == "max" else -value
        here = np.abs(score - bottom) <= width
        above = np.abs(score - bottom - 3 * width) <= width
        if here.mean() >= 0.05 and here.sum() > 2 * above.sum():
            found = f"{here.sum()} complete runs at {bottom:.3g}, give or take 2 % of the range of the metric"
            so = "suspected failures that call themselves complete; shown, never relabelled"
            out.append(_row("at the bottom", name, found, "caution", so, share=float(here.mean()), n=int(here.sum())))
    return out


def _ceiling(sweep: Sweep) -> list[dict]:
    out = []
    for b, name in enumerate(sweep.datasets):
        score = sweep.score[(sweep.block == b) & sweep.ok]
        if len(score) < 2 * FEW_RUNS or np.ptp(score) == 0:
            continue
        near = float((score >= score.max() - NEAR_BEST * np.ptp(score)).mean())
        if near > 0.2:
            found = f"{near:.0%} of the runs within 1 % of the range of the best"
            out.append(
                _row(
                    "ceiling",
                    name,
                    found,
                    "caution",
                    "little room left to tell good levels apart",
                    share=near,
                )
            )
    return out


def _spreads(sweep: Sweep) -> list[dict]:
    """Data sets whose metric spreads so unequally that a mean over them is the mean of one."""
    scores = {name: sweep.score[(sweep.block == b) & sweep.ok] for b, name in enumerate(sweep.datasets)}
    spread = {name: float(score.std()) for name, score in scores.items() if len(score) and np.ptp(score) > 0}
    if len(spread) < 2 or max(spread.values()) <= UNEQUAL * min(spread.values()):
        return []
    most, least = max(spread, key=spread.get), min(spread, key=spread.get)
    found = f"the metric spreads {spread[most] / spread[least]:.0f} times as much on {most} as on {least}"
    so = f"means over data sets are mostly those of {most}: look at each of them, or at P(better)"
    return [_row("unequal spreads", "data sets", found, "caution", so)]


def _repeats(sweep: Sweep) -> dict:
    size = np.bincount(np.unique(sweep.configuration, return_inverse=True)[1])
    if size.max() == 1:
        return _row("repeats", "configurations", "none", so="seed noise cannot be told from effects of a single run")
    found = f"{int((size > 1).sum())} of {len(size)} configurations were run up to {size.max()} times"
    return _row("repeats", "configurations", found, so="repeats count as one piece of evidence", n=len(size))


def _twins(sweep: Sweep) -> list[dict]:
    found = twins(sweep)
    if found is None:
        return []
    return [_row("twins", name, told(found, name), n=count) for name, count in found.pairs.items()]


def _levels(sweep: Sweep) -> list[dict]:
    out = []
    for h in sweep.space:
        if not h.has_levels:
            continue
        g = group(sweep, h.name)
        count = np.bincount(g.codes[g.codes >= 0], minlength=len(g.labels))
        few = [f"{label} ({n})" for label, n in zip(g.labels, count, strict=True) if n < FEW_RUNS]
        if len(g.labels) < 2:
            out.append(_row("levels", h.name, "one level", "caution", "constant: nothing can be said about it"))
        elif few:
            out.append(
                _row(
                    "levels",
                    h.name,
                    "few runs: " + ", ".join(few[:6]),
                    "caution",
                    "these levels cannot be compared",
                )
            )
    return out


def _scarce(sweep: Sweep) -> list[dict]:
    """Levels with clearly fewer configurations than the others: drawn less often, or their failed runs are not here."""
    from scipy.stats import chisquare

    if balance(sweep).adaptive:
        return []
    first = one_each(sweep.configuration)
    out = []
    for h in sweep.space:
        if not h.has_levels or h.condition:
            continue
        g = group(sweep, h.name)
        count = np.bincount(g.codes[first][g.codes[first] >= 0], minlength=len(g.labels))
        if len(count) < 2 or count.mean() < FEW_RUNS or count.min() >= SCARCE * count.mean():
            continue
        if chisquare(count).pvalue < 0.001 / len(sweep.space):
            found = f"{g.labels[int(count.argmin())]} has {count.min()} configurations, {count.mean():.0f} on average"
            so = "drawn less often, or runs that failed were not recorded: then its P(fail) is too low"
            out.append(_row("scarce level", h.name, found, "caution", so, share=float(count.min() / count.sum())))
    return out


def _edges(sweep: Sweep) -> list[dict]:
    """Are the best runs crowded at an end of a range? Then the optimum may lie outside."""
    best = np.zeros(len(sweep), dtype=bool)
    for b in range(len(sweep.datasets)):
        here = np.flatnonzero((sweep.block == b) & sweep.ok)
        best[here[np.argsort(-sweep.score[here], kind="stable")[: len(here) // 10]]] = True
    out = []
    for h in sweep.space:
        if h.has_levels:
            continue
        u = position(sweep, h.name)[best]
        u = u[np.isfinite(u)]
        for end, count in (("lower", int((u < EDGE).sum())), ("upper", int((u > 1 - EDGE).sum()))):
            low = _wilson(count, len(u))
            if low > 0.5:
                found = f"{count} of the {len(u)} best runs lie in the {end} tenth of the range"
                so = f"widen the range at its {end} end: the optimum may lie outside"
                out.append(_row("edge", h.name, found, "caution", so, share=count / len(u), n=len(u)))
    return out


def _wilson(count: int, n: int) -> float:
    """Lower 95 % limit of a share. Wilson (1927), doi:10.1080/01621459.1927.10502953."""
    if not n:
        return 0.0
    z, p = 1.959963984540054, count / n
    return (p + z**2 / (2 * n) - z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))) / (1 + z**2 / n)


def _balance(sweep: Sweep) -> tuple[list[dict], tuple[str, ...]]:
    """Pairs of hyperparameters, and each with the data set, whose values hang together."""
    found = balance(sweep)
    if not found.pairs:
        return [], ()
    if found.adaptive:
        # One row: what hangs together with what is the optimiser's doing, and each pair would say the same.
        together = f"{found.together} of {found.among} pairs of hyperparameters hang together"
        so = "runs seem to be chosen by earlier results: every comparison is observational, and made at equal values "
        so += "of the other hyperparameters"
        row = _row("adaptive", "all", together, "caution", so, share=found.together / found.among, n=found.units)
        return [row], tuple(h.name for h in sweep.space if len(group(sweep, h.name).labels) > 1)
    out, observational = [], []
    for one, other, v, p in found.related:
        so = "compared within each data set, never pooled raw"
        if other != DATA_SET:
            so = "observational: a difference between levels of one may be the other's"
            observational += [one, other]
        together = f"not drawn independently (Cramer's V {v:.2f})"
        out.append(_row("balance", f"{one} x {other}", together, "caution", so, share=v, p_adjusted=p))
    if not out:
        calm = f"{found.pairs} pairs, largest Cramer's V {found.largest:.2f}"
        out = [_row("balance", "all pairs", calm, share=found.largest)]
    return out, tuple(dict.fromkeys(observational))
