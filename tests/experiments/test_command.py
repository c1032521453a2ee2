"""The command line of the trainer: help that reads well, and one sentence for what cannot be done."""

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from hpanalysis.errors import UserError
from hpanalysis.experiments.command import add_arguments, command_of, main

ROOT = Path(__file__).resolve().parents[2]


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args(words)


def run(*words: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "hpanalysis.experiments", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


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
        "--scheduler",
        "--export",
    ):
        assert word in text
    assert "hpanalysis train cnn --runs 200" in text and "the same command\ncontinues" in text


def test_the_recorded_command_names_no_folder_of_this_machine():
    args = parse("cnn", "--runs", "5", "--out", "/elsewhere/sweep", "--images", "/data/pictures", "--datasets", "a,b")
    command = command_of(args, ("a", "b"))
    assert command == (
        "hpanalysis train cnn --datasets a,b --epochs 15 --seed 0 --device cpu "
        "--images IMAGES --out sweep --runs {runs}"
    )


def test_the_experiments_come_without_importing_torch():
    code = "import sys, hpanalysis.experiments, hpanalysis.experiments.command, hpanalysis.experiments.cnn;"
    done = subprocess.run([sys.executable, "-c", code + "sys.exit('torch' in sys.modules)"], cwd=ROOT)
    assert done.returncode == 0


def test_without_torch_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr("hpanalysis.experiments.cnn.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"pip install 'hpanalysis\[train\]'"):
        main(parse("cnn", "--runs", "1", "--out", str(tmp_path / "out")))
    assert not (tmp_path / "out").exists()


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
    ],
)
def test_what_cannot_be_trained_is_refused_and_nothing_written(tmp_path, words, message):
    pytest.importorskip("torch", reason="needs the extra `train`")
    with pytest.raises(UserError, match=message):
        main(parse("cnn", "--runs", "1", "--out", str(tmp_path / "out"), *words))
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
