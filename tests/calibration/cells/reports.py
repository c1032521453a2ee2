"""How often does a whole report say something false, and how often does it say what is there?

A report is everything that `Inquiry` claims of one sweep as a headline. A wrong sign, a wrong order and a bound that
the truth does not reach are all false. Planted effects are counted in the same reports as what is false beside them;
they have 5.5, or 5, standard errors of the test's own scale.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.inquiry.findings import findings
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.questions.finding import ALPHA
from hpanalysis.sweeps.sweep import Sweep
from tests.calibration.cell import Cell, Task, streams
from tests.calibration.truth import TOYS, draw, false_claims

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


DESIGNED = tuple(toy for toy, recipe in TOYS.items() if recipe.design != "independent")
# How rows may lie: as runs began, as they ended on eight workers, sorted by what came out or was set, turned round.
ORDERS = ("started", "finished on 8 workers", "sorted by the metric", "sorted by a hyperparameter", "reversed")
WORKERS = 8


def recognised(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often a search is seen from the order of its trials, or from what occurs together."""
    seen = sum(Design(draw(toy, runs, rng)).adaptive for rng in streams(sweeps, seed))
    return [Cell("a search that looks at results is recognised", toy, runs, seen, sweeps, 0.9, 1.0)]


def arranged(sweep: Sweep, order: str, rng: np.random.Generator) -> Sweep:
    """The rows of a sweep in another order."""
    rows = np.arange(len(sweep))
    if order == "finished on 8 workers":
        # The deeper and wider, the longer; each worker takes the next run when it is done.
        length = sweep.runs["depth"].to_numpy(float) * sweep.runs["units"].to_numpy(float) ** 0.5
        free, end = np.zeros(WORKERS), np.zeros(len(sweep))
        for i, seconds in enumerate(length * rng.gamma(20.0, 1 / 20.0, len(sweep))):
            worker = int(np.argmin(free))
            free[worker] += seconds
            end[i] = free[worker]
        rows = np.argsort(end, kind="stable")
    elif order == "sorted by the metric":
        rows = np.argsort(-sweep.runs["accuracy"].fillna(0.0).to_numpy(float), kind="stable")
    elif order == "sorted by a hyperparameter":
        rows = np.argsort(sweep.runs["optimizer"].to_numpy(str), kind="stable")
    elif order == "reversed":
        rows = rows[::-1]
    return replace(sweep, runs=sweep.runs.iloc[rows])


def lost_to_order(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often independent draws lose a comparison to a check of order, units or search, by the order of rows."""
    lost = dict.fromkeys(ORDERS, 0)
    for rng in streams(sweeps, seed):
        sweep = draw(toy, runs, rng)
        for order in ORDERS:
            design = Design(arranged(sweep, order, rng))
            weaker = bool(design.plots or design.circumstances) or design.unit.kind != "configuration"
            lost[order] += weaker or bool(set(design.reasons.values()) - {"associated"})
    return [
        Cell(f"independent draws lose a comparison, {order}", toy, runs, count, sweeps, 0.0, 0.01)
        for order, count in lost.items()
    ]


def kept_in_a_loop(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """What share of the headlines of a grid in shuffled rows it keeps in the order of its loops."""
    kept = every = 0
    for rng in streams(sweeps, seed):
        sweep = draw(toy, runs, rng)
        shuffled = replace(sweep, runs=sweep.runs.sample(frac=1.0, random_state=int(rng.integers(2**31))))
        theirs, ours = (_said(headlines(Inquiry.of(one))) for one in (shuffled, sweep))
        kept, every = kept + len(theirs & ours), every + len(theirs)
    return [Cell("headlines that a loop without drift keeps", toy, runs, kept, every, 0.9, 1.0)]


def _said(claims: pd.DataFrame) -> set[tuple[str, ...]]:
    sure = claims[claims["p_adjusted"] <= ALPHA]
    keys = ("question", "hyperparameter", "value", "reference", "other", "dataset", "scale")
    return set(sure[list(keys)].astype(str).itertuples(index=False, name=None))


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
    *(Task(false_headlines, toy, runs, 400) for runs in (400, 1500) for toy in DESIGNED),
    *(Task(recognised, toy, runs, 400) for runs in (400, 1500) for toy in ("Parzen search", "adaptive")),
    *(Task(lost_to_order, "real effects", runs, 400) for runs in (400, 1500)),
    *(Task(kept_in_a_loop, "loop without drift", runs, 100) for runs in (400, 1500)),
)
SMOKE = (
    Task(false_headlines, "null", 300, 6),
    Task(false_headlines, "twins", 300, 4),
    Task(planted, "effects of 5.5", 400, 4),
    Task(false_headlines, "crossed, luck", 200, 4),
    Task(recognised, "Parzen search", 200, 6),
    Task(lost_to_order, "real effects", 300, 3),
)
