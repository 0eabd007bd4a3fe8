"""The bot's log holds its stream by a lease: renewed by the way, given back at the end, taken from the dead."""

import re
from pathlib import Path

import pytest

from perptape.core.codec import log_record
from perptape.core.durations import SECOND_NS
from perptape.core.edge.storage.holder import this_process
from perptape.core.edge.storage.log import LEASE_S, StoreLog, opened_log
from perptape.core.errors import LogRefusedError
from perptape.core.events import TimerFired
from perptape.core.ports import LogRecord
from perptape.eventstore.errors import LeaseHeldError, LeaseLostError
from perptape.eventstore.lease import Lease
from perptape.eventstore.memory import MemoryStore

STREAM = "bot"


class Clock:
    """One clock for the store and the log."""

    def __init__(self) -> None:
        self.now_ns = 1_767_268_800 * SECOND_NS

    def __call__(self) -> int:
        return self.now_ns

    def passes(self, seconds: float) -> None:
        self.now_ns += round(seconds * SECOND_NS)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> MemoryStore:
    made = MemoryStore(clock)
    made.create_stream(STREAM, "nonce", b"{}")
    return made


def open_log(store: MemoryStore, clock: Clock) -> StoreLog:
    return StoreLog(store, STREAM, command="perptape test", clock=clock)


def lease(store: MemoryStore) -> Lease:
    found = store.lease(STREAM)
    assert found is not None
    return found


def timer(at_ns: int) -> LogRecord:
    return log_record(TimerFired(timer_id="none"), at_ns, None)


def left_s(store: MemoryStore, clock: Clock) -> float:
    return (lease(store).expires_at_ns - clock.now_ns) / SECOND_NS


def test_a_log_holds_its_stream_in_the_name_of_its_process(store: MemoryStore, clock: Clock) -> None:
    open_log(store, clock)

    assert lease(store).holder == this_process("perptape test")
    assert left_s(store, clock) == LEASE_S


def test_a_second_log_is_refused_with_who_holds_the_stream_since_when(store: MemoryStore, clock: Clock) -> None:
    log = open_log(store, clock)

    with pytest.raises(LeaseHeldError, match=r"held by perptape test, host .* since 2026-01-01T12:00:00Z"):
        open_log(store, clock)

    log.append(0, [timer(1)])


def test_a_closed_log_leaves_the_stream_to_the_next(store: MemoryStore, clock: Clock) -> None:
    with open_log(store, clock) as log:
        log.append(0, [timer(1)])

    open_log(store, clock).append(1, [timer(2)])

    with pytest.raises(LogRefusedError, match="did not take version 3"):
        log.append(2, [timer(3)])


def test_a_store_that_is_gone_does_not_keep_a_log_from_closing(store: MemoryStore, clock: Clock) -> None:
    log = open_log(store, clock)
    del store.held[STREAM]

    log.close()


def test_a_log_renews_its_lease_when_a_third_of_its_time_has_passed(store: MemoryStore, clock: Clock) -> None:
    log = open_log(store, clock)
    clock.passes(LEASE_S / 3 - 1)
    log.append(0, [timer(1)])
    assert left_s(store, clock) == LEASE_S * 2 / 3 + 1

    clock.passes(1)
    log.append(1, [timer(2)])
    assert left_s(store, clock) == LEASE_S

    clock.passes(1)
    log.append(2, [timer(3)])
    assert left_s(store, clock) == LEASE_S - 1

    clock.passes(LEASE_S / 3)
    log.append(3, [timer(4)])
    assert left_s(store, clock) == LEASE_S


def test_a_long_read_renews_the_lease_as_well(store: MemoryStore, clock: Clock) -> None:
    log = open_log(store, clock)
    log.append(0, [timer(number) for number in range(3_000)])
    reading = log.read(0)
    next(reading)
    clock.passes(LEASE_S / 2)

    assert sum(1 for _ in reading) == 2_999

    assert left_s(store, clock) == LEASE_S


def test_a_quiet_log_whose_stream_nobody_took_goes_on(store: MemoryStore, clock: Clock) -> None:
    log = open_log(store, clock)
    clock.passes(3_600)

    log.append(0, [timer(1)])

    assert left_s(store, clock) == LEASE_S


