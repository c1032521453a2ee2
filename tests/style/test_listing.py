"""Long lists are cut, and what is cut is counted."""

from hpanalysis.style.listing import LISTED, both_ends, first_few, once


def test_a_list_that_can_be_held_is_said_whole():
    texts = [str(i) for i in range(LISTED)]
    assert first_few(texts) == "0; 1; 2; 3; 4; 5" and first_few([]) == ""


def test_the_rest_of_a_longer_one_is_counted_in_the_words_that_are_asked_for():
    texts = [str(i) for i in range(9)]
    assert first_few(texts) == "0; 1; 2; 3; 4; 5; 3 more"
    assert first_few(texts, more=", and {} more", limit=2) == "0; 1, and 7 more"


def test_a_long_list_keeps_both_ends_and_counts_the_rest():
    texts = [str(i) for i in range(LISTED)]
    assert both_ends(texts) == "; ".join(texts)
    assert both_ends([*texts, "last"]) == "0; 1; 2; 1 more; 4; 5; last"
    assert both_ends([]) == ""


def test_a_repeated_text_is_written_once():
    assert once(["a", "a", "b", "a"]) == ["a", "", "b", "a"]
    assert once([]) == []
