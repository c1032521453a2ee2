"""Does a page stand alone, run nothing, and read well?"""

import re

import nbformat
import pytest
from bs4 import BeautifulSoup

from hpanalysis.reporting.site.page import page

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
HOSTILE = '<script>alert(1)</script><img src="http://evil.example/x.png" onerror="alert(2)"><b onclick="x()">bold</b>'


def output(**data):
    metadata = data.pop("metadata", {})
    return nbformat.v4.new_output("display_data", {k.replace("_", "/"): v for k, v in data.items()}, metadata=metadata)


def rendered(*cells, **more):
    given = {"title": "Is it so?", "sweep": "toy", "shown": {}} | more
    return BeautifulSoup(page(nbformat.v4.new_notebook(cells=list(cells)), **given), "html.parser")


def code(source, *outputs, tags=()):
    return nbformat.v4.new_code_cell(source, outputs=list(outputs), metadata={"tags": list(tags)})


def prose(source):
    return nbformat.v4.new_markdown_cell(source)


def test_a_page_forbids_itself_scripts_and_the_network():
    soup = rendered(prose("# A"))
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert "script-src" not in policy


def test_nothing_in_a_page_runs_or_fetches():
    cells = [
        prose(HOSTILE),
        code("1", output(text_html=HOSTILE), output(text_markdown=HOSTILE), output(text_plain=HOSTILE)),
    ]
    soup = rendered(*cells, title=HOSTILE, sweep=HOSTILE, shown={HOSTILE: HOSTILE}, failure=HOSTILE)
    assert not soup.find_all(["script", "link", "iframe", "object"])
    assert not [a for tag in soup.find_all(True) for a in tag.attrs if a.startswith("on")]
    assert not [i for i in soup.find_all("img") if not i["src"].startswith("data:")]
    assert "<script>alert(1)</script>" in soup.title.get_text()
    assert "bold" in soup.main.get_text()


@pytest.mark.parametrize("address", ["javascript:alert(1)", "java\tscript:alert(1)", "data:text/html,x", "vbscript:x"])
def test_an_address_that_would_run_is_no_link(address):
    soup = rendered(code("1", output(text_html=f'<a href="{address}">here</a>')))
    assert "href" not in soup.main.find("a").attrs


def test_an_output_that_only_a_program_could_show_is_shown_as_what_can_be_read():
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}, "text/plain": "a bar"}
    script = {"application/javascript": "alert(1)", "text/plain": "a plot"}
    formula = {"text/latex": "x^2", "image/png": PIXEL}
    soup = rendered(code("1", *(nbformat.v4.new_output("display_data", data) for data in (widget, script, formula))))
    text = soup.main.get_text()
    assert "a bar" in text and "a plot" in text and "alert" not in text
    assert soup.find("img") and "x^2" not in text


def test_every_picture_has_its_own_text():
    pictures = [
        output(image_png=PIXEL, metadata={"image/png": {"alt": 'two "lines" <cross>'}}),
        output(image_png=PIXEL),
        output(**{"image_svg+xml": "<svg onload='x()'/>"}),
    ]
    soup = rendered(prose("# A\n\n## The answer"), code("plot()", *pictures))
    texts = [picture["alt"] for picture in soup.find_all("img")]
    assert texts == ['two "lines" <cross>', "Figure 2 of 3: The answer", "Figure 3 of 3: The answer"]
    assert all(picture["src"].startswith("data:image/") for picture in soup.find_all("img"))


def test_headings_make_the_contents_and_repeated_ones_stay_apart():
    soup = rendered(prose("# Title\n\n## How?\n\n### Deeper\n\n## How?"))
    links = soup.find("nav").find_all("a")
    assert [link.get_text() for link in links] == ["How?", "Deeper", "How?"]
    targets = [link["href"].removeprefix("#") for link in links]
    assert len(set(targets)) == 3 and all(soup.find(id=target) for target in targets)


