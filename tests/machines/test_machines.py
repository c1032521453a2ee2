"""The same bytes on another processor? Two settings that differ in all; `make test-machines` runs every one."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from tests.machines.numbers import SHORT, TOYS, sweep_of
from tests.machines.run import ROOT, differences, publish_all
from tests.machines.settings import KERNELS, Setting, kernels, pair, settings


@pytest.fixture(scope="module")
def published():
    return publish_all([(setting, "short", "shipped", "conditional") for setting in pair()], 2)


def test_findings_claims_and_answers_are_the_same_bytes(published):
    first, other = published
    assert len(json.loads(first.texts["shipped, findings.json"])["findings"]) > 20
    assert len(first.texts) > 4 * len(SHORT)
    assert sum("too few" not in text for text in first.texts.values()) > 3 * len(SHORT)
    assert not differences(first, other)


@pytest.mark.parametrize("name", TOYS)
def test_every_sweep_that_make_test_machines_looks_at_can_be_made(name):
    assert len(sweep_of(name)) >= 300


@pytest.mark.skipif(not kernels(), reason="this processor has no kernels but its own")
def test_the_two_settings_really_compute_by_other_code(published):
    first, other = published
    assert first.ran_as["threads"] == [1] and other.ran_as["threads"] == [min(2, os.cpu_count() or 1)]
    assert other.ran_as["numpy"] == []
    if "SkylakeX" in kernels():
        assert (first.ran_as["kernel"], other.ran_as["kernel"]) == (["Haswell"], ["SkylakeX"])
        assert first.ran_as["numpy"] and first.ran_as["exp of numpy"] != other.ran_as["exp of numpy"]
        assert first.ran_as["libm"] != other.ran_as["libm"]


def test_a_number_that_differs_is_found_and_named(published):
    first, _ = published
    name = "shipped, findings.json"
    text = first.texts[name]
    at = next(i for i in range(len(text) // 2, len(text)) if text[i] in "12345678")
    wrong = replace(first, texts=first.texts | {name: text[:at] + "9" + text[at + 1 :]})
    assert name in differences(first, wrong)[0]


def test_coarse_rounding_is_seen_before_it_is_settled():
    """The settings that stand for unknown processors move what they should move."""
    code = "import numpy as np; from tests.machines.shaken import shake; a = np.diag([1.0, 1.0, 2.0]); shake({}); "
    code += "v = np.linalg.eigh(a)[1]; print(np.abs(v @ v.T - np.eye(3)).max() < 1e-14, v.round(6).tolist())"
    told = [
        subprocess.run([sys.executable, "-c", code.format(seed)], cwd=ROOT, capture_output=True, text=True).stdout
        for seed in (1, 2)
    ]
    assert told[0] != told[1] and all(text.startswith("True") for text in told)


def test_settings_leave_out_what_the_machine_was_told_and_hold_each_kernel(monkeypatch):
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Nehalem")
    monkeypatch.setenv("OPENBLAS_L2_SIZE", "512")
    environment = Setting("Haswell", 2).environment()
    assert environment["OPENBLAS_CORETYPE"] == "Haswell" and environment["OPENBLAS_NUM_THREADS"] == "2"
    assert "OPENBLAS_L2_SIZE" not in environment and "GLIBC_TUNABLES" not in environment
    held = Setting("Haswell", 1, plain=True).environment()
    assert "-AVX2" in held["GLIBC_TUNABLES"] and "-FMA" in held["GLIBC_TUNABLES"]
    assert {setting.kernel for setting in settings()} == set(kernels() or [""]) <= {*KERNELS, ""}
