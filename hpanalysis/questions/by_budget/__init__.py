"""Does what separates values early separate them later, too?

ask      `by_budget`: the same pairs of values at one budget after another
words    the pairs as a table, in words, and what may be said of the end
picture  how often a value wins, along the budgets
"""
