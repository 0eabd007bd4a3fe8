"""Reading a stream whose sealed segments may lie in archives: from the database or from a file, in one go.

A segment can be archived while somebody reads it. Its events are deleted only once the archive is known, so a reader
that misses one looks again where they are now.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from perptape.eventstore.archive_file import archived_envelopes, require_archive
from perptape.eventstore.by_time import events_between, version_not_later
from perptape.eventstore.envelope import Envelope
from perptape.eventstore.errors import DamagedError
from perptape.eventstore.reading import PAGE, Source, pages, version_outside, whole_pages, whole_pages_back
from perptape.eventstore.segment import Archived
from perptape.eventstore.segment_rows import find_archives
from perptape.eventstore.stream import Stream
from perptape.eventstore.verification import FirstBad, Verification, verify_envelopes

BACKWARD = 50_000
"""Archived events held at a time when reading backwards: an archive is read forwards only, once for each so many."""


class Span(NamedTuple):
    """Events after one version up to another that all lie in one place."""

    after: int
    upto: int
    archive: Archived | None
    """None for the database."""


class SpanningReader(NamedTuple):
    """Reads one stream. `folder` is where archives lie."""

    source: Source
    folder: Path | None

    def read(self, after: int, upto: int) -> Iterator[Envelope]:
        """The events after a version, up to another. Raises ArchiveMissingError and DamagedError before the first."""
        archives = self._archives()
        self._require(_overlapping(archives, after, upto))
        return self._forward(archives, after, upto)

    def read_backward(self, before: int, down_to: int) -> Iterator[Envelope]:
        """The events before a version, newest first, down to another one."""
        archives = self._archives()
        self._require(_overlapping(archives, down_to - 1, before - 1))
        return self._backward(archives, down_to - 1, before - 1)

    def version_at(self, after: int, upto: int, at_ns: int) -> int | None:
        """The last version whose `at_ns` is not later."""
        for span in reversed(_spans(self._archives(), after, upto)):
            if span.archive is None:
                version = version_not_later(self.source, span.after, span.upto, at_ns)
            else:
                version = max((one.version for one in self._archived(span) if one.at_ns <= at_ns), default=None)
            if version is not None:
                return version
        return None

    def between(self, after: int, upto: int, from_ns: int, to_ns: int) -> Iterator[Envelope]:
        """The events at a time or later and before another one."""
        for span in _spans(self._archives(), after, upto):
            if span.archive is None:
                yield from events_between(self.source, span.after, span.upto, from_ns, to_ns)
            else:
                yield from (one for one in self._archived(span) if from_ns <= one.at_ns < to_ns)

    def verify(self, stream: Stream, whole: Callable[[], Stream]) -> Verification:
        """Compute the chain again from one end to the other. `whole` tells how far the stream goes once that is done.

        Raises ArchiveMissingError.
        """
        before = stream.first_version - 1
        archives = self._archives()
        try:
            self._require(_overlapping(archives, before, stream.head.version))
            found = verify_envelopes(stream, self._whatever_is_there(archives, before, stream.head.version))
        except DamagedError as damage:
            return Verification(max(damage.version - before - 1, 0), FirstBad(damage.version, damage.reason))
        if not found.ok:
            return found if self._archives() == archives else self.verify(stream, whole)
        # The head may have moved on since: what counts is that the bounds and the events agree now.
        now = whole()
        with self.source.database.reading() as connection:
            outside = version_outside(connection, self.source.stream_id, now.first_version, now.head.version)
        if outside is None:
            return found
        reason = f"it is outside the stream, {stream.first_version} to {stream.head.version}"
        return Verification(found.events, FirstBad(outside, reason))

    def _forward(self, archives: list[Archived], after: int, upto: int) -> Iterator[Envelope]:
        while after < upto:
            span = _spans(archives, after, upto)[0]
            if span.archive is not None:
                yield from self._archived(span)
                after = span.upto
                continue
            try:
                for page in self._stored(after, span.upto):
                    yield from page
                    after = min(after + PAGE, span.upto)
            except DamagedError as damage:
                archives = self._archived_since(archives, damage)

    def _backward(self, archives: list[Archived], after: int, upto: int) -> Iterator[Envelope]:
        while after < upto:
            span = _spans(archives, after, upto)[-1]
            if span.archive is not None:
                first = max(upto - BACKWARD, span.after)
                yield from reversed(list(self._archived(span._replace(after=first))))
                upto = first
                continue
            try:
                for page in whole_pages_back(self.source, upto + 1, span.after + 1):
                    yield from page
                    upto = max(upto - PAGE, span.after)
            except DamagedError as damage:
                archives = self._archived_since(archives, damage)

    def _whatever_is_there(self, archives: list[Archived], after: int, upto: int) -> Iterator[Envelope]:
        for span in _spans(archives, after, upto):
            if span.archive is None:
                yield from chain.from_iterable(pages(self.source, span.after, span.upto))
            else:
                yield from self._archived(span)

    def _stored(self, after: int, upto: int) -> Iterator[Iterator[Envelope]]:
        return whole_pages(self.source, after, upto)

    def _archived(self, span: Span) -> Iterator[Envelope]:
        if span.archive is None:
            raise AssertionError("this span is in the database")
        path = require_archive(self.folder, self.source.stream, span.archive)
        return archived_envelopes(self.source.stream, span.archive.first_version, path, span.after, span.upto)

    def _archived_since(self, archives: list[Archived], damage: DamagedError) -> list[Archived]:
        """The archives as they are now. Raises the damage unless the missing version is in one of them."""
        now = self._archives()
        if now == archives or not _overlapping(now, damage.version - 1, damage.version):
            raise damage
        return now

    def _archives(self) -> list[Archived]:
        with self.source.database.reading() as connection:
            return find_archives(connection, self.source.stream_id)

    def _require(self, archives: list[Archived]) -> None:
        for archive in archives:
            require_archive(self.folder, self.source.stream, archive)


def _overlapping(archives: list[Archived], after: int, upto: int) -> list[Archived]:
    return [one for one in archives if one.first_version <= upto and one.version > after]


def _spans(archives: list[Archived], after: int, upto: int) -> list[Span]:
    """What lies where between two versions, in order."""
    spans = []
    for archive in _overlapping(archives, after, upto):
        if archive.first_version - 1 > after:
            spans.append(Span(after, archive.first_version - 1, None))
            after = archive.first_version - 1
        spans.append(Span(after, min(archive.version, upto), archive))
        after = min(archive.version, upto)
    return [*spans, Span(after, upto, None)] if after < upto else spans
