"""Can a sweep answer? What was tried, how evenly, what failed, and what each of these forbids.

design          `Design`, one view of a sweep, prepared once and passed along to every question
groups          the runs by the value of a hyperparameter, and as columns of a regression
outcomes        what a run is worth on every scale, failed runs where they belong
predictions     what the other hyperparameters let expect of a run
regression      the configurations as rows of the regression that the score tests take
units           what counts as one piece of evidence: a configuration, also across data sets, a job, a host, a seed
order           when a run was made
circumstances   what levels hang together with: the time, a sweep, a commit, a host
adaptivity      whether earlier results chose the runs
evidence_checks what the checks say of all this
reasons         why a comparison is observational
matched_runs    runs that share everything but one hyperparameter: pairs, staged designs, grids
costs           what a run cost, and what is nearly as good as the best
stages          what a study tuned by hand varied, stage by stage, and what it kept
duplicates      repeats that are copies of one run
balance         hyperparameters that were not drawn independently
best_fraction   the best configurations of each data set
target          what should matter for what: the outcome of importance, one number a configuration
coverage        levels and parts of ranges with few runs, best runs at an edge
outcome_checks  whether the metric can tell good runs from bad ones
"""
