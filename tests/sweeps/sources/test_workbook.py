"""Are workbooks read as they look, and refused in a sentence where they hold no one table?"""

import datetime
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp

N = 30
RUNS = pd.DataFrame(
    {
        "lr": [round(1e-4 * 1.2**i, 9) for i in range(N)],
        "optimizer": ["adam", "sgd", "None"] * (N // 3),
        "augment": [i % 2 == 0 for i in range(N)],
        "epochs": [10] * N,
        "acc": [round(0.5 + (7 * i % N) / 100, 3) for i in range(N)],
    }
)


@pytest.fixture
def openpyxl():
    return pytest.importorskip("openpyxl", reason="needs the extra `excel`: pip install 'hpanalysis[excel]'")


def book(openpyxl, path, **sheets):
    """A workbook with these rows in its sheets."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    made.save(path)
    return path


def rows_of(frame):
    return [list(frame.columns), *frame.itertuples(index=False)]


def read(path):
    return hp.read(path, metric="acc", goal="max")


def test_a_sheet_is_the_same_sweep_as_the_same_table_in_csv(openpyxl, tmp_path):
    RUNS.to_csv(tmp_path / "runs.csv", index=False)
    plain, sweep = read(tmp_path / "runs.csv"), read(book(openpyxl, tmp_path / "runs.xlsx", runs=rows_of(RUNS)))
    assert sweep.space == plain.space and sweep.roles == plain.roles and sweep.name == "runs"
    np.testing.assert_array_equal(sweep.outcome, plain.outcome)
    assert sweep.levels("optimizer") == ("adam", "None", "sgd")


def test_what_pandas_writes_with_its_index_is_read(openpyxl, tmp_path):
    RUNS.to_excel(tmp_path / "runs.xlsx")
    assert set(read(tmp_path / "runs.xlsx").space.names) == {"lr", "optimizer", "augment"}


def test_a_title_an_empty_sheet_and_a_row_of_means_are_no_runs(openpyxl, tmp_path):
    means = ["mean", None, None, None, float(RUNS["acc"].mean())]
    table = [["My sweep"], [], *rows_of(RUNS), [], means]
    sweep = read(book(openpyxl, tmp_path / "runs.xlsx", runs=table, notes=[]))
    assert len(sweep) == N and not sweep.space["lr"].has_levels
    said = " ".join(sweep.notes)
    assert "above the header" in said and "called mean" in said


def test_a_header_of_merged_cells_in_two_rows_is_joined(openpyxl, tmp_path):
    top = ["setting", None, None, None, "result"]
    rows = [top, ["lr", "optimizer", "augment", "epochs", "acc"], *rows_of(RUNS)[1:]]
    path = book(openpyxl, tmp_path / "runs.xlsx", runs=rows)
    made = openpyxl.load_workbook(path)
    made["runs"].merge_cells("A1:D1")
    made.save(path)
    sweep = hp.read(path, metric="result.acc", goal="max")
    assert set(sweep.space.names) == {"setting.lr", "setting.optimizer", "setting.augment"}


def test_dates_durations_and_empty_cells_keep_their_meaning(openpyxl, tmp_path):
    start = datetime.datetime(2026, 1, 1)
    frame = RUNS.assign(
        optimizer=["adam", "sgd"] * (N // 2),
        started=[start + datetime.timedelta(hours=i) for i in range(N)],
        wall=[datetime.timedelta(seconds=60 + i) for i in range(N)],
        decay=[None if i % 3 == 0 else ["step", "cosine"][i % 3 - 1] for i in range(N)],
    )
    sweep = read(book(openpyxl, tmp_path / "runs.xlsx", runs=rows_of(frame)))
    assert sweep.roles["started"] == "identifier" and sweep.roles["wall"] == "cost"
    assert "(none)" in sweep.levels("decay")


def test_errors_of_a_sheet_are_runs_that_diverged(openpyxl, tmp_path):
    frame = RUNS.astype({"acc": object})
    frame.loc[[3, 4], "acc"] = ["#DIV/0!", "#NUM!"]
    sweep = read(book(openpyxl, tmp_path / "runs.xlsx", runs=rows_of(frame)))
    assert list(sweep.status).count("diverged") == 2


def test_several_tables_in_one_workbook_are_refused_with_their_names(openpyxl, tmp_path):
    path = book(openpyxl, tmp_path / "runs.xlsx", first=rows_of(RUNS), second=rows_of(RUNS))
    with pytest.raises(hp.UserError, match=r"2 sheets with a table \(first, second\); save one as CSV"):
        read(path)
    with pytest.raises(hp.UserError, match="0 sheets with a table"):
        read(book(openpyxl, tmp_path / "none.xlsx", empty=[]))


def test_a_damaged_workbook_and_one_that_would_fill_the_memory_are_refused(openpyxl, tmp_path):
    path = book(openpyxl, tmp_path / "runs.xlsx", runs=rows_of(RUNS))
    (tmp_path / "half.xlsx").write_bytes(path.read_bytes()[:2000])
    with pytest.raises(hp.UserError, match=r"half\.xlsx is not a workbook that can be read"):
        read(tmp_path / "half.xlsx")
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        with file.open("xl/worksheets/sheet1.xml", "w") as member:
            for _ in range(300):
                member.write(b"1" * 2**20)
    with pytest.raises(hp.UserError, match="more than the 256 MiB"):
        read(tmp_path / "bomb.xlsx")


def test_without_openpyxl_the_message_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with zipfile.ZipFile(tmp_path / "runs.xlsx", "w") as file:
        file.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(hp.UserError, match=r"needs openpyxl.*pip install 'hpanalysis\[excel\]'"):
        read(tmp_path / "runs.xlsx")
