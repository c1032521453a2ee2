"""Does a brush in the browser select the same runs as pandas, and is the state all there is to it?"""

import json
import random
from functools import partial

import numpy as np
import pytest

from hpanalysis.views.state import selected
from tests.views import tables

BRUSH = """([key, low, high]) => {
    const axis = hpanalysis.axis(key);
    hpanalysis.selection.clear();
    hpanalysis.filter(axis, hpanalysis.readable(axis, {low: axis.of(low), high: axis.of(high)}));
}"""


def by_pandas(code, sweep):
    """The places of the runs that the copied code keeps."""
    return set(eval(code, {"runs": sweep.runs, "np": np}).index)


def agree(view, sweep):
    """What is selected in the browser, in pandas, and in Python by the state; all three the same."""
    rows = view.rows()
    assert rows == by_pandas(view.query(), sweep)
    assert rows == set(np.flatnonzero(selected(sweep, view.ask("() => hpanalysis.state()"))))
    return rows


def test_a_brush_a_click_and_an_address(opened, cnn, cnn_page):
    view = opened(cnn_page)
    assert len(view.rows()) == 13_000
    x, y = view.middle("learning_rate")
    view.drag((x, y + 150), (x, y + 200), (x, y + 260))
    brushed = agree(view, cnn)
    assert 0 < len(brushed) < 13_000
    # The first quarter from below is the first level.
    x, y = view.middle("activation")
    view.then(lambda: view.page.mouse.click(x, y + 46 + 330 * 0.88))
    both = agree(view, cnn)
    assert both < brushed
    assert set(cnn.runs["activation"].iloc[list(both)]) == {cnn.levels("activation")[0]}
    address = view.page.url.partition("#")[2]
    view.go(address)
    assert view.rows() == both
    assert view.page.locator(".hp-status").text_content() == f"{len(both):,} of 13,000 runs"
    view.clean()


def test_a_brush_is_resized_moved_and_cleared(opened, cnn, cnn_page):
    view = opened(cnn_page, "f=learning_rate:0.001..0.01")
    x, y = view.middle("learning_rate")
    place = view.ask("() => [0.001, 0.01].map((v) => hpanalysis.axis('learning_rate').at(v))")
    low, high = (y + 46 + 330 * (1 - p) for p in place)
    view.drag((x, high), (x, high - 20), (x, high - 40))
    wider = view.ask("() => ({...hpanalysis.selection.filters.get('learning_rate')})")
    assert wider["low"] == pytest.approx(0.001, rel=0.01) and wider["high"] > 0.015
    view.drag((x, (low + high) / 2), (x, (low + high) / 2 + 30))
    moved = view.ask("() => ({...hpanalysis.selection.filters.get('learning_rate')})")
    assert moved["low"] < 0.0008 and moved["high"] < wider["high"]
    agree(view, cnn)
    x, y = view.middle("learning_rate")
    view.then(lambda: view.page.mouse.click(x, y + 46 + 5))
    assert len(view.rows()) == 13_000


def test_a_strip_filters_by_result(opened, cnn, cnn_page):
    view = opened(cnn_page, "scale=rank")
    strip = view.page.locator(".hp-overview canvas").bounding_box()
    y = strip["y"] + 30
    view.drag(*((strip["x"] + strip["width"] * share, y) for share in (0.9, 0.95, 1)))
    assert "rank" in view.page.url and 0 < len(agree(view, cnn)) < 3_000
    view.then(lambda: view.page.get_by_role("button", name="mnist", exact=True).click())
    agree(view, cnn)
    assert "dataset:mnist" in view.page.url


@pytest.mark.parametrize(
    "state",
    [
        "f=rank:0.9..1;dataset:mnist,digits",
        "f=place:0.5..1;optimizer:adam",
        "f=status:diverged",
        "f=rank:0..0.2;val_loss:0..3",
        "f=rank:0.9..1&metric=val_loss",
        "f=place:0.9..1&metric=test_accuracy",
    ],
)
def test_filters_of_every_kind_are_those_of_pandas(opened, cnn, cnn_page, state):
    assert 0 < len(agree(opened(cnn_page, state), cnn)) < 13_000


@pytest.mark.parametrize("goal", ["max", "min"])
def test_places_and_ranks_follow_the_goal(opened, page_maker, goal):
    sweep = tables.measured_in_steps() if goal == "min" else tables.ordinary()
    view = opened(page_maker(sweep))
    for state in ("f=rank:0.8..1", "f=place:0.7..1", "f=rank:0..0.3"):
        view.go(state)
        assert 0 < len(agree(view, sweep)) < len(sweep)


