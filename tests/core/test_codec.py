"""Equal bytes for equal facts: every event is written in one way, and read back as it was."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perptape.core.canonical import canonical_json
from perptape.core.codec import (
    decode_data,
    decode_line,
    decode_lines,
    encode_body,
    encode_data,
    events_schema,
    log_record,
)
from perptape.core.errors import CodecError
from perptape.core.events import (
    DECISIONS,
    OBSERVATIONS,
    SCHEMA_VERSIONS,
    OpeningState,
    OrderRequested,
    TimerCanceled,
    TransferRecorded,
)
from tests.core.events.any_event import plainly_written, values
from tests.core.events.written import HASH, KINDS, QUOTE, body_of, cause_of, every_kind, line, written_again

VERSIONS = st.integers(1, 2**53)
TIMES = st.integers(0, 2**62)


@every_kind
@settings(max_examples=40)
@given(st.data(), VERSIONS, TIMES, VERSIONS)
def test_a_line_reads_back_as_it_was_written(
    kind: type[Any], data: st.DataObject, version: int, at_ns: int, asked: int
) -> None:
    event = data.draw(values(kind))
    cause = asked if kind in DECISIONS else None
    whole = line(encode_body(version, event, at_ns, cause))
    read = decode_line(whole)
    assert read.data == event
    assert type(read.data) is kind
    assert (read.version, read.schema, read.at_ns, read.cause, read.hash) == (
        version,
        SCHEMA_VERSIONS[kind.__name__],
        at_ns,
        cause,
        HASH,
    )
    assert written_again(whole) == whole


@every_kind
@settings(max_examples=20)
@given(st.data())
def test_an_events_own_fields_read_back_as_they_were_written(kind: type[Any], data: st.DataObject) -> None:
    event = data.draw(values(kind))
    encoded = encode_data(event)
    assert decode_data(kind.__name__, SCHEMA_VERSIONS[kind.__name__], encoded) == event
    assert encode_data(decode_data(kind.__name__, SCHEMA_VERSIONS[kind.__name__], encoded)) == encoded


@every_kind
@settings(max_examples=20)
@given(st.data())
def test_the_fast_way_and_the_careful_way_write_the_same(kind: type[Any], data: st.DataObject) -> None:
    event = data.draw(values(kind))
    if kind is not OpeningState:
        assert encode_data(event) == canonical_json(event)


@every_kind
@settings(max_examples=20)
@given(st.data())
def test_decimals_are_written_as_text_in_plain_notation(kind: type[Any], data: st.DataObject) -> None:
    event = data.draw(values(kind))
    encoded = encode_data(event).decode()
    position = 0
    for text in plainly_written(event):
        position = encoded.index(text, position) + len(text)


@given(st.lists(st.sampled_from(KINDS).flatmap(values), max_size=5))
def test_many_lines_read_like_one_by_one(events: list[Any]) -> None:
    lines = [line(body_of(event, version)) + b"\n" for version, event in enumerate(events, 1)]
    assert decode_lines(lines) == [decode_line(each) for each in lines]


@given(st.sampled_from(KINDS).flatmap(values), TIMES)
def test_the_log_takes_what_the_line_holds(event: Any, at_ns: int) -> None:
    record = log_record(event, at_ns, cause_of(event))
    read = decode_line(line(encode_body(1, event, at_ns, cause_of(event))))
    assert (record.type, record.schema) == (type(read.data).__name__, read.schema)
    assert (record.at_ns, record.cause) == (read.at_ns, read.cause)
    assert record.data == encode_data(event)


def test_a_body_has_its_keys_in_this_order_and_its_decimals_plain() -> None:
    assert body_of(QUOTE) == (
        b'{"version":7,"type":"QuoteUpdated","schema":1,"at_ns":1700000000000000000,"cause":null,"data":{"seq":5,'
        b'"symbol":"BTC-PERP","bid":"99.50","bid_size":"10","ask":"100","ask_size":"0.00000001","venue_at_ns":6}'
    )


@every_kind
@settings(max_examples=5)
@given(st.data())
def test_a_line_is_refused_whose_cause_does_not_fit_its_type(kind: type[Any], data: st.DataObject) -> None:
    wrong = 1 if kind in OBSERVATIONS else None
    with pytest.raises(CodecError, match="cause"):
        decode_line(line(encode_body(2, data.draw(values(kind)), 0, wrong)))


def test_a_decision_names_its_cause() -> None:
    assert body_of(TimerCanceled("cycle")) == (
        b'{"version":7,"type":"TimerCanceled","schema":1,"at_ns":1700000000000000000,"cause":3,'
        b'"data":{"timer_id":"cycle"}'
    )


def test_an_opening_state_is_carried_as_its_own_bytes() -> None:
    opening = OpeningState(state=msgspec.Raw(b'{"size":"1.50"}'), memories=())
    assert encode_data(opening) == b'{"state":{"size":"1.50"},"memories":[]}'


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("-0", "0"),
        ("-0E-8", "0.00000000"),
        ("0E+3", "0"),
        ("1E-8", "0.00000001"),
        ("-1E-8", "-0.00000001"),
        ("1E+3", "1000"),
        ("-1E+3", "-1000"),
        ("0.0000010", "0.0000010"),
        ("9.9E-7", "0.00000099"),
        ("1E+27", "1" + "0" * 27),
        ("1E+28", "1" + "0" * 28),
        ("1.50", "1.50"),
    ],
)
def test_awkward_decimals_are_plain(value: str, text: str) -> None:
    transfer = TransferRecorded(seq=1, transfer_id="t", amount=Decimal(value), venue_at_ns=1)
    assert encode_data(transfer) == f'{{"seq":1,"transfer_id":"t","amount":"{text}","venue_at_ns":1}}'.encode()


@every_kind
def test_the_schema_of_every_event_is_published_closed_and_complete(kind: type[Any]) -> None:
    definition = events_schema()["$defs"][kind.__name__]
    assert definition["type"] == "object"
    assert definition["additionalProperties"] is False
    assert list(definition["properties"]) == definition["required"] == list(kind.__struct_fields__)
    assert definition["description"].split() == (kind.__doc__ or "").split()


def test_every_reference_of_the_events_schema_leads_somewhere() -> None:
    schema = events_schema()
    text = msgspec.json.encode(schema).decode()
    references = {part.partition('"')[0] for part in text.split('"$ref":"')[1:]}
    assert references <= {f"#/$defs/{name}" for name in schema["$defs"]}
    assert "#/$defs/ReportedFill" in references
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_decimals_are_published_as_text() -> None:
    properties = events_schema()["$defs"][OrderRequested.__name__]["properties"]
    assert properties["size"] == {"type": "string", "format": "decimal"}
