"""Plain arrays in, numbers out: every estimator, test and resampling scheme, each usable on its own.

No module knows a sweep, a hyperparameter's name or a sentence.

outcomes                    what is compared: the outcome of runs on every scale, with units of evidence
differences                 two groups of runs on every scale, their standard errors and joint law
probability_of_superiority  how often one group beats the other, with its score interval
failure_rates               differences of failure rates, and shares of failed runs
skewness_correction         intervals of differences of means where tails are long
regression_adjustment       what other columns explain is taken out of a difference
control_variates            and what they say was luck, where values were drawn independently
joint_claims                many estimates with their covariance
moderated_variances         variances of few units each, by what all of them show together
best_of_k                   the best of k runs instead of a random one
chosen                      the same, chosen by one metric and reported on another
tuned                       differences of it, with bounds that hold
dominated_levels            which level is best after tuning, and which are beaten everywhere
winners_curse               how good the best of many noisy scores is
run_again                   which runs had a configuration run again for its score
far_values                  which scores are so far from all others that they are none
splines                     a smooth curve along an ordered axis
simultaneous_bands          what may be read off a curve
mean_curves                 mean curves of groups along training
rank_agreement              how early the order of the end shows
curve_bands                 what may be said along all of such curves at once
score_tests/                does one column matter, do two act together
variance/                   how much of the variance is whose
hsic/                       any dependence at all, and what the best runs have in common
association                 Cramer's V of two codings
proportions                 Wilson's interval of a share
replays                     where tuning one thing at a time ends
studentized_range           how far apart means are by luck, all at once
power                       what a test would have shown
multiplicity                p-values and critical values for many claims together
closed_testing              in how many places there is an effect, at least
joint_draws                 draws of dependent estimates, and the largest of them
resampling                  generators, permutations and draws of rows
results                     the named tuples that intervals and tests return
distributions               tails and quantiles of the usual laws
roots                       where a function crosses zero
rounding                    which digits of a number mean something
"""
