"""What holds whatever is traded: cash, positions and orders are accounted for to the last digit."""

import asyncio
from collections import Counter
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from perptape.core.edge.market import MarketPoint
from perptape.core.edge.simulation.exchange import ExchangeSettings, OpeningPosition
from perptape.core.edge.simulation.exchange.account import Holding
from perptape.core.edge.simulation.exchange.journal import MemoryJournal
from perptape.core.events import (
    CancelRequested,
    FundingPaid,
    OrderAccepted,
    OrderFilled,
    OrderRequested,
    TransferRecorded,
)
from perptape.core.events.reason import Reason
from perptape.core.money import ZERO, arithmetic
from perptape.core.position import Position
from perptape.core.position import trade as bot_trade
from tests.core.edge.simulation.exchange.desk import (
    BTC,
    account,
    as_bytes,
    at,
    funding,
    limit,
    only,
    open_exchange,
    order,
    price,
)
from tests.core.edge.simulation.exchange.trader import Act, Script, Told, trade

D = Decimal
OPENING = OpeningPosition(BTC, D("0.0137"), D("48123.4"))
SIDES = st.sampled_from(["buy", "sell"])
SIZES = st.integers(1, 3_000).map(lambda steps: D(steps) / 10_000)
TICKS = st.integers(460_000, 540_000).map(lambda ticks: D(ticks) / 10)
IDS = st.integers(0, 40).map(str)


@st.composite
def requests(draw: st.DrawFn) -> OrderRequested:
    name, side, size = draw(IDS), draw(SIDES), draw(SIZES)
    terms = {"reduce_only": draw(st.sampled_from([False, False, False, True]))}
    kind = draw(st.sampled_from(["market", "limit", "post_only", "ioc", "fok", "gtd", "stop"]))
    match kind:
        case "market":
            return order(name, side, size, **terms)
        case "limit":
            return limit(name, side, size, draw(TICKS), **terms)
        case "post_only":
            return limit(name, side, size, draw(TICKS), post_only=True, **terms)
        case "gtd":
            expires_at_ns = at(draw(st.integers(1, 40)))
            return limit(name, side, size, draw(TICKS), time_in_force="gtd", expires_at_ns=expires_at_ns, **terms)
        case "stop":
            return limit(name, side, size, draw(TICKS), order_type="stop_limit", stop_price=str(draw(TICKS)), **terms)
        case _:
            return limit(name, side, size, draw(TICKS), time_in_force=kind, **terms)


CANCELS = IDS.map(lambda name: CancelRequested(name, Reason("bot_halted")))
TRANSFERS = st.integers(-50_000, 100_000).map(lambda cents: D(cents) / 100)
ACTS: st.SearchStrategy[Act] = st.one_of(requests(), requests(), requests(), CANCELS, TRANSFERS)


def by_number(acts: list[tuple[int, Act]]) -> Script:
    script: dict[int, list[Act]] = {}
    for number, act in acts:
        script.setdefault(number, []).append(act)
    return script


SCRIPTS = st.lists(st.tuples(st.integers(3, 30), ACTS), min_size=10, max_size=40).map(by_number)
STEPS = st.lists(st.one_of(TICKS, TICKS, TICKS, st.sampled_from(["0.0007", "-0.0003"])), min_size=20, max_size=40)
SETTINGS = st.builds(
    ExchangeSettings,
    cash=st.sampled_from([D(1_500), D(10_000), D(100_000)]),
    hold=st.just(ZERO),
    positions=st.sampled_from([(), (OPENING,)]),
    depth=st.sampled_from([D(5_000), D(250_000)]),
    participation=st.sampled_from([D(1), D("0.3")]),
    request_latency_ms=st.sampled_from([0, 0, 1_500]),
    report_latency_ms=st.sampled_from([0, 0, 700]),
)


def path(steps: list[Decimal | str]) -> list[MarketPoint]:
    first: list[MarketPoint] = [price(0, 50_000)]
    return first + [
        funding(second, step) if isinstance(step, str) else price(second, step) for second, step in enumerate(steps, 1)
    ]


