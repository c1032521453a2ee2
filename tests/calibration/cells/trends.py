"""When is "the lower the better" said, and is it true?

An order is stated when every step between neighbours was shown. Planted are steps that all go the same way, and the
same steps with the last one (of a range: the upper half) turned round, for an ordered hyperparameter and for slices
of a continuous one. A step has 7 standard errors of the rank sum without ties, failures and estimated spreads: about
6 of the test's own.
"""

from __future__ import annotations

from hpanalysis import toys
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.questions.finding import ALPHA
from tests.calibration.cell import Cell, Task, streams

STEP = 7.0


def recipe(toy: str, runs: int) -> tuple[str, toys.Recipe]:
    """The hyperparameter that is asked about, and the sweep."""
    step = toys.shift_for(STEP, runs, 1 / 4)
    if toy == "ordered, monotone":
        return "depth", toys.Recipe(shift={"depth": {"2": 3 * step, "3": 2 * step, "4": step}})
    if toy == "ordered, last step turned":
        return "depth", toys.Recipe(shift={"depth": {"2": 2 * step, "3": step, "5": step}})
    # The middles of neighbouring slices are a quarter of the range apart.
    if toy == "continuous, monotone":
        return "learning_rate", toys.Recipe(shift={"learning_rate": {"slope": -4 * step}})
    # Between an outer slice and its neighbour a squared distance differs by a half on average.
    return "learning_rate", toys.Recipe(shift={"learning_rate": {"peak": 2 * step}})


def said(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often an order is a headline."""
    name, planted = recipe(toy, runs)
    count = 0
    for rng in streams(sweeps, seed):
        claims = Inquiry.of(toys.make(planted, runs, rng)).claims
        trend = claims[(claims["question"] == "trend") & (claims["hyperparameter"] == name)]
        count += bool(((trend["p_adjusted"] <= ALPHA) & (trend["direction"] != 0)).any())
    true = toy.endswith("monotone")
    return [Cell("the lower the better", toy, runs, count, sweeps, 0.9 if true else 0.0, 1.0 if true else 0.0)]


TOYS = ("ordered, monotone", "ordered, last step turned", "continuous, monotone", "continuous, upper half turned")
TASKS = tuple(Task(said, toy, 1500, 400) for toy in TOYS)
SMOKE = (Task(said, "ordered, monotone", 1200, 2), Task(said, "ordered, last step turned", 1200, 2))
