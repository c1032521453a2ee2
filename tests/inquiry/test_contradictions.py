"""Does any text say what another one denies? Cards, matrix, terminal, findings.json and single sentences."""

import json
import re
import statistics
from functools import partial

import numpy as np
import pytest
from bs4 import BeautifulSoup

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.inquiry.verdicts.compose import OPEN
from hpanalysis.inquiry.verdicts.glance import glances
from hpanalysis.reporting.notebooks.parameters import load_notebooks, notebooks_folder
from hpanalysis.reporting.site.cards import OPEN as CARDS_OPEN
from hpanalysis.reporting.site.cards import cards, matrices
from hpanalysis.reporting.site.index import Section, index_page
from hpanalysis.reporting.site.listing import tell, verdicts_as_text
from hpanalysis.reporting.site.study import Study, facts, findings_json
from tests.calibration.cells.verdicts import WORLDS

SWEEPS = {name: partial(world.draw, 1500, np.random.default_rng(3)) for name, world in WORLDS.items()}
SWEEPS |= {"survivorship": lambda: toys.make(toys.SURVIVORSHIP, 600, 1), "few": lambda: toys.make(toys.STRONG, 120, 1)}
# Bounds that would leave no difference out if nothing had drifted, and p-values that know that it may have.
SWEEPS |= {
    "drift over a loop": lambda: toys.make(toys.DRIFT, 900, np.random.default_rng(0)),
    "a loop without drift": lambda: toys.make(toys.NESTED, 900, np.random.default_rng(0)),
}
# By others, where they lie beside the project: file, and how it is read.
TASK = ("dataset", "task", "trans", "feature", "label")
REAL = {
    "graphgym, first round": (
        "graphgym/design_v1_grid_round1__val.csv",
        {"metric": "accuracy", "goal": "max", "datasets": TASK},
    ),
    "graphgym, second round": (
        "graphgym/design_v2_grid_round2__val.csv",
        {"metric": "accuracy", "goal": "max", "datasets": TASK},
    ),
    "networks on mnist": ("deepcave_mnist_pytorch/mnist_pytorch_flat.csv", {"metric": "accuracy", "goal": "max"}),
    "an epoch a row": ("hiplot_ml1/ml1.csv", {"metric": "valid ppl", "goal": "min"}),
}
EVERY = [*SWEEPS, *(pytest.param(name, marks=pytest.mark.slow) for name in (*REAL, "shipped"))]


@pytest.fixture(scope="module", params=EVERY)
def told(request):
    """Everything that is said of a sweep: of a toy, of one by others, of the shipped one."""
    name = request.param
    if name in REAL:
        path, reading = REAL[name]
        sweep = hp.read(request.getfixturevalue("shared") / "sweeps" / path, **reading)
    else:
        sweep = hp.read(request.getfixturevalue("shipped")) if name == "shipped" else SWEEPS[name]()
    return tell(Study("toy", "toy", sweep), load_notebooks(notebooks_folder()))


@pytest.fixture(scope="module")
def page(told, tmp_path_factory):
    """Its index."""
    about = told.inquiry.about
    anchors = {v.hyperparameter: "h" for v in told.verdicts}
    drawn = {"cards": cards(told.verdicts, about), "matrices": matrices(glances(told.inquiry, told.verdicts), about)}
    folder = tmp_path_factory.mktemp("toy")
    section = Section(facts(told.study), (), told.findings, (), {}, folder, anchors, 9, **drawn)
    return BeautifulSoup(index_page([section], elsewhere={}), "html.parser")


def test_the_index_the_terminal_and_the_file_have_the_same_sentences(told, page):
    terminal = " ".join(verdicts_as_text(told).split())
    saved = [" ".join(v["sentences"]) for v in json.loads(findings_json([told]))["verdicts"]]
    shown = [" ".join(item.select_one(".answer").get_text().split()) for item in page.select(".card")]
    assert shown == [v.text for v in told.verdicts]
    assert saved == [v.text for v in (*told.verdicts, *told.pairs)]
    assert all(" ".join(v.text.split()) in terminal for v in (*told.verdicts, *told.pairs))


def test_there_is_one_verdict_a_hyperparameter(told):
    names = [v.hyperparameter for v in told.verdicts]
    assert len(names) == len(set(names)) and set(names) == set(told.inquiry.about["asked"])


def test_a_pair_asks_of_no_levels_what_their_verdict_denies(told):
    """What a pair says of two levels, at every level of the other, has the sign that their average has."""
    signs = {}
    for v in told.verdicts:
        for e in (e.better for e in v.effects if e.shown and not e.other and e.dataset is None):
            signs[v.hyperparameter, frozenset((e.value, e.reference)), e.regime] = e.value
    for pair in told.pairs:
        everywhere = {}
        for e in (e.better for e in pair.effects if e.shown and e.other and e.dataset is None):
            everywhere.setdefault((frozenset((e.value, e.reference)), e.regime), set()).add(e.value)
        for (levels, regime), best in everywhere.items():
            average = signs.get((pair.hyperparameter, levels, regime))
            assert len(best) > 1 or average is None or average in best or pair.kind == "depends on another", pair.text


