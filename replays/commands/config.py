"""`perptape config check` and `show`, and `perptape schema`; heavy imports stand inside, for a quick start."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from perptape.replays.commands.options import ConfigFile, Json
from perptape.replays.commands.output import show

if TYPE_CHECKING:
    from perptape.core.config import Configuration


def load_settings(config: Path | None, overrides: dict[str, Any] | None = None) -> "Configuration":
    """The configuration of a file or profile, with the user's own strategies registered."""
    from perptape.core.config import load, register_strategies  # noqa: PLC0415 - heavy
    from perptape.core.edge.simulation.exchange import ExchangeSettings  # noqa: PLC0415 - heavy
    from perptape.core.strategies import STRATEGIES, build  # noqa: PLC0415 - heavy

    configuration = load(config, overrides=overrides, sections={"simulation": ExchangeSettings})
    register_strategies(configuration.trading, configuration.folder, STRATEGIES)
    for strategy in configuration.trading.strategies:
        build(strategy.kind, strategy.parameters)
    return configuration


def config_check(config: ConfigFile = None, as_json: Json = False) -> None:
    """Check a configuration and its strategies.

    Each strategy runs twice on the same market and must give the same signals.
    """
    from perptape.replays.commands.config_check import check_configuration  # noqa: PLC0415 - heavy

    report = check_configuration(config, load_settings)
    if report.problems and not as_json:
        sys.stderr.write("".join(f"perptape: {problem}\n" for problem in report.problems))
    else:
        show(as_json, report.as_data(), report.as_text())
    raise typer.Exit(2 if report.problems else 0)


def config_show(config: ConfigFile = None, as_json: Json = False) -> None:
    """Print every setting with its value and origin."""
    from perptape.core.config import as_json as configuration_json  # noqa: PLC0415 - heavy
    from perptape.core.config import render_toml  # noqa: PLC0415 - heavy

    configuration = load_settings(config)
    show(as_json, configuration_json(configuration), "" if as_json else render_toml(configuration).rstrip())


def schema(
    part: Annotated[str, typer.Argument(metavar="[events|configuration]")] = "events",
) -> None:
    """Print the JSON Schema of the events or the configuration."""
    from perptape.core.codec import events_schema  # noqa: PLC0415 - heavy
    from perptape.core.config import configuration_schema  # noqa: PLC0415 - heavy
    from perptape.core.edge.simulation.exchange import ExchangeSettings  # noqa: PLC0415 - heavy

    if part not in ("events", "configuration"):
        raise typer.BadParameter(f"{part}: use events or configuration")
    data = events_schema() if part == "events" else configuration_schema({"simulation": ExchangeSettings})
    typer.echo(json.dumps(data, indent=2))
