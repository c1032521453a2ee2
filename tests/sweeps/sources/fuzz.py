"""Files that nobody should send, made from a number, and what becomes of them in a process with limits.

``python tests/sweeps/sources/fuzz.py 2000 > docs/sources.md`` writes how it went, kind by kind.
"""

import gzip
import importlib.util
import json
import os
import pickle
import resource
import shutil
import signal
import sqlite3
import struct
import sys
import tempfile
import traceback
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

_spec = importlib.util.spec_from_file_location("planted_stores", Path(__file__).with_name("stores.py"))
stores = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(stores)

GIB = 2**30
CANARY = "CODE-WAS-RUN"
CODE = f"__import__('os').system('touch {CANARY}')"
RUNS = stores.planted(14, 5)
SECONDS = 60


class Payload:
    """A pickle that leaves a file behind when it is opened."""

    def __reduce__(self):
        return os.system, (f"touch {CANARY}",)


# --- what is done to the bytes of an honest file


def truncated(data, rng):
    return data[: int(rng.integers(0, len(data) + 1))]


def flipped(data, rng):
    out = bytearray(data)
    for at in rng.integers(0, max(len(out), 1), size=int(rng.integers(1, 40))):
        if out:
            out[at] = rng.integers(256)
    return bytes(out)


def shuffled(data, rng):
    parts = [data[i : i + 64] for i in range(0, len(data), 64)]
    rng.shuffle(parts)
    return b"".join(parts)


def stretched(data, rng):
    at = int(rng.integers(0, len(data) + 1))
    return data[:at] + bytes(rng.integers(0, 256, size=int(rng.integers(1, 5000)), dtype=np.uint8)) + data[at:]


def retyped(data, rng):
    """Values of JSON, CSV and YAML replaced by others, with the marks around them left."""
    new = [b"null", b"[]", b"{}", b'"x"', b"-1e999", b"NaN", b"true", b"1e400", b"9" * 5000, CODE.encode(), b"[[[]]]"]
    out = data
    for _ in range(int(rng.integers(1, 6))):
        marks = [i for i, byte in enumerate(out[:20000]) if byte in b":,"]
        if not marks:
            break
        at = marks[int(rng.integers(len(marks)))] + 1
        end = next((i for i in range(at, len(out)) if out[i] in b",}]\n"), len(out))
        out = out[:at] + new[int(rng.integers(len(new)))] + out[end:]
    return out


DAMAGES = (truncated, flipped, shuffled, stretched, retyped)


def damaged_store(folder, rng):
    """An honest store of any tracker, of which one to all files are damaged."""
    name = sorted(stores.KINDS)[int(rng.integers(len(stores.KINDS)))]
    path = stores.write(name, folder, RUNS)
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    share = [1 / len(files), 0.3, 1.0][int(rng.integers(3))]
    damage = DAMAGES[int(rng.integers(len(DAMAGES)))]
    for file in files:
        if rng.random() <= share:
            file.write_bytes(damage(file.read_bytes(), rng))
    return path


def damaged_table(folder, rng):
    frame = stores.table_of(RUNS)
    kind = ["csv", "csv.gz", "tsv", "parquet", "jsonl", "json", "xlsx"][int(rng.integers(7))]
    path = folder / f"runs.{kind}"
    if kind == "parquet":
        frame.to_parquet(path)
    elif kind in ("jsonl", "json"):
        frame.to_json(path, orient="records", lines=kind == "jsonl")
    elif kind == "xlsx":
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("xl/workbook.xml", "<workbook/>" * int(rng.integers(1, 100)))
    else:
        frame.to_csv(path, index=False, sep="\t" if kind == "tsv" else ",;"[int(rng.integers(2))])
    damage = DAMAGES[int(rng.integers(len(DAMAGES)))]
    path.write_bytes(damage(path.read_bytes(), rng))
    return path


# --- files that were made to do harm


def names_as_code(folder, rng):
    frame = stores.table_of(RUNS).rename(
        columns={"lr": CODE, "units": f"@{{{CODE}}}", "optimizer": "=cmd|' /C calc'!A0"}
    )
    frame["schedule"] = CODE
    path = folder / "runs.csv"
    frame.to_csv(path, index=False)
    return path


