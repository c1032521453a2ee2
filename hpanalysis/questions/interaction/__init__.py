"""Which combination of two hyperparameters is best, and do they act together?

ask      `interaction`: every combination, and one test
cells    mean, share of failures and best of k of each combination
words    cells as a table, in words, and as findings
picture  a map of the cells, or cells with their intervals
"""
