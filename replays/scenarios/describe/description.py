"""Telling a scenario before it is played: bot, venue, market, what goes wrong, what happens, what must come of it."""

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from perptape.core.edge.simulation.exchange import ExchangeSettings
from perptape.core.settings import StrategySettings, TradingSettings
from perptape.replays.evidence.expectation import Expectation
from perptape.replays.scenarios.catalogue import CatalogueRow
from perptape.replays.scenarios.describe.acts import act_in_words
from perptape.replays.scenarios.describe.faults import goes_wrong
from perptape.replays.scenarios.describe.market import market_in_words
from perptape.replays.scenarios.describe.plain import differing, plain, shown
from perptape.replays.scenarios.drills.drill import Drill
from perptape.replays.scenarios.language.builders import canary
from perptape.replays.scenarios.language.scenario import Scenario

_ACCOUNT = ("cash", "hold", "positions")
_TOLD_APART = (*_ACCOUNT, "faults", "seed")


class Phrase(Struct, frozen=True):
    """What the catalogue says of a row, and the expectations behind it."""

    phrase: str
    expectations: tuple[str, ...]


def as_data(row: CatalogueRow) -> dict[str, Any]:
    """Everything about a row, for programs. Money and sizes are strings."""
    told: dict[str, Any] = {
        "id": row.id,
        "name": row.name,
        "section": row.section,
        "marker": row.marker,
        "drill": isinstance(row, Drill),
        "story": row.story,
    }
    if isinstance(row, Scenario):
        told |= {
            "strategies": [plain(strategy) for strategy in row.trading.strategies],
            "settings": dict(other_settings(row.trading)),
            "account": {name: plain(getattr(row.exchange, name)) for name in _ACCOUNT},
            "venue": dict(other_venue(row.exchange)),
            "market": market_in_words(row),
            "goes_wrong": goes_wrong(row),
            "budget": None if row.budget is None else plain(row.budget),
            "acts": [{"second": at.second, "act": act_in_words(at.act, row.trading)} for at in row.acts],
            "start_ns": row.start_ns,
            "seed": row.seed,
        }
    return told | {"verifies": [plain(phrase) for phrase in phrases(row.verifies)]}


def as_text(row: CatalogueRow) -> str:
    """The same for people."""
    kind = ", a drill" if isinstance(row, Drill) else ""
    lines = [f"{row.id} {row.name} ({row.section}, marker {row.marker}{kind})", f"  {row.story}"]
    if isinstance(row, Scenario):
        for title, said in described(row):
            lines += ["", f"  {title}", *(f"    {line}" for line in said)]
    lines += ["", "  Verifies"]
    for phrase in phrases(row.verifies):
        lines += [f"    {phrase.phrase}", *(f"      - {name}" for name in phrase.expectations)]
    return "\n".join(lines)


def described(row: Scenario) -> Iterator[tuple[str, list[str]]]:
    """What the script sets up and lets happen, heading by heading; a heading with nothing to say is left out."""
    strategies = [strategy_in_words(strategy) for strategy in row.trading.strategies]
    account = [f"{row.exchange.cash:f} USD, of which {row.exchange.hold:f} on hold"]
    account += [
        f"{'long' if held.size > 0 else 'short'} {abs(held.size):f} {held.symbol} from {held.entry_price:f}"
        for held in row.exchange.positions
    ]
    budget = row.budget
    told = (
        ("Strategies", strategies),
        ("Settings other than canary's", [f"{name} = {shown(value)}" for name, value in other_settings(row.trading)]),
        ("Account", account),
        ("Venue other than usual", [f"{name} = {shown(value)}" for name, value in other_venue(row.exchange)]),
        ("Market", market_in_words(row)),
        ("Goes wrong", goes_wrong(row)),
        ("Budget", [] if budget is None else [f"{budget.per_second} requests a second, bursts of {budget.burst}"]),
        ("Happens", [f"{at.second:>4} s  {act_in_words(at.act, row.trading)}" for at in row.acts]),
    )
    return ((title, said) for title, said in told if said)


def phrases(expectations: Iterable[Expectation]) -> list[Phrase]:
    """Expectations by phrase, in the order in which the phrases come first."""
    behind: dict[str, list[str]] = {}
    for expectation in expectations:
        behind.setdefault(expectation.phrase, []).append(expectation.name)
    return [Phrase(phrase, tuple(names)) for phrase, names in behind.items()]


def strategy_in_words(strategy: StrategySettings) -> str:
    """One strategy: what it is, when it is asked, and what is not usual about it."""
    usual = StrategySettings(name="", kind="")
    others = [
        f"{name} = {shown(plain(value))}"
        for name, value in asdict(strategy).items()
        if name not in ("name", "kind", "trigger", "parameters") and value != getattr(usual, name)
    ]
    parameters = [f"{name} = {shown(value)}" for name, value in strategy.parameters.items()]
    return f"{strategy.name}: {strategy.kind} at each {strategy.trigger}; {', '.join([*parameters, *others])}".rstrip(
        "; "
    )


def other_settings(trading: TradingSettings) -> Iterator[tuple[str, Any]]:
    """The settings that are not those of `canary()`, by their dotted names; strategies are told apart."""
    return differing(trading, canary(), "", ("strategies",))


def other_venue(exchange: ExchangeSettings) -> Iterator[tuple[str, Any]]:
    """The settings of the venue that are not the usual ones, besides account and faults."""
    return differing(exchange, ExchangeSettings(), "", _TOLD_APART)
