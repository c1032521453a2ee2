"""Terms are explained where a page first has them, once, and listed at its end."""

import nbformat
from bs4 import BeautifulSoup

from hpanalysis.reporting.site.glossary import terms
from hpanalysis.reporting.site.page import page


def rendered(*texts):
    cells = [nbformat.v4.new_markdown_cell(text) for text in texts]
    html = page(nbformat.v4.new_notebook(cells=cells), title="Is it?", sweep="toy", shown={})
    return BeautifulSoup(html, "html.parser")


def test_the_glossary_is_read_whole():
    names = [term.name for term in terms()]
    assert len(names) >= 15 and "Undecided" in names and "Noise floor" in names
    assert all(term.said.endswith((".", ")")) and "**" not in term.said for term in terms())


def test_a_term_is_explained_where_it_is_first_met_and_not_again():
    soup = rendered("# Is it?\n\nAfter 20 tries it is undecided.", "Still undecided after 20 tries.")
    met = soup.select("main .term")
    assert [link.get_text() for link in met] == ["After 20 tries", "undecided"]
    assert met[1]["title"].startswith("These runs cannot tell.")
    assert soup.main.find("p").get_text() == "After 20 tries it is undecided."


def test_a_term_leads_to_its_place_in_the_list_of_the_page():
    soup = rendered("It is undecided, untuned.")
    for link in soup.select("main .term"):
        assert soup.find(id=link["href"][1:]).find_parent(id="glossary")
    assert {dt.get_text() for dt in soup.select("#glossary dt")} == {"Undecided", "Untuned"}


def test_no_heading_code_or_link_is_touched_and_no_part_of_a_word():
    soup = rendered("## Undecided\n\n`undecided` [undecided](https://example.org) undecidedly")
    assert not soup.select("main .term") and soup.find(id="glossary") is None


def test_the_glossary_of_the_notebooks_is_that_of_the_page():
    soup = rendered("It is undecided. [All terms](../docs/glossary.md)")
    assert soup.find("a", string="All terms")["href"] == "#glossary"
