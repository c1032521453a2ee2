"""Who takes part in the benchmark, and what does each do? One function a contestant, on the same table in memory.

Run as `python -m tests.benchmarks.contestants NAME --runs N` it prepares the table, calls the contestant once on a
small one, so that loading code does not count, and prints seconds and peak of memory as JSON: each in a process of its
own. With `--sweeps N --seconds S` it prints how often the ranking was right instead, in as many sweeps as time allows.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hpanalysis import hsic
from hpanalysis.design.target import top
from hpanalysis.questions.importance.ask import importance
from hpanalysis.sweeps.sweep import Sweep
from hpanalysis.toys.log_interaction import NULLS, log_interaction, ranked_right

BANDWIDTH = 0.3
# Of the kernel on "is among the best", 0 or 1: 1 on the diagonal and this beside it.
APART = float(np.exp(-0.5))
Scores = dict[str, float]


@dataclass(frozen=True)
class Table:
    """The runs that did not fail, as every contestant can take them.

    Attributes
    ----------
    sweep
        The whole sweep.
    names
        Of the columns.
    unit
        Positions in [0, 1] in the search measure, levels at (code + 1/2) / levels, shape (runs, columns).
    codes
        The same with codes for levels.
    score
        Higher is better, shape (runs,).
    """

    sweep: Sweep
    names: tuple[str, ...]
    unit: np.ndarray
    codes: np.ndarray
    score: np.ndarray

    @property
    def best(self) -> np.ndarray:
        """Whether a run is among the best tenth, shape (runs,)."""
        return self.score >= np.quantile(self.score, 0.9, method="higher")


def prepared(runs: int, seed: int) -> Table:
    """Draw a sweep of the toy with known truth."""
    sweep = log_interaction(runs, seed)
    unit, codes = [], []
    for h in sweep.space:
        values = sweep.values(h.name)[sweep.ok]
        code = h.codes(values) if h.has_levels else h.to_unit(values)
        codes.append(code)
        unit.append((code + 0.5) / len(h.levels) if h.has_levels else code)
    names = tuple(sweep.space.names)
    return Table(sweep, names, np.column_stack(unit), np.column_stack(codes).astype(float), sweep.score[sweep.ok])


def _kinds(table: Table) -> tuple[hsic.Continuous, ...]:
    return (hsic.Continuous(),) * len(table.names)


def ours_hsic(table: Table) -> Scores:
    """Index of every column at one bandwidth: the number that OpenTURNS gives."""
    found = hsic.goal_oriented(table.unit, -table.score, hsic.Goal(_kinds(table), bandwidth=BANDWIDTH))
    return dict(zip(table.names, found.index, strict=True))


def ours_hsic_searched(table: Table) -> Scores:
    """The same, normalised, at the bandwidth that shows most."""
    found = hsic.goal_oriented(table.unit, -table.score, hsic.Goal(_kinds(table)))
    return dict(zip(table.names, found.r2, strict=True))


def ours_hsic_permuted(table: Table) -> Scores:
    """The same with 100 permutations, each with a search of its own."""
    found = hsic.permutation_test(table.unit, -table.score, hsic.Goal(_kinds(table)), permutations=100, rng=0)
    return dict(zip(table.names, found.indices.r2, strict=True))


def ours_hsic_whole(table: Table) -> Scores:
    """HSIC with the whole metric: V, U, R2 and asymptotic p."""
    return dict(zip(table.names, hsic.dependence(table.unit, table.score).r2_v, strict=True))


def _openturns(table: Table, y: np.ndarray, h: float | None) -> object:
    import openturns as ot

    columns = [*(table.unit[:, j] for j in range(len(table.names))), y]
    scales = [BANDWIDTH if h else float(np.std(c, ddof=1)) for c in columns[:-1]] + [h or float(np.std(y, ddof=1))]
    kernels = ot.CovarianceModelCollection([ot.SquaredExponential([s], [1.0]) for s in scales])
    return ot.HSICEstimatorGlobalSensitivity(kernels, ot.Sample(table.unit), ot.Sample(y[:, None]), ot.HSICVStat())


def openturns_hsic(table: Table) -> Scores:
    """OpenTURNS on being among the best: its index is 2 (1 - e^-1/2) times that with the linear kernel."""
    found = _openturns(table, table.best.astype(float), 1.0).getHSICIndices()
    return dict(zip(table.names, np.array(found) / (2 * (1 - APART)), strict=True))


def openturns_hsic_permuted(table: Table) -> Scores:
    """The same with 100 permutations; at the given bandwidth."""
    estimator = _openturns(table, table.best.astype(float), 1.0)
    estimator.setPermutationSize(100)
    estimator.getPValuesPermutation()
    return dict(zip(table.names, np.array(estimator.getHSICIndices()), strict=True))


def openturns_hsic_whole(table: Table) -> Scores:
    """OpenTURNS on the whole metric, with its asymptotic p."""
    estimator = _openturns(table, table.score, None)
    estimator.getPValuesAsymptotic()
    return dict(zip(table.names, np.array(estimator.getR2HSICIndices()), strict=True))


def hyppo_hsic(table: Table) -> Scores:
    """hyppo's statistic, one column at a time, without its test."""
    from hyppo.independence import Hsic

    y = table.best.astype(float)[:, None]
    return {name: float(Hsic().statistic(table.unit[:, [j]], y)) for j, name in enumerate(table.names)}


