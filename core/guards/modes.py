"""Guards that follow from a mode or condition: they block whatever the order's numbers are."""

from perptape.core.events.reason import Reason
from perptape.core.guards.block import Block, Proposal, tripped
from perptape.core.money import ONE, ZERO
from perptape.core.state import State


def kill_switch(state: State, order: Proposal) -> Block | None:
    """While halted nothing is placed, except what an operator's flatten asked for."""
    if state.mode != "halted" or order.purpose == "flatten":
        return None
    because = next((halt.reason for halt in state.halts.values()), None)
    return Block("kill_switch", ONE, ZERO, Reason("halted", names={"causes": " ".join(state.halts)}, because=because))


def connection(state: State, order: Proposal) -> Block | None:
    """No order leaves while a channel is down or the venue has not been compared with the state."""
    if state.lost_channels:
        down = Reason("channels_down", names={"channels": " ".join(state.lost_channels)})
        return Block("connection", ONE, ZERO, down)
    if state.reconciliation.required and order.purpose != "flatten":
        return Block("connection", ONE, ZERO, Reason("not_compared"))
    return None


def trading_halt(_state: State, order: Proposal) -> Block | None:
    """The venue's trading status: nothing while halted, closed or cancel-only; post-only when it says so."""
    status = order.market.status
    if status == "open" or (status == "post_only" and order.post_only):
        return None
    return Block("trading_halt", ONE, ZERO, Reason("not_open", names={"symbol": order.market.symbol, "status": status}))


def reduce_only(state: State, order: Proposal) -> Block | None:
    """In reduce-only mode no order may increase a position."""
    if state.mode != "reduce_only" or order.reducing:
        return None
    because = next(iter(state.restricted.values()), None)
    names = {"causes": " ".join(state.restricted)}
    return Block("reduce_only", order.size, ZERO, Reason("reducing_only", names=names, because=because))


def error_rate(state: State, order: Proposal) -> Block | None:
    """While the circuit breaker is open entries stop; exits are still tried."""
    return None if order.reducing else tripped("error_rate", state)


def volatility(state: State, order: Proposal) -> Block | None:
    """After too large a move entries in the symbol stop until it has calmed down."""
    return None if order.reducing else tripped("volatility", state, order.market.symbol)


def insane_balance(state: State, order: Proposal) -> Block | None:
    """While the reported balance is impossible, nothing that needs it is done."""
    return None if order.reducing else tripped("insane_balance", state)
