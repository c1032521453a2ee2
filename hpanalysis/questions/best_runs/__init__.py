"""What do the best runs have in common?

ask      `best_runs`: which columns differ, which values are more frequent, which pairs are associated
words    a hyperparameter a row, in words, and as findings
picture  the shares of each value among the best runs and among all
"""
