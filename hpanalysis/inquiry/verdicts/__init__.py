"""What is there to say of each hyperparameter? One verdict, joined from all that a report bounds.

verdict   `Verdict`, the record, and `Verdicts`, which shows itself as sentences
evidence  what is known of one hyperparameter, tuned and on average, better always positive
kinds     which of all possible verdicts holds: the first in the order of interest
counting  on how many data sets, where there are too many to name
words     sentences, the size first, the bound in brackets
compose   `verdicts`: of every hyperparameter, the largest difference first
pairs     what is said of a pair that is asked for by name
glance    the best level over the worst, everywhere, in a matrix
"""
