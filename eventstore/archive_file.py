"""Archived events, read from their file: header line, one line per event (`perptape.eventstore.envelope`), trailer.

The file may be compressed with zstd. Its SHA-256 is in the store, so that what is read is what was archived.
"""

import re
from collections.abc import Iterator
from hashlib import file_digest
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

import zstandard

from perptape.eventstore.envelope import Envelope
from perptape.eventstore.errors import ArchiveMissingError, DamagedError, NotSealedError
from perptape.eventstore.segment import Archived, Segment, segment_name
from perptape.eventstore.verification import verify_envelopes

_HEAD = re.compile(
    rb'\{"version":([0-9]+),"type":"([^"]+)","schema":([0-9]+),"at_ns":([0-9]+),"cause":(null|[0-9]+),"data":'
)
_TAIL = len(b',"hash":"') + 64 + len(b'"}\n')
_TRAILER = b'{"last_version":'
_BUFFER = 1 << 20


def place_of_archive(folder: Path | None, file: str) -> Path:
    """Where the file is: an absolute path is taken by its word, or else by its name within the folder."""
    path = Path(file)
    if folder is None or (path.is_absolute() and path.exists()):
        return path
    return folder / (path.name if path.is_absolute() else path)


def name_of_archive(folder: Path | None, path: Path) -> str:
    """What the store remembers of the file: its path within the folder, or an absolute one when it lies elsewhere."""
    absolute = path.absolute()
    if folder is not None and absolute.is_relative_to(folder.absolute()):
        return absolute.relative_to(folder.absolute()).as_posix()
    return str(absolute)


def archive_of(folder: Path | None, segment: Segment, path: Path) -> Archived:
    """The file as the segment's archive, read whole. Raises NotSealedError, ArchiveMissingError and DamagedError."""
    if not segment.sealed:
        raise NotSealedError(segment.name)
    stream = segment.stream
    before, head = stream.first_version - 1, stream.head
    found = verify_envelopes(stream, archived_envelopes(stream.name, before + 1, path, before, head.version))
    if found.first_bad is not None:
        version, reason = found.first_bad
        raise DamagedError(segment.name, version, f"in the file {path}, {reason}; nothing was archived")
    digest = archive_digest(segment.name, path)
    return Archived(segment.number, before + 1, head.version, head.hash, name_of_archive(folder, path), digest)


def require_archive(folder: Path | None, stream: str, archived: Archived) -> Path:
    """The path of a segment's archive. Raises ArchiveMissingError and, when it is another file, DamagedError."""
    path = place_of_archive(folder, archived.file)
    found = archive_digest(segment_name(stream, archived.number), path)
    if found != archived.sha256:
        raise DamagedError(
            stream,
            archived.first_version,
            f"its archive {path} was changed (SHA-256 {found[:16]}…, expected {archived.sha256[:16]}…); "
            "restore that file from a backup",
        )
    return path


def archive_digest(segment: str, path: Path) -> str:
    """SHA-256 of the file. Raises ArchiveMissingError."""
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ArchiveMissingError(segment, str(path), error.strerror or str(error)) from error


def archived_envelopes(stream: str, first_version: int, path: Path, after: int, upto: int) -> Iterator[Envelope]:
    """The events after a version, up to another, of a file that begins at `first_version`.

    Raises DamagedError where a line is none or missing, and ArchiveMissingError.
    """
    version = first_version - 1
    try:
        with path.open("rb") as raw, _content(raw, path) as lines:
            lines.readline()
            for line in lines:
                if version >= upto or line.startswith(_TRAILER):
                    break
                version += 1
                if version > after:
                    yield _envelope(stream, version, line)
    except zstandard.ZstdError as error:
        raise DamagedError(stream, version + 1, f"the archive {path} is incomplete: {error}") from error
    except OSError as error:
        raise ArchiveMissingError(stream, str(path), error.strerror or str(error)) from error
    if version < upto:
        raise DamagedError(stream, version + 1, f"it is missing from the archive {path}")


def _content(raw: BinaryIO, path: Path) -> BufferedReader:
    if path.suffix != ".zst":
        return BufferedReader(raw, _BUFFER)  # type: ignore[arg-type]  # a file is what it says it is
    return BufferedReader(zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True), _BUFFER)


def _envelope(stream: str, version: int, line: bytes) -> Envelope:
    head = _HEAD.match(line)
    if head is None or line[-_TAIL : -_TAIL + 9] != b',"hash":"':
        raise DamagedError(stream, version, "its line in the archive is not an event")
    found, kind, schema, at_ns, cause = head.groups()
    return Envelope(
        int(found),
        kind.decode(),
        int(schema),
        int(at_ns),
        None if cause == b"null" else int(cause),
        line[head.end() : -_TAIL],
        line[-_TAIL + 9 : -3],
    )
