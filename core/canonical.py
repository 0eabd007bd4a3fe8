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
    return _ENCODER.encode(_plain_data(value))


def leaves_out(recorded: bytes, today: bytes) -> bool:
    """Whether canonical JSON that was recorded is today's, or differs only by fields that it leaves out.

    That is how a type may grow by a field with a default: what was recorded before is decoded with that default and
    encoded with the field. The order of fields and every digit have to be the same.
    """
    if recorded == today:
        return True
    written = msgspec.json.decode(recorded)
    return _ENCODER.encode(written) == recorded and means_the_same(written, msgspec.json.decode(today), ordered=True)


def means_the_same(recorded: Any, today: Any, *, ordered: bool = False) -> bool:
    """Whether plain data is today's but for fields that it leaves out; `ordered`: in the same order, too."""
    if isinstance(recorded, dict) and isinstance(today, dict):
        kept = [name for name in today if name in recorded]
        known = kept == list(recorded) if ordered else len(kept) == len(recorded)
        return known and all(means_the_same(part, today[name], ordered=ordered) for name, part in recorded.items())
    if isinstance(recorded, list) and isinstance(today, list):
        pairs = zip(recorded, today, strict=False)
        return len(recorded) == len(today) and all(means_the_same(*pair, ordered=ordered) for pair in pairs)
    return type(recorded) is type(today) and recorded == today


def _plain_data(value: Any) -> Any:
    builtins = msgspec.to_builtins(value, builtin_types=(Decimal,))
    return _walk(builtins)


def _walk(value: Any) -> Any:
    kind = type(value)
    if kind is Decimal:
        return plain(value)
    if kind is dict:
        return {key: _walk(item) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [_walk(item) for item in value]
    return value
