"""What every store promises of subscriptions: everything once, in order, from the past on into what is added."""

from collections.abc import Iterator
from contextlib import closing
from threading import Thread
from time import monotonic, thread_time

import pytest

from perptape.eventstore.errors import StreamNotFoundError, VersionNotFoundError
from perptape.eventstore.port import Store
from perptape.eventstore.stream import Head
from perptape.eventstore.subscription import PAGE, Batch, Subscription
from tests.eventstore.given import METADATA, NONCE, Bench, record, records

LONG_S = 60.0
"""Longer than any test takes: nobody waits for it unless something is wrong."""


def versions(batches: Iterator[Batch]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for batch in batches:
        found.setdefault(batch.stream, []).extend(envelope.version for envelope in batch.envelopes)
    return found


def numbers(first: int, last: int) -> list[int]:
    return list(range(first, last + 1))


def test_what_lies_after_a_cursor_is_read_and_then_what_is_added(store: Store) -> None:
    store.append("bot", 0, records(5))

    with store.subscribe({"bot": 2}) as subscription:
        assert subscription.wait(0)
        assert versions(subscription.ready()) == {"bot": [3, 4, 5]}
        assert not subscription.wait(0)

        store.append("bot", 5, records(2, 6))

        assert subscription.wait(LONG_S)
        [batch] = subscription.ready()
        assert batch == Batch("bot", list(store.read("bot", 5)))
        assert batch.cursor == 7
        assert subscription.cursors == {"bot": 7}


def test_nothing_more_is_read_than_what_was_asked_for(store: Store) -> None:
    store.create_stream("other", NONCE, METADATA)
    store.append("other", 0, records(3))

    with store.subscribe({"bot": 0}) as subscription:
        assert not subscription.wait(0)
        assert list(subscription.ready()) == []


def test_a_long_past_comes_in_pages_of_every_stream_in_turn(store: Store) -> None:
    store.create_stream("other", NONCE, METADATA)
    store.append("bot", 0, records(2 * PAGE + 1))
    store.append("other", 0, records(PAGE + 1))

    with store.subscribe({"bot": 0, "other": 0}) as subscription:
        batches = list(subscription.ready())

    assert sorted((batch.stream, len(batch.envelopes)) for batch in batches) == [
        *(("bot", size) for size in (1, PAGE, PAGE)),
        *(("other", size) for size in (1, PAGE)),
    ]
    assert {batch.stream for batch in batches[:2]} == {"bot", "other"}
    assert versions(iter(batches)) == {"bot": numbers(1, 2 * PAGE + 1), "other": numbers(1, PAGE + 1)}


def test_what_was_not_taken_is_there_the_next_time(store: Store) -> None:
    store.append("bot", 0, records(PAGE + 5))

    with store.subscribe({"bot": 0}) as subscription:
        first = next(subscription.ready())
        assert subscription.cursors == {"bot": PAGE}
        assert versions(subscription.ready()) == {"bot": numbers(PAGE + 1, PAGE + 5)}

    with store.subscribe({"bot": first.cursor}) as another:
        assert versions(another.ready()) == {"bot": numbers(PAGE + 1, PAGE + 5)}


def test_new_streams_are_followed_from_their_beginning_if_asked_for(bench: Bench) -> None:
    store = bench.store
    with store.subscribe(new_streams=True) as subscription:
        assert not subscription.wait(0)

        store.create_stream("bot", NONCE, METADATA)
        store.create_stream("later", NONCE, METADATA, first_version=8, previous_hash=b"0" * 64)
        assert not subscription.wait(0)
        store.append("bot", 0, records(2))
        store.append("later", 7, records(2))

        assert subscription.wait(LONG_S)
        assert versions(subscription.ready()) == {"bot": [1, 2], "later": [8, 9]}
        assert subscription.cursors == {"bot": 2, "later": 9}


def test_streams_that_were_there_are_followed_from_their_cursors_and_the_others_from_their_beginning(
    store: Store,
) -> None:
    store.create_stream("other", NONCE, METADATA)
    store.append("bot", 0, records(3))
    store.append("other", 0, records(3))

    with store.subscribe({"bot": 2}, new_streams=True) as subscription:
        assert versions(subscription.ready()) == {"bot": [3], "other": [1, 2, 3]}


def test_a_stream_that_was_imported_is_new_too(store: Store) -> None:
    store.append("bot", 0, records(3))
    with store.subscribe({"bot": 3}, new_streams=True) as subscription:
        assert not subscription.wait(0)
        events = list(store.read("bot"))
        store.import_stream("copy", NONCE, METADATA, events, previous_hash=store.hash_at("bot", 0))

        assert subscription.wait(LONG_S)
        assert versions(subscription.ready()) == {"copy": [1, 2, 3]}


def test_a_stream_that_continues_another_begins_with_its_own_first_event(store: Store) -> None:
    store.create_stream("later", NONCE, METADATA, first_version=5, previous_hash=b"0" * 64)

    with store.subscribe({"later": 0}) as subscription:
        assert not subscription.wait(0)
        store.append("later", 4, records(2))
        assert versions(subscription.ready()) == {"later": [5, 6]}


def test_cursors_of_another_store_are_refused(store: Store) -> None:
    store.append("bot", 0, records(2))

    with pytest.raises(VersionNotFoundError, match="no version 3"):
        store.subscribe({"bot": 3})
    with pytest.raises(StreamNotFoundError):
        store.subscribe({"nobody": 0}, new_streams=True)


def test_a_wait_in_vain_lasts_as_long_as_was_said_and_is_no_busy_loop(store: Store) -> None:
    with store.subscribe({"bot": 0}) as subscription:
        begun, worked = monotonic(), thread_time()

        assert not subscription.wait(0.4)

        assert 0.4 <= monotonic() - begun < LONG_S
        assert thread_time() - worked < 0.2


def test_iterating_gives_the_past_and_then_waits_for_more(store: Store) -> None:
    store.append("bot", 0, records(2))
    read: list[int] = []
    with store.subscribe({"bot": 0}) as subscription:
        for batch in subscription:
            read += [envelope.version for envelope in batch.envelopes]
            if batch.cursor < 50:
                appender = Thread(target=store.append, args=("bot", batch.cursor, [record(batch.cursor + 1)]))
                appender.start()
                appender.join()
            else:
                break

    assert read == numbers(1, 50)


def test_what_another_thread_adds_ends_the_wait(store: Store) -> None:
    with store.subscribe({"bot": 0}) as subscription:
        appender = Thread(target=store.append, args=("bot", 0, records(3)))
        appender.start()

        assert subscription.wait(LONG_S)
        appender.join()
        assert versions(subscription.ready()) == {"bot": [1, 2, 3]}


@pytest.mark.parametrize("timeout_s", [None, LONG_S])
def test_closing_ends_a_wait_in_another_thread(store: Store, timeout_s: float | None) -> None:
    subscription = store.subscribe({"bot": 0})
    answers: list[bool] = []
    waiting = Thread(target=lambda: answers.append(subscription.wait(timeout_s)))
    waiting.start()

    subscription.close()
    waiting.join(LONG_S)

    assert answers == [False]


def test_closing_ends_an_iteration_in_another_thread_wherever_it_is(store: Store) -> None:
    store.append("bot", 0, records(1))
    for number in range(1, 30):
        subscription = store.subscribe({"bot": 0})
        reading = Thread(target=list, args=(subscription,))
        reading.start()
        store.append("bot", number, [record(number + 1)])
        subscription.close()
        reading.join(LONG_S)
        assert not reading.is_alive()


def test_a_closed_subscription_reads_nothing_and_may_be_closed_again(store: Store) -> None:
    store.append("bot", 0, records(PAGE + 1))
    subscription = store.subscribe({"bot": 0})
    with closing(subscription):
        reader = subscription.ready()
        next(reader)
    subscription.close()

    assert subscription.closed
    assert list(reader) == []
    assert not subscription.wait(LONG_S)
    assert list(subscription) == []


def test_many_subscriptions_read_the_same_events(store: Store) -> None:
    store.append("bot", 0, records(3))
    subscriptions = [store.subscribe({"bot": 0}) for _ in range(20)]
    try:
        assert all(subscription.wait(LONG_S) for subscription in subscriptions)
        found = [versions(subscription.ready()) for subscription in subscriptions]
    finally:
        for subscription in subscriptions:
            subscription.close()

    assert found == [{"bot": [1, 2, 3]}] * 20
    assert all(isinstance(subscription, Subscription) for subscription in subscriptions)


def test_what_is_added_between_the_look_and_the_wait_is_noticed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    look = store.heads
    with store.subscribe({"bot": 0}) as subscription:

        def look_and_then_append() -> dict[str, Head]:
            monkeypatch.undo()
            seen = look()
            store.append("bot", 0, records(1))
            return seen

        monkeypatch.setattr(store, "heads", look_and_then_append)
        begun = monotonic()
        assert subscription.wait(LONG_S)
        assert monotonic() - begun < LONG_S / 2
