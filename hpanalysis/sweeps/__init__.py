"""What was tried: the space that could have been tried, and the table of runs.

space.py says what could have been tried, sweep.py what was, and sources/ reads it from a table::

    reading.py     what the user says about the table      sidecar.py    the same, in a file beside it
    cells.py       what a cell means                       where.py      which rows are meant
    vocabulary.py  what a column name usually means        profile.py    what can be seen of a column
    infer.py       what each column is for                 kinds.py      what kind of axis it is
    reduction.py   which row stands for a run              assembly.py   all of these, in order
    display.py     how a sweep looks
"""
