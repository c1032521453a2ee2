"""Is tuning one hyperparameter at a time replayed as it would have gone? Against a plain search, cell by cell."""

from itertools import combinations, permutations, product

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis import UserError
from hpanalysis.statistics.replays import best_of_draws, one_at_a_time
from hpanalysis.toys.staged import Staged, make_factorial


def table(rng=0, seeds=2, ties=False, sizes=(2, 3, 3)):
    rng = np.random.default_rng(rng)
    names = ("depth", "width", "lr")[: len(sizes)]
    rows = []
    for cell in product(*map(range, sizes)):
        for seed in range(seeds):
            score = float(rng.integers(0, 3)) / 10 if ties else float(rng.normal())
            rows.append({**{n: f"v{v}" for n, v in zip(names, cell, strict=True)}, "seed": seed, "acc": score})
    return pd.DataFrame(rows)


def read(frame, **settings):
    return hp.read(frame, metric="acc", goal="max", roles={"seed": "seed"} if "seed" in frame else {}, **settings)


def by_hand(frame, names):
    """Every study, run by looking up one cell after the other: order -> regrets and finds, of all starts and seeds."""
    seeds = sorted(frame["seed"].unique())
    score = {(*row[:-2], row[-2]): row[-1] for row in frame[[*names, "seed", "acc"]].itertuples(index=False, name=None)}
    levels = [sorted(frame[n].unique()) for n in names]
    cells = list(product(*levels))
    mean = {c: sum(score[*c, s] for s in seeds) / len(seeds) for c in cells}
    best = max(cells, key=lambda c: (round(mean[c], 9), [-levels[i].index(v) for i, v in enumerate(c)]))
    out = {}
    for order in permutations(range(len(names))):
        lost, found = [], []
        for seed in seeds:
            others = [s for s in seeds if s != seed] or [seed]
            for start in cells:
                at = list(start)
                for i in order:
                    tried = [(round(score[*at[:i], v, *at[i + 1 :], seed], 9), -k, v) for k, v in enumerate(levels[i])]
                    at[i] = max(tried)[2]
                lost.append(np.mean([score[*best, s] - score[*at, s] for s in others]))
                found.append(tuple(at) == best)
        out[" → ".join(names[i] for i in order)] = (np.mean(lost), np.mean(found), np.max(lost), len(lost))
    return out, best


@pytest.mark.parametrize("seeds", [1, 2, 3])
@pytest.mark.parametrize("ties", [False, True])
def test_every_order_ends_where_a_plain_search_does(seeds, ties):
    for rng in range(4):
        frame = table(rng, seeds, ties)
        answer = hp.replay(read(frame))
        expected, best = by_hand(frame, ["depth", "width", "lr"])
        orders = answer.frame[answer.frame["row"] == "order"].set_index("other_value")
        assert set(orders.index) == set(expected)
        for order, values in expected.items():
            got = orders.loc[order, ["estimate", "found", "worst", "n"]].astype(float)
            np.testing.assert_allclose(got, np.array(values, float), atol=1e-8)
        assert answer.asked["cells"]["all runs"] == ", ".join(
            f"{n}={v}" for n, v in zip(("depth", "width", "lr"), best, strict=True)
        )


def test_all_orders_and_those_that_begin_or_end_with_a_hyperparameter_are_averages_of_their_orders():
    rows = hp.replay(make_factorial(Staged(seeds=2), 4)).frame
    orders = rows[rows["row"] == "order"]
    assert rows.iloc[0]["estimate"] == pytest.approx(orders["estimate"].mean())
    last = orders["other_value"].str.split(" → ").str[-1]
    for kind, key in (("first", orders["hyperparameter"]), ("last", last)):
        own = rows[rows["row"] == kind].set_index("hyperparameter")
        for column in ("estimate", "found"):
            np.testing.assert_allclose(own[column], orders.groupby(key)[column].mean().reindex(own.index), rtol=1e-8)


