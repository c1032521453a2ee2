"""Does a filter keep exactly what it says, and run nothing?"""

import numpy as np
import pandas as pd
import pytest

from hpanalysis import UserError
from hpanalysis.sweeps.where import keep_where, parse

FRAME = pd.DataFrame(
    {
        "opt": ["adam", "sgd", None, "rms prop"],
        "batch": [16, 32, 64, 128],
        "lr": [0.1, np.nan, 0.01, 0.001],
        "bn": [True, False, True, True],
        "valid ppl": [1.0, 2, 3, 4],
        "__import__('os').system('false')": ["=cmd()", "x", "x", "x"],
    }
)


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ("opt == adam", [0]),
        ("opt = adam", [0]),
        ("opt=adam", [0]),
        ("opt != adam", [1, 2, 3]),
        ("opt in (adam, 'rms prop')", [0, 3]),
        ('opt == "rms prop"', [3]),
        ("batch >= 32 and batch<128", [1, 2]),
        ("batch > 16 AND lr <= 1e-2", [2, 3]),
        ("batch == 32.0", [1]),
        ("batch in [16, 64]", [0, 2]),
        ("lr != 0.1", [1, 2, 3]),
        ("opt == (none)", [2]),
        ("opt == '(none)'", [2]),
        ("opt != (none)", [0, 1, 3]),
        ("opt in ((none), sgd)", [1, 2]),
        ("lr == (none) and batch > 16", [1]),
        ("bn == true", [0, 2, 3]),
        ("bn == False", [1]),
        ("'valid ppl' < 3", [0, 1]),
        ("`valid ppl` < 3 and opt == sgd", [1]),
        ("\"__import__('os').system('false')\" == '=cmd()'", [0]),
    ],
)
def test_a_filter_keeps_the_rows_that_it_describes(where, kept):
    assert list(np.flatnonzero(keep_where(FRAME, where))) == kept


def test_where_a_level_says_that_nothing_was_chosen_an_empty_cell_is_inactive():
    frame = pd.DataFrame({"decay": ["step", "(none)", None]})
    assert list(np.flatnonzero(keep_where(frame, "decay == (none)"))) == [1]


def test_a_quoted_value_may_hold_anything():
    assert parse(r"a == 'it\'s and (b), == c'") == [("a", "==", "it's and (b), == c")]


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("", ["''", "COLUMN OP VALUE"]),
        ("opt", ["'opt'", "too early"]),
        ("opt ==", ["too early"]),
        ("opt == rms prop", ["'prop'", "and"]),
        ("opt ~ adam", ["'~'", "=="]),
        ("opt == adam or batch == 16", ["'or'", "and"]),
        ("opt == adam and", ["'and'"]),
        ("opt in adam", ["list"]),
        ("opt in (adam", ["list"]),
        ("opt in ()", ["list"]),
        ("batch == 16 == 32", ["'=='"]),
        ("opt == 'adam", ['"\'adam"']),
        ("bach == 16", ["'bach'", "did you mean 'batch'", "opt, batch, lr"]),
        ("opt < adam", ["'opt'", "text", "!="]),
        ("batch < big", ["'batch'", "'big'", "number"]),
        ("opt == lion", ["no row", "'opt'", "adam, rms prop, sgd, (none)"]),
        ("batch == (none)", ["no row", "16, 32"]),
        ("opt == adam and batch == 32", ["none of the 4 rows"]),
    ],
)
def test_a_filter_that_cannot_be_used_says_where_and_what_is_possible(where, words):
    with pytest.raises(UserError) as error:
        keep_where(FRAME, where)
    assert all(word in str(error.value) for word in words), str(error.value)
