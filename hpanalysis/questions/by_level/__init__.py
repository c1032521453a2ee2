"""How often does each value win, and how often does it fail?

ask      `by_level`: every value of every hyperparameter against all others
words    one row per value, and in words
picture  the values, one below the other
"""
