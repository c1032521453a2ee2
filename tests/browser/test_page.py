"""Is the page whole for everyone: by keyboard, read aloud, in the dark, on paper, without a script, on a phone?"""

import re
from io import BytesIO

import numpy as np
import pytest

import hpanalysis as hp
from tests.views import tables

AWKWARD = tables.AWKWARD


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opened, cnn_page, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install 'hpanalysis[browser]'").Axe()
    # The policy of the page would stop the checker, which is no part of it.
    view = opened(cnn_page, "f=rank:0.9..1&detail=activation&run=420", color_scheme=scheme, bypass_csp=True)
    for details in view.page.locator("details").all():
        view.then(lambda d=details: (d.evaluate("(e) => { e.open = true; }"), view.ask("() => hpanalysis.later()")))
    found = axe.run(view.page).response["violations"]
    assert not [(rule["id"], [node["html"][:120] for node in rule["nodes"][:3]]) for rule in found]


def test_the_keyboard_moves_and_turns_an_axis_and_keeps_the_focus(opened, cnn_page):
    view = opened(cnn_page)
    view.page.locator('.hp-head[data-key="activation"]').focus()
    before = view.ask("() => hpanalysis.order.indexOf('activation')")
    view.then(lambda: view.page.keyboard.press("Alt+ArrowLeft"))
    view.then(lambda: view.page.keyboard.press("i"))
    now = """() => [hpanalysis.order.indexOf("activation"), hpanalysis.axis("activation").turned,
        document.activeElement.dataset.key]"""
    assert view.ask(now) == [before - 1, True, "activation"]
    assert "turned=activation" in view.page.url and "axes=" in view.page.url
    order = view.ask("() => [...document.querySelectorAll('.hp-head')].map((b) => b.dataset.key)")
    assert order == view.ask("() => hpanalysis.order")
    view.then(lambda: view.page.keyboard.press("Enter"))
    assert view.ask("() => hpanalysis.detail") == "activation"


def test_the_form_filters_levels_and_exact_numbers(opened, cnn, cnn_page):
    view = opened(cnn_page)
    view.page.locator(".hp-filters summary").focus()
    view.page.keyboard.press("Enter")
    view.then(view.page.get_by_label("momentum", exact=True).check)
    low, high = view.page.get_by_label("learning_rate from"), view.page.get_by_label("learning_rate to")
    view.then(lambda: (low.fill("0.002"), low.press("Tab")))
    view.then(lambda: (high.fill("0.02"), high.press("Tab")))
    runs = cnn.runs
    expected = (runs["optimizer"] == "momentum") & runs["learning_rate"].between(0.002, 0.02)
    assert view.rows() == set(np.flatnonzero(expected))
    view.then(lambda: view.page.get_by_role("button", name="Clear").click())
    assert not view.page.get_by_label("momentum", exact=True).is_checked() and low.input_value() == ""


def test_what_is_selected_is_told(opened, cnn_page):
    view = opened(cnn_page, "f=rank:0.9..1")
    status = view.page.locator(".hp-status")
    assert status.get_attribute("aria-live") == "polite"
    assert re.fullmatch(r"[\d,]+ of 13,000 runs", status.text_content())
    label = view.page.locator(".hp-stage canvas").last.get_attribute("aria-label")
    assert status.text_content() in label
    rows = view.page.locator(".hp-aside table tbody tr").count()
    assert rows == 4, "the picture of the levels is a table, too"


def test_columns_are_chosen_and_the_choice_is_in_the_address(opened, cnn_page):
    view = opened(cnn_page)
    view.page.locator(".hp-columns summary").click()
    view.then(view.page.get_by_label("val loss", exact=True).check)
    view.then(view.page.get_by_label("depth fc", exact=True).uncheck)
    order = view.ask("() => hpanalysis.order")
    assert "val_loss" in order and "depth_fc" not in order
    view.go(view.page.url.partition("#")[2])
    assert view.ask("() => hpanalysis.order") == order


