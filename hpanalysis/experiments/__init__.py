"""WHERE NEW SWEEPS ARE MADE: image data, the CNN, the random search (extra `train`)."""

from hpanalysis.experiments.problem import Column, Problem
from hpanalysis.experiments.search import Search, export, random_search

__all__ = ["Column", "Problem", "Search", "export", "random_search"]
