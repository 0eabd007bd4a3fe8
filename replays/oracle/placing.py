"""Orders measured anew: how large one has to be, what it leads to, and which limit is the first that it passes."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from perptape.core.access import CREDENTIALS, PERMISSION, READ_ONLY_KEY
from perptape.core.durations import SECOND_NS
from perptape.core.events import OrderBlocked, OrderRequested
from perptape.core.instruments import Instrument
from perptape.core.money import ZERO
from perptape.core.order import WORKING
from perptape.replays.oracle.books import Books
from perptape.replays.oracle.orders import Kept
from perptape.replays.oracle.sized import target_size


class Measured(NamedTuple):
    """A guard that refuses the order: what it measures, and its limit."""

    guard: str
    measured: Decimal
    limit: Decimal


REFUSED = Decimal(1)


def reach(books: Books, symbol: str, side: str) -> Decimal:
    """What is held once everything that works on a side has filled; orders that only reduce fill first."""
    held = books.money.held.get(symbol)
    size, sign = (ZERO if held is None else held.size), (1 if side == "buy" else -1)
    orders = [kept for kept in books.orders.by_id.values() if (kept.asked.symbol, kept.asked.side) == (symbol, side)]
    closing = sum((kept.remaining for kept in orders if kept.asked.reduce_only), ZERO)
    opening = sum((kept.remaining for kept in orders if not kept.asked.reduce_only), ZERO)
    return size + sign * (min(closing, max(ZERO, -sign * size)) + opening)


def worst(books: Books, symbol: str) -> Decimal:
    """The largest notional that a symbol's working orders can lead to."""
    heard = books.markets.of(symbol)
    return max(abs(reach(books, symbol, side)) for side in ("buy", "sell")) * heard.contract_size * heard.price


