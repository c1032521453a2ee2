"""Can a sweep answer? What was tried, how evenly, what failed, and what each of these forbids.

design          `Design`, one view of a sweep, prepared once and passed along to every question
groups          the runs by the value of a hyperparameter, and as columns of a regression
outcomes        what a run is worth on every scale, failed runs where they belong
predictions     what the other hyperparameters let expect of a run
regression      the configurations as rows of the regression that the score tests take
matched_runs    runs that share everything but one hyperparameter: pairs, staged designs, grids
duplicates      repeats that are copies of one run
balance         hyperparameters that were not drawn independently, and searches that adapt
best_fraction   the best configurations of each data set
target          what should matter for what: the outcome of importance, one number a configuration
coverage        levels and parts of ranges with few runs, best runs at an edge
outcome_checks  whether the metric can tell good runs from bad ones
"""
