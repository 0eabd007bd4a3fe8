"""Money reckoned anew: positions, cash, results and baselines, fill by fill and payment by payment."""

from dataclasses import dataclass, field
from decimal import Decimal

from perptape.core.durations import DAY_NS
from perptape.core.money import ZERO
from perptape.core.settings import GuardSettings
from perptape.replays.oracle.markets import Heard, Markets


@dataclass
class Held:
    """Contracts held, and the average price at which they were entered."""

    size: Decimal = ZERO
    entry: Decimal = ZERO
    seen_at: Decimal = ZERO
    """The price of the last trade, by which it is valued until the market has one."""

    def trade(self, change: Decimal, price: Decimal, contract_size: Decimal) -> Decimal:
        """Change the position; gives what closing a part of it has earned."""
        self.seen_at = price
        earned, after = ZERO, self.size + change
        if self.size * change >= 0:
            self.entry = (self.size * self.entry + change * price) / after
        else:
            closed = min(abs(change), abs(self.size)) * (1 if self.size > 0 else -1)
            earned = closed * contract_size * (price - self.entry)
            if self.size * after <= 0:
                self.entry = price if after else ZERO
        self.size = after
        return earned


@dataclass
class Earned:
    """What has been earned."""

    realised: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO
    fills: int = 0


@dataclass
class Money:
    """The account of a tape."""

    markets: Markets
    known: bool = False
    cash: Decimal = ZERO
    hold: Decimal = ZERO
    transfers: Decimal = ZERO
    adjustments: Decimal = ZERO
    held: dict[str, Held] = field(default_factory=dict)
    total: Earned = field(default_factory=Earned)
    day: Earned = field(default_factory=Earned)
    by_symbol: dict[str, Earned] = field(default_factory=dict)
    day_end_ns: int = 0
    day_start: Decimal = ZERO
    peak: Decimal = ZERO

    def unrealised(self, symbol: str) -> Decimal:
        """What the position in a symbol would earn at its price."""
        held, heard = self.held[symbol], self.markets.of(symbol)
        return held.size * heard.contract_size * ((heard.price or held.seen_at) - held.entry)

    @property
    def equity(self) -> Decimal:
        """Cash and what the positions would earn."""
        return self.cash + sum((self.unrealised(symbol) for symbol in self.held), ZERO)

    def turn_day(self, at_ns: int) -> None:
        """A UTC day begins with the first event in it."""
        if at_ns >= self.day_end_ns:
            self.day_end_ns = at_ns - at_ns % DAY_NS + DAY_NS
            self.day = Earned()
            self.day_start = self.equity

    def floor(self, guards: GuardSettings) -> Decimal | None:
        """The equity at which the first of the limits on losses is passed."""
        floors = []
        if guards.daily_loss_limit is not None:
            floors.append(self.day_start - guards.daily_loss_limit)
        if guards.drawdown_limit is not None:
            floors.append(self.peak - self.peak * guards.drawdown_limit)
        return max(floors) if floors else None

    def mark_peak(self) -> None:
        """The highest equity so far is what drawdown is measured from."""
        self.peak = max(self.peak, self.equity)

    def shift(self, change: Decimal) -> None:
        """Equity is another one by no merit: losses go on being measured from the same distance."""
        self.day_start += change
        self.peak += change

    def first_price(self, symbol: str, heard: Heard) -> None:
        """What a position had earned before its market had any price is no result of this day."""
        held = self.held.get(symbol)
        if held is not None:
            self.shift(held.size * heard.contract_size * (heard.price - held.seen_at))

    def fill(self, symbol: str, change: Decimal, price: Decimal, fee: Decimal) -> None:
        """A fill moves position and cash; the rest is a gain or loss that is not realised yet."""
        held = self.held.setdefault(symbol, Held())
        earned = held.trade(change, price, self.markets.of(symbol).contract_size)
        if not held.size:
            del self.held[symbol]
        self.cash += earned - fee
        for result in (self.total, self.day, self.by_symbol.setdefault(symbol, Earned())):
            result.realised += earned
            result.fees += fee
            result.fills += 1
        self.mark_peak()

    def fund(self, symbol: str, amount: Decimal) -> None:
        """Funding is a gain or loss."""
        self.cash += amount
        for result in (self.total, self.day, self.by_symbol.setdefault(symbol, Earned())):
            result.funding += amount
        self.mark_peak()

    def transfer(self, amount: Decimal) -> None:
        """Money that comes or goes is none."""
        self.cash += amount
        self.transfers += amount
        self.shift(amount)

    def repair_cash(self, cash: Decimal) -> None:
        """Missing money is a loss; money that appears is no gain, and neither is the opening balance."""
        change, self.cash = cash - self.cash, cash
        self.adjustments += change
        if change > 0 or not self.known:
            self.shift(change)
        self.mark_peak()

    def repair_position(self, symbol: str, size: Decimal, entry: Decimal) -> Decimal:
        """The venue's position is taken over; gives how much it differs."""
        before = self.held.pop(symbol, Held())
        if size:
            self.held[symbol] = Held(size, entry, entry)
        self.mark_peak()
        return size - before.size

    def open(self) -> None:
        """The account has been compared for the first time: it is measured from here."""
        if not self.known:
            self.known = True
            self.day_start = self.peak = self.equity
