"""Do the levels of an ordered hyperparameter follow an order: the lower the better, or best in between?

ask      `trend`: the order that the differences of levels show
words    steps as a table, in words, and as a finding
picture  the steps with their intervals
"""
