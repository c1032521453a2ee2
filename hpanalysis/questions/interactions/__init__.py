"""Which pairs of hyperparameters act together?

ask      `interactions`: a test for every pair
words    pairs as a table, in words, and as findings
picture  a map of the pairs
"""
