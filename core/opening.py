"""Canonical state bytes: the state as JSON in field order, and back.

Dictionaries keep their order, because decisions walk through them: a restored state must walk the same way. Numbers
are plain decimals in strings. The same state always gives the same bytes, and `open_state(state_bytes(s))` gives a
state whose bytes are the same again.
"""

import hashlib
from typing import Any

import msgspec

from perptape.core.canonical import canonical_json
from perptape.core.errors import CodecError
from perptape.core.market import Sleeve
from perptape.core.state import State
from perptape.core.strategies import build

_DECODER = msgspec.json.Decoder(State)


def state_bytes(state: State) -> bytes:
    """The canonical bytes of a state."""
    return canonical_json(state)


def state_digest(state: State) -> str:
    """SHA-256 of the canonical state bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(state_bytes(state)).hexdigest()


def open_state(encoded: bytes) -> State:
    """The state that these canonical bytes hold. Raises CodecError when they are not a state."""
    try:
        state = _DECODER.decode(encoded)
    except msgspec.MsgspecError as error:
        raise CodecError(f"these bytes are not a state of this version: {error}") from error
    for market in state.markets.values():
        for sleeve in market.sleeves:
            _revive(sleeve)
    if state_bytes(state) != encoded:
        raise CodecError("these bytes are not the canonical bytes of a state")
    return state


def _revive(sleeve: Sleeve) -> None:
    """Give logic and memory their types back."""
    sleeve.logic = build(sleeve.settings.kind, sleeve.settings.parameters)
    memory_type: Any = sleeve.logic.memory_type
    try:
        sleeve.memory = msgspec.convert(sleeve.memory, memory_type)
    except msgspec.MsgspecError as error:
        raise CodecError(f"the memory of strategy {sleeve.strategy!r} is of another form: {error}") from error