def cells_as_code(folder, rng):
    path = stores.wandb_project(folder, RUNS)
    frame = pd.read_csv(path)
    cell = [
        CODE,
        f"{{'lr': {CODE}}}",
        "{'lr': " + "(" * 20000 + "1",
        "{'lr': 1}" * 1000,
        "lambda: 0",
        "{**{}}",
        "{'a': 9**9**9}",
    ]
    frame.loc[::2, "config"] = cell[int(rng.integers(len(cell)))]
    frame.to_csv(path, index=False)
    return path


def a_pickle(folder, rng):
    name = [
        "runs.pkl",
        "runs.joblib",
        "runs.csv",
        "runs.json",
        "study.db",
        "runs.parquet",
        "run-a.wandb",
        "events.out.tfevents.1",
    ]
    path = folder / name[int(rng.integers(len(name)))]
    path.write_bytes(pickle.dumps(Payload(), protocol=int(rng.integers(0, 6))))
    return path


def yaml_with_tags(folder, rng):
    path = stores.lightning(folder, RUNS)
    laughs = "a: &a [x, x, x, x, x, x, x, x]\n" + "".join(
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    )
    texts = [
        f"lr: !!python/object/apply:os.system ['touch {CANARY}']\n",
        f"!!python/object/new:os.system ['touch {CANARY}']\n",
        laughs,
        "lr: " + "[" * 30000,
        "? [a, b]\n: {c: d}\nlr: 0.1\n",
        "lr: 0.1\n" * 3,
        "- 1\n- 2\n",
    ]
    for file in path.rglob("hparams.yaml"):
        file.write_text(texts[int(rng.integers(len(texts)))])
    return path


def nested_json(folder, rng):
    deep = "[" * 200_000 if rng.random() < 0.5 else '{"a":' * 200_000
    name = ["runs.json", "runs.jsonl", "ax.json", "journal.log", "cv.json"][int(rng.integers(5))]
    start = {
        "ax.json": '{"_type": "Client", "experiment": ',
        "journal.log": '{"op_code":0,"x":',
        "cv.json": '{"mean_fit_time": ',
    }
    (folder / name).write_text(start.get(name, "") + deep)
    return folder / name


def wide(folder, rng):
    columns = int(rng.choice([20_001, 30_000, 90_000]))
    names = [f"c{i}" for i in range(columns)]
    kind = int(rng.integers(3))
    if kind == 0:
        path = folder / "runs.csv"
        path.write_text(",".join(names) + "\n" + ",".join(["1"] * columns) + "\n")
    elif kind == 1:
        path = folder / "runs.jsonl"
        path.write_text(json.dumps(dict.fromkeys(names, 1)) + "\n")
    else:
        path = folder / "one" / "1"
        path.mkdir(parents=True)
        (path / "run.json").write_text('{"status": "COMPLETED"}')
        (path / "config.json").write_text(json.dumps(dict.fromkeys(names, 1)))
        path = path.parent
    return path


