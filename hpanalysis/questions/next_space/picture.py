"""Where were the good runs, and what should be tried next? The space before and after, a row a hyperparameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.questions.next_space.change import Side, is_changed, proposed_space, tidied
from hpanalysis.questions.next_space.reasons import decisive, parts
from hpanalysis.style import plot_style
from hpanalysis.sweeps.space import level_key

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from hpanalysis.questions.answer import Answer
    from hpanalysis.sweeps.space import Hyperparameter, Level, Space

ROW, HALF = 0.46, 0.3
# More rows than that are read by nobody; the table has them all.
TALLEST = 40
# A widened range may reach so far beyond the old one.
BEYOND = 0.36
CHOSEN = "#dcecea"
CHARACTERS = 52  # that fit side by side into a whole row


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw the space: what was tried in grey, what is proposed in colour, the best configurations as ticks."""
    space, new, best = answer.asked["space"], proposed_space(answer), answer.asked["best"]
    rows = list(parts(decisive(answer)))
    # With the ends that the next space has: rounding them widens nothing.
    shown = [tidied(h) for h in space][:TALLEST]
    ax = plot_style.axes(ax, 1.35 + ROW * len(shown), width=7.0)
    plot_style.dress(ax)
    ax.grid(False)
    left, right = (BEYOND * _passes(shown, new, side) for side in ("low", "high"))
    for y, h in enumerate(shown):
        after = new[h.name] if h.name in new else None
        if h.has_levels:
            _levels(ax, y, h, after, {row.value: row.share for row in rows if row.hyperparameter == h.name})
        else:
            _range(ax, y, h, after, np.asarray(best[h.name], float))
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


def _keys(levels: Sequence[Level]) -> set[str]:
    return set(map(level_key, levels))


def _passes(shown: Sequence[Hyperparameter], new: Space, side: Side) -> bool:
    """Whether any hyperparameter goes beyond what was tried on one side."""
    return any(_passed(h, new[h.name], side) for h in shown if h.name in new)


def _passed(h: Hyperparameter, after: Hyperparameter, side: Side) -> bool:
    if h.has_levels:
        return level_key(after.levels[0 if side == "low" else -1]) not in _keys(h.levels)
    if after.has_levels:
        return False
    (low, high), (first, last) = after.ends, h.ends
    return low < first if side == "low" else high > last


def _reach(h: Hyperparameter, after: Hyperparameter) -> tuple[float, float]:
    """Where a range begins and ends in the search measure of an older one."""
    low, high = h.to_unit(after.ends)
    # An integer owns the half step on both sides, which its ends leave out.
    low, high = (0.0 if after.low == h.low else low), (1.0 if after.high == h.high else high)
    return float(np.clip(low, -BEYOND, 1.0)), float(np.clip(high, 0.0, 1.0 + BEYOND))


def _box(ax: Axes, start: float, width: float, y: float, *, chosen: bool) -> None:
    face, edge = (CHOSEN, plot_style.BETTER) if chosen else (plot_style.WASH, plot_style.LINE)
    ax.barh(y, width, left=start, height=2 * HALF, color=face, edgecolor=edge, linewidth=0.9, zorder=2)


def _levels(ax: Axes, y: int, h: Hyperparameter, after: Hyperparameter | None, shares: Mapping[str, float]) -> None:
    """Levels side by side, each with its share of the best; those that go are crossed out, a new one stands outside."""
    after_levels = after.levels if after is not None else ()
    each = 1 / len(h.levels)
    for i, level in enumerate(h.levels):
        stays = level_key(level) in _keys(after_levels)
        _box(ax, i * each, each, y, chosen=stays)
        share = shares.get(level_key(level), np.nan)
        name = plot_style.plain(level_key(level), max(int(CHARACTERS * each), 4))
        text = name if share != share else f"{name}\n{100 * share:.0f} %"
        _name(ax, (i + 0.5) * each, y, text, plot_style.INK if stays else plot_style.OPEN)
        if not stays:
            across = [i * each + 0.004, (i + 1) * each - 0.004]
            ax.plot(across, [y + HALF - 0.03, y - HALF + 0.03], color=plot_style.WORSE, linewidth=1.2, zorder=3)
    for level in after_levels:
        if level_key(level) not in _keys(h.levels):
            start = 1.01 if after_levels[-1] == level else -BEYOND / 2 - 0.01
            _box(ax, start, BEYOND / 2 - 0.01, y, chosen=True)
            _name(ax, start + BEYOND / 4, y, plot_style.plain(level_key(level), 8), plot_style.INK)


def _name(ax: Axes, x: float, y: int, text: str, colour: str) -> None:
    size = plot_style.SMALL - 1.5
    ax.text(x, y, text, ha="center", va="center", fontsize=size, linespacing=1.0, color=colour, zorder=4)


def _range(ax: Axes, y: int, h: Hyperparameter, after: Hyperparameter | None, best: NDArray[np.float64]) -> None:
    """A range with the best configurations as ticks, and what is left or added of it."""
    _box(ax, 0.0, 1.0, y, chosen=False)
    if after is not None and after.has_levels:
        ax.plot(h.to_unit([after.levels[0]]), [y], "D", color=plot_style.BETTER, markersize=7, zorder=4)
    elif after is not None:
        low, high = _reach(h, after)
        _box(ax, low, high - low, y, chosen=True)
    ticks = best[np.isfinite(best)]
    alpha = float(np.clip(60 / max(len(ticks), 1), 0.12, 0.8))
    ax.vlines(np.clip(ticks, 0, 1), y - 0.16, y + 0.16, color=plot_style.INK, alpha=alpha, linewidth=0.9, zorder=3)
    below, size = y + HALF + 0.01, plot_style.SMALL - 2
    for x, end, side in zip((0.0, 1.0), h.ends, ("left", "right"), strict=True):
        ax.text(x, below, f"{end:g}", ha=side, va="top", fontsize=size, color=plot_style.SOFT, zorder=4)


def _change(h: Hyperparameter, after: Hyperparameter) -> str:
    """In a few words; the reasons are in the table."""
    if not is_changed(h, after):
        return "keep"
    if after.has_levels:
        gone = len(_keys(h.levels) - _keys(after.levels))
        if len(after.levels) == 1:
            return f"only {plot_style.plain(level_key(after.levels[0]), 14)}"
        return f"drop {gone}" if gone else "one value more"
    (low, high), (first, last) = after.ends, h.ends
    return f"{'widen' if low < first or high > last else 'narrow'}\n{low:g} to {high:g}"
