"""The next space as text: it runs, it reads back to the same space, and it says why in every line."""

import random
from dataclasses import replace

import pytest

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.errors import UserError
from hpanalysis.questions.next_space.write_space import write_space
from hpanalysis.sweeps.reading.sidecar import space_of
from hpanalysis.sweeps.space import Condition, Hyperparameter, Space

HOSTILE = "it's \"x\"\n# \\ {} '''; import os\x00\u2028ü"


@pytest.fixture(scope="module")
def answer():
    return hp.next_space(toys.make(toys.ADDITIVE, 1500, 1))


def hostile(answer):
    """A next space in which every name, level and reason would break a text that is not escaped."""
    space = Space(
        (
            Hyperparameter(f"{HOSTILE}a", "categorical", levels=(HOSTILE, "off", "1e-3", "None", "[x", 1.5)),
            Hyperparameter(
                "child", "continuous", low=1e-05, high=0.1, log=True, condition=Condition(f"{HOSTILE}a", ("off",))
            ),
            Hyperparameter("flag", "boolean", levels=(False, True), unit="#", description=HOSTILE.replace("\x00", "")),
            Hyperparameter("steps", "integer", low=-3, high=10**9, condition=Condition("flag", (True,))),
            Hyperparameter("fixed", "ordinal", levels=(0.1,)),
        )
    )
    row = answer.frame.iloc[[0]]
    table = row.loc[row.index.repeat(5)].assign(hyperparameter=list(space.names), reason=HOSTILE, action="keep")
    asked = answer.asked | {"space": space, "metric": HOSTILE}
    return replace(answer, frame=table, asked=asked | {"proposed": space})


class Trial:
    """What `suggest` asks of a trial: the calls are recorded, the answers are at random or given."""

    def __init__(self, seed, fixed=None):
        self.rng, self.fixed, self.calls = random.Random(seed), fixed or {}, {}

    def suggest_categorical(self, name, choices):
        assert all(type(c) in (bool, int, float, str) for c in choices)
        self.calls[name] = tuple(choices)
        return self.fixed.get(name, self.rng.choice(choices))

    def suggest_int(self, name, low, high, log=False):
        assert type(low) is type(high) is int and low < high
        self.calls[name] = (low, high, log)
        return self.rng.randint(low, high)

    def suggest_float(self, name, low, high, log=False):
        assert type(low) is type(high) is float and low < high
        self.calls[name] = (low, high, log)
        return self.rng.uniform(low, high)


def run(text):
    names = {}
    exec(compile(text, "space", "exec"), names)
    return names


@pytest.mark.parametrize("subject", ["answer", "hostile"])
def test_python_and_yaml_read_back_to_the_same_space(answer, subject, tmp_path):
    subject = answer if subject == "answer" else hostile(answer)
    space = hp.proposed_space(subject)
    assert run(write_space(subject, "python"))["space"] == space
    path = tmp_path / "space.yaml"
    path.write_text(write_space(subject, "yaml"), encoding="utf-8")
    assert Space.from_dict(space_of(path)) == space


@pytest.mark.parametrize("seed", range(5))
def test_optuna_suggests_what_the_space_holds_and_children_only_when_active(answer, seed):
    for subject in (answer, hostile(answer)):
        space, trial = hp.proposed_space(subject), Trial(seed)
        chosen = run(write_space(subject, "optuna"))["suggest"](trial)
        assert set(chosen) == set(trial.calls)
        for h in space:
            active = h.condition is None or h.condition.holds(chosen)
            assert (h.name in chosen) == active
            if active:
                assert trial.calls[h.name] == (h.levels if h.has_levels else (h.low, h.high, h.log))


def test_a_child_that_stands_before_its_parent_is_asked_after_it(answer):
    space = Space(
        (
            Hyperparameter("nesterov", "boolean", levels=(False, True), condition=Condition("optimizer", ("sgd",))),
            Hyperparameter("optimizer", "categorical", levels=("adam", "sgd")),
        )
    )
    table = answer.frame.iloc[:2].assign(hyperparameter=["nesterov", "optimizer"], dataset="all data sets")
    subject = replace(answer, frame=table, asked=answer.asked | {"space": space, "proposed": space})
    suggest = run(write_space(subject, "optuna"))["suggest"]
    assert suggest(Trial(0, {"optimizer": "adam"})) == {"optimizer": "adam"}
    assert set(suggest(Trial(0, {"optimizer": "sgd"}))) == {"optimizer", "nesterov"}


def test_every_line_has_its_reason_above_it(answer):
    for form, start in (("yaml", "  "), ("python", "        Hyper"), ("optuna", "    chosen[")):
        lines = write_space(answer, form).splitlines()
        told = [i for i, line in enumerate(lines) if line.startswith(start) and not line.lstrip().startswith("#")]
        assert len(told) == len(hp.proposed_space(answer))
        assert all(lines[i - 1].lstrip().startswith("# ") for i in told)
    assert "# drop momentum: beaten by" in write_space(answer)


def test_a_proposal_that_changes_something_says_that_it_is_judged_by_itself(answer):
    space = answer.asked["space"]
    same = replace(answer, asked=answer.asked | {"proposed": space})
    for form in ("yaml", "python", "optuna"):
        assert "# Changes hold with probability .95 for this proposal by itself" in write_space(answer, form)
        assert "by itself" not in write_space(same, form)


def test_what_left_the_space_is_named_with_the_reason():
    sweep = toys.make(toys.CONDITIONAL, 1500, 2)
    answer = hp.next_space(sweep)
    gone = replace(answer, asked=answer.asked | {"proposed": hp.proposed_space(answer).without("nesterov")})
    for form in ("yaml", "python", "optuna"):
        text = write_space(gone, form)
        assert "# nesterov: left out, what it depends on was dropped." in text
        compile(text, "space", "exec") if form != "yaml" else None


def test_an_empty_choice_is_a_level_of_the_space_and_nothing_in_a_program(answer):
    none = Hyperparameter("decay", "categorical", levels=("step", "(none)"))
    child = Hyperparameter("rate", "continuous", low=0.1, high=0.5, condition=Condition("decay", ("(none)",)))
    space = Space((none, child))
    table = answer.frame.iloc[[0, 0]].assign(hyperparameter=list(space.names), reason="why", action="keep")
    subject = replace(answer, frame=table, asked=answer.asked | {"space": space, "proposed": space})
    suggest = run(write_space(subject, "optuna"))["suggest"]
    seen = {}

    class Chooses:
        def suggest_categorical(self, name, choices):
            seen[name] = choices
            return choices[1]

        def suggest_float(self, name, low, high):
            return low

    assert suggest(Chooses()) == {"decay": None, "rate": 0.1} and seen["decay"] == ("step", None)
    assert run(write_space(subject, "python"))["space"] == space


def test_a_form_that_is_unknown_and_an_answer_to_another_question_are_refused(answer):
    with pytest.raises(UserError, match="form is 'toml'; choose one of yaml, python, optuna"):
        write_space(answer, "toml")
    with pytest.raises(UserError, match="'contrast'; give the Answer of next_space"):
        write_space(hp.contrast(toys.make(toys.NULL, 60, 0), "optimizer"))
