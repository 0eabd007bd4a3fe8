"""How a bot stands, as of the last event in its stream."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from perptape.core.durations import SECOND_NS
from perptape.core.money import plain
from perptape.core.position import entry_price
from perptape.core.state import State
from perptape.core.wording import sentence
from perptape.eventstore.store import EventStore
from perptape.replays.proof.rebuild import rebuild
from perptape.replays.tape.source import TapePoint


def bot_status(bot: str, store_url: str) -> dict[str, Any]:
    """Mode, halts, restrictions, tripped guards, money, positions and working orders.

    Raises SourceError and DamageError as `rebuild` does.
    """
    rebuilt = rebuild(bot, store_url, TapePoint())
    state = msgspec.json.decode(bytes(rebuilt.state), type=State)
    with EventStore.open(store_url) as store:
        lease = store.lease(bot)
    return {
        "bot": bot,
        "version": state.version,
        "at": datetime.fromtimestamp(state.at_ns // SECOND_NS, UTC).isoformat(),
        "session": state.session,
        "running": state.running and lease is not None,
        "holder": lease.holder if lease is not None else "",
        "mode": state.mode,
        "halts": [
            {"halt": one.halt_id, "cause": one.cause, "reason": sentence(one.reason)} for one in state.halts.values()
        ],
        "answer": state.halt_ordinal if state.mode == "halted" else 0,
        "restricted": {cause: sentence(reason) for cause, reason in state.restricted.items()},
        "tripped": {key: sentence(trip.reason) for key, trip in state.tripped.items()},
        "lost_channels": list(state.lost_channels),
        "equity": plain(state.account.equity),
        "cash": plain(state.account.cash),
        "positions": [
            {
                "symbol": symbol,
                "size": plain(position.size),
                "entry_price": plain(entry_price(position) or position.cost),
                "unrealised": plain(position.unrealised),
            }
            for symbol, position in state.positions.items()
        ],
        "orders": [
            {
                "client_order_id": order.client_order_id,
                "symbol": order.symbol,
                "side": order.side,
                "size": plain(order.size),
                "filled": plain(order.filled_size),
                "status": order.status,
                "purpose": order.purpose,
            }
            for order in state.orders.values()
        ],
    }


def as_text(told: dict[str, Any]) -> str:
    """The same for people."""
    running = f"running as {told['holder']}" if told["running"] else "not running"
    place = f"session {told['session']}, version {told['version']} at {told['at']}"
    lines = [f"{told['bot']}: {told['mode']}, {running}; {place}"]
    lines += [f"  halt {one['halt']} by {one['cause']}: {one['reason']}" for one in told["halts"]]
    if told["answer"]:
        lines.append(f"  to lift it: perptape resume {told['bot']} --halt {told['answer']} --reason TEXT")
    lines += [f"  restricted by {cause}: {reason}" for cause, reason in told["restricted"].items()]
    lines += [f"  guard {key}: {reason}" for key, reason in told["tripped"].items()]
    if told["lost_channels"]:
        lines.append(f"  channels down: {', '.join(told['lost_channels'])}")
    lines.append(f"  equity {told['equity']}, cash {told['cash']}")
    lines += [
        f"  {one['symbol']} {one['size']} from {one['entry_price']}, unrealised {one['unrealised']}"
        for one in told["positions"]
    ]
    lines += [
        f"  order {one['client_order_id'][:8]} {one['side']} {one['size']} {one['symbol']}, {one['filled']} filled,"
        f" {one['status']} ({one['purpose']})"
        for one in told["orders"]
    ]
    return "\n".join(lines)
