"""What did the user say about a store? Which of several studies, and which file holds the results."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Wanted:
    """What a store cannot say by itself.

    Parameters
    ----------
    study
        The study, experiment or project that is meant, where a store holds several.
    results
        The name of the file with the results in each run's folder, where the user's program chose it.
    """

    study: str | None = None
    results: str | None = None
