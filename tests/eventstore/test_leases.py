"""Leases between processes and threads, and by the databases' own clocks."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Barrier, Thread

import psycopg
import pytest

from perptape.eventstore.envelope import Record
from perptape.eventstore.errors import FencedError, LeaseHeldError
from perptape.eventstore.memory import MemoryStore
from perptape.eventstore.store import EventStore
from tests.eventstore.given import METADATA, NONCE, record
from tests.eventstore.places import Place, PostgresPlace

ROOT = Path(__file__).parents[2]
NOON_NS = 1_767_268_800_000_000_000
SECOND_NS = 1_000_000_000


def test_a_writer_paused_past_its_expiry_cannot_append_when_it_goes_on(in_place: EventStore, place: Place) -> None:
    command = [sys.executable, "-m", "tests.eventstore.leased_writer", place.url, "the paused", "0.5", str(NOON_NS)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as paused:
        assert paused.stdin is not None
        assert paused.stdout is not None
        assert paused.stdout.readline() == "acquired\n"
        paused.stdin.write("append\n")
        paused.stdin.flush()
        assert paused.stdout.readline() == "appended 1\n"

        paused.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, paused.pid, os.WSTOPPED)
        paused.stdin.write("append\n")
        paused.stdin.flush()
        with EventStore.open(place.url, clock=lambda: NOON_NS + SECOND_NS) as taker:
            lease = taker.acquire("bot", "the taker", 0.5)
            assert taker.append("bot", 1, [record(2)], epoch=lease.epoch).version == 2
        paused.send_signal(signal.SIGCONT)

        told, _ = paused.communicate()

    assert told == (
        "FencedError: stream 'bot' belongs to another writer now (this one has epoch 1, the stream is at 2): the taker "
        "has held it since 2026-01-01T12:00:01Z; stop this writer\n"
    )
    assert [envelope.data for envelope in in_place.read("bot")] == [record(1).data, record(2).data]


def test_a_writer_paused_for_less_than_its_time_goes_on(in_place: EventStore, place: Place) -> None:
    command = [sys.executable, "-m", "tests.eventstore.leased_writer", place.url, "the paused", "0.5", str(NOON_NS)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as paused:
        assert paused.stdout is not None
        assert paused.stdout.readline() == "acquired\n"
        paused.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, paused.pid, os.WSTOPPED)
        with (
            EventStore.open(place.url, clock=lambda: NOON_NS + SECOND_NS // 4) as other,
            pytest.raises(LeaseHeldError, match="the paused since 2026-01-01T12:00:00Z"),
        ):
            other.acquire("bot", "the other", 0.5)
        paused.send_signal(signal.SIGCONT)

        assert paused.communicate("append\n")[0] == "appended 1\n"

    assert in_place.head("bot").version == 1


def test_of_many_that_acquire_a_stream_at_once_one_gets_it(in_place: EventStore, place: Place) -> None:
    began = Barrier(4)
    got: list[str] = []
    refused: list[str] = []

    def acquire(holder: str) -> None:
        with EventStore.open(place.url) as store:
            began.wait()
            try:
                got.append(store.acquire("bot", holder, 30).holder)
            except LeaseHeldError as error:
                refused.append(error.holder)

    run([Thread(target=acquire, args=(f"writer {number}",)) for number in range(4)])

    assert len(got) == 1
    assert refused == got * 3
    lease = in_place.lease("bot")
    assert lease is not None
    assert (lease.holder, lease.epoch) == (got[0], 1)


def test_writers_that_take_the_stream_from_each_other_never_append_in_each_others_time(
    in_place: EventStore, place: Place
) -> None:
    """Each event holds the epoch that its writer had: on the tape epochs only go up."""
    stored: list[int] = []

    def write(holder: str) -> None:
        with EventStore.open(place.url, busy_timeout_ms=60_000) as store:
            for _ in range(12):
                epoch = store.acquire("bot", holder, 30, take_over=True).epoch
                try:
                    while True:
                        version = store.head("bot").version
                        store.append(
                            "bot", version, [Record("Wrote", 1, 0, None, b'{"epoch":%d}' % epoch)], epoch=epoch
                        )
                        stored.append(epoch)
                        if stored.count(epoch) == 3:
                            break
                except FencedError:
                    continue

    run([Thread(target=write, args=(f"writer {number}",)) for number in range(3)])

    epochs = [int(envelope.data[len(b'{"epoch":') : -1]) for envelope in in_place.read("bot")]
    assert epochs == sorted(epochs)
    assert epochs == sorted(stored)
    assert len(set(epochs)) > 1
    assert in_place.head("bot").epoch == 36


def test_on_postgres_the_server_says_what_time_it_is(postgres_store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writers on several machines need not agree on the time."""
    place = PostgresPlace(postgres_store_url)
    with EventStore.open(place.url) as store:
        store.create_stream("bot", NONCE, METADATA)
        monkeypatch.setattr(time, "time_ns", lambda: 0)
        before = server_time_ns(place)

        lease = store.acquire("bot", "a bot", 30)

        assert before <= lease.since_ns <= server_time_ns(place)
        assert store.renew(lease).expires_at_ns - 30 * SECOND_NS >= lease.since_ns


def server_time_ns(place: PostgresPlace) -> int:
    with psycopg.connect(place.url) as connection:
        row = connection.execute("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint").fetchone()
    assert row is not None
    return int(row[0]) * 1_000


def test_in_a_file_the_machine_says_what_time_it_is(on_disk: EventStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: NOON_NS)

    assert on_disk.acquire("bot", "a bot", 30).since_ns == NOON_NS


def test_in_memory_the_machine_says_what_time_it_is() -> None:
    store = MemoryStore()
    store.create_stream("bot", NONCE, METADATA)
    before = time.time_ns()

    assert before <= store.acquire("bot", "a bot", 30).since_ns <= time.time_ns()


def run(threads: list[Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
