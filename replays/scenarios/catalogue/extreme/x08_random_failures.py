"""X08: every call fails with a probability of 0.3."""

from decimal import Decimal

from perptape.core.events import (
    AccountQueryFailed,
    CancelOutcomeUnknown,
    OrderFilled,
    OrderLookupFailed,
    OrderOutcomeUnknown,
    OrderRequested,
    OrderSubmissionFailed,
)
from perptape.core.opening import open_state, state_bytes, state_digest
from perptape.replays.oracle import everything
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    FaultRule,
    Operator,
    Run,
    Scenario,
    canary,
    conditions,
    market,
    require,
    require_equal,
    scripted,
    verifies,
    with_positions,
)

QUIET_S = 900
"""From here on nothing fails and nothing new is wanted."""
P = Decimal("0.3")


def _both_ways(symbol: str, offset: int) -> str:
    return "; ".join(
        f"{symbol} {second} {'buy' if (second // 40) % 3 == 0 else 'close' if (second // 40) % 3 == 1 else 'sell'}"
        for second in range(offset, QUIET_S - 60, 40)
    )


@verifies("invariants hold")
def the_calls_failed_in_every_way(run: Run) -> None:
    kinds = (OrderSubmissionFailed, OrderOutcomeUnknown, OrderLookupFailed, CancelOutcomeUnknown, AccountQueryFailed)
    failed = {kind.__name__: len(run.lines(kind)) for kind in kinds}
    require(all(failed.values()), f"a way of failing never happened: {failed}")
    calls = len([call for call in run.calls if call.kind != "reconnect"])
    require(0.15 < sum(failed.values()) / calls < 0.45, f"{sum(failed.values())} of {calls} calls failed")


@verifies("invariants hold")
def no_intent_is_two_orders_at_the_venue(run: Run) -> None:
    for intent in range(1, run.state.intents + 1):
        require(run.at_venue(intent) <= 1, f"the venue holds {run.at_venue(intent)} orders for intent {intent}")
    require(run.state.intents > 20, f"only {run.state.intents} orders were wanted")


@verifies("invariants hold")
def every_cent_is_accounted_for(run: Run) -> None:
    account = run.state.account
    explained = account.adjustments + account.transfers + account.total.realised - account.total.fees
    require_equal(account.cash, explained + account.total.funding, "cash: what came, realised, fees, funding")


@verifies("invariants hold")
def every_order_sent_was_requested_on_the_tape_before(run: Run) -> None:
    asked = {line.event.client_order_id: line.at_ns for line in run.lines(OrderRequested)}
    for call in run.called("submit"):
        require(call.key in asked and asked[call.key] <= call.at_ns, f"{call.key} was sent and not requested")


@verifies("invariants hold")
def the_state_opened_from_any_moment_goes_on_to_the_same_end(run: Run) -> None:
    middle = run.state_after(len(run.events) // 2)
    require_equal(state_digest(open_state(state_bytes(middle))), state_digest(middle), "a snapshot of the middle")


@verifies("eventually all settled")
def after_the_failures_end_nothing_is_pending_and_both_sides_agree(run: Run) -> None:
    require_equal(run.state.orders, {}, "working orders at the end")
    require_equal(run.state.reconciliation.pending, "", "a question without an answer")
    ended = {"filled", "canceled", "rejected", "expired", "abandoned"}
    require({order.status for order in run.orders.values()} <= ended, f"{[o.status for o in run.orders.values()]}")
    run.agrees_with_venue()


@verifies("eventually all settled")
def every_fill_of_the_venue_was_heard_of_and_counted_once(run: Run) -> None:
    require_equal(run.state.account.total.fills, len(run.venue.fills), "fills")
    require(len(run.lines(OrderFilled)) > 10, "hardly anything filled")


SCENARIO = Scenario(
    id="X08",
    name="random_failures",
    section="extreme",
    story="each call fails with probability 0.3 (seeded)",
    trading=canary(
        scripted("btc", _both_ways(BTC, 10), symbols=(BTC,)),
        scripted("eth", _both_ways(ETH, 30), symbols=(ETH,)),
        guards={"errors": None, "daily_loss_limit": None, "volatility": None, "trade_value_max": None},
        orders={"entry_type": "post_only", "limit_ttl_s": 50, "refusal_cooldown_s": 0},
        reconciliation={"every_s": 60},
        sizing={"notional": Decimal(300)},
    ),
    exchange=with_positions(
        faults=(
            *(
                FaultRule("submit", effect, times=0, probability=Decimal("0.1"), until_s=QUIET_S)
                for effect in ("refuse_rate_limit", "lose_request", "lose_answer")
            ),
            FaultRule("cancel", "lose_answer", times=0, probability=P, until_s=QUIET_S),
            FaultRule("look_up", "lose_answer", times=0, probability=P, until_s=QUIET_S),
            FaultRule("report_account", "lose_answer", times=0, probability=P, until_s=QUIET_S),
        )
    ),
    market=market(conditions("normal", {BTC: 50_000, ETH: 3_000}, seconds=1_000)),
    acts=(*(At(second, Operator("cancel_all")) for second in range(60, QUIET_S, 60)), At(920, Operator("cancel_all"))),
    verifies=(
        the_calls_failed_in_every_way,
        no_intent_is_two_orders_at_the_venue,
        every_cent_is_accounted_for,
        every_order_sent_was_requested_on_the_tape_before,
        the_state_opened_from_any_moment_goes_on_to_the_same_end,
        after_the_failures_end_nothing_is_pending_and_both_sides_agree,
        every_fill_of_the_venue_was_heard_of_and_counted_once,
        *everything("invariants hold"),
    ),
)
