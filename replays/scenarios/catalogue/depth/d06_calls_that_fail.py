"""D06: for ten minutes calls fail in every way that there is, with orders that rest and orders that do not."""

from decimal import Decimal

from perptape.core.settings import ErrorBreaker
from perptape.replays.oracle import everything
from perptape.replays.scenarios import BTC, ETH, At, Operator, Restart, Scenario, canary, funded, market
from perptape.replays.scenarios.language.storms import Draws, failing, puppets

PHRASE = "whatever a call answers, nothing is lost, doubled or forgotten"
LAST_S = 600
DRAWS = Draws(6)

SCENARIO = Scenario(
    id="D06",
    name="calls_that_fail",
    section="depth",
    story="orders, cancels, lookups and reports are refused, lost, late, doubled and garbled → every one is settled",
    trading=canary(
        *puppets(DRAWS, LAST_S, 26, ("one", "two"), trailing_stop=Decimal("0.01")),
        *puppets(DRAWS, LAST_S, 30, ("longs",), short_allowed=False),
        guards={
            "daily_loss_limit": None,
            "trade_value_max": None,
            "wash_trade": False,
            "volatility": None,
            "errors": ErrorBreaker(cooldown_s=15),
        },
        orders={"entry_type": "post_only", "limit_ttl_s": 45, "refusal_cooldown_s": 5, "not_understood_max": 6},
        reconciliation={"every_s": 60},
        sizing={"notional": Decimal(300)},
    ),
    exchange=funded(
        depth=Decimal(2_000),
        settle_ms=1500,
        faults=(
            *failing("0.06", ("submit",), ("refuse_rate_limit", "lose_request", "lose_answer", "reject")),
            *failing("0.05", ("submit",), ("accept_then_reject", "answer_twice"), delay_ms=500),
            *failing("0.05", ("submit",), ("answer_late",), delay_ms=2500),
            *failing("0.15", ("cancel", "look_up"), ("lose_request", "lose_answer", "refuse", "refuse_rate_limit")),
            *failing("0.06", ("submit", "cancel", "look_up", "report_account"), ("mangle_answer",), mangle="cut"),
            *failing("0.1", ("report_account",), ("lose_request", "refuse_rate_limit")),
        ),
    ),
    market=market(
        DRAWS.stairs(BTC, 50_000, LAST_S, every_s=40, step="0.004"),
        DRAWS.stairs(ETH, 3_000, LAST_S, every_s=30, step="0.004"),
    ),
    acts=(
        *(At(second, Operator("cancel_all")) for second in range(40, LAST_S - 20, 55)),
        *(At(second, Restart(kill=True)) for second in (200, 410)),
        *(At(second, Operator("resume")) for second in range(57, LAST_S - 20, 60)),
    ),
    verifies=everything(PHRASE),
)
