"""Subscriptions beside transactions that are slow, undone or out of order, beside other processes and lost servers."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from time import monotonic

import psycopg
import pytest

from perptape.eventstore import errors
from perptape.eventstore.head_row import HeadRow
from perptape.eventstore.postgres import listening
from perptape.eventstore.segment import Beginning
from perptape.eventstore.store import EventStore
from perptape.eventstore.stream import Head
from perptape.eventstore.subscription import Batch, Subscription
from tests.eventstore.given import METADATA, NONCE, record, records
from tests.eventstore.places import Place
from tests.postgres.server import Installation, Server

ROOT = Path(__file__).parents[2]
LONG_S = 60.0
"""Longer than any test takes: nobody waits for it unless something is wrong."""


class Undone(Exception):
    """Rolls a transaction back."""


@contextmanager
def appending(url: str, stream: str, count: int) -> Iterator[None]:
    """A transaction of its own that has appended, and commits at the end of the block."""
    with EventStore.open(url) as store, store._database.writing() as connection:
        appender = store._database.appender
        cursor = store._database.backend.cursor(connection)
        cursor.execute(appender._find_head, (stream,))  # type: ignore[attr-defined]  # every appender has it
        head = HeadRow(*cursor.fetchone())  # type: ignore[misc]
        appender.extend(cursor, head, head.envelopes(stream, head.version, records(count, head.version + 1), None))
        yield


@contextmanager
def writers(url: str, streams: list[str], count: int) -> Iterator[None]:
    """Processes that write so many events to each stream; done, and well, at the end of the block."""
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "tests.eventstore.counting_writer_process", url, stream, str(count)],
                    cwd=ROOT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for stream in streams
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        yield
        assert [process.communicate()[0] for process in processes] == [f"{count}\n"] * len(processes)


class Taken:
    """What a reader was given: that each event comes once and in order is checked at each."""

    def __init__(self) -> None:
        self.last: dict[str, int] = {}

    def take(self, batch: Batch) -> None:
        for envelope in batch.envelopes:
            assert envelope.version == self.last.get(batch.stream, 0) + 1
            assert envelope.data == record(envelope.version).data
            self.last[batch.stream] = envelope.version

    def take_all(self, subscription: Subscription, upto: dict[str, int]) -> None:
        for batch in subscription:
            self.take(batch)
            if self.last == upto:
                return


def test_an_append_that_is_not_committed_is_not_seen_and_nothing_of_it_is_missed_later(
    in_place: EventStore, place: Place
) -> None:
    taken = Taken()
    in_place.append("bot", 0, records(3))
    with in_place.subscribe({"bot": 0}) as subscription:
        with appending(place.url, "bot", 4):
            taken.take_all(subscription, {"bot": 3})
            assert not subscription.wait(0.05)

        taken.take_all(subscription, {"bot": 7})


def test_an_append_that_is_undone_was_never_there(in_place: EventStore, place: Place) -> None:
    taken = Taken()
    with in_place.subscribe({"bot": 0}) as subscription:
        with suppress(Undone), appending(place.url, "bot", 4):
            assert not subscription.wait(0)
            raise Undone
        assert not subscription.wait(0.05)

        in_place.append("bot", 0, records(2))

        taken.take_all(subscription, {"bot": 2})


def test_transactions_that_end_in_another_order_than_they_began_hide_nothing(
    postgres_store_url: str,
) -> None:
    taken = Taken()
    streams = ["first", "second", "third"]
    with EventStore.open(postgres_store_url) as store:
        for stream in streams:
            store.create_stream(stream, NONCE, METADATA)
        with store.subscribe(new_streams=True) as subscription:
            with appending(postgres_store_url, "first", 2):
                with suppress(Undone), appending(postgres_store_url, "second", 2):
                    with appending(postgres_store_url, "third", 2):
                        assert not subscription.wait(0.05)
                    taken.take_all(subscription, {"third": 2})
                    raise Undone
                store.append("second", 0, records(3))
                taken.take_all(subscription, {"third": 2, "second": 3})
                assert not subscription.wait(0.05)
            taken.take_all(subscription, {"third": 2, "second": 3, "first": 2})


def test_a_reader_beside_four_writers_gets_each_event_once_and_in_order(in_place: EventStore, place: Place) -> None:
    taken = Taken()
    streams = ["bot", "one", "two", "three"]
    for stream in streams[1:]:
        in_place.create_stream(stream, NONCE, METADATA)

    with in_place.subscribe(new_streams=True) as subscription, writers(place.url, streams, 600):
        taken.take_all(subscription, dict.fromkeys(streams, 600))
        assert not subscription.wait(0)

    for stream in streams:
        assert in_place.verify(stream).events == 600


def test_a_stream_is_followed_from_segment_to_segment_and_a_segment_is_not_followed(in_place: EventStore) -> None:
    taken = Taken()
    in_place.append("bot", 0, records(3))
    with in_place.subscribe({"bot": 0}) as subscription:
        taken.take_all(subscription, {"bot": 3})
        in_place.continue_stream("bot", 3, Beginning("other nonce", METADATA, record(4)))
        in_place.append("bot", 4, records(2, 5))
        taken.take_all(subscription, {"bot": 6})

    with pytest.raises(errors.StreamNotFoundError, match="bot#1"):
        in_place.subscribe({"bot#1": 0})


def test_a_missing_event_is_damage_and_not_waited_for(in_place: EventStore, place: Place) -> None:
    in_place.append("bot", 0, records(5))
    place.by_hand("DELETE FROM events WHERE version = 3")

    with in_place.subscribe({"bot": 0}) as subscription, pytest.raises(errors.DamagedError, match="version 3"):
        list(subscription)
    assert subscription.cursors == {"bot": 0}


def test_a_head_that_went_back_is_told_apart_from_a_quiet_stream(in_place: EventStore, place: Place) -> None:
    in_place.append("bot", 0, records(5))
    with in_place.subscribe({"bot": 5}) as subscription:
        assert not subscription.wait(0)
        place.by_hand("UPDATE heads SET version = 4")

        with pytest.raises(errors.VersionNotFoundError, match="no version 5"):
            subscription.wait(LONG_S)


@pytest.fixture
def own_server(postgres_installation: Installation) -> Iterator[Server]:
    """A server of the test's own, with a store of two empty streams in it."""
    with postgres_installation.server().running() as server:
        with EventStore.open(server.url(), create=True) as store:
            store.create_stream("bot", NONCE, METADATA)
            store.create_stream("other", NONCE, METADATA)
        yield server


