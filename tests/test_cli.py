"""Does the command say in one line what cannot be used, and end with the code that a script can rely on?"""

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from importlib import util
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup

import hpanalysis
from hpanalysis.cli import main
from hpanalysis.sweeps.reading.sidecar import space_of

ASKED = ["--metric", "accuracy", "--goal", "max"]


def _toys() -> object:
    # The toys of the reports' tests: under importlib-style collection a conftest is not importable by name.
    spec = util.spec_from_file_location("toys_of_reports", Path(__file__).parent / "reporting" / "conftest.py")
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder to work in, with a table and two notebooks, the second about a hyperparameter."""
    toys = _toys()
    toys._toy_frame().to_csv(tmp_path / "toy.csv", index=False)
    toys._write_notebook(tmp_path / "books", "00-first", "print(metric)")
    own = {"parameters": 'hyperparameter: str = "augmentation"  # asked about\n', "hyperparameters": ["hyperparameter"]}
    toys._write_notebook(tmp_path / "books", "01-second", "print(hyperparameter)", **own)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def report(*more, source="toy.csv", asked=ASKED):
    return main(["report", source, *asked, "--notebooks", "books", "--out", "out", *more])


def refused(capsys, *words):
    """What is said of a refused command; checks that it is one line, and nothing on standard output."""
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    assert code == 2 and out == ""
    line = err.strip().splitlines()[-1]
    assert line.startswith("hpanalysis: error: ") and err.count("hpanalysis: error") == 1
    return line


def test_a_report_ends_with_the_path_of_its_index_and_nothing_else_on_standard_output(place, capsys):
    assert report("--only", "1", "-p", "hyperparameter=optimizer", "--jobs", "2") == 0
    out, err = capsys.readouterr()
    assert out == "out/index.html\n"
    assert "2/2" in err and "TCP" not in err and "warn" not in err.lower()
    assert "optimizer" in (place / "out" / "toy" / "01-second.html").read_text()
    assert "augmentation" not in (place / "out" / "toy" / "01-second.ipynb").read_text().split("injected")[1]


def test_a_failed_notebook_is_named_and_the_code_is_one(place, capsys):
    _toys()._write_notebook(place / "books", "00-first", "1/0")
    _toys()._write_notebook(
        place / "books",
        "01-second",
        parameters='hyperparameter: str = "none"  # absent\n',
        hyperparameters=["hyperparameter"],
    )
    assert report() == 1
    out, err = capsys.readouterr()
    assert out == "out/index.html\n"
    assert "hpanalysis: 00-first on toy failed: ZeroDivisionError in cell [3]: division by zero\n" in err
    assert "hpanalysis: 01-second on toy skipped: the sweep 'toy' has no hyperparameter 'none'" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--only", "09"], "'09', which is no notebook; choose from 00-first, 01-second"),
        (["-p", "hyperparametr=optimizer"], "did you mean 'hyperparameter'"),
        (["-p", "hyperparameter=optimiser"], "no hyperparameter 'optimiser' (did you mean 'optimizer'?)"),
        (["-p", "metric=x"], "cannot set 'metric'"),
        (["--jobs", "0"], "'--jobs': 0 is not in the range x>=1; `hpanalysis report --help` lists what there is."),
        (["--notebooks", "absent"], "not a folder of notebooks"),
        (["--role", "seed"], "'--role': 'seed' is not COLUMN=ROLE"),
        (["--role", "only=hyperparam"], "hyperparam"),
        (["--margin", "small"], "'--margin': 'small' is not a valid float"),
        (["--budget", "most"], "'--budget': 'most' is neither common, max nor a number"),
        (["--goal", "up"], "'up'"),
        (["--metric", "acuracy"], "accuracy"),
        (["--metrc", "x"], "'--metrc', did you mean one of: '--metric', '--test-metric'? `hpanalysis report --help`"),
        (["--space", "absent.yaml"], "absent.yaml"),
        (["tooy.csv"], "no such file: 'tooy.csv' (did you mean 'toy.csv'?); give"),
        (["--where", "optimiser == adam"], "names no column with 'optimiser' (did you mean 'optimizer'?)"),
        (["--where", "optimizer == adm"], "leaves no row at 'optimizer' (did you mean 'adam'?)"),
        (["--unit", "optimiser"], "'optimiser' is not in the table (did you mean 'optimizer'?)"),
        (["--scale", "learning_rat=log"], "'learning_rat' is not in the table (did you mean 'learning_rate'?)"),
        (["--scale", "learning_rate=lg"], "'lg' (did you mean 'log'?)"),
        (["--dataset", "optimizer,datset"], "'datset' is not in the table (did you mean 'dataset'?)"),
        (["--test-metric", "acuracy"], "'acuracy' is not in the table (did you mean 'accuracy'?)"),
        (["--k", "0"], "k is 0"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line_and_nothing_is_written(place, capsys, words, said):
    before = sorted(place.rglob("*"))
    line = refused(capsys, "report", "toy.csv", *ASKED, "--notebooks", "books", "--out", "out", *words)
    assert said in line
    assert sorted(place.rglob("*")) == before


def test_a_factor_with_one_level_is_refused(place, capsys):
    frame = pd.read_csv("toy.csv")
    frame[frame["optimizer"] == "adam"].to_csv("one.csv", index=False)
    words = ["-p", "hyperparameter=optimizer", "--role", "optimizer=hyperparameter", "--notebooks", "books"]
    assert "'optimizer'" in refused(capsys, "report", "one.csv", *ASKED, *words)
    assert not (place / "reports").exists()


def test_an_output_folder_that_cannot_be_written_is_refused_before_anything_is_read(place, capsys):
    (place / "file").write_text("")
    words = ["--out", "file/deeper", "--notebooks", "books"]
    assert "'file/deeper' cannot be written" in refused(capsys, "report", "absent.csv", *ASKED, *words)


def test_no_command_and_an_unknown_one_are_refused(capsys):
    assert "Missing command; `hpanalysis --help` lists what there is." in refused(capsys)
    assert "'reprot', did you mean 'report'? `hpanalysis --help`" in refused(capsys, "reprot")


def test_the_reading_flags_reach_the_notebooks(place):
    seen = "import json\nprint(json.dumps([metric, goal, reading], sort_keys=True))"
    _toys()._write_notebook(place / "books", "00-first", seen)
    flags = ["--role", "only=ignored", "--dataset", "dataset", "--where", "optimizer == adam", "--margin", "0.01"]
    assert report(*flags, "--failed-value", "0.1", "--only", "00") == 0
    (cell,) = [c for c in json.loads(Path("out/toy/00-first.ipynb").read_text())["cells"] if c.get("outputs")]
    assert json.loads("".join(cell["outputs"][0]["text"])) == [
        "accuracy",
        "max",
        {
            "datasets": ["dataset"],
            "failed_value": 0.1,
            "margin": 0.01,
            "roles": {"only": "ignored"},
            "where": "optimizer == adam",
        },
    ]


def test_metric_and_goal_may_come_from_the_sidecar(place):
    Path("toy.sweep.yaml").write_text("metric: accuracy\ngoal: max\n")
    assert report("--only", "00", asked=[]) == 0


def test_findings_are_those_of_the_report(place, capsys):
    assert report("--only", "00") == 0
    capsys.readouterr()
    assert main(["findings", "toy.csv", *ASKED, "--json", "f.json", "--notebooks", "books"]) == 0
    out, err = capsys.readouterr()
    assert Path("f.json").read_bytes() == Path("out/findings.json").read_bytes()
    text = " ".join(out.split())
    assert "When is augmentation beneficial? Augmentation gains" in text and "HEADLINES" not in out and err == ""
    assert main(["findings", "toy.csv", *ASKED, "--notebooks", "books", "--all"]) == 0
    full = capsys.readouterr().out
    assert full.startswith(out.split("\n\nEvery sentence")[0]) and "HEADLINES" in full
    assert "augmentation=on did better than off" in " ".join(full.split())
    assert "--json 'absent/f.json' cannot be written" in refused(
        capsys, "findings", "toy.csv", *ASKED, "--json", "absent/f.json"
    )


def test_a_table_is_described_and_its_sidecar_drafted_once(place, capsys):
    assert main(["describe", "toy.csv", *ASKED]) == 0
    assert not Path("toy.sweep.yaml").exists()
    assert main(["describe", "toy.csv", *ASKED, "--write"]) == 0
    out, _ = capsys.readouterr()
    assert "learning_rate  hyperparameter  continuous" in out and "Drafted toy.sweep.yaml" in out.replace(
        f"{place}/", ""
    )
    assert main(["describe", "toy.csv"]) == 0
    capsys.readouterr()
    assert "is there already" in refused(capsys, "describe", "toy.csv", "--write")


def test_a_name_cannot_send_commands_to_the_terminal(place, capsys):
    frame = pd.read_csv("toy.csv").rename(columns={"augmentation": "aug\x1b[2J"})
    frame.to_csv("odd.csv", index=False)
    assert main(["findings", "odd.csv", *ASKED]) == 0
    assert main(["describe", "odd.csv", *ASKED]) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_the_next_space_is_printed_or_written_in_the_form_that_was_asked_for(place, capsys):
    assert main(["next", "toy.csv", *ASKED]) == 0
    printed = capsys.readouterr().out
    (place / "space.yaml").write_text(printed)
    assert "augmentation" in hpanalysis.Space.from_dict(space_of(place / "space.yaml"))
    assert main(["next", "toy.csv", *ASKED, "--as", "optuna", "--out", "suggest.py"]) == 0
    assert capsys.readouterr().out.strip() == "suggest.py"
    names = {}
    exec((place / "suggest.py").read_text(), names)
    assert callable(names["suggest"])


def test_a_form_that_is_unknown_and_a_place_that_cannot_be_written_are_refused(place, capsys):
    assert main(["next", "toy.csv", *ASKED, "--as", "toml"]) == 2
    assert "form is 'toml'; choose one of yaml, python, optuna" in capsys.readouterr().err
    assert main(["next", "toy.csv", *ASKED, "--out", "nowhere/space.yaml"]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_the_version_is_told(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"hpanalysis {hpanalysis.__version__}\n"


def test_help_lists_the_commands_in_their_order_and_loads_nothing_slow():
    code = "import sys; from hpanalysis.cli import main; main(sys.argv[1:]); print(*sys.modules)"
    for words in ([], ["report"], ["search"]):
        out = subprocess.run([sys.executable, "-c", code, *words, "--help"], capture_output=True, text=True, check=True)
        *text, modules = out.stdout.splitlines()
        assert not {"numpy", "pandas", "papermill", "nbformat", "hpanalysis.reporting"} & set(modules.split())
        if not words:
            listed = [line.split()[0] for line in text[text.index("Commands:") + 1 :]]
            assert listed == ["report", "findings", "describe", "next", "search", "train"]


def _start(place: Path, *words: str, **more) -> subprocess.Popen:
    paths = os.pathsep.join([str(Path(hpanalysis.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": paths}
    command = [sys.executable, "-m", "hpanalysis.cli", *words]
    # A shell that runs the tests in its background has them ignore an interruption, and what they start.
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    return subprocess.Popen(command, cwd=place, env=environment, text=True, preexec_fn=heard, **more)


def _gone(pid: int) -> bool:
    try:
        return "Z" in Path(f"/proc/{pid}/stat").read_text().split(")")[1][:3]
    except OSError:
        return True


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes as Linux shows them")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_report_leaves_its_finished_pages_the_earlier_ones_and_no_process_behind(place, sent, code):
    earlier = place / "out" / "toy" / "01-second.html"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("earlier")
    record = {"01-second": {"title": "Second?", "sha256": "x", "about": []}}
    (earlier.parent / "reports.json").write_text(json.dumps(record))
    wait = "import os, pathlib, time\npathlib.Path('started').write_text(str(os.getpid()))\ntime.sleep(120)"
    _toys()._write_notebook(place / "books", "01-second", wait)
    words = ["report", "toy.csv", *ASKED, "--notebooks", "books", "--out", "out", "--jobs", "1"]
    with _start(place, *words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        until = time.monotonic() + 90
        while not (started := place / "started").exists() or not started.read_text():
            assert time.monotonic() < until and process.poll() is None
            time.sleep(0.05)
        process.send_signal(sent)
        _, err = process.communicate(timeout=120)
    assert process.returncode == code
    assert "Traceback" not in err
    assert sorted(p.name for p in (place / "out").iterdir()) == ["findings.json", "index.html", "toy"]
    assert (place / "out" / "toy" / "00-first.html").is_file() and earlier.read_text() == "earlier"
    index = (place / "out" / "index.html").read_text()
    assert 'class="done"' in index and 'class="stopped"' in index and 'href="toy/01-second.html"' in index
    kernel, until = int(started.read_text()), time.monotonic() + 20
    while not _gone(kernel):
        assert time.monotonic() < until, "the kernel lives on"
        time.sleep(0.1)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes as Linux shows them")
def test_a_report_that_is_killed_half_way_leaves_its_finished_pages_and_an_index_that_says_what_was_running(place):
    wait = "import os, pathlib, time\npathlib.Path('started').write_text(str(os.getpid()))\ntime.sleep(120)"
    _toys()._write_notebook(place / "books", "00-first", "'text'", text="# First?\n\n[next](01-second.ipynb)")
    _toys()._write_notebook(place / "books", "01-second", wait)
    words = ["report", "toy.csv", *ASKED, "--notebooks", "books", "--out", "out", "--jobs", "1"]
    with _start(place, *words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + 90
        while not (started := place / "started").exists() or not started.read_text():
            assert time.monotonic() < until and process.poll() is None
            time.sleep(0.05)
        process.kill()
    kernel, until = int(started.read_text()), time.monotonic() + 20
    while not _gone(kernel):
        assert time.monotonic() < until, "the kernel lives on"
        time.sleep(0.1)
    first = (place / "out" / "toy" / "00-first.html").read_text()
    assert "&#x27;text&#x27;" in first or "'text'" in first
    assert 'href="../index.html" data-page="01-second.html"' in first
    index = BeautifulSoup((place / "out" / "index.html").read_text(), "html.parser")
    rows = index.select(".reports li")
    assert [row["class"] for row in rows] == [["done"], ["running"]]
    links = [a["href"].partition("#")[0] for a in index.find_all("a", href=True)]
    assert "toy/00-first.html" in links and all((place / "out" / link).is_file() for link in links if link)
    assert json.loads((place / "out" / "findings.json").read_text())["findings"]


def test_a_reader_that_has_seen_enough_is_no_error(place):
    with _start(place, "describe", "toy.csv", *ASKED, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 0


@pytest.mark.parametrize(
    ("budget", "said"), [("common", "after 1 of 9 epochs"), ("3", "after 3 of 9 epochs"), ("max", "epoch 9")]
)
def test_a_pruned_table_is_described_at_the_budget_that_is_asked_for(tmp_path, monkeypatch, capsys, budget, said):
    from hpanalysis import toys

    left = toys.pruned(toys.with_curves(toys.make(toys.ADDITIVE, 120, 0), {}, 9, 0), "asha", 0)
    left.budget.whole.runs.to_csv(tmp_path / "a.csv", index=False)
    left.budget.whole.history.rename(columns={"step": "epoch"}).to_csv(tmp_path / "a.curves.csv", index=False)
    monkeypatch.chdir(tmp_path)
    assert main(["describe", "a.csv", *ASKED, "--budget", budget]) == 0
    assert said in " ".join(capsys.readouterr().out.split())
