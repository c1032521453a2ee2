"""Is what a notebook showed kept, its findings as data, and nothing that is true of one run only?"""

import nbformat
from IPython.core.interactiveshell import InteractiveShell

from hpanalysis.questions.finding import COLLECT, FINDINGS, Finding, Findings
from hpanalysis.reporting.notebooks.executed import collect, tidy


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
