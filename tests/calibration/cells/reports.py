"""How often does a whole report say something false, and how often does it say what is there?

A report is everything that `Inquiry` claims of one sweep as a headline. A wrong sign, a wrong order and a bound that
the truth does not reach are all false. Planted effects are counted in the same reports as what is false beside them;
they have 5.5, or 5, standard errors of the test's own scale.
"""

from __future__ import annotations

import pandas as pd

from hpanalysis.inquiry.findings import findings
from hpanalysis.inquiry.inquiry import Inquiry
from tests.calibration.cell import Cell, Task, streams
from tests.calibration.truth import draw, false_claims

FALSE = "report with any false headline or bound"


def false_headlines(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often a whole report has any false headline, a wrong bound included."""
    reports = (headlines(Inquiry.of(draw(toy, runs, rng))) for rng in streams(sweeps, seed))
    wrong = sum(bool(false_claims(toy, runs, claims)) for claims in reports)
    return [Cell(FALSE, toy, runs, wrong, sweeps, 0.0, 0.05)]


def headlines(inquiry: Inquiry) -> pd.DataFrame:
    """The claims that may be headlines: none on a hyperparameter whose values were not drawn independently."""
    names = set(inquiry.about["observational"])
    return inquiry.claims[~(inquiry.claims["hyperparameter"].isin(names) | inquiry.claims["other"].isin(names))]


def shown_anywhere(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often the learning rate, in which an optimiser searched, is at least in the exploratory list."""
    shown = 0
    for rng in streams(sweeps, seed):
        said = findings(Inquiry.of(draw(toy, runs, rng))).about("learning_rate")
        shown += any(f.verdict not in ("undecided", "cannot tell") for f in said)
    return [Cell("what an optimiser found is said, observational", toy, runs, shown, sweeps, 0.9, 1.0)]


def listed_of_nothing(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often the exploratory list says anything where nothing is true: what its false discovery rate is there."""
    listed = 0
    for rng in streams(sweeps, seed):
        said = findings(Inquiry.of(draw(toy, runs, rng)))
        listed += any(f.tier == "exploratory" and f.verdict not in ("undecided", "cannot tell") for f in said)
    return [Cell("exploratory list with anything in it", toy, runs, listed, sweeps, 0.0, 0.05)]


def planted(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often planted effects become headlines with the right sign and level, and what is false beside them."""
    found = {"augmentation": 0, "adam over momentum": 0, "rmsprop over momentum": 0}
    least, said_as = ("headline", "a headline") if toy != "effects of 5" else (None, "said at all")
    wrong = 0
    for rng in streams(sweeps, seed):
        inquiry = Inquiry.of(draw(toy, runs, rng))
        said = [
            f
            for f in findings(inquiry)
            if f.kind in ("contrast", "failure") and f.dataset is None and f.tier in (least or f.tier,)
        ]
        found["augmentation"] += any(f.hyperparameter == "augmentation" and f.verdict == "better" for f in said)
        over = {f.value for f in said if f.reference == "momentum" and "better" in f.verdict}
        for level in ("adam", "rmsprop"):
            found[f"{level} over momentum"] += level in over
        wrong += bool(false_claims(toy, runs, inquiry.claims))
    cells = [
        Cell(f"planted effect {said_as} ({name})", toy, runs, hits, sweeps, 0.9, 1.0) for name, hits in found.items()
    ]
    return [*cells, Cell(FALSE, toy, runs, wrong, sweeps, 0.0, 0.05)]


# The more, the nearer to its limit a toy was at first.
MORE = {
    **dict.fromkeys((("survivorship", 400), ("survivorship", 1500), ("interior optimum", 400)), 1200),
    **dict.fromkeys((("confounded", 1500), ("strong effect", 1500)), 1200),
    ("twins", 1500): 3600,
}
TASKS = (
    Task(false_headlines, "null", 100, 400),
    *(Task(listed_of_nothing, "null", runs, 400) for runs in (400, 1500)),
    *(Task(planted, toy, runs, 400) for toy in ("effects of 5.5", "effects of 5") for runs in (400, 1500)),
    *(
        Task(false_headlines, toy, runs, MORE.get((toy, runs), 400))
        for runs in (400, 1500)
        for toy in (
            "null",
            "clustered",
            "confounded",
            "survivorship",
            "interior optimum",
            "adaptive",
            "twins",
            "strong effect",
            "interaction",
            "conditional",
            "ceiling",
            "last level only",
            "better only when tuned",
            "sign depends on k",
            "noise of the validation set",
            "costs 1 to 3",
        )
    ),
    Task(shown_anywhere, "adaptive", 1500, 100),
)
SMOKE = (
    Task(false_headlines, "null", 300, 20),
    Task(false_headlines, "twins", 300, 8),
    Task(planted, "effects of 5.5", 400, 10),
)
