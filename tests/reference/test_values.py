"""Does every question answer what it answered when it was recorded? A net under changes that should change no value.

The quick part asks the toys what takes little time; ``pytest -m slow tests/reference`` asks everything, of the shipped
sweep too. A change that is meant is a line of intended.csv, with its reason.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache

import pandas as pd
import pytest

import hpanalysis as hp
from tests.reference import asking, net
from tests.reference.net import Difference, Intended, Names, Table

SWEEPS = {name: (family, get) for family, sweeps in asking.families().items() for name, get in sweeps.items()}
RECORDED = {name: family for family in net.families() for name in net.load("exact", family)}
QUICK = [name for name in RECORDED if name != "cnn"]


@cache
def found(sweep: str, quick: bool) -> dict[str, tuple[Difference, ...]]:
    """Set -> what differs from what was recorded, intended or not; everything is asked once."""
    family, get = SWEEPS[sweep]
    out: dict[str, list[Difference]] = {which: [] for which in net.SETS}
    data = get()
    for question in asking.questions_of(sweep):
        if asking.is_quick(sweep, question) != quick:
            continue
        try:
            now = asking.asked(question, data)
        except Exception as error:
            error.add_note(f"{question} was asked of {sweep}")
            raise
        for which, judge in (("exact", net.differences), ("drawn", net.strayed)):
            old = net.load(which, family)[sweep].get(question)
            if old is not None:
                out[which] += judge(sweep, question, old, now.get(which, Table(old.keys, {})))
    return {which: tuple(differences) for which, differences in out.items()}


def must_agree(sweep: str, which: str, quick: bool) -> None:
    """Fail where something differs that is not intended, and say what."""
    entries = net.intended()
    differ = [d for d in found(sweep, quick)[which] if not any(entry.covers(d) for entry in entries)]
    if differ:
        pytest.fail(net.told(differ), pytrace=False)


@pytest.mark.parametrize("sweep", QUICK)
def test_what_draws_no_random_number_is_what_it_was(sweep):
    must_agree(sweep, "exact", quick=True)


@pytest.mark.parametrize("sweep", QUICK)
def test_what_is_drawn_is_what_it_was_but_for_luck(sweep):
    must_agree(sweep, "drawn", quick=True)


@pytest.mark.slow
@pytest.mark.parametrize("sweep", RECORDED)
def test_everything_is_what_it_was(sweep):
    for which in net.SETS:
        must_agree(sweep, which, quick=False)


def is_slow(entry: Intended) -> bool:
    """Whether an intended change is about what only the slow part asks."""
    asks = ((sweep, question) for sweep in RECORDED for question in asking.questions_of(sweep))
    mine = [ask for ask in asks if entry.about(*ask)]
    # What is about nothing at all is needless, and the quick part says so.
    return bool(mine) and not any(asking.is_quick(*ask) for ask in mine)


def needless(entries: Iterable[Intended], quick: bool) -> list[Intended]:
    """The intended changes that nothing differs by."""
    return [entry for entry in entries if not any(entry.covers(d) for d in _nearby(entry, quick))]


def _nearby(entry: Intended, quick: bool) -> Iterator[Difference]:
    """What differs on the sweeps that an intended change is about."""
    for sweep in RECORDED:
        if any(entry.about(sweep, question) for question in asking.questions_of(sweep)):
            for differences in found(sweep, quick).values():
                yield from differences


def test_every_intended_change_has_a_reason_and_happens():
    entries = net.intended()
    assert all(entry.reason.strip() for entry in entries)
    assert not needless([entry for entry in entries if not is_slow(entry)], quick=True)


@pytest.mark.slow
def test_every_intended_change_of_what_is_slow_happens():
    assert not needless([entry for entry in net.intended() if is_slow(entry)], quick=False)


def test_everything_that_is_kept_was_recorded_somewhere():
    """A column that no answer has would never be compared."""
    for which in net.SETS:
        seen = {}
        for family in net.families():
            for tables in net.load(which, family).values():
                for question, table in tables.items():
                    full = {c for c in table.columns if any(row[c] is not None for row in table.rows.values())}
                    seen[question] = seen.get(question, set()) | full
        for question, q in asking.QUESTIONS.items():
            wanted = {*(q.exact if which == "exact" else q.drawn), *q.partly}
            assert wanted <= seen.get(question, set()), (which, question, wanted - seen.get(question, set()))


def test_the_shipped_sweep_and_every_toy_are_recorded():
    assert {"cnn", "null/2", "conditional/1", "real_effects/0"} <= set(RECORDED) <= set(SWEEPS)
    rows = sum(len(t.rows) for tables in net.load("exact", "cnn").values() for t in tables.values())
    assert rows > 1500


# -- does the net catch? -----------------------------------------------------------------------------------------------

TOY = "log_interaction/0"


@pytest.fixture(scope="module")
def levels() -> tuple[Table, Table]:
    """What was recorded of a short question, and what is answered now."""
    family, get = SWEEPS[TOY]
    return net.load("exact", family)[TOY]["by_level"], asking.asked("by_level", get())["exact"]


def changed(table: Table, column: str, change) -> Table:
    """The table with the first number of a column changed."""
    key = next(key for key, row in sorted(table.rows.items()) if row[column] is not None)
    row = {**table.rows[key], column: change(table.rows[key][column])}
    return replace(table, rows={**table.rows, key: row})


def test_one_estimate_that_is_a_millionth_larger_is_found_and_told(levels):
    old, new = levels
    assert not list(net.differences(TOY, "by_level", old, new))
    (one,) = net.differences(TOY, "by_level", old, changed(new, "estimate", lambda x: x * (1 + 1e-6)))
    told = net.told([one])
    assert one.column == "estimate" and one.old != one.new
    assert all(f"{k}={v}" in told for k, v in one.keys.items() if v) and TOY in told and "by_level" in told
    assert f"{one.old:.12g} -> {one.new:.12g}" in told


def test_a_number_that_is_no_longer_given_is_found(levels):
    old, new = levels
    (one,) = net.differences(TOY, "by_level", old, changed(new, "p", lambda x: None))
    assert one.column == "p" and one.new is None


def test_rows_and_columns_that_come_or_go_are_found(levels):
    old, new = levels
    fewer = replace(new, rows=dict(list(new.rows.items())[1:]))
    assert [d.column for d in net.differences(TOY, "by_level", old, fewer)] == [net.ROW]
    assert [d.column for d in net.differences(TOY, "by_level", fewer, old)] == [net.ROW]
    without = {key: {c: v for c, v in row.items() if c != "p"} for key, row in new.rows.items()}
    assert [d.column for d in net.differences(TOY, "by_level", old, replace(new, rows=without))] == ["p"]
    assert len(list(net.differences(TOY, "by_level", old, replace(new, rows={})))) == len(old.rows)


def test_the_order_of_rows_does_not_matter_and_a_key_that_names_two_rows_is_refused():
    frame = pd.DataFrame({"value": ["a", "b"], "estimate": [1.0, 2.0]})
    kept = [Table.of(f, ("value",), ("estimate",)) for f in (frame, frame[::-1])]
    assert not list(net.differences("s", "q", *kept))
    with pytest.raises(ValueError, match="several rows, such as {'value': 'a'}"):
        Table.of(frame.assign(value="a"), ("value",), ("estimate",))


def test_an_intended_change_covers_its_cells_only(levels):
    old, new = levels
    (one,) = net.differences(TOY, "by_level", old, changed(new, "estimate", lambda x: x + 1))
    about = f"hyperparameter={one.keys['hyperparameter']}; scale=*"
    entry = Intended("log_interaction/*", "by_level", about, "estimate", "a test")
    assert entry.covers(one) and entry.about(TOY, "by_level") and not is_slow(entry)
    for other in ({"sweep": "cnn"}, {"question": "curve"}, {"keys": "hyperparameter=none"}, {"column": "p"}):
        assert not replace(entry, **other).covers(one)
    assert is_slow(replace(entry, sweep="cnn")) and is_slow(replace(entry, question="disagreement"))


def test_an_intended_change_that_does_not_happen_is_needless():
    entry = Intended(TOY, "by_level", "hyperparameter=no such one", "estimate", "a test")
    assert needless([entry], quick=True) == [entry]


def test_drawn_limits_that_are_a_tenth_shorter_are_found():
    family, get = SWEEPS[TOY]
    now, old = asking.asked("inquiry", get())["drawn"], net.load("drawn", family)[TOY]["inquiry"]
    assert not list(net.strayed(TOY, "inquiry", old, now))
    rows = {}
    for key, row in now.rows.items():
        low, high = row["low_simultaneous"], row["high_simultaneous"]
        short = 0.1 * (high - low) if low is not None and high is not None else 0.0
        rows[key] = row if low is None else {**row, "low_simultaneous": low + short}
    assert {d.column for d in net.strayed(TOY, "inquiry", old, replace(now, rows=rows))} == {"low_simultaneous"}


def test_what_is_stored_is_what_was_saved_to_the_digits_that_count(tmp_path, monkeypatch):
    values = {"a": 0.12345678901234, "b": 1234.56789012345, "c": None, "d": True, "e": "text", "f": float("-inf")}
    table = Table(("key",), {("x",): values, ("y",): dict(values)})
    monkeypatch.setattr(net, "STORE", tmp_path)
    paths = [net.save("exact", name, {"s": {"q": table}}) for name in ("one", "two")]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert not list(net.differences("s", "q", table, net.load("exact", "one")["s"]["q"]))


# -- names -------------------------------------------------------------------------------------------------------------


def test_of_each_function_that_was_renamed_one_name_is_public():
    functions = json.loads((net.HERE / "names.json").read_text(encoding="utf-8"))["functions"]
    assert len(functions) >= 8
    for entry in functions:
        if entry["new"] != "next_space":  # the name of another function before
            assert len({entry["old"], entry["new"]} & set(hp.__all__)) == 1, entry


def test_every_question_that_the_map_names_is_asked():
    names = Names.load()
    for entry in (*names.columns, *names.values, *names.limits):
        assert entry["question"] == "*" or entry["question"] in asking.QUESTIONS, entry


def test_a_limit_that_held_for_the_family_is_compared_under_its_new_name():
    names = Names(limits=({"question": "q", "old": "low", "new": "low_simultaneous", "rows": {"reference": "?*"}},))
    frame = pd.DataFrame({"value": ["a", "b"], "reference": ["", "a"], "low": [1.0, 2.0]})
    now = names.now("q", frame)
    assert now["low"].tolist()[0] == 1.0 and pd.isna(now["low"][1])
    assert pd.isna(now["low_simultaneous"][0]) and now["low_simultaneous"][1] == 2.0
    # Code that has both already is left alone.
    both = frame.assign(low_simultaneous=[0.0, 1.0])
    assert names.now("q", both).equals(both)
    assert names.now("another", frame).equals(frame)


def test_columns_and_texts_that_were_renamed_are_followed_in_code_and_store():
    names = Names(
        columns=({"question": "q*", "old": "k", "new": "draws"},),
        values=({"question": "q", "column": "scale", "old": "best", "new": "tuned"},),
    )
    frame = pd.DataFrame({"scale": ["best"], "k": [5.0], "estimate": [1.0]})
    stored = Table.of(frame, ("scale", "k"), ("estimate",))
    new = Table.of(frame.assign(scale="tuned").rename(columns={"k": "draws"}), ("scale", "draws"), ("estimate",))
    assert names.kept("q", stored) == new
    for code in (frame, frame.rename(columns={"k": "draws"})):
        assert Table.of(names.now("q", code), ("scale", "draws"), ("estimate",)) == new
    assert names.kept("other", stored) == stored
