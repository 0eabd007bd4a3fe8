"""The tables of a tape held against a golden, figure by figure."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec

from perptape import RecordingReader
from perptape.core.events.reason import Reason
from perptape.core.wording import sentence
from perptape.replays.golden.form import Golden
from perptape.replays.tables import TableName

_ORDER = ("version", "client_order_id", "strategy", "symbol", "side", "order_type", "purpose", "time_in_force", "note")
_ORDER_SIZES = ("size", "limit_price", "stop_price", "status", "filled_size", "average_price", "fees")
_FILL = ("fill_id", "version", "client_order_id", "symbol", "side", "size", "price", "fee", "liquidity")
_ACCOUNT = ("equity", "cash", "transfers", "adjustments", "peak_equity", "day_start_equity")


def rows(recording: RecordingReader, table: TableName) -> list[dict[str, Any]]:
    """The rows of a table as Arrow gives them."""
    found: list[dict[str, Any]] = recording.table(table).to_pylist()
    return found


def differences(recording: RecordingReader, golden: Golden) -> list[str]:
    """Every figure of the tables that is not the golden's; fills before the account was known are none of the bot's."""
    account, total = golden.account, golden.account["total"]
    fills, equity = rows(recording, "fills"), recording.table("equity")
    last = equity.slice(equity.num_rows - 1).to_pylist()[0] if equity.num_rows else {}
    mine = {row["fill_id"] for row in fills}
    funding = rows(recording, "funding")
    sums = {
        "realised": (_sum(fills, "realised"), last.get("realised", 0)),
        "fees": (_sum(fills, "fee"), last.get("fees", 0)),
        "funding": (_sum(funding, "amount"), last.get("funding", 0)),
        "fills": (len(fills), last.get("fills", 0)),
    }
    wanted = {name: Decimal(str(total[name])) for name in sums}
    pairs = {name: (set(found), {wanted[name]}) for name, found in sums.items()}
    if account["known"]:
        pairs |= {name: ({last[name]}, {Decimal(account[name])}) for name in _ACCOUNT}
    return [
        *(f"{name}: {found} and not {said}" for name, (found, said) in pairs.items() if found != said),
        *_unequal(fills, [row for row in golden.fills if row["fill_id"] in mine], _FILL),
        *_unequal(rows(recording, "orders"), [_with_note(row) for row in golden.orders], (*_ORDER, *_ORDER_SIZES)),
        *_unequal(rows(recording, "blocks"), _blocked(golden), ("version", "guard", "symbol", "measured", "limit")),
    ]


def _sum(found: Iterable[dict[str, Any]], column: str) -> Decimal:
    return sum((row[column] for row in found), Decimal(0))


def _with_note(row: dict[str, Any]) -> dict[str, Any]:
    """The row of an order with its note in words."""
    return row if "note" not in row else {**row, "note": sentence(msgspec.convert(row["note"], Reason))}


def _blocked(golden: Golden) -> list[dict[str, Any]]:
    return [row for row in golden.guards if row["verdict"] == "blocked"]


def _unequal(found: list[dict[str, Any]], said: list[dict[str, Any]], columns: Iterable[str]) -> list[str]:
    """Where rows differ; a golden leaves out what is empty, and writes decimals as text."""
    if len(found) != len(said):
        return [f"{len(found)} rows and not {len(said)}"]
    return [
        f"{name}: {mine[name]} and not {its.get(name)}"
        for mine, its in zip(found, said, strict=True)
        for name in columns
        if not _same(mine[name], its.get(name))
    ]


def _same(mine: Any, its: Any) -> bool:
    if isinstance(mine, Decimal):
        return abs(mine - Decimal(its or 0)) < Decimal("1e-17")
    return (mine or None) == (its or None)
