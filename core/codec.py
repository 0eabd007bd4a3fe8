"""The codec: events to canonical bytes and back. The only place where an event meets bytes.

A line's body is `{"version":…,"type":…,"schema":…,"at_ns":…,"cause":…,"data":{…}`, without the hash and the closing
brace. Figures behind the choice of msgspec and of these two paths are in docs/decisions/0002-codec.md.
"""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from types import NoneType, UnionType
from typing import Any, NamedTuple, Protocol, Union, get_args, get_origin

import msgspec

from core.canonical import canonical_json
from core.errors import CodecError
from core.events import DECISIONS, OBSERVATIONS, SCHEMA_VERSIONS, OpeningState
from core.ports import LogRecord

_ENCODE = msgspec.json.Encoder().encode
_PLUS = ord("+")
_TINY = Decimal("0.000001")
_HUGE = Decimal("1E+28")


class Line(Protocol):
    """One decoded line: the envelope, and the event as `data`. `type` and `schema` are those of the event."""

    version: int
    schema: int
    at_ns: int
    cause: int | None
    data: Any
    hash: str


def _decimal_fields(kind: type[Any]) -> dict[str, bool] | None:
    """The decimal fields of a flat event, and whether each may be None; None when decimals lie in inner types."""
    fields = {}
    for field in msgspec.structs.fields(kind):
        parts = get_args(field.type) if get_origin(field.type) in (Union, UnionType) else (field.type,)
        if Decimal in parts:
            fields[field.name] = NoneType in parts
        elif any(hasattr(part, "__struct_fields__") or get_origin(part) in (tuple, list, dict) for part in parts):
            return None
    return fields


def _is_plain(fields: dict[str, bool]) -> Callable[[Any], bool]:
    """Whether msgspec writes these decimals of an event in plain notation: all absent or between 1e-6 and 1e28.

    Smaller ones, zero and negative ones take the careful path, which also finds NaN, infinity and -0.
    """
    if not fields:
        return lambda _event: True
    terms = " and ".join(
        f"(event.{name} is None or tiny <= event.{name} < huge)" if optional else f"tiny <= event.{name} < huge"
        for name, optional in fields.items()
    )
    checker: Callable[[Any], bool] = eval(f"lambda event: {terms}", {"tiny": _TINY, "huge": _HUGE})
    return checker  # built from field names of this package only


class _Form(NamedTuple):
    """How one event type is written: the constant middle of its body, and whether its decimals are plain."""

    middle: bytes
    is_plain: Callable[[Any], bool] | None


def _form(kind: type[Any]) -> _Form:
    name = kind.__name__
    middle = f',"type":"{name}","schema":{SCHEMA_VERSIONS[name]},"at_ns":'.encode()
    if kind is OpeningState:
        return _Form(middle, _is_plain({}))
    fields = _decimal_fields(kind)
    return _Form(middle, None if fields is None else _is_plain(fields))


def _line_type(kind: type[Any]) -> type[Any]:
    """The line of one event type. Decoding checks that decisions name a cause and observations none."""
    fields = [
        ("version", int),
        ("schema", int),
        ("at_ns", int),
        ("cause", int if kind in DECISIONS else None),
        ("data", kind),
        ("hash", str),
    ]
    return msgspec.defstruct(
        f"{kind.__name__}Line", fields, tag=kind.__name__, tag_field="type", forbid_unknown_fields=True, gc=False
    )


_FORMS: dict[type[Any], _Form] = {kind: _form(kind) for kind in OBSERVATIONS + DECISIONS}
_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in OBSERVATIONS + DECISIONS}
_DATA_DECODERS: dict[str, Callable[[bytes], Any]] = {
    name: msgspec.json.Decoder(kind).decode for name, kind in _KINDS.items()
}
_LINE_DECODER: msgspec.json.Decoder[Line] = msgspec.json.Decoder(
    Union[tuple(_line_type(kind) for kind in OBSERVATIONS + DECISIONS)]  # noqa: UP007 - made at run time
)


def encode_data(event: Any) -> bytes:
    """The canonical JSON of an event's own fields. Raises NotMoneyError for NaN and infinity."""
    is_plain = _FORMS[type(event)].is_plain
    if is_plain is not None:
        try:
            if is_plain(event):
                data = _ENCODE(event)
                if _PLUS not in data:
                    return data
        except InvalidOperation:
            pass  # NaN: the careful path says so
    return canonical_json(event) if type(event) is not OpeningState else _ENCODE(event)


def log_record(event: Any, at_ns: int, cause: int | None) -> LogRecord:
    """The event as the log takes it."""
    name = type(event).__name__
    return LogRecord(name, SCHEMA_VERSIONS[name], at_ns, cause, encode_data(event))


def encode_body(version: int, event: Any, at_ns: int, cause: int | None) -> bytes:
    """The body of the event's line: canonical, so that equal events have equal bodies."""
    return b'{"version":%d%b%d,"cause":%b,"data":%b' % (
        version,
        _FORMS[type(event)].middle,
        at_ns,
        b"null" if cause is None else b"%d" % cause,
        encode_data(event),
    )


def decode_line(line: bytes) -> Line:
    """The event of a whole line. Raises CodecError when it is not one event of the vocabulary.

    Whether the line is canonical too is a matter of comparing it with `encode_body` of the answer.
    """
    try:
        return _LINE_DECODER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CodecError(str(error)) from error


def decode_lines(lines: list[bytes]) -> list[Line]:
    """The events of whole lines, as `decode_line` gives them one by one. Raises CodecError without saying which."""
    try:
        return _LINE_DECODER.decode_lines(b"".join(lines))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CodecError(str(error)) from error


def decode_data(type_name: str, schema: int, data: bytes) -> Any:
    """The event of this type from its canonical JSON. Raises CodecError."""
    decode = _DATA_DECODERS.get(type_name)
    if decode is None:
        raise CodecError(f"event type {type_name!r} is not in the vocabulary of this release")
    if schema != SCHEMA_VERSIONS[type_name]:
        raise CodecError(f"{type_name} has schema {schema}; this release knows schema {SCHEMA_VERSIONS[type_name]}")
    try:
        return decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CodecError(f"{type_name}: {error}") from error


def is_observation_type(name: str) -> bool:
    """Whether this event type is an observation."""
    return _KINDS.get(name) in OBSERVATIONS


def published_schema() -> dict[str, Any]:
    """JSON Schema of every event's data, by type name."""
    _, components = msgspec.json.schema_components(tuple(_KINDS.values()), ref_template="#/$defs/{name}")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "perptape events", "$defs": components}
