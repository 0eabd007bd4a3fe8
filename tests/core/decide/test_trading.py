# mypy: disable-error-code="comparison-overlap"
# A rule may write the amount 5 for the decimal that is equal to it.
"""From a signal to an order, a position, and flat again (T01, T02, T07, T08, T16)."""

from decimal import Decimal

import pytest

from perptape.core.decide.trading import ask
from perptape.core.durations import SECOND_NS
from perptape.core.errors import StrategyRaisedError
from perptape.core.events import (
    OrderBlocked,
    OrderRequested,
    QuoteUpdated,
    SignalGenerated,
    SignalsAggregated,
    TimerFired,
)
from perptape.core.ids import client_order_id
from perptape.core.market import Market, Sleeve
from perptape.core.money import arithmetic
from perptape.core.settings import AggregationSettings, OrderSettings, SizingSettings
from perptape.core.strategies import Signal
from tests.core.builders import BTC, ETH, NOW_NS, limits
from tests.core.facts import NONCE, canceled, candle, quote, running
from tests.core.puppet import Puppet, Strings, puppet
from tests.core.rules import Scene, given, like


def leveraged(**changes: object) -> SizingSettings:
    return SizingSettings(method="target_leverage", **changes)  # type: ignore[arg-type]


def test_a_buy_signal_becomes_an_order_of_quantised_size_under_the_id_of_its_intent() -> None:
    given(*running(puppet(buy=103))).when(quote(103)).then(
        like(SignalGenerated, strategy="puppet", symbol=BTC, action="buy", price=103),
        like(
            OrderRequested,
            intent=1,
            client_order_id=client_order_id(NONCE, 1),
            strategy="puppet",
            side="buy",
            size="4.85",  # 500 / 103, in steps of 0.01
            order_type="market",
            limit_price=None,
            time_in_force="ioc",
            expires_at_ns=None,
            post_only=False,
            reduce_only=False,
            purpose="entry",
            reference_price=103,
        ),
    )


def test_a_sell_signal_opens_a_short() -> None:
    given(*running(puppet(sell=103))).when(quote(103)).then(
        like(SignalGenerated, action="sell"), like(OrderRequested, side="sell", size="4.85", purpose="entry")
    )


def test_a_strategy_that_may_not_be_short_only_closes_on_a_sell_signal() -> None:
    scene = given(*running(puppet(buy=103, sell=104, short_allowed=False)))
    scene.when(quote(104)).then(SignalGenerated)
    scene.when(quote(103)).fill(103)
    scene.when(quote(104)).then(
        SignalGenerated, like(OrderRequested, side="sell", size="4.85", reduce_only=True, purpose="exit")
    )


def test_a_close_signal_sells_exactly_what_is_held_and_reduces_only() -> None:
    scene = given(*running(puppet(buy=103, close=110))).when(quote(103)).fill(103, fee="0.25")
    scene.when(quote(110)).then(
        like(SignalGenerated, action="close"),
        like(OrderRequested, side="sell", size="4.85", reduce_only=True, purpose="exit", order_type="market"),
    )
    scene.fill(110, fee="0.27")
    assert scene.position() == 0
    assert scene.state.positions == {}
    assert scene.state.account.cash == 10000 + (110 - 103) * Decimal("4.85") - Decimal("0.52")


def test_a_close_signal_of_a_flat_strategy_asks_for_nothing() -> None:
    given(*running(puppet(close=103))).when(quote(103)).then(SignalGenerated)


def test_an_exit_that_is_working_is_not_asked_for_twice() -> None:
    scene = given(*running(puppet(buy=103, close=110))).when(quote(103)).fill(103).when(quote(110))
    scene.when(quote(110)).then(SignalGenerated)


def test_a_strategy_that_is_there_or_on_its_way_is_left_alone() -> None:
    scene = given(*running(puppet(buy=103))).when(quote(103))
    scene.when(quote(103)).then(SignalGenerated)
    scene.fill(103).when(quote(103)).then(SignalGenerated)


def test_an_opposite_signal_turns_the_position_in_one_order() -> None:
    scene = given(*running(puppet(buy=100, sell=125))).when(quote(100)).fill(100)
    scene.when(quote(125)).then(
        SignalGenerated, like(OrderRequested, side="sell", size=9, reduce_only=False, purpose="entry")
    )
    scene.fill(125)
    assert scene.position() == -4
    assert scene.state.positions[BTC].cost == -4 * 125
    assert scene.state.account.total.realised == 5 * 25


def test_a_signal_while_the_opposite_entry_works_counts_it_as_on_its_way() -> None:
    scene = given(*running(puppet(buy=100, sell=125))).when(quote(100))
    scene.when(quote(125)).then(SignalGenerated, like(OrderRequested, side="sell", size=9))


