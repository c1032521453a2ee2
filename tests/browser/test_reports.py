"""The pages of the committed notebooks as a reader meets them: on a screen, on a phone, on paper, without a network."""

from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest

from hpanalysis.reporting.site.page import page

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
# Pixels at 1280 wide: about six screens, and eight for the two that look at everything.
HIGHEST = dict.fromkeys(("00-the-sweep", "04-what-matters"), 7000)
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0L9 9" stroke="#000"/></svg>'


def html(path):
    notebook = nbformat.read(path, as_version=4)
    title = notebook.cells[0].source.splitlines()[0].removeprefix("# ")
    return page(notebook, title=title, sweep="cnn", shown={"hyperparameter": "augmentation"}, name=path.stem)


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def report(request):
    """The name of a notebook, and its page."""
    return request.param.stem, html(request.param)


def test_a_report_is_a_few_screens_high_and_answers_on_the_first(opened, report):
    name, text = report
    view = opened(text, ready=False, viewport=WIDE)
    assert view.ask("() => document.documentElement.scrollHeight") <= HIGHEST.get(name, 5400)
    first = view.page.locator(".output.answer :is(.verdict, .summary)").first.bounding_box()
    figure = view.page.locator(".output.answer figure").first.bounding_box()
    assert first["y"] + first["height"] < 600 and figure["y"] < 900
    view.clean()


def test_on_a_phone_nothing_is_wider_than_the_screen_and_the_title_comes_first(opened, report):
    view = opened(report[1], ready=False, viewport=PHONE)
    assert view.ask("() => document.documentElement.scrollWidth") == 390
    assert view.page.locator("h1").bounding_box()["y"] < view.page.locator("nav").bounding_box()["y"]


def test_paper_shows_what_is_folded_and_cuts_no_table(opened, report):
    view = opened(report[1], ready=False, viewport={"width": 690, "height": 1000})
    view.page.emulate_media(media="print")
    hidden = """() => [...document.querySelectorAll("details.part > *:not(summary)")]
        .filter((e) => !e.matches(".source, .save") && e.textContent.trim() && e.offsetHeight === 0).length"""
    assert view.page.locator("details.part").count() > 0 and view.ask(hidden) == 0
    wide = """() => [...document.querySelectorAll("main table, main figure img")]
        .filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.textContent.slice(0, 60))"""
    assert view.ask(wide) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opened, report, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install 'hpanalysis[browser]'").Axe()
    view = opened(report[1], ready=False, viewport=WIDE, color_scheme=scheme)
    found = axe.run(view.page).response["violations"]
    assert not [(v["id"], v["nodes"][0]["html"][:200]) for v in found]


def test_a_figure_and_a_table_are_saved_without_a_network(opened):
    table = "<table><thead><tr><th>value</th></tr></thead><tbody><tr><td>−0.5 [−1, 0]</td></tr></tbody></table>"
    data = [{"image/svg+xml": SVG}, {"text/html": table}]
    outputs = [nbformat.v4.new_output("display_data", each) for each in data]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=outputs)])
    view = opened(page(notebook, title="Is it?", sweep="toy", shown={}, name="01-toy"), ready=False)
    saved = {}
    for link in view.page.locator(".save a").all():
        with view.page.expect_download() as download:
            link.click()
        saved[download.value.suggested_filename] = Path(download.value.path()).read_text(encoding="utf-8")
    assert saved["01-toy-figure-1.svg"] == SVG
    assert saved["01-toy-table-1.csv"] == 'value\n"−0.5 [−1, 0]"\n'
    assert saved["01-toy-table-1.tex"].startswith(r"\begin{tabular}")
    view.clean()


def test_a_term_is_explained_to_a_keyboard_and_leads_to_the_list(opened):
    view = opened(html(NOTEBOOKS[1]), ready=False, viewport=WIDE)
    term = view.page.locator("main .term").first
    term.focus()
    view.page.keyboard.press("Enter")
    target = unquote(view.page.url.partition("#")[2])
    assert view.page.locator(f"#{target}").is_visible()