def _study(table: Table) -> object:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sweep, space = table.sweep, table.sweep.space
    distributions: dict[str, object] = {}
    for h in space:
        if h.has_levels:
            distributions[h.name] = optuna.distributions.CategoricalDistribution(h.levels)
        elif h.kind == "integer":
            distributions[h.name] = optuna.distributions.IntDistribution(int(h.low), int(h.high), log=h.log)
        else:
            distributions[h.name] = optuna.distributions.FloatDistribution(h.low, h.high, log=h.log)
    columns = {name: sweep.values(name).tolist() for name in table.names}
    study = optuna.create_study(direction="maximize")
    for i, (ok, score) in enumerate(zip(sweep.ok, sweep.score, strict=True)):
        study.add_trial(
            optuna.trial.create_trial(
                params={name: columns[name][i] for name in table.names},
                distributions=distributions,
                value=float(score) if ok else None,
                state=optuna.trial.TrialState.COMPLETE if ok else optuna.trial.TrialState.FAIL,
            )
        )
    return study


def _optuna(evaluator: Callable[[], object]) -> Callable[[object], Scores]:
    def scores(study: object) -> Scores:
        import optuna

        return dict(optuna.importance.get_param_importances(study, evaluator=evaluator(), normalize=False))

    return scores


def _optuna_evaluator(name: str) -> Callable[[], object]:
    def evaluator() -> object:
        import optuna.importance as known

        made = getattr(known, name)
        return made() if name.startswith("Ped") else made(seed=0)

    return evaluator


def _fast_fanova() -> object:
    from optuna_fast_fanova import FanovaImportanceEvaluator

    return FanovaImportanceEvaluator(seed=0)


def sklearn_permutation(table: Table) -> Scores:
    """A random forest of 100 trees and 10 shuffles of each column, on a held-out third, in the search measure."""
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.inspection import permutation_importance

    held_out = np.arange(len(table.score)) % 3 == 0
    forest = RandomForestRegressor(100, random_state=0, n_jobs=1).fit(table.unit[~held_out], table.score[~held_out])
    found = permutation_importance(forest, table.unit[held_out], table.score[held_out], n_repeats=10, random_state=0)
    return dict(zip(table.names, found.importances_mean, strict=True))


def _ours(effect: str, **asked: object) -> Callable[[Table], tuple[Scores, bool]]:
    """A measure of this package through its public face, with floors: is a null told from noise?"""

    def scores(table: Table) -> tuple[Scores, bool]:
        found = importance(table.sweep, by="pooled", **asked)
        rows = found.frame[(found.frame["effect"] == effect) & (found.frame["scale"] == found.asked["scale"])]
        nulls = rows[rows["hyperparameter"].isin(NULLS)]
        above = bool((nulls["estimate"] > rows["floor"].max()).any())
        return dict(zip(rows["hyperparameter"], rows["estimate"], strict=True)), above

    return scores


def _itself(table: Table) -> Table:
    return table


@dataclass(frozen=True)
class Contestant:
    """One row of the table.

    Attributes
    ----------
    group
        Rows that answer the same question stand together.
    package
        Whose it is, as it is called on the package index.
    scores
        From what `data` makes to a score a hyperparameter; ours with whether a null lies above the largest floor.
    data
        Prepares what the contestant takes; not timed.
    orders
        Whether its order is looked at: not where another row has the same scores.
    """

    group: str
    package: str
    scores: Callable
    data: Callable[[Table], object] = _itself
    orders: bool = True


