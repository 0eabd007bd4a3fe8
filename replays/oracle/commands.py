"""Commands of people, and refusals of the venue that are to be heeded."""

from collections.abc import Iterator
from typing import Any

from perptape.core.access import (
    CREDENTIALS,
    ENDPOINT_GONE,
    FUTURES_NOT_PERMITTED,
    PERMISSION,
    PERMISSION_DENIED,
    READ_ONLY_KEY,
    UNAUTHORIZED,
)
from perptape.core.events import (
    CommandApplied,
    CommandRefused,
    ModeChanged,
    OperatorCommandReceived,
    OrderAccepted,
    OrderLookedUp,
    OrderRejected,
    OrderSubmissionFailed,
)
from perptape.replays.evidence.expectation import Expectation
from perptape.replays.oracle.turns import Turn, each_turn


def commands_are_answered(phrase: str) -> Expectation:
    """Every command is answered once: applied, or refused for a reason that holds."""
    return each_turn(phrase, "every command is applied or refused for a reason that holds", _commands)


def _commands(turn: Turn) -> Iterator[str]:
    event = turn.event
    if isinstance(event, OperatorCommandReceived):
        yield from _command(turn, event)
    elif turn.decided(CommandApplied) or turn.decided(CommandRefused):
        yield "a command is answered that nobody gave"
    yield from _echo(turn)
    code = getattr(event, "code", "")
    tripped = turn.books.conditions.tripped
    if code == UNAUTHORIZED and turn.books.conditions.unauthorised > 1 and CREDENTIALS not in tripped:
        yield "the venue refuses the key again, and the bot goes on with it"
    if code == PERMISSION_DENIED and not tripped.keys() & {READ_ONLY_KEY, CREDENTIALS}:
        yield "the key may not trade, and the bot goes on trying"
    if code == ENDPOINT_GONE and turn.books.conditions.mode != "halted":
        yield "the venue does not offer what was asked any more, and the bot goes on"
    if code == FUTURES_NOT_PERMITTED and isinstance(event, (OrderRejected, OrderSubmissionFailed)):
        order = turn.books.orders.of(event.client_order_id)
        if order is not None and f"{PERMISSION}:{order.asked.symbol}" not in tripped:
            yield "the account may not trade the symbol, and the bot goes on trying"


def _echo(turn: Turn) -> Iterator[str]:
    """A venue that has another order under the id than the one that was asked for is not to be trusted."""
    event = turn.event
    order = turn.books.orders.of(getattr(event, "client_order_id", ""))
    if order is None:
        return
    asked = order.asked
    other = False
    if isinstance(event, OrderAccepted):
        echoed = event.symbol, event.side, event.size, event.limit_price
        other = echoed != (asked.symbol, asked.side, asked.size, asked.limit_price)
    elif isinstance(event, OrderLookedUp) and event.found:
        other = (event.symbol, event.side, event.size) != (asked.symbol, asked.side, asked.size)
    if other and "venue" not in turn.books.conditions.halts:
        yield "the venue has another order than the one that was asked for, and the bot goes on"
    if not other and turn.decided(ModeChanged, cause="venue"):
        yield "the venue has the order that was asked for, and the bot is halted"


def _command(turn: Turn, event: OperatorCommandReceived) -> Iterator[str]:
    applied, refused = turn.decided(CommandApplied), turn.decided(CommandRefused)
    answer: Any = (applied + refused or [None])[0]
    if len(applied) + len(refused) != 1 or answer is None:
        yield f"{event.command} has {len(applied) + len(refused)} answers"
        return
    if (answer.command_id, answer.command, answer.actor) != (event.command_id, event.command, event.actor):
        yield "the answer is to another command"
    why = _refusal(turn, event)
    if bool(refused) != bool(why):
        yield f"{event.command} is {'refused' if refused else 'applied'}, though {why or 'there is no reason to'}"
    kept = turn.books.conditions
    if applied and event.command == "halt" and "operator" not in kept.halts:
        yield "a halt does not hold"
    if applied and event.command == "resume" and (kept.halts or kept.restricted.keys() & {"pause", "operator"}):
        yield "a resume lifts nothing"
    changes = turn.decided(ModeChanged)
    if (
        applied
        and event.command in ("pause", "flatten", "reduce_only")
        and turn.before.mode != "halted"
        and not changes
    ):
        yield f"{event.command} is not told"


def _refusal(turn: Turn, event: OperatorCommandReceived) -> str:
    late = event.expires_at_ns is not None and turn.observed.at_ns > event.expires_at_ns
    if turn.books.conditions.commands[event.command_id] != turn.observed.version:
        return "it was answered before"
    if late and event.command not in ("pause", "reduce_only", "halt"):
        return "it had expired"
    if event.command != "resume":
        return ""
    if not event.actor.strip() or not event.reason.strip() or _was(turn, CREDENTIALS):
        return "it says nothing, or is of no use"
    if turn.before.mode == "halted":
        return "" if event.halt_id == turn.before.last_halt else "it names another halt"
    if event.halt_id:
        return "its halt is over"
    return "" if turn.before.restricted & {"pause", "operator"} else "there is nothing to lift"


def _was(turn: Turn, guard: str) -> bool:
    return guard in turn.before.tripped
