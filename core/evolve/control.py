"""Folds of the bot itself: sessions, configuration, timers, connection, commands, strategies, alerts."""

import dataclasses

from msgspec.structs import replace

from perptape.core.account import set_baselines
from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    AlertDelivered,
    AlertFailed,
    AlertRaised,
    ClockJumped,
    CommandApplied,
    CommandRefused,
    ConfigurationLoaded,
    ConnectionLost,
    ConnectionRestored,
    OpeningState,
    OperatorCommandReceived,
    ReconnectRequested,
    SessionStarted,
    SessionStopped,
    StateDigestRecorded,
    StrategyFailed,
    StrategyMemoryDropped,
    StreamGapDetected,
    TaskCrashed,
    TimerCanceled,
    TimerFired,
    TimerSet,
)
from perptape.core.events.reason import operator_says
from perptape.core.evolve.prices import remember
from perptape.core.evolve.register import fold
from perptape.core.evolve.safety import RESTRICTING_COMMANDS
from perptape.core.evolve.sleeves import arrange_sleeves
from perptape.core.market import Market
from perptape.core.opening import open_state
from perptape.core.sleeves import forget
from perptape.core.state import Outage, State
from perptape.core.timer_id import CYCLE, RECONCILE
from perptape.core.waiting import cycle_due_ns

CRASH_WINDOW_NS = 600 * SECOND_NS
"""A crash of a background task is remembered for this long, so that its recurrence is noticed."""
_CRASHES_KEPT = 20
_COMMANDS_KEPT = 200


def _started(state: State, event: SessionStarted) -> None:
    state.session = event.session
    state.nonce = event.nonce
    state.venue = event.venue
    state.settle_ns = event.settle_ns
    state.idempotent_client_ids = event.idempotent_client_ids
    state.running = True
    state.lost_channels = []
    state.outages = {}
    state.reconciliation.pending = ""
    state.reconciliation.required = True


def _stopped(state: State, _event: SessionStopped) -> None:
    state.running = False


def _configured(state: State, event: ConfigurationLoaded) -> None:
    settings = event.settings
    state.settings = settings
    for symbol in settings.symbols:
        if symbol not in state.markets:
            state.markets[symbol] = Market(symbol=symbol)
    for market in state.markets.values():
        market.followed = market.symbol in settings.symbols
        arrange_sleeves(market, settings)
    _begin_recurring(state, RECONCILE, settings.reconciliation.every_s)
    set_baselines(state.account, settings.guards.daily_loss_limit, settings.guards.drawdown_limit)


