"""What is not one event in its one form is refused, or seen to differ from what this release would write."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perptape.core.codec import decode_data, decode_line, decode_lines, encode_body, encode_data
from perptape.core.errors import CodecError, NewerSchemaError, NotMoneyError
from perptape.core.events import OrderLookedUp, TimerCanceled
from tests.core.events.any_event import NOT_MONEY, decimal_fields, values
from tests.core.events.written import KINDS, QUOTE, body_of, every_kind, line, written_again


@pytest.mark.parametrize(
    ("canonical", "other"),
    [
        (b'"bid":"99.50"', b'"bid": "99.50"'),
        (b'"bid":"99.50"', b'"bid":99.50'),
        (b'"bid":"99.50"', b'"bid":"+99.50"'),
        (b'"bid":"99.50"', b'"bid":"099.50"'),
        (b'"bid":"99.50"', b'"bid":"9.950E+1"'),
        (b'"bid":"99.50"', b'"bid":"9_9.50"'),
        (b'"bid":"99.50"', b'"bid":"1","bid":"99.50"'),
        (b'"bid_size":"10"', b'"bid_size":"1E+1"'),
        (b'"bid_size":"10"', b'"bid_size":10'),
        (b'"bid_size":"10"', b'"bid_size":" 10"'),
        (b'"ask_size":"0.00000001"', b'"ask_size":"1E-8"'),
        (b'"ask_size":"0.00000001"', b'"ask_size":"-0"'),
        (b'"symbol":"BTC-PERP"', b'"symbol":"\\u0042TC-PERP"'),
        (b'"seq":5,"symbol":"BTC-PERP"', b'"symbol":"BTC-PERP","seq":5'),
        (b'{"version":7,"type":"QuoteUpdated"', b'{"type":"QuoteUpdated","version":7'),
        (b'"cause":null', b'"cause":null '),
        (b'"hash":', b' "hash":'),
    ],
)
def test_a_line_that_says_the_same_in_other_bytes_is_seen_not_to_be_canonical(canonical: bytes, other: bytes) -> None:
    whole = line(body_of(QUOTE))
    assert whole.count(canonical) == 1
    altered = whole.replace(canonical, other)
    assert written_again(whole) == whole
    assert written_again(altered) != altered


@every_kind
@settings(max_examples=10)
@given(st.data())
def test_spaces_and_another_order_of_keys_are_not_canonical(kind: type[Any], data: st.DataObject) -> None:
    whole = line(body_of(data.draw(values(kind))))
    generic = msgspec.json.decode(whole)
    turned = msgspec.json.encode(dict(reversed(generic.items())))
    for altered in (msgspec.json.format(whole, indent=1), turned):
        assert written_again(altered) != altered


@every_kind
@settings(max_examples=10)
@given(st.data())
def test_unknown_fields_are_refused_at_every_depth(kind: type[Any], data: st.DataObject) -> None:
    event = data.draw(values(kind))
    generic = msgspec.json.decode(line(body_of(event)))
    for closed in [generic, *_structs(event, generic["data"])]:
        closed["unheard_of"] = 1
        with pytest.raises(CodecError, match="unheard_of"):
            decode_line(msgspec.json.encode(generic))
        del closed["unheard_of"]


def _structs(value: Any, generic: Any) -> Iterator[dict[str, Any]]:
    """The objects of a decoded line that stand for a struct: the event and everything of ours inside it."""
    if isinstance(value, msgspec.Struct):
        yield generic
        for name in value.__struct_fields__:
            if name in generic:  # a reason leaves out what is empty
                yield from _structs(getattr(value, name), generic[name])
    elif isinstance(value, tuple):
        for item, inner in zip(value, generic, strict=True):
            yield from _structs(item, inner)


@every_kind
@settings(max_examples=5)
@given(st.data())
def test_a_line_without_one_of_its_fields_is_refused(kind: type[Any], data: st.DataObject) -> None:
    generic = msgspec.json.decode(line(body_of(data.draw(values(kind)))))
    for holder in (generic, generic["data"]):
        for name in list(holder):
            kept = dict(holder)
            del holder[name]
            with pytest.raises(CodecError, match=name):
                decode_line(msgspec.json.encode(generic))
            holder.clear()
            holder.update(kept)


@pytest.mark.parametrize(
    ("true", "false"),
    [
        (b'"type":"QuoteUpdated"', b'"type":"QuoteUpdate"'),
        (b'"version":7', b'"version":"7"'),
        (b'"version":7', b'"version":7.5'),
        (b'"at_ns":1700000000000000000', b'"at_ns":null'),
        (b'"cause":null', b'"cause":"3"'),
        (b'"bid":"99.50"', b'"bid":"abc"'),
        (b'"bid":"99.50"', b'"bid":""'),
        (b'"bid":"99.50"', b'"bid":null'),
        (b'"bid":"99.50"', b'"bid":"1E+99999999999999999999"'),
        (b'"seq":5', b'"seq":5.0'),
        (b'"data":{', b'"data":[{'),
        (b'{"version"', b'"version"'),
        (b'"hash":"', b'"hash":'),
    ],
)
def test_a_line_that_is_no_event_of_ours_is_refused(true: bytes, false: bytes) -> None:
    altered = line(body_of(QUOTE)).replace(true, false)
    with pytest.raises(CodecError):
        decode_line(altered)
    with pytest.raises(CodecError):
        decode_lines([line(body_of(QUOTE)) + b"\n", altered + b"\n"])


@given(st.integers(0, 300), st.integers(0, 127))
def test_whatever_one_byte_is_changed_to_the_line_is_read_or_refused(place: int, byte: int) -> None:
    altered = bytearray(line(body_of(QUOTE)))
    altered[place % len(altered)] = byte
    try:
        read = decode_line(bytes(altered))
    except CodecError:
        return
    assert isinstance(read.data, KINDS)


@pytest.mark.parametrize("decode", [decode_line, lambda whole: decode_lines([whole])], ids=["one", "many"])
def test_a_line_that_is_not_utf_8_is_refused_like_any_other_damage(decode: Callable[[bytes], Any]) -> None:
    with pytest.raises(CodecError):
        decode(line(body_of(QUOTE)).replace(b"BTC", b"BT\xff"))


def test_an_observation_with_a_cause_and_a_decision_without_one_are_refused() -> None:
    with pytest.raises(CodecError, match="cause"):
        decode_line(line(encode_body(7, QUOTE, 6, 3)))
    with pytest.raises(CodecError, match="cause"):
        decode_line(line(encode_body(7, TimerCanceled("cycle"), 6, None)))


def test_a_word_outside_a_closed_list_is_refused() -> None:
    with pytest.raises(CodecError, match="TradingStatusChanged: Invalid enum value 'shut'"):
        decode_data("TradingStatusChanged", 1, b'{"seq":1,"symbol":"BTC-PERP","status":"shut","reason":""}')


def test_a_type_that_is_not_in_the_vocabulary_is_refused_by_name() -> None:
    with pytest.raises(CodecError, match="unknown event type 'MoonRose'"):
        decode_data("MoonRose", 1, b"{}")


def test_a_schema_that_this_release_does_not_know_is_refused_with_both_numbers() -> None:
    whole = line(body_of(QUOTE)).replace(b'"schema":1', b'"schema":2')
    with pytest.raises(NewerSchemaError, match="TimerFired has schema 2; this release knows schema 1"):
        decode_data("TimerFired", 2, b'{"timer_id":"cycle"}')
    with pytest.raises(NewerSchemaError, match="QuoteUpdated has schema 2; this release knows schema 1"):
        decode_line(whole)
    with pytest.raises(NewerSchemaError, match="QuoteUpdated has schema 2; this release knows schema 1"):
        decode_lines([line(body_of(QUOTE)) + b"\n", whole + b"\n"])


@pytest.mark.parametrize("schema", [b"0", b"-1", b'"1"', b"1.0", b"null"])
def test_a_schema_that_there_never_was_is_no_newer_one(schema: bytes) -> None:
    with pytest.raises(CodecError) as refused:
        decode_line(line(body_of(QUOTE)).replace(b'"schema":1', b'"schema":' + schema))
    assert type(refused.value) is CodecError


@pytest.mark.parametrize("value", NOT_MONEY, ids=str)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if decimal_fields(kind)], ids=lambda kind: kind.__name__)
@settings(max_examples=5)
@given(st.data())
def test_what_is_not_a_number_is_refused_in_every_field(kind: type[Any], value: Decimal, data: st.DataObject) -> None:
    event = data.draw(values(kind))
    for name in decimal_fields(kind):
        with pytest.raises(NotMoneyError, match=str(value)):
            encode_data(msgspec.structs.replace(event, **{name: value}))


@pytest.mark.parametrize("value", NOT_MONEY, ids=str)
@settings(max_examples=10)
@given(st.data())
def test_what_is_not_a_number_is_refused_deeper_down_too(value: Decimal, data: st.DataObject) -> None:
    looked_up = data.draw(values(OrderLookedUp).filter(lambda event: event.fills))
    fill = msgspec.structs.replace(looked_up.fills[0], price=value)
    with pytest.raises(NotMoneyError):
        encode_data(msgspec.structs.replace(looked_up, fills=(fill,)))


@pytest.mark.parametrize("text", [b"NaN", b"sNaN", b"Infinity", b"-Infinity"])
def test_a_line_that_holds_what_is_not_a_number_cannot_be_written_again(text: bytes) -> None:
    with pytest.raises(NotMoneyError):
        written_again(line(body_of(QUOTE)).replace(b"99.50", text))
