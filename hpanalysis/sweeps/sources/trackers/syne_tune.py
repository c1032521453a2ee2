"""How is a syne-tune experiment read? metadata.json has the space, a zipped table a row a report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.runs import Status
from hpanalysis.sweeps.sources.plain.guarded import Json, csv_rows, load_json, parse_json, read_bytes, unzip
from hpanalysis.sweeps.sources.plain.json_values import Dict, as_dict, as_list, curves_of
from hpanalysis.sweeps.sources.plain.place import Place
from hpanalysis.sweeps.sources.plain.records import Run, tabulate, with_curves, with_metric, with_notes
from hpanalysis.sweeps.sources.plain.spaces import Axis, among, between, emptied, with_space
from hpanalysis.sweeps.space import Level

# --- syne-tune: metadata.json beside a zipped table with a row a report


def is_syne(place: Place) -> bool:
    return place.has("metadata.json") and (place.has("results.csv.zip") or place.has("results.csv"))


SYNE_STATUS: dict[str, Status] = {
    "Completed": "complete",
    "Stopped": "stopped",
    "Stopping": "stopped",
    "Paused": "stopped",
    "Failed": "failed",
    "InProgress": "complete",
}


def syne(path: Path, study: str | None) -> Table:
    about = as_dict(load_json(path / "metadata.json"))
    zipped = path / "results.csv.zip"
    data = unzip(zipped, ".csv") if zipped.is_file() else read_bytes(path / "results.csv")
    header, rows = csv_rows(data, "results.csv")
    last: dict[str, dict[str, str]] = {}
    reports: list[tuple[Level, Json, Dict]] = []
    chosen_names = [n for n in header if n.startswith("config_")]
    told_names = [n for n in header if not n.startswith(("config_", "st_")) and n != "trial_id"]
    for row in rows:
        item = dict(zip(header, row, strict=True))
        trial = item.get("trial_id", "")
        last[trial] = item
        reports.append(
            (_trial(trial), (cell(item.get("st_worker_iter", "")) or 0), {n: cell(item[n]) for n in told_names})
        )
    names, mode = [str(n) for n in as_list(about.get("metric_names"))], about.get("metric_mode")
    runs = []
    for trial, item in last.items():
        chosen = {n.removeprefix("config_"): cell(item[n]) for n in chosen_names}
        # A report has the metric: an empty cell of it is what pandas makes of NaN.
        told: Dict = {n: cell(item[n] or ("nan" if n in names else "")) for n in told_names}
        runs.append(Run(_trial(trial), chosen, told, SYNE_STATUS.get(item.get("st_status", ""), "complete")))
    table = tabulate("syne-tune experiment", runs)
    space = about.get("config_space")
    axes = dict(_syne_axes(as_dict(parse_json(space, "config_space") if isinstance(space, str) else space)))
    table = with_space(table, axes)
    table = emptied(table, [name for name in table.space])
    mode = mode[0] if isinstance(mode, list) and mode else mode
    table = with_metric(table, names[0] if names else None, "max" if mode == "max" else "min")
    note = "syne-tune: trials that failed before their first report are not in its file; a failed one keeps its last."
    return with_notes(with_curves(table, lambda: curves_of(reports)), note)


def _trial(text: str) -> Level:
    return int(text) if text.isdecimal() and len(text) < 18 else text


def _syne_axes(space: Dict) -> Iterator[tuple[str, Axis | None]]:
    for name, value in space.items():
        said = as_dict(value)
        kind, args = said.get("domain_cls"), as_dict(said.get("domain_kwargs"))
        if kind in ("Categorical", "Ordinal", "OrdinalNearestNeighbor"):
            yield name, among(args.get("categories"), ordered=kind != "Categorical")
        elif kind in ("Integer", "Float"):
            log = "log" in str(said.get("sampler_cls")).lower()
            yield name, between(args.get("lower"), args.get("upper"), log=log, whole=kind == "Integer")


def cell(text: str) -> Json:
    """A cell of a table that a program wrote: a number, a truth value, text, or none."""
    if not text:
        return None
    try:
        return int(text) if text.lstrip("-").isdecimal() and len(text) < 18 else float(text)
    except ValueError:
        return {"True": True, "False": False}.get(text, text)
