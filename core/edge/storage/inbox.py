"""The inbox: operators' commands to a bot, in a stream `BOT/inbox` beside its own, durable before the bot hears them.

The bot reads from a cursor that is in its state, so that it takes each command once, also one that came while it was
down. Entries that are no commands are passed over, since anybody who may write to the store may write there.
"""

import logging
from collections.abc import Iterator
from contextlib import suppress
from secrets import token_hex

import msgspec
from msgspec import Struct

from perptape.core.canonical import canonical_json
from perptape.core.events import Command, OperatorCommandReceived
from perptape.eventstore.errors import ConflictError, StreamExistsError, StreamNotFoundError
from perptape.eventstore.port import Store

COMMAND = "OperatorCommand"
SCHEMA = 1
_logger = logging.getLogger(__name__)


class OperatorCommand(Struct, frozen=True, forbid_unknown_fields=True):
    """What a person tells a bot."""

    command_id: str
    """A command that comes again under the same id is the same."""
    command: Command
    actor: str
    reason: str
    expires_at_ns: int | None = None
    halt_id: int = 0
    """The halt that a resume answers."""
    flatten: bool = False
    """With a halt: close every position, too."""


_decode = msgspec.json.Decoder(OperatorCommand).decode


def inbox_of(bot: str) -> str:
    """The name of a bot's inbox."""
    return f"{bot}/inbox"


def new_command_id() -> str:
    """An id that no other command has."""
    return token_hex(8)


def send(store: Store, bot: str, command: OperatorCommand, at_ns: int) -> int:
    """Put a command into the bot's inbox, after those that are there; its version. Durable when it returns.

    Raises StreamNotFoundError when there is no such bot, and EventStoreError when the store cannot take it.
    """
    store.stream(bot)
    name = inbox_of(bot)
    with suppress(StreamExistsError):
        store.create_stream(name, token_hex(16), b"{}")
    record = (COMMAND, SCHEMA, at_ns, None, canonical_json(command))
    while True:
        try:
            return store.append(name, store.head(name).version, [record]).version
        except ConflictError:  # another person was quicker
            continue


def received(store: Store, bot: str, after_version: int) -> Iterator[OperatorCommandReceived]:
    """The commands after a version of the inbox, in order; none while there is no inbox."""
    try:
        entries = store.read(inbox_of(bot), after_version)
        for entry in entries:
            try:
                command = _decode(entry.data)
            except msgspec.MsgspecError as error:
                _logger.warning("%s: version %d is no command: %s", inbox_of(bot), entry.version, error)
                continue
            yield OperatorCommandReceived(
                command_id=command.command_id,
                command=command.command,
                actor=command.actor,
                reason=command.reason,
                expires_at_ns=command.expires_at_ns,
                halt_id=command.halt_id,
                flatten=command.flatten,
                inbox_version=entry.version,
            )
    except StreamNotFoundError:
        return
