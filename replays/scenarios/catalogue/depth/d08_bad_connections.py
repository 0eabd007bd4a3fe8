"""D08: channels go and come back, frames are lost and doubled, and the bot's own budget is small."""

from decimal import Decimal
from typing import Literal

from perptape.core.events import Channel
from perptape.replays.oracle import everything
from perptape.replays.scenarios import (
    BTC,
    ETH,
    Budget,
    FrameFault,
    NetworkSettings,
    Operator,
    Restart,
    Scenario,
    TradeByHand,
    canary,
    funded,
    market,
    strategy,
)
from perptape.replays.scenarios.language.storms import SYMBOLS, Draws, failing, puppets

PHRASE = "whatever connection is left, what is believed is what was heard"
LAST_S = 800
DRAWS = Draws(8)
EFFECTS: tuple[Literal["drop", "twice", "late"], ...] = ("twice", "late", "drop", "twice", "late", "drop")
CHANNELS: tuple[Channel, ...] = ("market", "private")

SCENARIO = Scenario(
    id="D08",
    name="bad_connections",
    section="depth",
    story="outages, gaps, doubled and late frames, a small budget of requests → asked again until both sides agree",
    trading=canary(
        *puppets(DRAWS, LAST_S, 40, ("one", "two")),
        strategy("cross", "ma_crossover", {"fast": 2, "slow": 5}, trigger="quote", trailing_stop=Decimal("0.004")),
        guards={"trade_value_max": None, "daily_loss_limit": None, "volatility": None, "staleness_s": 12},
        orders={"entry_type": "post_only", "limit_ttl_s": 40},
        sizing={"notional": Decimal(400)},
        reconciliation={"every_s": 120, "settle_s": 60},
    ),
    exchange=funded(
        request_latency_ms=150,
        report_latency_ms=250,
        faults=failing("0.05", ("submit", "cancel"), ("lose_answer",))
        + failing("0.2", ("report_account",), ("lose_request",)),
    ),
    network=NetworkSettings(
        outages=DRAWS.outages(LAST_S, 110, 25),
        frames=tuple(
            FrameFault(channel, effect, nth=5 + 11 * place, delay_ms=700)
            for place, effect in enumerate(EFFECTS)
            for channel in CHANNELS
        ),
        jitter_ms=120,
    ),
    budget=Budget(1, 2),
    market=market(
        DRAWS.stairs(BTC, 50_000, LAST_S, every_s=40, step="0.004"),
        DRAWS.stairs(ETH, 3_000, LAST_S, every_s=30, step="0.004"),
    ),
    acts=DRAWS.acts(
        26,
        LAST_S,
        (
            lambda draws: Operator(draws.one(("cancel_all", "cancel_all", "flatten", "halt"))),
            Operator("resume"),
            Operator("resume"),
            lambda draws: Restart(kill=True, away_s=draws.one((0, 9))),
            lambda draws: TradeByHand(draws.one(SYMBOLS), draws.one(("buy", "sell")), Decimal("0.01")),
        ),
    ),
    verifies=everything(PHRASE),
)
