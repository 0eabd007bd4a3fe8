"""The codec: events to canonical bytes and back. The only place where an event meets bytes.

A line's body is `{"version":…,"type":…,"schema":…,"at_ns":…,"cause":…,"data":{…}`, without the hash and the closing
brace. Figures behind the choice of msgspec and of these two paths are in docs/decisions/0002-codec.md.

Events of earlier schemas are brought to today's when they are read: only after the decoder of today's has refused them,
so that they cost nothing where there are none. docs/decisions/0009-upcasting.md tells more.
"""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, Protocol, Union, get_args, get_origin

import msgspec

from perptape.core.canonical import canonical_json, leaves_out, means_the_same
from perptape.core.errors import CodecError, NewerSchemaError
from perptape.core.events import DECISIONS, OBSERVATIONS, SCHEMA_VERSIONS, OpeningState
from perptape.core.events.reason import Reason
from perptape.core.events.upcasters import UPCASTERS
from perptape.core.ports import LogRecord
from perptape.eventstore.errors import UnknownSchemaError
from perptape.eventstore.upcasting import Upcasting

_ENCODE = msgspec.json.Encoder().encode
_PLUS = ord("+")
_TINY = Decimal("0.000001")
_HUGE = Decimal("1E+28")


class Line(Protocol):
    """One decoded line: the envelope, and the event as `data`, in today's form."""

    version: int
    schema: int
    """The one in which the event was written: below today's if it was upcast."""
    at_ns: int
    cause: int | None
    data: Any
    hash: str


def _plain_terms(kind: type[Any]) -> list[str] | None:
    """What must hold of an event's decimals so that msgspec writes them plainly; None when they lie in inner types."""
    terms = []
    for field in msgspec.structs.fields(kind):
        parts = get_args(field.type) if get_origin(field.type) in (Union, UnionType) else (field.type,)
        if Decimal in parts:
            absent = f"event.{field.name} is None or " if NoneType in parts else ""
            terms.append(f"({absent}tiny <= event.{field.name} < huge)")
        elif Reason in parts:
            terms.append(f"numbers_are_plain(event.{field.name})")
        elif any(hasattr(part, "__struct_fields__") or get_origin(part) in (tuple, list, dict) for part in parts):
            return None
    return terms


def _numbers_are_plain(reason: Reason | None) -> bool:
    while reason is not None:
        for number in reason.numbers.values():
            if not _TINY <= number < _HUGE:
                return False
        reason = reason.because
    return True


def _is_plain(terms: list[str]) -> Callable[[Any], bool]:
    """Whether msgspec writes the decimals of an event in plain notation: all absent or between 1e-6 and 1e28.

    Smaller ones, zero and negative ones take the careful path, which also finds NaN, infinity and -0.
    """
    if not terms:
        return lambda _event: True
    names = {"tiny": _TINY, "huge": _HUGE, "numbers_are_plain": _numbers_are_plain}
    checker: Callable[[Any], bool] = eval(f"lambda event: {' and '.join(terms)}", names)
    return checker  # built from field names of this package only


class _Form(NamedTuple):
    """How one event type is written: the constant middle of its body, and whether its decimals are plain."""

    middle: bytes
    is_plain: Callable[[Any], bool] | None


def _form(kind: type[Any]) -> _Form:
    name = kind.__name__
    middle = f',"type":"{name}","schema":{SCHEMA_VERSIONS[name]},"at_ns":'.encode()
    if kind is OpeningState:
        return _Form(middle, _is_plain([]))
    terms = _plain_terms(kind)
    return _Form(middle, None if terms is None else _is_plain(terms))


