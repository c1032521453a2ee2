"""What does a study by stages show, and is no more said of it than its runs bear out? On toys, and on a printed one."""

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis import UserError
from hpanalysis.toys.staged import LADDER, Staged, make_random, make_staged
from tests.truth import students


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    return hp.staged(hp.read(students.write(tmp_path_factory.mktemp("students"))))


@pytest.fixture(scope="module")
def repeated():
    return hp.staged(make_staged(Staged(seeds=4, noise=0.3), 1))


def candidates(answer, stage=None):
    rows = answer.frame[answer.frame["row"] == "candidate"]
    return rows if stage is None else rows[rows["other_value"] == str(stage)]


def choices(answer):
    return answer.frame[answer.frame["row"] == "choice"]


def facts(answer, kind):
    return answer.tests[answer.tests["test"] == kind]


def test_the_printed_table_has_its_stages_with_their_candidates(printed):
    rows = candidates(printed)
    assert rows.groupby("other_value")["hyperparameter"].first().tolist() == [
        "depth_conv", "depth_fc", "channels", "learning rate"
    ]  # fmt: skip
    assert candidates(printed, 1)["kept"].tolist() == [False, True, True]
    assert set(candidates(printed, 4)["held"]) == {
        *(f"depth_conv=2, depth_fc=2, channels={channels}" for channels in ("16.32", "32.32", "32.64")),
        "depth_conv=3, depth_fc=2, channels=32.32",
    }
    first = candidates(printed, 1).iloc[0]
    assert (first["estimate"], first["cost train time"], first["cost parameters"]) == (89.2, 1499.0, 24_606_954.0)


def test_what_must_be_said_of_the_printed_table_is_said(printed):
    said = printed.summary().text
    for sentence in (
        "One run each: nothing is known of the noise of seeds",
        "Mean accuracy exceeds max accuracy in 3 configurations, which cannot be: M2.3.32.32; M2.4.32.32; M2.2.32.64.",
        "M3.3.32.32 and M3.4.32.32 report equal parameters (29,482), although depth_fc changes them elsewhere",
        "The average of stage 3, 72.0 %, contains 3 configurations that learnt nothing (M2.4.64.128; M3.4.32.64; "
        "M3.4.64.128); without them the average is 86.2 %.",
        "24m 59s instead of 2m 9s and 24.6 million parameters buy 0.3 points: M1.3.32.32 over M2.2.16.32.",
        "Learning rate 0.001 beat 0.01 in all 4 configurations with both, by 0.3 to 5.7 points, in 4 pairs of one seed",
        "Listed more than once with different scores: M2.3.32.32 (87.0 % and 87.1 %); M3.3.32.32 (87.7 % and 87.8 %).",
        "To run again with other seeds, as they lie within 0.6 points: M2.2.32.32 (learning rate=0.001); M2.2.32.64 (",
        "Never tried together: depth_conv 1 with learning rate=0.001",
        "All 3 configurations that learnt nothing had learning rate=0.01, which stage 4 left for 0.001",
    ):
        assert sentence in said


def test_no_more_is_said_of_one_seed_than_what_was_seen(printed):
    assert choices(printed)[["low", "high", "low_simultaneous", "high_simultaneous"]].isna().all(axis=None)
    assert {f.verdict for f in printed.findings()} == {"cannot tell"}
    assert "noise of seeds (ahead" not in printed.summary().text and "within the noise" not in printed.summary().text
    assert len(printed.tests) == 16 and len(printed.findings()) == 4 + 10


def test_a_configuration_that_is_listed_again_is_no_second_seed(printed):
    assert printed.asked["noise"][1] == 0 and (candidates(printed)["n"] == 1).all()
    # Each stage has the number that it printed.
    again = candidates(printed)[candidates(printed)["name"] == "M2.3.32.32"]
    assert again["estimate"].tolist() == [87.1, 87.0, 87.0]


def test_a_later_stage_that_turns_an_earlier_choice_is_named_with_both_sizes(printed):
    rows = facts(printed, "turned")
    assert rows["names"].tolist() == ["16.32; 32.32", "16.32; 32.64"]
    np.testing.assert_allclose(rows[["low", "high"]], [[1.8, 1.3], [3.0, 1.1]])


