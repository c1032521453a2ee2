"""Do notebooks say what the index says? The committed ones agree among each other, and a report's with its index."""

import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from hpanalysis import toys
from hpanalysis.reporting.site.report import Request, make_reports

ROOT = Path(__file__).parents[2]
COMMITTED = sorted((ROOT / "notebooks").glob("*.ipynb"))


def said(path):
    """Question -> answer, of every verdict that an executed notebook shows."""
    found = {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            soup = BeautifulSoup("".join(output.get("data", {}).get("text/html", "")), "html.parser")
            for box in soup.select("div.verdict"):
                question, *sentences = [p.get_text() for p in box.find_all("p")]
                found[question] = " ".join(sentences)
            for term in soup.select("dl.verdicts dt"):
                found[term.get_text()] = term.find_next_sibling("dd").get_text()
    return found


def test_committed_notebooks_answer_a_question_in_one_way():
    answers = {}
    for path in COMMITTED:
        for question, answer in said(path).items():
            answers.setdefault(question, {})[path.stem] = answer
    assert len(answers) >= 12
    shared = {question: found for question, found in answers.items() if len(found) > 1}
    assert len(shared) >= 2, "some question is answered in more than one notebook"
    for question, found in shared.items():
        assert len(set(found.values())) == 1, f"{question} {found}"


def test_every_committed_notebook_but_those_on_measures_shows_a_verdict():
    assert {path.stem[:2] for path in COMMITTED if said(path)} >= {"00", "01", "02", "03", "05"}


@pytest.mark.slow
@pytest.mark.parametrize("toy", ["STRONG", "SURVIVORSHIP", "INTERIOR"])
def test_the_notebooks_of_a_report_say_what_its_index_and_its_file_say(toy, tmp_path):
    table = tmp_path / "toy.csv"
    toys.make(getattr(toys, toy), 500, 3).runs.to_csv(table, index=False)
    reading = {"metric": "accuracy", "goal": "max", "datasets": ("dataset",)}
    done = make_reports(Request((str(table),), reading, tmp_path / "out"))
    assert not done.failed
    saved = json.loads((tmp_path / "out" / "findings.json").read_text(encoding="utf-8"))["verdicts"]
    told = {v["question"]: " ".join(v["sentences"]) for v in saved}
    pages = sorted((tmp_path / "out" / "toy").glob("0*.ipynb"))
    shown = {path.stem: said(path) for path in pages}
    assert shown["00-the-sweep"].keys() <= told.keys() and len(shown["00-the-sweep"]) == len(toys.SPACE)
    for name, answers in shown.items():
        for question, answer in answers.items():
            # A notebook may ask of more pairs than the index shows.
            assert told.get(question, answer) == answer, (name, question)
    index = BeautifulSoup((tmp_path / "out" / "index.html").read_text(encoding="utf-8"), "html.parser")
    cards = {c.select_one(".ask").get_text(): c.select_one(".answer").get_text() for c in index.select(".card")}
    assert cards == {question: answer for question, answer in told.items() if question in cards} and cards
