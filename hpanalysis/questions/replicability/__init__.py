"""On how many data sets does a difference hold?

ask      `replicability`: at least on how many data sets a level is better than another
words    the counts as a table, in words, and as findings
picture  the counts as bars
"""
