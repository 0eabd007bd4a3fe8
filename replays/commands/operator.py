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
_Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept on the tape.")]
_Actor = Annotated[str | None, typer.Option("--actor", metavar="NAME", help="Who; by default your user name.")]
_Expires = Annotated[
    int | None, typer.Option("--expires", metavar="S", min=1, help="Seconds after which it is not carried out.")
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
    """Stop what strategies want, until a resume; exits by stops and guards go on."""
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
    """Let no order increase a position, until a resume; strategies go on."""
    _tell(
        bot, "reduce_only", reason=reason, actor=actor, expires=expires, store=store_url(store, config), as_json=as_json
    )


def halt(
    bot: _Stream,
    *,
    reason: _Reason,
    flatten: Annotated[bool, typer.Option("--flatten", help="Close every position, too.")] = False,
    actor: _Actor = None,
    store: StoreUrl = None,
    config: BotFile = None,
    as_json: Json = False,
) -> None:
    """Cancel every order and place none, until a resume that names this halt."""
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
    """Cancel every order, close every position, and stay out until a resume; it expires after a minute by default."""
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
    """Cancel every working order, and go on; it expires after a minute by default."""
    _tell(
        bot, "cancel_all", reason=reason, actor=actor, expires=expires, store=store_url(store, config), as_json=as_json
    )


def resume(
    bot: _Stream,
    *,
    reason: _Reason,
    answers: Annotated[
        int, typer.Option("--halt", metavar="N", min=0, help="The halt it answers; `perptape status` tells which.")
    ] = 0,
    actor: _Actor = None,
    expires: _Expires = None,
    store: StoreUrl = None,
    config: BotFile = None,
    as_json: Json = False,
) -> None:
    """Lift a pause, reduce-only, or the halt that is named."""
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
    """Tell how the bot stands, as of the last event in its stream."""
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
        sys.stderr.write("perptape: say why and who: --reason TEXT --actor NAME; nothing was sent\n")
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
    heard = "the bot runs" if held is not None else "no bot runs there now; it is taken at the next start"
    text = f"{command} of {who} is number {version} in the inbox of {bot}: {heard}"
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False) if as_json else text)


def _user() -> str:
    with suppress(OSError, KeyError):
        return getpass.getuser()
    return ""
