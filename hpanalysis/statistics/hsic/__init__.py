"""What do the best runs have in common? HSIC for hyperparameters, exact to rounding in linear time, on plain arrays.

    from hpanalysis import hsic

    goal = hsic.Goal((hsic.Continuous(), hsic.Discrete(4, "delta")), quantile=0.1)
    hsic.goal_oriented(x, errors, goal).index                        # how far are the best runs from all runs?
    hsic.permutation_test(x, errors, goal, rng=0).p                  # could chance do it?
    hsic.jackknife(x, errors, goal, rng=0).high                      # how large may it be?
    hsic.Moments(goal, limits).update(x, errors).indices()           # the same, chunk by chunk
    hsic.dependence(x, errors)                                       # the whole metric instead of the best runs

For the m best of n runs, with the weights a = [best] / m - 1 / n, the index of a column is::

    S = (m / n)^2 a^T K a = (m / n)^2 MMD^2(all runs, best runs)

with K the kernel between the column's values: HSIC with a linear kernel on being among the best. It needs no model and
sees any difference of the two distributions. Features of the kernel make it a quadratic form of a few sums over the
runs, which do not depend on the bandwidth and add up over chunks and machines.

It misleads where the search adapted (the distribution of all runs is then the optimiser's), where columns were drawn
together (a column inherits the index of its neighbour), and where a column acts only through another: its own index is
then small, and that of the pair is not.

Novello, Poette, Lugato and Congedo (2023), Goal-oriented sensitivity analysis of hyperparameters in deep learning,
Journal of Scientific Computing 94, arXiv:2207.06216. Gretton et al. (2005), doi:10.1007/11564089_7.
"""

from hpanalysis.statistics.hsic.dependence import Dependence, DependenceTest, dependence, dependence_test, near
from hpanalysis.statistics.hsic.goal import Continuous, Discrete, Goal
from hpanalysis.statistics.hsic.indices import Indices
from hpanalysis.statistics.hsic.jackknife import Spread, jackknife
from hpanalysis.statistics.hsic.moments import Moments, goal_oriented, thresholds
from hpanalysis.statistics.hsic.permutation import PermutationTest, permutation_test
from hpanalysis.statistics.resampling import memberships

__all__ = [
    "Continuous",
    "Dependence",
    "DependenceTest",
    "Discrete",
    "Goal",
    "Indices",
    "Moments",
    "PermutationTest",
    "Spread",
    "dependence",
    "dependence_test",
    "goal_oriented",
    "jackknife",
    "memberships",
    "near",
    "permutation_test",
    "thresholds",
]
