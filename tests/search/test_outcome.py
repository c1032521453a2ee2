"""What came of a search: the pick by fresh seeds, a cheaper one within its spread, the front, in words."""

import pytest

from hpanalysis.search.outcome import in_words, outcome_of
from hpanalysis.search.strategies.proposal import Trial


def first(run, error, cost):
    return Trial(run, run, {"depth": run}, error, cost, "open")


def again(run, of, error):
    return Trial(run, of, {"depth": of}, error, 1.0, "confirm")


FIRSTS = [first(0, 0.10, 50), first(1, 0.12, 40), first(2, 0.13, 5), first(3, None, 1), first(4, 0.5, 5)]


def test_the_pick_is_the_best_of_the_fresh_trainings_not_of_the_first():
    fresh = [again(5, 0, 0.40), again(6, 0, 0.42), again(7, 1, 0.20), again(8, 1, 0.24)]
    found = outcome_of(FIRSTS + fresh, [""] * 9)
    assert found.pick.trial.run == 1 and found.pick.error == pytest.approx(0.22) and found.pick.times == 2
    assert found.pick.spread == pytest.approx(0.02 * 2**0.5)


@pytest.mark.parametrize(("error", "cheaper"), [(0.24, 2), (0.30, None)])
def test_a_cheaper_one_is_named_where_it_is_within_the_spread(error, cheaper):
    fresh = [again(5, 1, 0.20), again(6, 1, 0.24), again(7, 2, error), again(8, 2, error)]
    found = outcome_of(FIRSTS + fresh, [""] * 9)
    assert (found.cheapest and found.cheapest.trial.run) == cheaper


def test_what_failed_again_is_not_picked_and_where_all_failed_the_first_runs_count():
    failing = [again(5, 0, None), again(6, 1, 0.3)]
    assert outcome_of(FIRSTS + failing, [""] * 7).pick.trial.run == 1
    found = outcome_of(FIRSTS + failing[:1], [""] * 6)
    assert found.pick.trial.run == 0 and found.pick.times == 0


def test_the_front_holds_what_nothing_beats_in_error_and_cost():
    assert [t.run for t in outcome_of(FIRSTS, [""] * 5).front] == [2, 1, 0]


def test_lifted_limits_and_a_high_metric_in_words():
    reasons = ["TPE in the cheap part: depth <= 2; depth may now be up to 3: the best fifth", "", "", "", ""]
    text = in_words(outcome_of(FIRSTS, reasons), metric="accuracy", sign=-1)
    assert "The pick is run 0, accuracy -0.1, cost 50: depth=0." in text
    assert "Depth may now be up to 3: the best fifth." in text and "run 2: -0.13 at 5" in text


def test_without_any_result_nothing_is_picked():
    found = outcome_of([first(0, None, 1.0)], [""])
    assert found.pick is None and "nothing to pick" in in_words(found, metric="loss", sign=1)
