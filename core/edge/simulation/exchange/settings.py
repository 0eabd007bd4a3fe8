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

    symbol: Annotated[str, _doc("What is held.")]
    size: Annotated[Decimal, _doc("Signed contracts; negative is short.")]
    entry_price: Annotated[Decimal, _doc("Average entry price, quote currency.")]


class ExchangeSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that shapes what the simulated exchange does, besides the market path and the requests."""

    name: Annotated[str, _doc("Name of the venue; begins every order and fill id.")] = "sim"
    seed: Annotated[int, _doc("Decides the draws of faults that have a probability.")] = 1
    cash: Annotated[Decimal, _doc("Opening cash.")] = Decimal(10_000)
    hold: Annotated[Decimal, _doc("Part of the cash that is held for other purposes and cannot be used.")] = Decimal(
        500
    )
    positions: Annotated[tuple[OpeningPosition, ...], _doc("Positions held at the start.")] = ()
    instruments: Annotated[
        tuple[Instrument, ...], _doc("What is listed; another symbol of the path is described from its first price.")
    ] = (BTC_PERP, ETH_PERP)
    max_leverage: Annotated[Decimal, _doc("Bounds the initial margin rate from below by 1 / max_leverage.")] = Decimal(
        10
    )
    spread_bps: Annotated[Decimal, _doc("Ask - bid around a bare price, in basis points of it.")] = Decimal(2)
    depth: Annotated[Decimal, _doc("Quote currency at the touch, turned into contracts at the first price.")] = Decimal(
        250_000
    )
    levels: Annotated[int, _doc("Price levels of a side; each is as deep as the touch.")] = 10
    slippage_bps_per_depth: Annotated[Decimal, _doc("Distance between two levels, in basis points of the touch.")] = (
        Decimal(5)
    )
    participation: Annotated[
        Decimal, _doc("Share of the opposite touch that resting orders can fill against at one market point.")
    ] = Decimal(1)
    request_latency_ms: Annotated[int, _doc("From sending a request to its effect.")] = 0
    report_latency_ms: Annotated[int, _doc("From anything at the exchange to its message at the bot.")] = 0
    settle_ms: Annotated[int, _doc('How long after acceptance a lookup still answers "not found".')] = 0
    funding_interval_s: Annotated[int, _doc("The interval that a funding rate is for.")] = 28_800
    idempotent_client_ids: Annotated[
        bool, _doc("A repeated client order id answers with the first order; otherwise it is refused.")
    ] = True
    faults: Annotated[tuple[FaultRule, ...], _doc("Which calls go wrong, and how.")] = ()

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