def test_renewals_leave_no_trace_in_the_stream(store: MemoryStore, clock: Clock) -> None:
    steady = MemoryStore(lambda: 0)
    steady.create_stream(STREAM, "nonce", b"{}")
    with StoreLog(steady, STREAM, clock=lambda: 0) as still, open_log(store, clock) as log:
        for version in range(20):
            still.append(version, [timer(version)])
            log.append(version, [timer(version)])
            clock.passes(11)

    assert list(store.read(STREAM)) == list(steady.read(STREAM))


def test_a_log_whose_stream_was_taken_neither_writes_nor_goes_on_reading(store: MemoryStore, clock: Clock) -> None:
    log = open_log(store, clock)
    log.append(0, [timer(1)])
    clock.passes(LEASE_S)
    taken = store.acquire(STREAM, "another", 30)

    with pytest.raises(LogRefusedError, match="another has held it since 2026-01-01T12:00:30Z") as refusal:
        log.append(1, [timer(2)])
    assert isinstance(refusal.value.__cause__, LeaseLostError)
    with pytest.raises(LogRefusedError, match="another has held it"):
        list(log.read(0))
    assert store.head(STREAM).version == 1
    log.close()
    assert store.lease(STREAM) == taken


def test_a_log_takes_over_from_a_process_that_surely_ended(store: MemoryStore, clock: Clock) -> None:
    ended = re.sub(r"started \d+", "started 1", this_process("perptape record"))
    store.acquire(STREAM, ended, LEASE_S)

    open_log(store, clock).append(0, [timer(1)])


@pytest.mark.parametrize("change", [(r"in [0-9a-f]+", "in 0123456789abcdef"), (r" \(.*\)", "")])
def test_a_log_waits_for_a_process_that_may_run_elsewhere(
    store: MemoryStore, clock: Clock, change: tuple[str, str]
) -> None:
    elsewhere = re.sub(*change, re.sub(r"started \d+", "started 1", this_process("perptape record")))
    store.acquire(STREAM, elsewhere, LEASE_S)
    clock.passes(LEASE_S - 1)

    with pytest.raises(LeaseHeldError, match="perptape record"):
        open_log(store, clock)

    clock.passes(1)
    open_log(store, clock).append(0, [timer(1)])


def test_a_quiet_log_keeps_its_lease_when_it_is_asked_to(store: MemoryStore, clock: Clock) -> None:
    log = open_log(store, clock)
    for _ in range(100):
        clock.passes(2)
        log.keep()
        assert left_s(store, clock) > LEASE_S / 2


def test_a_lease_is_not_renewed_before_a_third_of_its_time(store: MemoryStore, clock: Clock) -> None:
    log = open_log(store, clock)
    clock.passes(LEASE_S / 3 - 1)
    log.keep()
    assert left_s(store, clock) == LEASE_S * 2 / 3 + 1
    clock.passes(1)
    log.keep()
    assert left_s(store, clock) == LEASE_S


def test_a_log_whose_stream_was_taken_says_so_when_it_is_to_keep_it(store: MemoryStore, clock: Clock) -> None:
    log = open_log(store, clock)
    clock.passes(LEASE_S)
    store.acquire(STREAM, "another", 30)
    with pytest.raises(LogRefusedError, match="another has held it since"):
        log.keep()


def test_a_log_is_opened_by_its_url_and_made_if_need_be(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tape.sqlite'}"
    with pytest.raises(LogRefusedError), opened_log(url, STREAM):
        pass
    with opened_log(url, STREAM, metadata=b"{}", nonce="given") as log:
        log.append(0, [timer(1)])
        with pytest.raises(LogRefusedError, match="perptape"), opened_log(url, STREAM):
            pass
    with opened_log(url, STREAM, metadata=b"{}", nonce="other") as log:
        assert (log.nonce, log.head_version()) == ("given", 1)
    with pytest.raises(LogRefusedError, match="elsewhere"), opened_log(url, "elsewhere"):
        pass


def test_a_stream_without_a_given_nonce_gets_one_of_its_own(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'tape.sqlite'}"
    with opened_log(url, "one", metadata=b"{}") as one:
        nonce = one.nonce
    with opened_log(url, "other", metadata=b"{}") as other:
        assert len(nonce) == len(other.nonce) == 32
        assert nonce != other.nonce
