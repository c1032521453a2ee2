"""What does a column name usually mean? Words, and how a name is split into them; the values have the last word."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split(", "))


# Written by trackers in front of what was chosen before a run.
CHOSEN_PREFIXES = (
    *("params.", "params/", "params_", "param_", "config.", "config/", "hparams.", "hparams/", "hp.", "hp/"),
    *("parameters.", "parameters/", "hyperparameters.", "hyperparameters/"),
)
# In front of what a tracker recorded during a run; nobody chose it before.
RECORDED_PREFIXES = ("metrics.", "metrics/", "summary.", "summary/", "user_attrs_", "system_attrs_")
PREFIXES = (*CHOSEN_PREFIXES, *RECORDED_PREFIXES)
# What a program calls the group of its settings: optimizer_params.momentum, cfg.model.depth, args/lr.
CONFIG_WORDS = _listed(
    "params, param, hparams, config, cfg, args, hyper, hyperparameters, hyperparams, settings, options"
)
# What trackers with groups call those of their measurements: eval/loss, rollout/ep_rew_mean, system/gpu.
RECORDED_GROUPS = _listed(
    "train, training, val, valid, validation, dev, eval, evaluation, test, testing, rollout, charts, losses, "
    "metrics, metric, system, perf, performance, time, timing, stats, best, final"
)
# Nobody puts settings into these, whatever the names inside.
SURELY_RECORDED = _listed("rollout, charts, losses, metrics, metric, system, perf, performance, stats")
# Columns by which a table of a tracker is known, beside one that carries its prefix.
TRACKER_COLUMNS = _listed(
    "number, value, state, run_id, experiment_id, trial_id, params, mean_fit_time, mean_test_score"
)
# After param_ or params_ these say how many weights a model has.
COUNTED = _listed("m, k, b, count, millions, million, total, num, mb, size, trainable")
# What an optuna study calls its objectives.
OBJECTIVE = re.compile(r"value|values_\d+")

DATASET_NAMES = _listed(
    "dataset, data set, datasets, data, task, benchmark, corpus, dataset path, openml, openml task, openml dataset, "
    "train dataset"
)
# At the end of such a name they add nothing.
ENTRY_WORDS = _listed("id, idx, index, name, key, number, no, nr")
# What may say with another column what was learned from what.
DATASET_PARTS = _listed(
    "feature, features, label, labels, target, targets, domain, environment, env, env id, env name, game, scenario, "
    "language, instance, problem, suite"
)
BUDGET_WORDS = _listed(
    "epoch, epochs, step, steps, iteration, iterations, iter, iters, budget, fidelity, rung, updates, resource, "
    "resources"
)
# Beside such a word they say how far a run came, and no setting does.
COMPLETED_WORDS = _listed("done, completed, trained, ran")
BUDGET_FILLERS = COMPLETED_WORDS | _listed("n, num, max, total, global, training, train, current, last, number, of")
INDEX_NAMES = _listed("index, level_0, rownames, row, row_names")
IDENTIFIER_NAMES = _listed(
    "name, run, run name, trial, trial number, number, config, experiment, exp, job, host, hostname, node, user, "
    "notes, tags, created, timestamp, date, start time, end time, started, finished, datetime start, "
    "datetime complete, logdir, commit, sweep, message, traceback, description, run number, start, end, "
    "configuration, created at, updated at, heartbeat at, worker, pid, exp name, experiment name, group, project, "
    "entity"
)
IDENTIFIER_ENDINGS = _listed("id, uid, uuid, guid, hash, url, uri, path, dir, timestamp, ids")
# Beside an ending as above they still name no setting: gpu_id, parent_run_id; but model_name_or_path does.
RUN_WORDS = IDENTIFIER_ENDINGS | _listed(
    "run, trial, experiment, exp, job, host, hostname, node, user, worker, process, parent, group, gpu, device, "
    "cluster, slurm, array, task, config, configuration, sweep, study, session, git, commit, code, artifact, log, "
    "logs, output, out, save, checkpoint, ckpt, name, project, entity, workspace, batch, or, root, base, results, "
    "result, storage"
)
# Repeats of a configuration on other parts of the data, or of its evaluation.
REPEAT_WORDS = _listed(
    "fold, folds, replicate, replicates, replication, repeat, repeats, repetition, rep, replica, try, attempt, restart"
)

MESSAGE_WORDS = _listed("error, errors, err, exception, reason, failure, message, traceback, warning")

OUTCOME_WORDS = _listed(
    "loss, accuracy, acc, f1, auc, auroc, auprc, recall, precision, error, err, score, perplexity, ppl, mse, rmse, "
    "mae, mape, nll, bleu, rouge, wer, iou, miou, dice, r2, reward, return, logloss, crossentropy, top1, top5, std, "
    "sem, stderr, metric, objective, psnr, ssim, fid, ndcg, mrr, mcc, kappa, elbo, brier, ece, regret, fitness, cer, "
    "smape, wmape, mase, crps, msle, rmsle, rocauc, roc, prauc, map, ap, sensitivity, specificity, sens, kl, "
    "variance, gnorm, nan, nans, gap, hits, meteor, chrf, bpc, bpb, likelihood, logprob, success, winrate, fscore, "
    "balacc, jaccard, hamming, spearman, pearson, coverage, divergence, match, deviance, silhouette, nmi, ari, "
    "cider, spice, eer, snr, sdr, stoi, pesq, elo, rew"
)
# Statistics of something: the word before them says of what.
STATISTICS = _listed("std, sem, stderr, mean, avg, average, median, max, min, total, sum, per, value, final, last")
SPLIT_WORDS = _listed("train, training, val, valid, validation, dev, eval, evaluation, test, testing, holdout")
# At an end of a name they say that it was known only after the run.
AFTERWARDS = _listed("best, stopped, seen, reached, observed, achieved")
VALIDATION_WORDS = _listed("val, valid, validation, dev, eval, evaluation")
TEST_WORDS = {"test", "testing", "holdout"}
COST_WORDS = _listed(
    "seconds, secs, sec, time, duration, runtime, walltime, elapsed, params, parameters, flops, macs, memory, "
    "energy, latency, throughput, hours, minutes, cost, second, fps, wall, wallclock, clock, took, flos, gflops, "
    "mflops, tflops, gmacs, macts, mb, gb, kb, ms, kwh, wps, ups, util, utilization, utilisation, usage, mem, vram, "
    "ram, watts, co2, emissions, carbon, price, usd, dollars, param, hrs, mins, footprint"
)
TIME_WORDS = _listed(
    "seconds, secs, sec, time, duration, runtime, walltime, elapsed, hours, minutes, second, wall, wallclock, clock, "
    "took, timestamp, latency, ms, hrs, mins"
)
# A norm is a kind of layer, unless it is that of one of these.
NORMED = _listed("grad, grads, gradient, gradients, weight, weights, param, params, update, updates, global, total")
# They make a name that of a setting even beside a word for an outcome or a cost: loss_weight, test_size, init_std.
SETTING_WORDS = _listed(
    "weight, weights, coef, coefficient, lambda, alpha, beta, scale, size, frac, fraction, ratio, rate, lr, batch, "
    "split, init, initial, max, min, limit, threshold, clip, warmup, decay, smoothing, function, fn, type, mode, "
    "target, noise, share, steps, patience, penalty, margin, rounds, length, len, dim, levels, every, interval, freq"
)
KNOWN_SETTINGS = SETTING_WORDS | _listed(
    "learning, dropout, drop, momentum, wd, l1, l2, depth, width, layers, layer, units, hidden, neurons, nodes, "
    "embedding, embed, dim, dimension, channels, filters, filter, kernel, heads, eps, epsilon, gamma, temperature, "
    "augmentation, optimizer, optim, activation, act, scheduler, schedule, initialization, norm, bn, pooling, "
    "stride, bias, solver, regularization, penalty, c, degree, estimators, bins, rank, sigma, tau, rho, nesterov, "
    "mixup, cutmix, label"
)
CATEGORY_WORDS = _listed(
    "optimizer, optim, activation, act, initialization, initializer, init, scheduler, schedule, model, arch, "
    "architecture, augmentation, norm, normalization, solver, kernel, pooling, type, mode, loss"
)
# Rates and penalties are drawn over powers of ten more often than not; momentum_decay or layer_decay near 1 are not.
LOG_WORDS = _listed("lr, lr0, learning, learn, decay, wd, l1, l2, eps, epsilon, regularization, lambda, penalty")

BOOLEAN_PAIRS = (
    ("off", "on"), ("no", "yes"), ("false", "true"), ("n", "y"), ("f", "t"), ("disabled", "enabled"), ("0", "1"),
)  # fmt: skip

STATUS_WORDS = {
    "complete": _listed("complete, completed, finished, success, succeeded, successful, ok, done, terminated, true"),
    "stopped": _listed("stopped, pruned, early stopped, earlystopped, stopped early, early stop"),
    "diverged": _listed("diverged, nan, non finite, nonfinite"),
    "failed": _listed(
        "failed, fail, failure, crashed, crash, error, errored, killed, timeout, timed out, memout, memoryout, "
        "oom, out of memory, preempted, cancelled, canceled, aborted, invalid, infeasible, broken, false"
    ),
    "running": _listed("running, queued, pending, waiting, scheduled, created, starting, paused"),
}
STATUS_OF = {word: status for status, words in STATUS_WORDS.items() for word in words}


@lru_cache(maxsize=4096)
def words(name: str) -> tuple[str, ...]:
    """The lower-case words of a column name.

    Examples
    --------
    >>> {words(name) for name in ("valAcc", "val_acc", "val acc", "metrics.val-acc")}
    {('val', 'acc')}
    """
    return tuple(re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", unprefixed(name)).lower()))


def unprefixed(name: str) -> str:
    """The name without what a tracker wrote in front of it."""
    for prefix in PREFIXES:
        rest = name[len(prefix) :]
        if name.startswith(prefix) and rest and not (prefix[-1] == "_" and rest.lower() in COUNTED):
            return rest
    return name


@lru_cache(maxsize=4096)
def last_words(name: str) -> tuple[str, ...]:
    """The words of the last segment of a nested name: what the column is, not which group it stands in.

    Examples
    --------
    >>> last_words("optimizer_params.momentum"), last_words("net_params/width"), last_words("mixup_0.5")
    (('momentum',), ('width',), ('mixup', '0', '5'))
    """
    segments = [own for part in _segments(name) if (own := words(part))]
    return segments[-1] if segments else words(name)


def telling_words(name: str) -> tuple[str, ...]:
    """The last words without a unit at the end: elapsed for elapsed_min."""
    own = last_words(name)
    return own[:-1] if own[-1:] == ("min",) and COST_WORDS & set(own[:-1]) else own


def _segments(name: str) -> list[str]:
    return re.split(r"/|\.(?!\d)", unprefixed(name))


def is_configured(name: str) -> bool:
    """Whether a name stands in a group of settings: optimizer_params.momentum, cfg.model.depth."""
    return any(CONFIG_WORDS & set(words(part)) for part in _segments(name)[:-1])


def chosen_columns(names: Iterable[str]) -> frozenset[str]:
    """The columns that a tracker says were chosen before a run, where a table has a tracker's prefixes.

    Examples
    --------
    >>> sorted(chosen_columns(["number", "value", "params_cost", "user_attrs_cost"]))
    ['params_cost']
    >>> chosen_columns(["lr", "accuracy", "param_count"])
    frozenset()
    """
    names = list(names)
    tracked = any(name in TRACKER_COLUMNS or name.startswith(RECORDED_PREFIXES) for name in names)
    found: set[str] = set()
    for prefix in CHOSEN_PREFIXES:
        carried = [name for name in names if name.startswith(prefix) and unprefixed(name) != name]
        if len(carried) > 1 or (carried and tracked):
            found.update(carried)
    return frozenset(found)


def _last(name: str) -> str:
    return (last_words(name) or ("",))[-1]


def _spelled(name: str) -> str:
    return " ".join(last_words(name))


def is_budget(name: str) -> bool:
    """Whether a name says how long a run was trained: epochs, max_steps, budget (but not step_size)."""
    rest = [word for word in last_words(name) if word not in BUDGET_FILLERS]
    return len(rest) == 1 and rest[0] in BUDGET_WORDS


def is_rung(name: str) -> bool:
    """Whether a name is that of the number of a rung, beside which a column may say its budget."""
    return bool({"iter", "iters", "rung", "round"} & set(words(name)))


def is_seed(name: str) -> bool:
    """Whether a name is that of a random seed."""
    return _spelled(name) in ("random state", "rng") or _last(name) in ("seed", "seeds")


def is_repeat(name: str) -> bool:
    """Whether a name says which repeat of a configuration a row is: fold, replicate (but not n_folds)."""
    return _last(name) in REPEAT_WORDS and not {"n", "num", "number"} & set(last_words(name))


def is_status(name: str) -> bool:
    """Whether a name is that of how a run ended: state, TrainingJobStatus, but not random_state."""
    own = last_words(name)
    return own[-1:] in (("status",), ("state",)) and set(own[:-1]) <= RUN_WORDS | {"training"}


def is_dataset(name: str) -> bool:
    """Whether a name is that of the data set."""
    own = last_words(name)
    return " ".join(own[:-1] if own[-1:] and own[-1] in ENTRY_WORDS else own) in DATASET_NAMES


def is_part_of_dataset(name: str) -> bool:
    """Whether a name may belong to what names the data set: feature, label, domain."""
    return _spelled(name) in DATASET_PARTS


def is_identifier(name: str) -> bool:
    """Whether a name tells runs apart without describing them: run_id, name, start_time."""
    return name.startswith("tags.") or _spelled(name) in IDENTIFIER_NAMES or _last(name) in IDENTIFIER_ENDINGS


def tells_runs(name: str) -> bool:
    """Whether the name of an identifier says nothing but that: gpu_id and run do, model_name_or_path does not."""
    return name.startswith("tags.") or _spelled(name) in IDENTIFIER_NAMES or set(last_words(name)) <= RUN_WORDS


def is_message(name: str) -> bool:
    """Whether a text column holds what a program said when it failed."""
    return _last(name) in MESSAGE_WORDS


def is_index(name: str) -> bool:
    """Whether a name is that of the row numbers that some programs write along."""
    return not name.strip() or name.startswith("Unnamed: ") or name.lower() in INDEX_NAMES


def is_recorded(name: str) -> bool:
    """Whether a tracker says that a column was recorded during a run: summary.grad_norm, user_attrs_n_trees."""
    return name.startswith(RECORDED_PREFIXES)


def recorded_columns(names: Iterable[str]) -> frozenset[str]:
    """The columns that were recorded during a run, by a tracker's prefix or by the group that they stand in.

    A group such as train/ is one of measurements where most of its columns are named as such; then train/learning_rate
    is what the schedule came to, not what was chosen.

    Examples
    --------
    >>> sorted(recorded_columns(["train/loss", "train/kl", "train/learning_rate", "model/lr", "summary.size"]))
    ['summary.size', 'train/kl', 'train/learning_rate', 'train/loss']
    """
    names = list(names)
    found = {name for name in names if is_recorded(name)}
    for group in RECORDED_GROUPS:
        inside = [n for n in names if n.lower().startswith(group + "/") and n not in found]
        if group in SURELY_RECORDED or sum(is_measure(n) or is_cost(n) for n in inside) > len(inside) / 2:
            found.update(inside)
    return frozenset(found)


def is_aim(name: str) -> bool:
    """Whether a name is that of what a measure should come to: target_kl."""
    return last_words(name)[:1] == ("target",)


def objectives(names: Iterable[str]) -> list[str]:
    """The columns that hold what an optuna study optimised, in a table that looks like one: value, values_0."""
    names = list(names)
    study = any(name.startswith("params_") for name in names)
    return [name for name in names if study and OBJECTIVE.fullmatch(name)]


def is_outcome(name: str) -> bool:
    """Whether a name is that of something measured: val_loss, test f1, accuracy_std, or whatever was recorded."""
    return is_recorded(name) or is_measure(name)


def measure_word(word: str, known: Collection[str] = OUTCOME_WORDS) -> bool:
    """Whether a word is that of something measured, in the plural, numbered or written in one with a split too.

    Examples
    --------
    >>> [measure_word(word) for word in ("losses", "accuracies", "bleu4", "valacc", "classes", "rate")]
    [True, True, True, True, False, False]
    """
    stem = word if word in known else word.rstrip("0123456789")
    singular = [stem, stem.removesuffix("s"), stem.removesuffix("es"), re.sub("ies$", "y", stem)]
    glued = [re.sub(r"^(?:train|val|valid|test|dev|eval|best|mean|avg)(?=...)", "", one) for one in singular]
    return any(one in known for one in (*singular, *glued))


def is_measure(name: str) -> bool:
    """Whether the words of a name are those of something measured, whoever recorded it."""
    own = last_words(name)
    grouped = len(parts := _segments(name)) > 1 and parts[0].lower() in RECORDED_GROUPS and not is_setting(name)
    norm = "norm" in own and bool(NORMED & set(own)) and not {"max", "clip", "min"} & set(own)
    return bool(own) and not is_budget(name) and (grouped or norm or _marked(own) or any(map(measure_word, own)))


def is_loosely_measured(name: str) -> bool:
    """Whether a measured word only tells more of another one: loss_reduction, unlike f1 or train_loss_reduction."""
    own = last_words(name)
    return any(map(measure_word, own)) and not head(name) and not _marked(own)


def is_quality(name: str) -> bool:
    """Whether a name is that of something that says how good a run is, which no time, cost or norm does."""
    own = last_words(name)
    return bool(own) and not is_elapsed(name) and (_marked(own) or any(map(measure_word, own)))


def _marked(own: tuple[str, ...]) -> bool:
    """Whether words at the ends of a name say that it was measured: train_ticks, best_epoch, early_stopped_at."""
    ends = {own[0], own[-1]}
    return bool((SPLIT_WORDS | AFTERWARDS) & ends) or {"early", "stopped"} <= set(own)


def is_cost(name: str) -> bool:
    """Whether a name is that of what a run consumed: seconds, parameters, memory."""
    return bool(COST_WORDS & set(last_words(name)))


def is_elapsed(name: str) -> bool:
    """Whether a name is that of a time, which is never what a run is judged by unless somebody says so."""
    return bool(TIME_WORDS & set(last_words(name)))


def head(name: str) -> str:
    """What the last telling word of a name stands for: outcome, cost, or nothing known; mean_score_time is a cost."""
    own = [word for word in telling_words(name) if word not in STATISTICS]
    if not own:
        return ""
    return "cost" if own[-1] in COST_WORDS else "outcome" if measure_word(own[-1]) else ""


def is_setting(name: str) -> bool:
    """Whether a name is that of a well-known hyperparameter."""
    own = {word.rstrip("0123456789") for word in last_words(name)} | set(last_words(name))
    return name.startswith(CHOSEN_PREFIXES) or is_configured(name) or bool(KNOWN_SETTINGS & own)


def is_test_of(name: str, metric: str) -> bool:
    """Whether a column is the metric measured on test data.

    Examples
    --------
    >>> is_test_of("test_acc", "val_acc"), is_test_of("accuracy_test", "accuracy"), is_test_of("test_loss", "val_acc")
    (True, True, False)
    """
    own, other = set(words(name)), set(words(metric))
    if TEST_WORDS & other or not TEST_WORDS & own:
        return False
    return own - TEST_WORDS == other - VALIDATION_WORDS
