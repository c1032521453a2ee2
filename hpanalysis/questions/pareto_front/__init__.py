"""What does accuracy cost? Configurations that nothing cheaper beats, and what the last point takes.

ask      `pareto_front`: the front of the metric against each recorded cost, on each data set
words    the front as a table, in words, and as findings
picture  every configuration by what it cost, and the front
"""
