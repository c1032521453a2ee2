"""Which hyperparameters matter? Eight measures of one question, each with its interval or p, and why they differ.

    asked.py        what should matter for what: the metric, failing, being among the best
    linear.py       correlation and a straight line: what the usual path sees first
    trees.py        a forest: impurity, permutation on held-out runs, functional ANOVA
    design.py       no model: shares by design, HSIC, the best of k
    measure.py      one measure over one sweep: `importance`
    box.py          all measures side by side, and the reason where they differ: `disagreement`
    best_runs.py    what the best runs have in common, alone and in pairs: `common`

They ask different things. Whether a hyperparameter matters at all is one claim, of its main effect or any interaction:
one that acts only through another matters. How much of the variance it owns is a second, and whether the best runs
differ in it a third. No measure shares importance out where there is none.
"""

from hpanalysis.questions.relevance.asked import Top, top
from hpanalysis.questions.relevance.best_runs import common
from hpanalysis.questions.relevance.box import disagreement
from hpanalysis.questions.relevance.measure import MEASURES, Measure, importance

__all__ = ["MEASURES", "Measure", "Top", "common", "disagreement", "importance", "top"]
