"""Random sessions: the real bot on the simulated exchange, with faults, commands, transfers, people and kills."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from msgspec.structs import replace

from perptape.core.codec import decode_data
from perptape.core.durations import SECOND_NS
from perptape.core.edge.alerts import TapeAlerts
from perptape.core.edge.market.conditions import CONDITIONS
from perptape.core.edge.market.points import BookPoint, MarketPoint, MarkPoint, TradePoint
from perptape.core.edge.market.synthetic import synthetic_path
from perptape.core.edge.simulation.exchange import SimulatedExchange
from perptape.core.edge.simulation.exchange.journal import MemoryJournal
from perptape.core.edge.simulation.virtual_time import VirtualClock
from perptape.core.events import (
    ConnectionLost,
    ConnectionRestored,
    OperatorCommandReceived,
    OrderRequested,
    StreamGapDetected,
    TimerFired,
)
from perptape.core.money import ZERO
from perptape.core.orchestrator import Orchestrator
from perptape.core.ports import LoggedEvent
from perptape.core.state import State
from perptape.core.timer_id import RECONCILE
from perptape.core.waiting import NEVER_NS, next_timer
from tests.core.builders import BTC, ETH, NOW_NS
from tests.core.fakes import MemoryLog
from tests.core.session_plans import Happening, Plan

BEHAVIOUR = "behaviour"
PRICES = {BTC: Decimal(50_000), ETH: Decimal(3_000)}
SETTLED_AFTER_NS = 600 * SECOND_NS
"""Waits of retries and lookups are over after this."""
TURNS_TO_SETTLE = 400


class Played(NamedTuple):
    """What is left when it is over."""

    plan: Plan
    state: State
    exchange: SimulatedExchange
    log: MemoryLog
    events: list[tuple[LoggedEvent, Any]]


class _World:
    """The bot, its store, and the exchange with its journal."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.journal = MemoryJournal()
        self.trading = plan.trading
        self.commands = 0
        self.log = MemoryLog()
        self.exchange = self._open_exchange()
        self.clock = VirtualClock(self.exchange)
        self.bot = self._open_bot()

    def _points(self) -> Iterator[MarketPoint]:
        for number, point in enumerate(self._quotes()):
            if self.plan.marks and isinstance(point, BookPoint) and not number % 5:
                yield MarkPoint(point.at_ns, point.symbol, point.bid)
                yield TradePoint(point.at_ns, point.symbol, point.ask, Decimal(1), None, "")
            yield point

    def _quotes(self) -> Iterator[MarketPoint]:
        return synthetic_path(
            PRICES,
            CONDITIONS[self.plan.condition],
            seed=self.plan.exchange.seed,
            # Midnight and a funding time fall into the session.
            start_ns=NOW_NS // (86_400 * SECOND_NS) * 86_400 * SECOND_NS
            - self.plan.steps // 2 * self.plan.step_s * SECOND_NS,
            steps=self.plan.steps,
            step_ns=self.plan.step_s * SECOND_NS,
        )

    def _open_exchange(self) -> SimulatedExchange:
        return SimulatedExchange(self.journal, self._points, self.plan.exchange)

    def _open_bot(self) -> Orchestrator:
        plan = self.plan
        return Orchestrator(
            self.log,
            self.exchange,
            TapeAlerts(),
            self.clock,
            behaviour=BEHAVIOUR,
            group_events=plan.group_events,
        )

    async def start(self) -> None:
        self.clock.begin(self.bot.state.at_ns or self.exchange.peek_ns() or 0)
        await self.bot.start(self.trading)

    async def kill(self) -> None:
        """Bot and exchange die with all that is not durable, and come back."""
        now_ns = self.exchange.now_ns
        self.log = MemoryLog(self.log.store)
        self.exchange = self._open_exchange()
        self.clock = VirtualClock(self.exchange)
        self.bot = self._open_bot()
        self.exchange.resume(self.bot.state.feed_seq)
        assert self.exchange.now_ns <= now_ns
        await self.start()

    async def step(self, until_ns: int = NEVER_NS) -> bool:
        """The next timer or message; whether there was one of either that comes in time."""
        feed_ns = self.exchange.peek_ns()
        due_ns, _ = next_timer(self.bot.state)
        if feed_ns is not None and feed_ns < due_ns:
            await self.bot.observe(self.exchange.take())
            return True
        if due_ns > until_ns:
            return False
        self.exchange.advance_to(due_ns)
        await self.bot.fire_due(due_ns)
        return True

    async def happen(self, happening: Happening) -> None:
        match happening:
            case ("command", word):
                self.commands += 1
                halt_id = self.bot.state.halt_ordinal if self.bot.state.mode == "halted" else 0
                await self.bot.observe(
                    OperatorCommandReceived(
                        f"command-{self.commands}",
                        word,
                        "anna",
                        "at random",
                        None,
                        halt_id,
                        flatten=False,
                        inbox_version=0,
                    )
                )
            case ("transfer", amount):
                self.exchange.transfer(Decimal(amount))
            case ("status", symbol, status):
                self.exchange.change_status(symbol, status, "at random")
            case ("person", kind, lots):
                self.exchange.trade_externally(_persons_order(self.exchange, kind, lots))
            case ("connection", lost):
                await self.bot.observe(ConnectionLost("market", "at random") if lost else ConnectionRestored("market"))
            case ("gap",):
                await self.bot.observe(StreamGapDetected("market", 1, 2))
            case ("venue_cancel",):
                for order in self.exchange.state.working()[:1]:
                    name = order.request.client_order_id
                    if name:
                        self.exchange.cancel_by_venue(name, "margin")
            case ("settings", share):
                await self.kill()
                self.trading = replace(self.plan.trading, strategies=self.plan.trading.strategies[:share])
                await self.kill()
            case ("kill",):
                await self.kill()


