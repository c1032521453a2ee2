"""What does a person try who tunes by hand? One hyperparameter after the other, the rest at its best so far."""

from __future__ import annotations

from collections.abc import Sequence

from hpanalysis.errors import UserError
from hpanalysis.search.plan import Configuration
from hpanalysis.search.strategies.proposal import Asked, Proposal, Trial, best_first
from hpanalysis.sweeps.space import Hyperparameter, Space


def runs_by_hand(space: Space) -> int:
    """How many runs tuning by hand takes: the first, and in each stage the levels that it has not tried.

    Examples
    --------
    >>> depth, width = Hyperparameter("depth", "ordinal", (1, 2, 3)), Hyperparameter("width", "ordinal", (8, 16))
    >>> runs_by_hand(Space((depth, width)))
    4
    """
    return 1 + sum(len(h.levels) - 1 for h in space)


class Staged:
    """One stage for each hyperparameter, in the order of the space; each tries every level that was not tried yet.

    A stage holds all else at the best configuration so far, by one run each, as it is done by hand. So run i needs
    all results before it: a lag of 1.

    Parameters
    ----------
    space
        Of which every hyperparameter has levels.
    asked
        With `start`, the configuration of the first run.

    Raises
    ------
    UserError
        If a hyperparameter has no levels, the start is none of the space, or results are to be awaited.

    Examples
    --------
    >>> space = Space((Hyperparameter("depth", "ordinal", (1, 2)), Hyperparameter("width", "ordinal", (8, 16))))
    >>> study = Staged(space, Asked("staged", 3, start=(("depth", 1), ("width", 8))))
    >>> told = [Trial(0, 0, study.propose(0, []).values, 0.2, None, "")]
    >>> study.propose(1, told).values
    {'depth': 2, 'width': 8}
    >>> told += [Trial(1, 1, {"depth": 2, "width": 8}, 0.1, None, "")]
    >>> study.propose(2, told).values
    {'depth': 2, 'width': 16}
    """

    def __init__(self, space: Space, asked: Asked):
        self._space = space
        self._start: Configuration = dict(asked.start)
        runs = runs_by_hand(space)
        unfit = [h.name for h in space if not h.has_levels or h.condition]
        if unfit:
            raise UserError(f"{unfit[0]!r} has no levels that are always there, as tuning by hand needs; give it some.")
        for h in space:
            if self._start.get(h.name) not in h.levels:
                raise UserError(
                    f"the start has {h.name}={self._start.get(h.name)!r}; name one of its levels for each "
                    f"hyperparameter, as in {h.name}={h.levels[0]}."
                )
        if asked.lag != 1:
            raise UserError(f"lag is {asked.lag}; tuning by hand looks at every result before it goes on: choose 1.")
        if asked.runs != runs:
            raise UserError(f"runs is {asked.runs}; tuning this space by hand takes {runs}: choose that.")

    def propose(self, run: int, told: Sequence[Trial]) -> Proposal:
        """What run number `run` tries."""
        if run == 0:
            first = next(iter(self._space))
            return Proposal(self._start, "1", f"{first.name} {self._start[first.name]}, where the study begins")
        stage, h, earlier = self._stage(run)
        # What a stage holds is what was best when it began.
        ranked = best_first(told[:earlier])
        best = ranked[0].values if ranked else self._start
        level = [level for level in h.levels if level != best[h.name]][run - earlier]
        rest = "all else as it began" if stage == 1 else "all else as in the best run so far"
        return Proposal({**best, h.name: level}, str(stage), f"{h.name} {level}, {rest}")

    def _stage(self, run: int) -> tuple[int, Hyperparameter, int]:
        # Of a run: the number of its stage, what that varies, and how many runs came before it.
        before = 1
        for stage, h in enumerate(self._space, start=1):
            new = len(h.levels) - 1
            if run < before + new:
                return stage, h, before
            before += new
        raise AssertionError("no stage is left")  # the number of runs was checked
