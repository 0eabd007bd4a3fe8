"""X05: the store cannot write."""

import resource
from pathlib import Path
from typing import Any

from msgspec import Struct

from perptape.core.events import OrderRequested, SessionStarted, SessionStopped
from perptape.replays.evidence.expectation import require, require_equal, verifies
from perptape.replays.scenarios.drills.attack import BotUnderAttack, Ended, events, recording
from perptape.replays.scenarios.drills.drill import Drill, Survived
from perptape.replays.scenarios.drills.exchange_after import Both, both_sides

ROOM = 12_288
"""Bytes that the store's newest file may still grow by."""


class Facts(Struct, frozen=True):
    """How the process ended without room, what was durable then, and what the next one did."""

    before: int
    """Events that were durable when the room ended."""
    full: Ended
    durable: int
    asked_then: set[str]
    venue_then: Both
    next: Ended
    tape: list[Any]
    venue_at_last: Both


def attack(folder: Path) -> Survived:
    """Let no file of the process grow any more, as on a full disk; then give it room again."""
    bot = BotUnderAttack(folder)
    bot.reaches(40)
    before = len(events(folder))
    size = (folder / "tape.sqlite-wal").stat().st_size + ROOM
    resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    full = bot.end()
    then = events(folder)
    asked = {event.client_order_id for event in then if isinstance(event, OrderRequested)}
    venue_then = both_sides(folder)
    again = BotUnderAttack(folder)
    again.reaches(len(then) + 60)
    ended = again.stop()
    facts = Facts(before, full, len(then), asked, venue_then, ended, events(folder), both_sides(folder))
    return Survived(facts, (recording(folder),))


@verifies("no order leaves without its event stored")
def every_order_at_the_venue_is_on_the_tape_that_was_left(facts: Facts) -> None:
    sent = facts.venue_then.client_order_ids
    require(sent <= facts.asked_then, f"{sent - facts.asked_then} are at the venue and not on the tape")
    require(sent, "the bot had sent no order")


@verifies("halts cleanly")
def the_process_ends_by_itself_and_says_what_it_could_not_store(facts: Facts) -> None:
    require_equal(facts.full.status, 2, "exit status")
    last = facts.full.said.splitlines()[-1]
    require(last.startswith("perptape: the log did not take version"), f"it said {last!r}")
    require("Traceback" not in facts.full.said, "it shows a traceback")


@verifies("halts cleanly")
def what_was_acknowledged_is_there(facts: Facts) -> None:
    require(facts.durable >= facts.before, f"{facts.before} events were durable, {facts.durable} are")
    stopped = [event for event in facts.tape[: facts.durable] if isinstance(event, SessionStopped)]
    require_equal(stopped, [], "ends of the session that could not be stored")


@verifies("continues after space is back")
def the_next_process_takes_up_the_tape_and_agrees_with_the_venue(facts: Facts) -> None:
    require_equal((facts.next.status, facts.next.said), (0, ""), "how it ended")
    sessions = [event.session for event in facts.tape if isinstance(event, SessionStarted)]
    require_equal(sessions, [1, 2], "sessions")
    require(len(facts.tape) >= facts.durable + 60, "it did not go on")
    state, there = facts.venue_at_last.state, facts.venue_at_last
    held = {symbol: position.size for symbol, position in state.positions.items()}
    require_equal((held, state.account.cash), (there.positions, there.cash), "positions and cash of bot and venue")
    require_equal(len(there.intents), len(set(there.intents)), "orders at the venue and their intents")


DRILL = Drill(
    id="X05",
    name="disk_full",
    section="extreme",
    story="the store cannot write",
    attack=attack,
    verifies=(
        every_order_at_the_venue_is_on_the_tape_that_was_left,
        the_process_ends_by_itself_and_says_what_it_could_not_store,
        what_was_acknowledged_is_there,
        the_next_process_takes_up_the_tape_and_agrees_with_the_venue,
    ),
)
