"""What does a hyperparameter do, in one picture? Every level against the best one, tuned beside on average, as SVG.

The picture is text: a page stays one file, a screen reader gets its title, and colours follow the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape

from hpanalysis.inquiry.verdicts.evidence import Comparisons, Evidence
from hpanalysis.inquiry.verdicts.verdict import Effect
from hpanalysis.questions.answer import Asked
from hpanalysis.style.numbers import number

# Pixels: of a line, of a panel, and of the names beside it.
LINE, PANEL, NAMES, HEAD, FOOT = 20, 330, 220, 30, 34
# With more lines than that each data set is left to the table.
MOST = 24
TITLES = {"tuned": "best of {k}, after tuning", "average": "a random run, untuned"}


@dataclass(frozen=True)
class Drawn:
    """A comparison with the best level, None where there are too few runs, and what it is called."""

    name: str
    place: str
    effect: Effect | None


# The same in a file of its own, which has no page to take colours from.
ALONE = (
    "<style>.forest{font:12px sans-serif;fill:#1e2328}.forest .soft{fill:#5d6670;font-size:11px}"
    ".forest .zero{stroke:#5d6670;stroke-dasharray:3 3}.forest line.shown{stroke:#0b6b6b;stroke-width:2.2}"
    ".forest line.open{stroke:#5d6670;stroke-width:1.4}.forest circle.shown{fill:#0b6b6b}"
    ".forest circle.open{fill:#fff;stroke:#5d6670;stroke-width:1.6}</style>"
)


def alone(drawn: Markup) -> str:
    """A figure as an SVG file that looks on paper as it does on a light page."""
    return str(drawn).replace("</title>", f"</title>{ALONE}", 1)


def figure(evidence: Evidence, ident: str) -> Markup:
    """The picture of a hyperparameter; empty where nothing is compared.

    Parameters
    ----------
    evidence
        What is known of it.
    ident
        A prefix of its ids, unlike that of any other picture of the page.
    """
    regimes = evidence.regimes
    if not regimes:
        return Markup("")
    about, first = evidence.inquiry.about, regimes[0]
    # Of two levels the second is held against the first, as off and on are; of more, each against the best one.
    best = first.overall[0].reference if len(first.ranked) == 2 else first.ranked[0]
    lines = _lines(first, best, about)
    height = HEAD + LINE * len(lines) + FOOT
    width = NAMES + PANEL * len(regimes)
    said = f"{evidence.name}: how much better each value is than {best}"
    parts = [
        f'<svg class="forest" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{ident}-t" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{ident}-t">{escape(said)}</title>'
    ]
    for i, (value, place) in enumerate(lines):
        y = HEAD + LINE * (i + 0.5) + 4
        where = "average" if place is None else place
        text = where if len({v for v, _ in lines}) == 1 else f"{value}, {where}"
        weight = ' font-weight="600"' if place is None else ""
        parts.append(f'<text x="{NAMES - 10}" y="{y:g}" text-anchor="end"{weight}>{escape(_cut(text))}</text>')
    for p, c in enumerate(regimes):
        effects = [c.between(value, best, place) for value, place in lines]
        parts.append(_panel(c, effects, NAMES + PANEL * p, height, _axis(c, best, about)))
    return Markup("".join([*parts, "</svg>"]))


def _lines(c: Comparisons, best: str, about: Asked) -> list[tuple[str, str | None]]:
    """Each other level, the best first: on average, then on each data set."""
    places: list[str | None] = [None, *(about["datasets"] if len(about["datasets"]) > 1 else ())]
    others = [level for level in c.ranked if level != best]
    if len(others) * len(places) > MOST:
        places = [None]
    return [(level, place) for level in others for place in places]


def _cut(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:28]}…"


def _axis(c: Comparisons, best: str, about: Asked) -> tuple[float, str]:
    """What a gain is multiplied with for reading, and the label of the axis."""
    if c.scale == "p_better":
        return 100.0, f"% of comparisons won against {_cut(best)}, beyond one half"
    unit = "points" if about["share"] else about["unit"] or about["metric"]
    return (100.0 if about["share"] else 1.0), f"{unit} better than {_cut(best)}"


def _panel(c: Comparisons, effects: Sequence[Effect | None], left: int, height: int, axis: tuple[float, str]) -> str:
    """One regime: a line a comparison, its bounds that hold for the whole report, and an axis."""
    scale, label = axis
    ends = [x * scale for e in effects if e is not None for x in (e.low, e.high, e.gain) if np.isfinite(x)]
    low, high = min([*ends, 0.0]), max([*ends, 0.0])
    pad = 0.06 * (high - low or 1.0)
    low, high = low - pad, high + pad
    inner, start = PANEL - 24, left + 6

    def at(x: float) -> float:
        return round(start + inner * (x - low) / (high - low), 1)

    foot = height - FOOT
    out = [
        f'<text x="{start}" y="16" font-weight="600">{escape(TITLES[c.regime].format(k=c.k))}</text>'
        f'<line class="zero" x1="{at(0)}" x2="{at(0)}" y1="{HEAD - 6}" y2="{foot}"/>'
    ]
    for i, e in enumerate(effects):
        y = HEAD + LINE * (i + 0.5)
        if e is None:
            out.append(f'<text class="soft" x="{at(0) + 6}" y="{y + 4:g}">too few runs</text>')
            continue
        mark = "shown" if e.shown else "open"
        if e.sized:
            out.append(
                f'<line class="{mark}" x1="{at(scale * e.low)}" x2="{at(scale * e.high)}" y1="{y:g}" y2="{y:g}"/>'
            )
        out.append(f'<circle class="{mark}" cx="{at(scale * e.gain)}" cy="{y:g}" r="4"/>')
    step = _step(high - low)
    for tick in np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step:
        digits = max(int(-np.floor(np.log10(step))), 0)
        out.append(
            f'<text class="soft" x="{at(tick)}" y="{foot + 14}" text-anchor="middle">{number(tick, digits)}</text>'
        )
    out.append(
        f'<text class="soft" x="{start + inner / 2}" y="{foot + 30}" text-anchor="middle">{escape(label)}</text>'
    )
    return "".join(out)


def _step(width: float) -> float:
    """A round number of which four to eight fit into a width."""
    rough = 10.0 ** np.floor(np.log10(width / 4))
    return float(next(rough * f for f in (1, 2, 5, 10) if width / (rough * f) <= 7))
