import json

import pytest

from perptape.eventstore.envelope import Envelope, Record, body, line


@pytest.mark.parametrize(("cause", "text"), [(None, b"null"), (6, b"6")])
def test_a_line_has_its_keys_in_order_and_no_spaces(cause: int | None, text: bytes) -> None:
    envelope = Envelope(7, "CounterMoved", 2, 1_700, cause, b'{"to":1}', b"ab" * 32)

    whole = line(envelope)

    before = b'{"version":7,"type":"CounterMoved","schema":2,"at_ns":1700,"cause":' + text + b',"data":{"to":1}'
    assert whole == before + b',"hash":"' + b"ab" * 32 + b'"}'
    assert list(json.loads(whole)) == ["version", "type", "schema", "at_ns", "cause", "data", "hash"]


def test_the_body_is_the_line_before_its_hash() -> None:
    record = Record("CounterMoved", 2, 1_700, None, b"{}")

    assert line(Envelope(7, *record, b"ab" * 32)).startswith(body(7, record) + b',"hash":')
