"""What does a column name usually mean? Words, and how a name is split into them; the values have the last word."""

from __future__ import annotations

import re
from collections.abc import Iterable


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split(", "))


# Written by trackers in front of the names that the user chose.
PREFIXES = (
    *("params.", "metrics.", "config.", "config/", "summary.", "hparams/", "hp/"),
    *("user_attrs_", "system_attrs_", "params_"),
)
# In front of what was chosen before a run.
CHOSEN_PREFIXES = ("params.", "config.", "config/", "params_")
# In front of what a tracker recorded during a run; nobody chose it before.
RECORDED_PREFIXES = ("metrics.", "summary.", "user_attrs_", "system_attrs_")
# What an optuna study calls its objectives.
OBJECTIVE = re.compile(r"value|values_\d+")

DATASET_NAMES = _listed("dataset, data set, datasets, dataset name, data, task, task name, benchmark, corpus")
STATUS_NAMES = _listed("status, state, run status, run state, trial state, trial status")
SEED_NAMES = {"random state", "rng"}
BUDGET_WORDS = _listed(
    "epoch, epochs, step, steps, iteration, iterations, iter, iters, budget, fidelity, rung, updates, resource, "
    "resources"
)
RUNG_WORDS = _listed("iter, iters, rung, round")
BUDGET_FILLERS = _listed("n, num, max, total, global, training, train, current, last, number, of")
INDEX_NAMES = _listed("index, level_0, rownames, row, row_names")
IDENTIFIER_NAMES = _listed(
    "name, run, run name, trial, trial number, number, config, experiment, exp, job, host, hostname, node, user, "
    "notes, tags, created, timestamp, date, start time, end time, started, finished, datetime start, datetime "
    "complete, logdir, commit, sweep, message, traceback, description, run number, start, end, configuration, created "
    "at, updated at, heartbeat at, worker, pid"
)
IDENTIFIER_ENDINGS = _listed("id, uid, uuid, guid, hash, url, uri, path, dir, timestamp, ids")

MESSAGE_WORDS = _listed("error, errors, err, exception, reason, failure, message, traceback, warning")

OUTCOME_WORDS = _listed(
    "loss, losses, accuracy, acc, f1, auc, auroc, auprc, recall, precision, error, err, score, perplexity, ppl, mse, "
    "rmse, mae, mape, nll, bleu, rouge, wer, iou, miou, dice, r2, reward, return, logloss, crossentropy, top1, top5, "
    "std, sem, stderr, metric, objective, psnr, ssim, fid, ndcg, mrr, mcc, kappa, elbo, brier, ece, regret, fitness"
)
SPLIT_WORDS = _listed("train, training, val, valid, validation, dev, eval, evaluation, test, testing, holdout")
VALIDATION_WORDS = _listed("val, valid, validation, dev, eval, evaluation")
TEST_WORDS = {"test", "testing", "holdout"}
COST_WORDS = _listed(
    "seconds, secs, sec, time, duration, runtime, walltime, elapsed, params, parameters, flops, macs, memory, energy, "
    "latency, throughput, hours, minutes, cost"
)
# They make a name that of a setting even beside a word for an outcome or a cost: loss_weight, test_size, init_std.
SETTING_WORDS = _listed(
    "weight, weights, coef, coefficient, lambda, alpha, beta, scale, size, frac, fraction, ratio, rate, lr, batch, "
    "split, init, initial, max, min, limit, threshold, clip, warmup, decay, smoothing, function, fn, type, mode, "
    "target, noise, share, steps, patience"
)
KNOWN_SETTINGS = SETTING_WORDS | _listed(
    "learning, dropout, drop, momentum, wd, l1, l2, depth, width, layers, layer, units, hidden, neurons, nodes, "
    "embedding, embed, dim, dimension, channels, filters, filter, kernel, heads, eps, epsilon, gamma, temperature, "
    "augmentation, optimizer, optim, activation, act, scheduler, schedule, initialization, norm, bn, pooling, stride, "
    "bias, solver, regularization, penalty, c, degree, estimators, bins, rank, sigma, tau, rho, nesterov, mixup, "
    "cutmix, label"
)
CATEGORY_WORDS = _listed(
    "optimizer, optim, activation, act, initialization, initializer, init, scheduler, schedule, model, arch, "
    "architecture, augmentation, norm, normalization, solver, kernel, pooling, type, mode, loss"
)
# What starts slowly and may gain later, and which of its values do.
SLOW = (
    (_listed("augmentation, augment, augmentations, mixup, cutmix"), "on"),
    (_listed("dropout, drop"), "high"),
    (_listed("width, units, hidden, neurons, channels, filters"), "wide"),
    (_listed("lr"), "small"),
)
LOG_WORDS = _listed("lr, learning, decay, wd, l1, l2, eps, epsilon, regularization, lambda, alpha, c, gamma")

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
        if name.startswith(prefix) and len(name) > len(prefix):
            return name[len(prefix) :]
    return name


