"""What somebody did to the file by hand is found, and the first bad version is named."""

from pathlib import Path

import pytest

from eventstore.errors import DamagedError, StoreFailedError
from eventstore.store import EventStore
from tests.eventstore.given import by_hand, records

COUNT = 2_500


@pytest.mark.parametrize(
    ("script", "first_bad", "reason"),
    [
        ("UPDATE events SET data = CAST('{\"to\":8}' AS BLOB) WHERE version = 7", 7, "hash does not fit"),
        ("UPDATE events SET type = 'CounterReset' WHERE version = 7", 7, "hash does not fit"),
        ("UPDATE events SET schema = 2 WHERE version = 7", 7, "hash does not fit"),
        ("UPDATE events SET at_ns = at_ns + 1 WHERE version = 1500", 1_500, "hash does not fit"),
        ("UPDATE events SET cause = 1 WHERE version = 2500", 2_500, "hash does not fit"),
        ("UPDATE events SET cause = 'null' WHERE version = 7", 7, "not of its type"),
        ("UPDATE events SET data = '{\"to\":7}' WHERE version = 7", 7, "not of its type"),
        ("UPDATE events SET hash = CAST(printf('%064d', 0) AS BLOB) WHERE version = 7", 7, "hash does not fit"),
        ("DELETE FROM events WHERE version = 1", 1, "missing"),
        ("DELETE FROM events WHERE version = 1500", 1_500, "missing"),
        ("DELETE FROM events WHERE version = 1000", 1_000, "missing"),
        ("DELETE FROM events WHERE version BETWEEN 1001 AND 2000", 1_001, "missing"),
        ("DELETE FROM events WHERE version = 2500", 2_500, "missing"),
        ("DELETE FROM events", 1, "missing"),
        (
            """
            UPDATE events SET place = -place WHERE version IN (40, 41);
            UPDATE events SET place = -place + 1 WHERE place = -((1 << 40) + 40);
            UPDATE events SET place = -place - 1 WHERE place = -((1 << 40) + 41);
            """,
            40,
            "hash does not fit",
        ),
        ("UPDATE heads SET version = 2499", 2_499, "not the head's"),
        ("UPDATE heads SET version = 2501", 2_501, "missing"),
        ("UPDATE heads SET version = 1 << 39", 2_501, "missing"),
        ("UPDATE heads SET hash = CAST('x' AS BLOB)", 2_500, "not the head's"),
        (
            "UPDATE heads SET version = 2499, hash = (SELECT hash FROM events WHERE version = 2499)",
            2_500,
            "lies outside",
        ),
        (
            """
            INSERT INTO events (place, type, schema, at_ns, data, hash)
            SELECT 1 << 40, type, schema, at_ns, data, hash FROM events WHERE version = 1
            """,
            0,
            "lies outside",
        ),
        ("UPDATE streams SET nonce = 'other'", 1, "hash does not fit"),
        ("UPDATE streams SET name = 'bot' || '', format_name = 'other/1'", 1, "hash does not fit"),
    ],
)
def test_verifying_names_the_first_bad_version(
    on_disk: EventStore, path: Path, script: str, first_bad: int, reason: str
) -> None:
    on_disk.append("bot", 0, records(COUNT))

    by_hand(path, script)
    verification = on_disk.verify("bot")

    assert verification.first_bad is not None
    assert (verification.first_bad.version, reason in verification.first_bad.reason) == (first_bad, True)
    assert not verification.ok
    assert verification.events == min(max(first_bad - 1, 0), COUNT) or first_bad == 0


@pytest.mark.parametrize("missing", [1, 999, 1_000, 1_001, 2_500])
def test_reading_over_a_gap_stops_with_its_version(on_disk: EventStore, path: Path, missing: int) -> None:
    on_disk.append("bot", 0, records(COUNT))
    by_hand(path, f"DELETE FROM events WHERE version = {missing}")

    with pytest.raises(DamagedError, match=f"damaged at version {missing}: it is missing"):
        list(on_disk.read("bot"))


def test_an_append_onto_a_row_that_should_not_be_there_is_refused(on_disk: EventStore, path: Path) -> None:
    on_disk.append("bot", 0, records(3))
    by_hand(path, "UPDATE heads SET version = 2, hash = (SELECT hash FROM events WHERE version = 2)")

    with pytest.raises(StoreFailedError, match="`perptape store check`"):
        on_disk.append("bot", 2, records(1, 9))

    assert on_disk.head("bot").version == 2
