"""Does `hp.explore` work with and without the widget, and show the same in a notebook that nobody looks at?"""

import importlib.util

import pytest

import hpanalysis as hp
from hpanalysis.views import explorer, still
from tests.views import tables


@pytest.fixture(params=["without the extra", "with the extra"])
def extra(request, monkeypatch):
    if request.param == "without the extra":
        monkeypatch.setattr(explorer, "_widget", lambda packed, state: None)
    elif importlib.util.find_spec("anywidget") is None:
        pytest.skip("anywidget is not installed: pip install 'hpanalysis[widget]'")
    return request.param


def test_the_state_selects_runs(extra):
    views = hp.explore(tables.ordinary())
    assert len(views.selected) == 300 and views.state == ""
    views.state = "#f=optimizer:adam"
    assert views.state == "f=optimizer:adam"
    assert set(views.selected["optimizer"]) == {"adam"}


def test_it_can_be_opened_on_some_runs(extra):
    assert set(hp.explore(tables.ordinary(), state="f=depth:2..2;optimizer:sgd").selected["optimizer"]) == {"sgd"}


def test_a_state_that_is_no_text_is_refused(extra):
    with pytest.raises(hp.UserError, match="state of a view is 3; give text"):
        hp.explore(tables.ordinary()).state = 3


def test_what_is_shown_is_a_picture_and_a_text_that_no_state_changes(extra):
    views = hp.explore(tables.ordinary())
    data, metadata = views._repr_mimebundle_()
    views.state = "f=optimizer:adam"
    again, _ = views._repr_mimebundle_()
    assert data["text/plain"] == again["text/plain"] == repr(views)
    assert data["image/png"] == again["image/png"]
    assert metadata["image/png"]["alt"].startswith("Parallel coordinates of 300 runs")
    live = set(data) - {"text/plain", "image/png"}
    assert live == ({"application/vnd.jupyter.widget-view+json"} if extra == "with the extra" else set())


def test_too_many_runs_are_refused(monkeypatch, extra):
    from hpanalysis.views import pack

    monkeypatch.setattr(pack, "MOST_RUNS", 100)
    with pytest.raises(hp.UserError, match="show at most 100"):
        hp.explore(tables.ordinary())


@pytest.mark.parametrize("table", {**tables.AWKWARD, "in steps": tables.measured_in_steps}.values())
def test_any_table_has_a_still_picture(table):
    assert still.png(table()).startswith(b"\x89PNG")


def test_the_still_picture_has_the_axes_it_was_given():
    from matplotlib import pyplot

    figure, ax = pyplot.subplots()
    assert still.draw(tables.ordinary(), ax) is ax
    assert [t.get_text() for t in ax.get_xticklabels()] == ["task", "optimizer", "depth", "learning rate", "accuracy"]
    pyplot.close(figure)
