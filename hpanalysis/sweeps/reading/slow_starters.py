"""Which values of a hyperparameter are known to start slowly and to gain later? By its name."""

from __future__ import annotations

from hpanalysis.sweeps.reading.vocabulary import words

# What starts slowly and may gain later, and which of its values do.
SLOW = (
    (frozenset({"augmentation", "augment", "augmentations", "mixup", "cutmix"}), "on"),
    (frozenset({"dropout", "drop"}), "high"),
    (frozenset({"width", "units", "hidden", "neurons", "channels", "filters"}), "wide"),
    (frozenset({"lr"}), "small"),
)


def starts_slowly(name: str) -> str:
    """Which values of a hyperparameter are known to start slowly and to gain later; empty for none.

    Examples
    --------
    >>> [starts_slowly(name) for name in ("augmentation", "dropout_1", "width_conv", "learning_rate", "depth")]
    ['on', 'high', 'wide', 'small', '']
    """
    own = {word.rstrip("0123456789") for word in words(name)} - {""}
    if own & {"decay", "warmup", "schedule", "scheduler", "last", "layers", "depth"}:
        return ""
    own |= {"lr"} if {"learning", "rate"} <= own else set()
    return next((values for slow, values in SLOW if slow & own), "")
