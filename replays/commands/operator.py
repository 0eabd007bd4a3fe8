"""Operators' commands: `perptape status`, and what a person tells a bot through its inbox."""

import getpass
import json
import sys
import time
from contextlib import suppress
from typing import Annotated, Any

import typer

from perptape.core.durations import SECOND_NS
from perptape.replays.commands.options import BotFile, Json, StoreUrl
from perptape.replays.tape.which_store import store_url

_Stream = Annotated[str, typer.Argument(metavar="BOT", help="The bot's stream.")]
_Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; recorded on the tape.")]
_Actor = Annotated[
    str | None, typer.Option("--actor", metavar="NAME", help="Who gives the command; default: your user name.")
]
_Expires = Annotated[
    int | None,
    typer.Option(
        "--expires", metavar="S", min=1, help="Drop the command if the bot does not pick it up within S seconds."
    ),
]


def pause(
    bot: _Stream,
    *,
    reason: _Reason,
    actor: _Actor = None,
    expires: _Expires = None,
    store: StoreUrl = None,
    config: BotFile = None,
    as_json: Json = False,
) -> None:
    """Ignore strategies until resume.

    Trailing stops and guards stay active.
    """
    _tell(bot, "pause", reason=reason, actor=actor, expires=expires, store=store_url(store, config), as_json=as_json)


def reduce_only(
    bot: _Stream,
    *,
    reason: _Reason,
    actor: _Actor = None,
    expires: _Expires = None,
    store: StoreUrl = None,
    config: BotFile = None,
    as_json: Json = False,
) -> None:
    """Allow only orders that reduce a position, until resume.

    Strategies keep running.
    """
    _tell(
        bot, "reduce_only", reason=reason, actor=actor, expires=expires, store=store_url(store, config), as_json=as_json
    )


def halt(
    bot: _Stream,
    *,
    reason: _Reason,
    flatten: Annotated[bool, typer.Option("--flatten", help="Also close all positions.")] = False,
    actor: _Actor = None,
    store: StoreUrl = None,
    config: BotFile = None,
    as_json: Json = False,
) -> None:
    """Cancel all orders and stop trading until resume.

    The resume has to name this halt: `perptape status` prints the command.
    """
    _tell(
        bot,
        "halt",
        reason=reason,
        actor=actor,
        expires=None,
        store=store_url(store, config),
        as_json=as_json,
        flatten=flatten,
    )


def flatten(
    bot: _Stream,
    *,
    reason: _Reason,
    actor: _Actor = None,
    expires: _Expires = 60,
    store: StoreUrl = None,
    config: BotFile = None,
    as_json: Json = False,
) -> None:
    """Cancel orders, close positions, stay flat until resume.

    A command that the bot has not taken within --expires seconds is dropped.
    """
    _tell(bot, "flatten", reason=reason, actor=actor, expires=expires, store=store_url(store, config), as_json=as_json)


def cancel_all(
    bot: _Stream,
    *,
    reason: _Reason,
    actor: _Actor = None,
    expires: _Expires = 60,
    store: StoreUrl = None,
    config: BotFile = None,
    as_json: Json = False,
) -> None:
    """Cancel all working orders; trading continues.

    A command that the bot has not taken within --expires seconds is dropped.
    """
    _tell(
        bot, "cancel_all", reason=reason, actor=actor, expires=expires, store=store_url(store, config), as_json=as_json
    )


def resume(
    bot: _Stream,
    *,
    reason: _Reason,
    answers: Annotated[
        int, typer.Option("--halt", metavar="N", min=0, help="The halt to lift; `perptape status` shows its number.")
    ] = 0,
    actor: _Actor = None,
    expires: _Expires = None,
    store: StoreUrl = None,
    config: BotFile = None,
    as_json: Json = False,
) -> None:
    """Lift a pause, reduce-only, or the halt given by --halt."""
    _tell(
        bot,
        "resume",
        reason=reason,
        actor=actor,
        expires=expires,
        store=store_url(store, config),
        as_json=as_json,
        halt_id=answers,
    )


def status(bot: _Stream, store: StoreUrl = None, config: BotFile = None, as_json: Json = False) -> None:
    """Show a bot's mode, halts, money, positions and orders.

    As of the last event in its stream.
    """
    from perptape.replays.commands.status import as_text, bot_status  # noqa: PLC0415 - heavy

    told = bot_status(bot, store_url(store, config))
    typer.echo(json.dumps(told, indent=2, ensure_ascii=False) if as_json else as_text(told))


def _tell(
    bot: str,
    command: Any,
    *,
    reason: str,
    actor: str | None,
    expires: int | None,
    store: str,
    as_json: bool,
    halt_id: int = 0,
    flatten: bool = False,
) -> None:
    from perptape.core.edge.storage.inbox import OperatorCommand, new_command_id, send  # noqa: PLC0415 - heavy
    from perptape.eventstore.store import EventStore  # noqa: PLC0415 - heavy

    who = (actor if actor is not None else _user()).strip()
    if not reason.strip() or not who:
        sys.stderr.write("perptape: give a reason and an actor: --reason TEXT --actor NAME; nothing was sent\n")
        raise typer.Exit(2)
    now_ns = time.time_ns()
    told = OperatorCommand(
        command_id=new_command_id(),
        command=command,
        actor=who,
        reason=reason.strip(),
        expires_at_ns=None if expires is None else now_ns + expires * SECOND_NS,
        halt_id=halt_id,
        flatten=flatten,
    )
    with EventStore.open(store) as opened:
        version = send(opened, bot, told, now_ns)
        held = opened.lease(bot)
    data = {
        "bot": bot,
        "command": command,
        "command_id": told.command_id,
        "actor": who,
        "inbox_version": version,
        "running": held is not None,
    }
    heard = (
        "the bot is running" if held is not None else "the bot is not running; it will take the command when it starts"
    )
    text = f"{bot}: {command} by {who} sent (inbox version {version}): {heard}"
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False) if as_json else text)


def _user() -> str:
    with suppress(OSError, KeyError):
        return getpass.getuser()
    return ""
