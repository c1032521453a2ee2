"""More than a dozen data sets: counts instead of names, jointly, in verdicts, sentences, the index and the terminal."""

import json
from dataclasses import replace

import numpy as np
import pytest

import hpanalysis as hp
from hpanalysis.design.design import Design
from hpanalysis.inquiry.verdicts.glance import glances
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.registry import QUESTIONS
from hpanalysis.questions.report import DOZEN, SHARE_COUNTS, SHARE_MAIN, Context
from hpanalysis.reporting.site.cards import cards, matrices
from hpanalysis.reporting.site.claims import claims_csv, claims_page
from hpanalysis.reporting.site.listing import verdicts_as_text
from hpanalysis.reporting.site.study import Study, Told, findings_json
from hpanalysis.statistics.closed_testing import count_effects, share_in_general
from hpanalysis.statistics.differences import POOLED, compare
from tests.calibration.cells import counts

PLACES = 18


def drawn(places=PLACES, runs=80, strength=8.0, crossed=False):
    return counts.draw(places, runs, np.random.default_rng(3), strength=strength, crossed=crossed)


@pytest.fixture(scope="module")
def sweep():
    return drawn()


@pytest.fixture(scope="module")
def inquiry(sweep):
    return hp.Inquiry.of(sweep)


def test_counts_are_closed_testing_of_the_p_values_of_each_data_set(sweep, inquiry):
    rows = inquiry.found["contrast"].query("hyperparameter == 'augmentation' and scale == 'p_better'")
    rows = rows[rows["dataset"] != POOLED]
    up = rows["direction"].to_numpy() > 0
    p = np.where(up, rows["p"] / 2, 1 - rows["p"] / 2)
    # Half of what five hyperparameters share, over one pair in each regime and two directions.
    regimes = inquiry.found["replicability"].query("hyperparameter == 'augmentation'")["scale"].nunique()
    level = SHARE_MAIN * SHARE_COUNTS / 5 / (2 * regimes)
    own = inquiry.found["replicability"].query("hyperparameter == 'augmentation' and scale == 'data sets, p_better'")
    better, worse = own["low_simultaneous"]
    assert better == count_effects(p, level).at_least > 0 and worse == count_effects(1 - p, level).at_least
    assert own["high_simultaneous"].tolist() == [PLACES - worse, PLACES - better]
    assert own["estimate"].tolist() == [up.sum(), (~up).sum()]


def test_no_count_exceeds_what_was_planted_and_both_signs_are_found(inquiry):
    truth = counts.signs(PLACES)
    assert not counts.too_many(inquiry.found["replicability"], truth)
    verdict = hp.verdicts(inquiry)["augmentation"]
    assert verdict.kind == "differs between data sets" and verdict.tier == "headline"
    first = verdict.counts[0]
    assert 6 <= first.better <= 12 and 1 <= first.worse <= 2
    said = f"it helps on at least {first.better} of {PLACES} data sets and hurts on at least {first.worse}"
    assert said in verdict.sentences[0]


def test_no_sentence_names_a_data_set_and_no_limit_of_one_is_simultaneous(inquiry):
    found = hp.findings(inquiry)
    assert {f.dataset for f in found} == {None} and len(found) < 60
    apart = inquiry.claims[(inquiry.claims["dataset"] != POOLED) & inquiry.claims["question"].eq("contrast")]
    assert len(apart) > 100 and apart[["low", "high", "p"]].notna().any().all()
    assert apart[["low_simultaneous", "p_adjusted", "p_exploratory"]].isna().all(axis=None)
    counted = [f for f in found if f.scale == "data sets, p_better" and f.hyperparameter == "augmentation"]
    assert len(counted) == 1 and counted[0].tier == "headline" and counted[0].p_adjusted <= ALPHA
    assert f"of {PLACES} data sets" in counted[0].sentence


def test_averages_share_the_error_among_themselves_and_their_limits_are_no_longer_than_with_all(sweep, inquiry):
    pooled = inquiry.found["contrast"].query("dataset == @POOLED and scale == 'p_better'")
    assert pooled[["low_simultaneous", "high_simultaneous"]].notna().all(axis=None)
    # Bonferroni's critical value for the averages alone, at half of the share of a hyperparameter.
    from scipy.stats import norm

    own = inquiry.claims.query("hyperparameter == 'augmentation' and dataset == @POOLED and regime == 'average'")
    every = inquiry.claims.query("hyperparameter == 'augmentation' and dataset == @POOLED and critical == critical")
    each = SHARE_MAIN * (1 - SHARE_COUNTS) / 5
    assert own["critical"].max() <= norm.isf(each / 2 / len(every)) + 1e-9


