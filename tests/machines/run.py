"""Are the numbers the same on every machine? ``make test-machines``: every setting that this processor can run.

Prints a table of settings and whether each published the same bytes as the first; the exit code tells whether all did.
"""

from __future__ import annotations

import argparse
import difflib
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.machines.numbers import NOTEBOOKS, SWEEPS  # noqa: E402
from tests.machines.settings import Setting, pair, settings  # noqa: E402


@dataclass(frozen=True)
class Published:
    """What a process published, and by which code it computed."""

    setting: Setting
    subjects: tuple[str, ...]
    texts: dict[str, str]
    ran_as: dict[str, object]


def publish(setting: Setting, how: str, *subjects: str) -> Published:
    """Run `tests.machines.numbers` as another processor would."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "published.json"
        command = [sys.executable, "-m", "tests.machines.numbers", how, str(path), *subjects]
        command += ["--shaken", str(setting.shaken)]
        # Kernels of notebooks start elsewhere: they too compute with this copy.
        environment = setting.environment() | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{subjects} as {setting}: {done.stderr[-3000:]}")
        found = json.loads(path.read_text(encoding="utf-8"))
    return Published(setting, subjects, found["texts"], found["ran_as"])


def publish_all(asked: Sequence[tuple], jobs: int) -> list[Published]:
    """Run several processes at a time, the results in the order asked."""
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda one: publish(*one), asked))


def differences(first: Published, other: Published) -> list[str]:
    """What differs between two of the same subjects, a few lines a text; nothing where all bytes are equal."""
    out = []
    for name in sorted(first.texts | other.texts):
        a, b = first.texts.get(name, ""), other.texts.get(name, "")
        if a != b:
            lines = difflib.unified_diff(a.splitlines(), b.splitlines(), n=0, lineterm="")
            out.append(f"{name}, as {other.setting}:")
            out += [f"    {line[:200]}" for line in lines if not line.startswith(("---", "+++", "@@"))][:6]
    return out


def main(argv: Sequence[str] | None = None) -> int:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="processes at a time (default 2)")
    parser.add_argument("--subject", action="append", choices=(*SWEEPS, *NOTEBOOKS), help="only this; may be repeated")
    arguments = parser.parse_args(argv)
    wrong = []
    for name in arguments.subject or [*SWEEPS, *NOTEBOOKS]:
        how, tried = ("everything", settings()) if name in SWEEPS else ("notebook", pair())
        found = publish_all([(setting, how, name) for setting in tried], arguments.jobs)
        print(f"\n{name}: {len(found[0].texts)} texts, {sum(map(len, found[0].texts.values())):,} characters")
        width = max(len(str(setting)) for setting in tried)
        for one in found:
            told = differences(found[0], one)
            wrong += told
            by = ", ".join(
                f"{key} {'/'.join(map(str, v)) or 'baseline'}" for key, v in one.ran_as.items() if type(v) is list
            )
            status = "differs" if told else "equal"
            print(f"  {one.setting!s:<{width}}  {status}  ({by}; libm {one.ran_as['libm']})", flush=True)
    print("\n".join(["", *wrong]) if wrong else "\nThe same bytes under every setting.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
