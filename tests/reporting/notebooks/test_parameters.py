"""Are parameters typed as the notebook declares them, and is everything else refused?"""

import pytest

from hpanalysis.errors import UserError
from hpanalysis.reporting.notebooks.parameters import (
    Parameter,
    choose,
    load_notebook,
    load_notebooks,
    notebooks_folder,
    typed,
    typed_parameters,
)

OWN = """hyperparameter: str = "augmentation"  # the hyperparameter
k: int = 8  # draws
margin: float = 0.01  # what is irrelevant
deep: bool = False  # more of it
others: list = ["a"]  # a few more
untyped = 3  # a number without a type
"""


@pytest.fixture
def book(tmp_path, write_notebook):
    path = write_notebook(
        tmp_path, "01-augmentation", parameters=OWN, text="Hello\n\n# Is it good?\n", hyperparameters=["hyperparameter"]
    )
    return load_notebook(path)


def test_a_notebook_says_its_title_its_parameters_and_its_factors(book):
    assert (book.name, book.title, book.hyperparameters) == ("01-augmentation", "Is it good?", ("hyperparameter",))
    assert book.parameters["hyperparameter"] == Parameter("hyperparameter", "str", "augmentation", "the hyperparameter")
    assert book.parameters["others"].default == ["a"]
    assert book.parameters["untyped"].type == "int"


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("hyperparameter=007", "007"),
        ("hyperparameter=1e3", "1e3"),
        ("hyperparameter=a=b", "a=b"),
        ("hyperparameter=", ""),
        ("k=12", 12),
        ("margin=1e-3", 0.001),
        ("margin=1", 1.0),
        ("deep=yes", True),
        ("deep=false", False),
        ('others=["x", "y"]', ["x", "y"]),
        ("untyped=4", 4),
    ],
)
def test_a_value_has_the_declared_type(book, given, value):
    found = typed_parameters([book], [given])["01-augmentation"][given.partition("=")[0]]
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(("given", "choice"), [("k=1.5", "whole number"), ("margin=wide", "a number")])
def test_a_value_of_the_wrong_type_is_refused_by_name_value_and_choice(book, given, choice):
    with pytest.raises(UserError, match=rf"{given.partition('=')[0]}.*{given.partition('=')[2]}.*{choice}"):
        typed_parameters([book], [given])


def test_a_boolean_that_is_neither_is_refused(book):
    with pytest.raises(UserError, match="'perhaps'; give true or false"):
        typed(book.parameters["deep"], "perhaps")


def test_a_list_that_is_an_object_is_refused(book):
    with pytest.raises(UserError, match="give a list"):
        typed(book.parameters["others"], '{"a": 1}')


def test_a_misspelt_name_is_refused_with_the_close_and_the_legal_ones(book):
    with pytest.raises(
        UserError, match="'hyperparametr'.*choose from deep, hyperparameter, k, .*did you mean 'hyperparameter'"
    ):
        typed_parameters([book], ["hyperparametr=dropout"])


def test_what_the_report_sets_cannot_be_set(book):
    with pytest.raises(UserError, match="cannot set 'source'"):
        typed_parameters([book], ["source=elsewhere.csv"])


def test_a_parameter_without_a_value_is_refused(book):
    with pytest.raises(UserError, match="'hyperparameter' is not NAME=VALUE"):
        typed_parameters([book], ["hyperparameter"])


def test_a_parameter_goes_to_those_notebooks_that_have_it(tmp_path, write_notebook, book):
    other = load_notebook(write_notebook(tmp_path, "02-other", parameters="depth: int = 1  # how deep\n"))
    given = typed_parameters([book, other], ["depth=3", "hyperparameter=x"])
    assert given == {"01-augmentation": {"hyperparameter": "x"}, "02-other": {"depth": 3}}


def test_notebooks_are_chosen_by_number_or_name(tmp_path, write_notebook):
    for name in ("00-the-sweep", "01-augmentation", "10-more"):
        write_notebook(tmp_path, name)
    books = load_notebooks(tmp_path)
    assert [b.name for b in choose(books, [])] == ["00-the-sweep", "01-augmentation", "10-more"]
    assert [b.name for b in choose(books, ["10", "00-the-sweep.ipynb"])] == ["00-the-sweep", "10-more"]
    assert [b.name for b in choose(books, ["1"])] == [b.name for b in choose(books, ["01"])] == ["01-augmentation"]
    for wrong in ("aug", "augmentaton"):
        with pytest.raises(UserError, match=rf"'{wrong}', which is no notebook \(did you mean '01-augmentation'\?\);"):
            choose(books, [wrong])
    for wrong in ("2", "-1"):
        with pytest.raises(UserError, match=f"'{wrong}', which is no notebook; choose from 00-the-sweep, 01-augm"):
            choose(books, [wrong])


def test_a_parameter_may_take_several_lines_and_hold_what_looks_like_a_comment(tmp_path, write_notebook):
    more = (
        'names: list[str] = [\n    "a",\n    "#b",\n]  # more # of it\nnow = __import__("time")\nbare: int\nprint()\n'
    )
    found = load_notebook(write_notebook(tmp_path, "01-x", parameters=more)).parameters
    assert found["names"] == Parameter("names", "list", ["a", "#b"], "more # of it")
    assert found["now"].default is None and "bare" not in found


@pytest.mark.parametrize(
    ("said", "match"),
    [
        ({"needs": ["curves", "rungs"]}, "needs 'rungs' .*choose from hyperparameters, curves, stages, searches"),
        ({"needs": "curves"}, "has needs='curves' .*give a list"),
        ({"fewest": ["20"]}, r"has fewest=\['20'\] .*give a number"),
        ({"need": ["curves"]}, "says 'need' .*choose from hyperparameters, optional, .*needs"),
    ],
)
def test_what_nobody_understands_is_refused_with_the_legal_words(tmp_path, write_notebook, said, match):
    assert load_notebook(write_notebook(tmp_path, "00-fine", needs=["curves"])).needs == ("curves",)
    with pytest.raises(UserError, match=f"'01-x.ipynb' {match}"):
        load_notebook(write_notebook(tmp_path, "01-x", **said))


def test_a_folder_without_notebooks_is_refused(tmp_path):
    with pytest.raises(UserError, match="holds no notebook"):
        load_notebooks(tmp_path)
    with pytest.raises(UserError, match="is not a folder of notebooks"):
        notebooks_folder(tmp_path / "absent")


def test_a_notebook_that_cannot_be_pointed_at_a_sweep_is_refused(tmp_path):
    (tmp_path / "01-x.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
    with pytest.raises(UserError, match="no parameter 'source'"):
        load_notebooks(tmp_path)


def test_a_file_that_is_no_notebook_is_refused(tmp_path):
    (tmp_path / "01-x.ipynb").write_text("not json")
    with pytest.raises(UserError, match="'01-x.ipynb' is not a notebook"):
        load_notebooks(tmp_path)


def test_braces_in_a_path_are_only_braces(tmp_path, write_notebook):
    path = write_notebook(tmp_path / "a{b}c", "01-x")
    assert load_notebook(path).name == "01-x"
