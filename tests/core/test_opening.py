"""Canonical state bytes: the same state, the same bytes, and back again to a state that goes on in the same way."""

import hashlib

import msgspec
import pytest

from perptape.core.errors import CodecError
from perptape.core.opening import open_state, state_bytes, state_digest
from perptape.core.state import State
from perptape.core.strategies import RsiReversion
from tests.core.builders import BTC
from tests.core.evolve.test_folding import eventful
from tests.core.facts import quote, running
from tests.core.puppet import Puppet, Strings, puppet
from tests.core.rules import given


def test_bytes_survive_the_way_there_and_back() -> None:
    encoded = state_bytes(eventful().state)
    assert state_bytes(open_state(encoded)) == encoded


def test_an_empty_state_has_bytes_too() -> None:
    assert state_bytes(open_state(state_bytes(State()))) == state_bytes(State())


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
    assert state_bytes(one.state) == state_bytes(other.state)


def test_the_digest_is_that_of_the_bytes() -> None:
    state = eventful().state
    assert state_digest(state) == hashlib.sha256(state_bytes(state)).hexdigest()
    assert state_digest(state) != state_digest(State())


def test_dictionaries_keep_their_order() -> None:
    state = State(timers={"b": 1, "a": 2})
    assert list(open_state(state_bytes(state)).timers) == ["b", "a"]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"version":"one"}', b'{"mode":"asleep"}'])
def test_what_is_no_state_is_refused(damage: bytes) -> None:
    with pytest.raises(CodecError, match="not a state"):
        open_state(damage)


def test_a_state_in_other_bytes_than_its_own_is_refused() -> None:
    with pytest.raises(CodecError, match="canonical"):
        open_state(state_bytes(State()).replace(b":", b": ", 1))


def test_memory_of_another_form_is_refused_with_the_name_of_the_strategy() -> None:
    state = msgspec.json.decode(state_bytes(given(*running(puppet())).state))
    state["markets"][BTC]["sleeves"][0]["memory"] = {"updates": "many"}
    with pytest.raises(CodecError, match="memory of strategy 'puppet'"):
        open_state(msgspec.json.encode(state))


def test_a_shipped_strategy_comes_back_as_itself() -> None:
    shipped = puppet("rsi").__class__(name="rsi", kind="rsi_reversion", trigger="quote")
    scene = given(*running(shipped)).when(quote(98)).restart()
    assert isinstance(scene.state.markets[BTC].sleeves[0].logic, RsiReversion)
