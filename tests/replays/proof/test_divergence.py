"""How a recorded and a replayed decision differ."""

import pytest

from perptape.replays.proof.divergence import Divergence, difference, differing_fields, plain_event


def body(**data: str) -> bytes:
    fields = ",".join(f'"{key}":{value}' for key, value in data.items())
    return b'{"version":7,"type":"TimerSet","schema":1,"at_ns":5,"cause":3,"data":{%b}' % fields.encode()


@pytest.mark.parametrize(
    ("recorded", "replayed", "paths"),
    [
        ({}, {}, []),
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, ["a"]),
        ({"a": 1, "b": 2}, {"a": 2, "b": 3}, ["a", "b"]),
        ({"b": 1, "a": 2}, {"a": 3, "b": 4}, ["b", "a"]),
        ({"a": {"b": [1, {"c": 2}]}}, {"a": {"b": [1, {"c": 3}]}}, ["a.b[1].c"]),
        ({"a": [1, 2]}, {"a": [1]}, ["a"]),
        ({"a": []}, {"a": None}, ["a"]),
        ({"a": 1}, {"a": True}, ["a"]),
        ({"a": "1"}, {"a": 1}, ["a"]),
        ({"a": 1}, {"b": 1}, ["a", "b"]),
        ({"a": None}, {"a": 0}, ["a"]),
    ],
)
def test_the_paths_that_differ_come_in_the_recorded_order(recorded: object, replayed: object, paths: list[str]) -> None:
    assert differing_fields(recorded, replayed) == paths


def test_an_event_is_shown_as_plain_data() -> None:
    assert plain_event(body(timer_id='"calm:é"')) == {
        "version": 7,
        "type": "TimerSet",
        "schema": 1,
        "at_ns": 5,
        "cause": 3,
        "data": {"timer_id": "calm:é"},
    }


def test_a_differing_decision_names_its_fields() -> None:
    one, other = body(timer_id='"a"', due_at_ns="1"), body(timer_id='"a"', due_at_ns="2")
    assert difference(7, one, other) == Divergence(
        7, "TimerSet differs in data.due_at_ns", "different", plain_event(one), plain_event(other), ("data.due_at_ns",)
    )


def test_a_decision_of_another_type_is_named_with_both() -> None:
    other = body().replace(b"TimerSet", b"TimerCanceled")
    found = difference(7, body(), other)
    assert (found.kind, found.reason) == ("different", "TimerCanceled instead of TimerSet")


def test_a_decision_on_one_side_only_is_missing_or_extra() -> None:
    missing, extra = difference(7, body(), None), difference(7, None, body())
    assert (missing.kind, missing.recorded, missing.replayed) == ("missing", plain_event(body()), None)
    assert (extra.kind, extra.recorded, extra.replayed) == ("extra", None, plain_event(body()))
    assert missing.reason == "TimerSet: no longer decided (only recorded)"
    assert extra.reason == "TimerSet: new decision (not in the recording)"
