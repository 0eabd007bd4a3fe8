"""Writing a recording: header, chained lines, trailer."""

from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import zstandard

from perptape.replays.tape.header import Header, Trailer, header_line, trailer_line


class RecordingWriter:
    """Writes bodies in order and closes with the trailer. The path decides about compression (`.zst`)."""

    def __init__(self, path: Path, header: Header) -> None:
        self._raw = path.open("wb")
        self._file: BinaryIO = self._raw
        if path.suffix == ".zst":
            self._file = zstandard.ZstdCompressor(level=9).stream_writer(self._raw, closefd=False)
        self._first_version = header.first_version
        self._version = header.first_version - 1
        self._hash = header.previous_hash.encode()
        self._file.write(header_line(header))

    def write(self, body: bytes) -> None:
        """Write the next event's line; bodies carry contiguous versions."""
        self._hash = sha256(self._hash + body).hexdigest().encode()
        self._file.write(b'%b,"hash":"%b"}\n' % (body, self._hash))
        self._version += 1

    def close(self) -> None:
        """Write the trailer and close the file; the recording is whole only now."""
        trailer = Trailer(
            last_version=self._version,
            count=self._version - self._first_version + 1,
            last_hash=self._hash.decode(),
        )
        self._file.write(trailer_line(trailer))
        self.abandon()

    def abandon(self) -> None:
        """Close the file without a trailer, so that nobody takes it for a whole recording."""
        if self._file is not self._raw:
            self._file.close()
        self._raw.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self.abandon()
