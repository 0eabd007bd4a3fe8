"""Every guard is asked, in order, and the first that objects is the one that is named."""

import ast
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import ModuleType
from typing import Any, Literal, get_args, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perptape.core.events import Mode, Purpose, Side
from perptape.core.events.causes import GuardName
from perptape.core.events.reason import Reason
from perptape.core.guards import (
    GUARDS,
    Block,
    Guard,
    Proposal,
    access,
    conduct,
    first_block,
    losses,
    market_quality,
    modes,
    sizes,
)
from perptape.core.market import Sleeve
from perptape.core.settings import GuardSettings
from perptape.core.state import Halt, State, Trip, trip_key
from tests.core.builders import BTC, ETH, NOW_NS, limits, market, proposal, state, working_order
from tests.core.puppet import puppet

MODULES = (access, conduct, losses, market_quality, modes, sizes)
NAMES = list(get_args(GuardName))


def defined_guards(module: ModuleType) -> list[Guard]:
    """The public functions that the module itself defines."""
    tree = ast.parse(inspect.getsource(module))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [getattr(module, name) for name in names if not name.startswith("_")]


def test_every_guard_that_is_written_is_asked_once() -> None:
    written = [guard for module in MODULES for guard in defined_guards(module)]
    assert sorted(written, key=repr) == sorted(GUARDS, key=repr)
    assert len(set(GUARDS)) == len(GUARDS)


def objections(asked: State, order: Proposal) -> list[Block]:
    """What every guard that objects says, in order."""
    return [block for guard in GUARDS if (block := guard(asked, order)) is not None]


def blocking(asked: State, order: Proposal) -> list[str]:
    """The names of all guards that object."""
    return [block.guard for block in objections(asked, order)]


Channel = Literal["market", "private", "rest"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)
OPTIONAL = [name for name, hint in get_type_hints(GuardSettings).items() if type(None) in get_args(hint)]


def limits_of(kind: str, value: int) -> dict[str, Any]:
    """This value for every limit that may be off and whose name ends so."""
    return {name: value for name in OPTIONAL if name.endswith(kind)}


TIGHT: dict[str, Any] = {
    **limits_of("_max", 0),
    **limits_of("_min", 10**9),
    "daily_loss_limit": 1,
    "drawdown_limit": "0.01",
    "position_caps": {BTC: Decimal(0)},
    "leverage_max": "0.000001",
    "liquidation_buffer": 10**9,
    "underlying_limits": {"BTC": Decimal(0)},
    "wash_trade": True,
}
LOOSE: dict[str, Any] = {
    **limits_of("_max", 10**9),
    **limits_of("_min", 0),
    "daily_loss_limit": 10**9,
    "drawdown_limit": 1,
    "position_caps": {BTC: Decimal(10**9)},
    "liquidation_buffer": -(10**9),
    "underlying_limits": {"BTC": Decimal(10**9)},
    "wash_trade": False,
}
TRIPS: dict[GuardName, str] = {
    "insane_balance": "",
    "error_rate": "",
    "volatility": BTC,
    "credentials": "",
    "read_only_key": "",
    "permission": BTC,
    "staleness": BTC,
}
"""Guards that block by having tripped, with the symbol."""


def trip(into: State, guard: GuardName) -> None:
    symbol = TRIPS[guard]
    made = Trip(guard=guard, symbol=symbol, mode="normal", at_ns=NOW_NS, day_end_ns=0, reason=Reason("no_price"))
    into.tripped[trip_key(guard, symbol)] = made


def switch(into: State, mode: Mode) -> None:
    """Put the bot into the mode, with a cause."""
    into.mode = mode
    into.halts = {"operator": Halt(halt_id=1, cause="operator", reason=Reason("operator"))} if mode == "halted" else {}
    into.restricted = {"pause": Reason("operator")} if mode == "reduce_only" else {}


def wretched(guards: dict[str, Any]) -> State:
    """Half of the money is lost, the quote is old and wide, funding is dear, the venue refused, and an order rests."""
    troubled = state(market(bid=99, ask=101), market(ETH, 50), guards=limits(**guards))
    troubled.account.equity = Decimal(5000)
    troubled.markets[BTC].heard_at_ns = 0
    troubled.markets[BTC].funding_rate = Decimal("-0.01")
    sleeve = Sleeve("trend", puppet("trend"), trigger="quote", refusal="funds", refused_at_ns=NOW_NS)
    troubled.markets[BTC].sleeves = [sleeve]
    working_order(troubled, "buy", 1, 100)
    return troubled


def everything_wrong(mode: Mode) -> State:
    troubled = wretched(TIGHT)
    switch(troubled, mode)
    troubled.markets[BTC].status = "closed"
    troubled.lost_channels = ["private"]
    for guard in TRIPS:
        trip(troubled, guard)
    return troubled


