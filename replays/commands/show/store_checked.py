"""A checked store, shown: a table for people, and the same figures for programs."""

import shutil
from io import StringIO
from typing import Any

from perptape.eventstore.backends import redacted
from perptape.eventstore.schema import revision, upgrade
from perptape.replays.upkeep.store_check import StoreCheck, StreamCheck

_UNITS = ("B", "kB", "MB", "GB", "TB")
_AGES = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
_WIDTH_MIN = 100


def as_json(report: StoreCheck) -> dict[str, Any]:
    """What `store check --json` prints."""
    return {
        "ok": report.ok,
        "store": report.store,
        "database": report.condition.product,
        "schema": report.condition.revision,
        "size_bytes": report.condition.size_bytes,
        "worries": list(report.condition.worries),
        "guards": report.guards or None,
        "guards_tried": report.guards_tried,
        "streams": [_stream_json(stream) for stream in report.streams],
    }


def as_text(report: StoreCheck) -> str:
    """The database in a line, what is wrong with it, and a table of its streams."""
    condition = report.condition
    guards = "in place" if report.guards_tried else "in place (not tried: this user may only read)"
    about = f"{condition.product}, schema {condition.revision}, {size(condition.size_bytes)}"
    lines = [f"{report.store}: {about}; guards {'MISSING: ' + report.guards if report.guards else guards}"]
    lines += [f"  warning: {worry}" for worry in condition.worries]
    lines += [_table(report)] if report.streams else ["  no streams"]
    lines += [
        f"{stream.stream}: DAMAGED at version {stream.first_bad.version:,}: {stream.first_bad.reason}"
        for stream in report.streams
        if stream.first_bad is not None
    ]
    return "\n".join(lines)


def upgraded(url: str) -> str:
    """Upgrade a store and say from what to what."""
    before = revision(url)
    upgrade(url)
    name, now = redacted(url), revision(url)
    return f"{name}: already at schema {now}" if now == before else f"{name}: from schema {before} to {now}"


def size(count: int) -> str:
    """A number of bytes with three digits or so: 999 B, 1.5 kB."""
    amount, unit = float(count), 0
    while amount >= 999.5 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1000, unit + 1
    return f"{amount:.1f} {_UNITS[unit]}" if unit and amount < 100 else f"{amount:.0f} {_UNITS[unit]}"


def age(lag_ns: int | None) -> str:
    """How long ago, in the largest unit that fits."""
    if lag_ns is None:
        return "none"
    seconds = abs(lag_ns) / 1_000_000_000
    length, unit = next(((length, unit) for length, unit in _AGES if seconds >= length), (1, "s"))
    return f"{seconds / length:,.0f} {unit} {'ago' if lag_ns >= 0 else 'ahead'}"


def _stream_json(stream: StreamCheck) -> dict[str, Any]:
    bad, lease = stream.first_bad, stream.lease
    return {
        "stream": stream.stream,
        "events": stream.events,
        "data_bytes": stream.data_bytes,
        "first_version": stream.first_version,
        "version": stream.version,
        "last_hash": stream.last_hash,
        "newest_at_ns": stream.newest_at_ns,
        "lag_ns": stream.lag_ns,
        "epoch": stream.epoch,
        "lease": None
        if lease is None
        else {"holder": lease.holder, "since_ns": lease.since_ns, "expires_at_ns": lease.expires_at_ns},
        "first_bad": None if bad is None else {"version": bad.version, "reason": bad.reason},
        "snapshots": stream.snapshots,
        "other_snapshots": stream.other_snapshots,
        "set_aside": stream.set_aside,
    }


def _table(report: StoreCheck) -> str:
    from rich.console import Console  # noqa: PLC0415 - heavy, and only needed here
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("stream", "chain", "events", "data", "head", "newest event", "writer", "snapshots"):
        right = title in {"events", "data", "head"}
        table.add_column(title, justify="right" if right else "left", overflow="fold", no_wrap=right)
    for stream in report.streams:
        # As text: a stream's name may look like markup.
        table.add_row(*map(Text, _row(stream, report.checked_at_ns)))
    page = StringIO()
    width = max(shutil.get_terminal_size((_WIDTH_MIN, 24)).columns, _WIDTH_MIN)
    Console(file=page, width=width, color_system=None, highlight=False).print(table)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def _row(stream: StreamCheck, now_ns: int) -> tuple[str, ...]:
    kept = [f"{stream.snapshots} in use"]
    kept += [f"{stream.other_snapshots} from other code"] if stream.other_snapshots else []
    kept += [f"{stream.set_aside} set aside"] if stream.set_aside else []
    return (
        stream.stream,
        "intact" if stream.first_bad is None else "DAMAGED",
        f"{stream.events:,}",
        size(stream.data_bytes),
        f"{stream.version:,}",
        age(stream.lag_ns),
        _writer(stream, now_ns),
        ", ".join(kept),
    )


def _writer(stream: StreamCheck, now_ns: int) -> str:
    lease = stream.lease
    if lease is None:
        return f"epoch {stream.epoch}"
    over = "" if now_ns < lease.expires_at_ns else ", expired"
    return f"{lease.holder} (epoch {stream.epoch}{over})"