class Wanted:
    """An order that is to leave, or was refused, in the books as they are before it."""

    def __init__(self, books: Books, order: OrderRequested | OrderBlocked, at_ns: int, purpose: str) -> None:
        instrument = books.markets.of(order.symbol).instrument
        if instrument is None:
            raise LookupError(f"{order.symbol} has not been described yet")
        self.books = books
        self.order = order
        self.at_ns = at_ns
        self.purpose = purpose
        self.heard = books.markets.of(order.symbol)
        self.guards = books.settings.guards
        self.instrument: Instrument = instrument
        self.sign = 1 if order.side == "buy" else -1
        resting = purpose == "entry" and books.settings.orders.entry_type != "market"
        self.order_type = "limit" if resting else "market"
        self.price = self._price()

    @property
    def held(self) -> Decimal:
        """Signed contracts held in the symbol."""
        held = self.books.money.held.get(self.order.symbol)
        return ZERO if held is None else held.size

    @property
    def touch(self) -> tuple[Decimal, Decimal]:
        """Price and size that a taker of this side meets."""
        quote = self.heard.quote
        if quote is None:
            return self.heard.price, ZERO
        return (quote.ask, quote.ask_size) if self.order.side == "buy" else (quote.bid, quote.bid_size)

    def _price(self) -> Decimal:
        """Where it would execute: post-only at the near touch, others at the far one, on the tick that is no worse."""
        quote, tick = self.heard.quote, self.instrument.price_increment
        price = self.touch[0]
        if self.order_type == "market":
            return price
        if self.books.settings.orders.entry_type == "post_only" and quote is not None:
            price = quote.bid if self.order.side == "buy" else quote.ask
        down = price - price % tick
        return down if self.order.side == "buy" or down == price else down + tick

    @property
    def reducing(self) -> bool:
        """Whether it, with those that reduce already, takes no more than is held."""
        already = sum(
            (
                kept.remaining
                for kept in self.books.orders.by_id.values()
                if kept.asked.symbol == self.order.symbol
                and kept.asked.side == self.order.side
                and not (kept.cancel_requested and kept.time_in_force in ("gtc", "gtd"))
            ),
            ZERO,
        )
        return self.held * self.sign < 0 and self.order.size + already <= abs(self.held)

    @property
    def reached(self) -> Decimal:
        """The same of this side, with this order."""
        return reach(self.books, self.order.symbol, self.order.side) + self.sign * self.order.size

    @property
    def value(self) -> Decimal:
        """Notional of the order."""
        return self.order.size * self.instrument.contract_size * self.price

    def first_block(self) -> Measured | None:
        """The first guard that refuses it, in the order in which they are asked."""
        return next(self._blocks(), None)

    def _blocks(self) -> Iterator[Measured]:
        yield from self._conditions()
        if not self.reducing:
            yield from self._losses()
            yield from self._market()
            yield from self._conduct()
        yield from self._tripped("error_rate", "volatility")
        yield from self._sizes()
        yield from self._wash_trade()

    def _conditions(self) -> Iterator[Measured]:
        kept, status, flatten = self.books.conditions, self.heard.status, self.purpose == "flatten"
        if kept.mode == "halted" and not flatten:
            yield Measured("kill_switch", REFUSED, ZERO)
        if kept.lost or (kept.to_compare and not flatten):
            yield Measured("connection", REFUSED, ZERO)
        for guard in (CREDENTIALS, READ_ONLY_KEY):
            if guard in kept.tripped:
                yield Measured(guard, REFUSED, ZERO)
        if f"{PERMISSION}:{self.order.symbol}" in kept.tripped:
            yield Measured(PERMISSION, REFUSED, ZERO)
        post_only = self.purpose == "entry" and self.books.settings.orders.entry_type == "post_only"
        if status != "open" and not (status == "post_only" and post_only):
            yield Measured("trading_halt", REFUSED, ZERO)
        yield from self._tripped("insane_balance")
        if kept.mode == "reduce_only" and not self.reducing:
            yield Measured("reduce_only", self.order.size, ZERO)

    def _tripped(self, *guards: str) -> Iterator[Measured]:
        for guard in guards:
            key = f"{guard}:{self.order.symbol}" if guard == "volatility" else guard
            if key in self.books.conditions.tripped and not self.reducing:
                yield Measured(guard, REFUSED, ZERO)

    def _losses(self) -> Iterator[Measured]:
        money = self.books.money
        yield from _above("daily_loss", money.day_start - money.equity, self.guards.daily_loss_limit)
        fall = (money.peak - money.equity) / money.peak if money.peak > 0 else ZERO
        yield from _above("drawdown", fall, self.guards.drawdown_limit)

    def _market(self) -> Iterator[Measured]:
        age_s = Decimal(self.at_ns - self.heard.heard_at_ns) / SECOND_NS
        stale_s = Decimal(self.guards.staleness_s)
        if f"staleness:{self.order.symbol}" in self.books.conditions.tripped or age_s > stale_s:
            yield Measured("staleness", age_s, stale_s)
        quote = self.heard.quote
        if self.guards.spread_max is not None and quote is None:
            yield Measured("spread", REFUSED, self.guards.spread_max)
        elif quote is not None:
            middle = (quote.ask + quote.bid) / 2
            yield from _above("spread", (quote.ask - quote.bid) / middle, self.guards.spread_max)
        price, size = self.touch
        yield from _below("depth", price * size * self.instrument.contract_size, self.guards.depth_min)
        worse = self.sign * (self.price - self.heard.price)
        if self.heard.price:
            yield from _above("slippage", max(worse, ZERO) / self.heard.price, self.guards.slippage_max)

    def _conduct(self) -> Iterator[Measured]:
        recent = sum(at_ns > self.at_ns - 60 * SECOND_NS for at_ns in self.books.conditions.requests) + 1
        most = self.guards.orders_per_minute_max
        yield from _above("order_rate", Decimal(recent), None if most is None else Decimal(most))
        part = self.books.parts.of(self.order.symbol, self.order.strategy)
        wait_s = Decimal(self.books.settings.orders.refusal_cooldown_s)
        if self.purpose == "entry" and part is not None and part.refused_at_ns:
            since_s = Decimal(self.at_ns - part.refused_at_ns) / SECOND_NS
            yield from _below("refusal_cooldown", since_s, wait_s)

    def _sizes(self) -> Iterator[Measured]:
        order, listed, guards = self.order, self.instrument, self.guards
        fits = listed.size_min <= order.size <= listed.size_max and not order.size % listed.size_increment
        if not fits or self.value < listed.notional_min:
            yield Measured("product_limits", order.size, listed.size_min)
        if self.reducing:
            return
        equity = self.books.money.equity
        yield from _above("trade_value", self.value, guards.trade_value_max)
        coins = self.reached * listed.contract_size
        yield from _above("position_cap", abs(coins), guards.position_caps.get(order.symbol))
        reached = abs(coins) * self.price
        if guards.leverage_max is not None:
            share = reached / (equity * guards.leverage_max) if equity > 0 else reached
            limit = guards.exposure_share_max
            yield from _above("exposure_share", share, limit if limit is None or equity > 0 else ZERO)
            symbols = {*self.books.money.held, *(kept.asked.symbol for kept in self._working())} - {order.symbol}
            gross = sum((worst(self.books, symbol) for symbol in symbols), reached)
            if equity > 0:
                yield from _above("leverage", gross / equity, guards.leverage_max)
            else:
                yield Measured("leverage", ZERO, guards.leverage_max)
        yield from _below("liquidation_buffer", self._distance(coins), guards.liquidation_buffer)
        yield from self._underlying(coins)

    def _working(self) -> Iterator[Kept]:
        return (kept for kept in self.books.orders.by_id.values() if kept.status in WORKING)

    def _distance(self, coins: Decimal) -> Decimal:
        """How far the price may go until equity is the margin that has to be kept, as a share of the price."""
        books, rate = self.books, self.instrument.maintenance_margin_rate
        kept_back = ZERO
        for symbol, held in books.money.held.items():
            heard = books.markets.of(symbol)
            if symbol != self.order.symbol and heard.instrument is not None:
                worth = abs(held.size) * heard.contract_size * heard.price
                kept_back += worth * heard.instrument.maintenance_margin_rate
        spare = books.money.equity - kept_back
        slope = coins - abs(coins) * rate
        if not coins or not slope:
            return REFUSED
        end = (coins * self.price - spare) / slope
        if end <= 0:
            return REFUSED if coins > 0 else -REFUSED
        return (self.price - end) / self.price * (1 if coins > 0 else -1)

    def _underlying(self, coins: Decimal) -> Iterator[Measured]:
        total = coins
        for symbol, heard in self.books.markets.by_symbol.items():
            same = heard.instrument is not None and heard.instrument.underlying == self.instrument.underlying
            if same and symbol != self.order.symbol:
                total += reach(self.books, symbol, self.order.side) * heard.contract_size
        limit = self.guards.underlying_limits.get(self.instrument.underlying)
        yield from _above("position_limit", abs(total), limit)

    def _wash_trade(self) -> Iterator[Measured]:
        for kept in self.books.orders.by_id.values():
            asked = kept.asked
            meets = kept.status in WORKING and asked.symbol == self.order.symbol and asked.side != self.order.side
            limit = asked.limit_price
            if self.guards.wash_trade and meets and limit is not None and self.sign * (self.price - limit) >= 0:
                yield Measured("wash_trade", self.price, limit)

    def size_of_entry(self) -> Decimal:
        """Contracts that move the strategy's part to what sizing asks for, in whole increments."""
        books, symbol = self.books, self.order.symbol
        part = books.parts.of(symbol, self.order.strategy)
        there = ZERO if part is None else part.held.size
        for kept in books.orders.by_id.values():
            if (kept.strategy, kept.asked.symbol) == (self.order.strategy, symbol):
                there += kept.remaining if kept.asked.side == "buy" else -kept.remaining
        change = abs(self.sign * target_size(books, self.order.strategy, symbol) - there)
        return change - change % self.instrument.size_increment

    def size_of_exit(self) -> Decimal:
        """Contracts of the part that is closed."""
        part = self.books.parts.of(self.order.symbol, self.order.strategy)
        size = ZERO if part is None else -part.held.size * self.sign
        return size - size % self.instrument.size_increment

    def size_of_flatten(self) -> Decimal:
        """Contracts of the whole position, without what is being taken already."""
        taking = ZERO
        for kept in self.books.orders.by_id.values():
            if kept.asked.symbol == self.order.symbol and kept.time_in_force in ("ioc", "fok"):
                taking += kept.remaining if kept.asked.side == "buy" else -kept.remaining
        size = -(self.held + taking) * self.sign
        return size - size % self.instrument.size_increment


def _above(guard: str, measured: Decimal, limit: Decimal | None) -> Iterator[Measured]:
    if limit is not None and measured > limit:
        yield Measured(guard, measured, limit)


def _below(guard: str, measured: Decimal, limit: Decimal | None) -> Iterator[Measured]:
    if limit is not None and measured < limit:
        yield Measured(guard, measured, limit)
