"""Any value of any event type: strategies made from the types themselves, so that no event can be left out."""

from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from perptape.core.events import DECISIONS, OBSERVATIONS
from perptape.core.money import plain

AWKWARD = tuple(
    Decimal(text)
    for text in (
        "0 -0 0E-8 -0E-8 0E+3 1E-8 -1E-8 1E+3 -1E+3 1E+28 1E+30 0.000001 0.0000001 0.00000099 1E-6 1.50 -12.5 100 "
        "9999999999999999999999999999 0.1234567890123456789012345678"
    ).split()
)
"""Zeros of every kind, exponents, trailing zeros, negatives, and both sides of where the codec's fast path ends."""

NOT_MONEY = tuple(Decimal(text) for text in "NaN sNaN Infinity -Infinity".split())
NUMBERS = st.sampled_from(AWKWARD) | st.decimals(allow_nan=False, allow_infinity=False, min_value=0, places=4)
TEXTS = st.text(max_size=8) | st.sampled_from(["", "a+b", "1E+3", '"\\\n', "\u2028é"])
INTEGERS = st.integers(-(2**63), 2**63 - 1)
STATES = st.sampled_from([msgspec.Raw(b'{"version":7,"at_ns":1}'), msgspec.Raw(b"{}"), msgspec.Raw(b'["a+b","0.10"]')])


_STRUCTS: dict[type[Any], st.SearchStrategy[Any]] = {}


def _values(kind: inspect.Type) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.Metadata(type=inner):
            return _values(inner)
        case inspect.StructType(cls=cls, fields=fields):
            if cls in _STRUCTS:  # a struct that holds its own kind
                return st.deferred(lambda: _STRUCTS[cls])
            _STRUCTS[cls] = st.nothing()
            _STRUCTS[cls] = st.builds(cls, **{field.name: _values(field.type) for field in fields})
            return _STRUCTS[cls]
        case inspect.UnionType(types=types):
            return st.one_of(*map(_values, sorted(types, key=lambda part: not isinstance(part, inspect.NoneType))))
        case inspect.VarTupleType(item_type=item):
            return st.lists(_values(item), max_size=2).map(tuple)
        case inspect.DictType(value_type=inner):
            return st.dictionaries(st.text(max_size=4), _values(inner), max_size=2)
        case inspect.LiteralType(values=literals):
            return st.sampled_from(literals)
        case _:
            return _LEAVES[type(kind)]


_LEAVES: dict[type[inspect.Type], st.SearchStrategy[Any]] = {
    inspect.DecimalType: NUMBERS,
    inspect.IntType: INTEGERS,
    inspect.StrType: TEXTS,
    inspect.BoolType: st.booleans(),
    inspect.NoneType: st.none(),
    inspect.RawType: STATES,
}


_EVENTS = {kind: _values(inspect.type_info(kind)) for kind in OBSERVATIONS + DECISIONS}


def values(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Any event of this type."""
    return _EVENTS[kind]


def decimal_fields(kind: type[Any]) -> list[str]:
    """The event's own fields that hold a decimal, or may."""
    return [field.name for field in msgspec.structs.fields(kind) if field.type in (Decimal, Decimal | None)]


def decimals_in(value: Any) -> list[Decimal]:
    """Every decimal of an event, however deep."""
    if isinstance(value, Decimal):
        return [value]
    if isinstance(value, msgspec.Struct):
        return [found for name in value.__struct_fields__ for found in decimals_in(getattr(value, name))]
    if isinstance(value, dict):
        return [found for item in value.values() for found in decimals_in(item)]
    if isinstance(value, tuple):
        return [found for item in value for found in decimals_in(item)]
    return []


def plainly_written(value: Any) -> list[str]:
    """What the decimals of an event look like on the tape."""
    return [f'"{plain(found)}"' for found in decimals_in(value)]