def test_axes_are_ordered_by_what_tells_good_runs_apart(opened, cnn_page):
    view = opened(cnn_page)
    view.then(lambda: view.page.get_by_role("button", name="Order axes").click())
    order = view.ask("() => hpanalysis.order")
    told = view.ask("() => hpanalysis.told.map((t) => t.axis.key)")
    assert order[0] == "dataset" and set(order[-2:]) == {"val_accuracy", "rank"}
    shown = [key for key in order if key in told]
    assert shown == told[::-1] and shown[-1] == order[-3]


def test_a_finger_brushes_on_an_axis(opened, cnn_page):
    view = opened(cnn_page, has_touch=True, viewport={"width": 1400, "height": 1500})
    x, y = view.middle("learning_rate")
    session = view.page.context.new_cdp_session(view.page)

    def touch(kind, *at):
        points = [{"x": x, "y": v} for v in at]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", y + 150)
    for way in (180, 210, 260):
        touch("touchMove", y + way)
    view.then(lambda: touch("touchEnd"))
    assert 0 < len(view.rows()) < 13_000 and "learning_rate" in view.page.url


def test_on_a_phone_nothing_is_wider_than_the_screen(opened, cnn_page):
    view = opened(cnn_page, viewport={"width": 390, "height": 844})
    assert view.ask("() => document.documentElement.scrollWidth") <= 390
    assert view.ask("() => { const p = document.querySelector('.hp-parallel'); return p.scrollWidth > p.clientWidth; }")


def test_the_lines_are_on_paper(opened, cnn_page):
    reader = pytest.importorskip("pypdfium2", reason="pip install 'hpanalysis[browser]'")
    view = opened(cnn_page, "f=rank:0.9..1&detail=activation&run=420")
    pages = reader.PdfDocument(view.page.pdf(format="A4", landscape=True, print_background=True))
    teal = 0
    for page in pages:
        pixels = np.asarray(page.render(scale=1).to_pil().convert("RGB")).astype(int)
        teal += int(((pixels[..., 2] - pixels[..., 0] > 25) & (pixels[..., 1] - pixels[..., 0] > 25)).sum())
    assert teal > 5000


def test_without_a_script_there_is_a_picture(opened, cnn_page):
    view = opened(cnn_page, ready=False, java_script_enabled=False)
    assert view.page.locator("noscript img").is_visible()
    assert view.page.locator("noscript img").get_attribute("alt")


def test_the_picture_is_saved_with_the_names_of_its_axes(opened, cnn_page):
    from PIL import Image

    view = opened(cnn_page, "f=rank:0.9..1", accept_downloads=True)
    with view.page.expect_download() as download:
        view.page.get_by_role("button", name="Save picture").click()
    assert download.value.suggested_filename == "cnn-runs.png"
    picture = Image.open(BytesIO(open(download.value.path(), "rb").read())).convert("L")
    assert picture.width > 2000 and picture.height > 800
    head = np.asarray(picture)[80:136]
    assert (head < 128).sum() > 500, "no names over the axes"


@pytest.mark.parametrize(
    "table", [*AWKWARD.values(), tables.ordinary, tables.measured_in_steps], ids=lambda t: t.__name__
)
def test_any_table_is_drawn_and_nothing_of_it_runs(opened, page_maker, table):
    sweep = table()
    view = opened(page_maker(sweep))
    assert len(view.rows()) == len(sweep)
    for details in view.page.locator("details").all():
        details.evaluate("(e) => { e.open = true; }")
    for head in view.page.locator(".hp-head").all()[:8]:
        view.then(lambda head=head: (head.evaluate("(e) => e.click()"), view.ask("() => hpanalysis.later()")))
    view.then(lambda: view.ask("() => hpanalysis.pick(0)"))
    view.page.get_by_role("button", name="Copy as pandas").click()
    assert view.ask("() => [window.ran, document.querySelectorAll('#explore img, #explore script').length]") == [
        None,
        0,
    ]
    assert view.ask("() => document.documentElement.scrollWidth") <= 1400
    view.clean()


