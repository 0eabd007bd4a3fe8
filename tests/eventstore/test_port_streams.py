"""What every store promises of streams."""

import pytest

from perptape.eventstore.chain import FORMAT_NAME, genesis_hash
from perptape.eventstore.errors import InvalidStreamError, StreamExistsError, StreamNotFoundError
from perptape.eventstore.port import Store
from perptape.eventstore.stream import Head
from tests.eventstore.given import METADATA, NONCE, Bench, records


def test_a_new_stream_ends_before_version_one_with_its_genesis_hash(store: Store) -> None:
    stream = store.stream("bot")

    assert (stream.name, stream.nonce, stream.metadata, stream.format_name) == ("bot", NONCE, METADATA, FORMAT_NAME)
    assert stream.head == Head(0, genesis_hash(FORMAT_NAME, "bot", NONCE), 0)
    assert stream.opening_hash == stream.head.hash


def test_creating_answers_what_is_stored(bench: Bench) -> None:
    assert bench.store.create_stream("bot", NONCE, b"\x00\xff") == bench.store.stream("bot")


def test_a_stream_may_continue_another(bench: Bench) -> None:
    sealed = b"a" * 64

    stream = bench.store.create_stream("bot", NONCE, METADATA, first_version=41, previous_hash=sealed)
    head = bench.store.append("bot", 40, records(2))

    assert stream.head == Head(40, sealed, 0)
    assert head.version == 42
    assert [envelope.version for envelope in bench.store.read("bot")] == [41, 42]
    assert bench.store.verify("bot").ok


def test_streams_are_listed_by_name(store: Store) -> None:
    store.create_stream("zulu", "n", b"")
    store.create_stream("alpha", "n", b"", format_name="other/2")

    assert [stream.name for stream in store.streams()] == ["alpha", "bot", "zulu"]
    assert store.streams()[0].format_name == "other/2"


def test_a_name_is_taken_once(store: Store) -> None:
    with pytest.raises(StreamExistsError, match="'bot' already exists"):
        store.create_stream("bot", "another", METADATA)

    assert store.stream("bot").nonce == NONCE


def test_streams_do_not_see_each_other(store: Store) -> None:
    store.create_stream("bot/inbox", NONCE, METADATA)
    store.append("bot", 0, records(3))

    assert store.head("bot/inbox").version == 0
    assert list(store.read("bot/inbox")) == []
    assert store.verify("bot/inbox").ok


@pytest.mark.parametrize(
    ("name", "nonce", "format_name"),
    [("", "n", "f/1"), ("a\nb", "n", "f/1"), ("a", "", "f/1"), ("a", "n\n", "f/1"), ("a", "n", "f\n1"), ("a", "n", "")],
)
def test_names_that_would_blur_the_genesis_hash_are_refused(
    bench: Bench, name: str, nonce: str, format_name: str
) -> None:
    with pytest.raises(InvalidStreamError, match="printable"):
        bench.store.create_stream(name, nonce, METADATA, format_name=format_name)


@pytest.mark.parametrize("first_version", [0, -1, 2**40])
def test_a_first_version_that_no_stream_can_have_is_refused(bench: Bench, first_version: int) -> None:
    with pytest.raises(InvalidStreamError, match="cannot begin"):
        bench.store.create_stream("bot", NONCE, METADATA, first_version=first_version)


@pytest.mark.parametrize("previous", [b"", b"A" * 64, b"a" * 63])
def test_a_previous_hash_that_is_none_is_refused(bench: Bench, previous: bytes) -> None:
    with pytest.raises(InvalidStreamError, match="previous hash"):
        bench.store.create_stream("bot", NONCE, METADATA, first_version=9, previous_hash=previous)


def test_an_unknown_stream_is_named(bench: Bench) -> None:
    for use in (
        bench.store.stream,
        bench.store.head,
        bench.store.claim,
        bench.store.verify,
        bench.store.read,
        bench.store.snapshots,
        lambda name: bench.store.append(name, 0, records(1)),
        lambda name: bench.store.version_at(name, 0),
        lambda name: bench.store.hash_at(name, 0),
    ):
        with pytest.raises(StreamNotFoundError, match="'nobody'"):
            use("nobody")
