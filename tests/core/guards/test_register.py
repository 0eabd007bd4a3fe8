"""Every guard is asked, in order, and the first that objects is the one that is named."""

import ast
import inspect
from decimal import Decimal
from types import ModuleType

from core.guards import (
    GUARDS,
    Guard,
    Proposal,
    access,
    conduct,
    first_block,
    losses,
    market_quality,
    modes,
    sizes,
    verdicts,
)
from core.market import Sleeve
from core.state import Halt, State, Trip, trip_key
from tests.core.builders import BTC, NOW_NS, limits, market, proposal, state, working_order
from tests.core.puppet import puppet

MODULES = (access, conduct, losses, market_quality, modes, sizes)
NAMES = """
kill_switch connection credentials read_only_key permission trading_halt insane_balance reduce_only daily_loss drawdown
staleness spread depth slippage order_rate refusal_cooldown error_rate volatility product_limits trade_value
position_cap exposure_share leverage liquidation_buffer position_limit wash_trade
""".split()


def defined_guards(module: ModuleType) -> list[Guard]:
    """The public functions that the module itself defines."""
    tree = ast.parse(inspect.getsource(module))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [getattr(module, name) for name in names if not name.startswith("_")]


def test_every_guard_that_is_written_is_asked_once() -> None:
    written = [guard for module in MODULES for guard in defined_guards(module)]
    assert sorted(written, key=repr) == sorted(GUARDS, key=repr)
    assert len(set(GUARDS)) == len(GUARDS)


def test_guards_are_asked_in_this_order_and_answer_under_these_names() -> None:
    assert [verdict.guard for verdict in verdicts(state(), proposal(state()))] == NAMES


def test_every_guard_says_what_it_is_for() -> None:
    assert [guard for guard in GUARDS if not inspect.getdoc(guard)] == []


def test_an_ordinary_order_is_allowed_by_all() -> None:
    ordinary = state()
    assert all(verdict.allowed for verdict in verdicts(ordinary, proposal(ordinary)))
    assert first_block(ordinary, proposal(ordinary)) is None


def blocking(asked: State, order: Proposal) -> list[str]:
    """The names of all guards that object."""
    return [verdict.guard for verdict in verdicts(asked, order) if not verdict.allowed]


def in_trouble() -> State:
    troubled = state(guards=limits(trade_value_max=1))
    troubled.mode = "halted"
    troubled.halts = {"operator": Halt(halt_id=1, cause="operator", reason="lunch")}
    troubled.markets[BTC].status = "closed"
    return troubled


def test_the_first_that_objects_is_named() -> None:
    troubled = in_trouble()
    assert blocking(troubled, proposal(troubled)) == ["kill_switch", "trading_halt", "trade_value"]
    block = first_block(troubled, proposal(troubled))
    assert block is not None
    assert block == verdicts(troubled, proposal(troubled))[0]


def test_only_these_hold_for_reducing_orders_too() -> None:
    """Everything is wrong at once; an exit is stopped only by what it could not or must not do in any case."""
    everything = limits(
        daily_loss_limit=1,
        drawdown_limit="0.01",
        trade_value_max=0,
        position_caps={BTC: Decimal(0)},
        exposure_share_max=0,
        leverage_max="0.000001",
        liquidation_buffer=10**9,
        spread_max=0,
        depth_min=10**9,
        slippage_max=0,
        orders_per_minute_max=0,
        underlying_limits={"BTC": Decimal(0)},
        wash_trade=True,
    )
    troubled = state(market(bid=99, ask=101), guards=everything)
    troubled.account.equity = Decimal(5000)
    troubled.markets[BTC].heard_at_ns = 0
    troubled.markets[BTC].status = "closed"
    troubled.lost_channels = ["private"]
    troubled.mode = "reduce_only"
    for guard, symbol in (
        ("insane_balance", ""),
        ("error_rate", ""),
        ("volatility", BTC),
        ("credentials", ""),
        ("read_only_key", ""),
        ("permission", BTC),
    ):
        trip = Trip(guard=guard, symbol=symbol, mode="normal", at_ns=NOW_NS, day_end_ns=0, reason="tripped")
        troubled.tripped[trip_key(guard, symbol)] = trip
    refused = puppet("strategy")
    troubled.markets[BTC].sleeves = [
        Sleeve(
            proposal(troubled).strategy, refused, None, None, 1, "quote", None, refusal="funds", refused_at_ns=NOW_NS
        )
    ]
    working_order(troubled, "buy", 1, 100)
    assert blocking(troubled, proposal(troubled, "sell", "0.001")) == NAMES[1:]
    always = [
        "connection",
        "credentials",
        "read_only_key",
        "permission",
        "trading_halt",
        "product_limits",
        "wash_trade",
    ]
    assert blocking(troubled, proposal(troubled, "sell", "0.001", reducing=True)) == always
    troubled.mode = "halted"
    assert blocking(troubled, proposal(troubled, "sell", "0.001", reducing=True)) == ["kill_switch", *always]
