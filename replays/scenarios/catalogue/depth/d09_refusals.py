"""D09: the venue refuses the key, the symbol, the money or the whole question, and people give the bot new keys."""

from decimal import Decimal

from replays.scenarios import (
    BTC,
    ETH,
    NewCredentials,
    Operator,
    Restart,
    Scenario,
    Transfer,
    canary,
    funded,
    market,
)
from replays.scenarios.reckoning import everything
from replays.scenarios.storms import Draws, failing, puppets

PHRASE = "whatever the venue refuses, the bot does not go on as if it had not"
LAST_S = 900
DRAWS = Draws(9)
CODES = ("UNAUTHORIZED", "UNAUTHORIZED", "PERMISSION_DENIED", "FUTURES_NOT_PERMITTED", "INSUFFICIENT_FUNDS", "ODD")

SCENARIO = Scenario(
    id="D09",
    name="refusals",
    section="depth",
    story="refusals of every kind while orders work → heeded, and lifted by new credentials and by people",
    trading=canary(
        *puppets(DRAWS, LAST_S, 60, ("one", "two")),
        guards={"trade_value_max": None, "daily_loss_limit": None, "volatility": None, "errors": None},
        orders={"entry_type": "post_only", "limit_ttl_s": 60, "refusal_cooldown_s": 20},
        sizing={"notional": Decimal(300)},
        reconciliation={"every_s": 60},
    ),
    exchange=funded(
        faults=tuple(
            rule
            for code in CODES
            for rule in (
                *failing("0.02", ("submit", "report_account"), ("refuse", "reject"), code=code),
                *failing("0.05", ("cancel", "look_up"), ("refuse",), code=code),
            )
        )
        + failing("0.1", ("submit", "cancel"), ("lose_answer",))
        + failing("0.2", ("look_up",), ("lose_answer",)),
    ),
    market=market(
        DRAWS.stairs(BTC, 50_000, LAST_S, every_s=40, step="0.004"),
        DRAWS.stairs(ETH, 3_000, LAST_S, every_s=30, step="0.004"),
    ),
    acts=DRAWS.acts(
        60,
        LAST_S,
        (
            lambda draws: NewCredentials(f"key-{draws.below(9)}"),
            Operator("resume"),
            Operator("resume"),
            lambda draws: Operator(draws.one(("cancel_all", "cancel_all", "flatten", "reduce_only"))),
            Transfer(Decimal(100)),
            Restart(kill=True),
        ),
    ),
    verifies=everything(PHRASE),
)
