"""Look for yourself: linked views of every run, in a page of a report and in JupyterLab.

A sweep becomes columns, columns become one compressed block, and the modules in ``view/`` draw it. What a reader chose
is one text, a state: the address of a page, the state of a widget, and here the runs that it selects.

    columns.py    a sweep -> the columns that can be looked at
    pack.py       columns -> a head and bytes
    state.py      a state -> the runs that it selects
    script.py     the modules in view/ -> one script and its hash
    still.py      a sweep -> a picture that needs no script
    explorer.py   `hp.explore`: the widget, or the picture where there is none
    view/         what runs in the browser, without any library
"""