@given(SETTINGS, STEPS, SCRIPTS)
def test_cash_and_positions_are_accounted_for(
    settings: ExchangeSettings, steps: list[Decimal | str], script: Script
) -> None:
    exchange = open_exchange(path(steps), settings)
    told = Told([], [])
    trade(exchange, script, told)
    report = asyncio.run(account(exchange))
    fills = only(told.messages, OrderFilled)
    paid = sum((payment.amount for payment in only(told.messages, FundingPaid)), ZERO)
    moved = sum((transfer.amount for transfer in only(told.messages, TransferRecorded)), ZERO)
    fees = sum((fill.fee for fill in fills), ZERO)

    # Cash is what was there, what was earned, and what came in.
    kept = exchange.state.account
    assert report.cash == settings.cash + kept.realised - fees + paid + moved
    assert (kept.fees, kept.funding, kept.transfers) == (fees, paid, moved)

    # What was realised is what came in by trades and is not bound in the position.
    signed = [(fill.size if fill.side == "buy" else -fill.size, fill.price) for fill in fills]
    opened = [(opening.size, opening.entry_price) for opening in settings.positions]
    traded = sum((size * at_price for size, at_price in opened + signed), ZERO)
    holding = kept.holdings.get(BTC)
    assert kept.realised == (holding.cost if holding else ZERO) - traded

    # The position is what was there and what was filled.
    size = sum((size for size, _ in opened + signed), ZERO)
    assert sum((position.size for position in report.positions), ZERO) == size
    assert as_bytes_of_fills(fills) == [(fill.fill_id, fill.size) for fill in report.fills]


def as_bytes_of_fills(fills: list[OrderFilled]) -> list[tuple[str, Decimal]]:
    return [(fill.fill_id, fill.size) for fill in fills]


@given(SETTINGS, STEPS, SCRIPTS)
def test_an_order_exists_once_and_never_fills_beyond_its_size(
    settings: ExchangeSettings, steps: list[Decimal | str], script: Script
) -> None:
    exchange = open_exchange(path(steps), settings)
    told = Told([], [])
    trade(exchange, script, told)
    accepted = only(told.answers, OrderAccepted) + only(told.messages, OrderAccepted)
    venue_ids = {(acceptance.client_order_id, acceptance.venue_order_id) for acceptance in accepted}
    assert max(Counter(client_id for client_id, _ in venue_ids).values(), default=1) == 1
    sizes = {acceptance.client_order_id: acceptance.size for acceptance in accepted}
    filled: Counter[str] = Counter()
    fills = only(told.messages, OrderFilled)
    for fill in fills:
        if fill.client_order_id:
            filled[fill.client_order_id] += fill.size  # type: ignore[assignment]
    assert all(size <= sizes[name] for name, size in filled.items())
    assert len({fill.fill_id for fill in fills}) == len(fills)


@given(SETTINGS, STEPS, SCRIPTS, st.integers(0, 80), st.integers(0, 10))
def test_a_killed_run_ends_as_the_run_that_was_not(
    settings: ExchangeSettings, steps: list[Decimal | str], script: Script, kill: int, resumed: int
) -> None:
    points = path(steps)
    whole = Told([], [])
    exchange = open_exchange(points, settings)
    trade(exchange, script, whole)
    final = as_bytes([asyncio.run(account(exchange))])

    journal = MemoryJournal()
    told = Told([], [])
    exchange = open_exchange(points, settings, journal=journal)
    kill = min(kill, len(whole.messages))
    if kill:
        trade(exchange, script, told, last=lambda number: number == kill)
    # The journal may be ahead of the bot by what came after its last effect: it may take what it lost again.
    exchange = open_exchange(points, settings, journal=journal)
    back = max([number for number in script if number <= kill], default=0)
    exchange.resume(max(back, kill - resumed))
    del told.messages[max(back, kill - resumed) :]
    trade(exchange, script, told)
    assert as_bytes(told.messages) == as_bytes(whole.messages)
    assert as_bytes(told.answers) == as_bytes(whole.answers)
    assert as_bytes([asyncio.run(account(exchange))]) == final


@given(st.lists(st.tuples(SIZES, SIDES, TICKS), max_size=30))
def test_the_exchange_and_the_bot_agree_on_realised_pnl_and_cost(trades: list[tuple[Decimal, str, Decimal]]) -> None:
    ours, theirs = Holding(D("0.01"), ZERO), Position()
    with arithmetic():
        for size, side, at_price in trades:
            change = size if side == "buy" else -size
            assert ours.trade(change, at_price) == bot_trade(theirs, change, at_price, D("0.01"))
            assert (ours.size, ours.cost) == (theirs.size, theirs.cost)
