"""Is this enough data? It stands here because power is that of a whole report.

ask      `power`: the smallest difference that would be a headline, and the runs that would settle open ones
words    a hyperparameter a row, and in words
picture  the smallest difference beside the largest that was seen
"""
