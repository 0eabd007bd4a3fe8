"""D07: people command, trade, pay in and out, and restart the bot, across midnight."""

from decimal import Decimal

from perptape.core.events import Command
from perptape.replays.oracle import everything
from perptape.replays.scenarios import (
    BTC,
    ETH,
    Operator,
    Restart,
    Scenario,
    TradeByHand,
    Transfer,
    VenueStatus,
    canary,
    conditions,
    funding,
    market,
    marks,
    strategy,
    with_positions,
)
from perptape.replays.scenarios.language.scenario import START_NS
from perptape.replays.scenarios.language.storms import SYMBOLS, Draws, puppets

PHRASE = "whatever people do, it is counted, and each command does what it says"
LAST_S = 700
MIDNIGHT_NS = START_NS + 16 * 3_600_000_000_000
DRAWS = Draws(7)
COMMANDS: tuple[Command, ...] = (
    "pause",
    "reduce_only",
    "halt",
    "flatten",
    "cancel_all",
    "resume",
    "resume",
    "resume",
    "resume",
)


def _command(draws: Draws) -> Operator:
    return Operator(
        draws.one(COMMANDS),
        actor=draws.one(("ann", "bob", "ann", "ann", " ")),
        expires_s=draws.one((None, None, 0, 100)),
        flatten=draws.one((True, False)),
        command_id=draws.one(("", "", "", "again")),
    )


SCENARIO = Scenario(
    id="D07",
    name="hands_on_it",
    section="depth",
    story="commands, trades by hand, transfers, halts of the venue and restarts, over midnight → the books balance",
    trading=canary(
        *puppets(DRAWS, LAST_S, 30, ("one", "two"), trailing_stop=Decimal("0.004"), capital_share=Decimal("0.5")),
        strategy("carry", "funding_carry", {}),
        guards={"trade_value_max": None, "daily_loss_limit": Decimal(60), "volatility": None},
        orders={"entry_type": "limit", "limit_ttl_s": 30},
        sizing={"method": "target_leverage", "leverage": Decimal("0.1")},
        reconciliation={"every_s": 100, "settle_s": 60},
        cycle_s=20,
    ),
    exchange=with_positions(depth=Decimal(900)),
    market=market(
        conditions("volatile", {BTC: 50_000, ETH: 3_000}, seconds=LAST_S),
        marks(BTC, {second: 50_000 + 7 * second for second in range(15, 300, 25)}),
        funding(ETH, {second: ("0.0004", "0.0002", "0.0001", "-0.0005")[second % 4] for second in range(31, 690, 33)}),
    ),
    start_ns=MIDNIGHT_NS - 300 * 1_000_000_000,
    acts=DRAWS.acts(
        44,
        LAST_S,
        (
            _command,
            _command,
            Operator("resume"),
            lambda draws: TradeByHand(draws.one(SYMBOLS), draws.one(("buy", "sell")), Decimal("0.01")),
            TradeByHand(BTC, "buy", Decimal("0.02"), Decimal(49_500)),
            lambda draws: Transfer(Decimal(draws.one((-400, 250, 800)))),
            lambda draws: VenueStatus(draws.one(SYMBOLS), draws.one(("halted", "post_only", "open", "open")), "a test"),
            lambda draws: Restart(kill=draws.one((True, False)), away_s=draws.one((0, 0, 12, 35))),
        ),
    ),
    verifies=everything(PHRASE),
)
