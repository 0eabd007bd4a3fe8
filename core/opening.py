"""The persisted state: its canonical bytes, the memories of the strategies beside it, and back.

Canonical state bytes are the state as JSON in field order, without what follows from the settings and the code. The
same state always gives the same bytes. Dictionaries keep their order, because decisions walk through them: a restored
state must walk the same way. Numbers are plain decimals in strings.

Strategies' memories stand beside the state, as data with a schema each: whoever reads a tape needs no strategy code, so
the state and its digest do not depend on any. A snapshot holds both.
"""

import dataclasses
import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Raw, Struct

from perptape.core.canonical import canonical_json, leaves_out
from perptape.core.errors import CodecError
from perptape.core.events.control import StrategyMemory
from perptape.core.market import Market, Sleeve
from perptape.core.sleeves import equip, remember_as_recorded
from perptape.core.state import State

DERIVED = tuple(part.name for part in dataclasses.fields(Sleeve) if not part.metadata.get("persisted", True))
"""Fields of a sleeve that follow from settings and code: no part of the persisted state."""

_FIELDS = tuple(part.name for part in dataclasses.fields(State))
_MARKET_FIELDS = tuple(part.name for part in dataclasses.fields(Market))
_SLEEVE_FIELDS = tuple(part.name for part in dataclasses.fields(Sleeve) if part.name not in DERIVED)
_DECODER = msgspec.json.Decoder(State)


class _Snapshot(Struct, frozen=True, forbid_unknown_fields=True):
    state: Raw
    memories: tuple[StrategyMemory, ...]


_SNAPSHOT_DECODER = msgspec.json.Decoder(_Snapshot)


def state_bytes(state: State) -> bytes:
    """The canonical bytes of a state. Raises NotMoneyError for a number that is none."""
    parts = {name: getattr(state, name) for name in _FIELDS}
    parts["markets"] = {symbol: _market(market) for symbol, market in state.markets.items()}
    return canonical_json(parts)


def _market(market: Market) -> dict[str, Any]:
    parts = {name: getattr(market, name) for name in _MARKET_FIELDS}
    parts["sleeves"] = [{name: getattr(sleeve, name) for name in _SLEEVE_FIELDS} for sleeve in market.sleeves]
    return parts


def state_digest(state: State) -> str:
    """SHA-256 of the canonical state bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(state_bytes(state)).hexdigest()


def memories_of(state: State) -> tuple[StrategyMemory, ...]:
    """The memory of every sleeve that has one, as canonical data."""
    return tuple(
        StrategyMemory(symbol, sleeve.strategy, sleeve.memory_schema, Raw(canonical_json(sleeve.memory)))
        for symbol, market in state.markets.items()
        for sleeve in market.sleeves
        if sleeve.memory is not None
    )


def memory_digest(state: State) -> str:
    """SHA-256 of the memories as JSON, as 64 hexadecimal digits."""
    return hashlib.sha256(msgspec.json.encode(memories_of(state))).hexdigest()


def memory_schema(state: State) -> str:
    """A digest of the memories' schemas and forms, 8 hexadecimal digits: memories are comparable under the same one."""
    forms = [
        (symbol, sleeve.strategy, sleeve.memory_schema, _form(sleeve.logic.memory_type))
        for symbol, market in state.markets.items()
        for sleeve in market.sleeves
    ]
    return hashlib.sha256(msgspec.json.encode(forms)).hexdigest()[:8]


def _form(memory_type: Any) -> str:
    """The fields of a memory's type with their types, as far as it declares any."""
    declared = getattr(memory_type, "__annotations__", None)
    name = getattr(memory_type, "__name__", str(memory_type))
    return name if not declared else ", ".join(f"{field}: {kind}" for field, kind in declared.items())


def snapshot_bytes(state: State) -> bytes:
    """State and memories together: all that a warm start needs."""
    return msgspec.json.encode(_Snapshot(Raw(state_bytes(state)), memories_of(state)))


def open_state(encoded: bytes, memories: Sequence[StrategyMemory] = ()) -> State:
    """The state that these canonical bytes hold, with the memories of its strategies.

    A field that the bytes leave out, because it was added to the state since, has its default. A memory that does not
    fit the code which is loaded is left out (`Sleeve.memory_loss`). Raises CodecError when the bytes are not a state.
    """
    try:
        state = _DECODER.decode(encoded)
    except msgspec.MsgspecError as error:
        raise CodecError(f"these bytes are not a state of this version: {error}") from error
    recorded = {(memory.symbol, memory.strategy): memory for memory in memories}
    for symbol, market in state.markets.items():
        for sleeve in market.sleeves:
            equip(sleeve, symbol, state.settings)
            memory = recorded.get((symbol, sleeve.strategy))
            if memory is not None:
                remember_as_recorded(sleeve, memory.memory_schema, msgspec.json.decode(memory.data))
    if not leaves_out(encoded, state_bytes(state)):
        raise CodecError("these bytes are not the canonical bytes of a state")
    return state


def open_snapshot(encoded: bytes) -> State:
    """The state of a snapshot, memories included. Raises CodecError when the bytes are none."""
    try:
        snapshot = _SNAPSHOT_DECODER.decode(encoded)
    except msgspec.MsgspecError as error:
        raise CodecError(f"these bytes are not a snapshot of this version: {error}") from error
    return open_state(bytes(snapshot.state), snapshot.memories)
