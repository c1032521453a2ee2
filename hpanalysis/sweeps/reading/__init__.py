"""How does a table become a sweep? What each column is for, which rows count, and what kind of axis it is.

In the order in which a table passes them::

    table.py           a table, and what its source knows of the columns for certain
    settings.py        what the user says about the table
    sidecar.py         the same, in a file beside it; and the draft of one
    yaml_text.py       how YAML is read and written
    cells.py           what a cell means: numbers, truth values, text, nothing
    decimal_commas.py  whether a comma in a number is a decimal mark
    parts.py           names that hold hyperparameters: M2.3.32.32
    vocabulary.py      what a column name usually means
    slow_starters.py   what is known to gain late in training
    metric_guess.py    which column is probably the metric
    column_profile.py  what can be seen of a column, and of two together
    measured.py        whether a column was measured or drawn, where its name does not tell
    copies.py          which columns say only what others say
    roles.py           what each column is for
    kinds.py           what kind of axis a hyperparameter is
    gaps.py            what an empty cell means: inactive, a choice of nothing, or missing
    reduction.py       which row stands for a run
    not_a_row_a_run.py what is refused: a row a metric, steps without a run
    resumed.py         which rows are runs of their own
    assembly.py        all of these, in order
"""
