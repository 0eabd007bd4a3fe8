"""D09: the venue refuses the key, the symbol, the money or the whole question, and people give the bot new keys."""

from decimal import Decimal

from perptape.core.events import CallKind
from perptape.replays.oracle import everything
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    NewCredentials,
    Operator,
    Restart,
    Scenario,
    Transfer,
    canary,
    funded,
    market,
)
from perptape.replays.scenarios.language.storms import Draws, failing, puppets

PHRASE = "whatever the venue refuses, the bot does not go on as if it had not"
LAST_S = 960
DRAWS = Draws(9)
CALLS: tuple[CallKind, ...] = ("submit", "cancel", "look_up", "report_account")
SPELLS: tuple[tuple[str, tuple[CallKind, ...]], ...] = (
    ("UNAUTHORIZED", CALLS), ("PERMISSION_DENIED", ("submit",)), ("UNAUTHORIZED", ("cancel", "look_up")),
    ("FUTURES_NOT_PERMITTED", ("submit",)), ("PERMISSION_DENIED", ("cancel",)), ("UNAUTHORIZED", ("submit",)),
    ("INSUFFICIENT_FUNDS", ("submit",)), ("UNAUTHORIZED", ("look_up",)), ("ENDPOINT_GONE", ("look_up", "cancel")),
    ("UNAUTHORIZED", ("report_account",)), ("INSUFFICIENT_FUNDS", ("submit",)), ("PERMISSION_DENIED", ("look_up",)),
)  # fmt: skip
"""What is refused with which code, one after the other: each for a third of its 75 s."""
EACH_S = 75


SCENARIO = Scenario(
    id="D09",
    name="refusals",
    section="depth",
    story="refusals of every kind while orders work → heeded, and lifted by new credentials and by people",
    trading=canary(
        *puppets(DRAWS, LAST_S, 90, ("one", "two")),
        guards={"trade_value_max": None, "daily_loss_limit": None, "volatility": None, "errors": None},
        orders={"entry_type": "post_only", "limit_ttl_s": 60, "refusal_cooldown_s": 40},
        sizing={"notional": Decimal(300)},
        reconciliation={"every_s": 60},
    ),
    exchange=funded(
        faults=tuple(
            rule
            for number, (code, calls) in enumerate(SPELLS)
            for rule in failing(
                "0.9", calls, ("refuse",), 30 + number * EACH_S + 25, code=code, from_s=30 + number * EACH_S
            )
        )
        + failing("0.15", ("submit", "cancel"), ("lose_answer",))
        + failing("0.3", ("look_up",), ("lose_answer",))
        + failing("0.08", ("submit",), ("reject",), code="ODD"),
    ),
    market=market(
        DRAWS.stairs(BTC, 50_000, LAST_S, every_s=40, step="0.004"),
        DRAWS.stairs(ETH, 3_000, LAST_S, every_s=30, step="0.004"),
    ),
    acts=(
        *(At(30 + number * EACH_S + 40, NewCredentials(f"key-{number}")) for number in range(len(SPELLS))),
        *(At(30 + number * EACH_S + 45, Operator("resume")) for number in range(len(SPELLS))),
        *DRAWS.acts(
            40,
            LAST_S,
            (
                Operator("resume"),
                Operator("cancel_all"),
                lambda draws: Operator(draws.one(("cancel_all", "flatten", "reduce_only"))),
                Transfer(Decimal(100)),
                Restart(kill=True),
            ),
        ),
    ),
    verifies=everything(PHRASE),
)
