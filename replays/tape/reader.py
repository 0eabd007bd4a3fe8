"""Reading a recording line by line, in memory that does not grow with the file, checking the chain on the way."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, Self

import msgspec

from perptape.core.settings import TradingSettings
from perptape.replays.tape.decompression import BREAK, MAGIC_ZSTD, Decompressed
from perptape.replays.tape.errors import DamageError, NotARecordingError
from perptape.replays.tape.header import (
    BODY,
    FORMAT,
    FORMAT_VERSION,
    HASH,
    TRAILER_MARK,
    UNREADABLE,
    Header,
    Trailer,
    genesis_hash,
    header_line,
    trailer_line,
)

_HEADER_MARKS = (b'"format"', b'"format_version"', b'"stream"', b'"nonce"', b'"first_version"', b'"previous_hash"')
_BUFFER = 1 << 20
_BATCH_BYTES = 1 << 15
"""So few that the lines of a batch and the events made from them are still in the cache when they are folded."""
Progress = Callable[[int], None]
"""Told the number of bytes read so far, now and then."""


class Recording:
    """An open recording: its header, and its event lines one after the other."""

    def __init__(self, path: Path, file: BinaryIO, raw: BinaryIO, header: Header) -> None:
        self.path = path
        self.header = header
        self._file = file
        self._raw = raw

    @property
    def settings(self) -> TradingSettings:
        """The `[trading]` settings in force at the first event."""
        return msgspec.json.decode(bytes(self.header.trading), type=TradingSettings)

    def batches(self, progress: Progress | None = None) -> Iterator[list[bytes]]:
        """The event lines, newline included, a few hundred at a time, after the chain through them was found right.

        Raises DamageError at the first line that is not as written (after yielding those before it), and at the end
        when the trailer does not agree.
        """
        version = self.header.first_version - 1
        digest = self.header.previous_hash.encode()
        readlines = self._file.readlines
        while lines := readlines(_BATCH_BYTES):
            hashes, links, before = [], [], digest
            for line in lines:
                links.append(sha256(before + line[BODY]).hexdigest())
                before = line[HASH]
                hashes.append(before)
            if "".join(links).encode() == b"".join(hashes):
                digest = before
            else:
                index = next(i for i, link in enumerate(links) if link.encode() != hashes[i])
                line = lines[index]
                digest = hashes[index - 1] if index else digest
                version += index
                if index:
                    yield lines[:index]
                if not line.startswith(TRAILER_MARK):
                    raise DamageError(version + 1, _fault(line, version + 1))
                self._check_trailer(line, version, digest, after=len(lines) - index - 1)
                return
            version += len(lines)
            yield lines
            if progress is not None:
                progress(self._raw.tell())
        raise DamageError(version + 1, "the recording is truncated: its trailer is missing")

    def lines(self, progress: Progress | None = None) -> Iterator[bytes]:
        """The same, line by line."""
        for batch in self.batches(progress):
            yield from batch

    def _check_trailer(self, line: bytes, version: int, digest: bytes, after: int) -> None:
        expected = Trailer(
            last_version=version, count=version - self.header.first_version + 1, last_hash=digest.decode()
        )
        if line != trailer_line(expected):
            raise DamageError(version + 1, f"the trailer does not match the {expected.count} events before it")
        if after or self._file.read(1):
            raise DamageError(version + 1, "there is data after the trailer")

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        self._raw.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_recording(path: Path) -> Recording:
    """Open a recording, compressed or not, and read its header.

    Raises NotARecordingError when the file is something else and DamageError(0) when its header was changed.
    """
    try:
        raw = BufferedReader(path.open("rb", buffering=0), _BUFFER)
    except OSError as error:
        raise NotARecordingError(f"{path}: cannot be opened: {error.strerror or error}") from error
    try:
        compressed = raw.peek(4)[:4] == MAGIC_ZSTD
        file: BinaryIO = BufferedReader(Decompressed(raw), _BUFFER) if compressed else raw
        return Recording(path, file, raw, _read_header(path, file, compressed=compressed))
    except OSError as error:
        raw.close()
        raise NotARecordingError(f"{path}: cannot be read: {error.strerror or error}") from error
    except BaseException:  # whatever it was, nothing may stay open or half done
        raw.close()
        raise


def _read_header(path: Path, file: BinaryIO, *, compressed: bool) -> Header:
    line = file.readline(1 << 24)
    if compressed and line.endswith(BREAK):
        raise DamageError(0, "the compressed data is damaged before the end of the header")
    if sum(mark in line for mark in _HEADER_MARKS) < 4 and FORMAT.encode() not in line[:64]:
        raise NotARecordingError(f"{path}: not a perptape recording: the first line is not a recording header")
    try:
        header = msgspec.json.decode(line[BODY] + b"}", type=Header)
    except UNREADABLE as error:
        raise DamageError(0, f"the header was changed: {error}") from error
    if header.format == FORMAT and header.format_version > FORMAT_VERSION and header_line(header) == line:
        raise NotARecordingError(
            f"{path}: recording format {header.format_version} is newer than this release can read ({FORMAT_VERSION})"
        )
    if header_line(header) != line or header.format != FORMAT:
        raise DamageError(0, "hash mismatch: the header was changed")
    if header.format_version < 1 or header.first_version < 1:
        raise DamageError(
            0, f"a recording of format {header.format_version} cannot begin at version {header.first_version}"
        )
    genesis = genesis_hash(header.stream, header.nonce, bytes(header.trading), header.format_version)
    if header.first_version == 1 and header.previous_hash != genesis:
        raise DamageError(0, "the header's previous hash does not match its stream, nonce and settings")
    return header


def _fault(line: bytes, version: int) -> str:
    """What a line whose hash is wrong most likely suffered."""
    if not line.endswith(b"\n"):
        return "the recording is truncated inside this line"
    if line.startswith(b'{"version":') and not line.startswith(b'{"version":%d,' % version):
        found = line[11:31].split(b",")[0].decode(errors="replace")
        return f"expected version {version}, found {found!r}: a line was removed, added or moved"
    return "hash mismatch: the line was changed"
