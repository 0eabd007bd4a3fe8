"""A bot for tests that go step by step: on a temporary store and a simulated exchange, in virtual time.

The pytest fixture `perptape_bot` starts them and shuts them down; docs/scenarios.md shows it in use.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack, aclosing
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from perptape.core.config import register_strategies
from perptape.core.durations import SECOND_NS
from perptape.core.errors import LogRefusedError, SimulationError
from perptape.core.order import Order
from perptape.core.settings import TradingSettings
from perptape.core.state import State
from perptape.core.strategies import STRATEGIES
from perptape.eventstore.store import EventStore
from perptape.replays.evidence.run import Run
from perptape.replays.proof.player import replay_stream
from perptape.replays.proof.verify import verify
from perptape.replays.record import STREAM
from perptape.replays.scenarios.language.builders import BTC, BTC_PRICE, ETH, ETH_PRICE, funded
from perptape.replays.scenarios.language.errors import UnprovedError
from perptape.replays.scenarios.language.market import market, prices
from perptape.replays.scenarios.language.scenario import Scenario
from perptape.replays.scenarios.language.script import Act
from perptape.replays.scenarios.runner.play import run_of
from perptape.replays.scenarios.runner.session import Staging

HOUR_S = 3_600
STOPPED = "the test ended"
CALM = market(
    prices(BTC, {0: int(BTC_PRICE), HOUR_S: int(BTC_PRICE)}), prices(ETH, {0: int(ETH_PRICE), HOUR_S: int(ETH_PRICE)})
)
"""The market of a test that says nothing of one: an hour in which no price moves."""


class Bot:
    """A running bot. Time passes when the test says so, as fast as it can be worked off."""

    def __init__(self, scenario: Scenario, store: EventStore, store_url: str) -> None:
        self.scenario = scenario
        self.store_url = store_url
        """Its store, for `perptape verify bot --store URL`, also after the test."""
        self.stream = STREAM
        """Its stream in the store."""
        self._store = store
        self._staging = Staging(scenario, store)

    @property
    def second(self) -> Decimal:
        """Where the session is, in seconds from the start of the scenario."""
        return Decimal(self._staging.now_ns() - self.scenario.start_ns) / SECOND_NS

    @property
    def running(self) -> bool:
        """Whether there is a process: not while it is away after a `Restart`, nor after the end."""
        return self._staging.bot is not None

    @property
    def state(self) -> State:
        """What the bot knows now, or what its store holds while no process runs; only to be looked at."""
        bot = self._staging.bot
        return bot.state if bot is not None else self.run().state

    def position(self, symbol: str) -> Decimal:
        """Signed contracts that the bot holds; zero when it holds none."""
        position = self.state.positions.get(symbol)
        return position.size if position is not None else Decimal(0)

    def order(self, intent: int) -> Order:
        """The order of this intent, counted from 1, as it was last. Raises UnmetError when there is none."""
        return self.run().order(intent)

    def run(self) -> Run:
        """Everything that has happened so far: tape, states, orders, what the venue holds and was asked."""
        if self._staging.bot is not None:
            self._staging.bot.flush()
        return run_of(self._staging, self._store)

    async def until(self, second: int | Decimal) -> None:
        """Let time pass up to and including this second of the session.

        Raises SimulationError for a second that has passed, and for one after the end of the market.
        """
        until_ns = self.scenario.start_ns + int(second * SECOND_NS)
        if until_ns < self._staging.now_ns():
            raise SimulationError(f"second {second} has passed: the bot is at second {self.second:f}")
        if until_ns > self._staging.end_ns:
            end = (self._staging.end_ns - self.scenario.start_ns) / SECOND_NS
            raise SimulationError(f"the market ends at second {end:g}, before second {second}: extend it")
        await self._staging.advance(until_ns)

    async def act(self, act: Act) -> None:
        """Let something happen now, and what follows from it at once.

        `Operator("pause")`, `Transfer(Decimal(500))`, `TradeByHand(…)`, `Restart(kill=True)` and the other acts.
        """
        await self._staging.perform(act)
        await self._staging.advance(self._staging.now_ns())

    async def end(self) -> Run:
        """Let the rest of the market and the script happen, and stop in good order; gives everything that happened."""
        await self._staging.end()
        return self.run()

    async def stop(self, reason: str = STOPPED) -> None:
        """Stop in good order here; without a last word when the store takes nothing."""
        try:
            await self._staging.stop(reason)
        except LogRefusedError:
            self._staging.kill()

    async def begin(self) -> None:
        """Start the first session, at the start of the market."""
        await self._staging.begin()

    def prove(self) -> None:
        """Raises UnprovedError unless the chain holds, every start leads to one state, and it replays."""
        verified = verify(self.stream, self.store_url)
        if not verified.ok:
            bad = verified.first_bad
            raise UnprovedError(f"it does not verify: version {bad.version}, {bad.reason}" if bad else "no state")
        divergence = replay_stream(self.stream, self.store_url).divergence
        if divergence is not None:
            raise UnprovedError(f"replay diverges at version {divergence.version}: {divergence.reason}")

    async def aclose(self) -> None:
        """Shut down bot, store and exchange, and prove the tape that they leave."""
        try:
            await self.stop()
        finally:
            self._staging.exchange.close()
            self._store.close()
        self.prove()


class Bots:
    """Starts bots, each on a store of its own in a folder, and shuts down all of them: what `perptape_bot` is."""

    def __init__(self, folder: Path, strategies: Sequence[Path]) -> None:
        """`strategies` are the folders that paths of strategies may be relative to."""
        self._folder = folder
        self._strategies = strategies
        self._bots = AsyncExitStack()
        self._started = 0

    async def __call__(self, what: Scenario | TradingSettings, /, **changes: Any) -> Bot:
        """Start a bot on a scenario; `changes` are other fields for it.

        Of trading settings it makes a scenario: the funded account, and an hour in which no price moves.
        """
        scenario = replace(_scenario(what), **changes)
        register_strategies(scenario.trading, self._home(scenario.trading), STRATEGIES)
        self._started += 1
        url = f"sqlite:///{self._folder / f'bot-{self._started}.sqlite'}"
        bot = Bot(scenario, EventStore.open(url, create=True), url)
        await self._bots.enter_async_context(aclosing(bot))
        await bot.begin()
        return bot

    async def aclose(self) -> None:
        """Shut all of them down, the last one first."""
        await self._bots.aclose()

    def _home(self, trading: TradingSettings) -> Path:
        """The first folder that holds every strategy that is a file."""
        files = [kind.rpartition(":")[0] for kind in (strategy.kind for strategy in trading.strategies) if ":" in kind]
        paths = [name for name in files if name.endswith(".py")]
        for folder in self._strategies:
            if all((folder / path).exists() for path in paths):
                return folder
        return self._strategies[0]


def _scenario(what: Scenario | TradingSettings) -> Scenario:
    if isinstance(what, Scenario):
        return what
    return Scenario(
        id="TEST",
        name="test",
        section="own",
        story="a test goes step by step",
        trading=what,
        market=CALM,
        exchange=funded(),
        verifies=(),
    )
