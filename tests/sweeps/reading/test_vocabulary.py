"""Are names split and understood as people write them?"""

import pytest

from hpanalysis.sweeps.reading import vocabulary as say


@pytest.mark.parametrize("name", ["val_acc", "valAcc", "val acc", "VAL-ACC", "metrics.val_acc", "summary.val/acc"])
def test_every_spelling_of_a_name_has_the_same_words(name):
    assert say.words(name) == ("val", "acc")


def test_names_in_other_alphabets_have_words_too():
    assert say.words("学習率_lr") == ("学習率", "lr")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("epochs", True),
        ("max_epochs", True),
        ("n_steps", True),
        ("budget", True),
        ("step_size", False),
        ("warmup_steps", False),
        ("training_iteration", True),
        ("train_epochs", True),
        ("epochs_done", True),
        ("best_epoch", False),
    ],
)
def test_a_budget_is_told_from_a_setting_about_steps(name, expected):
    assert say.is_budget(name) is expected


@pytest.mark.parametrize(
    ("name", "metric", "expected"),
    [
        ("test_acc", "val_acc", True),
        ("test_acc", "acc", True),
        ("accuracy_test", "valid accuracy", True),
        ("test_loss", "val_acc", False),
        ("val_acc", "acc", False),
        ("test_acc", "test_acc", False),
        ("train_acc", "val_acc", False),
    ],
)
def test_the_test_metric_is_the_same_measure_on_other_data(name, metric, expected):
    assert say.is_test_of(name, metric) is expected


@pytest.mark.parametrize("name", ["openml_task", "task_idx", "corpus", "benchmark_id", "config.data_name", "Dataset"])
def test_what_names_the_data_set_may_end_with_a_word_that_adds_nothing(name):
    assert say.is_dataset(name) and not say.is_dataset(f"{name}_fraction")


@pytest.mark.parametrize("name", ["TrainingJobStatus", "run.state", "task_status"])
def test_a_status_may_say_whose_it_is(name):
    assert say.is_status(name) and not say.is_status("random_state") and not say.is_status("opt_state")


def test_no_word_for_a_status_has_two_meanings():
    words = [word for group in say.STATUS_WORDS.values() for word in group]
    assert len(words) == len(set(words))
