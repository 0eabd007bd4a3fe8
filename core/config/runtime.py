"""The settings that say where things are and how to reach them: the `[runtime]` half of `bot.toml`.

They never shape a decision and are never an event. Secrets have no place here: a key or a password lives in the
environment or the keyring, and settings at most name where.
"""

from typing import Annotated

from msgspec import Meta, Struct


def _doc(text: str) -> Meta:
    return Meta(description=text)


class SnapshotSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Which snapshots are kept. Snapshots only make starts faster. Days are days of the tape, not of the clock."""

    newest: Annotated[int, _doc("Number of newest snapshots to keep.")] = 5
    days: Annotated[int, _doc("Keep the last snapshot of each UTC day for this many days; 0: no daily snapshots.")] = 30
    unused_days: Annotated[
        int, _doc("Keep unusable snapshots (set aside or written by other code) for this many days.")
    ] = 30


class RuntimeSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Paths and connections. These settings never affect decisions.

    The composition root may add sections of its own, such as `[runtime.simulation]`.
    """

    store: Annotated[str, _doc("Database URL of the event store, without a password.")] = "sqlite:///perptape.sqlite"
    trusted: Annotated[
        tuple[str, ...], _doc("Folders with strategy code that a replay may run, relative to this file.")
    ] = ()
    snapshots: Annotated[SnapshotSettings, _doc("Which snapshots are kept.")] = SnapshotSettings()
