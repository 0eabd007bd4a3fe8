"""Canonical state bytes: the same state, the same bytes, and back again to a state that goes on in the same way."""

import hashlib
from decimal import Decimal

import msgspec
import pytest

from perptape.core.errors import CodecError
from perptape.core.opening import (
    memories_of,
    memory_digest,
    open_snapshot,
    open_state,
    snapshot_bytes,
    state_bytes,
    state_digest,
)
from perptape.core.state import State
from perptape.core.strategies import RsiReversion
from tests.core.builders import BTC
from tests.core.evolve.test_folding import eventful
from tests.core.facts import quote, running
from tests.core.puppet import Puppet, Strings, puppet
from tests.core.rules import given


def test_bytes_survive_the_way_there_and_back() -> None:
    encoded = snapshot_bytes(eventful().state)
    assert snapshot_bytes(open_snapshot(encoded)) == encoded


def test_an_empty_state_has_bytes_too() -> None:
    assert snapshot_bytes(open_snapshot(snapshot_bytes(State()))) == snapshot_bytes(State())


def test_logic_and_memory_get_their_types_back() -> None:
    scene = given(*running(puppet(buy=100))).when(quote(98)).restart()
    [sleeve] = scene.state.markets[BTC].sleeves
    assert sleeve.logic == Puppet(buy=100)  # type: ignore[arg-type]
    assert sleeve.memory == Strings(2, 98)  # type: ignore[arg-type]


def test_an_opened_state_goes_on_as_the_one_it_was_taken_from() -> None:
    one, other = eventful(), eventful().restart()
    for scene in (one, other):
        scene.when(quote(90)).when(quote(120))
    assert one.decisions == other.decisions
    assert snapshot_bytes(one.state) == snapshot_bytes(other.state)


def test_the_digest_is_that_of_the_bytes() -> None:
    state = eventful().state
    assert state_digest(state) == hashlib.sha256(state_bytes(state)).hexdigest()
    assert state_digest(state) != state_digest(State())


def test_dictionaries_keep_their_order() -> None:
    state = State(timers={"b": 1, "a": 2})
    assert list(open_snapshot(snapshot_bytes(state)).timers) == ["b", "a"]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"version":"one"}', b'{"mode":"asleep"}'])
def test_what_is_no_state_is_refused(damage: bytes) -> None:
    with pytest.raises(CodecError, match="not a state"):
        open_state(damage)
    with pytest.raises(CodecError, match="not a snapshot"):
        open_snapshot(damage)


@pytest.mark.parametrize(
    "changed",
    [
        state_bytes(State()).replace(b":", b": ", 1),
        state_bytes(State()).replace(b'"mode":', b'"mood":"well","mode":'),
        state_bytes(State()).replace(b'"cash":"0"', b'"cash":"+0"'),
    ],
    ids=["spaced", "a field that no state has", "another digit"],
)
def test_a_state_in_other_bytes_than_its_own_is_refused(changed: bytes) -> None:
    assert changed != state_bytes(State())
    with pytest.raises(CodecError, match="canonical"):
        open_state(changed)


def test_a_field_that_the_bytes_leave_out_has_its_default() -> None:
    state = State(timers={"b": 1})
    earlier = state_bytes(state).replace(b'"task_crashes":{},', b"").replace(b'"cash_max":"1000000000"', b"")
    earlier = earlier.replace(b'"wash_trade":true,}', b'"wash_trade":true}')
    assert len(earlier) < len(state_bytes(state)) - 40
    assert state_bytes(open_state(earlier)) == state_bytes(state)


def remembering(memory: object, schema: int = 1) -> bytes:
    """A snapshot in which the puppet remembers something else than it wrote."""
    snapshot = msgspec.json.decode(snapshot_bytes(given(*running(puppet())).when(quote(98)).state))
    snapshot["memories"] = [
        {"symbol": one["symbol"], "strategy": "puppet", "memory_schema": schema, "data": memory}
        for one in snapshot["memories"]
    ]
    return msgspec.json.encode(snapshot)


@pytest.mark.parametrize(
    ("memory", "schema", "loss"),
    [
        ({"updates": "many"}, 1, "of another form: Expected"),
        ({"updates": 3}, 2, "its schema is 2, the strategy's is 1"),
    ],
)
def test_memory_that_no_longer_fits_begins_anew_and_says_why(memory: object, schema: int, loss: str) -> None:
    state = open_snapshot(remembering(memory, schema))
    sleeve = state.markets[BTC].sleeves[0]
    assert (sleeve.memory, sleeve.memory_schema) == (Strings(), 1)
    assert loss in sleeve.memory_loss


def test_memory_of_code_that_is_not_loaded_stays_as_it_was_recorded() -> None:
    snapshot = remembering({"any": ["thing"]}, 7).replace(b'"kind":"puppet"', b'"kind":"gone.py:Gone"')
    state = open_snapshot(snapshot)
    sleeve = state.markets[BTC].sleeves[0]
    assert (sleeve.memory, sleeve.memory_schema) == ({"any": ["thing"]}, 7)
    assert "gone.py:Gone" in sleeve.logic.why
    assert snapshot_bytes(state) == snapshot


def test_the_state_and_its_digest_hold_no_memory_and_nothing_that_follows_from_settings() -> None:
    one, other = (given(*running(puppet())).when(quote(price)).state for price in (98, 98))
    other.markets[BTC].sleeves[0].memory = Strings(99, Decimal(99))
    assert state_digest(one) == state_digest(other)
    assert memory_digest(one) != memory_digest(other)
    assert [memory.strategy for memory in memories_of(one)] == ["puppet", "puppet"]
    assert not {b'"logic"', b'"trigger":"quote","stop', b'"memory"', b'"silent'} & {
        name for name in (b'"logic"', b'"memory"', b'"silent') if name in state_bytes(one)
    }


def test_a_shipped_strategy_comes_back_as_itself() -> None:
    shipped = puppet("rsi").__class__(name="rsi", kind="rsi_reversion", trigger="quote")
    scene = given(*running(shipped)).when(quote(98)).restart()
    assert isinstance(scene.state.markets[BTC].sleeves[0].logic, RsiReversion)
