"""How often does a whole report say something false, and how often does it say what is there?

A report is everything that `Inquiry` claims of one sweep as a headline. A wrong sign, a wrong order and a bound that
the truth does not reach are all false. Planted effects are counted in the same reports as what is false beside them.
"""

from __future__ import annotations

from hpanalysis.questions.inquiry import Inquiry
from hpanalysis.reporting.wording import findings
from tests.calibration.cell import Cell, Task, streams
from tests.calibration.truth import draw, false_claims

FALSE = "report with any false headline or bound"


def false_headlines(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often a whole report has any false headline, a wrong bound included."""
    reports = (Inquiry.of(draw(toy, runs, rng)).claims for rng in streams(sweeps, seed))
    wrong = sum(bool(false_claims(toy, runs, claims)) for claims in reports)
    return [Cell(FALSE, toy, runs, wrong, sweeps, 0.0, 0.05)]


def planted(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often planted effects become headlines with the right sign and level, and what is false beside them."""
    found = {"augmentation": 0, "adam over momentum": 0, "rmsprop over momentum": 0}
    wrong = 0
    for rng in streams(sweeps, seed):
        inquiry = Inquiry.of(draw(toy, runs, rng))
        said = [
            f for f in findings(inquiry).tier("headline") if f.kind in ("contrast", "failure") and f.dataset is None
        ]
        found["augmentation"] += any(f.hyperparameter == "augmentation" and f.verdict == "better" for f in said)
        over = {f.value for f in said if f.reference == "momentum" and "better" in f.verdict}
        for level in ("adam", "rmsprop"):
            found[f"{level} over momentum"] += level in over
        wrong += bool(false_claims(toy, runs, inquiry.claims))
    cells = [
        Cell(f"planted effect of 6 standard errors stated ({name})", toy, runs, hits, sweeps, 0.9, 1.0)
        for name, hits in found.items()
    ]
    return [*cells, Cell(FALSE, toy, runs, wrong, sweeps, 0.0, 0.05)]


TASKS = (
    *(Task(false_headlines, "null", runs, 400) for runs in (100, 400, 1500)),
    *(Task(planted, "real effects", runs, 400) for runs in (400, 1500)),
    *(
        Task(false_headlines, toy, 600, 400)
        for toy in ("strong effect", "clustered", "confounded", "survivorship", "interior optimum", "interaction")
    ),
)
SMOKE = (Task(false_headlines, "null", 300, 20), Task(planted, "real effects", 400, 10))
