"""Does the index put findings first, link each to what shows it, and stay honest about the rest?"""

from dataclasses import replace

from bs4 import BeautifulSoup

from hpanalysis.questions.finding import Finding
from hpanalysis.reporting.notebooks.run import Outcome
from hpanalysis.reporting.site.cards import Card
from hpanalysis.reporting.site.index import Section, comparison, evidence, index_page
from hpanalysis.reporting.site.publish import Known

HOSTILE = "<script>alert(1)</script>"


def finding(hyperparameter="lr", verdict="better", tier="headline", **more):
    more = {"kind": "contrast", "value": "b", "reference": "a", "sentence": f"{hyperparameter} is {verdict}."} | more
    return Finding("toy", "Is it?", verdict=verdict, tier=tier, hyperparameter=hyperparameter, **more)


def section(tmp_path, *findings, known=None, outcomes=(), notes=(), **facts):
    base = {"sweep_id": "toy", "source": "toy.csv", "sha256": "abc", "runs": 1500, "failed": 3, "metric": "accuracy"}
    base |= {"goal": "max", "unit": None, "datasets": ["easy", "hard"]} | facts
    names = dict.fromkeys(f.hyperparameter for f in findings if f.hyperparameter)
    anchors = {name: f"h{i}" for i, name in enumerate(names)}
    return Section(base, tuple(notes), findings, tuple(outcomes), known or {}, tmp_path, anchors, 9)


def known(**about):
    return {name.replace("_", "-"): Known(f"{name}?", "abc", tuple(names)) for name, names in about.items()}


def soup(*sections, elsewhere=None):
    return BeautifulSoup(index_page(sections, elsewhere=elsewhere or {}), "html.parser")


def test_eight_headlines_are_seen_and_the_rest_is_folded(tmp_path):
    page = soup(section(tmp_path, *[finding(f"h{i}") for i in range(11)]))
    shown = [item for item in page.find_all(class_="finding") if not item.find_parent("details")]
    assert [item.p.get_text() for item in shown] == [f"h{i} is better." for i in range(8)]
    assert page.find("summary", string="3 more headlines")


def test_what_is_exploratory_is_folded_under_its_error_rate_and_what_is_open_under_its_own_name(tmp_path):
    found = [
        finding("a", tier="exploratory"),
        finding("b", "undecided", "exploratory"),
        finding("c", "cannot tell", "exploratory"),
    ]
    page = soup(section(tmp_path, *found))
    folded = {d.summary.get_text(): d.get_text() for d in page.find_all("details", class_="more")}
    assert "one in ten" in folded["1 exploratory finding"] and "false discovery rate" in folded["1 exploratory finding"]
    assert "b is undecided." in folded["2 questions that this sweep does not settle"]
    assert "not proof that nothing matters" in page.get_text()


def test_a_finding_is_linked_to_its_own_notebook_when_that_shows_it(tmp_path):
    there = section(tmp_path, known=known(a_one=["lr"], b_two=["lr", "optimizer"], c_all=[]))
    assert evidence(finding("lr", notebook="b-two"), there) == "b-two"
    assert evidence(finding("lr", notebook="z-gone"), there) == "a-one"
    assert evidence(finding("lr", other="optimizer", notebook="a-one"), there) == "b-two"
    assert evidence(finding("lr", "cannot tell", kind="design"), there) == "c-all"


def test_a_finding_that_no_notebook_is_about_is_linked_to_the_one_that_looks_at_each(tmp_path):
    there = section(tmp_path, known=known(a_one=["lr"], b_two=["lr", "optimizer"], c_all=[]))
    assert evidence(finding("dropout", notebook="a-one"), there) == "c-all"
    assert evidence(finding("optimizer", notebook="b-two"), there) == "c-all"
    assert evidence(finding("dropout", other="lr", notebook="b-two"), there) == ""


def test_a_report_on_other_data_is_no_evidence(tmp_path):
    old = known(a_one=["lr"])
    old["a-one"] = replace(old["a-one"], sha256="other")
    assert evidence(finding("lr", notebook="a-one"), section(tmp_path, known=old)) == ""


def test_every_finding_leads_to_its_numbers(tmp_path):
    page = soup(section(tmp_path, finding("lr"), finding("a b"), finding(None, "cannot tell", "exploratory")))
    links = [item.find_all("a")[-1]["href"] for item in page.find_all(class_="finding")]
    assert links == ["toy/claims.html#h0", "toy/claims.html#h1", "toy/claims.html"]


