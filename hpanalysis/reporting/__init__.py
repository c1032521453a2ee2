"""How are answers told, to someone who reads and to someone who computes on? A map of the room.

::

    notebooks/  how a notebook is asked, run and kept
    site/       the pages of a report, and their place
    warm        what is imported once for all notebooks of a report
    files       files that are written whole or not at all
"""
