"""Holding each order that is requested or blocked against what it has to be at that moment."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from perptape.core.durations import SECOND_NS
from perptape.core.events import OrderBlocked, OrderRequested
from perptape.core.money import arithmetic
from perptape.core.wording import sentence
from perptape.replays.evidence.expectation import Expectation, UnmetError, shown
from perptape.replays.evidence.run import Run
from perptape.replays.evidence.tape_event import TapeEvent
from perptape.replays.oracle.books import Books
from perptape.replays.oracle.held import about
from perptape.replays.oracle.placing import Measured, Wanted


def orders_are_measured(phrase: str) -> Expectation:
    """Every order has the size and form that it must have, and is blocked by the first limit that it passes, if any."""
    return Expectation(phrase, "every order is as it has to be and every limit measured with it holds", _check)


def _check(run: Run) -> None:
    books = Books()
    with arithmetic():
        for line in run.events:
            found = []
            if isinstance(line.event, OrderRequested):
                found = list(_wrong_request(run, books, line))
            elif isinstance(line.event, OrderBlocked):
                found = _wrong_block(books, line)
            if found:
                raise UnmetError(
                    f"{found[0]}; {line.event.symbol}, version {line.version} at {run.second(line.at_ns):f} s"
                )
            books.see(line)


def _size(wanted: Wanted) -> Any:
    if wanted.purpose == "entry":
        return wanted.size_of_entry()
    return wanted.size_of_flatten() if wanted.purpose == "flatten" else wanted.size_of_exit()


def _wrong_request(run: Run, books: Books, line: TapeEvent) -> Iterator[str]:
    order: OrderRequested = line.event
    wanted = Wanted(books, order, line.at_ns, order.purpose)
    block = wanted.first_block()
    if block is not None:
        yield f"{block.guard} measures {shown(block.measured)}, its limit is {shown(block.limit)}, and it let it pass"
    limited = wanted.order_type == "limit"
    expires_ns = line.at_ns + books.settings.orders.limit_ttl_s * SECOND_NS if limited else None
    intent = books.conditions.intents + 1
    key = sha256(f"{run.nonce}:{intent}".encode()).hexdigest()[:32]
    yield from _differing(
        ("size", _size(wanted), order.size),
        ("type", wanted.order_type, order.order_type),
        ("limit", wanted.price if limited else None, order.limit_price),
        ("stop", None, order.stop_price),
        ("time in force", "gtd" if limited else "ioc", order.time_in_force),
        ("expiry", expires_ns, order.expires_at_ns),
        ("post-only", limited and books.settings.orders.entry_type == "post_only", order.post_only),
        ("reduce-only", wanted.reducing, order.reduce_only),
        ("reference", wanted.heard.price, order.reference_price),
        ("intent", intent, order.intent),
        ("client order id", key, order.client_order_id),
    )


def _wrong_block(books: Books, line: TapeEvent) -> list[str]:
    """A blocked order does not say what it was for: it has to be right for one purpose."""
    blocked: OrderBlocked = line.event
    found: list[str] = []
    for purpose in ("entry", "exit") if blocked.strategy else ("flatten",):
        wanted = Wanted(books, blocked, line.at_ns, purpose)
        block = wanted.first_block() or Measured("no guard", blocked.measured, blocked.limit)
        found = list(
            _differing(
                ("guard", block.guard, blocked.guard),
                ("measured", about(block.measured), about(blocked.measured)),
                ("limit of the guard", about(block.limit), about(blocked.limit)),
                ("size", _size(wanted), blocked.size),
                ("price", wanted.price, blocked.price),
            )
        )
        if not sentence(blocked.reason):
            found.append("no reason is given")
        if not found:
            break
    return found


def _differing(*compared: tuple[str, Any, Any]) -> Iterator[str]:
    for what, expected, found in compared:
        if expected != found:
            yield f"{what}: expected {shown(expected)}, found {shown(found)}"
