"""Is the winner really best, and how good is it without its luck?

ask      `winner`: the best configurations, who may be best, and what the winner would score again
words    configurations as a table, in words, and as findings
picture  the best configurations with their intervals
"""