@pytest.mark.parametrize(
    ("entry_type", "side", "limit_price", "post_only"),
    [
        ("limit", "buy", "100.01", False),
        ("limit", "sell", "99.99", False),
        ("post_only", "buy", "99.99", True),
        ("post_only", "sell", "100.01", True),
    ],
)
def test_a_resting_entry_names_its_touch_and_its_end(
    entry_type: str, side: str, limit_price: str, post_only: bool
) -> None:
    orders = OrderSettings(entry_type=entry_type, limit_ttl_s=30)  # type: ignore[arg-type]
    strings = {side: "100"}
    scene = given(*running(puppet("puppet", **strings), orders=orders)).when(quote(100, spread="0.02"))
    scene.then_also(
        like(
            OrderRequested,
            side=side,
            order_type="limit",
            limit_price=limit_price,
            post_only=post_only,
            time_in_force="gtd",
            expires_at_ns=scene.at_ns + 30_000_000_000,
        )
    )


def test_exits_take_what_is_there_whatever_entries_do() -> None:
    scene = given(*running(puppet(buy=100, close=101), orders=OrderSettings(entry_type="post_only")))
    scene.when(quote(100)).fill(100)
    scene.when(quote(101)).then_also(like(OrderRequested, order_type="market", post_only=False, limit_price=None))


def test_a_signal_below_the_threshold_is_recorded_and_not_acted_upon() -> None:
    wanted = AggregationSettings(threshold=Decimal("0.7"))
    given(*running(puppet(buy=103, confidence="0.6"), aggregation=wanted)).when(quote(103)).then(SignalGenerated)


def test_a_signal_at_the_threshold_is_acted_upon() -> None:
    wanted = AggregationSettings(threshold=Decimal("0.6"))
    scene = given(*running(puppet(buy=103, confidence="0.6"), aggregation=wanted)).when(quote(103))
    scene.then(SignalGenerated, OrderRequested)


def test_two_voices_become_one_outcome_and_the_loser_is_told_why() -> None:
    bull, bear = puppet("bull", buy=103, weight=3), puppet("bear", sell=103)
    scene = given(*running(bull, bear)).when(quote(103))
    scene.then(
        like(SignalGenerated, strategy="bull", action="buy"),
        like(SignalGenerated, strategy="bear", action="sell"),
        like(SignalsAggregated, symbol=BTC, action="buy", winners=("bull",)),
        like(OrderRequested, strategy="bull", side="buy"),
    )
    [aggregated] = [decision for decision in scene.decisions if isinstance(decision, SignalsAggregated)]
    assert [(loser.strategy, loser.action) for loser in aggregated.losers] == [("bear", "sell")]
    assert aggregated.losers[0].why.code == "outranked"


def test_voices_that_cancel_out_ask_for_nothing() -> None:
    scene = given(*running(puppet("bull", buy=103), puppet("bear", sell=103))).when(quote(103))
    scene.then(SignalGenerated, SignalGenerated, like(SignalsAggregated, action=None, winners=()))


def test_a_close_competes_with_nobody() -> None:
    scene = given(*running(puppet("cautious", buy=100, close=103), puppet("bold", buy=103)))
    scene.when(quote(100)).fill(100)
    scene.when(quote(103)).then(
        like(SignalGenerated, strategy="cautious", action="close"),
        like(SignalGenerated, strategy="bold", action="buy"),
        like(OrderRequested, strategy="cautious", purpose="exit"),
        like(OrderRequested, strategy="bold", purpose="entry"),
    )


def test_each_strategy_stays_inside_its_capital() -> None:
    shares = {"a": "0.5", "b": "0.3", "c": "0.2"}
    puppets = [puppet(name, buy=101 + at, capital_share=share) for at, (name, share) in enumerate(shares.items())]
    scene = given(*running(*puppets, sizing=leveraged()))
    for at, share in enumerate(shares.values()):
        scene.when(quote(101 + at))
        notional = scene.order.size * (101 + at)
        assert Decimal(share) * 10000 - (101 + at) < notional <= Decimal(share) * 10000


def test_results_are_told_apart_by_strategy() -> None:
    scene = given(*running(puppet("a", buy=100, close=110), puppet("b", sell=101, close=110)))
    scene.when(quote(100)).fill(100, fee=1)
    scene.when(quote(101)).fill(101, fee=2)
    scene.when(quote(110))
    one, other = scene.working
    assert (one.strategy, one.side, other.strategy, other.side) == ("a", "sell", "b", "buy")
    scene.fill(110)
    scene.fill(110)
    sleeves = {sleeve.strategy: sleeve for sleeve in scene.state.markets[BTC].sleeves}
    assert (sleeves["a"].result.realised, sleeves["a"].result.fees, sleeves["a"].result.fills) == (50, 1, 2)
    assert (sleeves["b"].result.realised, sleeves["b"].result.fees) == (-9 * Decimal("4.95"), 2)
    assert scene.state.account.total.realised == 50 - 9 * Decimal("4.95")


