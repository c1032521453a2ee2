"""Is a file written whole or not at all, and is it known beforehand where it cannot be?"""

import pytest

from hpanalysis.errors import UserError
from hpanalysis.reporting.files import check_writable, write_text


def listed(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_a_file_that_cannot_be_written_is_refused_before(tmp_path):
    check_writable(tmp_path / "x.json", "--json")
    assert listed(tmp_path) == []
    for path in (tmp_path, tmp_path / "absent" / "x.json"):
        with pytest.raises(UserError, match="--json .* cannot be written"):
            check_writable(path, "--json")


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "new \ud800")
    assert path.read_text() == "old" and listed(tmp_path) == ["x.txt"]
