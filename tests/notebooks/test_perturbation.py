"""Would a wrong estimator be noticed? Each is made 10 % wrong in a copy of the package, and every notebook that uses it
must then fail under nbval."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FIRST = ("00-the-sweep", "01-augmentation", "02-optimizer-batch-size", "03-activation")
MATTERS, PAIRS, BEST, NEXT = "04-what-matters", "05-interactions", "06-hsic", "07-winner-and-next"
SEARCH, STAGED, LEARNING = "08-search", "09-staged-tuning", "10-learning-curves"
ALL = (*FIRST, MATTERS, PAIRS, BEST, NEXT, SEARCH, STAGED, LEARNING)

# Module, function, what to do with its result, and the notebooks that show a number of it.
WRONG = {
    "differences of levels": (
        "statistics/differences.py",
        "compare",
        "replace(out, estimate=out.null + 1.1 * (out.estimate - out.null))",
        FIRST,
    ),
    "standard errors": ("statistics/differences.py", "compare", "replace(out, se=1.1 * out.se)", FIRST),
    "best of k, told on the test metric": (
        "statistics/chosen.py",
        "best_reported",
        "(1.1 * out[0], out[1])",
        FIRST[1:],
    ),
    "its variance": ("statistics/chosen.py", "best_reported", "(out[0], 1.1 * out[1])", FIRST[1:]),
    "best of k of the metric": ("statistics/best_of_k.py", "best_of_k", "(1.1 * out[0], out[1])", (NEXT,)),
    "the variance of that": ("statistics/best_of_k.py", "best_of_k", "(out[0], 1.1 * out[1])", (NEXT,)),
    "place of the best": ("questions/tuned_value.py", "values_by_cell", "1.1 * out", FIRST[2:3]),
    "mean of a cell": ("questions/interaction/cells.py", "_average", "(1.1 * out[0], *out[1:])", (*FIRST[2:], PAIRS)),
    "failures of a cell": (
        "questions/interaction/cells.py",
        "_failures",
        "out.assign(high=1.1 * out['high'])",
        FIRST[2:],
    ),
    "interaction test": (
        "statistics/score_tests/pairs.py",
        "act_together",
        "out._replace(statistic=1.1 * out.statistic, p=out.p**1.1)",
        (*FIRST[1:], PAIRS),
    ),
    "omnibus test": (
        "statistics/score_tests/omnibus.py",
        "matters",
        "out._replace(p=min(1.0, 1.1 * out.p))",
        FIRST[:1],
    ),
    "balance": ("statistics/association.py", "cramers_v", "out._replace(v=1.1 * out.v)", FIRST[:1]),
    "shares by design": (
        "statistics/variance/components.py",
        "variance_shares",
        "replace(out, share=1.1 * out.share)",
        (MATTERS,),
    ),
    "shares of a forest": (
        "statistics/variance/functional_anova.py",
        "effects",
        "replace(out, total=1.1 * out.total)",
        (MATTERS,),
    ),
    "dependence": ("statistics/hsic/dependence.py", "dependence", "replace(out, r2_v=1.1 * out.r2_v)", (BEST,)),
    "chance of dependence": (
        "statistics/hsic/permutation.py",
        "permutation_test",
        "replace(out, floor=1.1 * out.floor)",
        (BEST,),
    ),
    "noise of a run": (
        "statistics/winners_curse.py",
        "seed_noise",
        "out._replace(deviation=1.1 * out.deviation)",
        (NEXT,),
    ),
    "difference of searches": ("experiments/searches.py", "paired", "replace(out, mean=1.1 * out.mean)", (SEARCH,)),
    "its interval": ("experiments/searches.py", "paired", "replace(out, high=1.1 * out.high)", (SEARCH,)),
    "mean along training": (
        "statistics/mean_curves.py",
        "fit",
        "tuple(replace(place, estimate=1.1 * place.estimate) for place in out)",
        (LEARNING,),
    ),
    "limits along training": (
        "statistics/curve_bands.py",
        "bands",
        "replace(out, high_simultaneous=out.estimate + 1.1 * (out.high_simultaneous - out.estimate))",
        (LEARNING,),
    ),
    "early order": (
        "statistics/rank_agreement.py",
        "fit",
        "tuple(replace(place, estimate=1.1 * place.estimate) for place in out)",
        (LEARNING,),
    ),
    "chance of a draw": ("statistics/replays.py", "best_of_draws", "1.1 * out", (STAGED,)),
    "score of a winner": ("statistics/winners_curse.py", "shrunken", "1.1 * out", (NEXT,)),
}


def nbval(notebook: str, project: Path) -> subprocess.CompletedProcess:
    """Compare one committed notebook, run in a copy of the project."""
    environment = os.environ | {"PYTHONPATH": str(project), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env", "--nbval-cell-timeout=600"]
    command += ["--nbval-sanitize-with", str(ROOT / "tests" / "nbval.cfg"), "-p", "no:cacheprovider", "-o", "addopts="]
    command.append(str(project / "notebooks" / f"{notebook}.ipynb"))
    return subprocess.run(command, env=environment, cwd=project, capture_output=True, text=True)


@pytest.mark.parametrize("wrong", WRONG)
def test_every_estimator_is_where_it_is_looked_for(wrong):
    module, function, _, _ = WRONG[wrong]
    source = (ROOT / "hpanalysis" / module).read_text(encoding="utf-8")
    assert len(re.findall(rf"^def {function}\(", source, flags=re.MULTILINE)) == 1


@pytest.fixture
def copy(tmp_path):
    for name in ("hpanalysis", "notebooks", "data"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.jsonl"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("notebook", ALL)
def test_an_unchanged_copy_of_the_package_passes(copy, notebook):
    result = nbval(notebook, copy)
    assert result.returncode == 0, result.stdout[-2000:]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wrong", "notebook"), [(name, notebook) for name, (*_, notebooks) in WRONG.items() for notebook in notebooks]
)
def test_an_estimator_that_is_ten_percent_wrong_fails_the_notebook(copy, wrong, notebook):
    module, function, change, _ = WRONG[wrong]
    path = copy / "hpanalysis" / module
    source, found = re.subn(rf"^def {function}\(", f"def _right_{function}(", path.read_text(), flags=re.MULTILINE)
    assert found == 1
    source += f"\n\nfrom dataclasses import replace\n\n\ndef {function}(*args, **kwargs):\n"
    source += f"    out = _right_{function}(*args, **kwargs)\n    return {change} if out is not None else None\n"
    path.write_text(source)
    result = nbval(notebook, copy)
    assert result.returncode == 1, result.stdout[-2000:]
    assert "mismatch" in result.stdout.lower() or "failed" in result.stdout.lower()
