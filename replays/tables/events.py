"""The table `events`: every event of the tape, its fields as JSON."""

from collections.abc import Iterable

from perptape.core.codec import Line, encode_data
from perptape.replays.tables.column import Cells, Column, place

COLUMNS = (
    *place("the event"),
    Column("type", "text", "event type"),
    Column("schema", "integer", "version of the event type's fields as recorded"),
    Column("kind", "text", "observation or decision"),
    Column("cause", "integer", "for a decision, version of the observation that led to it; null for an observation"),
    Column("symbol", "text", "instrument; null for events without one"),
    Column("data", "text", "the event's fields as JSON, in the current schema; decimals and 64-bit times are exact"),
    Column("hash", "text", "chain hash at this event, 64 hexadecimal digits"),
)


class EventRows:
    """One row for each event."""

    def take(self, line: Line) -> Iterable[Cells]:
        """The event."""
        event = line.data
        yield (
            line.version,
            line.at_ns,
            type(event).__name__,
            line.schema,
            "observation" if line.cause is None else "decision",
            line.cause,
            getattr(event, "symbol", None),
            encode_data(event).decode(),
            line.hash,
        )

    def end(self) -> Iterable[Cells]:
        """Nothing waits."""
        return ()
