"""Does a hyperparameter matter at all?

ask      `omnibus_tests`: one test each, of all levels on every scale
words    tests as a table, in words, and as findings
picture  the p-values
"""
