"""Parts reckoned anew: what each strategy holds and has earned in each symbol, and where its trailing stop is."""

from dataclasses import dataclass, field
from decimal import Decimal

from perptape.core.access import INSUFFICIENT_FUND, UNAUTHORIZED
from perptape.core.events import OrderLookedUp, OrderRejected, OrderSubmissionFailed, StrategyFailed
from perptape.core.settings import StrategySettings, TradingSettings
from perptape.replays.oracle.markets import Markets
from perptape.replays.oracle.money import Earned, Held
from perptape.replays.oracle.orders import Kept


@dataclass
class Part:
    """One strategy in one symbol."""

    strategy: str
    stop_fraction: Decimal | None
    trigger: str
    held: Held = field(default_factory=Held)
    earned: Earned = field(default_factory=Earned)
    best: Decimal | None = None
    """The best price since the entry, while a stop trails it."""
    stopped: str = ""
    refusal: str = ""
    refused_at_ns: int = 0

    @property
    def stop(self) -> Decimal | None:
        """Where the position is left: behind the best price, below a long and above a short."""
        if self.best is None or self.stop_fraction is None:
            return None
        return self.best - self.best * self.stop_fraction * (1 if self.held.size > 0 else -1)

    def trade(self, change: Decimal, price: Decimal, contract_size: Decimal) -> None:
        """Its position changes, and its stop begins, goes on or ends with it."""
        before = self.held.size
        self.earned.realised += self.held.trade(change, price, contract_size)
        after = self.held.size
        if not after:
            self.best = None
        elif before * after <= 0 and self.stop_fraction is not None:
            self.best = price


class Parts:
    """All parts of a tape, by symbol, in the order of the settings."""

    def __init__(self, markets: Markets) -> None:
        self.markets = markets
        self.by_symbol: dict[str, list[Part]] = {}

    def of(self, symbol: str, strategy: str) -> Part | None:
        """A strategy's part in a symbol."""
        return next((part for part in self.by_symbol.get(symbol, ()) if part.strategy == strategy), None)

    def configure(self, settings: TradingSettings) -> None:
        """Each strategy has a part in every symbol that it trades; a dropped one's stays until it is closed."""
        for symbol, heard in self.markets.by_symbol.items():
            before = {part.strategy: part for part in self.by_symbol.get(symbol, ())}
            after = []
            for strategy in settings.strategies if heard.followed else ():
                trigger = _trigger(symbol, strategy, settings)
                if trigger:
                    after.append(_renewed(before.pop(strategy.name, None), strategy, trigger, heard.price))
            for part in before.values():
                part.stopped = "no longer configured"
            self.by_symbol[symbol] = [*after, *before.values()]

    def fill(self, symbol: str, strategy: str, change: Decimal, price: Decimal, fee: Decimal) -> None:
        """A fill belongs to the strategy that ordered it; one that nobody ordered takes from whom it goes against."""
        part = self.of(symbol, strategy) if strategy else None
        if part is None:
            self.release(symbol, change, price)
            return
        part.refusal, part.refused_at_ns = "", 0
        part.trade(change, price, self.markets.of(symbol).contract_size)
        part.earned.fees += fee
        part.earned.fills += 1

    def release(self, symbol: str, change: Decimal, price: Decimal) -> None:
        """Take a change of the whole from the parts on the other side, in their order."""
        for part in self.by_symbol.get(symbol, ()):
            if part.held.size * change < 0:
                taken = min(abs(change), abs(part.held.size)) * (1 if change > 0 else -1)
                part.trade(taken, price, self.markets.of(symbol).contract_size)
                change -= taken

    def fund(self, symbol: str, amount: Decimal, held: Decimal) -> None:
        """Each bears what its position is of the account's."""
        for part in self.by_symbol.get(symbol, ()):
            if part.held.size and held:
                part.earned.funding += amount * part.held.size / held

    def price(self, symbol: str, price: Decimal) -> None:
        """A better price moves a stop; a worse one never does."""
        for part in self.by_symbol.get(symbol, ()):
            if part.best is not None and part.stop_fraction is not None:
                part.best = max(part.best, price) if part.held.size > 0 else min(part.best, price)

    def refuse(self, order: Kept, event: OrderRejected | OrderSubmissionFailed | OrderLookedUp, at_ns: int) -> None:
        """The venue refused an order for good: its strategy is told, and its entries wait."""
        passing = isinstance(event, OrderSubmissionFailed) and (event.retryable or event.code == UNAUTHORIZED)
        part = self.of(order.asked.symbol, order.strategy)
        if part is not None and not passing:
            part.refusal = event.reason if isinstance(event, OrderLookedUp) else f"{event.code}: {event.reason}"
            if order.purpose == "entry":
                part.refused_at_ns = at_ns

    def deposit(self) -> None:
        """Where money was missing it may be tried again."""
        for part in self._all():
            if part.refusal.startswith(INSUFFICIENT_FUND):
                part.refused_at_ns = 0

    def fail(self, event: StrategyFailed) -> None:
        """A strategy that raised is asked no more."""
        for part in self._all():
            if part.strategy == event.strategy:
                part.stopped = event.error

    def _all(self) -> list[Part]:
        return [part for parts in self.by_symbol.values() for part in parts]


def _trigger(symbol: str, strategy: StrategySettings, settings: TradingSettings) -> str:
    if not strategy.symbols or symbol in strategy.symbols:
        return strategy.trigger
    spots = [spot for future, spot in settings.orders.spot_fallback.items() if future in strategy.symbols]
    return "fallback" if symbol in spots else ""


def _renewed(known: Part | None, strategy: StrategySettings, trigger: str, price: Decimal) -> Part:
    if known is None:
        return Part(strategy.name, strategy.trailing_stop, trigger)
    best = (known.best or price or None) if strategy.trailing_stop is not None and known.held.size else None
    return Part(strategy.name, strategy.trailing_stop, trigger, known.held, known.earned, best)
