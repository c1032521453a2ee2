"""What to try next, for readers: in sentences, as a table, as findings and as a picture of the space."""

import re
from dataclasses import replace

import pytest
from matplotlib import pyplot

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.errors import UserError
from hpanalysis.questions.next_space.words import advice
from hpanalysis.style import plot_style


@pytest.fixture(scope="module")
def answer():
    return hp.next_space(toys.make(toys.ADDITIVE, 2500, 1))


@pytest.fixture(scope="module")
def unchanged():
    return hp.next_space(toys.make(toys.NULL, 300, 1))


@pytest.fixture(scope="module")
def undeclared(tmp_path_factory):
    """Ranges read off a table, with all their digits; the learning rate is best near its upper end."""
    runs = toys.make(toys.ADDITIVE, 5000, 1).runs
    path = tmp_path_factory.mktemp("undeclared") / "runs.csv"
    runs[runs["learning_rate"] < 0.015].to_csv(path, index=False)
    return hp.next_space(hp.read(path, metric="accuracy", goal="max", datasets=["dataset"]))


@pytest.fixture
def drawn():
    before = dict(pyplot.rcParams)
    yield hp.plot
    assert dict(pyplot.rcParams) == before
    pyplot.close("all")


def test_what_changes_is_summed_up_and_what_stays_is_counted(answer):
    said = hp.summary(answer).text
    assert said.startswith(" ".join(advice(answer))) and "Why: " in said
    assert (
        re.search(r"after \d+( to \d+)? tries, on average over the data sets, ", said)
        and " beats optimizer momentum by at least " in said
        and said.endswith("The other 7 stay as they are.")
    )
    assert "nesterov" not in said


def test_a_space_without_a_change_says_so(unchanged):
    assert hp.summary(unchanged).text.startswith("Nothing should change: none of the 10 hyperparameters")
    (only,) = hp.findings(unchanged)
    assert (only.verdict, only.n, only.family) == ("undecided", 300, "this answer")


def test_the_table_has_a_row_a_level_with_its_numbers_and_its_reason(answer):
    table = hp.table(answer)
    row = table.frame[table.frame["value"] == "momentum"].iloc[0]
    assert row["what to do"] == "drop level" and row["why"].startswith("beaten by")
    assert row["best of k, against"].startswith("−") and "against" in row["best of k, against"]
    rate = table.frame[table.frame["hyperparameter"] == "learning_rate"].iloc[0]
    assert rate["what to do"] == "narrow" and rate["held-out P(better)"].startswith("0.")
    assert table.frame["why"].str.len().min() > 0
    assert any("margin" in note for note in table.notes)
    assert any("the lower limits of P(better) for all hyperparameters together" in note for note in table.notes)


def test_findings_are_one_sentence_a_change_and_exploratory(answer):
    found = hp.findings(answer)
    told = {(f.hyperparameter, f.value): f for f in found if f.verdict == "worse"}
    assert set(told) == {("augmentation", "off"), ("optimizer", "momentum")}
    assert {f.tier for f in found} == {"exploratory"}
    drop = told["optimizer", "momentum"]
    assert drop.sentence.startswith("Leave optimizer=momentum out of the next space: beaten by")
    rows = answer.frame[answer.frame["dataset"] == "all data sets"].set_index(["hyperparameter", "value"])
    row = rows.loc["optimizer", "momentum"]
    numbers = ("estimate", "low", "high", "p_adjusted", "n", "k", "reference")
    assert [getattr(drop, name) for name in numbers] == [row[name] for name in numbers] and drop.high < 0
    assert (drop.scale, drop.ci_level, drop.family, drop.runs) == ("best_of_k", 0.95, "this answer", "all")
    narrow = next(f for f in found if f.hyperparameter == "learning_rate")
    assert narrow.verdict == "best around" and narrow.low > 0
    row = rows.loc["learning_rate", narrow.value]
    assert [narrow.estimate, narrow.n, narrow.k] == [row["estimate"], row["n"], row["k"]]
    assert narrow.reference == "the whole range" and narrow.p_adjusted is None


def test_a_finding_on_a_crowded_end_has_the_share_that_lies_there():
    answer = hp.next_space(toys.make(toys.Recipe(shift={"learning_rate": {"slope": 20.0}}), 1500, 0))
    (wider,) = (f for f in hp.findings(answer) if "higher values of learning_rate" in f.sentence)
    row = answer.frame[(answer.frame["hyperparameter"] == "learning_rate") & (answer.frame["action"] == "widen high")]
    row = row[row["dataset"] == "all data sets"].iloc[0]
    assert [wider.estimate, wider.low, wider.high] == [row["share"], row["share_low"], row["share_high"]]
    assert (wider.scale, wider.value, wider.reference, wider.k) == ("share of the best runs", None, None, None)
    # A tenth of the configurations of each data set, and 118 of 151 make 78 %.
    assert wider.n == len(answer.asked["best"]["learning_rate"]) and round(wider.estimate * wider.n, 6).is_integer()


