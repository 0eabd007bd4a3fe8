"""The bytes of a market file: plain, or the one member of a `.zip` or `.gz`, told by magic bytes."""

import gzip
import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple, cast

from perptape.core.edge.market.errors import MarketFileError

_GZIP_MAGIC = b"\x1f\x8b"
_ZIP_MAGIC = b"PK\x03\x04"
_EMPTY_ZIP_MAGIC = b"PK\x05\x06"
_RESTORE = "fetch or copy the file again"

DAMAGED_ARCHIVE = (EOFError, zipfile.BadZipFile, zlib.error, gzip.BadGzipFile, NotImplementedError)
"""What the standard library raises for a truncated, altered or unsupported archive, whenever it notices."""


class Content(NamedTuple):
    """Where a file's payload is.

    `member` names it inside a zip; `names` are the names it goes by, innermost first: member, file, two folders.
    `sha256` is the hexadecimal digest of the file as it lies there.
    """

    path: Path
    wrapping: str
    member: str
    names: tuple[str, ...]
    sha256: str


def find_content(path: Path) -> Content:
    """Look at a file's first bytes and say how to reach its payload. Raises MarketFileError."""
    try:
        with path.open("rb") as file:
            magic = file.read(4)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise MarketFileError(path, "there is no such file", "check the path") from None
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        raise MarketFileError(path, problem, "check the path and its permissions") from None
    if not magic:
        raise MarketFileError(path, "the file is empty", _RESTORE)
    outer = (path.name, path.parent.name, path.parent.parent.name)
    if magic.startswith((_ZIP_MAGIC, _EMPTY_ZIP_MAGIC)):
        member = _only_member(path)
        return Content(path, "zip", member, (Path(member).name, *outer), digest)
    if magic.startswith(_GZIP_MAGIC):
        return Content(path, "gzip", "", outer, digest)
    return Content(path, "plain", "", outer, digest)


@contextmanager
def opened(content: Content) -> Iterator[IO[bytes]]:
    """The payload as a binary stream; archive damage met while it is open becomes a `MarketFileError`."""
    try:
        if content.wrapping == "zip":
            with zipfile.ZipFile(content.path) as archive, archive.open(content.member) as stream:
                yield stream
        elif content.wrapping == "gzip":
            with gzip.open(content.path, "rb") as inflated:
                yield cast("IO[bytes]", inflated)
        else:
            with content.path.open("rb") as stream:
                yield stream
    except DAMAGED_ARCHIVE as error:
        problem = f"the {content.wrapping} archive is truncated or damaged ({error})"
        raise MarketFileError(content.path, problem, _RESTORE) from error
    except OSError as error:
        raise MarketFileError(content.path, f"cannot be read ({error})", _RESTORE) from error


def _only_member(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if _is_payload(info)]
    except (*DAMAGED_ARCHIVE, OSError) as error:
        raise MarketFileError(path, f"the zip archive is truncated or damaged ({error})", _RESTORE) from error
    if len(infos) != 1:
        shown = ", ".join(info.filename for info in infos[:5]) or "none"
        problem = f"the zip archive holds {len(infos)} files ({shown}), not one"
        raise MarketFileError(path, problem, "unpack it and give the files one by one")
    if infos[0].flag_bits & 1:
        raise MarketFileError(path, "the zip archive is encrypted", "unpack it first")
    return infos[0].filename


def _is_payload(info: zipfile.ZipInfo) -> bool:
    # Archivers on some desktops add resource forks and folder entries that nobody means to read.
    name = info.filename
    return not info.is_dir() and not name.startswith("__MACOSX/") and not name.endswith(".DS_Store")
