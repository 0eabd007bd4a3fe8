"""Ready-made values for tests of the core: an instrument, a market, a state, and what can be put into it.

Every builder gives something ordinary, and takes as keywords what the test is about. Numbers may be written as text:
`market(bid="99.5")`. The ordinary market is BTC-PERP, one coin per contract, quoted at 100 with no spread, at NOW_NS;
the ordinary state holds 10000 in cash, has been reconciled, and has every guard with a limit of its own switched off.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from perptape.core.account import Account
from perptape.core.durations import SECOND_NS
from perptape.core.events.account import AccountReported
from perptape.core.events.base import ReportedOrder, ReportedPosition, Side
from perptape.core.events.reason import Reason
from perptape.core.exposure import reached_size
from perptape.core.guards import Proposal
from perptape.core.instruments import Instrument, notional
from perptape.core.market import Market, contract_size
from perptape.core.money import ONE, ZERO
from perptape.core.order import Order, signed
from perptape.core.position import Position, trade
from perptape.core.settings import GuardSettings, TradingSettings
from perptape.core.state import Reconciliation, State

ABOVE, BELOW = Reason("above_limit"), Reason("below_limit")
"""What a guard says of a number beyond its limit."""
BTC = "BTC-PERP"
ETH = "ETH-PERP"
NOW_NS = 1_700_000_000 * SECOND_NS

Number = Decimal | int | str


def number(given: Number) -> Decimal:
    """The decimal that a test wrote as text or as a whole number."""
    return Decimal(given)


def value(position: Position, price: Decimal) -> None:
    """Take over the unrealised PnL at `price`, as the fold of a price does."""
    position.unrealised = position.coins * price - position.cost


def _numbers(changes: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The changes, with what was written as text under these names as decimals."""
    decimals = set(names)
    return {name: number(given) if name in decimals and given is not None else given for name, given in changes.items()}


def instrument(symbol: str = BTC, **changes: Any) -> Instrument:
    """One coin per contract, ticks and steps of 0.01, from 0.01 to 1000 contracts, maintenance margin of 5 %."""
    ordinary = Instrument(
        symbol=symbol,
        underlying=symbol.partition("-")[0],
        price_increment=Decimal("0.01"),
        size_increment=Decimal("0.01"),
        size_min=Decimal("0.01"),
        size_max=Decimal(1000),
        notional_min=ONE,
        contract_size=ONE,
        maker_fee_rate=ZERO,
        taker_fee_rate=Decimal("0.0005"),
        initial_margin_rate=Decimal("0.1"),
        maintenance_margin_rate=Decimal("0.05"),
    )
    return replace(ordinary, **_numbers(changes, set(Instrument.__struct_fields__) - {"symbol", "underlying"}))


def market(symbol: str = BTC, price: Number = 100, **changes: Any) -> Market:
    """A followed market with a fresh quote of 50 contracts on both sides, valued at `price`."""
    made = Market(
        symbol=symbol,
        instrument=instrument(symbol),
        bid=number(price),
        bid_size=Decimal(50),
        ask=number(price),
        ask_size=Decimal(50),
        price=number(price),
        heard_at_ns=NOW_NS,
    )
    for name, given in _numbers(changes, ("bid", "bid_size", "ask", "ask_size")).items():
        setattr(made, name, given)
    return made


def limits(**changes: Any) -> GuardSettings:
    """Guard settings with every limit off but the given ones. Staleness cannot be off: it is 30 s."""
    off = GuardSettings(
        daily_loss_limit=None,
        drawdown_limit=None,
        trade_value_max=None,
        exposure_share_max=None,
        leverage_max=None,
        liquidation_buffer=None,
        spread_max=None,
        slippage_max=None,
        orders_per_minute_max=None,
        errors=None,
        volatility=None,
        wash_trade=False,
    )
    decimals = [
        name for name in GuardSettings.__struct_fields__ if name.endswith(("_limit", "_max", "_min", "_buffer"))
    ]
    return replace(off, **_numbers(changes, set(decimals) - {"orders_per_minute_max"}))


def state(*markets: Market, cash: Number = 10000, guards: GuardSettings | None = None) -> State:
    """A running, reconciled bot with this cash, flat, in these markets (the ordinary one when none is given)."""
    money = number(cash)
    return State(
        version=1,
        at_ns=NOW_NS,
        nonce="nonce",
        running=True,
        settings=TradingSettings(guards=limits() if guards is None else guards),
        account=Account(known=True, cash=money, equity=money, day_start_equity=money, peak_equity=money),
        markets={made.symbol: made for made in markets or (market(),)},
        reconciliation=Reconciliation(required=False),
    )


def small_contracts(held: State) -> State:
    """The same state with a tenth of a coin per contract in BTC; nothing may be held yet."""
    held.markets[BTC].instrument = instrument(contract_size="0.1")
    return held


