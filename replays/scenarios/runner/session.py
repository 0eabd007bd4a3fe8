"""What a scenario is played with: the real bot on a real store, the simulated exchange, and the time they share."""

from collections import deque
from collections.abc import Sequence
from importlib.metadata import version as installed_version
from typing import assert_never

import msgspec
from msgspec.structs import replace

from perptape.core.canonical import canonical_json
from perptape.core.durations import SECOND_NS
from perptape.core.edge.alerts import TapeAlerts
from perptape.core.edge.simulation.exchange import SimulatedExchange
from perptape.core.edge.simulation.network import Network
from perptape.core.edge.storage.behaviour import behaviour_digest
from perptape.core.edge.storage.inbox import OperatorCommand, received, send
from perptape.core.edge.storage.log import StoreLog
from perptape.core.edge.time.receipt_clock import ReceiptClock
from perptape.core.edge.venue.budget import Budget
from perptape.core.edge.venue.throttle import ThrottledBroker
from perptape.core.errors import LogRefusedError, SimulationError
from perptape.core.events import ClockJumped, CredentialsLoaded, Observation, TaskCrashed
from perptape.core.ids import client_order_id
from perptape.core.orchestrator import Orchestrator
from perptape.core.ports import Broker
from perptape.core.settings import TradingSettings
from perptape.core.waiting import NEVER_NS, next_timer
from perptape.eventstore.port import Store
from perptape.replays.evidence.venue_call import VenueCall
from perptape.replays.record import STREAM, nonce_from
from perptape.replays.scenarios.language.scenario import Scenario
from perptape.replays.scenarios.language.script import (
    Act,
    LogRefuses,
    NewCredentials,
    Operator,
    Restart,
    TaskCrashes,
    TradeByHand,
    Transfer,
    VenueCancels,
    VenueRelists,
    VenueSays,
    VenueStatus,
    WallClockJump,
)
from perptape.replays.scenarios.runner.probes import Killed, Moments, WatchedBroker, WatchedLog
from perptape.replays.scenarios.runner.venue_acts import perform
from perptape.replays.tape.header import Header, Provenance, first_header, form_of

ENDED = "the scenario ended"
TASKS = ("feed", "timers", "inbox")
"""What runs beside the bot while it is played."""


def with_start(trading: TradingSettings, start_ns: int) -> TradingSettings:
    """The settings with scripted strategies whose plans begin at this time."""
    strategies = tuple(
        replace(strategy, parameters={**strategy.parameters, "start_ns": start_ns})
        if strategy.kind == "scripted"
        else strategy
        for strategy in trading.strategies
    )
    return replace(trading, strategies=strategies)


