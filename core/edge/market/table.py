"""A market file as a table of text cells, whatever its encoding.

Cells are text so that every number reaches `Decimal` as the file wrote it; binary floats come as their shortest
round-trip text.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from io import TextIOWrapper
from typing import IO, NamedTuple

from perptape.core.edge.market.content import Content, opened
from perptape.core.edge.market.delimited import read_delimited
from perptape.core.edge.market.errors import MarketFileError
from perptape.core.edge.market.feather import COLUMNAR_MAGICS, read_columnar
from perptape.core.edge.market.json_rows import read_json

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_SNIFFED_BYTES = 4096


class Table(NamedTuple):
    """The rows of a file, to be read once: pairs of a row's number (counted in `unit`) and its cells."""

    unit: str
    header: tuple[str, ...] | None
    rows: Iterator[tuple[int, Sequence[str]]]


@contextmanager
def open_table(content: Content) -> Iterator[Table]:
    """The table in a file's payload, its encoding told by the first bytes. Raises MarketFileError."""
    with opened(content) as stream:
        head = stream.read(_SNIFFED_BYTES)
    if not head.strip():
        raise MarketFileError(content.path, "the file is empty", "fetch or copy the file again")
    text = head.removeprefix(_BYTE_ORDER_MARK).lstrip()
    header: tuple[str, ...] | None
    with opened(content) as stream, ExitStack() as held:
        if head.startswith(COLUMNAR_MAGICS):
            header, rows = read_columnar(stream, content.path)
            unit = "row"
        elif text.startswith((b"{", b"[")):
            unit, header, rows = read_json(held.enter_context(_text(stream)), content.path)
        else:
            header, rows = read_delimited(held.enter_context(_text(stream)), content.path)
            unit = "line"
        with closing(rows):
            yield Table(unit, header, rows)


def _text(stream: IO[bytes]) -> TextIOWrapper:
    return TextIOWrapper(stream, encoding="utf-8-sig", newline="")
