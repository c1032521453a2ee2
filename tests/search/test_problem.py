"""What is searched is checked where it is declared."""

import pytest

from hpanalysis.errors import UserError
from hpanalysis.search import Column, Problem
from hpanalysis.search.plan import Plan
from hpanalysis.search.problem import protocol_of
from tests.search.objectives import SPACE, valley, valley_problem, valleys


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Problem(valley, SPACE, metric="loss", goal="up"), "the goal is 'up'; choose one of max, min"),
        (lambda: Problem(valley, SPACE, metric="rate", goal="max"), "rate is a column of its own"),
        (lambda: Problem(valley, SPACE, metric="status", goal="max"), "status is a column of its own"),
        (lambda: Column("price"), "a column has the role 'price'; choose one of hyperparameter, metric"),
    ],
)
def test_what_cannot_be_searched_is_refused_in_one_sentence(call, message):
    with pytest.raises(UserError, match=message):
        call()


def test_the_name_together_is_taken_in_a_search_in_groups_only():
    assert Problem(valley, SPACE, metric="together", goal="min").metric == "together"
    with pytest.raises(UserError, match="together is a column of its own"):
        Problem(valley, SPACE, metric="together", goal="min", batching=valley_problem(batched=valleys).batching)


def test_a_protocol_leaves_out_what_may_be_worded_anew():
    protocol = protocol_of(valley_problem(), Plan(SPACE, seed=3))
    assert (protocol["seed"], list(protocol["space"])) == (3, ["rate", "depth", "kind"])
    assert not any("description" in spec for spec in protocol["space"].values())
