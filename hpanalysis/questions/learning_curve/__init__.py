"""How do runs get to their result, and when is it decided? The metric along training, which `curve` does not follow.

paths    the curves of the runs at the same steps, with what became of runs that failed, ended or were stopped early
ask      `learning_curve`: mean curves by level with simultaneous bands, where to stop, how early the order shows
told     what the bands show: who is ahead from where on, which curves cross, where validation falls
words    the levels as a table, in words, and as findings
picture  the mean curves on average and on each data set, and how early the final order shows
"""
