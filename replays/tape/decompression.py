"""Reading a compressed recording as if it were not."""

from io import BytesIO, RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import zstandard

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAGIC_ZSTD = b"\x28\xb5\x2f\xfd"
BREAK = b"\0"
"""What stands where the compressed bytes are broken, cut or followed by others: no line of a recording holds it."""
_PIECE = 512
"""Compressed bytes taken at a time. What a piece holds before a break in it is lost, so pieces are small."""


def whole_content(path: Path) -> bytes:
    """All bytes of a small recording, compressed or not. Raises OSError."""
    content = path.read_bytes()
    return Decompressed(BytesIO(content)).readall() if content.startswith(MAGIC_ZSTD) else content


class Decompressed(RawIOBase):
    """The content of a zstd file, of one frame or several.

    Damage does not raise: the content up to it is given, then `BREAK`, then nothing, so that it is found at the line
    where it lies, like damage to a file that is not compressed.
    """

    def __init__(self, raw: BinaryIO) -> None:
        super().__init__()
        self._raw = raw
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._ready = memoryview(b"")
        self._broken = False

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fill the buffer with what comes next; 0 at the end."""
        while not self._ready:
            content = self._next()
            if content is None:
                return 0
            self._ready = memoryview(content)
        target = memoryview(buffer).cast("B")
        count = min(len(target), len(self._ready))
        target[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _next(self) -> bytes | None:
        """Some more content, perhaps none yet; None at the end."""
        if self._broken:
            return None
        ended = self._frame.eof
        compressed = (self._frame.unused_data if ended else b"") or self._raw.read(_PIECE)
        if not compressed:
            return None if ended else self._break()
        if ended:
            self._frame = zstandard.ZstdDecompressor().decompressobj()
        try:
            return self._frame.decompress(compressed)
        except zstandard.ZstdError:
            return self._break()

    def _break(self) -> bytes:
        self._broken = True
        return BREAK
