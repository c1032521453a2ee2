"""Tuning by hand does what a person does: one hyperparameter after the other, the best so far of the rest."""

import itertools

import pytest

from hpanalysis.errors import UserError
from hpanalysis.search import Asked, Problem, adaptive_search
from hpanalysis.search.adaptive_search import read_back
from hpanalysis.sweeps.space import Hyperparameter, Space

SPACE = Space(
    (
        Hyperparameter("depth", "ordinal", (1, 2, 3)),
        Hyperparameter("channels", "categorical", ("a", "b", "c", "d")),
        Hyperparameter("rate", "ordinal", (0.001, 0.01)),
    )
)
START = {"depth": 2, "channels": "b", "rate": 0.01}
ERRORS = dict(
    zip(
        itertools.product((1, 2, 3), "abcd", (0.001, 0.01)),
        [(7 * number) % 24 / 24 for number in range(24)],
        strict=True,
    )
)


def error(configuration: dict, seed: int) -> dict:
    return {"error_rate": ERRORS[tuple(configuration.values())]}


def fails_at_three(configuration: dict, seed: int) -> dict:
    if configuration["depth"] == 3:
        raise RuntimeError("out of memory")
    return error(configuration, seed)


def study(tmp_path, objective=error, start=START, **asked):
    problem = Problem(objective, SPACE, metric="error_rate", goal="min")
    asked = {"runs": 7, "start": tuple(start.items())} | asked
    adaptive_search(problem, Asked("staged", **asked), tmp_path / "study")
    records, _ = read_back(problem, tmp_path / "study")
    return [tuple(r.cells[h.name] for h in SPACE) for r in records], [r.cells["phase"] for r in records]


def by_hand():
    """The same in a few lines: keep the best so far, try the levels that it has not."""
    tried = [tuple(START.values())]
    for place, h in enumerate(SPACE):
        best = min(tried, key=ERRORS.get)
        tried += [(*best[:place], level, *best[place + 1 :]) for level in h.levels if level != best[place]]
    return tried


def test_it_tries_what_a_person_would_try(tmp_path):
    tried, phases = study(tmp_path)
    assert tried == by_hand() and len(set(tried)) == 7
    assert phases == ["1"] * 3 + ["2"] * 3 + ["3"]


def test_a_run_that_failed_is_never_the_best(tmp_path):
    tried, _ = study(tmp_path, fails_at_three)
    assert any(configuration[0] == 3 for configuration in tried[:3])
    assert all(configuration[0] != 3 for configuration in tried[3:])


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"runs": 9}, "takes 7: choose that"),
        ({"lag": 2}, "choose 1"),
        ({"start": {"depth": 5, "channels": "b", "rate": 0.01}}, "the start has depth=5"),
        ({"start": {"depth": 1}}, "the start has channels=None"),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path, asked, words):
    with pytest.raises(UserError, match=words):
        study(tmp_path, **asked)