def test_a_bound_is_not_rounded_past_itself(answer):
    for f in hp.findings(answer):
        if f.verdict == "worse":
            told = float(f.sentence.split("by at least ")[1].split()[0])
            assert 0 < told <= -f.high


def test_a_fixed_hyperparameter_is_told_once():
    answer = hp.next_space(toys.make(toys.NULL, 3000, 4), margin=0.2)
    found = [f for f in hp.findings(answer) if f.hyperparameter == "augmentation"]
    assert [f.verdict for f in found] == ["no practical difference"]
    assert "Fix augmentation at" in found[0].sentence
    space = hp.proposed_space(answer)
    for f in hp.findings(answer):
        # What it rests on is the margin; a p of being beaten would say something else.
        assert f.verdict == "no practical difference" and f.p_adjusted is None
        (level,) = space[f.hyperparameter].levels
        assert f.value == (f"{level:g}" if isinstance(level, float) else str(level))
        assert f.reference != f.value and (f.estimate is None) == (f.reference is None)


def test_the_scope_of_the_sweep_is_named():
    sweep = replace(toys.make(toys.ADDITIVE, 2500, 1), scope="15 epochs")
    assert all(f.sentence.endswith("(15 epochs).") for f in hp.findings(hp.next_space(sweep)))


def test_the_picture_shows_every_level_crosses_out_what_is_dropped_and_marks_the_new_range(answer, drawn):
    ax = drawn(answer)
    shown = [text.get_text() for text in ax.texts]
    assert sum(text.startswith("momentum") for text in shown) == 1
    crossed = [line for line in ax.lines if line.get_color() == plot_style.WORSE]
    assert len(crossed) == 2
    new = hp.proposed_space(answer)["learning_rate"]
    assert any(text.startswith("narrow\n") for text in shown)
    low, high = toys.SPACE["learning_rate"].to_unit([new.low, new.high])
    y = toys.SPACE.names.index("learning_rate")
    boxes = [p for p in ax.patches if abs(p.get_y() + p.get_height() / 2 - y) < 0.01]
    assert any(p.get_x() == pytest.approx(low) and p.get_width() == pytest.approx(high - low) for p in boxes)
    assert "Why: " in ax.figure._hpanalysis_alt


def test_a_widened_range_reaches_beyond_what_was_tried(drawn):
    answer = hp.next_space(toys.make(toys.Recipe(shift={"learning_rate": {"slope": 20.0}}), 1500, 0))
    ax = drawn(answer)
    assert max(p.get_x() + p.get_width() for p in ax.patches) == pytest.approx(4 / 3, abs=0.01)
    assert ax.get_xlim()[1] > 4 / 3


def test_rounding_the_ends_of_a_range_is_no_change(undeclared, drawn):
    table, space = hp.table(undeclared).frame, undeclared.asked["space"]
    acts = set(undeclared.frame.loc[undeclared.frame["action"] != "keep", "hyperparameter"])
    assert "dropout" not in acts and hp.proposed_space(undeclared)["dropout"] != space["dropout"]
    said = hp.summary(undeclared).text
    assert said.endswith(f"The other {len(space) - len(acts)} stay as they are.") and "dropout" not in said
    ax = drawn(undeclared)
    told = {space.names[round(t.get_position()[1])]: t.get_text() for t in ax.texts if t.get_position()[0] > 1.02}
    assert {name for name, text in told.items() if text != "keep"} == acts
    # Nothing is widened, so that nothing is drawn beyond what was tried.
    assert not table["what to do"].str.startswith("widen").any() and ax.get_xlim() == pytest.approx((-0.03, 1.02))


def test_a_share_of_a_range_is_written_like_every_other(unchanged):
    reasons = " ".join(unchanged.frame["reason"])
    assert "more than 75 % of the range" in reasons and "75%" not in reasons


def test_a_reason_names_the_ends_that_the_next_space_has(undeclared):
    new = hp.proposed_space(undeclared)["learning_rate"]
    assert new.high == 0.015 != undeclared.asked["space"]["learning_rate"].high
    assert f"narrow to {new.low:g} to {new.high:g}: " in hp.write_space(undeclared)
    assert f"{new.low:g} to {new.high:g}" in set(hp.table(undeclared).frame["value"])


def test_the_axes_that_are_given_come_back(answer, drawn):
    figure, ax = pyplot.subplots()
    assert drawn(answer, ax=ax) is ax
    assert pyplot.get_fignums() == [figure.number]
    with pytest.raises(UserError, match="has no scales"):
        drawn(answer, scale="mean", ax=ax)


def test_a_name_that_looks_like_a_formula_or_a_tag_is_only_text(drawn):
    sweep = toys.make(toys.STRONG, 900, 1)
    name = "$x_1$ <b>"
    space = hp.Space(tuple(replace(h, name=name) if h.name == "optimizer" else h for h in sweep.space))
    roles = {name if c == "optimizer" else c: role for c, role in sweep.roles.items()}
    odd = replace(sweep, runs=sweep.runs.rename(columns={"optimizer": name}), space=space, roles=roles)
    answer = hp.next_space(odd)
    drawn(answer).figure.canvas.draw()
    assert "<b>" not in hp.table(answer)._repr_html_()
