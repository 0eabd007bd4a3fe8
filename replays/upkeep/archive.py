"""Archiving: sealed segments of a stream become compressed recordings, and leave the store once those are proved."""

from pathlib import Path
from urllib.parse import quote

from msgspec import Struct

from perptape.eventstore.errors import DamagedError, StreamNotFoundError
from perptape.eventstore.segment import Archived, Segment
from perptape.eventstore.store import EventStore
from perptape.replays.tape.errors import DamageError, SourceError
from perptape.replays.tape.reader import Progress, open_recording
from perptape.replays.upkeep.sealing import seal_and_continue
from perptape.replays.upkeep.transfer import export_stream


class ArchivedSegment(Struct, frozen=True):
    """A segment and the file that has its events now."""

    segment: str
    file: str
    first_version: int
    version: int
    """The last one."""
    last_hash: str
    sha256: str
    """Of the file."""


class ArchiveReport(Struct, frozen=True):
    """What was archived, now or earlier."""

    stream: str
    archived: list[ArchivedSegment]
    open_segment: str | None
    """The one that the stream goes on in; None when the last one is sealed."""


def archive_stream(
    store: EventStore,
    name: str,
    store_url: str,
    *,
    to: Path | None = None,
    seal: bool = False,
    progress: Progress | None = None,
) -> ArchiveReport:
    """Move every sealed segment of a stream into a file each; with `seal`, seal the open one first and continue it.

    Repeating it goes on where it was stopped. Raises SourceError, DamageError and EventStoreError.
    """
    folder = to or store.archives
    if folder is None:
        raise SourceError(
            "no archive folder: give --to FOLDER, or ?archives=FOLDER in the store's URL, where readers find it"
        )
    try:
        store.segments(name)
    except StreamNotFoundError as error:
        raise SourceError(f"{name}: the store has no such stream") from error
    if seal and not _just_begun(store.segments(name)[-1]):
        seal_and_continue(store, name, store_url, progress)
    segments = store.segments(name)
    archived = [_archived(store, segment, folder, progress) for segment in segments if segment.sealed]
    return ArchiveReport(name, archived, None if segments[-1].sealed else segments[-1].name)


def archive_name(segment: Segment) -> str:
    """The name of a segment's file: that of the stream, without anything that a file's name cannot have."""
    return f"{quote(segment.stream.name, safe=' ')}.{segment.number}.jsonl.zst"


def _just_begun(segment: Segment) -> bool:
    """Whether it has its opening only: sealing it again, after a kill perhaps, would gain nothing."""
    return segment.number > 1 and segment.stream.head.version == segment.stream.first_version


def _archived(store: EventStore, segment: Segment, folder: Path, progress: Progress | None) -> ArchivedSegment:
    path = folder / archive_name(segment)
    if segment.archive is None and not path.exists():
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SourceError(f"{folder}: cannot be created: {error.strerror}") from error
        export_stream(store, segment.name, path, progress, lambda scratch: _require_whole(scratch, segment))
    try:
        kept = store.archive(segment.name, path).archive
    except DamagedError as error:
        if segment.archive is None:
            raise SourceError(
                f"{path} already exists and is not the archive of {segment.name}: {error.reason}; "
                "move it out of the way, or name another folder with --to"
            ) from error
        raise
    return _told(segment, folder, kept)


def _require_whole(path: Path, segment: Segment) -> None:
    """Read the file as anybody would, and raise DamageError unless it is the whole segment."""
    last = b""
    with open_recording(path) as recording:
        for lines in recording.batches():
            last = lines[-1]
    head = segment.stream.head
    if head.hash not in last:
        raise DamageError(head.version, f"the archive of {segment.name} ends differently after reading it back")


def _told(segment: Segment, folder: Path, archived: Archived | None) -> ArchivedSegment:
    if archived is None:
        raise AssertionError(f"{segment.name} was archived a moment ago")
    file = Path(archived.file)
    return ArchivedSegment(
        segment=segment.name,
        file=str(file if file.is_absolute() else folder / file),
        first_version=archived.first_version,
        version=archived.version,
        last_hash=archived.hash.decode(),
        sha256=archived.sha256,
    )
