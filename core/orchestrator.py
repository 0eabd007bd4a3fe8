"""The orchestrator: observe, decide, append, dispatch.

A turn is one observation and its decisions, made durable together. Effects leave only after the turn that decided them
is durable, and every effect comes back as an observation. Turns without effects may share a commit.
"""

from collections import deque
from collections.abc import Sequence

from perptape.core.codec import log_record
from perptape.core.decide import take_turn
from perptape.core.errors import LogRefusedError, StrategyRaisedError
from perptape.core.events import (
    AlertRaised,
    CancelRequested,
    ConfigurationLoaded,
    Effect,
    EffectBase,
    FeedMessage,
    Observation,
    OperatorCommandReceived,
    OrderRequested,
    OrderResubmitted,
    SessionStarted,
    SessionStopped,
    StateDigestRecorded,
    StrategyFailed,
    StrategyMemoryDropped,
    TimerFired,
)
from perptape.core.money import arithmetic
from perptape.core.opening import snapshot_bytes
from perptape.core.order import Order
from perptape.core.ports import Alerts, Broker, Clock, Log, LogRecord, Snapshot
from perptape.core.restore import restore
from perptape.core.settings import TradingSettings
from perptape.core.sleeves import memory_losses
from perptape.core.state import State
from perptape.core.waiting import next_timer