class Staging:
    """One playing of a scenario: bot, venue, network and script, and the time they share."""

    def __init__(self, scenario: Scenario, store: Store, kills: Sequence[int] = ()) -> None:
        """Make the stream in `store`, which has none; see `perptape.replays.scenarios.runner.play` for `kills`."""
        self.scenario = scenario
        self.nonce = nonce_from(scenario.seed)
        self.moments = Moments(kills)
        self.calls: list[VenueCall] = []
        self.log_refusals: list[tuple[int, int]] = []
        """From when until when, in ns, the script lets the log take nothing."""
        settings = replace(scenario.exchange, seed=scenario.seed)
        self.exchange = SimulatedExchange.open(
            None, lambda: scenario.market(scenario.start_ns), settings, stage=self.moments.stage
        )
        self.network = Network(self.exchange, replace(scenario.network, seed=scenario.seed))
        self._trading = with_start(scenario.trading, scenario.start_ns)
        self._store = store
        self._behaviour = behaviour_digest()
        self._end_ns = max((point.at_ns for point in scenario.market(scenario.start_ns)), default=0)
        self._acts = deque(sorted(scenario.acts, key=lambda at: at.second))
        self._bot: Orchestrator | None = None
        self._back_at_ns = 0
        self._refuses_until_ns = 0
        self._behind = False
        self._commands = 0
        self._wall_ahead_ns = 0
        self._receipt = ReceiptClock(lambda: self._elapsed_ns() + self._wall_ahead_ns, self._elapsed_ns)
        budget = scenario.budget
        self._budget = Budget(budget.per_second, budget.burst) if budget is not None else None
        self.header = self._header()
        store.create_stream(STREAM, self.nonce, msgspec.json.encode(self.header), format_name=form_of(self.header))

    def _header(self) -> Header:
        provenance = Provenance(release=installed_version("perptape"), behaviour=self._behaviour)
        return first_header(STREAM, self.nonce, canonical_json(self._trading), provenance)

    @property
    def bot(self) -> Orchestrator | None:
        """The process that runs; None while there is none."""
        return self._bot

    @property
    def end_ns(self) -> int:
        """When the market ends."""
        return self._end_ns

    async def begin(self) -> None:
        """Start the bot's first process, at the first point of the market."""
        await self._guarded_start()

    async def advance(self, until_ns: int) -> None:
        """Let everything happen that happens until then, that moment included; the market's end is the last."""
        while (feed_ns := self.network.peek_ns()) is not None and feed_ns <= self._end_ns:
            due_ns, act_ns = self._due_ns(), self._act_ns()
            first_ns = min(due_ns, act_ns, feed_ns)
            if first_ns > until_ns:
                self.network.advance_to(until_ns)
                return
            try:
                if first_ns == due_ns:
                    await self._fire(due_ns)
                elif first_ns == act_ns:
                    self.network.advance_to(act_ns)
                    await self.perform(self._acts.popleft().act)
                else:
                    await self._hear(self.network.take())
            except Killed:
                self._bot = None
                await self._guarded_start()

    async def end(self) -> None:
        """Let the rest of the market happen, and stop in good order. Raises SimulationError for acts after it."""
        await self.advance(self._end_ns)
        if self._acts:
            raise SimulationError(
                f"{self.scenario.id}: the market ends before second {self._acts[0].second}: extend it"
            )
        await self.stop(ENDED)

    async def stop(self, reason: str) -> None:
        """Stop in good order; a process that is killed while it does is followed by one that stops."""
        while self._bot is not None:
            try:
                await self._bot.stop(reason)
            except Killed:
                await self._guarded_start()
            else:
                self._bot = None

    def kill(self) -> None:
        """The process ends without a word."""
        self._bot = None

    def now_ns(self) -> int:
        """Receipt time at the bot: whatever is done to the wall clock, it goes on."""
        return self._receipt.now_ns()

    def _elapsed_ns(self) -> int:
        return max(self.network.now_ns, self.scenario.start_ns)

    async def _tell(self, fact: Observation) -> None:
        """Something of the machine or its people, which a bot that is not running does not hear."""
        if self._bot is not None:
            await self._bot.observe(fact)

    def _due_ns(self) -> int:
        """When the bot, or its next process, acts by itself."""
        if self._bot is None:
            return self._back_at_ns
        due_ns = next_timer(self._bot.state)[0]
        return due_ns if self.now_ns() >= self._refuses_until_ns else max(due_ns, self._refuses_until_ns)

    def _act_ns(self) -> int:
        return self.scenario.start_ns + self._acts[0].second * SECOND_NS if self._acts else NEVER_NS

    async def _guarded_start(self) -> None:
        """Start a process, and another one whenever it is killed before it stands."""
        while True:
            try:
                await self._start()
            except Killed:
                continue
            return

    async def _start(self) -> None:
        log = WatchedLog(StoreLog(self._store, STREAM, take_over=True), self.moments, self._refuses)
        broker: Broker = WatchedBroker(self.network, self.calls, self.now_ns)
        if self._budget is not None:
            broker = ThrottledBroker(broker, self._budget, self.now_ns)
        bot = Orchestrator(log, broker, TapeAlerts(), self, behaviour=self._behaviour)
        heard_seq = bot.state.feed_seq
        self._bot = bot
        await bot.start(self._trading, TASKS)
        for message in [*self.network.begin_session(), *self.network.redelivered(heard_seq)]:
            await bot.observe(message)
        await self._obey()

    def _refuses(self) -> bool:
        return self.now_ns() < self._refuses_until_ns

    async def _fire(self, due_ns: int) -> None:
        self.network.advance_to(due_ns)
        if self._bot is None:
            await self._start()
            return
        try:
            await self._catch_up()
            await self._bot.fire_due(due_ns)
        except LogRefusedError:
            self._behind = True

    async def _hear(self, messages: Sequence[Observation]) -> None:
        """Let the bot hear; what it could not keep while its log refused, it hears again later."""
        for message in messages:
            if self._bot is None:
                continue
            try:
                await self._catch_up()
                if not self._behind:
                    await self._bot.observe(message)
            except LogRefusedError:
                self._behind = True

    async def _catch_up(self) -> None:
        if self._bot is None or not self._behind or self._refuses():
            return
        self._behind = False
        for message in self.network.redelivered(self._bot.state.feed_seq):
            await self._bot.observe(message)

    async def perform(self, act: Act) -> None:
        """Carry out an act of the script, or another one, now."""
        match act:
            case Transfer() | TradeByHand() | VenueCancels() | VenueStatus() | VenueRelists() | VenueSays():
                perform(self.exchange, act, self._order_id)
            case Operator():
                await self._command(act)
            case Restart():
                await self._restart(act)
            case NewCredentials():
                await self._tell(CredentialsLoaded(act.key_id))
            case WallClockJump():
                self._wall_ahead_ns += act.seconds * SECOND_NS
                await self._tell(ClockJumped(self._receipt.jump()))
            case TaskCrashes(task, error, times):
                for crashes in range(1, times + 1):
                    await self._tell(TaskCrashed(task, error, crashes, restart_after_ns=SECOND_NS << crashes))
            case LogRefuses(for_s):
                self._refuses_until_ns = self.now_ns() + for_s * SECOND_NS
                self.log_refusals.append((self.now_ns(), self._refuses_until_ns))
            case _:
                assert_never(act)

    def _order_id(self, intent: int) -> str:
        return client_order_id(self.nonce, intent)

    async def _restart(self, act: Restart) -> None:
        if self._bot is not None and not act.kill:
            await self._bot.stop("restart")
        self._bot = None
        if act.trading is not None:
            self._trading = with_start(act.trading, self.scenario.start_ns)
        self._back_at_ns = self.now_ns() + act.away_s * SECOND_NS
        if not act.away_s:
            await self._guarded_start()

    async def _command(self, act: Operator) -> None:
        self._commands += 1
        halt_id = act.halt_id
        if halt_id is None:
            held = act.command == "resume" and self._bot is not None and self._bot.state.mode == "halted"
            halt_id = self._bot.state.halt_ordinal if held and self._bot is not None else 0
        command = OperatorCommand(
            command_id=act.command_id or f"command-{self._commands}",
            command=act.command,
            actor=act.actor,
            reason=act.reason,
            expires_at_ns=None if act.expires_s is None else self.now_ns() + act.expires_s * SECOND_NS,
            halt_id=halt_id,
            flatten=act.flatten,
        )
        send(self._store, STREAM, command, self.now_ns())
        await self._obey()

    async def _obey(self) -> None:
        """The bot takes what has come into its inbox."""
        try:
            if self._bot is not None:
                for command in received(self._store, STREAM, self._bot.state.inbox_version):
                    await self._bot.observe(command)
        except LogRefusedError:
            self._behind = True
