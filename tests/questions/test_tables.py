"""Do the table for reading and the summary say what the answer says?"""

from dataclasses import replace

import pytest

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.style import numbers


@pytest.fixture(scope="module")
def sweep(toy_sweep):
    return toy_sweep


@pytest.fixture(scope="module")
def contrast(sweep):
    return hp.contrast(sweep, "augmentation")


def test_every_scale_stands_beside_the_others_with_its_interval(contrast):
    frame = hp.table(contrast).frame
    row = contrast.frame[(contrast.frame["scale"] == "p_better") & (contrast.frame["dataset"] == "all data sets")].iloc[
        0
    ]
    assert frame["P(better)"][0] == f"{row['estimate']:.3f} [{row['low']:.3f}, {row['high']:.3f}]"
    k = contrast.asked["k"]
    wanted = ["P(better)", "P(fail)", "mean of all runs", "mean of successful runs", f"best of {k}", "runs"]
    assert [c for c in frame if c in wanted] == wanted
    assert frame["where"].tolist() == ["all data sets", "easy", "hard", "middle"]
    assert "Differences are augmentation = on − off." in repr(hp.table(contrast))


def test_a_tenth_more_or_less_of_any_estimate_changes_the_table(contrast):
    for scale in contrast.frame["scale"].unique():
        table = contrast.frame.copy()
        here = table["scale"] == scale
        table.loc[here, "estimate"] *= 1.1
        changed = replace(contrast, frame=table)
        assert repr(hp.table(changed)) != repr(hp.table(contrast)), scale
        assert hp.table(changed)._repr_html_() != hp.table(contrast)._repr_html_(), scale


def test_a_number_that_there_is_not_is_a_dash():
    few = hp.contrast(toys.make(toys.Recipe(), 12, rng=0), "augmentation")
    table = hp.table(few)
    assert table.frame["P(better)"].tolist() == ["–"] * 4
    assert any("too few runs" in note for note in table.notes)


def test_a_long_table_keeps_the_averages_and_says_so(sweep):
    answer = hp.contrast(sweep, "activation", by=[n for n in sweep.space.names if n != "activation"])
    table = hp.table(answer)
    averages = answer.frame[(answer.frame["scale"] == "p_better") & (answer.frame["other_value"] == "any")]
    assert len(table.frame) == len(averages)
    left = (answer.frame["scale"] == "p_better").sum() - len(averages)
    assert f"{left} more rows, one for each data set or level, are in the answer's own table." in table.notes


def test_cells_have_their_best_value_and_their_test(sweep):
    answer = hp.interaction(sweep, "optimizer", "activation", tune="learning_rate")
    table = hp.table(answer)
    at_edge = answer.frame.drop_duplicates(["value", "other_value"])["at_edge"].sum()
    assert sum("at the edge" in text for text in table.frame["learning_rate where runs rank highest"]) == at_edge
    assert f"p {numbers.is_p(answer.tests['p'][0])}" in table.notes[0]


def test_names_are_text_in_html():
    runs = toys.make(toys.Recipe(), 100, rng=0).runs.rename(columns={"augmentation": "<script>x</script>"})
    answer = hp.by_level(hp.read(runs, metric="accuracy", goal="max"))
    assert "<script" not in hp.table(answer)._repr_html_()
    assert "&lt;script&gt;" in hp.table(answer)._repr_html_()


def test_what_has_no_table_is_said(sweep):
    with pytest.raises(hp.UserError, match="Sweep cannot be laid out as a table; give the Answer of check"):
        hp.table(sweep)
    with pytest.raises(hp.UserError, match="int cannot be summed up; give a Sweep"):
        hp.summary(3)


def test_a_contrast_is_read_with_its_average_and_its_extremes(contrast):
    text = hp.summary(contrast).text
    rows = contrast.frame[contrast.frame["scale"] == "p_better"]
    places = rows[rows["dataset"] != "all data sets"]
    worst, best = (places.loc[i] for i in (places["estimate"].idxmin(), places["estimate"].idxmax()))
    excluded = int(((rows["low"] > 0.5) | (rows["high"] < 0.5)).sum())
    assert f"from {worst['estimate']:.3f} ({worst['dataset']}) to {best['estimate']:.3f} ({best['dataset']})" in text
    assert f"{excluded} of {len(rows)} intervals lie clear of no difference" in text


def test_cells_are_read_from_the_highest_to_the_lowest(sweep):
    answer = hp.interaction(sweep, "optimizer", "activation")
    rows = answer.frame[answer.frame["scale"] == "mean"]
    best = rows.loc[rows["estimate"].idxmax()]
    text = hp.summary(answer).text
    assert f"at optimizer = {best['value']}, activation = {best['other_value']}; lowest" in text
    assert text.endswith(f"p {numbers.is_p(answer.tests['p'][0])}.")


def test_without_failures_there_is_no_list_of_zeros():
    sweep = toys.make(toys.Recipe(failing=0.0), 300, rng=0)
    assert hp.summary(hp.by_level(sweep), scale="p_fail").text == "P(fail): no run failed."
    assert "no run failed" in hp.summary(hp.interaction(sweep, "optimizer", "activation"), scale="p_fail").text


def test_one_draw_is_not_called_tuning(sweep):
    text = hp.summary(hp.interaction(sweep, "optimizer", "activation", k=1), scale="best_of_k").text
    assert "One draw is no tuning" in text


def test_checks_are_read_with_the_gravest_first():
    lines = hp.summary(hp.check(toys.make(toys.Recipe(), 12, rng=0))).text.splitlines()
    assert lines[0].endswith("1 stop") and lines[1].startswith("stop: runs")


def test_the_tests_of_an_inquiry_are_those_of_its_claims(sweep):
    inquiry = hp.Inquiry.of(sweep)
    one, two, every = (hp.table(inquiry.tests(*names)) for names in (["optimizer"], ["optimizer", "depth"], []))
    assert len(one.frame) == len(sweep.space) and len(two.frame) == 3 and len(every.frame) == len(sweep.space)
    claim = inquiry.claims.query("question == 'omnibus_tests' and hyperparameter == 'optimizer'").iloc[0]
    assert one.frame["question"][0] == "does optimizer matter at all?"
    assert one.frame["p"][0] == numbers.exact_p(claim["p"])
    assert one.frame["p adjusted for the whole report"][0] == numbers.exact_p(claim["p_adjusted"])


def test_tests_that_were_not_asked_are_said():
    assert "Not asked" in repr(hp.table(hp.omnibus_tests(toys.make(toys.Recipe(), 6, rng=0))))
