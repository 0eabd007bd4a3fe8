"""Sentences of schema 1 become reasons that keep them; a state of that time is opened like one of today."""

from typing import Any

import msgspec

from perptape.core.codec import decode_data
from perptape.core.events.reason import Reason
from perptape.core.evolve import evolve
from perptape.core.money import arithmetic
from perptape.core.opening import state_bytes
from perptape.core.state import State
from tests.core.facts import command, quote, running
from tests.core.puppet import puppet
from tests.core.rules import given

SENTENCE = "a sentence of that time"


def as_of_schema_1(state: State) -> dict[str, Any]:
    """The state in the form in which its reasons were sentences."""
    written: dict[str, Any] = msgspec.json.decode(state_bytes(state))
    for part in ("halts", "tripped"):
        for kept in written[part].values():
            kept["reason"] = SENTENCE
    written["restricted"] = dict.fromkeys(written["restricted"], SENTENCE)
    for part in ("orders", "closed_orders"):
        for order in written[part].values():
            order["note"] = SENTENCE if order["note"] else ""
    for key, alert in written["alerts"].items():
        written["alerts"][key] = {
            "alert_id": alert["alert_id"],
            "severity": alert["severity"],
            "title": "halted by operator",
            "message": SENTENCE,
        }
    return written


def test_a_state_of_schema_1_is_opened_with_its_sentences() -> None:
    scene = given(*running(puppet(buy=100))).when(quote(100)).when(command("reduce_only")).when(command("halt"))
    data = msgspec.json.encode({"state_version": 9, "state": as_of_schema_1(scene.state)})
    opened = State()
    with arithmetic():
        evolve(opened, decode_data("OpeningState", 1, data), 9, scene.at_ns)

    kept = Reason("recorded", text=SENTENCE)
    assert [halt.reason for halt in opened.halts.values()] == [kept]
    assert list(opened.restricted.values()) == [kept]
    [alert] = opened.alerts.values()
    expected = Reason("recorded", names={"title": "halted by operator"}, text=SENTENCE)
    assert (alert.topic, alert.reason) == ("recorded", expected)
    assert [order.client_order_id for order in opened.orders.values()] == list(scene.state.orders)
