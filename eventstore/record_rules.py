"""What a record must be, so that its line is one line of JSON with nothing else in it."""

import re
from collections.abc import Sequence
from functools import lru_cache

from perptape.eventstore.envelope import RecordLike
from perptape.eventstore.errors import InvalidRecordError
from perptape.eventstore.place import MAX_VERSION

_TYPE = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]*")
_INT64_MAX = 2**63 - 1
_INT32_MAX = 2**31 - 1
_MANY = 3
_OPENING, _CLOSING = b"{}"


def check_records(version: int, records: Sequence[RecordLike]) -> None:
    """Raise InvalidRecordError unless the records make lines after `version`.

    Good records are known by looking at them all at once, which takes a third of the time of looking at each; but for
    a few, which the store is given most often, it takes more.
    """
    if len(records) < _MANY or not _all_plainly_good(version, records):
        for at, record in enumerate(records, version + 1):
            check_record(at, record)


def check_record(version: int, record: RecordLike) -> None:
    """Raise InvalidRecordError unless the record makes a line at this version.

    Whether `data` is well-formed JSON inside its braces is its writer's business: parsing it would cost more than
    storing it.
    """
    kind, schema, at_ns, cause, data = record
    if version > MAX_VERSION:
        problem = f"no stream goes beyond version {MAX_VERSION}; continue it in a new one"
    elif not _is_type(kind):
        problem = f"type {kind!r} is not a name of letters, digits, '_', '.' and '-'"
    elif not 0 < schema <= _INT32_MAX:
        problem = f"schema {schema} is not a positive number of at most 31 bits"
    elif not 0 <= at_ns <= _INT64_MAX:
        problem = f"at_ns {at_ns} does not fit into 63 bits"
    elif cause is not None and not 0 < cause < version:
        problem = f"cause {cause} is not an earlier version"
    elif data[:1] != b"{" or data[-1:] != b"}" or b"\n" in data or b"\r" in data:
        problem = f"data is not one JSON object on one line: {data[:40]!r}"
    elif not data.isascii() and not _is_utf8(data):
        problem = f"data is not UTF-8: {data[:40]!r}"
    else:
        return
    raise InvalidRecordError(version, problem)


def _all_plainly_good(version: int, records: Sequence[RecordLike]) -> bool:
    """Whether every record follows the rules; False also for some that do, such as data beyond ASCII."""
    kinds, schemas, times, causes, datas = zip(*records, strict=True)
    text = b"".join(datas)
    return (
        version + len(records) <= MAX_VERSION
        and all(map(_is_type, set(kinds)))
        and 0 < min(schemas) <= max(schemas) <= _INT32_MAX
        and 0 <= min(times) <= max(times) <= _INT64_MAX
        and (
            causes.count(None) == len(causes)
            or all(cause is None or 0 < cause < at for at, cause in enumerate(causes, version + 1))
        )
        and b"" not in datas
        and all([data[0] == _OPENING and data[-1] == _CLOSING for data in datas])  # noqa: C419 - half the time
        and b"\n" not in text
        and b"\r" not in text
        and text.isascii()
    )


@lru_cache(maxsize=1024)
def _is_type(kind: str) -> bool:
    return _TYPE.fullmatch(kind) is not None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
