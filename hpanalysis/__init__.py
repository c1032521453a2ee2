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

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hpanalysis.errors import UserError
    from hpanalysis.evidence.design import check
    from hpanalysis.questions import hsic
    from hpanalysis.questions.best import best_of
    from hpanalysis.questions.curves import curve
    from hpanalysis.questions.dependence import depends
    from hpanalysis.questions.enough import power
    from hpanalysis.questions.every_pair import all_pairs
    from hpanalysis.questions.inquiry import Inquiry
    from hpanalysis.questions.isolation import isolate
    from hpanalysis.questions.levels import by_level
    from hpanalysis.questions.pairs import interaction
    from hpanalysis.questions.proposal import next_space
    from hpanalysis.questions.region import propose
    from hpanalysis.questions.relevance import common, disagreement, importance, top
    from hpanalysis.questions.response import contrast
    from hpanalysis.questions.selection import winner
    from hpanalysis.reporting.aloud import read_aloud
    from hpanalysis.reporting.notebooks.helpers import save_tables, versions
    from hpanalysis.reporting.plots import plot
    from hpanalysis.reporting.spaces import write_space
    from hpanalysis.reporting.tables import table, tests_of
    from hpanalysis.reporting.wording import findings
    from hpanalysis.sweeps.sources import read
    from hpanalysis.sweeps.space import Hyperparameter, Space
    from hpanalysis.sweeps.sweep import Sweep

__version__ = "0.1.0"

__all__ = [
    "Hyperparameter",
    "Inquiry",
    "Space",
    "Sweep",
    "UserError",
    "all_pairs",
    "best_of",
    "by_level",
    "check",
    "common",
    "contrast",
    "curve",
    "depends",
    "disagreement",
    "findings",
    "hsic",
    "importance",
    "interaction",
    "isolate",
    "next_space",
    "plot",
    "power",
    "propose",
    "read",
    "read_aloud",
    "save_tables",
    "table",
    "tests_of",
    "top",
    "versions",
    "winner",
    "write_space",
]

_HOME = {
    "Hyperparameter": "sweeps.space",
    "Inquiry": "questions.inquiry",
    "Space": "sweeps.space",
    "Sweep": "sweeps.sweep",
    "UserError": "errors",
    "all_pairs": "questions.every_pair",
    "best_of": "questions.best",
    "by_level": "questions.levels",
    "check": "evidence.design",
    "common": "questions.relevance",
    "contrast": "questions.response",
    "curve": "questions.curves",
    "depends": "questions.dependence",
    "disagreement": "questions.relevance",
    "findings": "reporting.wording",
    "hsic": "questions",
    "importance": "questions.relevance",
    "interaction": "questions.pairs",
    "isolate": "questions.isolation",
    "next_space": "questions.proposal",
    "plot": "reporting.plots",
    "power": "questions.enough",
    "propose": "questions.region",
    "read": "sweeps.sources",
    "read_aloud": "reporting.aloud",
    "save_tables": "reporting.notebooks.helpers",
    "table": "reporting.tables",
    "tests_of": "reporting.tables",
    "top": "questions.relevance",
    "versions": "reporting.notebooks.helpers",
    "winner": "questions.selection",
    "write_space": "reporting.spaces",
}


def __getattr__(name: str) -> object:
    """Load a public name from the module it lives in, at its first use (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"hpanalysis has no {name!r}; it has {', '.join(__all__)}")
    home = f"hpanalysis.{_HOME[name]}"
    if _HOME[name] == "questions":  # a room: the name is one of its modules, public as a whole
        value = import_module(f"{home}.{name}")
    else:
        value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
