"""WHAT TO TRY NEXT: strategies that look at earlier results. A map of the folder.

proposal   what a strategy is told, and what it proposes
box        the part of a space in which the cost drivers are cheap
witness    whether the best runs want a cost driver dearer, by HSIC
engine     what to try next within a box, by Optuna's TPE (extra `optuna`)
scheduled  cheap first, open, confirm: the guided search, and those it is compared with
two_step   the search of the paper: freeze what has a small index, then search the rest
staged     tuning by hand, one hyperparameter after the other
registry   the strategies by their names
"""
