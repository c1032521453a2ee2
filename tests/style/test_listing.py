"""Long lists are cut, and what is cut is counted."""

from hpanalysis.style.listing import LISTED, first_few


def test_a_list_that_can_be_held_is_said_whole():
    texts = [str(i) for i in range(LISTED)]
    assert first_few(texts) == "0; 1; 2; 3; 4; 5" and first_few([]) == ""


def test_the_rest_of_a_longer_one_is_counted_in_the_words_that_are_asked_for():
    texts = [str(i) for i in range(9)]
    assert first_few(texts) == "0; 1; 2; 3; 4; 5; 3 more"
    assert first_few(texts, more=", and {} more", limit=2) == "0; 1, and 7 more"