def test_guards_are_asked_in_this_order_and_answer_under_these_names() -> None:
    """No mode is both: the kill switch objects in one and reduce-only in the other."""
    answers = [
        {
            block.guard
            for troubled in (everything_wrong("halted"), everything_wrong("reduce_only"))
            if (block := guard(troubled, proposal(troubled, "sell", "0.001"))) is not None
        }
        for guard in GUARDS
    ]
    assert answers == [{name} for name in NAMES]


def test_a_guard_is_called_in_the_code_as_it_is_on_the_tape() -> None:
    """Its function, its name in `GuardName`, and what it measures in the wording."""
    assert [guard.__name__ for guard in GUARDS] == NAMES


def test_every_guard_says_what_it_is_for() -> None:
    assert [guard for guard in GUARDS if not inspect.getdoc(guard)] == []


def test_an_ordinary_order_is_allowed_by_all() -> None:
    ordinary = state()
    assert objections(ordinary, proposal(ordinary)) == []
    assert first_block(ordinary, proposal(ordinary)) is None


def in_trouble() -> State:
    troubled = state(guards=limits(trade_value_max=1))
    switch(troubled, "halted")
    troubled.markets[BTC].status = "closed"
    return troubled


def test_the_first_that_objects_is_named() -> None:
    troubled = in_trouble()
    assert blocking(troubled, proposal(troubled)) == ["kill_switch", "trading_halt", "trade_value"]
    block = first_block(troubled, proposal(troubled))
    assert block is not None
    assert block == objections(troubled, proposal(troubled))[0]


def test_only_these_hold_for_reducing_orders_too() -> None:
    """Everything is wrong at once; an exit is stopped only by what it could not or must not do in any case."""
    troubled = everything_wrong("reduce_only")
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
    troubled = everything_wrong("halted")
    assert blocking(troubled, proposal(troubled, "sell", "0.001", reducing=True)) == ["kill_switch", *always]


@dataclass(frozen=True)
class Conditions:
    """What may be wrong with the bot; nothing is unless told."""

    mode: Mode = "normal"
    lost: Sequence[Channel] = ()
    uncompared: bool = False
    tripped: Sequence[GuardName] = ()

    def befall(self, into: State) -> State:
        switch(into, self.mode)
        into.lost_channels = list(self.lost)
        into.reconciliation.required = self.uncompared
        for guard in self.tripped:
            trip(into, guard)
        return into


WELL = Conditions()
FAULTS: list[tuple[Conditions, str]] = [
    (Conditions(mode="halted"), "kill_switch"),
    (Conditions(mode="reduce_only"), "reduce_only"),
    *[(Conditions(lost=[channel]), "connection") for channel in CHANNELS],
    (Conditions(uncompared=True), "connection"),
    *[(Conditions(tripped=[guard]), guard) for guard in TRIPS],
]
"""One thing that is wrong, and the guard that objects to it."""


@pytest.mark.parametrize(("conditions", "name"), FAULTS, ids=[name for _, name in FAULTS])
def test_one_thing_that_is_wrong_is_enough(conditions: Conditions, name: str) -> None:
    ailing = conditions.befall(state())
    block = first_block(ailing, proposal(ailing))
    assert block is not None
    assert block.guard == name


@st.composite
def well_states(draw: st.DrawFn) -> State:
    """Nothing is wrong with the bot itself, but some limits may be too tight for it and its market poor."""
    tight = draw(st.lists(st.sampled_from(list(TIGHT)), unique=True, max_size=3))
    made = wretched(LOOSE | {name: TIGHT[name] for name in tight})
    btc = made.markets[BTC]
    btc.status = draw(st.sampled_from(["open", "post_only", "closed"]))
    btc.heard_at_ns = draw(st.sampled_from([NOW_NS, 0]))
    btc.sleeves = draw(st.sampled_from([[], btc.sleeves]))
    return made


any_conditions = st.one_of(
    st.just(WELL),
    st.sampled_from([conditions for conditions, _ in FAULTS]),
    st.builds(
        Conditions,
        mode=st.sampled_from(get_args(Mode)),
        lost=st.lists(st.sampled_from(CHANNELS), unique=True),
        uncompared=st.booleans(),
        tripped=st.lists(st.sampled_from(list(TRIPS)), unique=True),
    ),
)
any_order = st.fixed_dictionaries(
    {
        "side": st.sampled_from(get_args(Side)),
        "size": st.sampled_from(["1", "0.001", "999"]),
        "symbol": st.sampled_from([BTC, ETH]),
        "purpose": st.sampled_from(get_args(Purpose)),
        "reducing": st.booleans(),
        "post_only": st.booleans(),
    }
)


@settings(max_examples=300)
@given(well_states(), any_conditions, any_order)
def test_the_first_objection_is_the_one_that_is_named(
    held: State, conditions: Conditions, wanted: dict[str, Any]
) -> None:
    conditions.befall(held)
    order = proposal(held, **wanted)
    assert first_block(held, order) == next(iter(objections(held, order)), None)
