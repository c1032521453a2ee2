"""Measure what the statements of the package are worth, and write docs/calibration.json and docs/calibration.md.

Run by ``make calibration``. What is in the store already is not measured again, so that it resumes, unless the
statistics have changed since (`VERSION`); ``--again`` does.
"""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.calibration.cell import VERSION, Cell, Task
from tests.calibration.cells import absent, topics
from tests.calibration.page import keep, load, save


def measure(task: Task, sweeps: int | None) -> list[Cell]:
    """Run one task, in a process of its own."""
    return task.measure(sweeps)


def chosen(names: list[str], again: bool, text: str = "") -> list[tuple[str, Task]]:
    """The tasks to run with their topics, those whose name holds a text."""
    done = load()
    out = []
    for topic in names:
        reason = absent(topic)
        if reason:
            print(f"{topic} is left out: {reason}", flush=True)
            continue
        known = {name for name, cells in done.get(topic, {}).items() if all(c.version == VERSION for c in cells)}
        tasks = [t for t in topics()[topic].TASKS if text in t.name and (again or t.name not in known)]
        out += [(topic, task) for task in tasks]
    return out


def main(argv: list[str] | None = None) -> int:
    """Measure and write; the exit code tells whether every cell that was measured now holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--topic", action="append", choices=list(topics()), help="only this topic; may be repeated")
    parser.add_argument("--task", default="", help="only tasks whose name holds this text, such as twins")
    parser.add_argument("--quick", action="store_true", help="a twentieth of the sweeps, written nowhere")
    parser.add_argument("--again", action="store_true", help="measure also what is in the store")
    parser.add_argument("--jobs", type=int, default=1, help="worker processes (default 1)")
    args = parser.parse_args(argv)
    tasks = chosen(args.topic or list(topics()), args.again or args.quick, args.task)
    cells: list[Cell] = []
    with ProcessPoolExecutor(args.jobs, mp_context=get_context("spawn")) as pool:
        running = {
            pool.submit(measure, task, max(task.sweeps // 20, 5) if args.quick else None): (topic, task)
            for topic, task in tasks
        }
        for future in as_completed(running):
            topic, task = running[future]
            found = future.result()
            cells += found
            print(f"{topic}: {task.name}, {sum(c.seconds for c in found):.0f} CPU s", flush=True)
            for c in found:
                if not c.holds:
                    print(f"    {c.verdict}: {c.rate:.3f} of {c.sweeps}, {c.statement}", flush=True)
            if not args.quick:
                keep(topic, task.name, found)
    if not args.quick:
        save(load())
    print(f"{sum(c.holds for c in cells)} of {len(cells)} cells reach their band", flush=True)
    return int(not all(c.holds for c in cells))


if __name__ == "__main__":
    sys.exit(main())