def bomb(folder, rng):
    """A small file that unpacks to more than may be read."""
    size = int(rng.choice([257, 320])) * 2**20
    kind = int(rng.integers(4))
    if kind < 2:
        path = folder / ["runs.csv.gz", "runs.jsonl.gz"][kind]
        # The parts of a gzip file may be packed one by one: the same one all along costs nothing to make.
        part = gzip.compress((b"0" if kind == 0 else b" ") * 2**20, compresslevel=1)
        path.write_bytes(gzip.compress(b"lr,val_acc\n") * (kind == 0) + part * (size // 2**20))
        return path
    path = folder / ("runs.xlsx" if kind == 2 else "syne/results.csv.zip")
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        name = "xl/worksheets/sheet1.xml" if kind == 2 else "results.csv"
        with file.open(name, "w") as member:
            for _ in range(size // 2**20):
                member.write(b"1" * 2**20)
    if kind == 3:
        (path.parent / "metadata.json").write_text("{}")
        return path.parent
    return path


def hostile_database(folder, rng):
    path = [stores.optuna_sqlite, stores.mlflow_database, stores.trackio][int(rng.integers(3))](folder, RUNS)
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS trial_id, x AS number FROM c"
    big = "zeroblob(400000000)"
    table = {"study.db": "trials", "mlflow.db": "params", "planted.db": "configs"}[path.name]
    column = {"study.db": "state", "mlflow.db": "value", "planted.db": "config"}[path.name]
    queries = [
        f"DROP TABLE {table}; CREATE VIEW {table} AS {endless}",
        # Of one row: of each it would fill the disk.
        f"UPDATE {table} SET {column} = {big} WHERE rowid = (SELECT MIN(rowid) FROM {table})",
        f"UPDATE {table} SET {column} = NULL",
        f"UPDATE {table} SET {column} = x'ff00ff'",
        f"UPDATE {table} SET {column} = -1e308",
        f"DELETE FROM {table}",
        f'ALTER TABLE {table} RENAME COLUMN {column} TO "x\'); DROP TABLE {table}; --"',
        f"CREATE TRIGGER t AFTER INSERT ON {table} BEGIN SELECT load_extension('{CANARY}'); END",
    ]
    with sqlite3.connect(path) as db:
        db.executescript(queries[int(rng.integers(len(queries)))])
    return path


def hostile_framing(folder, rng):
    """Lengths that are not there, and numbers of fields that nobody gave."""
    huge = struct.pack("<Q", int(rng.choice([2**20, 2**40, 2**63]))) + bytes(4)
    records = [
        stores.message((17, b"\xff" * int(rng.integers(1, 50)))),
        stores.varint(2**63) * 20,
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        stores.message((5, stores.message((1, stores.message((1, "lr"), (16, "[" * 100_000)))))),
        b"",
    ]
    record = records[int(rng.integers(len(records)))]
    if rng.random() < 0.5:
        path = folder / "run-a.wandb"
        path.write_bytes(stores.wandb_log([record] * int(rng.integers(1, 50))))
    else:
        path = folder / "events.out.tfevents.1"
        path.write_bytes(
            huge + record
            if rng.random() < 0.5
            else stores.event([(2, 1)]) + struct.pack("<QI", len(record), 0) + record + bytes(4)
        )
    return path


def odd_folder(folder, rng):
    """Links in a circle, a pipe, devices, names that are not text, thousands of folders."""
    kind = int(rng.integers(5))
    if kind == 0:
        (folder / "loop").symlink_to(folder)
        (folder / "runs.csv").symlink_to("/dev/zero")
    elif kind == 1:
        os.mkfifo(folder / "runs.csv")
        return [folder, folder / "runs.csv"][int(rng.integers(2))]
    elif kind == 2:
        path = folder
        for _ in range(60):
            path = path / "d"
            path.mkdir()
    elif kind == 3:
        os.mkdir(os.fsencode(folder) + b"/\xff\xfe")
        (folder / "version_0").mkdir()
    else:
        for i in range(300):
            (folder / f"version_{i}").mkdir()
            (folder / f"version_{i}" / "hparams.yaml").write_text("")
    return folder


def odd_table(folder, rng):
    texts = [
        "",
        "\n\n\n",
        "a" * 3_000_000,
        "lr,val_acc\n" + '"' + "x" * 200_000,
        "lr,val_acc\n" + "1,2,3,4,5\n" * 5,
        "lr,lr,val_acc\n1,2,3\n",
        "lr,val_acc\n" + "1e999,-1e999\n" * 5,
        "lr,val_acc\n" + "0x10,1_000\n" * 30,
        ",,,\n,,,\n",
        "val_acc\n" + "1\n" * 20,
        "\ufeff\ufefflr;val_acc\n1,5;2,5\n",
        "lr,val_acc\n" + "\x1b[31m1,\x1b]0;x\x07\n" * 20,
        "sep=;\nlr;val_acc\n" + "0.1;0.2\n" * 9,
    ]
    path = folder / ["runs.csv", "runs.tsv", "runs.json", "runs.jsonl"][int(rng.integers(4))]
    path.write_text(
        texts[int(rng.integers(len(texts)))],
        encoding=["utf-8", "utf-16", "latin-1"][int(rng.integers(3))],
        errors="replace",
    )
    return path


MADE = (
    names_as_code,
    cells_as_code,
    a_pickle,
    yaml_with_tags,
    nested_json,
    wide,
    hostile_database,
    hostile_framing,
    odd_folder,
    odd_table,
)


def maker_of(number):
    """What makes the file or folder of a number."""
    at = number % 20
    if at < 9:
        return damaged_store if at < 6 else damaged_table
    return bomb if number % 60 == 9 else MADE[at % len(MADE)]


def kind_of(number):
    """What the file of a number is called on the page."""
    return maker_of(number).__name__.replace("_", " ")


def make(number, folder):
    """The file or folder of a number."""
    return maker_of(number)(folder, np.random.default_rng(number))


# --- and what becomes of them


def listing(folder):
    out = {}
    for path, inner, names in os.walk(folder):
        for name in [*inner, *names]:
            about = os.lstat(os.path.join(path, name))
            out[os.path.join(path, name)] = (about.st_size, about.st_mtime_ns)
    return out


def read_in_a_fork(path, folder):
    """How reading ends in a process of its own: "read", "refused: sentence", or what should never happen."""
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(out)
        answer = "died"
        try:
            size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (size + 2 * GIB, size + 2 * GIB))
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 5))
            os.chdir(folder)
            signal.alarm(2 * SECONDS)
            answer = _read(path)
        except BaseException:
            answer = "traceback: " + traceback.format_exc(limit=-4)
        finally:
            with os.fdopen(into, "w", errors="replace") as file:
                file.write(answer)
            os._exit(0)
    os.close(into)
    with os.fdopen(out, errors="replace") as file:
        answer = file.read()
    _, status, usage = os.wait4(child, 0)
    if status != 0 or not answer:
        return f"killed by signal {status & 127}"
    if usage.ru_maxrss > 2 * 2**20:
        return f"took {usage.ru_maxrss / 2**20:.1f} GiB"
    return answer


