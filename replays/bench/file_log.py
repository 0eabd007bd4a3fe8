"""A log that is a recording from the beginning: what the bot appends is written to the file at once, and not kept."""

from collections.abc import Iterator, Sequence

from perptape.core.ports import LoggedEvent, LogRecord, Snapshot
from perptape.eventstore.envelope import body
from perptape.replays.tape.writer import RecordingWriter


class FileLog:
    """A new stream on a recording's writer. It is never read and survives nothing: a bench records anew instead."""

    def __init__(self, writer: RecordingWriter, nonce: str) -> None:
        self._writer = writer
        self._nonce = nonce
        self._version = 0

    @property
    def nonce(self) -> str:
        """The nonce of the recording's header."""
        return self._nonce

    def append(self, expected_version: int, records: Sequence[LogRecord]) -> None:
        """Write the records as lines."""
        for version, record in enumerate(records, expected_version + 1):
            self._writer.write(body(version, record))
        self._version = expected_version + len(records)

    def read(self, after_version: int) -> Iterator[LoggedEvent]:  # noqa: ARG002 - the Log protocol
        """Nothing: the stream is new."""
        return iter(())

    def head_version(self) -> int:
        """Version of the last event written."""
        return self._version

    def save_snapshot(self, snapshot: Snapshot) -> None:
        """Nobody starts from here again."""

    def newest_snapshot(self, behaviour: str, upto: int | None = None) -> Snapshot | None:  # noqa: ARG002
        """There is none."""
        return None

    def set_aside_snapshot(self, snapshot: Snapshot, reason: str) -> None:
        """There is none."""
