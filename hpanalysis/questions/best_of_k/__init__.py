"""How good is the best of k draws, which is what tuning buys?

ask      `best_of_k`: the expected best score against the number of runs
words    the curve as a table of a few k, and in words
picture  the curves
"""
