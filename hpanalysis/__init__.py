"""What does a finished hyperparameter sweep say, and what does it not say? A map of the package.

A table of runs enters at the top and leaves as sentences; a room imports only the rooms above it::

    sweeps/       what was tried                read, Sweep, Space, Hyperparameter
    evidence/     what counts as evidence       check
    questions/    what can be asked             by_level, contrast, interaction, all_pairs, depends, curve, power,
                                                importance, top, disagreement, common, best_of, isolate,
                                                winner, propose, next_space, Inquiry;
                                                hsic (a module, on arrays)
    reporting/    how it is told                findings, plot, table, tests_of, read_aloud, write_space,
                                                save_tables, versions

    toys/         sweeps whose truth is known, for tests and for learning
    experiments/  where new sweeps are made (extra `train`)
    cli.py        the command `hpanalysis`

In use::

    import hpanalysis as hp

    sweep = hp.read("runs.csv", metric="val_acc", goal="max")
    hp.check(sweep)                                               # can this sweep answer?
    answer = hp.contrast(sweep, "augmentation", by="dataset")
    hp.table(answer)                                              # every scale side by side
    hp.plot(answer)
    hp.findings(answer)                                           # sentences, by rule

`Inquiry` asks everything at once and counts what was asked, so that the sentences of a whole report hold.
A `UserError` says in one sentence what cannot be used, and what to do about it.

Nothing is loaded before it is used: the import is cheap, and `dir(hpanalysis)` lists what there is.
"""

import ast
from pathlib import Path
from typing import TYPE_CHECKING

__version__ = "0.1.0"

# The one place of a public name: editors and type checkers read it here, and so does `__getattr__`.
if TYPE_CHECKING:
    from hpanalysis.errors import UserError as UserError
    from hpanalysis.evidence.design import check as check
    from hpanalysis.questions import hsic as hsic
    from hpanalysis.questions.best import best_of as best_of
    from hpanalysis.questions.curves import curve as curve
    from hpanalysis.questions.dependence import depends as depends
    from hpanalysis.questions.enough import power as power
    from hpanalysis.questions.every_pair import all_pairs as all_pairs
    from hpanalysis.questions.inquiry import Inquiry as Inquiry
    from hpanalysis.questions.isolation import isolate as isolate
    from hpanalysis.questions.levels import by_level as by_level
    from hpanalysis.questions.pairs import interaction as interaction
    from hpanalysis.questions.proposal import next_space as next_space
    from hpanalysis.questions.region import propose as propose
    from hpanalysis.questions.relevance import common as common
    from hpanalysis.questions.relevance import disagreement as disagreement
    from hpanalysis.questions.relevance import importance as importance
    from hpanalysis.questions.relevance import top as top
    from hpanalysis.questions.response import contrast as contrast
    from hpanalysis.questions.selection import winner as winner
    from hpanalysis.reporting.aloud import read_aloud as read_aloud
    from hpanalysis.reporting.notebooks.helpers import save_tables as save_tables
    from hpanalysis.reporting.notebooks.helpers import versions as versions
    from hpanalysis.reporting.plots import plot as plot
    from hpanalysis.reporting.spaces import write_space as write_space
    from hpanalysis.reporting.tables import table as table
    from hpanalysis.reporting.tables import tests_of as tests_of
    from hpanalysis.reporting.wording import findings as findings
    from hpanalysis.sweeps.sources import read as read
    from hpanalysis.sweeps.space import Hyperparameter as Hyperparameter
    from hpanalysis.sweeps.space import Space as Space
    from hpanalysis.sweeps.sweep import Sweep as Sweep


def _homes() -> dict[str, str]:
    """Public name -> the module that has it, as the imports above say."""
    found = (node for node in ast.walk(ast.parse(Path(__file__).read_bytes())) if isinstance(node, ast.ImportFrom))
    named = ((alias.asname, node.module or "") for node in found for alias in node.names)
    return {name: home for name, home in named if name and home.startswith(f"{__name__}.")}


_HOME = _homes()

# Hidden from type checkers: to them, a name that is not above is an error.
if not TYPE_CHECKING:
    __all__ = sorted(_HOME)

    def __getattr__(name: str) -> object:
        """Load a public name from the module it lives in, at its first use (PEP 562)."""
        if name not in _HOME:
            raise AttributeError(f"hpanalysis has no {name!r}; it has {', '.join(__all__)}")
        # A module that is public as a whole is found like a name in one.
        value = getattr(__import__(_HOME[name], fromlist=[name]), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted([*__all__, "__version__"])
