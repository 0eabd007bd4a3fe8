"""Following orders through a recording: each from its cause to its end, in bounded number."""

from decimal import Decimal
from typing import Any
from zlib import crc32

import msgspec

from perptape.core.events import (
    ExternalOrderAdopted,
    OrderBlocked,
    OrderFilled,
    OrderRequested,
    ReportedFill,
    SignalGenerated,
    SignalsAggregated,
)
from perptape.core.evolve.fills import find_order
from perptape.core.order import Order, is_working
from perptape.core.state import State
from perptape.core.wording import why
from perptape.replays.report.steps import describe, shortened, step
from perptape.replays.report.summary import Block, FillSummary, OrderSummary, Step

ORDERS_MAX = 800
BLOCKS_MAX = 300
STEPS_MAX = 24


class OrderFollower:
    """Keeps orders whole or not at all: when there are too many, about half of those kept so far are let go.

    What is kept spreads over the whole session, and `every` says that it is about one in so many. Which ones is a
    matter of a checksum, not of counting: where buys and sells take turns, every second order would be a buy.
    """

    def __init__(self) -> None:
        self.orders: dict[str, OrderSummary] = {}
        self.every = 1
        self.blocks: list[Block] = []
        self.blocks_every = 1
        self._causes: list[Step] = []

    def begin_turn(self, version: int, at_ns: int, observation: Any) -> None:
        """An observation arrived; what is decided next is its consequence."""
        self._causes = [Step(version, at_ns, type(observation).__name__, "")]
        self._observation = observation

    def signal(self, version: int, at_ns: int, event: SignalGenerated | SignalsAggregated) -> None:
        """A strategy's wish, or the outcome of several."""
        self._causes.append(step(version, at_ns, event))

    def request(self, version: int, at_ns: int, event: OrderRequested) -> None:
        """An order begins."""
        if not self._keeps(event.client_order_id):
            return
        self.orders[event.client_order_id] = OrderSummary(
            client_order_id=event.client_order_id,
            symbol=event.symbol,
            side=event.side,
            order_type=event.order_type,
            size=event.size,
            limit_price=event.limit_price,
            reference_price=event.reference_price,
            purpose=event.purpose,
            strategy=event.strategy,
            version=version,
            at_ns=at_ns,
            steps=[*self._chain(), step(version, at_ns, event)],
        )

    def adopt(self, version: int, at_ns: int, event: ExternalOrderAdopted) -> None:
        """An order of somebody else begins to count."""
        told = self.orders.get(event.client_order_id)
        if told is None and self._keeps(event.client_order_id):
            told = self.orders[event.client_order_id] = _external(event.client_order_id, version, at_ns, event)
            told.limit_price = event.limit_price
            told.order_type = event.order_type
        if told is not None:
            told.steps.append(step(version, at_ns, event))

    def block(self, version: int, at_ns: int, event: OrderBlocked) -> None:
        """A guard refused an order."""
        if _lot(str(version)) % self.blocks_every:
            return
        self.blocks.append(
            Block(
                version=version,
                at_ns=at_ns,
                symbol=event.symbol,
                side=event.side,
                size=event.size,
                price=event.price,
                guard=event.guard,
                measured=event.measured,
                limit=event.limit,
                reason=shortened(why(event)),
                strategy=event.strategy,
                steps=(*self._chain(), step(version, at_ns, event)),
            )
        )
        while len(self.blocks) > BLOCKS_MAX:
            self.blocks_every *= 2
            self.blocks = [block for block in self.blocks if not _lot(str(block.version)) % self.blocks_every]

    def open_with(self, order: Order) -> None:
        """An order that was there when the recording begins."""
        self.orders[order.client_order_id] = OrderSummary(
            client_order_id=order.client_order_id,
            symbol=order.symbol,
            side=order.side,
            order_type=order.order_type,
            size=order.size,
            limit_price=order.limit_price,
            reference_price=order.reference_price,
            purpose=order.purpose,
            strategy=order.strategy,
            version=0,
            at_ns=order.requested_at_ns,
            status=order.status,
        )

    def report(self, version: int, at_ns: int, event: Any, state: State) -> None:
        """Something happened to an order of this client order id."""
        told = self.orders.get(event.client_order_id)
        if told is not None and not isinstance(event, OrderFilled) and len(told.steps) < STEPS_MAX:
            told.steps.append(step(version, at_ns, event))
        self.settle(event.client_order_id, state)

    def fill(
        self,
        version: int,
        at_ns: int,
        fill: OrderFilled | ReportedFill,
        realised: Decimal | None,
        state: State,
    ) -> None:
        """A new execution; one of no known order is told as an order of somebody else."""
        key = fill.client_order_id
        if find_order(state, key) is None and key not in self.orders:
            key = f"external {fill.venue_order_id}"
            if key not in self.orders and self._keeps(key):
                told = self.orders[key] = _external(key, version, at_ns, fill)
                told.status = "filled"
                told.ended_ns = at_ns
        known = self.orders.get(key)
        if known is None:
            return
        known.fills.append(FillSummary(version, at_ns, fill.price, fill.size, fill.fee))
        known.realised += realised or 0
        if len(known.steps) < STEPS_MAX:
            known.steps.append(Step(version, at_ns, "OrderFilled", describe(fill)))
        self.settle(key, state)

    def settle(self, client_order_id: str, state: State) -> None:
        """Take over the status that the state gives the order."""
        told = self.orders.get(client_order_id)
        order = find_order(state, client_order_id)
        if told is not None and order is not None:
            told.status = order.status
            told.ended_ns = None if is_working(order) else order.changed_at_ns

    def _chain(self) -> list[Step]:
        """The causes of this turn; the observation is put into words only now, since few lead to an order."""
        observation = shortened(describe(self._observation))
        return [msgspec.structs.replace(self._causes[0], text=observation), *self._causes[1:]]

    def _keeps(self, key: str) -> bool:
        """Whether an order of this id is kept, after making room for it."""
        while len(self.orders) >= ORDERS_MAX:
            self.every *= 2
            self.orders = {known: told for known, told in self.orders.items() if not _lot(known) % self.every}
        return not _lot(key) % self.every


def _lot(key: str) -> int:
    return crc32(key.encode())


def _external(
    key: str, version: int, at_ns: int, event: ExternalOrderAdopted | OrderFilled | ReportedFill
) -> OrderSummary:
    price = event.limit_price if isinstance(event, ExternalOrderAdopted) else event.price
    return OrderSummary(
        client_order_id=key,
        symbol=event.symbol,
        side=event.side,
        order_type="market",
        size=event.size,
        limit_price=None,
        reference_price=price or Decimal(0),
        purpose="external",
        strategy="",
        version=version,
        at_ns=at_ns,
    )
