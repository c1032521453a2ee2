"""Links that save what a page shows: the files they hold are what was drawn, and nothing is fetched for them."""

import base64
from io import StringIO
from urllib.parse import unquote

import nbformat
import pandas as pd
from bs4 import BeautifulSoup

from hpanalysis.reporting.site.page import page
from hpanalysis.reporting.site.saving import latex

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M 0 0 L 1 1" fill="#fff"/>50 % é</svg>'
TABLE = (
    "<table><thead><tr><th>value</th><th>gain</th></tr></thead><tbody>"
    "<tr><td>a_b &amp; c</td><td>−0.06 [−0.11, −0.01]</td></tr><tr><td>=1+1</td><td>–</td></tr></tbody></table>"
)


def links(**data):
    output = nbformat.v4.new_output("display_data", {key.replace("__", "/"): text for key, text in data.items()})
    cell = nbformat.v4.new_code_cell("1", outputs=[output])
    html = page(nbformat.v4.new_notebook(cells=[cell]), title="Is it?", sweep="toy", shown={}, name="01-toy")
    return {a["download"]: a["href"] for a in BeautifulSoup(html, "html.parser").select(".save a")}


def held(address):
    return unquote(address.partition(",")[2])


def test_a_figure_is_saved_as_it_was_drawn():
    saved = links(**{"image/svg+xml": SVG})
    assert held(saved["01-toy-figure-1.svg"]) == SVG
    assert saved["01-toy-figure-1.svg"].startswith("data:image/svg+xml,")


def test_the_picture_that_is_shown_is_the_file_that_is_saved():
    output = nbformat.v4.new_output("display_data", {"image/svg+xml": SVG})
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=[output])])
    soup = BeautifulSoup(page(notebook, title="Is it?", sweep="toy", shown={}), "html.parser")
    assert soup.select("figure img")[0]["src"] == soup.select(".save a")[0]["href"]


def test_a_picture_of_dots_has_no_link_to_lines():
    assert not links(**{"image/png": base64.b64encode(b"png").decode()})


def test_a_table_is_saved_as_csv_in_which_nothing_is_a_formula():
    saved = links(text__html=TABLE)
    frame = pd.read_csv(StringIO(held(saved["01-toy-table-1.csv"])))
    assert frame.to_dict("list") == {"value": ["a_b & c", "'=1+1"], "gain": ["−0.06 [−0.11, −0.01]", "–"]}


def test_a_table_is_saved_as_latex_that_compiles_as_text():
    text = held(links(text__html=TABLE)["01-toy-table-1.tex"])
    assert r"a\_b \& c & $-$0.06 [$-$0.11, $-$0.01] \\" in text
    assert text.startswith(r"\begin{tabular}{ll}") and text.count(r"\\") == 3


def test_every_sign_that_latex_reads_otherwise_is_escaped():
    text = latex(pd.DataFrame({"x": [r"\a{b}~^<>#$%"]}))
    assert r"\textbackslash{}a\{b\}\textasciitilde{}\textasciicircum{}$<$$>$\#\$\%" in text


def test_an_empty_table_has_no_links():
    assert not links(text__html="<table><tr><th>only a head</th></tr></table>")