def _begin_recurring(state: State, timer_id: str, every_s: int) -> None:
    """The next whole multiple of the interval, so that a restart changes nothing about when it fires."""
    every_ns = every_s * SECOND_NS
    state.timers[timer_id] = (state.at_ns // every_ns + 1) * every_ns


def _timer_fired(state: State, event: TimerFired) -> None:
    if event.timer_id == CYCLE and cycle_due_ns(state) <= state.at_ns:
        state.cycled_at_ns = state.at_ns
        for market in state.markets.values():
            if market.price:
                remember(market, CYCLE)
    known = state.timers.pop(event.timer_id, None) is not None
    if event.timer_id == RECONCILE and known:
        _begin_recurring(state, RECONCILE, state.settings.reconciliation.every_s)


def _timer_set(state: State, event: TimerSet) -> None:
    state.timers[event.timer_id] = event.due_at_ns


def _timer_canceled(state: State, event: TimerCanceled) -> None:
    state.timers.pop(event.timer_id, None)


def _lost(state: State, event: ConnectionLost) -> None:
    if event.channel not in state.lost_channels:
        state.lost_channels.append(event.channel)
        state.lost_channels.sort()
        state.outages[event.channel] = Outage(lost_at_ns=state.at_ns, attempts=0, restored_version=0)
    state.reconciliation.required = True


def _restored(state: State, event: ConnectionRestored) -> None:
    if event.channel in state.lost_channels:
        state.lost_channels.remove(event.channel)
        state.outages[event.channel] = replace(state.outages[event.channel], restored_version=state.version)
    state.reconciliation.required = True


def _reconnect_requested(state: State, event: ReconnectRequested) -> None:
    if event.channel in state.outages:
        state.outages[event.channel] = replace(state.outages[event.channel], attempts=event.attempt)


def _gap(state: State, _event: StreamGapDetected) -> None:
    state.reconciliation.required = True


def _jumped(_state: State, _event: ClockJumped) -> None:
    """Receipt time is monotonic already; the jump is kept on the tape for people."""


def _command(state: State, event: OperatorCommandReceived) -> None:
    state.commands_seen.setdefault(event.command_id, state.version)
    while len(state.commands_seen) > _COMMANDS_KEPT:
        del state.commands_seen[next(iter(state.commands_seen))]
    state.inbox_version = max(state.inbox_version, event.inbox_version)


def _applied(state: State, event: CommandApplied) -> None:
    """A restriction holds from here on, also under a halt; the rest is told by the decisions beside this one."""
    cause = RESTRICTING_COMMANDS.get(event.command)
    if cause is not None:
        state.restricted[cause] = operator_says(event.actor, event.reason)


def _refused(_state: State, _event: CommandRefused) -> None:
    """A refused command changes nothing."""


def _strategy_failed(state: State, event: StrategyFailed) -> None:
    for market in state.markets.values():
        for sleeve in market.sleeves:
            if sleeve.strategy == event.strategy:
                sleeve.stopped = event.error


def _memory_dropped(state: State, event: StrategyMemoryDropped) -> None:
    market = state.markets.get(event.symbol)
    for sleeve in market.sleeves if market is not None else ():
        if sleeve.strategy == event.strategy:
            forget(sleeve)


def _digest_recorded(_state: State, _event: StateDigestRecorded) -> None:
    """It says what the state was; it changes nothing."""


def _task_crashed(state: State, event: TaskCrashed) -> None:
    """Crashes that are too long ago are forgotten, whichever task it was."""
    since_ns = state.at_ns - CRASH_WINDOW_NS
    times = {**state.task_crashes, event.task: [*state.task_crashes.get(event.task, ()), state.at_ns]}
    recent = {task: [at_ns for at_ns in crashes if at_ns > since_ns] for task, crashes in times.items()}
    state.task_crashes = {task: crashes[-_CRASHES_KEPT:] for task, crashes in recent.items() if crashes}


def _alert_raised(state: State, event: AlertRaised) -> None:
    if event.alert_id not in state.alerts:
        state.alert_ordinal += 1
    state.alerts[event.alert_id] = event


def _alert_settled(state: State, event: AlertDelivered | AlertFailed) -> None:
    state.alerts.pop(event.alert_id, None)


def _opened(state: State, event: OpeningState) -> None:
    opened = open_state(bytes(event.state), event.memories)
    version, at_ns = state.version, state.at_ns
    for part in dataclasses.fields(State):
        setattr(state, part.name, getattr(opened, part.name))
    state.version, state.at_ns = version, at_ns


CONTROL_FOLDS = (
    fold(SessionStarted, _started),
    fold(SessionStopped, _stopped),
    fold(ConfigurationLoaded, _configured),
    fold(TimerFired, _timer_fired),
    fold(TimerSet, _timer_set),
    fold(TimerCanceled, _timer_canceled),
    fold(ConnectionLost, _lost),
    fold(ConnectionRestored, _restored),
    fold(ReconnectRequested, _reconnect_requested),
    fold(StreamGapDetected, _gap),
    fold(ClockJumped, _jumped),
    fold(OperatorCommandReceived, _command),
    fold(CommandApplied, _applied),
    fold(CommandRefused, _refused),
    fold(StrategyFailed, _strategy_failed),
    fold(StrategyMemoryDropped, _memory_dropped),
    fold(StateDigestRecorded, _digest_recorded),
    fold(TaskCrashed, _task_crashed),
    fold(AlertRaised, _alert_raised),
    fold(AlertDelivered, _alert_settled),
    fold(AlertFailed, _alert_settled),
    fold(OpeningState, _opened),
)
