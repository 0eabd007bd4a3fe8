"""Events as lines of the tape, for tests of the codec."""

from decimal import Decimal
from typing import Any

import pytest

from perptape.core.codec import decode_line, encode_body
from perptape.core.events import DECISIONS, OBSERVATIONS, Decision, QuoteUpdated

KINDS = OBSERVATIONS + DECISIONS
every_kind = pytest.mark.parametrize("kind", KINDS, ids=[kind.__name__ for kind in KINDS])
HASH = "0" * 64
QUOTE = QuoteUpdated(
    seq=5,
    symbol="BTC-PERP",
    bid=Decimal("99.50"),
    bid_size=Decimal("1E+1"),
    ask=Decimal(100),
    ask_size=Decimal("1E-8"),
    venue_at_ns=6,
)


def cause_of(event: Any) -> int | None:
    """The cause that the event's line names: 3 for a decision; an observation has none."""
    return 3 if isinstance(event, Decision) else None


def body_of(event: Any, version: int = 7) -> bytes:
    """The body of the event's line, at one time for all."""
    return encode_body(version, event, 1_700_000_000_000_000_000, cause_of(event))


def line(body: bytes) -> bytes:
    """The whole line of a body."""
    return body + f',"hash":"{HASH}"}}'.encode()


def written_again(whole: bytes) -> bytes:
    """The line as this release would write it."""
    read = decode_line(whole)
    return line(encode_body(read.version, read.data, read.at_ns, read.cause))
