"""Is a text table read as it stands, and a file that is none refused in one sentence?"""

import gzip

import numpy as np
import pytest

from hpanalysis import UserError
from hpanalysis.sweeps.sources.csv import load


@pytest.fixture
def write(tmp_path):
    def write(data, name="runs.csv"):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write


def test_only_an_empty_cell_is_missing(write):
    frame = load(write("a,b\nNone,1\nNA,2\nnan,3\n,4\nnull,5\n"))
    assert list(frame["a"].isna()) == [False, False, False, True, False]
    assert frame["a"][0] == "None"


def test_numbers_keep_every_digit(write):
    frame = load(write("a\n0.00010692136940619521\n0.30000000000000004\n"))
    assert list(frame["a"]) == [0.00010692136940619521, 0.30000000000000004]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("runs.csv", "a,b\n1.5,x\n"),
        ("runs.csv", "a;b\n1,5;x\n"),
        ("runs.csv", "a;b\n1.5;x\n"),
        ("runs.csv", "a\tb\n1.5\tx\n"),
        ("runs.tsv", "a\tb\n1.5\tx\n"),
        ("runs.csv", "\ufeffa,b\r\n1.5,x\r\n"),
        ("runs.csv", '"a","b"\n"1.5","x"\n'),
        ("runs.csv", "a, b\n1.5, x\n"),
    ],
)
def test_every_common_dialect_is_understood(write, name, text):
    frame = load(write(text, name))
    assert list(frame.columns) == ["a", "b"]
    assert float(frame["a"][0]) == 1.5 and frame["b"][0] == "x"


def test_one_text_cell_does_not_turn_decimal_commas_into_thousands(write):
    frame = load(write("lr;loss\n0,1;1,107\n0,2;1,310\nauto;nan\n"))
    assert list(frame["loss"]) == ["1.107", "1.310", "nan"] and list(frame["lr"]) == ["0.1", "0.2", "auto"]
    assert list(load(write("lr\tloss\n0,1\t1,107\n0,2\tnan\n", "runs.tsv"))["loss"]) == ["1.107", "nan"]
    assert list(load(write('lr,n\n0.1,"1,107"\n0.2,"2,310"\n'))["n"]) == ["1,107", "2,310"]


def test_a_gzipped_table_and_utf_16_are_read(write):
    assert list(load(write(gzip.compress(b"a,b\n1,2\n", mtime=0), "runs.csv.gz")).columns) == ["a", "b"]
    assert list(load(write("a,ü\n1,2\n".encode("utf-16"))).columns) == ["a", "ü"]


def test_infinity_is_a_number(write):
    assert np.isinf(load(write("a\ninf\n-inf\n1\n"))["a"][:2]).all()


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "runs.csv", ["runs.csv is empty"]),
        (b"  \n\n", "runs.csv", ["runs.csv is empty"]),
        (b"\x89PNG\r\n\x1a\n\0\0", "runs.csv", ["runs.csv is a binary file"]),
        (b"a,b\n\xff\xe9,1\n", "runs.csv", ["runs.csv", "UTF-8", "byte 4"]),
        (b"a,b\n1,2\n", "runs.csv.gz", ["runs.csv.gz is not a gzip file"]),
        (gzip.compress(b"a,b\n1,2\n" * 99, mtime=0)[:-20], "runs.csv.gz", ["runs.csv.gz is not a gzip file"]),
        (b"a,b\n1,2\n1,2,3,4\n", "runs.csv", ["runs.csv is not a table", "4"]),
        (b"a,b,a\n1,2,3\n", "runs.csv", ["runs.csv", "more than one column called 'a'"]),
    ],
)
def test_a_file_that_is_no_table_is_refused_by_name(write, data, name, words):
    with pytest.raises(UserError) as error:
        load(write(data, name))
    assert all(word in str(error.value) for word in words), str(error.value)
    assert "\n" not in str(error.value)
