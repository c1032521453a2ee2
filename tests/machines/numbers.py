"""What does a process publish of a sweep? Run as ``python -m tests.machines.numbers HOW FILE SUBJECT ...``.

Writes a JSON object: ``ran_as`` tells by which code the process computed, ``texts`` what a reader gets, name by name.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import hpanalysis as hp  # noqa: E402
from hpanalysis import toys  # noqa: E402
from tests.machines.shaken import shake, shaken  # noqa: E402

SHIPPED = ROOT / "data" / "cnn" / "runs.csv"
# A toy of each way in which numbers arise: adaptive search, conditions, failures with an interaction and repeats.
TOYS: dict[str, Callable[[], hp.Sweep]] = {
    "adaptive": lambda: toys.make(toys.ADAPTIVE, 300, 3),
    "conditional": lambda: toys.make(toys.CONDITIONAL, 400, 5),
    "repeats": lambda: toys.make(replace(toys.SURVIVORSHIP, interaction=3.0, repeats=2), 400, 7),
}
SWEEPS = ("shipped", *TOYS)
# What a short look asks of a toy: every way to draw, to search and to smooth, at a tenth of the time.
SHORT = (
    "contrast",
    "interaction",
    "interactions",
    "best_runs",
    "winner",
    "tuned_contrast",
    "next_space",
    "curve of learning_rate by optimizer",
    "importance by ols",
    "importance by hsic",
)
# Seed of coarse rounding, 0 for none.
SHAKEN = 0
NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))


def sweep_of(name: str) -> hp.Sweep:
    """A sweep by its name, its metric shaken if this process rounds coarsely."""
    sweep = hp.read(SHIPPED) if name == "shipped" else TOYS[name]()
    return shaken(sweep, SHAKEN) if SHAKEN else sweep


def findings(name: str) -> Iterator[tuple[str, str]]:
    """What is said of a sweep: the bytes of findings.json and of claims.csv, and what a terminal shows."""
    from hpanalysis.reporting.notebooks.parameters import load_notebooks
    from hpanalysis.reporting.site.claims import claims_csv
    from hpanalysis.reporting.site.listing import as_text, tell
    from hpanalysis.reporting.site.study import Study, findings_json

    told = tell(Study(name, name, sweep_of(name)), load_notebooks(ROOT / "notebooks"))
    yield "findings.json", findings_json([told])
    yield "claims.csv", claims_csv(told.inquiry)
    yield "terminal", as_text(told.study, told.findings)


def questions(sweep: hp.Sweep) -> dict[str, Callable[[], object]]:
    """What the notebooks ask, and more of it: name -> how to ask."""
    levels = [h.name for h in sweep.space if h.has_levels and h.name != "optimizer"]
    asked: dict[str, Callable[[], object]] = {
        "check": lambda: hp.check(sweep),
        "by_level": lambda: hp.by_level(sweep),
        "learning_curve": lambda: hp.learning_curve(sweep, "optimizer"),
        "learning_curve of slices": lambda: hp.learning_curve(sweep, "learning_rate"),
        "power": lambda: hp.power(sweep),
        "contrast": lambda: hp.contrast(sweep, "optimizer"),
        "contrast of slices": lambda: hp.contrast(sweep, "learning_rate"),
        "contrast by another": lambda: hp.contrast(sweep, "optimizer", by=levels[0]),
        "contrast by chance": lambda: hp.contrast(sweep.permuted(0), "optimizer"),
        "interaction": lambda: hp.interaction(sweep, "optimizer", levels[0], tune="learning_rate"),
        "effect_modifiers": lambda: hp.effect_modifiers(sweep, "optimizer"),
        "interactions": lambda: hp.interactions(sweep, by="dataset"),
        "trend": lambda: hp.trend(sweep, next(h.name for h in sweep.space if h.ordered)),
        "omnibus_tests": lambda: hp.omnibus_tests(sweep),
        "disagreement": lambda: hp.disagreement(sweep),
        "best_runs": lambda: hp.best_runs(sweep),
        "winner": lambda: hp.winner(sweep, count=5),
        "best_of_k": lambda: hp.best_of_k(sweep),
        "tuned_contrast": lambda: hp.tuned_contrast(sweep, "optimizer"),
        "next_space": lambda: hp.next_space(sweep),
        "next_space with another seed": lambda: hp.next_space(sweep, k=5, rng=1),
    }
    for h in sweep.space:
        if h.ordered:
            asked[f"curve of {h.name}"] = lambda name=h.name: hp.curve(sweep, name)
            asked[f"curve of {h.name} by optimizer"] = lambda name=h.name: hp.curve(sweep, name, by="optimizer")
    for measure in ("correlation", "ols", "forest", "permutation", "fanova", "anova", "hsic", "best_of_k"):
        asked[f"importance by {measure}"] = lambda m=measure: hp.importance(sweep, measure=m, by="pooled")
    for measure in ("anova", "hsic"):
        for of in ("rank", "fail"):
            asked[f"importance by {measure} of {of}"] = lambda m=measure, o=of: hp.importance(
                sweep, measure=m, of=o, by="pooled"
            )
    return asked


def short(name: str) -> Iterator[tuple[str, str]]:
    """Findings, and of a toy a few answers."""
    yield from findings(name)
    if name in TOYS:
        asked = questions(sweep_of(name))
        yield from _answers({question: asked[question] for question in SHORT})


def everything(name: str) -> Iterator[tuple[str, str]]:
    """Findings, and every answer."""
    yield from findings(name)
    yield from _answers(questions(sweep_of(name)))


def _answers(asked: dict[str, Callable[[], object]]) -> Iterator[tuple[str, str]]:
    """Every answer as a table, as sentences, as findings and as a file."""
    for question, ask in asked.items():
        try:
            answer = ask()
        except hp.UserError as error:
            yield question, str(error)
            continue
        shown = (hp.table, hp.findings, hp.summary) if question != "check" else (hp.table, hp.summary)
        for tell in shown:
            yield f"{question}: {tell.__name__}", _told(tell, answer)
        with tempfile.TemporaryDirectory() as folder:
            hp.save_tables(folder, answer=answer)
            yield f"{question}: csv", (Path(folder) / "answer.csv").read_text(encoding="utf-8")


def _told(tell: Callable[[object], object], answer: object) -> str:
    try:
        return repr(tell(answer))
    except hp.UserError as error:
        return str(error)


def notebook(name: str) -> Iterator[tuple[str, str]]:
    """The texts that the code cells of a notebook show, run as they are; pictures apart."""
    import nbformat
    from nbclient import NotebookClient

    path = ROOT / "notebooks" / f"{name}.ipynb"
    book = nbformat.read(path, as_version=4)
    NotebookClient(
        book, kernel_name="python3", timeout=1200, resources={"metadata": {"path": str(path.parent)}}
    ).execute()
    for number, cell in enumerate(book.cells):
        shown = [output.get("text", "") for output in cell.get("outputs", [])]
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            shown += ["".join(data[kind]) for kind in sorted(data) if kind.startswith("text/")]
        if any(shown):
            yield f"cell {number}", "\n".join(shown)


WAYS = {"short": short, "everything": everything, "notebook": notebook}


def ran_as() -> dict[str, object]:
    """By which code this process computes: kernels, threads, numpy's instructions, and the last bits of libm."""
    import numpy as np
    import scipy.linalg  # noqa: F401  (has an OpenBLAS of its own)
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__
    from threadpoolctl import threadpool_info

    blas = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    x = [0.1 + 0.00037 * i for i in range(50_000)]
    bits = b"".join(struct.pack("4d", math.exp(v), math.log(v), math.atan(v), v**1.37) for v in x)
    return {
        "kernel": sorted({str(pool.get("architecture")) for pool in blas}),
        "threads": sorted({int(pool["num_threads"]) for pool in blas}),
        "numpy": [name for name in __cpu_dispatch__ if __cpu_features__.get(name)],
        "exp of numpy": hashlib.sha256(np.exp(np.array(x)).tobytes()).hexdigest()[:12],
        "libm": hashlib.sha256(bits).hexdigest()[:12],
    }


def main() -> None:
    """Compute and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("how", choices=list(WAYS))
    parser.add_argument("file", type=Path)
    parser.add_argument("--shaken", type=int, default=0, metavar="SEED", help="round coarsely, by a seed")
    parser.add_argument("subjects", nargs="+", choices=(*SWEEPS, *NOTEBOOKS))
    arguments = parser.parse_args()
    if arguments.shaken:
        global SHAKEN
        SHAKEN = arguments.shaken
        shake(SHAKEN)
    texts = {f"{name}, {key}": text for name in arguments.subjects for key, text in WAYS[arguments.how](name)}
    arguments.file.write_text(json.dumps({"ran_as": ran_as(), "texts": texts}), encoding="utf-8")


if __name__ == "__main__":
    main()
