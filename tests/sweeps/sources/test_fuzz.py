"""Is every damaged or hostile file refused in a sentence, or read, without harm?"""

import importlib.util
from pathlib import Path

import pytest

spec = importlib.util.spec_from_file_location("hostile_files", Path(__file__).with_name("fuzz.py"))
fuzz = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fuzz)


def check(numbers):
    results = list(fuzz.run(numbers))
    assert not [(number, kind, trouble) for number, kind, _, trouble in results if trouble]
    # Neither everything refused nor everything read: the files are what they should be.
    assert 0.02 * len(results) < sum(answer == "read" for _, _, answer, _ in results) < 0.6 * len(results)


def test_200_hostile_files_do_no_harm():
    check(range(200))


@pytest.mark.slow
def test_2000_hostile_files_do_no_harm():
    check(range(2000))
