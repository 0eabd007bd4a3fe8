"""perptape's command line: the one place where everything is put together, imported by nothing.

Exit status: 0 proved or done, 1 the check found a difference, damage or a violation, 2 it could not run. Heavy imports
stand inside the commands, so that `--version` and `--help` answer at once.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

if TYPE_CHECKING:
    from core.config import Configuration

VERSION = "0.1.0"

if sys.argv[1:] == ["--version"] and __name__ in ("__main__", "cli"):
    sys.stdout.write(f"perptape {VERSION}\n")
    raise SystemExit(0)

import typer  # noqa: E402 - after the constant answer

from replays.checkpoint_commands import checkpoint, key  # noqa: E402 - after the constant answer
from replays.golden_commands import golden_app  # noqa: E402 - after the constant answer
from replays.operator_commands import (  # noqa: E402 - after the constant answer
    cancel_all,
    flatten,
    halt,
    pause,
    reduce_only,
    resume,
    status,
)
from replays.options import DEFAULT_STORE, Json, StoreUrl  # noqa: E402 - after the constant answer
from replays.role_commands import grant  # noqa: E402 - after the constant answer
from replays.scenario_commands import scenarios_app  # noqa: E402 - after the constant answer
from replays.transfer_commands import archive, export, import_  # noqa: E402 - after the constant answer

app = typer.Typer(
    name="perptape",
    help="A perpetual-futures trading bot whose whole life is on tape: record, replay, rebuild, prove.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
store_app = typer.Typer(help="The event store.", no_args_is_help=False)
config_app = typer.Typer(help="The configuration.", no_args_is_help=False)
store_app.command("export")(export)
store_app.command("import")(import_)
store_app.command("archive")(archive)
store_app.command("key")(key)
store_app.command("checkpoint")(checkpoint)
store_app.command("grant")(grant)
app.command("status")(status)
app.command("pause")(pause)
app.command("resume")(resume)
app.command("reduce-only")(reduce_only)
app.command("halt")(halt)
app.command("flatten")(flatten)
app.command("cancel-all")(cancel_all)
app.add_typer(store_app, name="store")
app.add_typer(golden_app, name="golden")
app.add_typer(scenarios_app, name="scenarios")
app.add_typer(config_app, name="config")

ConfigFile = Annotated[
    Path | None, typer.Option("-c", "--config", metavar="BOT.TOML", help="Configuration; else the canary profile.")
]


def main() -> None:
    """Run the command line; the console script's entry point."""
    from replays.show.outcome import run_guarded

    run_guarded(app)


def show(as_json: bool, data: Any, text: str) -> None:
    """Print the result in the form that was asked for."""
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False) if as_json else text)


def load_settings(config: Path | None, overrides: dict[str, Any] | None = None) -> "Configuration":
    """The configuration of a file or profile, with the user's own strategies registered."""
    from core.config import load, register_strategies
    from core.edge.exchange import ExchangeSettings
    from core.strategies import STRATEGIES, build

    configuration = load(config, overrides=overrides, sections={"simulation": ExchangeSettings})
    register_strategies(configuration.trading, configuration.folder, STRATEGIES)
    for strategy in configuration.trading.strategies:
        build(strategy.kind, strategy.parameters)
    return configuration


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    """A perpetual-futures trading bot whose whole life is on tape."""
    if version:
        typer.echo(f"perptape {VERSION}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("-o", "--output", help="Where session and report go.")] = Path("demo"),
    seed: Annotated[int, typer.Option(help="Seed of market and ids.")] = 7,
    as_json: Json = False,
) -> None:
    """Record a session with a crash in it, recover, replay, rebuild, prove, and write an HTML report."""
    from replays.demo import as_data, as_text, run_demo

    result = run_demo(folder, seed, load_settings(None), tell=None if as_json else typer.echo)
    show(as_json, as_data(result), as_text(result))
    raise typer.Exit(0 if result.proved else 1)