def hold(into: State, size: Number, price: Number, symbol: str = BTC) -> Position:
    """Trade `size` signed contracts at `price` into the account and value them at the market's price."""
    at = into.markets[symbol]
    position = into.positions.setdefault(symbol, Position())
    account = into.account
    unrealised = account.unrealised - position.unrealised
    account.cash += trade(position, number(size), number(price), contract_size(at))
    value(position, at.price)
    if not position.size:
        del into.positions[symbol]
    account.equity = account.cash + unrealised + position.unrealised
    return position


def long(into: State, size: Number, price: Number = 100, symbol: str = BTC) -> Position:
    """Buy `size` contracts at `price`."""
    return hold(into, number(size), price, symbol)


def short(into: State, size: Number, price: Number = 100, symbol: str = BTC) -> Position:
    """Sell `size` contracts at `price`."""
    return hold(into, -number(size), price, symbol)


def profitable() -> State:
    """Long 10 contracts bought at 90, now at 100: 100 of unrealised profit on 10000 of cash."""
    made = state()
    long(made, 10, 90)
    return made


def losing() -> State:
    """Long 10 contracts bought at 110, now at 100: 100 of unrealised loss on 10000 of cash."""
    made = state()
    long(made, 10, 110)
    return made


def several_positions() -> State:
    """Long 10 BTC-PERP bought at 90 and now at 100, short 20 ETH-PERP sold at 45 and now at 50: no profit, no loss."""
    made = state(market(), market(ETH, 50))
    long(made, 10, 90)
    short(made, 20, 45, ETH)
    return made


def order(side: Side = "buy", size: Number = 1, limit_price: Number | None = 100, **changes: Any) -> Order:
    """A resting limit order for BTC-PERP, accepted and not filled; without a limit price it is a market order."""
    ordinary = Order(
        client_order_id="order-1",
        intent=1,
        strategy="trend",
        symbol=BTC,
        side=side,
        order_type="market" if limit_price is None else "limit",
        size=number(size),
        limit_price=None if limit_price is None else number(limit_price),
        stop_price=None,
        time_in_force="ioc" if limit_price is None else "gtc",
        expires_at_ns=None,
        post_only=False,
        reduce_only=False,
        purpose="entry",
        reference_price=Decimal(100),
        requested_at_ns=NOW_NS,
        status="open",
    )
    return replace(ordinary, **_numbers(changes, ("filled_size", "filled_value", "fees", "stop_price")))


def working_order(
    into: State, side: Side = "buy", size: Number = 1, limit_price: Number | None = 100, **changes: Any
) -> Order:
    """Put an order into the state that may still fill; orders are named order-1, order-2 and so on."""
    ordinal = len(into.orders) + 1
    made = order(side, size, limit_price, **{"client_order_id": f"order-{ordinal}", "intent": ordinal} | changes)
    into.orders[made.client_order_id] = made
    return made


def proposal(into: State, side: Side = "buy", size: Number = 1, symbol: str = BTC, **changes: Any) -> Proposal:
    """An entry at market of `size` contracts, executable at the touch; the decision was made on the market's price."""
    at = into.markets[symbol]
    ordinary = Proposal(
        strategy="trend",
        purpose="entry",
        market=at,
        instrument=at.instrument or instrument(symbol),
        side=side,
        order_type="market",
        post_only=False,
        size=number(size),
        price=at.ask if side == "buy" else at.bid,
        reference_price=at.price,
        value=ZERO,
        coins=ZERO,
        exposure=ZERO,
        reducing=False,
    )
    made = replace(ordinary, **_numbers(changes, ("price", "reference_price")))
    coins = (reached_size(into, symbol, side) + signed(side, made.size)) * made.instrument.contract_size
    value = notional(made.instrument, made.size, made.price)
    return replace(made, value=value, coins=coins, exposure=abs(coins) * made.price)


def account_report(
    cash: Number = 10000,
    positions: Iterable[ReportedPosition] = (),
    orders: Iterable[ReportedOrder] = (),
    hold: Number = 0,
) -> AccountReported:
    """The venue's answer to reconciliation-1."""
    return AccountReported(
        request_id="reconciliation-1",
        cash=number(cash),
        available=number(cash),
        hold=number(hold),
        positions=tuple(positions),
        orders=tuple(orders),
        fills=(),
        payments=(),
        venue_at_ns=NOW_NS,
    )


def reported_position(size: Number, entry_price: Number, symbol: str = BTC) -> ReportedPosition:
    """A position as the venue lists it, in signed contracts."""
    return ReportedPosition(symbol=symbol, size=number(size), entry_price=number(entry_price))


def reported_order(client_order_id: str = "order-1", venue_order_id: str = "venue-1", **changes: Any) -> ReportedOrder:
    """A working order as the venue lists it: buy 1 BTC-PERP at 100, not filled."""
    ordinary = ReportedOrder(
        client_order_id=client_order_id,
        venue_order_id=venue_order_id,
        symbol=BTC,
        side="buy",
        order_type="limit",
        size=ONE,
        filled_size=ZERO,
        limit_price=Decimal(100),
        reduce_only=False,
    )
    return replace(ordinary, **_numbers(changes, ("size", "filled_size", "limit_price")))
