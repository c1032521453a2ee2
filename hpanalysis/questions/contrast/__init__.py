"""Which level is better, and where?

ask      `contrast`: the levels of one hyperparameter on every scale, in every place
words    comparisons as a table, in words, and as findings
picture  differences with their intervals
"""
