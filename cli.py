"""perptape's command line: every command registered under its name, and nothing else. Imported by nothing.

Exit status: 0 proved or done, 1 the check found a difference, damage or a violation, 2 it could not run.
"""

import sys
from typing import TYPE_CHECKING, Annotated

if TYPE_CHECKING:
    import typer

VERSION = "0.1.0"


def main() -> None:
    """Run the command line; the console script's entry point. `--version` is answered before anything is imported."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"perptape {VERSION}\n")
        raise SystemExit(0)
    from perptape.replays.commands.show.outcome import run_guarded

    run_guarded(application())


def application() -> "typer.Typer":
    """All commands."""
    import typer

    from perptape.replays.commands import bench, config, installation, operator, sessions, tables
    from perptape.replays.commands.golden import golden_app
    from perptape.replays.commands.scenarios import scenarios_app

    app = _group(
        "A trading bot for perpetual futures that records every event on a tape. Replay, rebuild and verify sessions."
    )
    app.info.name = "perptape"

    @app.callback(invoke_without_command=True)
    def root(
        context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
    ) -> None:
        if version:
            typer.echo(f"perptape {VERSION}")
            raise typer.Exit
        if context.invoked_subcommand is None:
            typer.echo(context.get_help())

    app.command("demo")(sessions.demo)
    app.command("record")(sessions.record)
    app.command("replay")(sessions.replay)
    app.command("rebuild")(sessions.rebuild)
    app.command("verify")(sessions.verify)
    app.command("export-table")(tables.export_table)
    app.add_typer(golden_app, name="golden")
    app.add_typer(scenarios_app, name="scenarios")
    app.add_typer(_store_app(), name="store")
    app.command("status")(operator.status)
    app.command("pause")(operator.pause)
    app.command("resume")(operator.resume)
    app.command("reduce-only")(operator.reduce_only)
    app.command("halt")(operator.halt)
    app.command("flatten")(operator.flatten)
    app.command("cancel-all")(operator.cancel_all)
    app.command("bench")(bench.bench)
    config_app = _group("Check or print the configuration.")
    config_app.command("check")(config.config_check)
    config_app.command("show")(config.config_show)
    app.add_typer(config_app, name="config")
    app.command("doctor")(installation.doctor)
    app.command("schema")(config.schema)
    return app


def _store_app() -> "typer.Typer":
    from perptape.replays.commands import store, store_checkpoints, store_roles, store_transfer

    app = _group("Create, check, export and archive the event store.")
    app.command("init")(store.store_init)
    app.command("upgrade")(store.store_upgrade)
    app.command("check")(store.store_check)
    app.command("streams")(store.store_streams)
    app.command("export")(store_transfer.export)
    app.command("import")(store_transfer.import_)
    app.command("archive")(store_transfer.archive)
    app.command("key")(store_checkpoints.key)
    app.command("checkpoint")(store_checkpoints.checkpoint)
    app.command("grant")(store_roles.grant)
    return app


def _group(about: str) -> "typer.Typer":
    """A group of commands, in the plain style that all of them have."""
    import typer

    return typer.Typer(
        help=about,
        no_args_is_help=False,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )


if __name__ == "__main__":
    main()
