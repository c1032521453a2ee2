"""WHAT TO TRY: an objective and its space become a table of runs, by random search. A map of the room.

problem        what is searched: `Problem`, `Column`; one run becomes one record
plan           which run tries what
random_search  `random_search`, `export`, and how they are carried out: `Search`
batching       which runs are carried out together
journal        what survives a kill
tables         what a reader gets: the runs, the curves and the data dictionary
cluster        runs on the workers of a Dask cluster (extra `distributed`)
"""

from hpanalysis.search.problem import Column, Problem
from hpanalysis.search.random_search import Search, export, random_search

__all__ = ["Column", "Problem", "Search", "export", "random_search"]