def test_the_table_of_the_report_is_laid_out(printed):
    table = printed.table()
    assert table.frame.iloc[0].tolist() == [
        *("1", "depth_conv", "learning rate=0.01, depth_fc=3, channels=32.32", "1"),
        *("89.2", "88.7", "24m 59s", "24,606,954", "1", ""),
    ]
    assert "Stage 3, max accuracy of its 16 candidates: highest 88.9 %, mean 72.0 %." in table.notes


def test_means_maxima_and_runs_are_those_of_the_seeds(repeated):
    sweep = make_staged(Staged(seeds=4, noise=0.3), 1)
    by_cell = sweep.runs.groupby(list(sweep.space.names), sort=False)["accuracy"]
    for row in candidates(repeated).itertuples():
        cell = dict(part.split("=") for part in row.name.split(", "))
        own = by_cell.get_group(tuple(h.levels[[str(x) for x in h.levels].index(cell[h.name])] for h in sweep.space))
        assert row.estimate == pytest.approx(own.mean()) and row.best == pytest.approx(own.max()) and row.n == 4


def test_a_difference_beyond_the_noise_of_seeds_is_called_so_and_one_within_it_is_not():
    sure = hp.staged(make_staged(Staged(seeds=4, noise=0.01), 1))
    assert "that is more than the noise of seeds" in sure.summary().text and "within" not in sure.summary().text
    unsure = hp.staged(make_staged(Staged(seeds=4, noise=20.0), 1))
    assert "more than the noise" not in unsure.summary().text and "within the noise of seeds" in unsure.summary().text


def test_noise_that_is_known_from_elsewhere_takes_the_place_of_repeats():
    sweep = make_staged(Staged(noise=0.01), 1)
    assert not hp.staged(sweep).asked["noise"][1]
    known = hp.staged(sweep, noise=0.01)
    assert (choices(known)["low_simultaneous"] > 0).all() and known.asked["noise"] == (0.01, np.inf)
    with pytest.raises(UserError, match="noise is -1; give the standard deviation between seeds, above 0"):
        hp.staged(sweep, noise=-1)


def false_claims(study, seeds):
    """Studies in which a choice is said to be beyond the noise of seeds that is wrong, and all its limits hold."""
    wrong = held = 0
    for seed in seeds:
        sweep = make_staged(study, seed)
        rows = choices(hp.staged(sweep))
        names = list(sweep.space.names)
        truth = sweep.runs.assign(**{n: sweep.runs[n].astype(str) for n in names}).groupby(names)["expected"].first()
        cells = [dict(part.split("=") for part in name.split(", ")) for name in rows["name"]]
        others = [c | {h: v} for c, h, v in zip(cells, rows["hyperparameter"], rows["reference"], strict=True)]
        apart = np.array(
            [truth[tuple(a.values())] - truth[tuple(b.values())] for a, b in zip(cells, others, strict=True)]
        )
        low, high = rows["low_simultaneous"].to_numpy(float), rows["high_simultaneous"].to_numpy(float)
        wrong += bool(((low > 0) & (apart <= 1e-9)).any())
        held += bool(((low <= apart + 1e-9) & (apart <= high + 1e-9)).all())
    return wrong, held


@pytest.mark.parametrize("spread", [0.0, 1.0])
def test_limits_of_choices_hold_together_at_their_rate(spread):
    wrong, held = false_claims(Staged(seeds=2, noise=1.0, spread=spread), range(40))
    assert held >= 34 and wrong <= 5


def test_what_was_never_tried_with_what_was_chosen_later_is_what_the_table_lacks(repeated):
    sweep = make_staged(Staged(seeds=4, noise=0.3), 1)
    for row in facts(repeated, "untried").itertuples():
        chosen = dict(part.split("=") for part in row.reference.split(", "))
        keep = np.logical_and.reduce([sweep.runs[k].astype(str) == v for k, v in chosen.items()])
        assert not set(row.value.split(", ")) & set(sweep.runs.loc[keep, row.hyperparameter].astype(str))


