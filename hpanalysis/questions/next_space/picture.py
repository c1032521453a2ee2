"""Where were the good runs, and what should be tried next? The space before and after, a row a hyperparameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.questions.next_space.change import is_changed, proposed_space, tidied
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import plot_style
from hpanalysis.sweeps.space import level_key

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer
    from hpanalysis.sweeps.space import Hyperparameter, Space

ROW, HALF = 0.46, 0.3
TALLEST = 40
# A widened range may reach so far beyond the old one.
BEYOND = 0.36


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw the space: what was tried in grey, what is proposed in colour, the best configurations as ticks."""
    space, new, best = answer.asked["space"], proposed_space(answer), answer.asked["best"]
    rows = answer.frame[answer.frame["dataset"] == POOLED]
    # With the ends that the next space has: rounding them widens nothing.
    shown = [tidied(h) for h in space][:TALLEST]
    ax = plot_style.axes(ax, 1.35 + ROW * len(shown), width=7.0)
    plot_style.dress(ax)
    ax.grid(False)
    left, right = (BEYOND * _passes(shown, new, side) for side in ("low", "high"))
    for y, h in enumerate(shown):
        after = new[h.name] if h.name in new else None
        if h.has_levels:
            own = rows[rows["hyperparameter"] == h.name]
            _levels(ax, y, h, after, dict(zip(own["value"], own["share"], strict=True)))
        else:
            _range(ax, y, h, after, best[h.name].to_numpy(float))
        told = "left out" if after is None else _change(h, after)
        colour = plot_style.BETTER if is_changed(h, after) else plot_style.SOFT
        ax.text(1.03 + right, y, told, va="center", fontsize=plot_style.SMALL, color=colour, clip_on=False)
    plot_style.name_rows(ax, range(len(shown)), [h.name for h in shown])
    ax.set_ylim(len(shown) - 0.4, -0.65)
    ax.set_xlim(-0.03 - left, 1.02 + right)
    ax.set_xticks([])
    more = f" ({len(space) - len(shown)} more in the table)" if len(space) > len(shown) else ""
    plot_style.title(ax, f"The space, and what to try next{more}")
    top = f"best tenth of the configurations by {answer.asked['metric']}"
    plot_style.label(ax, x=f"grey: tried; teal: to try next; crossed: dropped\nticks and shares: where the {top} lie")
    return ax


def _passes(shown: list[Hyperparameter], new: Space, side: str) -> bool:
    """Whether any hyperparameter goes beyond what was tried on one side."""
    for h in (h for h in shown if h.name in new):
        after = new[h.name]
        if h.has_levels:
            added = after.levels[0 if side == "low" else -1]
            passed = level_key(added) not in set(map(level_key, h.levels))
        else:
            passed = not after.has_levels and (after.low < h.low if side == "low" else after.high > h.high)
        if passed:
            return True
    return False


def _ends(h: Hyperparameter, after: Hyperparameter) -> tuple[float, float]:
    """Where a range begins and ends in the search measure of an older one."""
    low, high = h.to_unit([after.low, after.high])
    # An integer owns the half step on both sides, which its ends leave out.
    low, high = (0.0 if after.low == h.low else low), (1.0 if after.high == h.high else high)
    return float(np.clip(low, -BEYOND, 1.0)), float(np.clip(high, 0.0, 1.0 + BEYOND))


def _box(ax: Axes, start: float, width: float, y: float, face: str, edge: str) -> None:
    ax.barh(y, width, left=start, height=2 * HALF, color=face, edgecolor=edge, linewidth=0.9, zorder=2)


def _levels(ax: Axes, y: int, h: Hyperparameter, after: Hyperparameter | None, shares: dict[str, float]) -> None:
    kept = set(map(level_key, after.levels)) if after else set()
    levels = list(h.levels)
    added = [level for level in (after.levels if after else ()) if level_key(level) not in set(map(level_key, levels))]
    each = 1 / len(levels)
    for i, level in enumerate(levels):
        stays = level_key(level) in kept
        _box(
            ax,
            i * each,
            each,
            y,
            "#dcecea" if stays else plot_style.WASH,
            plot_style.BETTER if stays else plot_style.LINE,
        )
        share = shares.get(level_key(level), np.nan)
        words = plot_style.plain(level_key(level), max(int(52 * each), 4))
        text = words if share != share else f"{words}\n{100 * share:.0f} %"
        shown = {"ha": "center", "va": "center", "fontsize": plot_style.SMALL - 1.5, "linespacing": 1.0}
        ax.text((i + 0.5) * each, y, text, color=plot_style.INK if stays else plot_style.OPEN, zorder=4, **shown)
        if not stays:
            across = [i * each + 0.004, (i + 1) * each - 0.004]
            ax.plot(across, [y + HALF - 0.03, y - HALF + 0.03], color=plot_style.WORSE, linewidth=1.2, zorder=3)
    for level in added:
        start = 1.01 if after.levels[-1] == level else -BEYOND / 2 - 0.01
        _box(ax, start, BEYOND / 2 - 0.01, y, "#dcecea", plot_style.BETTER)
        words = plot_style.plain(level_key(level), 8)
        ax.text(
            start + BEYOND / 4,
            y,
            words,
            ha="center",
            va="center",
            fontsize=plot_style.SMALL - 1.5,
            color=plot_style.INK,
        )


def _range(ax: Axes, y: int, h: Hyperparameter, after: Hyperparameter | None, best: np.ndarray) -> None:
    _box(ax, 0.0, 1.0, y, plot_style.WASH, plot_style.LINE)
    if after is not None and after.has_levels:
        at = h.to_unit([after.levels[0]])
        ax.plot(at, [y], "D", color=plot_style.BETTER, markersize=7, zorder=4)
    elif after is not None:
        low, high = _ends(h, after)
        _box(ax, low, high - low, y, "#dcecea", plot_style.BETTER)
    ticks = best[np.isfinite(best)]
    alpha = float(np.clip(60 / max(len(ticks), 1), 0.12, 0.8))
    ax.vlines(np.clip(ticks, 0, 1), y - 0.16, y + 0.16, color=plot_style.INK, alpha=alpha, linewidth=0.9, zorder=3)
    ends = {"fontsize": plot_style.SMALL - 2, "color": plot_style.SOFT, "va": "top", "zorder": 4}
    ax.text(0.0, y + HALF + 0.01, f"{h.low:g}", ha="left", **ends)
    ax.text(1.0, y + HALF + 0.01, f"{h.high:g}", ha="right", **ends)


def _change(h: Hyperparameter, after: Hyperparameter) -> str:
    """In a few words; the reasons are in the table."""
    if not is_changed(h, after):
        return "keep"
    if after.has_levels:
        gone = len(set(map(level_key, h.levels)) - set(map(level_key, after.levels)))
        if len(after.levels) == 1:
            return f"only {plot_style.plain(level_key(after.levels[0]), 14)}"
        return f"drop {gone}" if gone else "one value more"
    wider = after.low < h.low or after.high > h.high
    return f"{'widen' if wider else 'narrow'}\n{after.low:g} to {after.high:g}"
