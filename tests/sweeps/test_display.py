"""Is the display of a sweep complete, and is hostile text shown as text?"""

import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd

from hpanalysis.sweeps.display import number, table_html, values_text
from hpanalysis.sweeps.sources import read
from hpanalysis.sweeps.space import Hyperparameter

EVIL = "<script>alert(1)</script>"


class Tags(HTMLParser):
    def __init__(self, html: str):
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def hostile():
    n = 24
    return read(
        pd.DataFrame(
            {
                EVIL: ["<b>on</b>", "off"] * 12,
                "__import__('os')": ["=cmd()", "`ls`", "a\nb"] * 8,
                "acc": [i / n for i in range(n)],
                "dataset": ["<img src=x onerror=alert(2)>", "d"] * 6 + ["d", "<img src=x onerror=alert(2)>"] * 6,
            }
        ),
        metric="acc",
        goal="max",
        unit="<i>points</i>",
    )


def test_hostile_names_and_values_are_shown_as_text():
    html = hostile()._repr_html_()
    tags = Tags(html)
    assert not tags.open
    assert set(tags.seen) <= {"div", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "ul", "li"}
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "__import__(&#x27;os&#x27;)" in html


def test_the_display_names_what_a_person_looks_for():
    html = hostile()._repr_html_()
    for text in ("frame", "24 runs, 0 failed", "higher is better", "Data sets (2)", "Hyperparameters (2)", "inferred"):
        assert text in html


def test_what_was_left_out_is_in_sight_and_what_was_inferred_is_folded():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"opt": ["a", "b"] * 30, "fixed": 3, "state": ["PRUNED"] * 4 + ["COMPLETE"] * 56})
    html = read(frame.assign(acc=rng.random(60)), metric="acc", goal="max")._repr_html_()
    seen, folded = html.split("<details")
    assert "fixed: ignored, it is constant (3)" in seen and "4 runs were stopped early" in seen
    assert "opt: categorical, 2 levels (inferred)." in folded


def test_the_display_brings_no_colours_that_fail_on_a_dark_page():
    assert not re.search(r"(?<!-)color:\s*(?:#|black|white|rgb)", hostile()._repr_html_())


def test_description_has_a_row_a_column():
    described = hostile().describe()
    assert list(described["column"]) == [EVIL, "__import__('os')", "acc", "dataset"]
    assert list(described["role"]) == ["hyperparameter", "hyperparameter", "metric", "dataset"]
    assert list(described["how"]) == ["inferred", "inferred", "declared", "inferred"]


def test_numbers_are_short_and_never_wrong():
    assert [number(v) for v in (0.123456, 3.0, 1e-7, None, float("nan"), 12345678, float("inf"))] == [
        *("0.1235", "3", "1e-07", "–", "–", "12345678", "inf"),
    ]


def test_a_table_aligns_numbers_right_and_escapes_headers():
    html = table_html(pd.DataFrame({"<x>": [1.5], "name": ["a&b"]}))
    assert "&lt;x&gt;" in html and "a&amp;b" in html
    assert re.search(r'text-align:right[^>]*">1.5<', html)


def test_many_levels_are_counted_instead_of_listed():
    text = values_text(Hyperparameter("x", "categorical", tuple(f"l{i}" for i in range(30))))
    assert "30 levels" in text and "l29" not in text
