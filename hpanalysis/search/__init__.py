"""WHAT TO TRY: an objective and its space become a table of runs, at random or by a strategy.

A map of the room, from the top of a search to its ends::

    random_search    the search: `random_search`, `full_factorial`, `export`, and how they are carried out, `Search`
    adaptive_search  the same by a strategy that looks at results: `adaptive_search`, and step by step, `Searcher`
    strategies       what to try next (a folder); all but random draws need the extra `optuna`
    optuna_sampler   the guided search for a study of Optuna
    outcome          what came of it: the pick, a cheaper one, error against cost, lifted limits
    command          `hpanalysis search`
    problem          what is searched: `Problem`, `Column`
    plan             which run tries what
    batching         which runs are carried out together
    run              what comes of a run
    record           what is kept of it
    processes        the workers of one machine
    cluster          the workers of a Dask cluster (extra `distributed`)
    journal          what survives a kill
    tables           what a reader gets: the runs, their curves, the data dictionary
"""

from hpanalysis.search.adaptive_search import Searcher, adaptive_search
from hpanalysis.search.outcome import outcome_of
from hpanalysis.search.problem import Column, Problem
from hpanalysis.search.random_search import Search, export, full_factorial, random_search
from hpanalysis.search.strategies.proposal import Asked

__all__ = [
    "Asked",
    "Column",
    "Problem",
    "Search",
    "Searcher",
    "adaptive_search",
    "export",
    "full_factorial",
    "outcome_of",
    "random_search",
]