BEST, WHOLE, SHARES = "HSIC, among the best", "HSIC, whole metric", "importance"
CONTESTANTS = {
    "hsic, one bandwidth": Contestant(BEST, "hpanalysis", ours_hsic),
    "hsic, bandwidth searched": Contestant(BEST, "hpanalysis", ours_hsic_searched),
    "OpenTURNS HSIC": Contestant(BEST, "openturns", openturns_hsic),
    "hyppo Hsic": Contestant(BEST, "hyppo", hyppo_hsic),
    "hsic, searched, 100 permutations": Contestant(BEST, "hpanalysis", ours_hsic_permuted, orders=False),
    "OpenTURNS HSIC, 100 permutations": Contestant(BEST, "openturns", openturns_hsic_permuted, orders=False),
    "hsic, whole metric, asymptotic p": Contestant(WHOLE, "hpanalysis", ours_hsic_whole),
    "OpenTURNS HSIC, whole metric, asymptotic p": Contestant(WHOLE, "openturns", openturns_hsic_whole),
    "importance, fanova": Contestant(SHARES, "hpanalysis", _ours("total", measure="fanova")),
    "importance, anova (main effects)": Contestant(SHARES, "hpanalysis", _ours("main", measure="anova")),
    "importance, permutation": Contestant(SHARES, "hpanalysis", _ours("total", measure="permutation")),
    "importance, hsic of the best": Contestant(SHARES, "hpanalysis", _ours("main", measure="hsic", of=top(0.1))),
    "Optuna fANOVA": Contestant(SHARES, "optuna", _optuna(_optuna_evaluator("FanovaImportanceEvaluator")), _study),
    "Optuna PED-ANOVA": Contestant(SHARES, "optuna", _optuna(_optuna_evaluator("PedAnovaImportanceEvaluator")), _study),
    "Optuna mean decrease impurity": Contestant(
        SHARES, "optuna", _optuna(_optuna_evaluator("MeanDecreaseImpurityImportanceEvaluator")), _study
    ),
    "optuna-fast-fanova": Contestant(SHARES, "optuna-fast-fanova", _optuna(_fast_fanova), _study),
    "scikit-learn permutation": Contestant(SHARES, "scikit-learn", sklearn_permutation),
}


def scored(contestant: Contestant, data: object) -> tuple[Scores, bool | None]:
    """Scores, and whether a null lies above the largest floor where the contestant has floors."""
    found = contestant.scores(data)
    return found if isinstance(found, tuple) else (found, None)


def clocked(contestant: Contestant, runs: int) -> dict[str, object]:
    """Seconds of processor time of one call, peak of memory of the whole process in MB, and the scores."""
    contestant.scores(contestant.data(prepared(200, 1)))
    data = contestant.data(prepared(runs, 0))
    start = time.process_time()
    calls = 0
    # What takes milliseconds is called until it has taken some tenths of a second.
    while calls == 0 or time.process_time() - start < 0.3:
        scores, _ = scored(contestant, data)
        calls += 1
    seconds = (time.process_time() - start) / calls
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "megabytes": peak, "scores": scores}


def ranked(contestant: Contestant, runs: int, sweeps: int, seconds: float) -> dict[str, int]:
    """In how many sweeps the order by total effect was right, and a null above the largest floor."""
    start, done, right, above, floors = time.process_time(), 0, 0, 0, 0
    while done < sweeps and (done == 0 or time.process_time() - start < seconds):
        scores, beyond = scored(contestant, contestant.data(prepared(runs, 1000 + done)))
        full = {name: float(scores.get(name, 0.0)) for name in prepared(20, 0).names}
        done, right = done + 1, right + ranked_right(full)
        above, floors = above + bool(beyond), floors + (beyond is not None)
    return {"sweeps": done, "right": right, "above": above, "floors": floors}


def main() -> None:
    """Measure one contestant."""
    parser = argparse.ArgumentParser(description="Measure one contestant.")
    parser.add_argument("name", choices=list(CONTESTANTS))
    parser.add_argument("--runs", type=int, required=True)
    parser.add_argument("--sweeps", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=60.0)
    asked = parser.parse_args()
    warnings.filterwarnings("ignore")
    contestant = CONTESTANTS[asked.name]
    if asked.sweeps:
        result = ranked(contestant, asked.runs, asked.sweeps, asked.seconds)
    else:
        result = clocked(contestant, asked.runs)
    print(json.dumps(result))


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
