"""The command line of the trainer: help that reads well, and one sentence for what cannot be done."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

import hpanalysis as hp
from hpanalysis.errors import UserError
from hpanalysis.experiments.command import TrainOptions, command
from hpanalysis.experiments.dense import DENSE

ROOT = Path(__file__).resolve().parents[2]


def main(*words: str) -> int:
    """The command in this process; an error of the user is raised."""
    return int(command.main(words, standalone_mode=False))


def run(*words: str, room: int | None = None) -> subprocess.CompletedProcess:
    """The command in a process of its own; no file may grow beyond `room` bytes, as on a disk that is full."""

    def limit() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    command = [sys.executable, "-m", "hpanalysis.experiments", *words]
    before = limit if room else None
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, preexec_fn=before)


def test_help_names_every_option_and_an_example():
    text = run("cnn", "--help").stdout
    for word in (
        "--runs",
        "--datasets",
        "--out",
        "--images",
        "--epochs",
        "--seed",
        "--device",
        "--jobs",
        "--together",
        "--scheduler",
        "--export",
    ):
        assert word in text
    assert "hpanalysis train cnn --runs 200" in text and "the same command continues" in " ".join(text.split())


def test_the_recorded_command_names_no_folder_of_this_machine():
    options = TrainOptions(runs=5, out="/elsewhere/sweep", images="/data/pictures", datasets="a,b")
    assert options.command() == (
        "hpanalysis train cnn --datasets a,b --epochs 15 --seed 0 --device cpu "
        "--images IMAGES --out sweep --runs {runs}"
    )


def test_the_experiments_come_without_importing_torch():
    code = "import sys, hpanalysis.experiments, hpanalysis.experiments.command, hpanalysis.experiments.cnn_problem;"
    done = subprocess.run([sys.executable, "-c", code + "sys.exit('torch' in sys.modules)"], cwd=ROOT)
    assert done.returncode == 0


def test_without_torch_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr("hpanalysis.experiments.cnn_problem.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install 'hpanalysis\[train\]'"):
        main("cnn", "--runs", "1", "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_groups_are_the_default_on_a_gpu_only_and_are_recorded():
    options = TrainOptions(runs=5, out="sweep")
    on_gpu = replace(options, device="cuda")
    assert options.networks_at_once() == 1
    assert on_gpu.networks_at_once() == 64
    assert replace(on_gpu, together=1).networks_at_once() == 1
    assert "--together" not in options.command()
    assert "--device cuda --together 64 " in on_gpu.command()


def test_every_option_reaches_the_search(monkeypatch):
    seen = []
    monkeypatch.setattr("hpanalysis.experiments.command.train", lambda options: seen.append(options) or 0)
    words = ("--datasets", "a,b", "--images", "pictures", "--epochs", "3", "--seed", "7", "--device", "cuda:1")
    more = ("--jobs", "2", "--together", "5", "--scheduler", "tcp://host:1", "--save-every", "9", "--export")
    main("cnn", "--runs", "5", "--out", "sweep", *words, *more)
    main("cnn", "--runs", "5", "--out", "sweep")
    assert seen == [
        TrainOptions(
            **{"runs": 5, "out": "sweep", "datasets": "a,b", "images": "pictures", "epochs": 3, "seed": 7, "jobs": 2},
            **{"device": "cuda:1", "together": 5, "scheduler": "tcp://host:1", "save_every": 9, "export": True},
        ),
        TrainOptions(runs=5, out="sweep"),
    ]


@pytest.mark.train
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--datasets", "dogs"), "there is no data set 'dogs'"),
        (("--datasets", ","), "--datasets is ','"),
        (("--epochs", "0"), "--epochs is 0"),
        (("--device", "abacus"), "the device 'abacus' cannot be used"),
        (("--jobs", "0"), "jobs is 0"),
        (("--images", "nowhere"), "'nowhere' is not a folder"),
        (("--together", "0"), "--together is 0"),
    ],
)
def test_what_cannot_be_trained_is_refused_and_nothing_written(tmp_path, words, message):
    pytest.importorskip("torch", reason="needs the extra `train`")
    with pytest.raises(UserError, match=message):
        main("cnn", "--runs", "1", "--out", str(tmp_path / "out"), *words)
    assert not (tmp_path / "out").exists()


@pytest.mark.train
def test_digits_killed_and_continued_end_as_if_nothing_had_happened(tmp_path):
    pytest.importorskip("torch", reason="needs the extra `train`")
    words = ["cnn", "--runs", "8", "--datasets", "digits", "--epochs", "2", "--out"]
    assert run(*words, str(tmp_path / "whole")).returncode == 0
    for seconds in (3.0, 3.5):
        process = subprocess.Popen(
            [sys.executable, "-m", "hpanalysis.experiments", *words, str(tmp_path / "killed")],
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    done = run(*words, str(tmp_path / "killed"))
    assert done.returncode == 0 and "8 runs in" in done.stdout
    import pandas as pd

    tables = [pd.read_csv(tmp_path / name / "runs.csv").drop(columns="seconds") for name in ("whole", "killed")]
    pd.testing.assert_frame_equal(*tables)


@pytest.mark.train
def test_groups_killed_and_continued_end_as_if_nothing_had_happened(tmp_path):
    pytest.importorskip("torch", reason="needs the extra `train`")
    words = ["cnn", "--runs", "8", "--datasets", "digits", "--epochs", "1", "--together", "5", "--out"]
    assert run(*words, str(tmp_path / "whole")).returncode == 0
    journal = tmp_path / "killed" / "journal.jsonl"
    process = subprocess.Popen(
        [sys.executable, "-m", "hpanalysis.experiments", *words, str(tmp_path / "killed")],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    end = time.monotonic() + 120
    while not (journal.is_file() and journal.read_bytes().count(b"\n") >= 3):
        assert process.poll() is None and time.monotonic() < end, "the search ended before it was killed"
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert run(*words, str(tmp_path / "killed")).returncode == 0
    import pandas as pd

    tables = [pd.read_csv(tmp_path / name / "runs.csv").drop(columns="seconds") for name in ("whole", "killed")]
    pd.testing.assert_frame_equal(*tables)
    assert len(tables[0]) == 8 and (tables[0]["together"] > 1).any()
    refused = run(*words[:-3], "--out", str(tmp_path / "whole"))
    assert refused.returncode == 2 and "holds a search with together=" in refused.stderr


@pytest.mark.train
def test_a_disk_without_room_is_one_line_and_the_search_continues_when_there_is_some(tmp_path):
    pytest.importorskip("torch", reason="needs the extra `train`")
    pytest.importorskip("resource", reason="this system has no limit on the size of files")
    words = ["cnn", "--runs", "6", "--datasets", "digits", "--epochs", "1", "--out"]
    full = run(*words, str(tmp_path / "full"), room=4500)
    assert full.returncode == 2 and "Traceback" not in full.stderr
    last = full.stderr.strip().splitlines()[-1]
    assert last.startswith("hpanalysis: ") and "cannot be written (File too large); make room" in last
    done = (tmp_path / "full" / "journal.jsonl").read_bytes().count(b"\n") - 1
    assert 0 < done < 6
    assert run(*words, str(tmp_path / "full")).returncode == 0
    assert run(*words, str(tmp_path / "whole")).returncode == 0
    import pandas as pd

    tables = [pd.read_csv(tmp_path / name / "runs.csv").drop(columns="seconds") for name in ("whole", "full")]
    pd.testing.assert_frame_equal(*tables)


@pytest.mark.train
def test_a_bad_image_file_is_one_line_and_nothing_is_written(tmp_path):
    pytest.importorskip("torch", reason="needs the extra `train`")
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "cifar10.npz").write_bytes(b"PK\x03\x04 torn")
    words = ["cnn", "--runs", "2", "--datasets", "digits,cifar10", "--images", str(tmp_path / "images")]
    done = run(*words, "--out", str(tmp_path / "out"))
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "cifar10.npz cannot be read as images" in done.stderr and "make it again" in done.stderr
    assert not (tmp_path / "out").exists()


def test_dense_networks_are_searched_from_the_command_line_and_continued(tmp_path):
    words = ("dense", "--target", "runge", "--out", str(tmp_path), "--runs")
    assert main(*words, "3") == 0
    first = (tmp_path / "runs.csv").read_text().splitlines()
    assert main(*words, "5") == 0
    assert (tmp_path / "runs.csv").read_text().splitlines()[:4] == first and len(first) == 4
    sweep = hp.read(tmp_path / "runs.csv")
    assert sweep.metric == "log10_rmse" and sweep.space == DENSE
    command = sweep.about["command"]
    assert command == f"hpanalysis train dense --target runge --seed 0 --out {tmp_path.name} --runs 5"


def test_an_unknown_target_is_one_sentence(tmp_path):
    with pytest.raises(UserError, match="there is no target 'sinc'; choose one of runge, bateman"):
        main("dense", "--target", "sinc", "--runs", "1", "--out", str(tmp_path))