@pytest.mark.parametrize("places", [DOZEN, DOZEN + 1])
def test_from_the_thirteenth_on_data_sets_are_counted(places):
    sweep = drawn(places, 40)
    found = hp.Inquiry.of(sweep)
    counted = places > DOZEN
    assert ("replicability" in found.found) == counted
    (first, *_) = glances(found, hp.verdicts(found))
    assert first.counted == counted and len(first.places) == (1 if counted else places + 1)


def test_the_matrix_the_cards_and_the_claims_show_counts(inquiry):
    verdicts = hp.verdicts(inquiry)
    (*_, untuned) = matrices(glances(inquiry, verdicts), inquiry.about)
    assert untuned.heads == ("average", "better on", "worse on")
    row = dict(untuned.rows)["augmentation"]
    count = next(c for c in verdicts["augmentation"].counts if c.regime == "average")
    assert row[1].text == f"≥ {count.better}" and row[1].said.endswith(f"of {PLACES} data sets")
    assert row[2].text == f"≥ {count.worse}"
    (card,) = (card for card in cards(tuple(verdicts), inquiry.about) if card.name == "augmentation")
    assert any(f"better on ≥ {count.better}, worse on ≥ {count.worse} of {PLACES} data sets" in n for n in card.numbers)
    page = claims_page(inquiry, sweep="many")
    assert "by data set:" not in page and f"untuned: on how many of {PLACES}" in page
    assert claims_csv(inquiry).count("\n") == len(inquiry.claims) + 1


def test_findings_json_and_the_terminal_say_the_counts(sweep, inquiry):
    study = Study("many", "many.csv", sweep)
    told = Told(study, inquiry, tuple(hp.findings(inquiry)), tuple(hp.verdicts(inquiry)))
    data = json.loads(findings_json([told]))
    (own,) = (v for v in data["verdicts"] if v["hyperparameter"] == "augmentation")
    assert own["counts"][0]["places"] == PLACES and own["counts"][0]["worse"] >= 1
    assert any(f["scale"] == "data sets, p_better" and f["low_simultaneous"] >= 6 for f in data["findings"])
    text = verdicts_as_text(told)
    assert f"{PLACES} data sets" in text and ", 0, 1, 10" not in text
    assert " ".join(hp.verdicts(inquiry)["augmentation"].sentences[0].split()) in " ".join(text.split())


def test_a_saved_inquiry_gives_the_same_verdicts(inquiry, tmp_path):
    again = hp.Inquiry.load(inquiry.save(tmp_path / "inquiry.json"))
    assert [v.to_dict() for v in hp.verdicts(again)] == [v.to_dict() for v in hp.verdicts(inquiry)]


def test_configurations_tried_on_all_data_sets_are_counted_whatever_their_association():
    crossed = drawn(14, 120, crossed=True)
    design = Design(crossed)
    assert design.unit.kind == "configuration across data sets" and not design.loops
    answer = hp.replicability(design, "augmentation")
    assert any("however these are associated" in caveat for caveat in answer.caveats)
    rows = hp.contrast(design, "augmentation").frame.query("scale == 'p_better' and dataset != @POOLED")
    p = np.where(rows["direction"] > 0, rows["p"] / 2, 1 - rows["p"] / 2)
    level = ALPHA / (2 * answer.frame["scale"].nunique())
    expected = count_effects(p, level, independent=False).at_least
    assert answer.frame.query("scale == 'data sets, p_better'")["low_simultaneous"].iloc[0] == expected


def test_below_fifteen_data_sets_nothing_is_said_of_data_sets_in_general():
    few, some = (hp.replicability(drawn(places, 60), "augmentation") for places in (14, 15))
    assert few.frame["in_general"].isna().all() and "random" not in hp.findings(few)[0].sentence
    row = some.frame.iloc[0]
    level = ALPHA / (2 * some.frame["scale"].nunique()) / 2
    assert row["in_general"] == pytest.approx(share_in_general(int(row["low_simultaneous"]), 15, level))
    assert 0 < row["in_general"] < row["low_simultaneous"] / 15
    assert "If these data sets were drawn at random, it is on at least" in hp.findings(some)[0].sentence
    assert "of all such data sets" in hp.table(some).frame.columns
    assert "of all such data sets" not in hp.table(few).frame.columns


def test_one_data_set_is_refused():
    one = drawn(1, 60)
    with pytest.raises(hp.UserError, match="one data set, so that there are none to count; ask contrast instead"):
        hp.replicability(one, "augmentation")


