"""Does a hyperparameter matter at all, and do two act together? Score tests on plain arrays.

regression    `Regression`: the configurations as rows, data sets as blocks; `MatchedUnits`: which are matched
omnibus       `matters` for one hyperparameter
pairs         `act_together` for a pair, `each_pair` for many pairs, all `at_once` where they are too many to test alone
block_scores  scores summed by block, where configurations are not independent of each other
all_pairs     every pair of a large table in two passes over its rows
"""

from hpanalysis.statistics.score_tests.omnibus import OmnibusTest, Rearrangements, matters, rearrangements
from hpanalysis.statistics.score_tests.pairs import act_together, at_once, each_pair
from hpanalysis.statistics.score_tests.regression import MatchedUnits, Regression, connected, is_range

__all__ = [
    "OmnibusTest",
    "Rearrangements",
    "MatchedUnits",
    "Regression",
    "act_together",
    "at_once",
    "connected",
    "each_pair",
    "is_range",
    "matters",
    "rearrangements",
]