def test_a_report_that_goes_on_or_was_stopped_links_no_page_as_its_own_but_the_earlier_one(tmp_path):
    (tmp_path / "01-x.html").write_text("")
    outcomes = [Outcome("toy", "01-x", "X?", "running"), Outcome("toy", "02-y", "Y?", "stopped", "interrupted")]
    rows = soup(section(tmp_path, known=known(**{"01_x": []}), outcomes=outcomes)).select(".reports li")
    assert [row["class"] for row in rows] == [["running"], ["stopped"]]
    assert [a.get_text() for a in rows[0].find_all("a")] == ["an earlier report is still here"]
    assert not rows[1].find("a") and "interrupted" in rows[1].get_text()


def test_every_text_of_a_table_is_escaped(tmp_path):
    odd = section(
        tmp_path,
        finding(HOSTILE, sentence=HOSTILE),
        outcomes=[Outcome("toy", "x", HOSTILE, "failed", HOSTILE)],
        notes=[HOSTILE],
        metric=HOSTILE,
        unit=HOSTILE,
        datasets=[HOSTILE],
        source=HOSTILE,
    )
    text = index_page([odd, odd], elsewhere={HOSTILE: {HOSTILE: Known(HOSTILE, "", ())}})
    assert "<script" not in text and text.count("&lt;script&gt;") > 10


def card(name, text="b beats a.", kind="ranking"):
    return Card(f"Which {name}?", name, (text, "More."), kind, "headline", ())


def test_sweeps_are_compared_by_their_answers(tmp_path):
    open_ = card("lr", "Undecided: lr makes a difference of at most 2.", "undecided")
    found = [finding(name, tier="exploratory") for name in ("lr", "bn", "only")]
    one = replace(section(tmp_path, *found), cards=(card("lr"), card("bn"), card("only")))
    two = replace(section(tmp_path, *found, sweep_id="other"), cards=(open_, card("bn", "bn matters.")))
    three = replace(section(tmp_path, *found, sweep_id="third"), cards=(open_,))
    compared = comparison([one, two, three])
    assert compared.sweeps == ["toy", "other", "third"]
    assert compared.rows == [("lr", ["b beats a.", "", ""]), ("bn", ["b beats a.", "bn matters.", None])]
    cells = [cell.get_text() for cell in soup(one, two, three).find("tbody").find_all("td")]
    assert cells == ["b beats a.", "undecided", "undecided", "b beats a.", "bn matters.", "not in this sweep"]
    assert "share no hyperparameter" in soup(three, three).find("tbody").get_text()


def test_reports_of_other_sweeps_in_the_folder_are_named(tmp_path):
    page = soup(section(tmp_path), elsewhere={"old sweep": {"01-x": Known("Old?", "", ())}})
    assert page.find("a", string="Old?")["href"] == "old%20sweep/01-x.html"


def test_which_run_is_best_is_linked_to_its_notebook_and_to_no_claim(tmp_path):
    won = finding(None, "undecided", "exploratory", kind="selection", notebook="e-winner")
    page = soup(section(tmp_path, won, known=known(a_all=[], e_winner=[])))
    (item,) = page.find_all(class_="finding")
    assert [a["href"] for a in item.select("a:not(.term)")] == ["toy/e-winner.html"]
    assert not item.find(class_="numbers").get_text().rstrip().endswith("·")


def test_terms_are_explained_where_they_are_met_and_listed_at_the_end(tmp_path):
    page = soup(section(tmp_path, finding(sentence="Untuned it gains 2 points. Untuned it is fast.")))
    (item,) = page.find_all(class_="finding")
    first = item.find("a", class_="term", string="Untuned")
    assert first["title"].startswith("A random run of the sweep.") and len(item.find_all(string="Untuned")) == 1
    assert page.select("#glossary dt" + first["href"])


def test_stages_of_tuning_by_hand_come_first_with_their_report(tmp_path):
    made = {"09-staged-tuning": Known("By hand?", "abc", ())}
    page = soup(replace(section(tmp_path, known=made), stages=("2 stages: <b>a</b>, then b.", "Stage 1 kept 3.")))
    first = page.find("h2")
    assert "tuning by hand" in first.text and page.find("ul", "stages").text == "Stage 1 kept 3."
    assert "<b>" in first.find_next("p").text and first.find_next("a")["href"].endswith("/09-staged-tuning.html")