def test_names_with_separators_are_filtered_and_restored(opened, page_maker):
    sweep = tables.hostile()
    view = opened(page_maker(sweep))
    key = tables.MARKUP
    for number, level in enumerate(sweep.levels(key)):
        view.then(
            lambda n=number: view.ask(
                "([key, n]) => hpanalysis.filter(hpanalysis.axis(key), {levels: new Set([n])})", [key, n]
            )
        )
        assert view.rows() == set(np.flatnonzero(sweep.runs[key] == level))
        view.go(view.page.url.partition("#")[2])
        assert view.rows() == set(np.flatnonzero(sweep.runs[key] == level))
        assert view.rows() == set(eval(view.query(), {"runs": sweep.runs, "np": np}).index)


def test_what_the_report_says_stands_beside_what_is_seen(opened, cnn_page):
    view = opened(cnn_page, "detail=activation")
    said = view.page.locator(".hp-verdicts")
    assert "Activation matters. By 20 points." in said.text_content()
    assert said.locator(".hp-holds").text_content() == "holds for the whole report"
    view.go("detail=optimizer")
    assert "Nothing that would hold." in said.text_content()


def test_a_curve_of_a_run_is_its_own(opened, cnn, cnn_page):
    view = opened(cnn_page)
    code = """(i) => {
        const { curves, n } = hpanalysis.data;
        return curves.steps.map((_, e) => curves.scale[curves.level[e * n + i]]);
    }"""
    history = cnn.history
    for run in (0, 420, 12_999):
        found = view.ask(code, run)
        own = history.loc[history["run"] == run].set_index("step")["val_accuracy"]
        assert max(abs(found[int(step) - 1] - value) for step, value in own.items()) <= 0.0005


def test_raw_results_of_several_data_sets_are_warned_of(opened, cnn_page):
    view = opened(cnn_page, "f=val_accuracy:0.8..1")
    assert view.page.locator(".hp-warn").is_visible()
    view.go("f=rank:0.8..1")
    assert not view.page.locator(".hp-warn").is_visible()


def test_intervals_are_those_of_the_reference(opened, page_maker):
    from hpanalysis.statistics.proportions import wilson
    from tests.views.reference import Z, lift_interval, sure_share

    view = opened(page_maker(tables.ordinary()))
    cases = [(0, 50, 30, 300, 1.0), (9, 50, 30, 300, 1.3), (30, 60, 30, 300, 1.0), (5, 280, 30, 300, 2.0)]
    for hits, level, good, runs, design in cases:
        found = view.ask("(a) => hpanalysis.lift(...a)", [hits, level, good, runs, Z, design])
        assert found == pytest.approx(list(lift_interval(hits, level, good, runs, design=design)), abs=1e-6)
        share = wilson(hits / design, level / design, critical=3.5)
        limits = view.ask("(a) => hpanalysis.wilson(...a)", [hits / design, level / design, 3.5])
        assert limits == pytest.approx([share.low, share.high])
        sure = view.ask("(a) => hpanalysis.sureShare(...a)", [hits / design, level / design, 1e-4])
        assert sure == pytest.approx(list(sure_share(hits / design, level / design, 1e-4)), abs=1e-6)


def test_too_many_runs_have_a_page_without_a_script(opened, page_maker, monkeypatch):
    from hpanalysis.views import pack

    monkeypatch.setattr(pack, "MOST_RUNS", 200)
    view = opened(page_maker(tables.ordinary()), ready=False)
    assert "show at most 200" in view.page.locator(".stopped").text_content()
    view.clean()


def test_a_sweep_of_one_run_says_run(opened, page_maker):
    view = opened(page_maker(tables.single()))
    assert view.page.locator(".hp-status").text_content() == "1 of 1 run"
    assert isinstance(tables.single(), hp.Sweep)
