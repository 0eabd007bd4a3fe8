"""A driver that trades by script, survives kills, and notes everything it is told: what a bot is to the exchange."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from perptape.core.edge.simulation.exchange import SimulatedExchange
from perptape.core.events import CancelRequested, Observation, OrderRequested

Act = OrderRequested | CancelRequested | Decimal
"""An order, a cancel, or a transfer."""
Script = Mapping[int, Sequence[Act]]
"""What is done after the message with this number."""


class Told(NamedTuple):
    """Everything the exchange has said."""

    messages: list[Observation]
    answers: list[Observation]


def trade(
    exchange: SimulatedExchange, script: Script, told: Told, last: Callable[[int], bool] = lambda _: False
) -> None:
    """Take messages and act by the script, until the feed has ended or `last` says so of a message's number."""
    while exchange.peek_ns() is not None:
        told.messages.append(exchange.take())
        number = len(told.messages)
        for act in script.get(number, ()):
            told.answers.extend(perform(exchange, act))
        if last(number):
            return


def perform(exchange: SimulatedExchange, act: Act) -> Sequence[Observation]:
    if isinstance(act, OrderRequested):
        return asyncio.run(exchange.call(act))
    if isinstance(act, CancelRequested):
        return asyncio.run(exchange.call(act))
    exchange.transfer(act)
    return ()