def _persons_order(exchange: SimulatedExchange, kind: str, lots: int) -> OrderRequested:
    price = exchange.state.books[BTC].bid or PRICES[BTC]
    far = price * (Decimal("0.9990") if lots > 0 else Decimal("1.0010"))
    return OrderRequested(
        intent=0,
        client_order_id="",
        strategy="",
        symbol=BTC,
        side="buy" if lots > 0 else "sell",
        order_type="market" if kind == "market" else "limit",
        size=Decimal(abs(lots)) / 100,
        limit_price=None if kind == "market" else far.quantize(Decimal(1)),
        stop_price=None,
        time_in_force="ioc" if kind == "market" else "gtc",
        expires_at_ns=None,
        post_only=False,
        reduce_only=False,
        purpose="external",
        reference_price=ZERO,
        replaces="",
    )


def play(plan: Plan) -> Played:
    """Run the plan to its end, and on until everything pending has settled."""
    return asyncio.run(_play(plan))


async def _play(plan: Plan) -> Played:
    world = _World(plan)
    await world.start()
    waiting = sorted(plan.happenings, key=lambda entry: entry[0])
    messages = 0
    while world.exchange.peek_ns() is not None:
        await world.step()
        messages += 1
        while waiting and waiting[0][0] <= messages:
            await world.happen(waiting.pop(0)[1])
    await _settle(world)
    world.bot.flush()
    return Played(plan, world.bot.state, world.exchange, world.log, decoded(world.log))


async def _settle(world: _World) -> None:
    """Faults have stopped: everything pending comes to its end within a bounded time and number of turns."""
    await world.bot.observe(ConnectionRestored("market"))
    until_ns = world.exchange.now_ns + SETTLED_AFTER_NS
    turns = 0
    while await world.step(until_ns):
        turns += 1
        assert turns < TURNS_TO_SETTLE, "the bot does not come to rest"
    await world.bot.observe(TimerFired(RECONCILE))
    while world.exchange.peek_ns() is not None:
        await world.step()


def decoded(log: MemoryLog) -> list[tuple[LoggedEvent, Any]]:
    """What is stored, with the events."""
    return [(event, decode_data(event.type, event.schema, event.data)) for event in log.read(0)]
