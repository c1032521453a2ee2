"""Can the sweep answer? What was looked at first, and what follows from it.

ask      `check`: every check of `hpanalysis.design`, with its verdict
words    the checks as a table, in words, and what a report says of them
picture  the checks and their verdicts
"""