def test_the_winners_of_many_data_sets_are_one_sentence(sweep):
    (told,) = hp.findings(hp.winner(sweep))
    assert f"of {PLACES} data sets" in told.sentence and told.dataset is None


@pytest.mark.parametrize("name", ["task_id", "dataset_id", "openml_task_id", "instance"])
def test_a_column_like_task_id_is_taken_as_the_data_sets_and_told(tmp_path, name):
    table = drawn(14, 30).runs.rename(columns={"task_id": name}).assign(**{name: lambda t: 3 + 7 * t[name]})
    table.to_csv(tmp_path / "runs.csv", index=False)
    sweep = hp.read(tmp_path / "runs.csv", metric="accuracy", goal="max")
    assert sweep.columns_with("dataset") == (name,) or name in " ".join(sweep.notes)


def test_words_of_the_counts_in_a_report_need_no_answer(inquiry):
    rows = inquiry.found["replicability"]
    told = list(
        QUESTIONS["replicability"].words.render(rows, Context(inquiry.about, "whole report", "x", inquiry.found))
    )
    assert {f.verdict for f in told} <= {"depends", "better"} and all(f.low_simultaneous >= 1 for f in told)
    silent = rows.assign(low_simultaneous=0.0)
    assert list(QUESTIONS["replicability"].words.render(silent, Context(inquiry.about))) == []


# --- a declared margin


@pytest.fixture(scope="module")
def with_margin(sweep):
    return replace(sweep, margin=0.05)


@pytest.fixture(scope="module")
def close(with_margin):
    return hp.Inquiry.of(with_margin)


def test_what_makes_no_practical_difference_is_counted_and_said(close):
    verdict = hp.verdicts(close)["nesterov"]
    assert verdict.kind == "no practical difference"
    assert "on average at most" in verdict.text and "within the margin of 5 points" in verdict.text
    assert f"on all {PLACES} data sets untuned" in verdict.text


def test_the_margin_is_held_on_a_data_set_where_all_limits_at_the_level_of_its_count_lie_in_it(with_margin, close):
    own = close.found["replicability"].query("hyperparameter == 'augmentation' and scale.str.endswith('margin, mean')")
    pairs = close.found["replicability"].query("hyperparameter == 'augmentation' and value != ''")
    closeness = close.found["replicability"].query("hyperparameter == 'augmentation' and value == ''")
    # Each of the rows, both ways and within, has one part of half of what five hyperparameters share.
    level = SHARE_MAIN * SHARE_COUNTS / 5 / (len(pairs) + len(closeness))
    design = Design(with_margin)
    groups, outcomes = design.groups("augmentation"), design.outcomes("augmentation")
    claims = compare(outcomes, groups.codes, groups.pairs, ["mean"])
    shown = int(own["low_simultaneous"].iloc[0])
    # Holm: so many are rejected one after the other, each at what is left.
    for step, count in ((PLACES - shown + 1, shown), (PLACES - shown, shown)):
        low, high = claims.interval(level=1 - 2 * level / step)
        inside = ((low > -0.05) & (high < 0.05))[1:, 0].sum()
        assert inside >= count if step > PLACES - shown else inside <= count
    assert 0 < shown < PLACES


def test_a_margin_that_few_data_sets_are_shown_to_hold_leaves_it_undecided_and_says_on_how_many(sweep):
    found = hp.verdicts(hp.Inquiry.of(replace(sweep, margin=0.01)))
    assert found["nesterov"].kind == "undecided"
    assert "differ by less than the margin of 1 point on at least" in found["nesterov"].text
    # Slices of a range have too few runs on one data set.
    assert "On average that is within the margin of 1 point" in found["dropout"].text
    assert "on no data set alone is it shown" in found["dropout"].text


def test_without_a_margin_nothing_is_counted_within_one(inquiry):
    assert (inquiry.found["replicability"]["value"] != "").all()
    assert "margin" not in str(hp.verdicts(inquiry))


def test_counts_within_a_margin_are_claims_and_findings_like_others(close):
    sentences = [f.sentence for f in hp.findings(close) if f.verdict == "no practical difference"]
    assert any(s.startswith("Untuned the values of nesterov differ by less than the margin") for s in sentences)
    assert f"all values within the margin, untuned: on how many of {PLACES}" in claims_page(close, sweep="many")
    answer = hp.replicability(replace(drawn(), margin=0.05), "nesterov")
    assert f"on all {PLACES} data sets" in str(answer.summary())
