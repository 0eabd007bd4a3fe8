"""A finished recording, shown."""

from typing import Any

from perptape.core.position import net
from perptape.replays.record import Recorded


def as_json(result: Recorded) -> dict[str, Any]:
    """What `record --json` prints."""
    state = result.state
    return {
        "file": str(result.path),
        "events": result.events,
        "sessions": result.sessions,
        "orders": state.intents,
        "fills": state.account.total.fills,
        "equity": format(state.account.equity, "f"),
        "pnl": format(net(state.account.total), "f"),
        "mode": state.mode,
        "state_digest": result.state_digest,
    }


def as_text(result: Recorded) -> str:
    """What a person wants to read."""
    state = result.state
    resumed = f", resumed {result.sessions - 1} times" if result.sessions > 1 else ""
    positions = ", ".join(f"{position.size:f} {symbol}" for symbol, position in state.positions.items()) or "flat"
    return (
        f"{result.path}: {result.events:,} events{resumed}\n"
        f"  {state.intents:,} orders, {state.account.total.fills:,} fills; net {net(state.account.total):,.2f} "
        f"(fees {state.account.total.fees:,.2f}, funding {state.account.total.funding:,.2f})\n"
        f"  equity {state.account.equity:,.2f}, {positions}, mode {state.mode}\n"
        f"  state {result.state_digest}"
    )
