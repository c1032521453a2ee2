"""Is ``explore.html`` a page that only its own script can run on, and do links lead to runs?"""

import base64
import re

import pytest

from hpanalysis.inquiry.verdicts.verdict import Verdict
from hpanalysis.questions.finding import Finding
from hpanalysis.reporting.site.explore import explore_link, explore_page, verdicts
from hpanalysis.reporting.site.study import Study, Told
from hpanalysis.views import pack as packing
from hpanalysis.views.script import page_script, policy_hash
from tests.views import tables

EVERY = {"ordinary": tables.ordinary, **tables.AWKWARD}


def told(sweep, findings=(), verdicts=()):
    return Told(Study("toy", "toy.csv", sweep), None, tuple(findings), tuple(verdicts))


def finding(sentence, tier="headline", verdict="better", **about):
    return Finding("toy", "contrast", "contrast", verdict, sentence, tier, **about)


@pytest.mark.parametrize("table", EVERY.values(), ids=EVERY)
def test_its_policy_lets_one_script_run_by_its_hash(table):
    page = explore_page(told(table()))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)[1].replace("&#39;", "'")
    assert policy.startswith("default-src 'none'; script-src 'sha256-") and "unsafe-eval" not in policy
    assert policy_hash(page_script()) in policy and policy.count("'sha256-") == 1
    assert len(re.findall(r"<script\b", page)) == len(re.findall(r"</script>", page)) == 3


@pytest.mark.parametrize("table", EVERY.values(), ids=EVERY)
def test_names_and_levels_are_never_markup(table):
    page = explore_page(told(table()))
    assert tables.MARKUP not in page and "<img src=x" not in page


def test_without_a_script_there_is_a_picture_that_says_what_it_shows():
    page = explore_page(told(tables.ordinary()))
    inside = re.search(r"<noscript>(.*?)</noscript>", page, re.DOTALL)[1]
    alt, picture = re.search(r'<img alt="([^"]+)" src="data:image/png;base64,([^"]+)"', inside).groups()
    assert "300 runs" in alt and base64.b64decode(picture).startswith(b"\x89PNG")


def test_too_many_runs_give_a_page_that_says_which_filter_to_use(monkeypatch):
    monkeypatch.setattr(packing, "MOST_RUNS", 200)
    page = explore_page(told(tables.ordinary()))
    assert "show at most 200" in page and "where=" in page
    assert "<script" not in page and "script-src" not in page


def test_what_the_report_promises_stands_with_its_hyperparameter():
    found = [
        finding("weak", tier="exploratory", hyperparameter="depth"),
        finding("strong", hyperparameter="depth", other="width"),
        finding("open", verdict="undecided", hyperparameter="depth"),
        finding("of the sweep"),
    ]
    judged = [
        Verdict("depth", "Is depth important?", "ranking", 0.1, "tuned", ("It is.", "By 10 points.")),
        Verdict("width", "Is width important?", "undecided", 0.0, "tuned", ("Not settled.",)),
    ]
    said = verdicts(told(tables.ordinary(), found, judged))
    texts = [(v["text"], v["holds"]) for v in said["depth"]]
    assert texts == [("It is. By 10 points.", True), ("strong", True), ("weak", False)]
    assert [(v["text"], v["holds"]) for v in said["width"]] == [("Not settled.", False), ("strong", True)]


def test_a_link_carries_filters_of_any_name():
    link = explore_link("my sweep", {'a"b&c': ["<x>", "y,z"]}, detail='a"b&c')
    assert link == 'my%20sweep/explore.html#f=a%2522b%2526c:%253Cx%253E,y%252Cz&detail=a"b%26c'
    assert explore_link("") == "explore.html"
