"""Is this enough data? The smallest difference this sweep could have shown, and the runs that would settle the rest."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.errors import UserError, choices
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.questions.answer import Answer, Asked, in_vocabulary
from hpanalysis.questions.report import is_shown
from hpanalysis.statistics import power as detectable
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style.rows import rows_of
from hpanalysis.sweeps.sweep import Sweep


def power(subject: Sweep | Design | Inquiry, hyperparameter: str | None = None, *, rng: int = 0) -> Answer:
    """Say how large a difference must be to become a headline of the whole report, and what open ones would need.

    Parameters
    ----------
    subject
        A sweep or its design, or the inquiry into it.
    hyperparameter
        One, or all that were asked when left out.
    rng
        Seed of the inquiry when a sweep is given.

    Returns
    -------
    Answer
        One row per pair of levels and scale, over all data sets. ``estimate`` is the smallest difference that would be
        a headline with probability .8, ``at_90`` with probability .9, as a distance from no difference in the unit of
        the scale (of P(better): from 0.5). Beside them ``seen``, the difference that was seen, whether it is
        ``settled``, and ``more_runs``: how many more runs would settle a difference of the size seen; NaN where it is
        settled, or no larger than luck.

    Raises
    ------
    UserError
        If the hyperparameter is unknown, or the subject is neither.

    Notes
    -----
    The critical value is that of the whole report, so that ten hyperparameters ask for larger differences than one.
    More runs are counted at the spread and with the questions of this sweep. A difference seen is not a true one:
    runs for "the size seen" are a rough guide, most of all when it is small.
    Bloom (1995), doi:10.1177/0193841X9501900504.

    Examples
    --------
    >>> from hpanalysis import power, toys
    >>> frame = power(toys.make(toys.ADDITIVE, 300, 0), "augmentation").frame
    >>> bool((frame["at_90"] > frame["estimate"]).all())
    True
    """
    if not isinstance(subject, Inquiry):
        if not isinstance(subject, Sweep | Design):
            raise UserError(f"power was asked of a {type(subject).__name__}; give a Sweep or an Inquiry.")
        subject = Inquiry.of(subject, rng=rng)
    about, claims = subject.about, subject.claims
    if hyperparameter is not None and hyperparameter not in about["hyperparameters"]:
        legal = choices(about["hyperparameters"])
        raise UserError(f"{hyperparameter!r} is not a hyperparameter of this inquiry; choose one of {legal}.")
    rows = claims[(claims["question"] == "contrast") & (claims["dataset"] == POOLED)]
    rows = rows[rows["hyperparameter"].isin([hyperparameter] if hyperparameter else rows["hyperparameter"])]
    rows = rows.reset_index(drop=True)
    estimate, critical = rows["estimate"].to_numpy(float), rows["critical"].to_numpy(float)
    null = np.where(rows["scale"] == "p_better", 0.5, 0.0)
    width = (rows["high_simultaneous"] - rows["low_simultaneous"]).to_numpy(float) / 2
    width = width / np.where(critical > 0, critical, np.nan)
    se = detectable.standard_error(estimate, null, rows["z"].to_numpy(float), width)
    table = in_vocabulary(rows.drop(columns=["low", "high", "low_simultaneous", "high_simultaneous"])).assign(
        estimate=detectable.smallest_effect(se, critical),
        at_90=detectable.smallest_effect(se, critical, detectable.HIGH_POWER),
        seen=estimate - null,
        settled=is_shown(rows),
        more_runs=_more(rows, about["runs"]),
    )
    caveats = ["A difference that is shown on one scale is settled there only."]
    if table["estimate"].isna().any():
        caveats.append("Some comparisons have too few runs for any statement, and no number here.")
    silent = [name for name in about["hyperparameters"] if name not in about["asked"]]
    silent = [name for name in silent if hyperparameter in (None, name)]
    if silent:
        caveats.append(f"Nothing can be said of {choices(silent)}: fewer than two values have 8 runs.")
    asked = Asked(metric=about["metric"], goal=about["goal"], unit=about["unit"], transform=about["transform"])
    asked |= Asked(share=about["share"], runs=about["runs"], datasets=about["datasets"], hyperparameter=hyperparameter)
    return Answer("power", table, asked=asked, caveats=tuple(caveats))


def _more(rows: pd.DataFrame, runs: int) -> np.ndarray:
    """More runs for each open comparison; none where all pairs of a hyperparameter together look like luck."""
    out = np.full(len(rows), np.nan)
    for _, part in rows.groupby(["hyperparameter", "scale", "runs"], sort=False):
        if detectable.looks_like_luck(part["p"].to_numpy(float)):
            continue
        for row in rows_of(part[~is_shown(part) & (part["p_adjusted"].notna())]):
            if row.p <= detectable.CHANCE:
                out[row.Index] = max(runs * (detectable.share_of_runs(row.z, row.critical) - 1), 0.0)
    return out
