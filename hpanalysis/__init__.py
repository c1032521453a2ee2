"""What does a finished hyperparameter sweep say, and what does it not say? A map of the package.

A table of runs enters at the top and leaves as sentences; a room imports only the rooms above it::

    sweeps/       what was tried                read, frames, Sweep, Space, Hyperparameter
    statistics/   arrays in, numbers out        hsic (a module, on arrays)
    design/       can it answer?                Design, costs_of, top
    style/        how numbers and words look
    questions/    one folder a question         check, by_level, contrast, interaction, interactions, effect_modifiers,
                                                curve, importance, disagreement, best_runs, best_of_k,
                                                trend, replicability, tuned_contrast, winner,
                                                next_space, proposed_space, write_space,
                                                omnibus_tests, by_budget, learning_curve, staged, replay,
                                                pareto_front; table, plot, summary
    inquiry/      everything at once            Inquiry, verdicts, pair_verdict, findings, power, line_signs
    views/        look for yourself             explore
    reporting/    how it is told                save_tables, read_beside, cautions, versions

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

import ast
from pathlib import Path
from typing import TYPE_CHECKING

__version__ = "0.2.0"

# The one place of a public name: editors and type checkers read it here, and so does `__getattr__`.
if TYPE_CHECKING:
    from hpanalysis.design.costs import costs_of as costs_of
    from hpanalysis.design.design import Design as Design
    from hpanalysis.design.target import top as top
    from hpanalysis.errors import UserError as UserError
    from hpanalysis.inquiry.findings import findings as findings
    from hpanalysis.inquiry.inquiry import Inquiry as Inquiry
    from hpanalysis.inquiry.line_signs import line_signs as line_signs
    from hpanalysis.inquiry.power.ask import power as power
    from hpanalysis.inquiry.verdicts.compose import verdicts as verdicts
    from hpanalysis.inquiry.verdicts.pairs import pair_verdict as pair_verdict
    from hpanalysis.questions.best_of_k.ask import best_of_k as best_of_k
    from hpanalysis.questions.best_runs.ask import best_runs as best_runs
    from hpanalysis.questions.by_budget.ask import by_budget as by_budget
    from hpanalysis.questions.by_level.ask import by_level as by_level
    from hpanalysis.questions.check.ask import check as check
    from hpanalysis.questions.contrast.ask import contrast as contrast
    from hpanalysis.questions.curve.ask import curve as curve
    from hpanalysis.questions.disagreement.ask import disagreement as disagreement
    from hpanalysis.questions.effect_modifiers.ask import effect_modifiers as effect_modifiers
    from hpanalysis.questions.importance.ask import importance as importance
    from hpanalysis.questions.interaction.ask import interaction as interaction
    from hpanalysis.questions.interactions.ask import interactions as interactions
    from hpanalysis.questions.learning_curve.ask import learning_curve as learning_curve
    from hpanalysis.questions.next_space.ask import next_space as next_space
    from hpanalysis.questions.next_space.change import proposed_space as proposed_space
    from hpanalysis.questions.next_space.write_space import write_space as write_space
    from hpanalysis.questions.omnibus_tests.ask import omnibus_tests as omnibus_tests
    from hpanalysis.questions.pareto_front.ask import pareto_front as pareto_front
    from hpanalysis.questions.replay.ask import replay as replay
    from hpanalysis.questions.replicability.ask import replicability as replicability
    from hpanalysis.questions.staged.ask import staged as staged
    from hpanalysis.questions.trend.ask import trend as trend
    from hpanalysis.questions.tuned_contrast.ask import tuned_contrast as tuned_contrast
    from hpanalysis.questions.verbs import plot as plot
    from hpanalysis.questions.verbs import summary as summary
    from hpanalysis.questions.verbs import table as table
    from hpanalysis.questions.winner.ask import winner as winner
    from hpanalysis.reporting.notebooks.helpers import cautions as cautions
    from hpanalysis.reporting.notebooks.helpers import read_beside as read_beside
    from hpanalysis.reporting.notebooks.helpers import save_tables as save_tables
    from hpanalysis.reporting.notebooks.helpers import versions as versions
    from hpanalysis.statistics import hsic as hsic
    from hpanalysis.sweeps.sources import frames as frames
    from hpanalysis.sweeps.sources import read as read
    from hpanalysis.sweeps.space import Hyperparameter as Hyperparameter
    from hpanalysis.sweeps.space import Space as Space
    from hpanalysis.sweeps.sweep import Sweep as Sweep
    from hpanalysis.views.explorer import explore as explore


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