def test_a_server_may_be_restarted_and_die_under_a_reader_and_its_writers(own_server: Server) -> None:
    taken = Taken()
    count = 3_000
    with (
        EventStore.open(own_server.url()) as store,
        store.subscribe({"bot": 0, "other": 0}) as subscription,
        writers(own_server.url(), ["bot", "other"], count),
    ):
        die: Callable[[], None] = partial(die_and_start, own_server)
        troubles = iter([own_server.restart, die, own_server.restart])
        trouble_at = 500
        for batch in subscription:
            taken.take(batch)
            if taken.last.get("bot", 0) >= trouble_at:
                trouble_at += 500
                next(troubles, lambda: None)()
            if taken.last == {"bot": count, "other": count}:
                break

        assert next(troubles, None) is None
        assert store.verify("bot").events == store.verify("other").events == count


def die_and_start(server: Server) -> None:
    server.kill()
    server.start()


def test_a_listener_whose_connection_was_ended_listens_again(own_server: Server) -> None:
    taken = Taken()
    with EventStore.open(own_server.url()) as store, store.subscribe({"bot": 0}) as subscription:
        for version in range(5):
            while not end_listeners(own_server.url()):
                assert not subscription.wait(0.01)
            store.append("bot", version, records(1, version + 1))

            taken.take_all(subscription, {"bot": version + 1})


def end_listeners(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE query ~ '^LISTEN'"
        )
        return len(ended.fetchall())


def test_a_server_that_stays_away_is_waited_for_only_so_long(own_server: Server) -> None:
    with (
        EventStore.open(own_server.url()) as store,
        store.subscribe({"bot": 0}, patience_s=0.05) as hasty,
        store.subscribe({"bot": 0}) as patient,
    ):
        assert not hasty.wait(0)
        assert not patient.wait(0)
        own_server.kill()

        with pytest.raises(errors.StoreUnreachableError):
            hasty.wait(LONG_S)
        with pytest.raises(errors.StoreUnreachableError):
            list(hasty)
        assert not patient.wait(0.1)
        own_server.start()
        store.append("bot", 0, records(1))
        assert patient.wait(LONG_S)
        assert hasty.wait(LONG_S)


class TestListening:
    """By notifications, and by looks that are timed so that whatever was not notified is found soon."""

    @pytest.fixture
    def store(self, postgres_store_url: str) -> Iterator[EventStore]:
        with EventStore.open(postgres_store_url) as store:
            store.create_stream("bot", NONCE, METADATA)
            yield store

    def test_an_append_after_a_quiet_time_is_told(self, store: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(listening, "_FIRST_LOOK_S", LONG_S)
        with store.subscribe({"bot": 0}) as subscription:
            assert not subscription.wait(0)
            store.append("bot", 0, records(1))
            begun = monotonic()

            assert subscription.wait(LONG_S)
            assert subscription._watch is not None
            subscription._watch.wait(LONG_S)

            assert monotonic() - begun < LONG_S / 2

    def test_what_is_appended_soon_after_is_found_by_looking(
        self, store: EventStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(listening, "_LONGEST_LOOK_S", LONG_S)
        monkeypatch.setattr(listening, "QUIET_S", LONG_S)
        look = store.heads
        begun = monotonic()
        with store.subscribe({"bot": 0}) as subscription:
            assert not subscription.wait(0)
            for version in range(3):

                def look_and_then_append(version: int = version) -> dict[str, Head]:
                    seen = look()
                    monkeypatch.setattr(store, "heads", look)
                    store.append("bot", version, records(1, version + 1))
                    return seen

                monkeypatch.setattr(store, "heads", look_and_then_append)
                assert subscription.wait(LONG_S)
                assert [batch.cursor for batch in subscription.ready()] == [version + 1]

        assert monotonic() - begun < LONG_S / 2

    def test_looks_reach_past_the_time_in_which_nothing_is_told(self) -> None:
        looks = listening._FIRST_LOOK_S
        while looks < listening._LAST_SHORT_LOOK_S:
            looks *= 2
        assert 2 * looks - listening._FIRST_LOOK_S > 2 * listening.QUIET_S
        assert listening._LONGEST_LOOK_S <= 1

    def test_a_busy_writer_tells_now_and_then(self, store: EventStore, postgres_store_url: str) -> None:
        with psycopg.connect(postgres_store_url, autocommit=True) as listener:
            listener.execute(f"LISTEN {listening.CHANNEL}")
            begun = monotonic()
            for version in range(300):
                store.append("bot", version, records(1, version + 1))
            periods = (monotonic() - begun) / listening.QUIET_S
            told = len(list(listener.notifies(timeout=0.1)))

        assert 1 <= told <= periods + 1
        assert told < 300