def is_budget(name: str) -> bool:
    """Whether a name says how long a run was trained: epochs, max_steps, budget (but not step_size)."""
    rest = [word for word in words(name) if word not in BUDGET_FILLERS]
    return len(rest) == 1 and rest[0] in BUDGET_WORDS


def is_rung(name: str) -> bool:
    """Whether a name is that of the number of a rung, beside which a column may say its budget."""
    return bool(RUNG_WORDS & set(words(name)))


def is_seed(name: str) -> bool:
    """Whether a name is that of a random seed."""
    own = words(name)
    return " ".join(own) in SEED_NAMES or (bool(own) and own[-1] in ("seed", "seeds"))


def is_identifier(name: str) -> bool:
    """Whether a name tells runs apart without describing them: run_id, name, start_time."""
    own = words(name)
    return (
        name.startswith("tags.") or " ".join(own) in IDENTIFIER_NAMES or (bool(own) and own[-1] in IDENTIFIER_ENDINGS)
    )


def is_message(name: str) -> bool:
    """Whether a text column holds what a program said when it failed."""
    own = words(name)
    return bool(own) and own[-1] in MESSAGE_WORDS


def is_index(name: str) -> bool:
    """Whether a name is that of the row numbers that some programs write along."""
    return not name.strip() or name.startswith("Unnamed: ") or name.lower() in INDEX_NAMES


def is_recorded(name: str) -> bool:
    """Whether a tracker says that a column was recorded during a run: summary.grad_norm, user_attrs_n_trees."""
    return name.startswith(RECORDED_PREFIXES)


def objectives(names: Iterable[str]) -> list[str]:
    """The columns that hold what an optuna study optimised, in a table that looks like one: value, values_0."""
    names = list(names)
    study = any(name.startswith("params_") for name in names)
    return [name for name in names if study and OBJECTIVE.fullmatch(name)]


def is_outcome(name: str) -> bool:
    """Whether a name is that of something measured: val_loss, test f1, accuracy_std, or whatever was recorded."""
    return is_recorded(name) or is_measure(name)


def is_measure(name: str) -> bool:
    """Whether the words of a name are those of something measured, whoever recorded it."""
    own = words(name)
    return bool(own) and bool(OUTCOME_WORDS & set(own) or SPLIT_WORDS & {own[0], own[-1]})


def is_cost(name: str) -> bool:
    """Whether a name is that of what a run consumed: seconds, parameters, memory."""
    return bool(COST_WORDS & set(words(name)))


def is_setting(name: str) -> bool:
    """Whether a name is that of a well-known hyperparameter."""
    own = {word.rstrip("0123456789") for word in words(name)} | set(words(name))
    return name.startswith(CHOSEN_PREFIXES) or bool(KNOWN_SETTINGS & own)


def starts_slowly(name: str) -> str:
    """Which values of a hyperparameter are known to start slowly and to gain later; empty for none.

    Examples
    --------
    >>> [starts_slowly(name) for name in ("augmentation", "dropout_1", "width_conv", "learning_rate", "depth")]
    ['on', 'high', 'wide', 'small', '']
    """
    own = {word.rstrip("0123456789") for word in words(name)} - {""}
    if own & {"decay", "warmup", "schedule", "scheduler", "last", "layers", "depth"}:
        return ""
    own |= {"lr"} if {"learning", "rate"} <= own else set()
    return next((values for slow, values in SLOW if slow & own), "")


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
