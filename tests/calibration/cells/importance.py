"""Is the order of the hyperparameters right, and does noise stay below its floor?

On a sweep whose shares are known by integration the optimizer acts through the learning rate, on its logarithm, and
four of eight hyperparameters do nothing. The order is right when total effects fall as the true ones do and every null
lies below all that act. Where nothing matters at all, the floor and the p-values are held against their promise.
"""

from __future__ import annotations

import numpy as np

from hpanalysis.design.design import Design
from hpanalysis.design.target import places
from hpanalysis.questions.importance.ask import importance
from hpanalysis.questions.importance_measures.trees import functional_anova, permutation
from hpanalysis.toys.log_interaction import NULLS, log_interaction, ranked_right
from tests.calibration.cell import Cell, Task, streams
from tests.calibration.truth import draw

TOY, NULL = "log interaction", "null"
# Measures whose p-values are asked to hold where nothing matters.
TESTED = ("correlation", "ols", "anova", "hsic")


def order(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often functional ANOVA ranks as the truth does, and how often a null stands above all shadows."""
    right = above = claimed = 0
    for i, rng in enumerate(streams(sweeps, seed)):
        answer = importance(log_interaction(runs, rng), measure="fanova", rng=i)
        total = answer.frame[answer.frame["effect"] == "total"].set_index("hyperparameter")
        right += ranked_right(total["estimate"].to_dict())
        nulls = total.loc[list(NULLS)]
        above += bool((nulls["estimate"] > nulls["floor"]).any())
        claimed += bool((nulls["p_adjusted"] <= 0.05).any())
    return [
        Cell("order by total effect as the truth, every null last", toy, runs, right, sweeps, 0.95, 1.0),
        Cell("any null above its largest shadow", toy, runs, above, sweeps, 0.0, 0.05),
        Cell("any null called to matter, held-out shuffles at 5 %", toy, runs, claimed, sweeps, 0.0, 0.05),
    ]


def nothing(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """Where nothing matters: how often any hyperparameter of ten is called to matter at 5 %, by each measure."""
    hits = dict.fromkeys(TESTED, 0)
    for i, rng in enumerate(streams(sweeps, seed)):
        sweep = draw(toy, runs, rng)
        for measure in TESTED:
            table = importance(sweep, measure=measure, by="pooled", rng=i).frame
            judged = table[table["effect"] == "main"]
            hits[measure] += bool((judged["p_adjusted"] <= 0.05).any())
    return [
        Cell(f"any of ten called to matter at 5 %: {measure}", toy, runs, count, sweeps, 0.0, 0.05)
        for measure, count in hits.items()
    ]


def surrogate_of_nothing(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """A forest on noise, read in spite of its R2: shares above their floor, and held-out shuffles at 5 %."""
    above, claimed, refused = 0, 0, 0
    for i, rng in enumerate(streams(sweeps, seed)):
        (place,), _, _ = places(Design(draw(toy, runs, rng)), "metric", by="pooled", seed=i)
        refused += bool(functional_anova(place).table.reindex(columns=["estimate"]).isna().all(axis=None))
        total = functional_anova(place, smallest_r2=-np.inf).table.query("effect == 'total'")
        above += bool((total["estimate"] > total["floor"]).any())
        claimed += bool((permutation(place, smallest_r2=-np.inf).tests["p_adjusted"] <= 0.05).any())
    return [
        Cell("the surrogate is refused", toy, runs, refused, sweeps, 0.95, 1.0),
        Cell("any of ten above its largest shadow", toy, runs, above, sweeps, 0.0, 0.05),
        Cell("any of ten called to matter at 5 %: held-out shuffles", toy, runs, claimed, sweeps, 0.0, 0.05),
    ]


TASKS = (
    Task(order, TOY, 1000, 100),
    Task(nothing, NULL, 300, 300),
    Task(surrogate_of_nothing, NULL, 400, 100),
)
SMOKE = (Task(order, TOY, 1000, 2), Task(nothing, NULL, 300, 8))
