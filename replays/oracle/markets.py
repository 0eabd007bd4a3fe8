"""Markets reckoned anew: what was last heard of each symbol, the price that follows, and the prices kept of it."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    CandleClosed,
    ConfigurationLoaded,
    FundingRateUpdated,
    InstrumentUpdated,
    MarkUpdated,
    QuoteUpdated,
    TradePrinted,
    TradingStatusChanged,
)
from perptape.core.instruments import Instrument
from perptape.core.money import ZERO
from perptape.core.settings import TradingSettings


@dataclass
class Heard:
    """One symbol, as the tape tells of it."""

    followed: bool = False
    instrument: Instrument | None = None
    status: str = "open"
    quote: QuoteUpdated | None = None
    mark: Decimal | None = None
    mark_until_ns: int = 0
    funding_rate: Decimal | None = None
    candle: CandleClosed | None = None
    price: Decimal = ZERO
    heard_at_ns: int = 0
    kept: list[tuple[int, Decimal]] = field(default_factory=list)
    band: tuple[Decimal, Decimal] | None = None
    """Lowest and highest price that does not trip the volatility breaker."""

    @property
    def contract_size(self) -> Decimal:
        """Coins per contract."""
        return Decimal(1) if self.instrument is None else self.instrument.contract_size


class Markets:
    """All symbols of a tape."""

    def __init__(self) -> None:
        self.settings = TradingSettings()
        self.by_symbol: dict[str, Heard] = {}

    def of(self, symbol: str) -> Heard:
        """The symbol, known from its first mention on."""
        return self.by_symbol.setdefault(symbol, Heard())

    def see(self, event: Any, at_ns: int) -> None:
        """Take in what an event says of a symbol."""
        match event:
            case ConfigurationLoaded():
                self.settings = event.settings
                for symbol in event.settings.symbols:
                    self.of(symbol)
                for symbol, heard in self.by_symbol.items():
                    heard.followed = symbol in event.settings.symbols
            case InstrumentUpdated():
                self.of(event.instrument.symbol).instrument = event.instrument
            case TradingStatusChanged():
                self.of(event.symbol).status = event.status
            case FundingRateUpdated():
                self.of(event.symbol).funding_rate = event.rate
            case CandleClosed():
                self.of(event.symbol).candle = event
            case QuoteUpdated() | MarkUpdated() | TradePrinted():
                self._price(self.of(event.symbol), event, at_ns)
            case _:
                pass

    def _price(self, heard: Heard, event: QuoteUpdated | MarkUpdated | TradePrinted, at_ns: int) -> None:
        """A fresh mark is the price; else the middle of the quote; what others trade at only before any quote."""
        heard.heard_at_ns = at_ns
        if isinstance(event, MarkUpdated):
            heard.mark = price = event.mark
            heard.mark_until_ns = at_ns + self.settings.guards.staleness_s * SECOND_NS
        elif isinstance(event, QuoteUpdated):
            heard.quote = event
            if at_ns < heard.mark_until_ns:
                return
            price = (event.bid + event.ask) / 2
        elif heard.quote is None:
            price = event.price
        else:
            return
        heard.price = price
        if not heard.kept or at_ns - heard.kept[-1][0] >= self.settings.windows.sample_s * SECOND_NS:
            self._keep(heard, at_ns)

    def _keep(self, heard: Heard, at_ns: int) -> None:
        heard.kept = [*heard.kept, (at_ns, heard.price)][-self.settings.windows.length :]
        breaker = self.settings.guards.volatility
        if breaker is None:
            heard.band = None
            return
        since_ns = at_ns - breaker.window_s * SECOND_NS
        reference = next(price for kept_ns, price in heard.kept if kept_ns >= since_ns)
        heard.band = reference * (1 - breaker.move), reference * (1 + breaker.move)
