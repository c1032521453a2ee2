"""Does the page of claims show everything that was asked, and nothing that could act?"""

import re
from urllib.parse import unquote
from xml.etree import ElementTree

import pandas as pd
import pytest
from bs4 import BeautifulSoup

import hpanalysis as hp
from hpanalysis.reporting.site.claims import anchors, claims_csv, claims_page, hyperparameters

HOSTILE = "=<b>x</b>"


@pytest.fixture(scope="module")
def inquiry(toy_frame):
    return hp.Inquiry.of(hp.read(toy_frame(only=HOSTILE), metric="accuracy", goal="max"))


@pytest.fixture(scope="module")
def page(inquiry):
    return BeautifulSoup(claims_page(inquiry, sweep="toy"), "html.parser")


def test_every_comparison_of_the_inquiry_is_a_row(inquiry, page):
    compared = inquiry.claims[inquiry.claims["question"].isin(["contrast", "tuned_contrast", "trend"])]
    rows = [
        row for table in page.find_all("table") if "compared" in table.get_text() for row in table.select("tbody tr")
    ]
    assert len(rows) == len(compared) > 20
    first = compared.iloc[0]
    cells = [cell.get_text() for cell in rows[0].find_all("td")]
    assert cells[0] == f"{first['value']} − {first['reference']}"
    assert float(cells[3]) == pytest.approx(first["estimate"], abs=5e-4)


def test_every_pair_is_told_under_both_of_its_hyperparameters(inquiry, page):
    pairs = (inquiry.claims["question"] == "interactions").sum()
    tables = [table for table in page.find_all("table") if "together with" in table.get_text()]
    assert sum(len(table.select("tbody tr")) for table in tables) == 2 * pairs > 0


def test_each_hyperparameter_has_its_place(inquiry, page):
    ids = anchors(hyperparameters(inquiry))
    assert set(ids) == {"augmentation", "optimizer", "learning_rate", HOSTILE}
    for name, place in ids.items():
        assert page.find(id=place).h2.get_text() == name
        assert re.fullmatch(r"h\d+-[\w-]*", place)
    assert not page.find("b", string="x")


def test_the_table_of_claims_opens_safely_in_a_spreadsheet(inquiry, tmp_path):
    (tmp_path / "c.csv").write_text(claims_csv(inquiry))
    table = pd.read_csv(tmp_path / "c.csv")
    assert len(table) == len(inquiry.claims)
    assert f"'{HOSTILE}" in set(table["hyperparameter"]) and HOSTILE not in set(table["hyperparameter"])


def test_only_its_own_script_may_run(inquiry):
    from hpanalysis.views.script import page_script, policy_hash

    html = claims_page(inquiry, sweep="toy")
    policy = BeautifulSoup(html, "html.parser").find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy_hash(page_script("claims")) in policy and policy.count("sha256-") == 1
    assert html.count("<script") == html.count("</script>") == 1


def test_each_figure_is_saved_with_the_colours_of_a_light_page(page):
    links = [a["href"] for a in page.select("figure .save a")]
    assert len(links) == len(page.select("figure svg")) > 0
    saved = unquote(links[0].partition(",")[2])
    assert saved.startswith('<svg class="forest"') and "stroke:#0b6b6b" in saved and saved.endswith("</svg>")
    assert ElementTree.fromstring(saved).tag == "{http://www.w3.org/2000/svg}svg"
