"""Which column is probably the metric? For messages and for a first look at a table; always said to be a guess."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError, choices
from hpanalysis.sweeps.reading import vocabulary as say
from hpanalysis.sweeps.reading.cells import Numbers, is_number, numbers
from hpanalysis.sweeps.reading.not_a_row_a_run import refuse_row_a_metric
from hpanalysis.sweeps.reading.own_curves import numbered_columns
from hpanalysis.sweeps.sweep import Goal

LOWER_IS_BETTER = {
    *("loss", "error", "err", "mse", "rmse", "mae", "nll", "perplexity", "ppl", "regret", "cost", "logloss", "mape"),
    *("crossentropy", "smape", "wmape", "mase", "msle", "rmsle", "crps", "brier", "ece", "deviance", "wer", "cer"),
    *("eer", "fid", "bpc", "bpb"),
}
# The spread of something is not what a run is judged by.
SPREAD = {"std", "stderr", "sem", "sd"}
# How a text begins that holds a number, or a list of numbers.
NUMBER_FIRST = r"\s*[\[(]?\s*[-+]?\.?\d"
SHARES = {"acc", "accuracy", "f1", "auc", "auroc", "auprc", "precision", "recall"}
HIGHER_IS_BETTER = SHARES | {"reward", "return"}


def usual_goal(metric: str) -> Goal | None:
    """The goal that the name of a metric speaks for; None where it tells nothing.

    Examples
    --------
    >>> usual_goal("val_loss"), usual_goal("test_accuracy"), usual_goal("neg_mse"), usual_goal("objective")
    ('min', 'max', 'max', None)
    """
    words = set(say.words(metric))
    if any(say.measure_word(word, LOWER_IS_BETTER) for word in words):
        # Programs that only go up turn a loss round.
        return "max" if "neg" in words else "min"
    return "max" if "neg" not in words and any(say.measure_word(word, HIGHER_IS_BETTER) for word in words) else None


def unit_of(metric: str, read: Numbers, declared: str | None, *, transformed: bool = False) -> str:
    """The unit of a metric: as declared, or % where a share is written in per cent, by its sign or its name and size.

    Examples
    --------
    >>> percentages, shares = (numbers(pd.Series(x)) for x in ([71.5, 80.25, 93.0], [0.715, 0.8025, 0.93]))
    >>> unit_of("test_acc", percentages, None), unit_of("test_acc", shares, None), unit_of("reward", percentages, None)
    ('%', '', '')
    """
    if declared is not None or transformed:
        return declared or ""
    named = any(say.measure_word(word, SHARES) for word in say.words(metric))
    known = read.finite
    sized = len(known) > 0 and known.min() >= 0 and known.max() <= 100 and float(np.median(known)) > 1
    return "%" if read.percent or (named and sized) else ""


def measured(frame: pd.DataFrame) -> list[str]:
    """The columns whose names say that they were measured: what a study optimised first, then in table order."""
    first = say.objectives(frame.columns)
    recorded = say.recorded_columns(frame.columns)
    chosen = say.chosen_columns(frame.columns)
    named = [c for c in frame.columns if (c in recorded or say.is_measure(c)) and c not in {*first, *chosen}]
    named = [c for c in named if not c.startswith("system_attrs_") and not say.is_elapsed(c)]
    named = [c for c in named if not say.is_configured(c) and _readable(frame[c])]
    # What a tracker recorded under a name that says nothing comes last.
    return [c for c in first if _readable(frame[c])] + sorted(named, key=lambda c: not say.is_quality(c))


def candidates(frame: pd.DataFrame) -> list[str]:
    """The columns that could be the metric, the likely ones first.

    Where nothing has the name of something measured they are the numbers that do not number, identify or set up a run;
    where there is none of these, all numbers, and at last all columns.
    """
    numeric = [c for c in frame.columns if is_number(frame[c]) and frame[c].nunique() > (len(frame) > 1)]
    open_names = sorted((c for c in numeric if not _known(c)), key=say.is_setting)
    return _likely(frame) or open_names or numeric or list(frame.columns)


def _likely(frame: pd.DataFrame) -> list[str]:
    """What was measured, without spreads and without what never differs between runs."""
    return [c for c in measured(frame) if not _is_spread(c) and frame[c].nunique() > (len(frame) > 1)]


def _is_spread(name: str) -> bool:
    own = say.last_words(name)
    return bool(SPREAD & set(own)) or own[-2:] == ("std", "err")


class MetricGuess(NamedTuple):
    """The column that is probably the metric, and all columns that it was chosen among."""

    metric: str
    among: list[str]


def guess_metric(frame: pd.DataFrame, source: str) -> MetricGuess:
    """The column of a table that is probably the metric, and all that it was chosen among.

    Parameters
    ----------
    frame
        The table, cleaned, shape (rows, columns).
    source
        What the table is called in messages.

    Raises
    ------
    UserError
        If no column looks like a metric, or a study optimised a column under a name that says no goal.

    Examples
    --------
    >>> import pandas as pd
    >>> guess_metric(pd.DataFrame({"lr": [0.1], "train_loss": [0.2], "val_acc": [0.9]}), "runs.csv")
    MetricGuess(metric='val_acc', among=['train_loss', 'val_acc'])
    """
    named = [c for c in _likely(frame) if is_number(frame[c])]
    if not named or named[0] in say.objectives(frame.columns):
        refuse_row_a_metric(frame, {}, source)
        _refuse_texts(frame, source)
        likely = candidates(frame)
        raise UserError(
            f"no column of {source} looks like a metric by its name; name the one that says how good a run is, "
            f"and whether higher is better, as in --metric {likely[0]} --goal max (or min)"
            + (f"; the candidates are {choices(likely)}." if len(likely) > 1 else ".")
        )
    return MetricGuess(_last_step(frame, min(named, key=_doubt), named), named)


def _last_step(frame: pd.DataFrame, likely: str, named: list[str]) -> str:
    """Of a column a step the last one, which is what a run came to."""
    stem = likely.rstrip("0123456789")
    numbered = {c: int(c[len(stem) :]) for c in named if c.startswith(stem) and c[len(stem) :].isdecimal()}
    last = max(numbered, key=lambda c: numbered[c], default=likely)
    return last if likely in numbered_columns(frame, last) else likely


def _refuse_texts(frame: pd.DataFrame, source: str) -> None:
    """Refuse a table whose metric is there by its name, with numbers that stand in texts: 0.91 ± 0.02, [0.3, 0.5]."""
    for column in frame.columns:
        if say.is_quality(column) and not say.is_configured(column) and not is_number(frame[column]):
            texts = frame[column].dropna().astype(str)
            if len(texts) and texts.str.match(NUMBER_FIRST).mean() > 0.5:
                raise UserError(
                    f"{column!r} of {source} has the name of a metric and holds texts such as {texts.iloc[0][:40]!r}; "
                    "write one number a cell, as the value that a run came to."
                )


def _readable(column: pd.Series) -> bool:
    return is_number(column) or not numbers(column).odd


def _known(name: str) -> bool:
    chosen = name.startswith(say.CHOSEN_PREFIXES) or say.is_budget(name) or say.is_seed(name)
    return chosen or say.is_index(name) or say.is_identifier(name)


def _doubt(name: str) -> tuple[bool, ...]:
    """What speaks against a column as the metric to select by: spread, training, test, a loss beside a score."""
    words = set(say.words(name))
    validation = bool(words & say.VALIDATION_WORDS)
    return (
        not say.is_quality(name),
        # When it was best is not how good it was.
        bool(words & say.BUDGET_WORDS) and not any(map(say.measure_word, words)),
        "std" in words,
        "train" in words,
        bool(words & say.TEST_WORDS),
        not validation,
        bool(words & LOWER_IS_BETTER),
    )
