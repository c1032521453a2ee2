"""How do others brush the same runs? `python -m tests.benchmarks.linked_views` writes a part of docs/benchmarks.md.

The shipped sweep in one run of one browser: our page, ECharts (parallel coordinates with a brush on an axis) and Altair
(a histogram a column, linked by a brush). Who is not installed is said not to be; ECharts comes from npm.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import hpanalysis as hp
from hpanalysis.views.columns import Column, columns_of
from tests.browser.brush import STEPS, Move, moves, timed
from tests.browser.conftest import FLAGS, NAMES, page_of

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
TITLE = "## The same brush in ECharts and Altair"
SHOWN = ("dataset", "hyperparameter", "cost", "metric", "status")


@dataclass(frozen=True)
class Result:
    """What one page costs: bytes, seconds of the main thread until it is drawn, and a move of the brush."""

    who: str
    size: int
    load: float
    move: Move


def echarts(columns: list[Column]) -> str:
    """The page of ECharts: parallel coordinates of the same columns."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "echarts", "--silent"], cwd=folder, check=True, capture_output=True)
        (archive,) = Path(folder).glob("*.tgz")
        with tarfile.open(fileobj=io.BytesIO(archive.read_bytes())) as packed:
            script = packed.extractfile("package/dist/echarts.min.js").read().decode()
    axes = [_axis(number, column) for number, column in enumerate(columns)]
    data = [list(row) for row in zip(*(_values(column) for column in columns), strict=True)]
    option = {
        "animation": False,
        "parallel": {"left": 60, "right": 60},
        "parallelAxis": axes,
        "series": [{"type": "parallel", "data": data, "lineStyle": {"width": 0.5, "opacity": 0.05}, "progressive": 0}],
    }
    return f"""<!DOCTYPE html><meta charset="utf-8"><div id="c" style="width:1300px;height:420px"></div>
<script>{script}</script><script>const chart = echarts.init(document.getElementById("c"));
chart.setOption({json.dumps(option)}); window.drawn = true;</script>"""


def _axis(number: int, column: Column) -> dict:
    if column.levels:
        return {"dim": number, "name": column.name, "type": "category", "data": list(column.levels)}
    return {"dim": number, "name": column.name, "type": "log" if column.log else "value", "scale": True}


def _values(column: Column) -> list:
    return [None if value != value or (column.levels and value < 0) else float(value) for value in column.values]


def altair(columns: list[Column]) -> str:
    """The page of Altair: a histogram of each column, all runs and those that are brushed in the first."""
    import altair as alt
    import pandas as pd

    frame = pd.DataFrame({f"c{i}": column.values for i, column in enumerate(columns)})
    alt.data_transformers.disable_max_rows()
    brush = alt.selection_interval(encodings=["x"])

    def histogram(name: str, colour: str) -> alt.Chart:
        return alt.Chart().mark_bar(color=colour).encode(alt.X(name, bin=alt.Bin(maxbins=40)), y="count()")

    def pair(name: str) -> alt.LayerChart:
        under, over = histogram(name, "lightgrey"), histogram(name, "steelblue").transform_filter(brush)
        first = name == frame.columns[0]
        return alt.layer(under.add_params(brush) if first else under, over).properties(width=150, height=100)

    chart = alt.concat(*map(pair, frame.columns), columns=5, data=frame)
    out = io.StringIO()
    chart.save(out, format="html", inline=True)
    # The library itself has texts that look like the end of a page: only the last one is it.
    return "<script>window.drawn = true;</script></body>".join(out.getvalue().rsplit("</body>", 1))


def measured(browser: object, who: str, html: str, drag: Callable[[object], Move], ready: str) -> Result:
    """Open a page, wait until it says that it is drawn, and drag."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_text(html, encoding="utf-8")
        context = browser.new_context(viewport={"width": 1400, "height": 1500})
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto(path.as_uri())
        until = time.monotonic() + 120
        while not page.evaluate(f"() => Boolean({ready})") and time.monotonic() < until:
            page.wait_for_timeout(50)
        page.wait_for_timeout(3000)
        metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
        result = Result(who, path.stat().st_size, metrics["TaskDuration"], drag(page))
        context.close()
    return result


def along(selector: str, *, across: bool, start: float, end: float, side: float) -> Callable[[object], Move]:
    """A drag over an element, from one share of its height (or width, `across`) to another, at a share of the other."""

    def drag(page: object) -> Move:
        box = page.locator(selector).first.bounding_box()
        places = []
        for step in range(STEPS):
            on = start + (end - start) * step / STEPS
            px, py = (on, side) if across else (side, on)
            places.append((box["x"] + box["width"] * px, box["y"] + box["height"] * py))
        return timed(page, places)

    return drag


def main() -> None:
    """Measure all, print the part of the page, and write it."""
    from playwright.sync_api import sync_playwright

    sweep = hp.read(str(ROOT / "data" / "cnn" / "runs.csv"))
    every = [column for column in columns_of(sweep) if column.role in SHOWN]
    contestants = {
        "hpanalysis": (lambda: page_of(sweep), lambda page: moves(page, "learning_rate"), "window.hpanalysis?.resting"),
        "ECharts": (
            lambda: echarts(every),
            along("canvas", across=False, start=0.25, end=0.75, side=(60 + 1180 * 6 / (len(every) - 1)) / 1300),
            "window.drawn",
        ),
        "Altair": (
            lambda: altair([next(c for c in every if c.name == "learning_rate"), *every]),
            along(".vega-embed canvas, .vega-embed svg", across=True, start=0.06, end=0.16, side=0.1),
            "window.drawn && document.querySelector('.vega-embed canvas, .vega-embed svg')",
        ),
    }
    lines = [
        "| who | page | main thread until drawn | a move of the brush, median | largest |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    path = next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        for who, (make, drag, ready) in contestants.items():
            try:
                html = make()
            except (ImportError, OSError, subprocess.CalledProcessError) as error:
                lines.append(f"| {who} | not installed here ({type(error).__name__}) | | | |")
                continue
            r = measured(browser, who, html, drag, ready)
            lines.append(
                f"| {who} | {r.size / 1e6:.1f} MB | {r.load:.2f} s | {r.move.median:.0f} ms | {r.move.most:.0f} ms |"
            )
        about = f"Chromium {browser.version}, {len(sweep):,} runs, {len(every)} columns"
        browser.close()
    text = f"""{TITLE}

{about}, all three in one run on one machine; milliseconds of the page's main
thread for one move of the pointer, until what it asks for is drawn. ECharts strokes a line a run, Altair counts a
histogram a column; the linked views count bundles. Made by `python -m tests.benchmarks.linked_views`.

"""
    part = text + "\n".join(lines) + "\n"
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(f"\n{TITLE}\n")
    after = rest.partition("\n## ")[2]
    PAGE.write_text(before.rstrip() + "\n\n" + part + (f"\n## {after}" if after else ""), encoding="utf-8")
    sys.stdout.write(part)


if __name__ == "__main__":
    main()
