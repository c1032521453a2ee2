"""Tables as trackers and scripts export them, with the true role of every column, from names in public use.

The names are those that Ultralytics, LightGBM, Stable-Baselines3, the Hugging Face trainer, timm, CatBoost, fairseq,
neural forecasting, PyTorch Geometric, tidymodels and a Keras audio model give to their settings and results. `KNOWN`
holds the tables that the rules of reading may be tried on while they are written, `HELD_OUT` those that only judge
them.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hpanalysis.sweeps.sweep import Goal, Role

# NAME KIND ARGUMENTS: log and linear take two ends, int and logint whole numbers between two ends, of a list of levels;
# none a list of levels that may also be empty; when NAME=LEVEL at the end makes it a child of another one.
KNOWN = {
    "detection": (
        "fitness max",
        "lr0 log 1e-5 1e-1; lrf linear 0.01 1; momentum linear 0.6 0.98; weight_decay log 1e-6 1e-2; box linear 1 20; "
        "cls linear 0.2 4; dfl linear 0.4 6; hsv_h linear 0 0.1; degrees linear 0 45; translate linear 0 0.9; "
        "mosaic linear 0 1; copy_paste linear 0 0.3; optimizer of SGD Adam AdamW; imgsz of 320 480 640; "
        "close_mosaic of 0 10; warmup_epochs linear 0 5; perspective log 1e-5 1e-3; cos_lr of True False",
        "metrics/precision(B); metrics/recall(B); metrics/mAP50(B); metrics/mAP50-95(B); val/box_loss; val/cls_loss; "
        "train/box_loss; best_epoch",
        "time; GFLOPs; params_m",
    ),
    "boosting": (
        "valid_auc max",
        "num_leaves logint 8 512; max_depth none 4 6 8 12; learning_rate log 5e-3 3e-1; n_estimators logint 50 2000; "
        "min_child_samples int 5 100; subsample linear 0.4 1; colsample_bytree linear 0.4 1; reg_alpha log 1e-8 10; "
        "reg_lambda log 1e-8 10; boosting_type of gbdt dart goss; drop_rate linear 0.05 0.5 when boosting_type=dart; "
        "min_split_gain linear 0 1; max_bin of 63 127 255; extra_trees of True False; class_weight none balanced",
        "valid_binary_logloss; train_auc; best_iteration; valid_average_precision; train_binary_logloss",
        "fit_seconds; model_size_mb; peak_memory_mb",
    ),
    "reinforcement": (
        "eval/mean_reward max",
        "n_envs of 4 8 16; n_steps of 128 512 2048; batch_size of 32 64 256; gamma of 0.9 0.99 0.999; "
        "learning_rate log 1e-5 1e-2; ent_coef log 1e-8 1e-1; clip_range of 0.1 0.2 0.4; n_epochs of 5 10 20; "
        "gae_lambda linear 0.8 1; max_grad_norm linear 0.3 5; vf_coef linear 0 1; net_arch of small medium large; "
        "ortho_init of True False; activation_fn of tanh relu elu; sde_sample_freq none 4 16; target_kl log 1e-3 1e-1",
        "rollout/ep_rew_mean; rollout/ep_len_mean; train/approx_kl; train/explained_variance; train/clip_fraction; "
        "train/value_loss; best_mean_reward",
        "time/fps; time/time_elapsed",
    ),
    "finetuning": (
        "eval/f1 max",
        "learning_rate log 1e-6 1e-3; per_device_train_batch_size of 4 8 16; gradient_accumulation_steps of 1 2 4; "
        "weight_decay linear 0 0.3; warmup_ratio linear 0 0.2; lr_scheduler_type of linear cosine constant; "
        "adam_beta2 of 0.95 0.98 0.999; label_smoothing_factor linear 0 0.2; num_train_epochs of 2 3 5; "
        "fp16 of True False; lora_r of 4 8 16 64; lora_alpha of 16 32 64; lora_dropout linear 0 0.3; "
        "tokenizer_name of bpe unigram; max_seq_length of 128 256 512; base_model_path of hub/small hub/base hub/large",
        "eval/loss; eval/accuracy; eval/exact_match; train/loss; train/grad_norm; train/train_loss",
        "eval/runtime; train/train_runtime; train/total_flos; eval/samples_per_second",
    ),
    "imagenet": (
        "eval_top1 max",
        "model of resnet50 convnext_t vit_s; opt of lamb adamw sgd; opt_eps log 1e-9 1e-5; drop_path linear 0 0.4; "
        "aa none rand-m7 rand-m9; reprob linear 0 0.5; mixup linear 0 1; cutmix of 0 0.5 1; smoothing linear 0 0.3; "
        "sched of cosine step plateau; decay_rate linear 0.05 0.9 when sched=step; warmup_lr log 1e-7 1e-4; "
        "clip_grad none 1 5; model_ema_decay of 0.999 0.9998; crop_pct linear 0.8 1; layer_decay linear 0.6 1; "
        "lr log 1e-4 5e-3",
        "eval_top5; eval_loss; train_loss; best_metric; best_epoch",
        "param_count; gmacs; macts; infer_samples_per_sec; train_step_time",
    ),
}
HELD_OUT = {
    "catboost": (
        "test_rmse_mean min",
        "iterations of 200 500 1000; depth int 4 10; l2_leaf_reg log 1 30; border_count of 32 128 254; "
        "random_strength log 1e-2 10; bagging_temperature linear 0 1; "
        "grow_policy of SymmetricTree Depthwise Lossguide; "
        "max_leaves int 16 64 when grow_policy=Lossguide; leaf_estimation_iterations of 1 5 10; od_wait int 10 80; "
        "rsm linear 0.3 1; auto_class_weights none Balanced SqrtBalanced; learning_rate log 1e-3 3e-1; "
        "score_function of L2 Cosine",
        "train_rmse_mean; test_rmse_std; best_score; tree_count_best; test_mae_mean",
        "wall_clock; train_time_s",
    ),
    "translation": (
        "valid_bleu4 max",
        "arch of base big deep; lr log 1e-5 1e-2; max_tokens of 2048 4096 8192; update_freq of 1 4 8; "
        "clip_norm linear 0 10; dropout linear 0 0.5; attention_dropout linear 0 0.3; relu_dropout linear 0 0.3; "
        "label_smoothing linear 0 0.2; encoder_layers of 4 6 12; decoder_embed_dim of 256 512 1024; "
        "share_all_embeddings of True False; lr_scheduler of inverse_sqrt polynomial_decay; "
        "warmup_updates logint 100 8000; adam_betas of (0.9,0.98) (0.9,0.999); criterion of ce ls",
        "valid_nll_loss; valid_ppl; valid_best_loss; train_nll_loss; train_gnorm; test_bleu4",
        "train_wps; train_ups; train_wall; gpu_hours",
    ),
    "forecast": (
        "smape min",
        "changepoint_prior_scale log 1e-3 0.5; seasonality_mode of additive multiplicative; n_changepoints int 5 50; "
        "input_size of 24 48 96; n_blocks of 1 2 3; mlp_units of [64,64] [128,128] [256,256]; "
        "scaler_type none robust standard; windows_batch_size of 128 256 512; harmonics int 1 12; "
        "learning_rate log 1e-5 1e-1; dropout_prob_theta linear 0 0.5; growth of linear flat logistic; "
        "cap linear 1 10 when growth=logistic",
        "mase; crps; val_smape; mean_absolute_error; train_losses; coverage_gap",
        "fit_time; inference_latency_ms",
    ),
    "graphs": (
        "val_rocauc max",
        "hidden_channels of 64 128 256; num_layers int 2 8; conv of gcn gin gat; heads of 2 4 8 when conv=gat; "
        "jk none cat max lstm; readout of mean sum max; edge_dropout linear 0 0.6; residual of True False; "
        "normalize of True False; lr log 1e-4 1e-1; weight_decay log 1e-7 1e-2; virtual_node of True False; "
        "temperature log 0.05 5",
        "train_rocauc; test_rocauc; generalization_gap; val_losses; early_stopped_at; nan_batches",
        "epoch_time; num_params; gpu_util",
    ),
    "tidy": (
        "roc_auc max",
        "mtry int 2 30; trees logint 50 2000; min_n int 2 40; tree_depth int 1 15; learn_rate log 1e-3 0.3; "
        "loss_reduction log 1e-10 30; sample_size linear 0.3 1; stop_iter int 3 20; "
        "importance_rule none impurity permutation; "
        "splitrule of gini extratrees; penalty log 1e-8 1; mixture linear 0 1",
        "brier_class; mn_log_loss; pr_auc; accuracies; sens; best_ntree",
        "elapsed_min; memory_gb",
    ),
    "audio": (
        "val_categorical_accuracy max",
        "filters_1 of 16 32 64; kernel_size of 3 5 7; dense_units logint 32 1024; pool of max average; "
        "l2_reg log 1e-7 1e-2; spec_augment of True False; n_mels of 40 64 128; hop_length of 128 256 512; "
        "loss_fn of focal crossentropy; use_bias of True False; gru_units none 32 64; dropout_rate linear 0 0.6; "
        "focal_gamma linear 0.5 5 when loss_fn=focal; lr log 1e-5 1e-2; optimizer of adam nadam",
        "val_loss; categorical_accuracy; loss; stopped_epoch; val_top_k_categorical_accuracy; max_grad_norm_seen",
        "training_time; throughput; energy_kwh",
    ),
}
FORMATS = ("plain", "optuna", "mlflow", "wandb_ui", "wandb_config", "ray", "sklearn", "nested", "grouped")
CHOSEN = {
    "optuna": "params_{}",
    "mlflow": "params.{}",
    "wandb_config": "config/{}",
    "ray": "config/{}",
    "sklearn": "param_{}",
    "nested": "cfg.model.{}",
    "grouped": "train_params.{}",
}
RECORDED = {"optuna": "user_attrs_{}", "mlflow": "metrics.{}", "wandb_config": "summary/{}"}


@dataclass(frozen=True)
class Export:
    """A table, the metric that its owner names, and what is true of its columns."""

    name: str
    frame: pd.DataFrame
    metric: str
    goal: Goal
    roles: dict[str, Role]
    none: frozenset[str]
    children: dict[str, str]
    log: dict[str, bool]
    held_out: bool


def export(number: int) -> Export:
    """The table of that number; every second one has names that are held out."""
    rng = np.random.default_rng((20261127, number))
    source, held_out = (HELD_OUT, True) if number % 2 else (KNOWN, False)
    table = str(rng.choice(list(source)))
    style = FORMATS[number // 2 % len(FORMATS)]
    runs = int(rng.choice([40, 80, 150, 300]))
    return _Maker(rng, runs, style).make(f"{number}-{table}-{style}", source[table], held_out)


class _Maker:
    def __init__(self, rng: np.random.Generator, runs: int, style: str) -> None:
        self.rng, self.runs, self.style = rng, runs, style
        self.columns: dict[str, object] = {}
        self.roles: dict[str, Role] = {}

    def make(self, name: str, table: tuple[str, str, str, str], held_out: bool) -> Export:
        objective, settings, outcomes, costs = table
        metric, goal = objective.split()
        repeats = int(self.rng.choice([1, 1, 1, 3]))
        drawn = self._settings(settings, repeats)
        score = self._score(drawn)
        self._marks(repeats)
        failed = self.rng.random(self.runs) < self.rng.choice([0, 0, 0.08])
        none = {column for column, (spec, _) in drawn.items() if spec[1] == "none"}
        for column, (_, values) in drawn.items():
            if column in none and self.style == "mlflow":
                values = np.array(["None" if v is None else v for v in values], dtype=object)  # it logs what str() says
            self._add(CHOSEN.get(self.style, "{}").format(column), values, "hyperparameter")
        own = self._metric_name(metric)
        value = score if goal == "max" else 1 - score
        self._add(own, np.where(failed, np.nan, np.round(value, 5)), "metric")
        self._measured(outcomes, costs, score, failed)
        self._others(failed)
        order = list(self.columns)
        if self.rng.random() < 0.5:
            order = list(self.rng.permutation(order))
        prefix = CHOSEN.get(self.style, "{}")
        return Export(
            name,
            pd.DataFrame(self.columns)[order],
            own,
            goal,
            {column: self.roles[column] for column in order},
            frozenset(prefix.format(c) for c in none),
            {prefix.format(c): prefix.format(s[-1].split("=")[0]) for c, (s, _) in drawn.items() if "when" in s},
            {
                prefix.format(c): s[1] in ("log", "logint")
                for c, (s, _) in drawn.items()
                if s[1] in ("log", "linear", "logint")
            },
            held_out,
        )

    def _settings(self, settings: str, repeats: int) -> dict[str, tuple[list[str], np.ndarray]]:
        specs = [spec.split() for spec in settings.split("; ")]
        some = set(self.rng.permutation([s[0] for s in specs])[: self.rng.integers(4, len(specs) + 1)])
        some |= {s[-1].split("=")[0] for s in specs if s[0] in some and "when" in s}
        count = -(-self.runs // repeats)
        drawn = {}
        for spec in specs:
            if spec[0] in some:
                values = np.tile(
                    self._draw(spec[1], [w for w in spec[2:] if w != "when" and "=" not in w], count), repeats
                )
                drawn[spec[0]] = (spec, values[: self.runs])
        for column, (spec, values) in drawn.items():
            if "when" in spec:
                parent, level = spec[-1].split("=")
                drawn[column] = (spec, np.where(drawn[parent][1] == level, values, None))
        return drawn

    def _draw(self, kind: str, words: list[str], count: int) -> np.ndarray:
        if kind in ("of", "none"):
            levels = [self._level(word) for word in words] + [None] * (kind == "none")
            return np.array([levels[i] for i in self.rng.integers(len(levels), size=count)], dtype=object)
        low, high = map(float, words)
        if kind == "linear":
            return np.round(self.rng.uniform(low, high, count), int(self.rng.choice([3, 16])))
        if kind == "int":
            return self.rng.integers(int(low), int(high) + 1, count)
        values = np.exp(self.rng.uniform(np.log(low), np.log(high), count))
        return np.rint(values).astype(int) if kind == "logint" else values

    @staticmethod
    def _level(word: str) -> object:
        if word in ("True", "False"):
            return word == "True"
        try:
            return int(word) if word.lstrip("-").isdigit() else float(word)
        except ValueError:
            return word

    def _score(self, drawn: dict[str, tuple[list[str], np.ndarray]]) -> np.ndarray:
        score = self.rng.normal(0, 0.5, self.runs)
        for _, values in drawn.values():
            codes, unique = pd.factorize(pd.Series(values), use_na_sentinel=False, sort=False)
            if len(unique) <= 10:
                score += self.rng.normal(0, 1, len(unique))[codes] * self.rng.choice([0, 0.5, 1])
            else:
                at = pd.Series(pd.to_numeric(pd.Series(values), errors="coerce")).rank(pct=True).fillna(0.5).to_numpy()
                score -= self.rng.choice([0, 0.5, 1]) * (3 * (at - self.rng.random())) ** 2
        return 1 / (1 + np.exp(-(score - score.mean()) / (score.std() + 1e-9)))

    def _metric_name(self, metric: str) -> str:
        if self.style == "optuna":
            return "value"
        if self.style == "sklearn":
            return "mean_test_score"
        return RECORDED.get(self.style, "{}").format(metric)

    def _measured(self, outcomes: str, costs: str, score: np.ndarray, failed: np.ndarray) -> None:
        wanted: list[tuple[str, Role]] = [(name, "outcome") for name in outcomes.split("; ")]
        wanted += [(name, "cost") for name in costs.split("; ")]
        for name, role in wanted:
            if self.rng.random() < 0.25 or self.style == "sklearn":
                continue
            if role == "cost":
                values = np.exp(self.rng.normal(3, 0.6, self.runs))
            elif any(word in name for word in ("epoch", "iteration", "count", "stopped_at", "batches", "ntree")):
                values = np.rint(40 * score + self.rng.gamma(2, 3, self.runs))
            else:
                values = np.clip(score + self.rng.normal(0, self.rng.choice([0.02, 0.2]), self.runs), 0.001, None)
                values = -np.log(values / (values.max() + 0.01)) if "loss" in name or "nll" in name else values
            on_test = name in ("test_rocauc", "test_bleu4") and self.style != "optuna"
            own: Role = "test metric" if on_test else role
            name = RECORDED.get(self.style, "{}").format(name)
            self._add(name, np.where(failed, np.nan, np.round(values, 4)), own)
        if self.style == "sklearn":
            for split in range(3):
                self._add(
                    f"split{split}_test_score", np.round(score + self.rng.normal(0, 0.05, self.runs), 4), "outcome"
                )
            self._add("std_test_score", np.round(self.rng.gamma(2, 0.02, self.runs), 4), "outcome")
            self._add("rank_test_score", pd.Series(-score).rank().astype(int).to_numpy(), "outcome")
            for name in ("mean_fit_time", "mean_score_time", "std_fit_time"):
                self._add(name, self.rng.gamma(3, 1, self.runs), "cost")

    def _marks(self, repeats: int) -> None:
        start = pd.Timestamp("2026-03-01 08:00:00")
        ends = start + pd.to_timedelta(np.cumsum(self.rng.gamma(2, 300, self.runs)), unit="s")
        hexes = [f"{v:016x}" for v in self.rng.integers(0, 2**62, self.runs)]
        if self.style == "optuna":
            self._add("number", np.arange(self.runs), "identifier")
            self._add("datetime_complete", ends.astype(str), "identifier")
            took = pd.to_timedelta(self.rng.gamma(2, 300, self.runs), unit="s")
            self._add("duration", [str(t) for t in took], "cost")
            self._add("state", np.where(self.rng.random(self.runs) < 1, "COMPLETE", "FAIL"), "status")
        elif self.style == "mlflow":
            self._add("run_id", hexes, "identifier")
            self._add("start_time", ends.astype(str), "identifier")
            self._add("artifact_uri", [f"file:///x/{h}/artifacts" for h in hexes], "identifier")
            self._add("status", ["FINISHED"] * self.runs, "status")
            self._add("tags.mlflow.runName", [f"run-{h[:6]}" for h in hexes], "identifier")
        elif self.style == "wandb_ui":
            self._add("Name", [f"fine-sweep-{i}" for i in range(self.runs)], "identifier")
            self._add("State", ["finished"] * self.runs, "status")
            self._add("Runtime", np.rint(self.rng.gamma(3, 200, self.runs)), "cost")
            self._add("Created", ends.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "identifier")
        elif self.style == "wandb_config":
            self._add("name", [f"fine-sweep-{i}" for i in range(self.runs)], "identifier")
            self._add("summary/_runtime", self.rng.gamma(3, 200, self.runs), "cost")
            self._add("summary/_timestamp", 1.7e9 + np.cumsum(self.rng.gamma(2, 300, self.runs)), "identifier")
        elif self.style == "ray":
            self._add("trial_id", [h[:8] + "_" + f"{i:05d}" for i, h in enumerate(hexes)], "identifier")
            self._add("time_total_s", self.rng.gamma(3, 200, self.runs), "cost")
            self._add("logdir", [f"/r/trial_{h}" for h in hexes], "identifier")
        elif self.style in ("plain", "nested"):
            self._add("run_id" if self.style == "plain" else "exp_name", hexes, "identifier")
        if repeats > 1 and self.style != "sklearn":
            name = str(self.rng.choice(["seed", "fold", "replicate", "repeat"]))
            shape = CHOSEN.get(self.style, "{}") if name == "seed" and self.style != "optuna" else "{}"
            count = -(-self.runs // repeats)
            role: Role = "seed" if name == "seed" else "identifier"
            self._add(shape.format(name), np.repeat(np.arange(repeats), count)[: self.runs], role)

    def _others(self, failed: np.ndarray) -> None:
        if self.style in ("plain", "wandb_ui", "nested", "mlflow") and self.rng.random() < 0.5:
            self._add(
                CHOSEN.get(self.style, "{}").format("dataset"),
                self.rng.choice(["alpha", "beta", "gamma"], self.runs),
                "dataset",
            )
        if self.style in ("plain", "wandb_ui", "nested") and self.rng.random() < 0.5:
            self._add("library_version", ["2.1.0"] * self.runs, "ignored")
        if failed.any() and self.style == "plain":
            self._add("error_message", np.where(failed, "CUDA out of memory", None), "identifier")
        if self.style == "plain" and self.rng.random() < 0.4:
            self._add(
                "took",
                [f"{int(h)}:{int(m):02d}:{s:04.1f}" for h, m, s in self.rng.random((self.runs, 3)) * [3, 60, 59]],
                "cost",
            )

    def _add(self, name: str, values: object, role: Role) -> None:
        self.columns[name], self.roles[name] = values, role