@app.command()
def record(
    *,
    market: Annotated[
        list[str], typer.Option("--market", metavar="[SYMBOL=]FILE", help="Candles, trades, quotes, marks or funding.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="S.jsonl", help="The recording to write.")],
    config: ConfigFile = None,
    seed: Annotated[int, typer.Option(help="Decides client order ids and faults.")] = 1,
    file_format: Annotated[
        str | None, typer.Option("--format", help="Format of the market files when they do not say it.")
    ] = None,
    bar_stamp: Annotated[
        str | None, typer.Option("--bar-stamp", metavar="start|end", help="Which end of a bar its time is.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Drive the bot through market files on the simulated exchange and record the session."""
    from core.config import strategy_sources
    from core.edge.exchange import ExchangeSettings
    from replays.market_files import open_by_symbol, span
    from replays.record import plan_from_files, record
    from replays.show import recorded
    from replays.show.progress import progress_bar

    configuration = load_settings(config)
    files = open_by_symbol(market, file_format, bar_stamp)
    sources = strategy_sources(configuration.trading, configuration.folder)
    exchange = configuration.section(ExchangeSettings)
    plan = plan_from_files(configuration.trading, exchange, files, seed, sources, runtime=configuration.runtime)
    with progress_bar("recording", *span(files), quiet=as_json) as advance:
        result = record(plan, output, progress=advance)
    show(as_json, recorded.as_json(result), recorded.as_text(result))


@app.command()
def replay(
    files: Annotated[list[Path], typer.Argument(metavar="S.jsonl|STREAM…", help="Recordings, or streams of --store.")],
    *,
    jobs: Annotated[int, typer.Option(min=1, help="How many recordings at a time.")] = 1,
    go_on: Annotated[bool, typer.Option("--all", help="List every divergence, not only the first.")] = False,
    store: Annotated[str | None, typer.Option("--store", metavar="URL", help="The event store.")] = None,
    as_json: Json = False,
) -> None:
    """Give today's code the recorded observations and compare every decision."""
    from replays.fleet import replay_files
    from replays.show import replayed

    results, faults = replay_files(files, jobs=jobs, go_on=go_on, quiet=as_json, store_url=store)
    if as_json:
        data = [replayed.as_json(result, listed=go_on) for result in results]
        typer.echo(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        for result in results:
            typer.echo(replayed.as_text(result, listed=go_on))
    for fault in faults:
        sys.stderr.write(f"perptape: {fault}\n")
    if faults:
        raise typer.Exit(2)
    raise typer.Exit(1 if any(result.divergence for result in results) else 0)


@app.command()
def rebuild(
    source: Annotated[str, typer.Argument(metavar="S.jsonl|STREAM")],
    at: Annotated[
        str | None, typer.Option("--at", metavar="VERSION|TIME", help="A version or an RFC 3339 time.")
    ] = None,
    store: StoreUrl = DEFAULT_STORE,
    as_json: Json = False,
) -> None:
    """Print the state at a version or time, folded from what was recorded."""
    from replays.errors import DamageError
    from replays.rebuild import rebuild
    from replays.show.progress import progress_bar
    from replays.source import Moment, file_size, parse_moment

    moment = parse_moment(at) if at is not None else Moment()
    try:
        with progress_bar("rebuilding", 0, file_size(source), quiet=as_json) as advance:
            rebuilt = rebuild(source, store, moment, advance)
    except DamageError as damage:
        sys.stderr.write(f"perptape: {source}: {damage}\n")
        raise typer.Exit(1) from damage
    data = {
        "version": rebuilt.version,
        "state_digest": rebuilt.state_digest,
        "state": json.loads(bytes(rebuilt.state)),
    }
    typer.echo(json.dumps(data, indent=None if as_json else 2, ensure_ascii=False))


@app.command()
def verify(
    source: Annotated[str | None, typer.Argument(metavar="S.jsonl|STREAM")] = None,
    *,
    store: Annotated[str | None, typer.Option("--store", metavar="URL", help="The event store.")] = None,
    checkpoints: Annotated[Path | None, typer.Option(metavar="FILE", help="Each of these must be found in it.")] = None,
    public_key: Annotated[str | None, typer.Option(metavar="KEY|FILE", help="Whose all checkpoints must be.")] = None,
    as_json: Json = False,
) -> None:
    """Prove the chain, and that cold start = warm start = stored snapshot; of --store alone, in every stream."""
    from replays.show.verified import answer

    data, text, ok = answer(source, store, DEFAULT_STORE, checkpoints, public_key, quiet=as_json)
    show(as_json, data, text)
    raise typer.Exit(0 if ok else 1)


@store_app.command("init")
def store_init(store: StoreUrl = DEFAULT_STORE) -> None:
    """Make an empty store."""
    from eventstore.backends import redacted
    from eventstore.schema import initialise

    initialise(store)
    typer.echo(f"{redacted(store)}: ready")


@store_app.command("upgrade")
def store_upgrade(store: StoreUrl = DEFAULT_STORE) -> None:
    """Bring an older store to this release's schema."""
    from replays.show.store_checked import upgraded

    typer.echo(upgraded(store))


@store_app.command("check")
def store_check(store: StoreUrl = DEFAULT_STORE, as_json: Json = False) -> None:
    """Check the database, its guards, and every stream's chain, writer and snapshots."""
    from replays.show import store_checked
    from replays.store_check import check_store

    report = check_store(store)
    show(as_json, store_checked.as_json(report), store_checked.as_text(report))
    raise typer.Exit(0 if report.ok else 1)


@store_app.command("streams")
def store_streams(store: StoreUrl = DEFAULT_STORE, as_json: Json = False) -> None:
    """List the streams."""
    from eventstore.store import EventStore

    with EventStore.open(store) as opened:
        streams = opened.streams()
    rows = [{"stream": s.name, "version": s.head.version, "last_hash": s.head.hash.decode()} for s in streams]
    text = "\n".join(f"{s.name}  {s.head.version:,} events  {s.head.hash.decode()[:16]}…" for s in streams)
    show(as_json, rows, text or "no streams")


@config_app.command("check")
def config_check(config: ConfigFile = None, as_json: Json = False) -> None:
    """Check a configuration, and run its strategies twice to see that they always say the same."""
    from replays.config_check import check_configuration

    report = check_configuration(config, load_settings)
    if report.problems and not as_json:
        sys.stderr.write("".join(f"perptape: {problem}\n" for problem in report.problems))
    else:
        show(as_json, report.as_data(), report.as_text())
    raise typer.Exit(2 if report.problems else 0)


@config_app.command("show")
def config_show(config: ConfigFile = None, as_json: Json = False) -> None:
    """Print the whole configuration with defaults and origins."""
    from core.config import as_json as configuration_json
    from core.config import render_toml

    configuration = load_settings(config)
    show(as_json, configuration_json(configuration), "" if as_json else render_toml(configuration).rstrip())


@app.command()
def doctor(store: StoreUrl = DEFAULT_STORE, as_json: Json = False) -> None:
    """Look at the installation and say what is missing."""
    from replays.doctor import as_data, as_text, examine

    findings = examine(store)
    show(as_json, as_data(findings), as_text(findings))
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)


@app.command()
def bench(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME…]", help="Beginnings of benchmark names.")] = None,
    postgres: Annotated[
        str, typer.Option(metavar="URL", help="A PostgreSQL database in which schemas may be made, for its benchmarks.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Measure beside the floors, interleaved in one run."""
    from replays.bench import Sizes, as_data, as_text, run_benchmarks

    tell = None if as_json else lambda text: typer.echo(text, err=True)
    results = run_benchmarks(names or [], sizes=Sizes(postgres=postgres), tell=tell)
    show(as_json, as_data(results), as_text(results))


@app.command()
def schema(
    part: Annotated[str, typer.Argument(metavar="[events|configuration]")] = "events",
) -> None:
    """Print the JSON Schema of the events or of the configuration."""
    from core.codec import published_schema as events_schema
    from core.config import published_schema as configuration_schema
    from core.edge.exchange import ExchangeSettings

    if part not in ("events", "configuration"):
        raise typer.BadParameter(f"{part}: known are events, configuration")
    data = events_schema() if part == "events" else configuration_schema({"simulation": ExchangeSettings})
    typer.echo(json.dumps(data, indent=2))


if __name__ == "__main__":
    main()
