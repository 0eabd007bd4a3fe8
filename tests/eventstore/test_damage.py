"""What somebody did to the database by hand is found, and the first bad version is named."""

from pathlib import Path

import pytest

from perptape.eventstore.errors import DamagedError, StoreFailedError
from perptape.eventstore.place import place_of
from perptape.eventstore.store import EventStore
from perptape.eventstore.verification import Verification
from tests.eventstore.given import records
from tests.eventstore.places import Place, SqlitePlace

COUNT = 2_500


@pytest.mark.parametrize(
    ("script", "first_bad", "reason"),
    [
        ("UPDATE events SET data = BYTES('{\"to\":8}') WHERE version = 7", 7, "hash does not match"),
        ("UPDATE events SET type = 'CounterReset' WHERE version = 7", 7, "hash does not match"),
        ("UPDATE events SET schema = 2 WHERE version = 7", 7, "hash does not match"),
        ("UPDATE events SET at_ns = at_ns + 1 WHERE version = 1500", 1_500, "hash does not match"),
        ("UPDATE events SET cause = 1 WHERE version = 2500", 2_500, "hash does not match"),
        (f"UPDATE events SET hash = BYTES('{'0' * 64}') WHERE version = 7", 7, "hash does not match"),
        ("DELETE FROM events WHERE version = 1", 1, "missing"),
        ("DELETE FROM events WHERE version = 1500", 1_500, "missing"),
        ("DELETE FROM events WHERE version = 1000", 1_000, "missing"),
        ("DELETE FROM events WHERE version BETWEEN 1001 AND 2000", 1_001, "missing"),
        ("DELETE FROM events WHERE version = 2500", 2_500, "missing"),
        ("DELETE FROM events", 1, "missing"),
        (
            f"""
            UPDATE events SET place = -place WHERE version IN (40, 41);
            UPDATE events SET place = -place + 1 WHERE place = -{place_of(1, 40)};
            UPDATE events SET place = -place - 1 WHERE place = -{place_of(1, 41)}
            """,
            40,
            "hash does not match",
        ),
        ("UPDATE heads SET version = 2499", 2_499, "differs from the head's"),
        ("UPDATE heads SET version = 2501", 2_501, "missing"),
        (f"UPDATE heads SET version = {2**39}", 2_501, "missing"),
        ("UPDATE heads SET hash = BYTES('x')", 2_500, "differs from the head's"),
        (
            "UPDATE heads SET version = 2499, hash = (SELECT hash FROM events WHERE version = 2499)",
            2_500,
            "is outside the stream",
        ),
        (
            f"""
            INSERT INTO events (place, type, schema, at_ns, data, hash)
            SELECT {place_of(1, 0)}, type, schema, at_ns, data, hash FROM events WHERE version = 1
            """,
            0,
            "is outside the stream",
        ),
        ("UPDATE streams SET nonce = 'other'", 1, "hash does not match"),
        ("UPDATE streams SET name = 'bot' || '', format_name = 'other/1'", 1, "hash does not match"),
    ],
)
def test_verifying_names_the_first_bad_version(
    in_place: EventStore, place: Place, script: str, first_bad: int, reason: str
) -> None:
    in_place.append("bot", 0, records(COUNT))

    place.by_hand(script)

    assert_first_bad(in_place.verify("bot"), first_bad, reason)


@pytest.mark.parametrize("change", ["cause = 'null'", "data = '{\"to\":7}'"])
def test_a_value_of_another_type_is_damage_where_a_column_takes_any(
    on_disk: EventStore, path: Path, change: str
) -> None:
    on_disk.append("bot", 0, records(COUNT))

    SqlitePlace(path).by_hand(f"UPDATE events SET {change} WHERE version = 7")

    assert_first_bad(on_disk.verify("bot"), 7, "has the wrong type")


def assert_first_bad(verification: Verification, first_bad: int, reason: str) -> None:
    assert verification.first_bad is not None
    assert (verification.first_bad.version, reason in verification.first_bad.reason) == (first_bad, True)
    assert not verification.ok
    assert verification.events == min(max(first_bad - 1, 0), COUNT) or first_bad == 0


@pytest.mark.parametrize("missing", [1, 999, 1_000, 1_001, 2_500])
def test_reading_over_a_gap_stops_with_its_version(in_place: EventStore, place: Place, missing: int) -> None:
    in_place.append("bot", 0, records(COUNT))
    place.by_hand(f"DELETE FROM events WHERE version = {missing}")

    with pytest.raises(DamagedError, match=f"damaged at version {missing}: it is missing"):
        list(in_place.read("bot"))
    with pytest.raises(DamagedError, match=f"damaged at version {missing}: it is missing"):
        list(in_place.read_backward("bot"))
    with pytest.raises(DamagedError, match=f"damaged at version {missing}: it is missing"):
        list(in_place.between("bot", 0, 1))


def test_an_append_onto_a_row_that_should_not_be_there_is_refused(in_place: EventStore, place: Place) -> None:
    in_place.append("bot", 0, records(3))
    place.by_hand("UPDATE heads SET version = 2, hash = (SELECT hash FROM events WHERE version = 2)")

    with pytest.raises(StoreFailedError, match="`perptape store check`"):
        in_place.append("bot", 2, records(1, 9))

    assert in_place.head("bot").version == 2
