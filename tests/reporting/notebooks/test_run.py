"""Does a worker keep what matters of an executed notebook, and keep quiet?"""

import os
import subprocess
import sys

import nbformat
from IPython.core.interactiveshell import InteractiveShell

from hpanalysis.evidence.answer import COLLECT, FINDINGS, Finding, Findings
from hpanalysis.reporting.notebooks.run import collect, one_line, quiet_kernels, terminal_to, tidy


def test_a_message_is_told_on_one_line():
    assert one_line("\x1b[31mbad\x1b[0m \nmore") == "bad"
    assert one_line(KeyError()) == "KeyError" and one_line("") == ""
    assert len(one_line("x" * 500)) == 200 and one_line("x" * 500).endswith("…")


def test_an_executed_notebook_is_kept_without_what_is_true_of_one_run_only():
    new = nbformat.v4
    injected = '# Parameters\nsource = \'a.csv\'\ninquiry = "/tmp/x.json"\ntables = "/tmp/t"\n'
    cells = [
        new.new_markdown_cell("oops", metadata={"tags": ["papermill-error-cell-tag"]}),
        new.new_code_cell(injected, metadata={"tags": ["injected-parameters"], "papermill": {"duration": 1}}),
        new.new_code_cell('inquiry = "mine"', metadata={"execution": {"iopub.execute_input": "2026"}}),
    ]
    book = new.new_notebook(cells=cells, metadata={"papermill": {"start_time": 1}, "language_info": {"name": "python"}})
    tidy(book)
    assert list(book.metadata) == ["language_info"]
    assert [cell.source for cell in book.cells] == [
        '# Parameters\nsource = \'a.csv\'\ninquiry = ""\ntables = ""\n',
        'inquiry = "mine"',
    ]
    assert [list(cell.metadata) for cell in book.cells] == [["tags"], []]


def test_what_a_kernel_prints_goes_to_a_file(tmp_path, capfd):
    with terminal_to(tmp_path / "log"):
        subprocess.run([sys.executable, "-c", "import sys; print('out'); print('err', file=sys.stderr)"], check=True)
        print("own", flush=True)
    print("after", flush=True)
    assert sorted((tmp_path / "log").read_text().split()) == ["err", "out"]
    assert "out" not in capfd.readouterr().out.split()


def test_a_kernel_does_not_see_the_settings_of_the_user(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", "/mine")
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "0")
    quiet_kernels(tmp_path)
    assert os.environ["IPYTHONDIR"].startswith(str(tmp_path)) and "MPLBACKEND" not in os.environ


def test_what_a_notebook_found_is_taken_out_of_its_outputs_but_for_what_it_found_in_shuffled_runs(monkeypatch):
    new = nbformat.v4
    told, luck = (Finding("toy", "Is it?", "contrast", "better", said, "headline", n=9) for said in ("Yes.", "Luck."))
    shell = InteractiveShell()
    shown = [shell.display_formatter.format(Findings((f,))) for f in (told, luck)]
    assert not any(FINDINGS in data for data, _ in shown), "only where a report collects them"
    monkeypatch.setenv(COLLECT, "1")
    shown = [shell.display_formatter.format(Findings((f,)))[0] for f in (told, luck)]
    outputs = [new.new_output("execute_result", data, execution_count=1) for data in shown]
    stream = new.new_output("stream", text="x")
    cells = [
        new.new_markdown_cell("text"),
        new.new_code_cell("found", outputs=[stream, outputs[0]]),
        new.new_code_cell("luck", outputs=[outputs[1]], metadata={"tags": ["chance"]}),
    ]
    book = new.new_notebook(cells=cells)
    nbformat.validate(book)
    assert collect(book) == (told,)
    assert FINDINGS not in str(book) and "Luck." in str(book) and collect(book) == ()