@pytest.mark.parametrize("ties", [False, True])
def test_random_draws_are_those_of_all_samples(ties):
    frame = table(1, 2, ties, sizes=(2, 2, 2))
    names = ["depth", "width", "lr"]
    score = frame.pivot_table(values="acc", index=names, columns="seed").sort_index().to_numpy()
    best = int(np.argmax(np.round(score.mean(axis=1), 9)))
    lost, found = [], []
    for seed in (0, 1):
        for drawn in combinations(range(8), 4):
            won = max(drawn, key=lambda c: (round(score[c, seed], 9), -c))
            lost.append(score[best, 1 - seed] - score[won, 1 - seed])
            found.append(won == best)
    luck = hp.replay(read(frame)).frame.query("row == 'random'").iloc[0]
    assert luck["draws"] == 4
    np.testing.assert_allclose([luck["estimate"], luck["found"]], [np.mean(lost), np.mean(found)], atol=1e-8)


def test_the_probabilities_of_all_cells_to_be_the_best_drawn_are_one():
    for draws in (1, 5, 20):
        assert best_of_draws(np.random.default_rng(0).normal(size=20), draws).sum() == pytest.approx(1)
    assert best_of_draws(np.array([1.0, 3.0, 2.0]), 1).tolist() == pytest.approx([1 / 3] * 3)


def test_without_interactions_one_at_a_time_finds_the_best_from_everywhere():
    scores = np.arange(3.0)[:, None, None] + 5 * np.arange(4.0)[:, None] - np.array([0.0, 1.0])
    assert all((one_at_a_time(scores, order) == scores.argmax()).all() for order in permutations(range(3)))
    rows = hp.replay(make_factorial(Staged(noise=1e-9), 0)).frame
    assert rows["estimate"].min() >= 0


def test_a_loss_is_replayed_as_a_score_turned_round():
    frame = table(2)
    one = hp.replay(read(frame)).frame
    turned = hp.read(frame.assign(acc=-frame["acc"]), metric="acc", goal="min", roles={"seed": "seed"})
    pd.testing.assert_frame_equal(one.drop(columns="regime"), hp.replay(turned).frame.drop(columns="regime"))


def test_each_data_set_is_replayed_by_itself_and_on_average():
    frame = pd.concat([table(0).assign(dataset="x"), table(1).assign(dataset="y")])
    rows = hp.replay(read(frame, datasets="dataset")).frame
    single = hp.replay(read(table(1))).frame
    np.testing.assert_allclose(rows.query("dataset == 'y'")["estimate"], single["estimate"])
    every = rows[rows["row"] == "all"].set_index("dataset")["estimate"]
    assert every["all data sets"] == pytest.approx((every["x"] + every["y"]) / 2)


def test_a_failed_run_counts_as_declared_or_as_the_worst_and_it_is_said():
    frame = table(3)
    frame.loc[0, "acc"] = np.nan
    answer = hp.replay(read(frame))
    assert "1 run failed and count as the worst score" in answer.caveats[-1].replace("counts", "count")
    same = hp.replay(read(frame.fillna({"acc": frame["acc"].min()})))
    np.testing.assert_allclose(answer.frame["estimate"], same.frame["estimate"])


def test_levels_that_are_declared_as_texts_are_those_of_a_column_of_numbers():
    frame = table(0).assign(lr=lambda f: f["lr"].map({"v0": 16.32, "v1": 32.32, "v2": 64.128}))
    space = {"lr": {"kind": "categorical", "levels": ["16.32", "32.32", "64.128"]}}
    answer = hp.replay(read(frame, space=space))
    assert "inactive" not in answer.asked["cells"]["all runs"] and answer.asked["studied"][0] == 18
    np.testing.assert_allclose(sorted(answer.frame["estimate"]), sorted(hp.replay(read(table(0))).frame["estimate"]))


