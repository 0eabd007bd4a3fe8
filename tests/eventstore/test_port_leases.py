"""One writer per stream: leases on every kind of store, by a clock that passes when the test says so."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from perptape.eventstore.errors import (
    FencedError,
    InvalidLeaseError,
    LeaseHeldError,
    LeaseLostError,
    StreamNotFoundError,
)
from perptape.eventstore.lease import LONGEST_S, Lease
from perptape.eventstore.memory import MemoryStore
from perptape.eventstore.port import Store
from perptape.eventstore.segment import Beginning
from perptape.eventstore.store import EventStore
from tests.eventstore.given import METADATA, NONCE, record, records

NOON_NS = 1_767_268_800_000_000_000
SECOND_NS = 1_000_000_000


class Clock:
    def __init__(self) -> None:
        self.now_ns = NOON_NS

    def __call__(self) -> int:
        return self.now_ns

    def passes(self, seconds: float) -> None:
        self.now_ns += round(seconds * SECOND_NS)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def store(request: pytest.FixtureRequest, path: Path, clock: Clock) -> Iterator[Store]:
    """A store that goes by the clock, with two empty streams, `bot` and `other`."""
    with ExitStack() as opened:
        made: Store
        if request.param == "memory":
            made = MemoryStore(clock)
        else:
            postgres = request.param == "postgres"
            url = request.getfixturevalue("postgres_store_url") if postgres else f"sqlite:///{path}"
            made = opened.enter_context(EventStore.open(url, create=True, clock=clock))
        for name in ("bot", "other"):
            made.create_stream(name, NONCE, METADATA)
        yield made


def test_a_lease_raises_the_epoch_and_says_who_writes_since_when(store: Store) -> None:
    epoch = store.claim("bot").epoch

    lease = store.acquire("bot", "a bot", 30)

    assert lease == Lease("bot", "a bot", epoch + 1, NOON_NS, 30 * SECOND_NS, NOON_NS + 30 * SECOND_NS)
    assert store.lease("bot") == lease
    assert store.head("bot").epoch == lease.epoch
    assert store.append("bot", 0, records(2), epoch=lease.epoch).epoch == lease.epoch


def test_nobody_holds_a_stream_before_the_first_lease(store: Store) -> None:
    store.claim("bot")

    assert store.lease("bot") is None


def test_a_second_writer_is_refused_with_who_holds_it_since_when(store: Store, clock: Clock) -> None:
    lease = store.acquire("bot", "perptape record, host a, pid 1", 30)
    clock.passes(29.999)

    with pytest.raises(LeaseHeldError) as refusal:
        store.acquire("bot", "another", 30)

    assert str(refusal.value) == (
        "stream 'bot' has been held by perptape record, host a, pid 1 since 2026-01-01T12:00:00Z: stop that writer, or "
        "if it no longer runs, wait until its lease expires at 2026-01-01T12:00:30Z"
    )
    assert (refusal.value.stream, refusal.value.holder) == ("bot", lease.holder)
    assert (refusal.value.since_ns, refusal.value.expires_at_ns) == (lease.since_ns, lease.expires_at_ns)
    assert store.lease("bot") == lease
    store.append("bot", 0, records(2), epoch=lease.epoch)


def test_the_same_holder_waits_like_everybody(store: Store, clock: Clock) -> None:
    store.acquire("bot", "a bot", 30)
    clock.passes(29)

    with pytest.raises(LeaseHeldError):
        store.acquire("bot", "a bot", 30)


def test_each_stream_has_a_lease_of_its_own(store: Store) -> None:
    store.acquire("bot", "a bot", 30)

    other = store.acquire("other", "another", 30)

    assert store.lease("other") == other
    store.release(other)
    assert store.lease("bot") is not None


def test_an_expired_lease_is_taken_at_once_and_its_holder_is_fenced_off(store: Store, clock: Clock) -> None:
    first = store.acquire("bot", "the first", 30)
    store.append("bot", 0, records(2), epoch=first.epoch)
    clock.passes(30)

    second = store.acquire("bot", "the second", 10)

    assert second.epoch == first.epoch + 1
    assert second.since_ns == clock.now_ns
    with pytest.raises(FencedError, match="the second has held it since 2026-01-01T12:00:30Z; stop this") as refusal:
        store.append("bot", 2, [record(3)], epoch=first.epoch)
    assert (refusal.value.held, refusal.value.current) == (first.epoch, second.epoch)
    assert refusal.value.present == ("the second", second.since_ns)
    store.append("bot", 2, [record(3)], epoch=second.epoch)
    assert store.head("bot").version == 3


def test_the_append_of_a_fenced_writer_is_refused_even_if_it_was_stored_before(store: Store) -> None:
    first = store.acquire("bot", "the first", 30)
    store.append("bot", 0, records(2), epoch=first.epoch)
    store.acquire("bot", "the second", 30, take_over=True)

    with pytest.raises(FencedError):
        store.append("bot", 0, records(2), epoch=first.epoch)


def test_a_renewal_gives_all_the_time_again_and_changes_nothing_else(store: Store, clock: Clock) -> None:
    lease = store.acquire("bot", "a bot", 30)
    head = store.append("bot", 0, records(2), epoch=lease.epoch)
    clock.passes(20)

    again = store.renew(lease)

    assert again == lease._replace(expires_at_ns=clock.now_ns + 30 * SECOND_NS)
    assert store.lease("bot") == again
    assert store.head("bot") == head
    clock.passes(29)
    with pytest.raises(LeaseHeldError):
        store.acquire("bot", "another", 30)


def test_an_earlier_form_of_the_lease_renews_it_as_well(store: Store, clock: Clock) -> None:
    lease = store.acquire("bot", "a bot", 30)
    clock.passes(10)
    store.renew(lease)
    clock.passes(10)

    assert store.renew(lease).expires_at_ns == clock.now_ns + 30 * SECOND_NS


def test_an_expired_lease_that_nobody_took_is_its_holders_still(store: Store, clock: Clock) -> None:
    lease = store.acquire("bot", "a bot", 30)
    clock.passes(3_600)

    assert store.lease("bot") == lease
    store.append("bot", 0, records(2), epoch=lease.epoch)
    assert store.renew(lease) == lease._replace(expires_at_ns=clock.now_ns + 30 * SECOND_NS)
    with pytest.raises(LeaseHeldError):
        store.acquire("bot", "another", 30)


def test_a_lease_that_another_has_cannot_be_renewed(store: Store, clock: Clock) -> None:
    first = store.acquire("bot", "the first", 30)
    clock.passes(30)
    second = store.acquire("bot", "the second", 30)

    with pytest.raises(LeaseLostError, match="the second has held it since 2026-01-01T12:00:30Z") as loss:
        store.renew(first)

    assert (loss.value.stream, loss.value.holder, loss.value.epoch) == ("bot", "the first", first.epoch)
    assert store.lease("bot") == second


def test_a_released_stream_is_free_at_once_and_its_holder_is_fenced_off(store: Store) -> None:
    first = store.acquire("bot", "the first", 30)
    store.append("bot", 0, records(2), epoch=first.epoch)

    store.release(first)

    assert store.lease("bot") is None
    with pytest.raises(FencedError, match="nobody holds its lease now"):
        store.append("bot", 2, [record(3)], epoch=first.epoch)
    with pytest.raises(LeaseLostError, match="nobody holds its lease now"):
        store.renew(first)
    second = store.acquire("bot", "the second", 30)
    assert store.append("bot", 2, [record(3)], epoch=second.epoch).version == 3


def test_releasing_again_changes_nothing(store: Store) -> None:
    lease = store.acquire("bot", "a bot", 30)
    store.release(lease)
    head = store.head("bot")

    store.release(lease)

    assert store.head("bot") == head


def test_a_writer_that_lost_its_lease_does_not_release_anothers(store: Store, clock: Clock) -> None:
    first = store.acquire("bot", "the first", 30)
    clock.passes(30)
    second = store.acquire("bot", "the second", 30)

    store.release(first)

    assert store.lease("bot") == second
    store.append("bot", 0, records(2), epoch=second.epoch)


def test_taking_over_ends_a_lease_that_runs(store: Store) -> None:
    first = store.acquire("bot", "the first", 30)

    second = store.acquire("bot", "the second", 30, take_over=True)

    assert store.lease("bot") == second
    with pytest.raises(FencedError):
        store.append("bot", 0, records(2), epoch=first.epoch)


def test_of_two_that_take_over_the_same_lease_one_gets_it(store: Store, clock: Clock) -> None:
    dead = store.acquire("bot", "the dead", 30)
    clock.passes(10)
    store.renew(dead)
    second = store.acquire("bot", "the second", 30, take_over=dead)

    with pytest.raises(LeaseHeldError, match="the second"):
        store.acquire("bot", "the third", 30, take_over=dead)

    assert store.lease("bot") == second


def test_a_claim_ends_a_lease(store: Store) -> None:
    lease = store.acquire("bot", "a bot", 30)
    claimed = store.claim("bot").epoch

    assert store.lease("bot") is None
    with pytest.raises(FencedError):
        store.append("bot", 0, records(2), epoch=lease.epoch)
    with pytest.raises(LeaseLostError):
        store.renew(lease)
    store.release(lease)
    assert store.append("bot", 0, records(2), epoch=claimed).epoch == claimed
    assert store.acquire("bot", "another", 30).epoch == claimed + 1


def test_a_lease_is_of_the_whole_stream_across_its_seals(store: Store) -> None:
    lease = store.acquire("bot", "the first", 30)
    store.append("bot", 0, records(2), epoch=lease.epoch)
    store.seal("bot", epoch=lease.epoch)

    assert store.renew(lease) == lease
    with pytest.raises(LeaseHeldError):
        store.acquire("bot", "the second", 30)
    store.continue_stream("bot", 2, Beginning("4a3b", METADATA, record(3)), epoch=lease.epoch)
    store.append("bot", 3, [record(4)], epoch=lease.epoch)
    assert store.lease("bot") == lease


def test_a_sealed_stream_changes_hands_like_any_other(store: Store) -> None:
    first = store.acquire("bot", "the first", 30)
    store.append("bot", 0, records(2), epoch=first.epoch)
    store.seal("bot", epoch=first.epoch)
    store.release(first)

    second = store.acquire("bot", "the second", 30)

    beginning = Beginning("4a3b", METADATA, record(3))
    with pytest.raises(FencedError, match="the second has held it since"):
        store.continue_stream("bot", 2, beginning, epoch=first.epoch)
    with pytest.raises(FencedError, match="the second has held it since"):
        store.seal("bot", epoch=first.epoch)
    assert store.continue_stream("bot", 2, beginning, epoch=second.epoch).epoch == second.epoch


def test_leases_are_no_events(store: Store, clock: Clock) -> None:
    lease = store.acquire("bot", "a bot", 30)
    store.append("bot", 0, records(2), epoch=lease.epoch)
    before = list(store.read("bot"))

    clock.passes(40)
    store.release(store.renew(store.acquire("bot", "another", 30)))

    assert list(store.read("bot")) == before
    assert store.verify("bot").ok


@pytest.mark.parametrize("holder", ["", "two\nlines", "a\x00zero"])
def test_a_holder_has_a_name_that_can_be_printed(store: Store, holder: str) -> None:
    with pytest.raises(InvalidLeaseError, match="printable"):
        store.acquire("bot", holder, 30)
    assert store.lease("bot") is None


@pytest.mark.parametrize("ttl_s", [0, -1, 1e-10, float("nan"), float("inf"), LONGEST_S + 1])
def test_a_lease_lasts_for_a_time_that_can_be_kept(store: Store, ttl_s: float) -> None:
    with pytest.raises(InvalidLeaseError, match="lasts"):
        store.acquire("bot", "a bot", ttl_s)
    assert store.head("bot").epoch == 0


def test_there_is_no_lease_on_no_stream(store: Store) -> None:
    lease = store.acquire("bot", "a bot", 30)._replace(stream="nobody")

    with pytest.raises(StreamNotFoundError):
        store.acquire("nobody", "a bot", 30)
    with pytest.raises(StreamNotFoundError):
        store.lease("nobody")
    with pytest.raises(StreamNotFoundError):
        store.renew(lease)
    with pytest.raises(StreamNotFoundError):
        store.release(lease)
