"""`perptape store init`, `upgrade`, `check` and `streams`; heavy imports stand inside, for a quick start."""

import typer

from perptape.replays.commands.options import BotFile, Json, StoreUrl
from perptape.replays.commands.output import show
from perptape.replays.tape.which_store import store_url


def store_init(store: StoreUrl = None, config: BotFile = None) -> None:
    """Create an empty store."""
    from perptape.eventstore.backends import redacted  # noqa: PLC0415 - heavy
    from perptape.eventstore.schema import initialise  # noqa: PLC0415 - heavy

    url = store_url(store, config)
    initialise(url)
    typer.echo(f"{redacted(url)}: ready")


def store_upgrade(store: StoreUrl = None, config: BotFile = None) -> None:
    """Upgrade a store to this release's schema."""
    from perptape.replays.commands.show.store_checked import upgraded  # noqa: PLC0415 - heavy

    typer.echo(upgraded(store_url(store, config)))


def store_check(store: StoreUrl = None, config: BotFile = None, as_json: Json = False) -> None:
    """Check the database and every stream.

    Shows the guards, and each stream's hash chain, writer and snapshots.
    """
    from perptape.replays.commands.show import store_checked  # noqa: PLC0415 - heavy
    from perptape.replays.upkeep.store_check import check_store  # noqa: PLC0415 - heavy

    report = check_store(store_url(store, config))
    show(as_json, store_checked.as_json(report), store_checked.as_text(report))
    raise typer.Exit(0 if report.ok else 1)


def store_streams(store: StoreUrl = None, config: BotFile = None, as_json: Json = False) -> None:
    """List the streams."""
    from perptape.eventstore.store import EventStore  # noqa: PLC0415 - heavy

    with EventStore.open(store_url(store, config)) as opened:
        streams = opened.streams()
    rows = [{"stream": s.name, "version": s.head.version, "last_hash": s.head.hash.decode()} for s in streams]
    text = "\n".join(f"{s.name}  {s.head.version:,} events  {s.head.hash.decode()[:16]}…" for s in streams)
    show(as_json, rows, text or "no streams")