def test_what_is_cheaper_is_the_reason_that_is_given_and_no_other_is_made_up():
    frame = pd.DataFrame(
        {
            "depth": [1, 2, 3, 2, 2],
            "lr": [0.1, 0.1, 0.1, 0.01, 0.001],
            "acc": [0.90, 0.89, 0.7, 0.91, 0.92],
            "seconds": [900.0, 30.0, 20.0, 30.0, 31.0],
            "stage": [1, 1, 1, 2, 2],
        }
    )
    said = hp.staged(hp.read(frame, metric="acc", goal="max")).summary().text
    assert (
        "kept 2, although 1 scored best, 0.900: what it kept is cheaper (seconds 30 s at most instead of 15m 0s)"
        in said
    )
    silent = hp.staged(hp.read(frame.drop(columns="seconds"), metric="acc", goal="max")).summary().text
    assert "kept 2, although 1 scored best, 0.900, and the table does not say why." in silent


def test_a_stage_of_one_run_varied_nothing():
    frame = pd.DataFrame({"depth": [1, 2, 3], "lr": [0.1, 0.1, 0.1], "acc": [0.5, 0.6, 0.4], "stage": [1, 2, 2]})
    frame = pd.concat([frame, frame.assign(lr=0.2, acc=0.7, stage=3)[1:2]])
    answer = hp.staged(hp.read(frame, metric="acc", goal="max", stage="stage"))
    assert "3 stages: nothing, then depth, then lr." in answer.summary().text
    assert "Stage 1 varied nothing: depth=1, lr=0.1 scored 0.500." in answer.summary().text
    assert len(answer.table().frame) == 6 and answer.plot().has_data()


def test_failed_runs_are_no_candidates_that_win():
    frame = pd.DataFrame({"depth": [1, 2, 3, 2], "lr": [0.1, 0.1, 0.1, 0.01], "loss": [0.5, 0.4, np.nan, 0.3]})
    answer = hp.staged(hp.read(frame.assign(stage=[1, 1, 1, 2]), metric="loss", goal="min"))
    assert candidates(answer, 1)["collapsed"].tolist() == [False, False, True]
    assert "kept 2, which scored best, 0.400" in answer.summary().text and answer.plot().has_data()


def test_a_sweep_without_stages_is_refused_with_what_to_say():
    with pytest.raises(UserError, match=r"has no stages: .* name the column that says the stage of a run"):
        hp.staged(make_random(LADDER, 40, 0))


def test_lower_is_better_turns_everything_round():
    up = make_staged(Staged(seeds=3), 2)
    down = hp.Sweep(up.runs.assign(accuracy=-up.runs["accuracy"]), up.space, up.roles, "accuracy", "min", name="down")
    one, other = hp.staged(up), hp.staged(down)
    assert candidates(one)["kept"].tolist() == candidates(other)["kept"].tolist()
    np.testing.assert_allclose(choices(one)["low_simultaneous"], -choices(other)["high_simultaneous"])


def test_what_all_collapsed_ones_share_is_said_only_of_what_was_held_until_then():
    def told(rows):
        table = pd.DataFrame(rows, columns=["depth", "width", "lr", "acc"]).assign(stage=[1, 1, 1, 2, 2, 3])
        return hp.staged(hp.read(table, metric="acc", goal="max", stage="stage")).summary().text

    # Depth, then width, then the learning rate: two fail at the first rate, and width 9 is no value of stage 1.
    study = [(1, 3, 0.1, 0.81), (2, 3, 0.1, 0.82), (3, 3, 0.1, 0.1), (2, 6, 0.1, 0.83), (2, 9, 0.1, 0.1)]
    better, worse = (2, 6, 0.01, 0.9), (2, 6, 0.01, 0.7)
    left = "All 2 configurations that learnt nothing had lr=0.1, which stage 3 left for 0.01"
    assert left in told([*study, better]) and left not in told([*study, worse])
    assert "which stage 2 left" not in told([*study, better])
