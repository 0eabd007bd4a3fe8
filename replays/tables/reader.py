"""`perptape.open_recording`: a recording or stream as typed events and Arrow tables."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from perptape.core.codec import Line
from perptape.core.money import arithmetic
from perptape.core.settings import TradingSettings
from perptape.replays.tables.catalogue import TABLES, Table, TableName, find_table
from perptape.replays.tables.column import Cells
from perptape.replays.tables.tape import Tape, open_tape
from perptape.replays.tape.errors import DamageError
from perptape.replays.tape.header import UNREADABLE
from perptape.replays.tape.reader import Progress
from perptape.replays.tape.which_store import store_url

BATCH_ROWS = 16_384
"""Rows of a record batch: few enough for memory, many enough for a file."""


class RecordingReader:
    """A recording, or a stream as it was when it was opened. Nothing stays open between two calls.

    Every call reads the tape from its start and checks its chain; a changed or cut tape raises DamageError at the first
    bad version. No strategy is run, and no file that the header names is loaded.
    """

    def __init__(self, name: str, tape: Tape) -> None:
        self.name = name
        """The file or stream as it was given."""
        self._tape = tape

    def __repr__(self) -> str:
        return f"<recording {self.name!r} of stream {self.stream!r}; tables: {', '.join(TABLES)}>"

    @property
    def stream(self) -> str:
        """The stream that was recorded."""
        return self._tape.header.stream

    @property
    def first_version(self) -> int:
        """The version of the first event; above 1 the recording opens with a whole state."""
        return self._tape.header.first_version

    @property
    def release(self) -> str:
        """The release of perptape that recorded."""
        return self._tape.header.provenance.release

    @property
    def settings(self) -> TradingSettings:
        """The `[trading]` settings in force at the first event."""
        try:
            return msgspec.json.decode(bytes(self._tape.header.trading), type=TradingSettings)
        except UNREADABLE as error:
            raise DamageError(0, f"the settings in the header cannot be read: {error}") from error

    @property
    def span(self) -> tuple[int, int]:
        """What `progress` is told: from where to where."""
        return self._tape.span

    def events(self, *types: type[Any]) -> Iterator[Line]:
        """The events in order, of these types only if any are given, one batch of the tape in memory at a time.

        Each has `version`, `at_ns`, `cause`, `schema`, `hash`, and the typed event as `data`.
        """
        for batch in self._tape.batches():
            yield from batch if not types else (line for line in batch if isinstance(line.data, types))

    def __iter__(self) -> Iterator[Line]:
        return self.events()

    def table(self, name: TableName) -> Any:
        """The whole table as a `pyarrow.Table`. Raises TableError and DamageError."""
        from perptape.replays.tables import arrow  # noqa: PLC0415 - heavy

        table = find_table(name)
        batches = [arrow.batch(table.columns, rows) for rows in self.rows(table)]
        return arrow.table(table.columns, batches)

    def batches(self, name: TableName) -> Any:
        """The table as a `pyarrow.RecordBatchReader`, for tapes that are larger than memory; to be read once."""
        from perptape.replays.tables import arrow  # noqa: PLC0415 - heavy

        table = find_table(name)
        return arrow.reader(table.columns, (arrow.batch(table.columns, rows) for rows in self.rows(table)))

    def rows(self, table: Table, progress: Progress | None = None) -> Iterator[list[Cells]]:
        """The rows of a table, some thousands at a time, as plain tuples."""
        making = table.rows()
        ready: list[Cells] = []
        for lines in self._tape.batches(progress):
            with arithmetic():
                for line in lines:
                    ready.extend(making.take(line))
            if len(ready) >= BATCH_ROWS:
                yield ready
                ready = []
        with arithmetic():
            ready.extend(making.end())
        if ready:
            yield ready


def open_recording(source: str | Path, store: str | None = None) -> RecordingReader:
    """Open a recording (`.jsonl`, `.jsonl.zst`) or a stream by its name, for reading.

    `store` is the URL of the stream's store; without it, it is found as the commands find it: `PERPTAPE_STORE`, then
    `store` of bot.toml in the working folder, then `perptape.sqlite` there.

    Raises PerptapeError (NotARecordingError, SourceError, DamageError) and EventStoreError.
    """
    return RecordingReader(str(source), open_tape(source, store_url(store)))
