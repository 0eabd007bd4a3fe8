"""The settings of the simulated exchange: what it lists, what it charges, how deep and how fast it is.

Fractions are plain numbers, money is in quote currency, durations say their unit in the name.
"""

from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct

from perptape.core.edge.simulation.exchange.fault_rule import FaultRule
from perptape.core.edge.simulation.exchange.listing import BTC_PERP, ETH_PERP
from perptape.core.instruments import Instrument


def _doc(text: str) -> Meta:
    return Meta(description=text)


class OpeningPosition(Struct, frozen=True, forbid_unknown_fields=True):
    """A position that the account holds before the first message."""

    symbol: Annotated[str, _doc("Symbol of the position.")]
    size: Annotated[Decimal, _doc("Contracts; negative is short.")]
    entry_price: Annotated[Decimal, _doc("Average entry price, quote currency.")]


class ExchangeSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The simulated exchange: everything that affects it apart from the market path and the requests."""

    name: Annotated[str, _doc("Name of the venue; prefix of every order and fill id.")] = "sim"
    seed: Annotated[int, _doc("Seed for faults that have a probability.")] = 1
    cash: Annotated[Decimal, _doc("Opening cash, quote currency.")] = Decimal(10_000)
    hold: Annotated[Decimal, _doc("Part of the cash that is on hold and cannot be used.")] = Decimal(500)
    positions: Annotated[tuple[OpeningPosition, ...], _doc("Positions held at the start.")] = ()
    instruments: Annotated[
        tuple[Instrument, ...],
        _doc("Listed instruments; one for any other symbol of the path is derived from its first price."),
    ] = (BTC_PERP, ETH_PERP)
    max_leverage: Annotated[
        Decimal, _doc("Maximum leverage; the initial margin rate is at least 1 / max_leverage.")
    ] = Decimal(10)
    spread_bps: Annotated[Decimal, _doc("Spread (ask - bid) around a price without a quote, in basis points.")] = (
        Decimal(2)
    )
    depth: Annotated[
        Decimal, _doc("Notional at the touch in quote currency, converted to contracts at the first price.")
    ] = Decimal(250_000)
    levels: Annotated[int, _doc("Price levels per side; each is as deep as the touch.")] = 10
    slippage_bps_per_depth: Annotated[Decimal, _doc("Distance between two levels, in basis points of the touch.")] = (
        Decimal(5)
    )
    participation: Annotated[
        Decimal, _doc("Share of the opposite touch that can fill resting orders at one market point.")
    ] = Decimal(1)
    request_latency_ms: Annotated[int, _doc("Milliseconds from sending a request to its effect.")] = 0
    report_latency_ms: Annotated[int, _doc("Milliseconds from an event at the exchange to its message at the bot.")] = 0
    settle_ms: Annotated[int, _doc('Milliseconds after acceptance for which a lookup still answers "not found".')] = 0
    funding_interval_s: Annotated[int, _doc("Funding interval that a funding rate applies to, in seconds.")] = 28_800
    idempotent_client_ids: Annotated[
        bool, _doc("If true, a repeated client order id returns the first order; if false, it is refused.")
    ] = True
    faults: Annotated[tuple[FaultRule, ...], _doc("Fault rules: which calls fail, and how.")] = ()

    @property
    def request_ns(self) -> int:
        """Request latency in nanoseconds."""
        return self.request_latency_ms * 1_000_000

    @property
    def report_ns(self) -> int:
        """Report latency in nanoseconds."""
        return self.report_latency_ms * 1_000_000

    @property
    def settle_ns(self) -> int:
        """How long after a request a lookup may wrongly say "not found", latencies included."""
        return (self.settle_ms + self.request_latency_ms + self.report_latency_ms) * 1_000_000
