"""Data as plain data and as words, and the settings in which two differ."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct


def plain(value: Any) -> Any:
    """Data as JSON has it, decimals as plain strings."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value


def shown(value: Any) -> str:
    """A value in a line of text."""
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def differing(one: Struct, usual: Struct, prefix: str, apart: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """The fields in which two settings differ, by dotted names; those named in `apart` are passed over."""
    for name in one.__struct_fields__:
        mine, theirs = getattr(one, name), getattr(usual, name)
        if name in apart or mine == theirs:
            continue
        if isinstance(mine, Struct) and isinstance(theirs, Struct):
            yield from differing(mine, theirs, f"{prefix}{name}.", ())
        else:
            yield f"{prefix}{name}", plain(mine)
