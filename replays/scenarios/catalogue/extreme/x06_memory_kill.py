"""X06: the process is killed for memory, again and again."""

import signal
from itertools import pairwise
from pathlib import Path
from typing import Any

from msgspec import Struct

from perptape.core.events import OrderRequested, QuoteUpdated, SessionStarted
from perptape.replays.evidence.expectation import require, require_equal, verifies
from perptape.replays.scenarios.drills.attack import BotUnderAttack, Ended, events, recording
from perptape.replays.scenarios.drills.drill import Drill, Survived
from perptape.replays.scenarios.drills.exchange_after import Both, both_sides

LENGTHS = (40, 85, 100, 147)
"""How many events a session has when it is killed without a word, as the kernel does to what takes too much memory."""


class Facts(Struct, frozen=True):
    """The tape after it all, what each kill found and left, and both sides at the end."""

    kills: list[tuple[int, int]]
    """Version that the process had told of, and events that were durable afterwards."""
    last: Ended
    tape: list[Any]
    both: Both


def attack(folder: Path) -> Survived:
    """Kill one process after the other, and let the last one end in good order."""
    kills, durable = [], 0
    for length in LENGTHS:
        bot = BotUnderAttack(folder)
        health = bot.reaches(durable + length)
        bot.stop(signal.SIGKILL)
        durable = len(events(folder))
        kills.append((health["version"], durable))
    bot = BotUnderAttack(folder)
    bot.reaches(durable + 60)
    last = bot.stop()
    return Survived(Facts(kills, last, events(folder), both_sides(folder)), (recording(folder),))


@verifies("as S11")
def no_intent_is_two_orders_at_the_venue(facts: Facts) -> None:
    require_equal(len(facts.both.intents), len(set(facts.both.intents)), "orders at the venue and their intents")
    require(len(facts.both.intents) > 3, f"the bot sent {len(facts.both.intents)} orders only")


@verifies("as S11")
def every_order_at_the_venue_is_on_the_tape(facts: Facts) -> None:
    asked = {event.client_order_id for event in facts.tape if isinstance(event, OrderRequested)}
    require(facts.both.client_order_ids <= asked, f"{facts.both.client_order_ids - asked} are not on the tape")


@verifies("as S11")
def pending_orders_are_resolved_and_positions_and_cash_agree(facts: Facts) -> None:
    state = facts.both.state
    held = {symbol: position.size for symbol, position in state.positions.items()}
    require_equal(held, facts.both.positions, "positions of bot and venue")
    require_equal(state.account.cash, facts.both.cash, "cash of bot and venue")
    require_equal([order.status for order in state.orders.values()], [], "orders that are still open")


@verifies("as S11")
def each_process_took_up_where_the_tape_of_the_one_before_ended(facts: Facts) -> None:
    sessions = [event.session for event in facts.tape if isinstance(event, SessionStarted)]
    require_equal(sessions, [1, 2, 3, 4, 5], "sessions")
    numbers = [event.seq for event in facts.tape if isinstance(event, QuoteUpdated)]
    require(all(earlier < later for earlier, later in pairwise(numbers)), "a price was taken in twice")
    require_equal((facts.last.status, facts.last.said), (0, ""), "how the last one ended")


DRILL = Drill(
    id="X06",
    name="memory_kill",
    section="extreme",
    story="process killed for memory",
    attack=attack,
    verifies=(
        no_intent_is_two_orders_at_the_venue,
        every_order_at_the_venue_is_on_the_tape,
        pending_orders_are_resolved_and_positions_and_cash_agree,
        each_process_took_up_where_the_tape_of_the_one_before_ended,
    ),
)
