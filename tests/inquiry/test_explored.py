"""What is exploratory: one discovery a sentence, at a rate of its kind, with limits that allow for the selection."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hpanalysis import toys
from hpanalysis.inquiry.inquiry import Inquiry, _explored
from hpanalysis.statistics.distributions import normal_isf
from hpanalysis.statistics.multiplicity import false_discovery


def claims(p: dict[str, list[float]], adjusted: dict[str, float] | None = None) -> pd.DataFrame:
    """One sentence a name, with the p of each of its scales."""
    rows = [
        {"hyperparameter": name, "value": "b", "reference": "a", "other": "", "other_value": "", "dataset": "all"}
        | {"question": "contrast", "p": x, "p_adjusted": (adjusted or {}).get(name, 1.0)}
        | {"estimate": 1.0, "low": 0.5, "high": 1.5, "scale": "mean", "low_simultaneous": 0.2, "high_simultaneous": 1.8}
        for name, each in p.items()
        for x in each
    ]
    return pd.DataFrame(rows)


def test_a_sentence_counts_once_with_the_smallest_p_of_its_scales():
    found = _explored(claims({"x": [0.01, 0.4], "y": [0.2, np.nan], "z": [0.9, 0.8]}))
    first = found.groupby("hyperparameter")["p_exploratory"].min()
    assert first.to_numpy() == pytest.approx(false_discovery([0.02, 0.2, 1.0]))


def test_scales_beside_the_best_one_need_what_would_have_listed_them_alone():
    found = _explored(claims({"x": [1e-6, 0.02], "y": [1e-6, 0.9]}))["p_exploratory"].to_numpy()
    assert found[0] < 0.05 and found[1] == pytest.approx(0.04) and found[3] == 1.0


def test_headlines_leave_the_list_and_lend_it_nothing():
    alone = _explored(claims({"y": [0.03]}))
    beside = _explored(claims({"x": [1e-12], "y": [0.03]}, {"x": 1e-9}))
    assert beside["p_exploratory"].iloc[1] == alone["p_exploratory"].iloc[0] == pytest.approx(0.03)
    assert beside["p_exploratory"].iloc[0] == pytest.approx(1e-12)


def test_limits_grow_with_what_was_selected_from():
    few = _explored(claims({"x": [1e-6], "y": [0.5], "z": [0.6], "w": [0.7]}))
    times = normal_isf(0.05 / 4 / 2) / normal_isf(0.025)
    assert few.loc[0, "high_exploratory"] - 1.0 == pytest.approx(0.5 * times)
    every = _explored(claims({"x": [1e-6], "y": [1e-6]}))
    assert every.loc[0, "low_exploratory"] == pytest.approx(0.5)
    assert _explored(claims({"x": [0.5]}))["low_exploratory"].isna().all()


def test_kinds_do_not_lend_each_other_discoveries():
    both = pd.concat([claims({"x": [0.04]}), claims({"y": [1e-9], "z": [1e-9]}).assign(question="interactions")])
    assert _explored(both.reset_index(drop=True))["p_exploratory"].iloc[0] == pytest.approx(0.04)


def test_exploratory_findings_carry_their_rate_and_limits():
    inquiry = Inquiry.of(toys.make(toys.ADDITIVE, 300, 0))
    listed = inquiry.claims[inquiry.claims["p_exploratory"].le(0.05) & inquiry.claims["p_adjusted"].gt(0.05)]
    levels = listed[listed["question"] == "contrast"]
    assert len(levels) and (levels["low_exploratory"] < levels["low"]).all()
    assert (levels["high_exploratory"] > levels["high"]).all()
