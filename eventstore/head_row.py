"""A row of the table `heads`, and what an append may do after it: the same rules on every database."""

from collections.abc import Sequence
from typing import NamedTuple

from perptape.eventstore.envelope import EnvelopeLike, RecordLike
from perptape.eventstore.errors import ConflictError, FencedError, SealedError
from perptape.eventstore.linking import linked
from perptape.eventstore.stream import Head


class HeadRow(NamedTuple):
    """Where a stream ends, and which one it is."""

    stream_id: int
    version: int
    hash: bytes
    epoch: int
    sealed: bool = False
    """Whether nothing may follow any more. SQLite says so with 0 and 1."""

    def takes(self, expected_version: int, epoch: int | None) -> bool:
        """Whether an append with these expectations may follow."""
        return expected_version == self.version and epoch in {None, self.epoch}

    def envelopes(
        self, name: str, expected_version: int, records: Sequence[RecordLike], epoch: int | None
    ) -> list[EnvelopeLike]:
        """The records as envelopes after this head.

        Raises SealedError, FencedError, ConflictError (for a repeated append, too) and InvalidRecordError.
        """
        if self.sealed:
            raise SealedError(name, self.version, None)
        if epoch is not None and epoch != self.epoch:
            raise FencedError(name, epoch, self.epoch)
        if expected_version != self.version:
            raise ConflictError(name, expected_version, self.version)
        return linked(self.hash, self.version, records)

    def after(self, last: EnvelopeLike) -> "HeadRow":
        """The row once the stream ends with this envelope."""
        return HeadRow(self.stream_id, last[0], last[-1], self.epoch, self.sealed)

    def head(self) -> Head:
        """The head, as callers of a store know it."""
        return Head(self.version, self.hash, self.epoch)
