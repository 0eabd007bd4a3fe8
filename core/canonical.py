"""Canonical JSON: the same value, with the same digits, gives the same text.

Compact, fields in declared order, decimals as strings in plain notation.
"""

from decimal import Decimal
from typing import Any

import msgspec

from perptape.core.money import plain

_ENCODER = msgspec.json.Encoder()


def canonical_json(value: Any) -> bytes:
    """The canonical JSON of a struct, whatever decimals it holds. Raises NotMoneyError for NaN and infinity.

    msgspec writes a decimal as `str` does, which is plain but for an exponent (1E-8) and the sign of a zero (-0).
    """
    return _ENCODER.encode(_plainly(value))


def _plainly(value: Any) -> Any:
    builtins = msgspec.to_builtins(value, builtin_types=(Decimal,))
    return _walk(builtins)


def _walk(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dict):
        return {key: _walk(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_walk(item) for item in value]
    return value