def _read(path):
    from hpanalysis import UserError, read

    said = {"metric": "val_acc", "goal": "max", "results": "metrics.json"}
    if path.suffix in (".csv", ".json", ".jsonl", ".gz", ".tsv", ".parquet", ".xlsx", ".db", ".log"):
        del said["results"]
    try:
        sweep = read(path, **said)
        sweep.describe()
        if sweep.curves is not None:
            sweep.history  # noqa: B018 - reads the curves
    except UserError as error:
        return f"refused: {error}"
    return "read"


def wrong(answer):
    """What is wrong with an answer: empty for a sweep, or for one sentence."""
    if answer == "read":
        return ""
    sentence = answer.removeprefix("refused: ")
    if sentence == answer:
        return answer
    if "\n" in sentence or not sentence.endswith(".") or len(sentence) > 1000 or "Traceback" in sentence:
        return f"no sentence: {sentence[:300]!r}"
    return ""


def run(numbers):
    """Make and read the files of some numbers: (kind, answer, what is wrong) of each."""
    import pyarrow.parquet  # noqa: F401

    import hpanalysis.sweeps.sources  # noqa: F401 - loaded once, before the forks

    for number in numbers:
        # In memory where there is such a place: databases wait for the disk at every commit.
        folder = Path(tempfile.mkdtemp(prefix="fuzz", dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
        try:
            path, kind = make(number, folder), kind_of(number)
            before = listing(folder)
            answer = read_in_a_fork(path, folder)
            trouble = wrong(answer)
            if listing(folder) != before:
                trouble = trouble or "something was written"
            if trouble:
                print(f"{number} ({kind}): {trouble}", file=sys.stderr, flush=True)
            yield number, kind, answer, trouble
        finally:
            shutil.rmtree(os.fsencode(folder), ignore_errors=True)


def page(results):
    """The page that says how it went."""
    kinds = Counter(kind for _, kind, _, _ in results)
    read = Counter(kind for _, kind, answer, _ in results if answer == "read")
    bad = Counter(kind for _, kind, _, trouble in results if trouble)
    rows = [
        f"| {kind} | {n} | {read[kind]} | {n - read[kind] - bad[kind]} | {bad[kind]} |"
        for kind, n in sorted(kinds.items())
    ]
    text = f"""# Hostile and damaged files

What becomes of files that nobody should send: `make test-slow` reads {len(results):,} of them, `make test` the first
200. They are made from their numbers by `tests/sweeps/sources/fuzz.py`, honest stores of every tracker and tables among
them, damaged, and each is read in a process of its own, which may take 2 GiB and a minute. Wrong would be a traceback,
an end by a signal, more memory, code that was run, anything written, or a refusal that is not one sentence.

| kind | files | read as a sweep | refused in a sentence | wrong |
|---|---|---|---|---|
"""
    refused = len(results) - sum(read.values()) - sum(bad.values())
    rows.append(f"| all | {len(results):,} | {sum(read.values()):,} | {refused:,} | {sum(bad.values())} |")
    made = f"Made by `python tests/sweeps/sources/fuzz.py {len(results)} > docs/sources.md`."
    return text + "\n".join(rows) + f"\n\n{made}\n"


if __name__ == "__main__":
    results = list(run(range(int(sys.argv[1]))))
    print(page(results), end="")
