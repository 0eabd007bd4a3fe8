"""The settings that say where things are and how to reach them: the `[runtime]` half of `bot.toml`.

They never shape a decision and are never an event. Secrets have no place here: a key or a password lives in the
environment or the keyring, and settings at most name where.
"""

from typing import Annotated

from msgspec import Meta, Struct


def _doc(text: str) -> Meta:
    return Meta(description=text)


class SnapshotSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Which snapshots are kept: they save time at a start and are never needed. Days are days of the tape."""

    newest: Annotated[int, _doc("So many of the newest ones.")] = 5
    days: Annotated[int, _doc("The last one of each UTC day, for so many days back; 0 keeps none for its day.")] = 30
    unused_days: Annotated[
        int, _doc("What is not started from (set aside, or written by other code), for so many days back.")
    ] = 30


class RuntimeSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Where things are and how to reach them.

    The composition root may add sections of its own, such as `[runtime.simulation]`.
    """

    store: Annotated[str, _doc("Database URL of the event store, without a password.")] = "sqlite:///perptape.sqlite"
    trusted: Annotated[
        tuple[str, ...], _doc("Folders, relative to this file, whose strategy code a replay may run.")
    ] = ()
    snapshots: Annotated[SnapshotSettings, _doc("Which snapshots are kept.")] = SnapshotSettings()
