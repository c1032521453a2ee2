"""Do the helpers of a notebook write what is safe, and say what is needed to repeat it?"""

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis.design.outcome_checks import Check
from hpanalysis.errors import UserError
from hpanalysis.questions.answer import Answer, Asked
from hpanalysis.reporting.notebooks.helpers import cautions, safe_table, save_tables, versions


def test_text_in_a_table_cannot_act_as_a_formula_and_numbers_are_untouched():
    table = pd.DataFrame({"=x": ["=cmd()", "+1+1", "@a", "-b", "-1.5", "plain"], "y": [-1.0, np.nan, 2, 3, 4, 5]})
    safe = safe_table(table)
    assert list(safe.columns) == ["'=x", "y"]
    assert list(safe["'=x"]) == ["'=cmd()", "'+1+1", "'@a", "'-b", "-1.5", "plain"]
    pd.testing.assert_series_equal(safe["y"], table["y"])
    assert table.columns[0] == "=x"


def test_tables_are_written_by_name_and_nowhere_when_no_folder_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame({"a": [1]})
    save_tables(tmp_path / "t", first=frame, second=frame)
    assert sorted(path.name for path in (tmp_path / "t").iterdir()) == ["first.csv", "second.csv"]
    assert (tmp_path / "t" / "first.csv").read_text() == "a\n1\n"
    before = sorted(tmp_path.rglob("*"))
    save_tables("", first=frame)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_table_cannot_be_named_out_of_its_folder(tmp_path):
    with pytest.raises(UserError, match="cannot name a table"):
        save_tables(tmp_path, **{"../x": pd.DataFrame({"a": [1]})})


def test_versions_name_the_data_the_parameters_and_the_packages(toy_frame):
    sweep = hp.read(toy_frame(), metric="accuracy", goal="max")
    lines = repr(versions(sweep, hyperparameter="augmentation")).splitlines()
    assert [line.split()[0] for line in lines] == ["data", "metric", "hyperparameter", "packages"]
    assert sweep.sha256 in lines[0] and "240 runs" in lines[0]
    assert f"numpy {np.__version__}" in lines[3]


def checked(*verdicts):
    rows = [
        {"check": "runs", "subject": f"s{i}", "found": "x", "share": np.nan, "verdict": v, "so": "y"}
        for i, v in enumerate(verdicts)
    ]
    return Answer(
        "check", pd.DataFrame(rows).reindex(columns=list(Check._fields)), asked=Asked(metric="acc", goal="max")
    )


def test_cautions_are_folded_a_stop_is_open_and_what_is_fine_is_not_told():
    assert cautions(checked("fine", "fine"))._repr_html_() == ""
    folded = cautions(checked("fine", "caution"))
    assert folded.text == "1 of 2 checks asks for caution\ncaution: runs, s1: x; y"
    assert folded._repr_html_().startswith("<details class='checks'><summary>1 of 2 checks asks for caution</summary>")
    opened = cautions(checked("stop", "caution", "stop"))
    assert opened.text.startswith("2 of 3 checks say stop\nstop: runs, s0, s2: y\ncaution: ")
    assert opened._repr_html_().startswith("<details class='checks' open><summary>2 of 3 checks say stop")
