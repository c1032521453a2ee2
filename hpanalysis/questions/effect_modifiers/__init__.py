"""On what does the effect of one hyperparameter depend?

ask      `effect_modifiers`: a test for each other one and for the data set, and the effect at each of its levels
words    tests as a table, in words, and as findings
picture  the effect at each level of another
"""