def test_a_range_of_few_values_is_replayed_by_them():
    frame = table(0, seeds=1).drop(columns="seed")
    frame = frame.assign(lr=frame["lr"].map({"v0": 0.1, "v1": 0.2, "v2": 0.4}))
    space = {"lr": {"kind": "continuous", "low": 0.05, "high": 1.0}}
    expected = hp.replay(read(table(0, seeds=1))).frame["estimate"]
    np.testing.assert_allclose(sorted(hp.replay(read(frame, space=space)).frame["estimate"]), sorted(expected))


def test_of_more_than_five_hyperparameters_a_said_number_of_orders_is_replayed():
    rng = np.random.default_rng(0)
    cells = pd.DataFrame(list(product(*[("a", "b")] * 6)), columns=list("uvwxyz")).assign(acc=rng.normal(size=64))
    answer = hp.replay(read(cells), orders=30)
    assert (answer.frame["row"] == "order").sum() == 30 and "30 of 720 orders" in answer.summary().text
    assert answer.frame.equals(hp.replay(read(cells), orders=30).frame)
    assert not answer.frame.equals(hp.replay(read(cells), orders=30, rng=1).frame)


def test_what_is_no_full_factorial_is_refused_with_what_is_missing():
    frame = table(0)
    with pytest.raises(
        UserError, match=r"1 of 18 combinations of depth, width, lr were not run, the first depth=v0, wid"
    ):
        hp.replay(read(frame[2:]))
    with pytest.raises(UserError, match="lr varies too: keep one value with where"):
        hp.replay(read(frame), ["depth", "width"])
    with pytest.raises(UserError, match="'depht' is no hyperparameter that varies; choose some of depth, width, lr"):
        hp.replay(read(frame), ["depht", "width"])
    with pytest.raises(UserError, match="two different hyperparameters or more, not depth"):
        hp.replay(read(frame), ["depth"])


def test_what_is_told_is_what_the_rows_hold():
    answer = hp.replay(make_factorial(Staged(seeds=2), 3))
    said, rows = answer.summary().text, answer.frame
    first = rows[rows["row"] == "first"].sort_values("estimate")
    assert f"Tuning {first['hyperparameter'].iloc[0]} first ends 0.9 points worse (57 % at the best cell)" in said
    assert "All 24 orders of 4 hyperparameters were replayed from each of 144 cells, with each of 2 seeds." in said
    assert answer.table().frame.iloc[0].tolist()[:3] == ["one at a time, all orders", "41.4 %", "1.88"]
    assert len(answer.findings()) == 2


def test_what_seeds_lose_is_told_and_whether_they_differ_by_more_than_what_is_tuned_first():
    answer = hp.replay(make_factorial(Staged(seeds=3, noise=2.0, spread=0.1), 0))
    rows = answer.frame[answer.frame["row"] != "random"]
    assert (rows["least"] <= rows["estimate"]).all() and (rows["estimate"] <= rows["most"]).all()
    assert "between seeds that changes by more." in answer.summary().text
    sure = hp.replay(make_factorial(Staged(seeds=3, noise=0.01), 3))
    assert "seeds differ" not in sure.summary().text


def test_a_level_that_the_table_holds_as_a_number_is_that_level():
    frame = table(5, seeds=3)
    numbers = frame.assign(width=frame["width"].map({"v0": 16.32, "v1": 32.32, "v2": 64.128}))
    space = {
        "depth": {"kind": "categorical", "levels": ["v0", "v1"]},
        "width": {"kind": "categorical", "levels": ["16.32", "32.32", "64.128"]},
        "lr": {"kind": "categorical", "levels": ["v0", "v1", "v2"]},
    }
    as_names, as_numbers = hp.replay(read(frame)).frame, hp.replay(read(numbers, space=space)).frame
    columns = ["row", "estimate", "found", "n"]
    pd.testing.assert_frame_equal(as_names[columns], as_numbers[columns])
