"""`perptape demo`, `record`, `replay`, `rebuild` and `verify`; heavy imports stand inside, for a quick start."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from perptape.replays.commands.config import load_settings
from perptape.replays.commands.options import BotFile, ConfigFile, Json, StoreUrl, StrategyCode, TrustHeader
from perptape.replays.commands.output import show
from perptape.replays.tape.which_store import store_url


def demo(
    folder: Annotated[Path, typer.Option("-o", "--output", help="Folder for the session and the report.")] = Path(
        "demo"
    ),
    seed: Annotated[int, typer.Option(help="Seed for the market and for ids.")] = 7,
    as_json: Json = False,
) -> None:
    """Record a session with a crash, recover and prove it.

    The session is replayed, rebuilt and verified; an HTML report shows the result.
    """
    from perptape.replays.commands.demo import as_data, as_text, run_demo  # noqa: PLC0415 - heavy

    result = run_demo(folder, seed, load_settings(None), notify=None if as_json else typer.echo)
    show(as_json, as_data(result), as_text(result))
    raise typer.Exit(0 if result.proved else 1)


def record(
    *,
    market: Annotated[
        list[str], typer.Option("--market", metavar="[SYMBOL=]FILE", help="Candles, trades, quotes, marks or funding.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="S.jsonl", help="The recording to write.")],
    config: ConfigFile = None,
    seed: Annotated[int, typer.Option(help="Seed for client order ids and faults.")] = 1,
    file_format: Annotated[
        str | None, typer.Option("--format", help="Format of the market files, if it cannot be recognised.")
    ] = None,
    bar_stamp: Annotated[
        str | None,
        typer.Option("--bar-stamp", metavar="start|end", help="Whether a bar's time is its start or its end."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Run the bot on market files and record the session.

    Orders go to the simulated exchange. A killed run resumes where it stopped.
    """
    from perptape.core.config import strategy_sources  # noqa: PLC0415 - heavy
    from perptape.core.edge.simulation.exchange import ExchangeSettings  # noqa: PLC0415 - heavy
    from perptape.replays.commands.market_files import open_by_symbol, span  # noqa: PLC0415 - heavy
    from perptape.replays.commands.show import recorded  # noqa: PLC0415 - heavy
    from perptape.replays.commands.show.progress import progress_bar  # noqa: PLC0415 - heavy
    from perptape.replays.record import plan_from_files, record  # noqa: PLC0415 - heavy

    configuration = load_settings(config)
    files = open_by_symbol(market, file_format, bar_stamp)
    sources = strategy_sources(configuration.trading, configuration.folder)
    exchange = configuration.section(ExchangeSettings)
    plan = plan_from_files(configuration.trading, exchange, files, seed, sources, runtime=configuration.runtime)
    with progress_bar("recording", *span(files), quiet=as_json) as advance:
        result = record(plan, output, progress=advance)
    show(as_json, recorded.as_json(result), recorded.as_text(result))


def replay(
    files: Annotated[
        list[Path], typer.Argument(metavar="S.jsonl|STREAM…", help="Recordings, or streams in the store.")
    ],
    *,
    jobs: Annotated[int, typer.Option(min=1, help="Number of recordings to replay at a time.")] = 1,
    strategy: StrategyCode = None,
    trust_header: TrustHeader = False,
    go_on: Annotated[bool, typer.Option("--all", help="List every divergence, not just the first.")] = False,
    store: StoreUrl = None,
    config: BotFile = None,
    as_json: Json = False,
) -> None:
    """Run today's code on a recording and compare every decision.

    Exits with 1 if a decision differs or the recording is damaged.
    """
    from perptape.replays.commands.fleet import replay_files  # noqa: PLC0415 - heavy
    from perptape.replays.commands.show import replayed  # noqa: PLC0415 - heavy
    from perptape.replays.proof.strategy_code import configured_trust  # noqa: PLC0415 - heavy

    url = store_url(store, config)
    trust = configured_trust(Path.cwd() if config is None else config.parent, kinds=strategy or (), header=trust_header)
    results, faults = replay_files(files, jobs=jobs, go_on=go_on, quiet=as_json, store_url=url, trust=trust)
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


def rebuild(
    source: Annotated[str, typer.Argument(metavar="S.jsonl|STREAM")],
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="VERSION|TIME", help="A version, or an RFC 3339 time; default: the end."),
    ] = None,
    store: StoreUrl = None,
    config: BotFile = None,
    as_json: Json = False,
) -> None:
    """Print the state at a version or time.

    The state is folded from the recorded events; no strategy code runs.
    """
    from perptape.replays.commands.show.progress import progress_bar  # noqa: PLC0415 - heavy
    from perptape.replays.proof.rebuild import rebuild  # noqa: PLC0415 - heavy
    from perptape.replays.tape.errors import DamageError  # noqa: PLC0415 - heavy
    from perptape.replays.tape.source import TapePoint, file_size, parse_point  # noqa: PLC0415 - heavy

    moment = parse_point(at) if at is not None else TapePoint()
    try:
        with progress_bar("rebuilding", 0, file_size(source), quiet=as_json) as advance:
            rebuilt = rebuild(source, store_url(store, config), moment, advance)
    except DamageError as damage:
        sys.stderr.write(f"perptape: {source}: {damage}\n")
        raise typer.Exit(1) from damage
    data = {
        "version": rebuilt.version,
        "state_digest": rebuilt.state_digest,
        "state": json.loads(bytes(rebuilt.state)),
    }
    typer.echo(json.dumps(data, indent=None if as_json else 2, ensure_ascii=False))


def verify(
    source: Annotated[str | None, typer.Argument(metavar="S.jsonl|STREAM")] = None,
    *,
    store: StoreUrl = None,
    config: BotFile = None,
    checkpoints: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Check the chain against these checkpoints.")
    ] = None,
    public_key: Annotated[
        str | None, typer.Option(metavar="KEY|FILE", help="Require every checkpoint to be signed with this public key.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check the hash chain and prove the state.

    A cold start, warm starts and stored snapshots must give the same bytes. With --store and no source, every stream
    of the store is verified.
    """
    from perptape.replays.commands.show.verified import answer  # noqa: PLC0415 - heavy
    from perptape.replays.tape.errors import SourceError  # noqa: PLC0415 - heavy

    if source is None and store is None and config is None:
        raise SourceError("Missing argument 'S.jsonl|STREAM': give one, or a store with --store URL (see --help)")
    data, text, ok = answer(source, store_url(store, config), checkpoints, public_key, quiet=as_json)
    show(as_json, data, text)
    raise typer.Exit(0 if ok else 1)
