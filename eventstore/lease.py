"""A lease: one writer per stream, known by name and for a time.

Whoever acquires a stream's lease raises the stream's epoch and appends under it; whoever comes second is refused and
told who writes there. The holder renews; when it has not, once its time is over, another may take the stream at once.
From then on the earlier holder is fenced off: its epoch is too low, and that is checked in the very transaction that
would add its events. It need not know what time it is, nor that it was paused.

- A lease that expired and that nobody took is its holder's still. No other writer has appended, so the holder may, and
  a renewal makes the lease whole again. What ends a lease is another writer, or giving it back.
- A lease is known by its epoch, not by its holder's name: a process that died and comes again under the same name waits
  for the expiry like everybody, unless it takes over.
- A released lease fences its holder off, too: what the holder still had on the way is not stored.
- An append that names no epoch asks no lease. It cannot write over a lease's holder, who then meets a conflict.

Time is the clock of the database's server, or of the machine for a database without one: writers on several machines
need not agree on the time. A clock that goes forward costs the holder its lease early, one that goes back lets others
wait longer; no setting of it lets two writers append.
"""

from typing import NamedTuple

from perptape.eventstore.errors import FencedError, InvalidLeaseError, LeaseHeldError, LeaseLostError

LONGEST_S = 31_536_000
"""The longest time to live, a year: no one waits for the end of it, but the number stays one that a column holds."""


class Lease(NamedTuple):
    """Who may write to a stream."""

    stream: str
    holder: str
    """Whoever reads it in an error should find the process by it."""
    epoch: int
    """The stream's epoch that this lease raised; appends under it are the holder's."""
    since_ns: int
    """When it was acquired; renewals do not change it."""
    ttl_ns: int
    """How long it lasts after a renewal."""
    expires_at_ns: int
    """From when on another writer may take the stream, unless it is renewed before."""


def time_to_live_ns(holder: str, ttl_s: float) -> int:
    """A time to live in nanoseconds. Raises InvalidLeaseError, for a holder without a printable name as well."""
    if not holder or not holder.isprintable():
        raise InvalidLeaseError(f"the holder of a lease must be one line of printable text, not {holder!r}")
    ttl_ns = round(ttl_s * 1_000_000_000) if 0 < ttl_s <= LONGEST_S else 0
    if ttl_ns < 1:
        raise InvalidLeaseError(f"a lease lasts more than 0 and at most {LONGEST_S} seconds, not {ttl_s}")
    return ttl_ns


def require_free(found: Lease | None, take_over: bool | Lease, now_ns: int) -> None:
    """Raise LeaseHeldError if somebody has the stream and may keep it."""
    if found is None or now_ns >= found.expires_at_ns:
        return
    ours_to_take = take_over.epoch == found.epoch if isinstance(take_over, Lease) else take_over
    if not ours_to_take:
        raise LeaseHeldError(found.stream, found.holder, found.since_ns, found.expires_at_ns)


def renewed(lease: Lease, found: Lease | None, now_ns: int) -> Lease:
    """The lease with all its time before it. Raises LeaseLostError when it is not the one in force."""
    if found is None or found.epoch != lease.epoch:
        raise LeaseLostError(lease.stream, lease.holder, lease.epoch, _present(found))
    return found._replace(expires_at_ns=now_ns + found.ttl_ns)


def fenced_by(refusal: FencedError, found: Lease | None) -> FencedError:
    """The refusal with the name of whoever holds the stream now."""
    return FencedError(refusal.stream, refusal.held, refusal.current, _present(found))


def _present(found: Lease | None) -> tuple[str, int] | None:
    return (found.holder, found.since_ns) if found is not None else None