def test_forty_random_intervals_are_those_of_pandas(opened, cnn, cnn_page):
    view = opened(cnn_page)
    chance = random.Random(1)
    for _ in range(40):
        key = chance.choice(["learning_rate", "seconds", "val_accuracy", "val_loss"])
        ends = sorted((chance.random(), chance.random()))
        view.then(partial(view.ask, BRUSH, [key, *ends]))
        agree(view, cnn)


def test_undo_goes_back_one_by_one(opened, cnn_page):
    view = opened(cnn_page)
    undo = view.page.get_by_role("button", name="Undo")
    assert undo.is_disabled()
    states = [view.ask("() => hpanalysis.state()")]
    for level in ("adam", "tanh"):
        view.then(lambda level=level: view.page.locator(".hp-lifts").get_by_role("button", name=level).click())
        states.append(view.ask("() => hpanalysis.state()"))
    assert len(set(states)) == 3
    view.then(undo.click)
    assert view.ask("() => hpanalysis.state()") == states[1]
    view.then(lambda: view.page.keyboard.press("Control+z"))
    assert view.ask("() => hpanalysis.state()") == states[0]
    assert undo.is_disabled()


def test_a_strange_address_does_no_harm(opened, cnn_page):
    view = opened(
        cnn_page, "f=nothing:1..2;activation:swish;val_accuracy:a..b;%E0%A4%A:x&run=999999&axes=zzz&scale=none"
    )
    assert len(view.rows()) == 13_000 and view.ask("() => hpanalysis.run") == -1
    view.clean()


def test_an_address_that_changes_is_read(opened, cnn_page, cnn):
    view = opened(cnn_page)
    view.then(lambda: view.ask("() => { location.hash = 'f=optimizer:adam&detail=optimizer'; }"))
    assert len(view.rows()) == (cnn.runs["optimizer"] == "adam").sum()
    assert view.page.locator("select").last.input_value() == "optimizer"


def test_run_ids_are_copied_as_a_list(opened, page_maker):
    sweep = tables.measured_in_steps()
    view = opened(page_maker(sweep), "f=optimizer:adam")
    view.page.get_by_role("button", name="Copy run ids").click()
    ids = json.loads(view.page.locator(".hp-bar textarea").input_value())
    assert ids == sweep.runs.loc[sweep.runs["optimizer"] == "adam", "run"].tolist()


def test_the_counts_of_levels_are_those_of_pandas(opened, cnn, cnn_page):
    view = opened(cnn_page, "f=rank:0.9..1")
    said = view.ask("() => hpanalysis.told.flatMap((t) => t.rows.map((r) => [t.axis.key, r.label, r.k, r.K]))")
    runs = cnn.runs
    rank = runs.groupby("dataset")["val_accuracy"].rank(pct=True, na_option="top")
    good = rank.between(0.9, 1)
    checked = 0
    for name, label, k, total in said:
        if name == "learning_rate":
            continue
        own = runs[name].astype(str) == label
        assert (k, total) == ((good & own).sum(), own.sum())
        checked += 1
    assert checked > 25


def test_a_run_under_the_pointer_is_told_and_picked(opened, cnn, cnn_page):
    view = opened(cnn_page, "f=rank:0.97..1")
    (left, y), (right, _) = view.middle("width_fc"), view.middle("val_accuracy")
    for step in range(60, 380, 4):
        view.page.mouse.move((left + right) / 2 - 20, y + step)
        if view.page.locator(".hp-tip").is_visible():
            break
    assert view.page.locator(".hp-tip").text_content().startswith("run ")
    view.then(lambda: (view.page.mouse.down(), view.page.mouse.up()))
    run = view.ask("() => hpanalysis.run")
    assert run >= 0 and view.page.locator(".hp-card h3").text_content() == f"run {cnn.runs['run'].iloc[run]}"
    assert f"run={cnn.runs['run'].iloc[run]}" in view.page.url


def test_the_other_runs_of_a_configuration_are_named(opened, cnn, cnn_page):
    again = np.bincount(cnn.configuration)
    run = int(np.flatnonzero(again[cnn.configuration] > 1)[0])
    view = opened(cnn_page, f"run={run}")
    others = [i for i in np.flatnonzero(cnn.configuration == cnn.configuration[run]) if i != run]
    line = view.page.locator(".hp-card p").first.text_content()
    assert line.startswith("The same configuration again: ") and all(str(i) in line for i in others[:3])
