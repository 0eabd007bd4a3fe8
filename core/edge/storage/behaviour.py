"""The behaviour digest: which code shapes decisions and state."""

from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

SHAPING = (
    "access.py",
    "account.py",
    "aggregation.py",
    "alarms.py",
    "canonical.py",
    "codec.py",
    "durations.py",
    "exposure.py",
    "ids.py",
    "instruments.py",
    "market.py",
    "money.py",
    "opening.py",
    "order.py",
    "position.py",
    "reconciliation.py",
    "settings.py",
    "sizing.py",
    "sleeves.py",
    "state.py",
    "state_schema.py",
    "timer_id.py",
    "waiting.py",
    "decide",
    "events",
    "evolve",
    "guards",
    "strategies",
)
"""What decides, folds and encodes: modules and packages of core, in this order."""


UPCASTING = "upcasting.py"
"""What brings events of earlier schemas to today's: the only part of the event store that shapes a state."""


def behaviour_digest(user_sources: Iterable[tuple[str, str]] = ()) -> str:
    """SHA-256 over the sources that shape decisions and state, and over (kind, digest) of the user's strategies."""
    digest = sha256(shipped_digest().encode())
    for kind, source_digest in user_sources:
        digest.update(f"\n{kind} {source_digest}".encode())
    return digest.hexdigest()


@cache
def shipped_digest() -> str:
    """SHA-256 over the shipped sources, read once a process."""
    digest = sha256()
    core = files("perptape.core")
    places = [(core / name, name) for name in SHAPING]
    for place, name in [*places, (files("perptape.eventstore") / UPCASTING, f"eventstore/{UPCASTING}")]:
        for path, source in _sources(place, name):
            digest.update(f"{path} {sha256(source).hexdigest()}\n".encode())
    return digest.hexdigest()


def _sources(place: Traversable, path: str) -> Iterable[tuple[str, bytes]]:
    if place.is_file():
        yield path, place.read_bytes()
        return
    for inner in sorted(place.iterdir(), key=lambda entry: entry.name):
        if inner.name.endswith(".py") or (inner.is_dir() and inner.name != "__pycache__"):
            yield from _sources(inner, f"{path}/{inner.name}")
