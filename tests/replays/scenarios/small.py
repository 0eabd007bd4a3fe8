"""The small scenario that these tests vary: BTC stands at 50,000 for two minutes, and is bought at 10 s."""

from typing import Any

from msgspec.structs import replace

from replays.scenarios import BTC, Scenario, canary, funded, market, prices, scripted

FLAT = market(prices(BTC, {0: 50_000, 120: 50_000}))

SMALL = Scenario(
    id="U01",
    name="small",
    section="own",
    story="BTC stands still → 500 USD of it are bought",
    trading=canary(scripted("puppet", f"{BTC} 10 buy")),
    exchange=funded(),
    market=FLAT,
    verifies=(),
)


def small(**changes: Any) -> Scenario:
    """The small scenario with other fields."""
    return replace(SMALL, **changes)
