"""Are claims found by their words and sorted by their numbers, and is the page whole without its script?"""

import pytest

import hpanalysis as hp
from hpanalysis.reporting.site.claims import claims_page
from tests.views import tables


@pytest.fixture(scope="module")
def html():
    return claims_page(hp.Inquiry.of(tables.ordinary()), sweep="toy")


@pytest.fixture
def page(opened, html):
    view = opened(html, ready=False)
    yield view.page
    view.clean()


def cells(table, head):
    """The cells of a table under a head, in their order."""
    heads = [text.strip() for text in table.locator("thead th").all_text_contents()]
    return table.locator(f"tbody tr td:nth-child({heads.index(head) + 1})").all_text_contents()


def numbers(texts):
    return [float(text.replace(",", "").replace("−", "-").lstrip("<> ")) for text in texts if text.strip(" –")]


def test_a_column_of_numbers_sorts_as_numbers_both_ways(page):
    table = page.locator("table").first
    before = cells(table, "estimate")
    head = table.get_by_role("button", name="estimate")
    head.click()
    assert table.locator("th[aria-sort=ascending]").count() == 1
    up = cells(table, "estimate")
    assert numbers(up) == sorted(numbers(before)) != numbers(before)
    head.click()
    assert numbers(cells(table, "estimate")) == sorted(numbers(before), reverse=True)
    assert table.locator("th[aria-sort=descending]").count() == 1


def test_what_is_smaller_than_a_number_comes_before_it_and_what_is_missing_last(page):
    texts = page.evaluate(
        """() => {
        const tables = [...document.querySelectorAll("table")];
        const table = tables.sort((a, b) => b.rows.length - a.rows.length)[0];
        const heads = [...table.tHead.rows[0].cells];
        const at = heads.findIndex((h) => h.textContent === "adjusted p");
        const told = ["0.001", "", "< 0.001", "1.000", "–", "0.020"];
        [...table.tBodies[0].rows].forEach((row, i) => { row.cells[at].textContent = told[i % told.length]; });
        heads[at].querySelector("button").click();
        return [...table.tBodies[0].rows].map((row) => row.cells[at].textContent);
    }"""
    )
    first = list(dict.fromkeys(texts))
    assert first[:4] == ["< 0.001", "0.001", "0.020", "1.000"] and set(first[4:]) == {"", "–"}


def test_text_sorts_as_text(page):
    table = page.locator("table").first
    table.get_by_role("button", name="scale").click()
    found = cells(table, "scale")
    assert found == sorted(found, key=str.lower) and len(set(found)) > 1


def test_claims_are_found_by_all_of_their_words(page):
    field = page.get_by_role("searchbox")
    every = page.locator("tbody tr").count()
    field.fill("depth mean")
    page.wait_for_timeout(500)
    shown = page.locator("tbody tr:not([hidden])")
    assert 0 < shown.count() < every
    for row in shown.all():
        part = row.locator("xpath=ancestor::section").locator("h2").text_content()
        text = (row.text_content() + part).lower()
        assert "mean" in text and "depth" in text
    assert page.locator(".find output").text_content() == f"{shown.count():,} row{'s' * (shown.count() != 1)}"
    field.fill("no such word")
    page.wait_for_timeout(500)
    assert not page.locator("section:visible").count() and "0 rows" in page.locator(".find output").text_content()
    field.fill("")
    page.wait_for_timeout(500)
    assert page.locator("tbody tr:not([hidden])").count() == every
    assert not page.locator("details[open]").count()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opened, html, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install 'hpanalysis[browser]'").Axe()
    view = opened(html, ready=False, color_scheme=scheme, bypass_csp=True)
    found = axe.run(view.page).response["violations"]
    assert not [(rule["id"], [node["html"][:120] for node in rule["nodes"][:3]]) for rule in found]


def test_without_a_script_every_claim_is_there(opened, html, page):
    bare = opened(html, ready=False, java_script_enabled=False)
    assert bare.page.locator("tbody tr").count() == page.locator("tbody tr").count()
    assert not bare.page.locator("button").count()
