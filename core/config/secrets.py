"""Secrets never stand in a configuration file: what looks like one is refused without repeating it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from perptape.core.config.shape import Path

_WORDS = r"(api_?keys?|private_?keys?|secrets?|passwords?|passwd|passphrases?|tokens?|credentials?)"
_KEY = re.compile(rf"(^|_){_WORDS}(_|$)")
_PASSWORD = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://[^/?#:@\s]*):[^/?#\s]*@", re.IGNORECASE)


def secret_places(data: Any, at: Path = ()) -> Iterator[Path]:
    """Where a key is named like a secret, or a URL carries a password."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            path = (*at, key)
            if _KEY.search(re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower())):
                yield path
            else:
                yield from secret_places(value, path)
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from secret_places(value, (*at, place))
    elif isinstance(data, str) and _PASSWORD.search(data):
        yield at


def without_passwords(text: str) -> str:
    """The same text with the password of each URL in it replaced by ***."""
    return _PASSWORD.sub(r"\g<before>:***@", text)