def test_orders_of_one_turn_count_against_the_limits_of_each_other() -> None:
    follower = puppet(trigger="cycle", buy=50)
    half = limits(leverage_max=1)
    scene = given(*running(follower, sizing=leveraged(), guards=half), quote(50), quote(50, ETH)).wait_for("cycle")
    scene.then(
        like(SignalGenerated, symbol=BTC),
        like(OrderRequested, symbol=BTC, size=200),
        like(SignalGenerated, symbol=ETH),
        like(OrderBlocked, symbol=ETH, guard="leverage", measured=2, limit=1),
    )


def test_orders_of_one_turn_count_in_each_others_rate() -> None:
    scene = given(*running(puppet(trigger="cycle", buy=50), guards=limits(orders_per_minute_max=1)))
    scene.when(quote(50)).when(quote(50, ETH))
    scene.wait_for("cycle").then_also(like(OrderRequested, symbol=BTC), like(OrderBlocked, symbol=ETH, measured=2))


def test_a_candle_asks_the_strategies_that_wait_for_candles() -> None:
    scene = given(*running(puppet(trigger="candle", buy=100)))
    scene.when(quote(100)).then()
    scene.when(candle(100)).then(SignalGenerated, OrderRequested)
    scene.when(quote(99)).when(candle(100)).then()


def test_the_cycle_asks_the_strategies_that_wait_for_it_in_every_quoted_symbol() -> None:
    scene = given(*running(puppet(trigger="cycle", buy=50)))
    scene.when(quote(50, ETH)).when(quote(50)).then()
    scene.wait_for("cycle").then_also(like(OrderRequested, symbol=BTC), like(OrderRequested, symbol=ETH))


def test_without_a_price_or_an_instrument_nothing_is_asked_for() -> None:
    session, settings, account, *_ = running(puppet(buy=100), puppet("cyclist", trigger="cycle", buy=100))
    scene = given(session, settings, account, quote(100))
    scene.then(SignalGenerated)
    scene.wait_for("cycle").then(like(SignalGenerated, strategy="cyclist", symbol=BTC))


def test_a_position_worth_less_than_one_step_is_not_asked_for() -> None:
    scene = given(*running(puppet(buy=100), sizing=SizingSettings(notional=Decimal("0.5"))))
    scene.when(quote(100)).then(SignalGenerated)


def test_no_capital_means_no_position() -> None:
    given(*running(puppet(buy=100, capital_share=0))).when(quote(100)).then(SignalGenerated)


def test_an_exit_smaller_than_one_step_is_not_asked_for() -> None:
    scene = given(*running(puppet(buy=100, close=101))).when(quote(100)).fill(100, "0.004")
    scene.when(canceled(scene.order))
    scene.when(quote(101)).then(SignalGenerated)


@pytest.mark.parametrize(("action", "confidence"), [("hold", "1"), ("buy", "1.1"), ("buy", "-0.1"), ("sell", "NaN")])
def test_what_is_no_signal_counts_as_raised(action: str, confidence: str) -> None:
    class Babbler(Puppet, frozen=True):
        def signals(self, memory: object, view: object) -> list[Signal]:  # noqa: ARG002 - the babbler listens to nobody
            return [Signal(action, Decimal(confidence), "babble")]  # type: ignore[arg-type]

    market = Market(BTC, sleeves=[Sleeve("b", puppet("b"), Babbler(), Strings(), trigger="quote")])
    with pytest.raises(StrategyRaisedError, match="strategy 'b' raised in BTC-PERP"), arithmetic():
        ask(market, "quote", NOW_NS)


def test_the_cycle_comes_round_once_and_no_sooner() -> None:
    scene = given(*running(puppet(trigger="cycle", buy=100)), quote(100))
    scene.when(TimerFired(timer_id="cycle")).then()
    scene.wait_for("cycle").then(SignalGenerated, OrderRequested)
    cycled_ns = scene.at_ns
    scene.when(TimerFired(timer_id="cycle"), after_s=1).then()
    scene.when(quote(101)).wait_for("cycle")
    assert scene.at_ns == cycled_ns + 20 * SECOND_NS


def test_a_quote_that_moves_nobody_is_answered_by_nothing_at_all() -> None:
    scene = given(*running(puppet(buy=103))).when(quote(102))
    scene.then()
    assert isinstance(scene.tape[-1][0], QuoteUpdated)


def test_every_decision_is_caused_by_the_turn_it_is_in() -> None:
    scene: Scene = given(*running(puppet(buy=103))).when(quote(103))
    assert scene.state.version == len(scene.tape)
