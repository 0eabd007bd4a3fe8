"""What every store promises of appending."""

import pytest

from perptape.eventstore.chain import link
from perptape.eventstore.envelope import Record, body
from perptape.eventstore.errors import ConflictError, FencedError, InvalidRecordError
from perptape.eventstore.port import Store
from perptape.eventstore.stream import Head
from tests.eventstore.given import record, records


def test_records_get_the_next_versions_and_the_chain(store: Store) -> None:
    opening = store.head("bot").hash

    head = store.append("bot", 0, [record(1), record(2, cause=1)])

    first = link(opening, body(1, record(1)))
    second = link(first, body(2, record(2, cause=1)))
    assert head == store.head("bot") == Head(2, second, 0)
    assert [(envelope[1:6], envelope.hash) for envelope in store.read("bot")] == [
        (record(1), first),
        (record(2, cause=1), second),
    ]


@pytest.mark.parametrize("sizes", [[1] * 7, [19, 20, 21, 3], [100], [41, 1]])
def test_how_records_are_grouped_does_not_show(store: Store, sizes: list[int]) -> None:
    store.create_stream("twin", "n", b"")
    version = 0
    for size in sizes:
        version = store.append("bot", version, records(size, version + 1)).version

    store.append("twin", 0, records(version))

    assert [envelope[:6] for envelope in store.read("bot")] == [envelope[:6] for envelope in store.read("twin")]
    assert store.verify("bot").ok


def test_a_writer_with_an_old_head_is_refused_and_nothing_is_stored(store: Store) -> None:
    head = store.append("bot", 0, records(3))

    with pytest.raises(ConflictError) as refusal:
        store.append("bot", 1, [record(99)])

    assert (refusal.value.expected, refusal.value.actual) == (1, 3)
    assert store.head("bot") == head


@pytest.mark.parametrize("expected", [-1, 4, 1000])
def test_an_expected_version_that_never_was_is_a_conflict(store: Store, expected: int) -> None:
    store.append("bot", 0, records(3))

    with pytest.raises(ConflictError):
        store.append("bot", expected, [record(4)])


@pytest.mark.parametrize(("expected", "size"), [(0, 5), (0, 2), (2, 3), (3, 1)])
def test_a_repeated_append_answers_what_the_first_did(store: Store, expected: int, size: int) -> None:
    store.append("bot", 0, records(expected)) if expected else None
    answer = store.append("bot", expected, records(size, expected + 1))
    store.append("bot", expected + size, records(4, expected + size + 1))

    again = store.append("bot", expected, records(size, expected + 1))

    assert again == answer
    assert store.head("bot").version == expected + size + 4


def test_a_repetition_that_differs_anywhere_is_a_conflict(store: Store) -> None:
    sent = records(3)
    store.append("bot", 0, sent)
    for altered in (
        sent[1]._replace(type="CounterReset"),
        sent[1]._replace(schema=2),
        sent[1]._replace(at_ns=1),
        sent[1]._replace(cause=1),
        sent[1]._replace(data=b"{}"),
    ):
        with pytest.raises(ConflictError):
            store.append("bot", 0, [sent[0], altered, sent[2]])


def test_a_repetition_that_was_stored_in_part_is_a_conflict(store: Store) -> None:
    store.append("bot", 0, records(3))

    with pytest.raises(ConflictError):
        store.append("bot", 1, records(4, 2))


def test_appending_nothing_checks_the_version_all_the_same(store: Store) -> None:
    head = store.append("bot", 0, records(2))

    assert store.append("bot", 2, []) == head
    with pytest.raises(ConflictError):
        store.append("bot", 1, [])


def test_a_claim_fences_off_the_writer_before(store: Store) -> None:
    first = store.claim("bot").epoch
    store.append("bot", 0, records(2), epoch=first)

    second = store.claim("bot")

    assert (second.version, second.epoch) == (2, first + 1)
    with pytest.raises(FencedError) as refusal:
        store.append("bot", 2, [record(3)], epoch=first)
    assert (refusal.value.held, refusal.value.current) == (first, second.epoch)
    assert store.append("bot", 2, [record(3)], epoch=second.epoch) == store.head("bot")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"type": ""}, "type"),
        ({"type": 'a"b'}, "type"),
        ({"type": "a\n"}, "type"),
        ({"schema": 0}, "schema"),
        ({"schema": 2**31}, "schema"),
        ({"at_ns": -1}, "at_ns"),
        ({"at_ns": 2**63}, "at_ns"),
        ({"cause": 0}, "cause"),
        ({"cause": 2}, "cause"),
        ({"data": b""}, "data"),
        ({"data": b"[]"}, "data"),
        ({"data": b'{"a":1'}, "data"),
        ({"data": b'{"a":\n1}'}, "data"),
        ({"data": b'{"a":\r1}'}, "data"),
        ({"data": b"{}\n{}"}, "data"),
        ({"data": b'{"a":"\xff"}'}, "UTF-8"),
    ],
)
def test_a_record_that_no_line_could_hold_is_refused_with_its_whole_append(
    store: Store, changes: dict[str, object], problem: str
) -> None:
    bad = Record(**{**record(2)._asdict(), **changes})

    with pytest.raises(InvalidRecordError, match=problem) as refusal:
        store.append("bot", 0, [record(1), bad, record(3)])

    assert refusal.value.version == 2
    assert store.head("bot").version == 0


def test_a_stream_ends_at_the_highest_version_and_not_in_the_next_stream(store: Store) -> None:
    store.create_stream("long", "n", b"", first_version=2**40 - 1)
    store.create_stream("next", "n", b"")

    with pytest.raises(InvalidRecordError, match="no stream goes beyond") as refusal:
        store.append("long", 2**40 - 2, records(2))

    assert refusal.value.version == 2**40
    assert store.append("long", 2**40 - 2, records(1)).version == 2**40 - 1
    assert store.verify("long").ok
    assert store.verify("next").events == 0


def test_data_of_any_script_is_kept(store: Store) -> None:
    data = '{"note":"größer ≥ 1 \\u0000 \u2028"}'.encode()

    store.append("bot", 0, [record(1), record(2)._replace(data=data)])

    assert [envelope.data for envelope in store.read("bot", 1)] == [data]
    assert store.verify("bot").ok