def test_no_two_answers_are_the_same_sentence(told):
    said = [s.partition(": ")[2] or s for v in told.verdicts for s in v.sentences if not s.startswith("Observational")]
    assert len(said) == len(set(said)), sorted(text for text in said if said.count(text) > 1)


def test_what_is_open_at_first_is_little_and_short(told, page):
    """At most a dozen cards, and a sentence that is read at once."""
    folded = page.select("details .card")
    assert len(page.select(".card")) - len(folded) <= 12 and CARDS_OPEN <= 12
    lengths = [len(s.split()) for v in (*told.verdicts, *told.pairs) for s in v.sentences]
    # Names of data sets by others are of several words.
    assert statistics.median(lengths) <= (22 if len(told.inquiry.about["datasets"]) < 8 else 25)
    assert len(str(page).encode()) < 250_000


def test_what_a_verdict_quotes_as_shown_is_a_headline(told):
    headlines = {
        (f.hyperparameter, frozenset((f.value, f.reference)), f.dataset, f.kind == "tuned")
        for f in told.findings
        if f.tier == "headline" and f.kind in ("contrast", "failure", "tuned")
    }
    for v in told.verdicts:
        for e in v.effects if v.tier == "headline" else ():
            if e.shown and not e.other:
                claim = (v.hyperparameter, frozenset((e.value, e.reference)), e.dataset, e.regime == "tuned")
                assert claim in headlines, v.text
            assert e.shown or not e.bound, v.text


def test_a_headline_has_a_small_p_and_a_bound_that_leaves_no_difference_out(told):
    for f in told.findings:
        if f.tier != "headline" or f.kind not in ("contrast", "failure", "tuned", "trend"):
            continue
        null = 0.5 if f.scale == "p_better" else 0.0
        assert f.p_adjusted <= 0.05, f.sentence
        if f.low_simultaneous is not None:
            # Equal within a margin is a headline whose bounds hold no difference in.
            inside = f.low_simultaneous <= null <= f.high_simultaneous
            assert inside == (f.verdict == "no practical difference"), f.sentence


def test_no_sentence_says_better_of_what_a_verdict_calls_worse(told):
    """In one place and regime the sign of a pair of levels is one sign."""
    signs = {}
    for v in told.verdicts:
        for e in (e for e in v.effects if e.shown and not e.other):
            best = e.better
            signs[v.hyperparameter, frozenset((e.value, e.reference)), e.dataset, e.regime] = best.value
    for f in told.findings:
        if f.tier != "headline" or f.verdict not in ("better", "worse") or f.scale != "mean" or f.runs != "all":
            continue
        better = f.value if f.verdict == "better" else f.reference
        said = signs.get((f.hyperparameter, frozenset((f.value, f.reference)), f.dataset, "average"))
        assert said in (None, better), (f.sentence, said)


def test_what_a_verdict_leaves_open_no_sentence_settles_and_the_other_way_round(told):
    by_name = {v.hyperparameter: v for v in told.verdicts}
    for f in told.findings:
        if f.hyperparameter not in by_name or f.dataset is not None or f.other:
            continue
        kind = by_name[f.hyperparameter].kind
        if (
            f.tier == "headline"
            and f.kind in ("contrast", "trend", "failure")
            and f.verdict in ("better", "worse", "monotone")
        ):
            assert kind not in OPEN, f.sentence
        if f.kind == "importance" and f.verdict == "matters" and f.tier == "headline":
            # One word for one hyperparameter: that it matters, where only the best value is open.
            assert not by_name[f.hyperparameter].text.startswith("Undecided:"), f.sentence
            assert not by_name[f.hyperparameter].question.startswith("Does "), f.sentence
        # That the average is open is true of what differs between data sets.
        if f.verdict == "undecided" and f.kind == "importance" and kind != "differs between data sets":
            assert kind in OPEN, f.sentence


def test_the_matrix_shows_what_the_verdicts_say(told, page):
    tiles = {(a["aria-label"].split(":")[0], a.get_text()) for a in page.select(".tile a")}
    for v in told.verdicts:
        own = {text for name, text in tiles if name == v.hyperparameter}
        shows = not own <= {"·", "–"}
        # One that depends on another may show nothing on average, and failing is not in the matrix.
        assert shows or v.kind in (*OPEN, "fails more", "depends on another"), (v.kind, own)
        assert not (shows and v.kind in OPEN), (v.kind, own)


def test_no_sentence_of_a_verdict_is_longer_than_can_be_pasted(told):
    for v in told.verdicts:
        assert 1 <= len(v.sentences) <= 3
        for sentence in v.sentences:
            assert len(sentence.split()) <= 45 and sentence.endswith(".") and "nan" not in sentence
            assert not re.search(r"\binf\b|head-to-head|at least 0 ", sentence)
