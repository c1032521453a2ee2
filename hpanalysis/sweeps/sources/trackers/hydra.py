"""How is a Hydra multirun read? N/.hydra/config.yaml, and beside it the file into which the program wrote results."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from hpanalysis.errors import UserError, choices, did_you_mean
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.runs import Status
from hpanalysis.sweeps.sources.plain.flat_yaml import flat_yaml
from hpanalysis.sweeps.sources.plain.guarded import bytes_if_there, csv_rows, json_lines, parse_json
from hpanalysis.sweeps.sources.plain.json_values import Dict, as_dict
from hpanalysis.sweeps.sources.plain.place import Place, folders
from hpanalysis.sweeps.sources.plain.records import Run, flat, tabulate, with_notes
from hpanalysis.sweeps.sources.plain.wanted import Wanted
from hpanalysis.sweeps.sources.trackers.syne_tune import cell

READABLE = (".json", ".yaml", ".yml", ".csv", ".jsonl")


def matches(place: Place) -> bool:
    """Whether a folder holds jobs 0, 1 and so on with .hydra/config.yaml."""
    jobs = [name for name in place.names if not name.startswith(".")][:20]
    return place.folder and any((place.path / name / ".hydra" / "config.yaml").is_file() for name in jobs)


def load(place: Place, wanted: Wanted) -> Table:
    """The table of the jobs, with the results in the file that the user names."""
    root, runs = f"{place.path}{os.sep}", []
    _check_results(place.path, wanted.results)
    for name in folders(place.path):
        config = flat_yaml(f"{root}{name}/.hydra/config.yaml")
        if config is not None:
            told = _results(f"{root}{name}{os.sep}{wanted.results}")
            status: Status = "complete" if told else "failed"
            runs.append(Run(int(name) if name.isdecimal() and len(name) < 18 else name, flat(config), told, status))
    note = f"Hydra: a job without {wanted.results} has failed; what was not varied is no hyperparameter."
    return with_notes(tabulate("Hydra multirun", runs), note)


def _check_results(path: Path, results: str | None) -> None:
    jobs = [path / name for name in folders(path) if (path / name / ".hydra").is_dir()][:200]
    files = Counter(entry.name for job in jobs for entry in os.scandir(job) if entry.is_file())
    able = [name for name, _ in files.most_common() if name.endswith(READABLE)]
    if results is not None and any((job / results).is_file() for job in jobs):
        return
    if results is not None:
        hint = did_you_mean(results, able)
        raise UserError(
            f"no job of {path.name} has the file {results!r}{hint}; choose one of {choices(able) or 'none'} with "
            "--results FILE."
        )
    if not able:
        raise UserError(
            f"the jobs of {path.name} hold no file with results that ends in one of {', '.join(READABLE)}; let the "
            "program write its metrics into one, such as metrics.json in the folder of the job."
        )
    raise UserError(
        f"{path.name} is a Hydra multirun, which does not say where the results are; name the file in the jobs' "
        f"folders, such as --results {able[0]}" + (f" (they hold {choices(able)})." if len(able) > 1 else ".")
    )


def _results(path: str) -> Dict:
    """The results in a file: a mapping, or the last line of a table; nothing where there is no file."""
    name = os.path.basename(path)
    if name.endswith((".yaml", ".yml")):
        return flat(flat_yaml(path) or {})
    data = bytes_if_there(path)
    if data is None:
        return {}
    if name.endswith(".jsonl"):
        lines = json_lines(data, name)
        return flat(as_dict(lines[-1] if lines else None))
    if name.endswith(".csv"):
        header, rows = csv_rows(data, name)
        return {key: cell(text) for key, text in zip(header, rows[-1], strict=True) if text} if rows else {}
    return flat(as_dict(parse_json(data, name)))
