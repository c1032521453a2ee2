"""Is YAML read as people mean it, and written so that every reader reads the same?"""

import pytest
import yaml

from hpanalysis import UserError
from hpanalysis.sweeps.reading.yaml_text import load_yaml, yaml_line


def test_yaml_is_read_as_people_mean_it(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text("a: [off, on, no, true, 1e-3, 007, 2020-01-01, 12:30, null, None, 5]")
    assert load_yaml(path)["a"] == ["off", "on", "no", True, 0.001, "007", "2020-01-01", "12:30", None, "None", 5]


@pytest.mark.parametrize("key", ["a", "off", "007", "a: b #", "two\nlines", "\x85", "x" * 2000, "é", "1e-3", ""])
@pytest.mark.parametrize("value", [None, 0.5, ["off", "1e-3", "007", "yes"], {"unit": "a: b"}, "null"])
def test_a_line_says_the_same_to_this_reader_and_to_others(key, value, tmp_path):
    path = tmp_path / "x.yaml"
    path.write_text(f"section:\n  {yaml_line(key, value)}\n", encoding="utf-8")
    assert load_yaml(path)["section"] == {key: value} == yaml.safe_load(path.read_text(encoding="utf-8"))["section"]


def test_a_file_that_is_empty_or_missing_is_not_the_same(tmp_path):
    (tmp_path / "x.yaml").write_text("# nothing yet\n")
    assert load_yaml(tmp_path / "x.yaml") == {}
    with pytest.raises(UserError, match="no such file"):
        load_yaml(tmp_path / "y.yaml")