def _line_type(kind: type[Any]) -> type[Any]:
    """The line of one event type in today's schema. Decoding checks that decisions name a cause, observations none."""
    fields = [
        ("version", int),
        ("schema", Literal[SCHEMA_VERSIONS[kind.__name__]]),
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
_LINES: dict[str, type[Any]] = {name: _line_type(kind) for name, kind in _KINDS.items()}
_LINE_DECODER: msgspec.json.Decoder[Line] = msgspec.json.Decoder(
    Union[tuple(_LINES.values())]  # noqa: UP007 - made at run time
)
_UPCASTING = Upcasting(UPCASTERS)


class _Written(msgspec.Struct, forbid_unknown_fields=True):
    """A line of any schema, its fields in the order in which they are written."""

    version: int
    type: str
    schema: int
    at_ns: int
    cause: int | None
    data: dict[str, Any]
    hash: str


_WRITTEN_DECODER = msgspec.json.Decoder(_Written)


def encode_data(event: Any) -> bytes:
    """The canonical JSON of an event's own fields. Raises NotMoneyError for NaN and infinity."""
    return _encode(event, _FORMS[type(event)])


def _encode(event: Any, form: _Form) -> bytes:
    if form.is_plain is not None:
        try:
            if form.is_plain(event):
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
    form = _FORMS[type(event)]
    return b'{"version":%d%b%d,"cause":%b,"data":%b' % (
        version,
        form.middle,
        at_ns,
        b"null" if cause is None else b"%d" % cause,
        _encode(event, form),
    )


def decode_line(line: bytes) -> Line:
    """The event of a whole line. Raises CodecError when it is not one event of the vocabulary.

    Whether the line is in canonical form too, `is_canonical` says.
    """
    try:
        return _LINE_DECODER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        return _decode_earlier(line, error)


def decode_lines(lines: list[bytes]) -> list[Line]:
    """The events of whole lines, as `decode_line` gives them one by one. Raises CodecError without saying which."""
    try:
        return _LINE_DECODER.decode_lines(b"".join(lines))
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return [decode_line(line) for line in lines]


def decode_data(type_name: str, schema: int, data: bytes) -> Any:
    """The event of this type from its canonical JSON, in today's form. Raises CodecError."""
    decode = _DATA_DECODERS.get(type_name)
    if decode is None:
        raise CodecError(f"unknown event type {type_name!r}")
    try:
        if schema != SCHEMA_VERSIONS[type_name]:
            return _upcast(type_name, schema, msgspec.json.decode(data, type=dict[str, Any]))
        return decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CodecError(f"{type_name}: {error}") from error


def is_canonical(body: bytes, event: Line) -> bool:
    """Whether the body of the event's line is exactly as the release that wrote it should have written it.

    A field that was added to its type since may be missing. A line of an earlier schema is judged by its envelope, and
    by its data once they are upcast: they have to be today's canonical form, digit by digit. Raises NotMoneyError.
    """
    today = encode_body(event.version, event.data, event.at_ns, event.cause)
    if today == body:
        return True
    name = type(event.data).__name__
    if event.schema == SCHEMA_VERSIONS[name]:
        return leaves_out(body + b"}", today + b"}")
    written: dict[str, Any] = msgspec.json.decode(body + b"}")
    return (
        (*written, "hash") == _Written.__struct_fields__
        and _ENCODE(written)[:-1] == body
        and means_the_same(
            _UPCASTING.upcast(name, event.schema, written["data"]), msgspec.json.decode(encode_data(event.data))
        )
    )


def _decode_earlier(line: bytes, refusal: Exception) -> Line:
    """The event of a line in another schema than today's; of any other line the refusal, as CodecError."""
    try:
        written = _WRITTEN_DECODER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise CodecError(str(refusal)) from refusal
    name = written.type
    if written.schema == SCHEMA_VERSIONS.get(name, written.schema):
        raise CodecError(str(refusal)) from refusal
    event = _upcast(name, written.schema, written.data)
    if (written.cause is None) == (_KINDS[name] in DECISIONS):
        raise CodecError(f"a decision names its cause and an observation none: {name} with cause {written.cause}")
    line_type = _LINES[name]
    earlier: Line = line_type(
        version=written.version,
        schema=written.schema,
        at_ns=written.at_ns,
        cause=written.cause,
        data=event,
        hash=written.hash,
    )
    return earlier


def _upcast(type_name: str, schema: int, data: dict[str, Any]) -> Any:
    """The event in today's form, from its data in another schema. Raises NewerSchemaError and CodecError."""
    try:
        return _DATA_DECODERS[type_name](_ENCODE(_UPCASTING.upcast(type_name, schema, data)))
    except UnknownSchemaError as error:
        raise (NewerSchemaError if schema > error.current else CodecError)(str(error)) from error
    except Exception as error:  # an upcaster takes what was recorded: whatever it fails on is none of it
        what = f"{type(error).__name__}: {error}"
        raise CodecError(f"{type_name} of schema {schema} cannot be upcast: {what}") from error


def events_schema() -> dict[str, Any]:
    """JSON Schema of every event's data, by type name."""
    _, components = msgspec.json.schema_components(tuple(_KINDS.values()), ref_template="#/$defs/{name}")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "perptape events", "$defs": components}
