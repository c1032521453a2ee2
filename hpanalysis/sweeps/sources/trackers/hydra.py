"""How is a Hydra multirun read? N/.hydra/config.yaml, and beside it the file into which the program wrote results."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

from hpanalysis.errors import UserError, choices, did_you_mean
from hpanalysis.sweeps.reading.settings import Settings
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sources.plain.flat_yaml import flat_yaml
from hpanalysis.sweeps.sources.plain.guarded import bytes_if_there, csv_rows, json_lines, parse_json
from hpanalysis.sweeps.sources.plain.place import Place, folders
from hpanalysis.sweeps.sources.plain.records import Run, tabulate
from hpanalysis.sweeps.sources.plain.values import as_number, cell_of, flat

READABLE = (".json", ".yaml", ".yml", ".csv", ".jsonl")


def load(place: Place, said: Settings) -> Table:
    """The table of the jobs, with the results in the file that the user names."""
    root, runs, results = f"{place.path}{os.sep}", [], _results_file(place.path, said.results)
    for name in folders(place.path):
        config = flat_yaml(f"{root}{name}/.hydra/config.yaml")
        if config is not None:
            told = _results(f"{root}{name}{os.sep}{results}")
            runs.append(Run(as_number(name), config, told, "complete" if told else "failed"))
    return tabulate(runs, f"Hydra: a job without {results} has failed; what was not varied is no hyperparameter.")


def _results_file(path: Path, results: str | None) -> str:
    """The file with the results, which the user has to name."""
    jobs = [path / name for name in folders(path) if (path / name / ".hydra").is_dir()][:200]
    if results is not None and any((job / results).is_file() for job in jobs):
        return results
    files = Counter(entry.name for job in jobs for entry in os.scandir(job) if entry.is_file())
    able = [name for name, _ in files.most_common() if name.endswith(READABLE)]
    if results is not None:
        raise UserError(
            f"no job of {path.name} has the file {results!r}{did_you_mean(results, able)}; choose one of "
            f"{choices(able) or 'none'} with --results FILE."
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


def _results(path: str) -> dict[str, Any]:
    """The results in a file: a mapping, or the last line of a table; nothing where there is no file."""
    name, data = os.path.basename(path), bytes_if_there(path)
    if data is None:
        return {}
    if name.endswith(".csv"):
        header, rows = csv_rows(data, name)
        return {key: cell_of(text) for key, text in zip(header, rows[-1], strict=True) if text} if rows else {}
    if name.endswith(".jsonl"):
        return flat((list(json_lines(data, name)) or [{}])[-1])
    return flat(parse_json(data, name) if name.endswith(".json") else flat_yaml(path) or {})
