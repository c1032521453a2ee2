"""Does a brush follow the hand? Processor time of the main thread, which a busy machine stretches less than a clock.

Of three drags the quickest counts: what other processes take is not the page's.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.browser.brush import Move, moves

TRIES = 3


def best(view, key):
    """The quickest of some drags along an axis."""
    return min((moves(view.page, key) for _ in range(TRIES)), key=lambda move: move.median)


def test_a_brush_over_the_shipped_sweep_takes_less_than_a_frame_or_two(opened, cnn_page, record_property):
    view = opened(cnn_page)
    assert view.ask("() => [hpanalysis.data.n, hpanalysis.order.length]") == [13_000, 15]
    found: Move = best(view, "learning_rate")
    record_property("milliseconds", found)
    assert found.median < 35 and found.most < 50, found


def test_a_brush_over_a_hundred_thousand_runs_keeps_up(opened, cnn, page_maker, record_property):
    rng = np.random.default_rng(0)
    runs = pd.concat([cnn.runs] * 8, ignore_index=True).iloc[:100_000]
    runs = runs.assign(
        run=np.arange(len(runs)),
        learning_rate=np.clip(runs["learning_rate"] * np.exp(rng.normal(0, 0.05, len(runs))), 1e-4, 0.3),
        val_accuracy=np.clip(runs["val_accuracy"] + rng.normal(0, 0.01, len(runs)), 0, 1),
    )
    view = opened(page_maker(replace(cnn, runs=runs, curves=None)))
    found = best(view, "learning_rate")
    record_property("milliseconds", found)
    assert found.median < 50, found


def test_the_page_is_ready_soon(opened, cnn_page, record_property):
    taken = []
    for _ in range(TRIES):
        view = opened(cnn_page, ready=False)
        session = view.page.context.new_cdp_session(view.page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        view.settled(0)
        metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
        taken.append(metrics["TaskDuration"])
    record_property("seconds", min(taken))
    assert min(taken) < 1.5, taken


@pytest.mark.parametrize("part", ["data", "script"])
def test_the_page_is_light(cnn, cnn_page, part):
    from hpanalysis.views.script import page_script

    if part == "script":
        assert len(page_script().encode()) < 80_000
    else:
        data = cnn_page.partition('id="explore-bytes">')[2].partition("<")[0]
        # Bytes in base64 take four thirds of their room.
        assert len(data) * 3 / 4 / len(cnn) < 45
