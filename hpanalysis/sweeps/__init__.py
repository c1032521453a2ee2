"""What was tried: the space that could have been tried, and the table of runs.

The nouns, which everything else in the package stands on::

    space.py    what could have been tried: hyperparameters, their ranges, levels and conditions
    sweep.py    what was tried, and what came out
    history.py  how the runs got there: a row a run and step
    budgets.py  at which budget runs are compared, where a scheduler stopped some of them
    runs.py     what follows from a table of runs: which rows agree, which data set, how a run ended
    where.py    which runs are meant by a condition such as "optimizer == adam"
    display.py  how a sweep looks

and how they come about::

    sources/    a file or a frame is found and loaded: `read`
    reading/    the table becomes a sweep: roles, kinds, a row a run
"""
