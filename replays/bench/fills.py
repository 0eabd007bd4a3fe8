"""The work of the store benchmarks: order fills of about 250 bytes of JSON, in one stream."""

from functools import cache

from perptape.eventstore.chain import genesis_hash, link
from perptape.eventstore.envelope import Record, body

STREAM = "bench"
NONCE = "bench"
FORMAT = "perptape-recording/1"


@cache
def fills(count: int) -> tuple[Record, ...]:
    """The records, as the log hands them to the store."""
    return tuple(Record("OrderFilled", 1, 1_700_000_000_000_000_000 + n, None, _fill(n)) for n in range(count))


def _fill(number: int) -> bytes:
    return (
        b'{"seq":%d,"fill_id":"sim-fill-%08d","client_order_id":"%032x","venue_order_id":"sim-order-%08d",'
        b'"symbol":"BTC-PERP","side":"buy","price":"50%03d.%d","size":"0.0%03d","fee":"0.%08d","liquidity":"taker",'
        b'"venue_at_ns":%d}'
    ) % (
        number + 1,
        number,
        number * 7919**6,
        number,
        number % 1000,
        number % 10,
        number % 999 + 1,
        number % 99_999_999,
        1_700_000_000_000_000_000 + number,
    )


@cache
def rows(count: int) -> tuple[tuple[int, bytes], ...]:
    """The same events as the floor stores them: version and the whole line, chained once, outside the measurement."""
    lines = []
    previous = genesis_hash(FORMAT, STREAM, NONCE)
    for version, record in enumerate(fills(count), 1):
        text = body(version, record)
        previous = link(previous, text)
        lines.append((version, text + b',"hash":"' + previous + b'"}'))
    return tuple(lines)
