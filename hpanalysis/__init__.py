"""What does a finished hyperparameter sweep say, and what does it not say? A map of the package.

A table of runs enters at the top and leaves as sentences; a room imports only the rooms above it::

    sweeps/       what was tried                read, Sweep, Space, Hyperparameter
    statistics/   arrays in, numbers out        hsic (a module, on arrays)
    design/       can it answer?                top
    style/        how numbers and words look
    questions/    one folder a question         check, by_level, contrast, interaction, interactions, effect_modifiers,
                                                curve, importance, disagreement, best_runs, best_of_k,
                                                trend, tuned_contrast, winner, next_space, proposed_space, write_space,
                                                omnibus_tests; table, plot, summary
    inquiry/      everything at once            Inquiry, findings, power
    reporting/    how it is told                save_tables, versions

    toys/         sweeps whose truth is known, for tests and for learning
    search/       what to try: a problem, its random search, one machine or many
    experiments/  where new sweeps are made, on search/ (extra `train`)
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
    from hpanalysis.design.target import top
    from hpanalysis.errors import UserError
    from hpanalysis.inquiry.findings import findings
    from hpanalysis.inquiry.inquiry import Inquiry
    from hpanalysis.inquiry.power.ask import power
    from hpanalysis.questions.best_of_k.ask import best_of_k
    from hpanalysis.questions.best_runs.ask import best_runs
    from hpanalysis.questions.by_level.ask import by_level
    from hpanalysis.questions.check.ask import check
    from hpanalysis.questions.contrast.ask import contrast
    from hpanalysis.questions.curve.ask import curve
    from hpanalysis.questions.disagreement.ask import disagreement
    from hpanalysis.questions.effect_modifiers.ask import effect_modifiers
    from hpanalysis.questions.importance.ask import importance
    from hpanalysis.questions.interaction.ask import interaction
    from hpanalysis.questions.interactions.ask import interactions
    from hpanalysis.questions.next_space.ask import next_space
    from hpanalysis.questions.next_space.change import proposed_space
    from hpanalysis.questions.next_space.write_space import write_space
    from hpanalysis.questions.omnibus_tests.ask import omnibus_tests
    from hpanalysis.questions.trend.ask import trend
    from hpanalysis.questions.tuned_contrast.ask import tuned_contrast
    from hpanalysis.questions.verbs import plot, summary, table
    from hpanalysis.questions.winner.ask import winner
    from hpanalysis.reporting.notebooks.helpers import save_tables, versions
    from hpanalysis.statistics import hsic
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
    "best_of_k",
    "best_runs",
    "by_level",
    "check",
    "contrast",
    "curve",
    "disagreement",
    "effect_modifiers",
    "findings",
    "hsic",
    "importance",
    "interaction",
    "interactions",
    "next_space",
    "omnibus_tests",
    "plot",
    "power",
    "proposed_space",
    "read",
    "save_tables",
    "summary",
    "table",
    "top",
    "trend",
    "tuned_contrast",
    "versions",
    "winner",
    "write_space",
]

_HOME = {
    "Hyperparameter": "sweeps.space",
    "Inquiry": "inquiry.inquiry",
    "Space": "sweeps.space",
    "Sweep": "sweeps.sweep",
    "UserError": "errors",
    "best_of_k": "questions.best_of_k.ask",
    "best_runs": "questions.best_runs.ask",
    "by_level": "questions.by_level.ask",
    "check": "questions.check.ask",
    "contrast": "questions.contrast.ask",
    "curve": "questions.curve.ask",
    "disagreement": "questions.disagreement.ask",
    "effect_modifiers": "questions.effect_modifiers.ask",
    "findings": "inquiry.findings",
    "hsic": "statistics",
    "importance": "questions.importance.ask",
    "interaction": "questions.interaction.ask",
    "interactions": "questions.interactions.ask",
    "next_space": "questions.next_space.ask",
    "omnibus_tests": "questions.omnibus_tests.ask",
    "plot": "questions.verbs",
    "power": "inquiry.power.ask",
    "proposed_space": "questions.next_space.change",
    "read": "sweeps.sources",
    "save_tables": "reporting.notebooks.helpers",
    "summary": "questions.verbs",
    "table": "questions.verbs",
    "top": "design.target",
    "trend": "questions.trend.ask",
    "tuned_contrast": "questions.tuned_contrast.ask",
    "versions": "reporting.notebooks.helpers",
    "winner": "questions.winner.ask",
    "write_space": "questions.next_space.write_space",
}


def __getattr__(name: str) -> object:
    """Load a public name from the module it lives in, at its first use (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"hpanalysis has no {name!r}; it has {', '.join(__all__)}")
    home = f"hpanalysis.{_HOME[name]}"
    if _HOME[name] == "statistics":  # a room: the name is one of its modules, public as a whole
        value = import_module(f"{home}.{name}")
    else:
        value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
