"""How much does each hyperparameter matter, by one measure?

ask      `importance`: one measure, over all data sets and on each
words    bars as a table, in words, and as findings
picture  bars
"""
