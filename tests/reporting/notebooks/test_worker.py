"""Does a worker keep what matters of an executed notebook, and keep quiet?"""

import os
import subprocess
import sys

from hpanalysis.reporting.notebooks.worker import one_line, quiet_kernels, terminal_to


def test_a_message_is_told_on_one_line():
    assert one_line("\x1b[31mbad\x1b[0m \nmore") == "bad"
    assert one_line(KeyError()) == "KeyError" and one_line("") == ""
    assert len(one_line("x" * 500)) == 200 and one_line("x" * 500).endswith("…")


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
