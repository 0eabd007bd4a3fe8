"""The tally of a recording: its orders, fills, verdicts, modes and alerts as rows, gathered while it is folded."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from perptape.core.canonical import canonical_json
from perptape.core.codec import Line
from perptape.core.events import (
    AlertRaised,
    Event,
    GuardCleared,
    GuardTripped,
    ModeChanged,
    OrderBlocked,
    OrderFilled,
)
from perptape.core.events.base import ReportedFill
from perptape.core.events.reason import Reason
from perptape.core.order import Order
from perptape.core.state import State

_ORDER_FIELDS = (
    "client_order_id", "strategy", "symbol", "side", "order_type", "purpose", "size", "limit_price", "stop_price",
    "time_in_force", "post_only", "reduce_only", "status", "filled_size", "fees", "note",
)  # fmt: skip


class Tally:
    """What has happened so far."""

    def __init__(self) -> None:
        self.orders: dict[str, dict[str, Any]] = {}
        self.fills: dict[str, dict[str, Any]] = {}
        self.guards: list[dict[str, Any]] = []
        self.modes: list[dict[str, Any]] = []
        self.alerts: list[dict[str, Any]] = []

    def see(self, event: Line, state: State) -> None:
        """Take note of an event that has just been folded into the state."""
        note = _NOTES.get(type(event.data))
        if note is not None:
            note(self, event.version, event.data)
        for fill in getattr(event.data, "fills", ()):
            if fill.fill_id in state.seen_fills:
                self.filled(event.version, fill)
        self._follow_orders(event.version, getattr(event.data, "client_order_id", None), state)

    def _follow_orders(self, version: int, only: str | None, state: State) -> None:
        for orders in (state.orders, state.closed_orders):
            for key in (only,) if only is not None else orders:
                if key in orders:
                    begun = self.orders.get(key, {}).get("version", version)
                    self.orders[key] = {"version": begun, **order_row(orders[key])}

    def filled(self, version: int, fill: OrderFilled | ReportedFill) -> None:
        """A fill, told by the feed or found by asking; told a second time it is the same one."""
        if fill.fill_id not in self.fills:
            row = _fields(fill, "fill_id client_order_id symbol side size price fee liquidity")
            self.fills[fill.fill_id] = {"version": version, **row}

    def blocked(self, version: int, verdict: OrderBlocked) -> None:
        """A guard refused an order."""
        row = _fields(verdict, "guard strategy symbol side size price measured limit reason")
        self.guards.append({"version": version, "verdict": "blocked", **row})

    def tripped(self, version: int, verdict: GuardTripped) -> None:
        """A guard tripped."""
        row = _fields(verdict, "guard symbol mode measured limit reason")
        self.guards.append({"version": version, "verdict": "tripped", **row})

    def cleared(self, version: int, verdict: GuardCleared) -> None:
        """A guard cleared."""
        self.guards.append({"version": version, "verdict": "cleared", **_fields(verdict, "guard symbol reason")})

    def mode(self, version: int, change: ModeChanged) -> None:
        """What the bot may do changed."""
        self.modes.append({"version": version, **_fields(change, "previous mode cause reason")})

    def alerted(self, version: int, alert: AlertRaised) -> None:
        """A person was told."""
        self.alerts.append({"version": version, **_fields(alert, "severity topic subject halt_id reason")})


Noted = TypeVar("Noted", bound=Event)


def _note(kind: type[Noted], by: Callable[[Tally, int, Noted], None]) -> tuple[type[Any], Callable[..., None]]:
    return kind, by


_NOTES = dict(
    [
        _note(OrderFilled, Tally.filled),
        _note(OrderBlocked, Tally.blocked),
        _note(GuardTripped, Tally.tripped),
        _note(GuardCleared, Tally.cleared),
        _note(ModeChanged, Tally.mode),
        _note(AlertRaised, Tally.alerted),
    ]
)


def order_row(order: Order) -> dict[str, Any]:
    """An order as a row, without what is empty."""
    row = _fields(order, " ".join(_ORDER_FIELDS))
    if order.filled_size:
        row["average_price"] = _plain(order.filled_value / order.filled_size)
    return {name: value for name, value in row.items() if value not in (None, "", False)}


def result_rows(state: State) -> list[dict[str, Any]]:
    """What was earned: per strategy and symbol, then per symbol with everything that belongs to no strategy."""
    rows = []
    for symbol, market in state.markets.items():
        for sleeve in market.sleeves:
            row = {"strategy": sleeve.strategy, "symbol": symbol, "position": _plain(sleeve.position.size)}
            rows.append({**row, **_plain_data(sleeve.result)})
    for symbol, result in state.results.items():
        held = state.positions[symbol].size if symbol in state.positions else Decimal(0)
        rows.append({"symbol": symbol, "position": _plain(held), **_plain_data(result)})
    return rows


def account_row(state: State) -> dict[str, Any]:
    """The account at the end."""
    return {"mode": state.mode, **_plain_data(state.account)}


def _fields(value: Any, names: str) -> dict[str, Any]:
    return {name: _plain(getattr(value, name)) for name in names.split()}


def _plain(value: Any) -> Any:
    return _plain_data(value) if isinstance(value, (Decimal, Reason)) else value


def _plain_data(value: Any) -> Any:
    return json.loads(canonical_json(value))
