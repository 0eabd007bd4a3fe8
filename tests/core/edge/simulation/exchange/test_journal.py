"""The journal's file."""

import sqlite3
from pathlib import Path

import pytest

from perptape.core.edge.simulation.exchange.errors import JournalMismatchError, JournalUnusableError
from perptape.core.edge.simulation.exchange.journal import Journal, MemoryJournal, Row, SqliteJournal

ROWS = [Row(1, 0, "submit", "a", b"{}"), Row(1, 4, "OrderFilled", "a", b'{"seq":4}'), Row(2, 5, "cancel", "a", b"{}")]


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_rows_come_back_in_the_order_of_writing(kind: str, tmp_path: Path) -> None:
    journal: Journal = MemoryJournal() if kind == "memory" else SqliteJournal(tmp_path / "journal.db", "digest")
    assert list(journal.rows()) == []
    journal.append(ROWS[:2])
    journal.append(ROWS[2:])
    assert list(journal.rows()) == ROWS
    journal.close()


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_the_newest_rows_can_be_taken_back(kind: str, tmp_path: Path) -> None:
    journal: Journal = MemoryJournal() if kind == "memory" else SqliteJournal(tmp_path / "journal.db", "digest")
    journal.append(ROWS)
    journal.drop_newest(2)
    assert list(journal.rows()) == ROWS[:1]
    journal.append(ROWS[1:])
    assert list(journal.rows()) == ROWS
    journal.close()


def test_a_file_opened_again_has_its_rows(tmp_path: Path) -> None:
    first = SqliteJournal(tmp_path / "journal.db", "digest")
    first.append(ROWS)
    first.close()
    again = SqliteJournal(tmp_path / "journal.db", "digest")
    assert list(again.rows()) == ROWS
    again.close()


def test_a_file_is_synced_at_every_commit_unless_told_otherwise(tmp_path: Path) -> None:
    for synchronous, level in (("FULL", 2), ("NORMAL", 1)):
        journal = SqliteJournal(tmp_path / f"{synchronous}.db", "digest", synchronous)  # type: ignore[arg-type]
        connection = journal._connection
        assert connection.execute("PRAGMA synchronous").fetchone() == (level,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        journal.close()


def test_rows_of_one_request_are_written_all_or_none(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.db", "digest")
    broken = Row(3, 6, "OrderFilled", None, b"")  # type: ignore[arg-type]
    with pytest.raises(JournalUnusableError, match="cannot write"):
        journal.append([ROWS[0], broken])
    assert list(journal.rows()) == []
    journal.append(ROWS)
    assert list(journal.rows()) == ROWS
    journal.close()


def test_a_journal_of_something_else_is_refused(tmp_path: Path) -> None:
    SqliteJournal(tmp_path / "journal.db", "one").close()
    with pytest.raises(JournalMismatchError, match="other settings or another market input"):
        SqliteJournal(tmp_path / "journal.db", "two")


def test_what_is_no_journal_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(b"this is a letter and no database, and it is long enough to be looked at" * 20)
    with pytest.raises(JournalUnusableError, match="cannot open"):
        SqliteJournal(path, "digest")
    with pytest.raises(JournalUnusableError, match="cannot open"):
        SqliteJournal(tmp_path / "missing" / "journal.db", "digest")


def test_a_journal_that_somebody_else_writes_is_refused(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.db", "digest")
    journal._connection.execute("PRAGMA busy_timeout=0")
    other = sqlite3.connect(tmp_path / "journal.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalUnusableError, match="cannot write"):
        journal.append(ROWS)
    other.close()
    journal.close()