class Orchestrator:
    """Runs one bot on its ports. Only this object changes the state, one observation after the other."""

    def __init__(
        self,
        log: Log,
        broker: Broker,
        alerts: Alerts,
        clock: Clock,
        *,
        behaviour: str,
        group_events: int = 200,
    ) -> None:
        """`behaviour` is the digest of what shapes the state; `group_events` bounds how much shares a commit.

        A snapshot is taken wherever the tape holds the state's digest.
        """
        self._log = log
        self._broker = broker
        self._alerts = alerts
        self._clock = clock
        self._behaviour = behaviour
        self._group_events = group_events
        self._pending: list[LogRecord] = []
        self._inbox: deque[Observation] = deque()
        self._unkept: deque[Observation] = deque()
        """A person's halt that was carried out although the log did not take it."""
        self._snapshot: Snapshot | None = None
        """The state as of the last digest on the tape, to be kept once that is durable."""
        restored = restore(log, behaviour)
        self.state: State = restored.state
        self.snapshot_version = restored.snapshot_version
        self._durable_version = self.state.version

    async def start(self, settings: TradingSettings, tasks: tuple[str, ...] = ()) -> None:
        """Begin a session: settle what the last one left open, and load the settings if they are other ones.

        `tasks` are the background tasks that are going to run, by name.
        """
        traits = self._broker.traits
        # A session that was killed before its first configuration has versions, and follows no symbol.
        configured = any(market.followed for market in self.state.markets.values())
        await self.observe(
            SessionStarted(
                session=self.state.session + 1,
                nonce=self._log.nonce,
                venue=traits.name,
                settle_ns=traits.settle_ns,
                idempotent_client_ids=traits.idempotent_client_ids,
                tasks=tasks,
            )
        )
        for symbol, strategy, loss in memory_losses(self.state):
            await self.observe(StrategyMemoryDropped(strategy, symbol, loss))
        if not configured or self.state.settings != settings:
            await self.observe(ConfigurationLoaded(settings=settings))

    async def stop(self, reason: str) -> None:
        """End the session in good order: the last event says why, and everything is durable."""
        await self.observe(SessionStopped(session=self.state.session, reason=reason))
        self.flush()

    async def observe(self, observation: Observation) -> None:
        """Take the observation in, and everything that follows from it until nothing is left to carry out.

        A message of the feed that is in the state already (a duplicate, a late frame, a redelivery) is dropped.
        """
        if isinstance(observation, FeedMessage) and 0 < observation.seq <= self.state.feed_seq:
            return
        while self._unkept:
            await self._take(self._unkept.popleft())
        await self._take(observation)

    async def _take(self, observation: Observation) -> None:
        inbox = self._inbox
        inbox.append(observation)
        while inbox:
            taken = inbox.popleft()
            effects = self._turn(taken)
            if effects:
                try:
                    self.flush()
                except LogRefusedError:
                    await self._halt_unkept(taken, effects)
                    raise
                for effect in effects:
                    inbox.extend(await self._dispatch(effect))
        if len(self._pending) >= self._group_events:
            self.flush()

    async def _halt_unkept(self, observation: Observation, effects: Sequence[Effect]) -> None:
        """A person's halt cancels orders even when the log takes nothing; it comes onto the tape as soon as it can.

        A cancel is asked again then, which the venue answers the same way.
        """
        if isinstance(observation, OperatorCommandReceived) and observation.command == "halt":
            self._unkept.append(observation)
            for effect in effects:
                if isinstance(effect, CancelRequested):
                    await self._broker.call(effect)

    async def fire_due(self, now_ns: int) -> bool:
        """Fire the first timer that is due; says whether there was one."""
        due_ns, timer_id = next_timer(self.state)
        if due_ns > now_ns:
            return False
        await self.observe(TimerFired(timer_id=timer_id))
        return True

    def flush(self) -> None:
        """Make all turns so far durable. When the log refuses, nothing was dispatched and the state is rebuilt."""
        self._store_pending()
        if self._snapshot is not None:
            self._log.save_snapshot(self._snapshot)
            self.snapshot_version = self._snapshot.version
            self._snapshot = None

    def _store_pending(self) -> None:
        """Append the whole turns so far, whatever half a turn the state may hold besides."""
        pending, self._pending = self._pending, []
        if not pending:
            return
        try:
            self._log.append(self._durable_version, pending)
        except LogRefusedError:
            self._rebuild()
            raise
        self._durable_version += len(pending)

    def _turn(self, observation: Observation) -> list[Effect]:
        """One turn, pending until the next flush; a strategy that raises is stopped and the turn taken again."""
        try:
            return self._decide(observation)
        except StrategyRaisedError as failure:
            self._drop_half_turn()
            failed = StrategyFailed(strategy=failure.strategy, symbol=failure.symbol, error=failure.error)
            return [*self._decide(failed), *self._turn(observation)]

    def _drop_half_turn(self) -> None:
        """Keep the whole turns before the one that failed, and rebuild the state that it left half changed."""
        self._store_pending()
        self._rebuild()

    def _rebuild(self) -> None:
        self.state = restore(self._log, self._behaviour).state
        self._snapshot = None
        self._durable_version = self.state.version

    def _decide(self, observation: Observation) -> list[Effect]:
        state = self.state
        at_ns = max(self._clock.now_ns(), state.at_ns)
        cause = state.version + 1
        records: list[LogRecord] = []
        effects: list[Effect] = []
        with arithmetic():
            for decision in take_turn(state, observation, at_ns):
                records.append(log_record(decision, at_ns, cause))
                if isinstance(decision, EffectBase):
                    effects.append(decision)
                elif type(decision) is StateDigestRecorded:
                    self._snapshot = Snapshot(state.version, self._behaviour, snapshot_bytes(state))
            self._pending.append(log_record(observation, at_ns, None))
        self._pending.extend(records)
        return effects

    async def _dispatch(self, effect: Effect) -> Sequence[Observation]:
        """Carry out one durable effect; what comes of it are observations."""
        match effect:
            case OrderResubmitted():
                order = self.state.orders.get(effect.client_order_id)
                return await self._broker.call(as_requested(order)) if order is not None else ()
            case AlertRaised():
                return (await self._alerts.deliver(effect),)
            case _:
                return await self._broker.call(effect)


def as_requested(order: Order) -> OrderRequested:
    """The request of an order as it was first made, for sending it again."""
    return OrderRequested(
        intent=order.intent,
        client_order_id=order.client_order_id,
        strategy=order.strategy,
        symbol=order.symbol,
        side=order.side,
        order_type=order.order_type,
        size=order.size,
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        time_in_force=order.time_in_force,
        expires_at_ns=order.expires_at_ns,
        post_only=order.post_only,
        reduce_only=order.reduce_only,
        purpose=order.purpose,
        reference_price=order.reference_price,
        replaces="",
    )
