"""One symbol's market at the exchange: the touch, the levels behind it, the mark, and the orders that rest."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal

from perptape.core.edge.simulation.exchange.order import VenueOrder
from perptape.core.edge.simulation.exchange.settings import ExchangeSettings
from perptape.core.events import Side, TradingStatus
from perptape.core.instruments import Instrument, quantise_size
from perptape.core.money import BASIS_POINT, HALF, ONE, ZERO, snap


class Book:
    """Prices in quote currency, sizes in contracts; prices are zero before the first point."""

    __slots__ = (
        "ask",
        "ask_size",
        "ask_taken",
        "bid",
        "bid_size",
        "bid_taken",
        "decimal_tick",
        "depth",
        "factor_down",
        "factor_up",
        "instrument",
        "last",
        "level_step",
        "levels",
        "mark",
        "marked",
        "participation",
        "status",
        "tick",
        "working",
    )

    def __init__(self, instrument: Instrument, settings: ExchangeSettings) -> None:
        half_spread = settings.spread_bps * BASIS_POINT * HALF
        self.instrument = instrument
        self.tick = instrument.price_increment
        # A tick that is a power of ten rounds in one operation instead of three: this is done at every price.
        self.decimal_tick = instrument.price_increment.normalize().as_tuple().digits == (1,)
        self.factor_down = ONE - half_spread
        self.factor_up = ONE + half_spread
        self.levels = settings.levels
        self.level_step = settings.slippage_bps_per_depth * BASIS_POINT
        self.participation = settings.participation
        self.depth = ZERO
        self.bid = self.ask = self.bid_size = self.ask_size = ZERO
        self.bid_taken = self.ask_taken = ZERO
        """Contracts taken from a side since the last point."""
        self.last = ZERO
        self.mark = ZERO
        self.marked = False
        """Whether the path publishes marks; until it does, the last price is the mark."""
        self.status: TradingStatus = "open"
        self.working: list[VenueOrder] = []

    def set_depth(self, notional: Decimal, price: Decimal) -> None:
        """Turn quote currency at the touch into contracts at `price`."""
        instrument = self.instrument
        contracts = quantise_size(instrument, notional / (price * instrument.contract_size))
        self.depth = max(contracts, instrument.size_min)

    def quote_around(self, price: Decimal) -> None:
        """Set the touch from a bare price: half the spread to each side, outward to the tick."""
        tick = self.tick
        if self.decimal_tick:
            bid = (price * self.factor_down).quantize(tick, ROUND_FLOOR)
            self.ask = (price * self.factor_up).quantize(tick, ROUND_CEILING)
        else:
            bid = snap(price * self.factor_down, tick, ROUND_FLOOR)
            self.ask = snap(price * self.factor_up, tick, ROUND_CEILING)
        self.bid = bid or tick
        self.bid_size = self.ask_size = self.depth
        self.bid_taken = self.ask_taken = ZERO
        self.move(price)

    def quote(self, bid: Decimal, bid_size: Decimal, ask: Decimal, ask_size: Decimal) -> None:
        """Set the touch as published."""
        self.bid, self.bid_size, self.ask, self.ask_size = bid, bid_size, ask, ask_size
        self.bid_taken = self.ask_taken = ZERO
        self.move((bid + ask) * HALF)

    def move(self, price: Decimal) -> None:
        """Take over the last price, and the mark with it while nobody publishes marks."""
        self.last = price
        if not self.marked:
            self.mark = price

    @property
    def trades(self) -> bool:
        """Whether orders can match: there is a touch and trading is not suspended."""
        return bool(self.bid) and self.status in {"open", "post_only"}

    def crosses(self, side: Side, limit: Decimal) -> bool:
        """Whether an order at `limit` would trade at once."""
        if not self.bid:
            return False
        return limit >= self.ask if side == "buy" else limit <= self.bid

    def triggers(self, side: Side, stop: Decimal) -> bool:
        """Whether the touch or the last price has reached a stop."""
        if not self.bid:
            return False
        return max(self.ask, self.last) >= stop if side == "buy" else min(self.bid, self.last) <= stop

    def offers(self, side: Side, limit: Decimal | None) -> Iterator[tuple[Decimal, Decimal]]:
        """What a taker of `side` finds, best first: price and contracts, level by level, none beyond `limit`.

        Each level is as deep as the touch and `slippage_bps_per_depth` further away; what was taken since the last
        point is gone.
        """
        buys = side == "buy"
        touch, depth, taken = (
            (self.ask, self.ask_size, self.ask_taken) if buys else (self.bid, self.bid_size, self.bid_taken)
        )
        for level in range(self.levels):
            shift = self.level_step * level
            if not level:
                price = touch
            elif buys:
                price = snap(touch * (ONE + shift), self.tick, ROUND_CEILING)
            else:
                price = snap(touch * (ONE - shift), self.tick, ROUND_FLOOR)
            if price <= ZERO or (limit is not None and (price > limit if buys else price < limit)):
                return
            left = depth - max(ZERO, taken - depth * level)
            if left > ZERO:
                yield price, left

    def take(self, side: Side, size: Decimal) -> None:
        """Remember that a taker of `side` took `size` from the other side."""
        if side == "buy":
            self.ask_taken += size
        else:
            self.bid_taken += size

    def share_for_resting(self, side: Side) -> Decimal:
        """Contracts that resting orders of `side` can fill at this point."""
        touch = self.ask_size if side == "buy" else self.bid_size
        return snap(touch * self.participation, self.instrument.size_increment, ROUND_DOWN)