def test_code_is_folded_and_the_injected_parameters_are_shown_in_the_head_instead():
    cells = [
        code("a = 1", tags=["parameters"]),
        code("source = '/secret/x'", tags=["injected-parameters"]),
        code("a + 1"),
    ]
    soup = rendered(*cells, shown={"hyperparameter": "dropout"})
    assert [d.summary.get_text() for d in soup.main.find_all("details")] == [
        "show the code",
        "the parameters and their defaults",
    ]
    assert "secret" not in str(soup)
    assert "hyperparameter dropout" in " ".join(soup.find(class_="chips").get_text(" ").split())


def test_numbers_in_a_table_stand_to_the_right_and_the_table_can_scroll():
    table = (
        "<table border=1><thead><tr><th>name</th><th>gain</th></tr></thead><tbody>"
        "<tr><td>a</td><td>-1.5</td></tr><tr><td>b</td><td>1e-05</td></tr></tbody></table>"
    )
    soup = rendered(code("t", output(text_html=table)))
    assert [cell.get("class") for cell in soup.find_all(["th", "td"])] == [None, ["number"], None, ["number"]] + [
        None,
        ["number"],
    ]
    assert soup.table.parent["class"] == ["table"] and soup.table.parent["tabindex"] == "0"


def test_an_interval_in_a_table_is_not_torn_apart():
    cells = "<tr><td>−0.06 [−0.11, −0.01] at the edge</td><td>plain [x]</td></tr>"
    soup = rendered(code("t", output(text_html=f"<table><tbody>{cells}</tbody></table>")))
    assert [span.get_text() for span in soup.find_all(class_="interval")] == ["[−0.11, −0.01]"]
    assert soup.td.get_text() == "−0.06 [−0.11, −0.01] at the edge"


def test_links_between_notebooks_lead_to_pages():
    soup = rendered(prose("[next](01-augmentation.ipynb#why), [far](https://example.org/a.ipynb)"))
    near, far = soup.main.find_all("a")
    assert near["href"] == "01-augmentation.html#why"
    assert far["href"] == "https://example.org/a.ipynb" and "noopener" in far["rel"]


def test_a_link_to_another_question_is_called_as_its_page_is():
    text = "[When is augmentation beneficial?](01-augmentation.ipynb), [another question](01-augmentation.ipynb)"
    soup = rendered(prose(text), titles={"01-augmentation": "When is mixup beneficial?"})
    assert [a.get_text() for a in soup.main.find_all("a")] == ["When is mixup beneficial?", "another question"]


def test_a_traceback_is_shown_in_colours_and_the_failure_on_top():
    error = nbformat.v4.new_output("error", ename="E", evalue="v", traceback=["\x1b[0;31mValueError\x1b[0m: <b>no</b>"])
    soup = rendered(prose("# A"), code("x", error), failure="ValueError: <b>no</b>")
    assert "This notebook stopped." in soup.main.find(class_="stopped").get_text()
    trace = soup.find(class_="traceback")
    assert trace.get_text() == "ValueError: <b>no</b>" and trace.find(class_=re.compile("ansi-red"))


def test_messages_on_standard_error_are_folded():
    stream = nbformat.v4.new_output("stream", name="stderr", text="UserWarning: <x>")
    soup = rendered(code("x", stream))
    assert "UserWarning: <x>" in soup.find("details", class_="messages").get_text()


def test_a_formula_needs_no_script():
    soup = rendered(prose("It is $a^2$ of it."))
    assert "$a^2$" in soup.main.get_text() and "mathjax" not in str(soup).lower()


def test_a_part_that_is_tagged_folds_behind_its_heading_up_to_the_next_part():
    cells = [
        prose("# In general?"),
        prose("## The answer"),
        nbformat.v4.new_markdown_cell("## How sure?\n\nBounds.", metadata={"tags": ["folded"]}),
        code("1", output(text_plain="0.5")),
        prose("## What next?"),
    ]
    soup = rendered(*cells, title="When is it so?", sweep="toy", shown={})
    (part,) = soup.select("details.part")
    assert part.summary.get_text() == "How sure?" and "Bounds." in part.get_text() and "0.5" in part.get_text()
    assert "What next?" not in part.get_text() and soup.h1.get_text() == "When is it so?"
