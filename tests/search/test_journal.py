"""A finished run is on disk, a torn line is cut off, and one process at a time writes."""

import json
from pathlib import Path

import pytest

from hpanalysis.errors import UserError
from hpanalysis.search.journal import NAME, Journal, read_journal
from hpanalysis.search.record import Finished, Record


def write(folder: Path, *records: Record, protocol: dict | None = None) -> None:
    with Journal(folder) as journal:
        if protocol is not None:
            journal.begin(protocol)
        for record in records:
            journal.append(record)


def test_what_was_appended_is_read_back(tmp_path):
    records = Record(0, {"loss": 0.1}, {"loss": [0.5, 0.1]}), Record(2, {"loss": None})
    write(tmp_path, *records, protocol={"seed": 1})
    assert read_journal(tmp_path) == Finished({"seed": 1}, {record.run: record for record in records})


def test_the_lines_are_those_of_the_first_journals_so_that_every_search_can_be_continued(tmp_path):
    write(tmp_path, Record(4, {"seed": 7, "loss": None}, {"loss": [0.5]}), protocol={"space": {}})
    lines = ['{"protocol": {"space": {}}}', '{"run": 4, "seed": 7, "loss": null, "curve": {"loss": [0.5]}}']
    assert (tmp_path / NAME).read_text().splitlines() == lines


def test_of_two_lines_of_one_run_the_first_counts(tmp_path):
    write(tmp_path, Record(0, {"loss": 1.0}), Record(0, {"loss": 2.0}))
    assert read_journal(tmp_path).records[0].cells == {"loss": 1.0}


def test_a_line_torn_anywhere_loses_only_that_run(tmp_path):
    write(tmp_path, Record(0, {}), Record(1, {"text": "torn \n here"}), protocol={})
    whole = (tmp_path / NAME).read_bytes()
    last = whole[:-1].rfind(b"\n") + 1
    for cut in range(last, len(whole)):
        (tmp_path / NAME).write_bytes(whole[:cut])
        assert list(read_journal(tmp_path).records) == [0]
        write(tmp_path, Record(5, {}))
        assert list(read_journal(tmp_path).records) == [0, 5]


def test_reading_does_not_mend_so_that_an_export_beside_a_search_is_safe(tmp_path):
    write(tmp_path, protocol={})
    with open(tmp_path / NAME, "ab") as file:
        file.write(b'{"run": 0, "lo')
    before = (tmp_path / NAME).read_bytes()
    read_journal(tmp_path)
    assert (tmp_path / NAME).read_bytes() == before


def test_a_spoilt_line_in_the_middle_is_named(tmp_path):
    write(tmp_path, Record(0, {}), protocol={})
    (tmp_path / NAME).write_text((tmp_path / NAME).read_text() + "nonsense\n" + json.dumps({"run": 1}) + "\n")
    with pytest.raises(UserError, match="line 3 of .*journal.jsonl"):
        read_journal(tmp_path)


def test_a_second_writer_is_refused(tmp_path):
    with Journal(tmp_path), pytest.raises(UserError, match="another search is writing.*--jobs"), Journal(tmp_path):
        pass


def test_a_full_disk_is_one_clear_error(tmp_path):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    (tmp_path / NAME).symlink_to(full)
    with Journal(tmp_path) as journal, pytest.raises(UserError, match="No space left on device.*repeat the command"):
        journal.append(Record(0, {}))


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="file.*cannot be written.*--out"), Journal(tmp_path / "file"):
        pass
