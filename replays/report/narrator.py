"""The narrator: walks beside the fold and collects what the story needs."""

import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from perptape.core.account import Account, drawdown
from perptape.core.codec import Line
from perptape.core.events import (
    AccountReported,
    AlertRaised,
    Event,
    ExternalOrderAdopted,
    GuardCleared,
    GuardTripped,
    ModeChanged,
    OpeningState,
    OrderBlocked,
    OrderFilled,
    OrderLookedUp,
    OrderRequested,
    PriceMessage,
    ReconciliationCompleted,
    ReportedFill,
    SessionStarted,
    SessionStopped,
    SignalGenerated,
    SignalsAggregated,
)
from perptape.core.evolve import evolve
from perptape.core.money import ZERO
from perptape.core.position import net
from perptape.core.state import State
from perptape.replays.report.lifelines import Lifelines
from perptape.replays.report.moments import MOMENTS_MAX, killed, moment
from perptape.replays.report.orders import OrderFollower
from perptape.replays.report.series import Sampler
from perptape.replays.report.summary import Counts, Figures, Moment

Noted = TypeVar("Noted", bound=Event)
_FILLS = (OrderFilled, OrderLookedUp, AccountReported)


class Narrator:
    """Folds events one by one and remembers, in bounded memory, what they were about."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.counts = Counts()
        self.orders = OrderFollower()
        self.lifelines = Lifelines()
        self.moments: list[Moment] = []
        self.prices: dict[str, Sampler] = {}
        self.exposures: dict[str, Sampler] = {}
        self.leverage = Sampler()
        self.equity = Sampler()
        self.start_equity: Decimal | None = None
        self._base = Account()
        self._worst = (ZERO, ZERO)
        self._leverage_max = ZERO

    def take(self, line: Line) -> None:
        """Fold the next event and note what it means."""
        event, version, at_ns = line.data, line.version, line.at_ns
        kind = type(event)
        counts, state = self.counts, self.state
        counts.events += 1
        if line.cause is None:
            counts.observations += 1
            self.orders.begin_turn(version, at_ns, event)
        else:
            counts.decisions += 1
        if isinstance(event, PriceMessage):
            evolve(state, event, version, at_ns)
            self._price(event.symbol, at_ns)
            return
        if kind is SessionStarted:
            if state.running:
                self._tell(killed(state.version, state.at_ns, state.session))
            self.lifelines.start(version, at_ns, event, state)
        if kind in _FILLS:
            self._fold_fills(event, version, at_ns)
        else:
            evolve(state, event, version, at_ns)
        note = _NOTES.get(kind)
        if note is not None:
            note(self, version, at_ns, event)
        elif hasattr(event, "client_order_id"):
            self.orders.report(version, at_ns, event, state)
        self._tell(moment(version, at_ns, event, account_known=state.account.known))
        self._value(at_ns)

    def figures(self) -> Figures:
        """What came out of it, as of the last event."""
        account, total, base = self.state.account, self.state.account.total, self._base
        return Figures(
            profit=net(total) - net(base.total) + account.unrealised - base.unrealised,
            realised=total.realised - base.total.realised,
            unrealised=account.unrealised,
            fees=total.fees - base.total.fees,
            funding=total.funding - base.total.funding,
            transfers=account.transfers - base.transfers,
            adjustments=account.adjustments - base.adjustments if self.start_equity is not None else ZERO,
            start_equity=self.start_equity,
            end_equity=account.equity,
            worst_drop=self._worst[0],
            worst_drawdown=self._worst[1],
            leverage_max=self._leverage_max,
        )

    def _tell(self, found: Moment | None) -> None:
        if found is not None:
            self.counts.moments += 1
            if len(self.moments) < MOMENTS_MAX:
                self.moments.append(found)

    def _price(self, symbol: str, at_ns: int) -> None:
        self.counts.prices += 1
        price = self.state.markets[symbol].price
        if price:
            series = self.prices.get(symbol)
            if series is None:
                series = self.prices[symbol] = Sampler()
            series.add(at_ns, price)
        if symbol in self.state.positions:
            self._expose(symbol, at_ns)
            self._value(at_ns)

    def _expose(self, symbol: str, at_ns: int) -> None:
        """The position of one symbol at its price."""
        position = self.state.positions.get(symbol)
        series = self.exposures.get(symbol)
        if series is None:
            series = self.exposures[symbol] = Sampler()
        series.add(at_ns, position.coins * self.state.markets[symbol].price if position is not None else ZERO)

    def _value(self, at_ns: int) -> None:
        """Equity, its fall from the peak, and leverage."""
        account = self.state.account
        if not account.known:
            return
        if self.start_equity is None:
            self.start_equity = account.equity
            self._base.adjustments = account.adjustments
        self.equity.add(at_ns, account.equity)
        drop = account.peak_equity - account.equity
        if drop > self._worst[0]:
            self._worst = (drop, drawdown(account))
        markets = self.state.markets
        gross = ZERO
        for symbol, position in self.state.positions.items():
            gross += abs(position.coins) * markets[symbol].price
        leverage = gross / account.equity if account.equity > 0 else ZERO
        self.leverage.add(at_ns, leverage)
        self._leverage_max = max(self._leverage_max, leverage)

    def _fold_fills(self, event: OrderFilled | OrderLookedUp | AccountReported, version: int, at_ns: int) -> None:
        """Fills come by three ways and are counted once, by the venue's id, as the fold itself does."""
        state = self.state
        new = [fill for fill in _fills(event) if fill.fill_id not in state.seen_fills]
        new = list({fill.fill_id: fill for fill in new}.values())
        before = state.account.total.realised
        evolve(state, event, version, at_ns)
        realised = state.account.total.realised - before
        of_one_order = len({fill.client_order_id for fill in new}) == 1
        for fill in new:
            if fill.fill_id not in state.seen_fills:
                continue
            self.counts.fills += 1
            last = fill is new[-1]
            self.orders.fill(version, at_ns, fill, realised if of_one_order and last else None, state)
            self._expose(fill.symbol, at_ns)

    def open(self, version: int, at_ns: int, event: OpeningState) -> None:
        """The recording begins with a whole state: what came before it is no part of the story."""
        self._base = copy.deepcopy(self.state.account)
        self.lifelines.open(version, at_ns, event, self.state)
        for order in self.state.orders.values():
            self.orders.open_with(order)
        for symbol in self.state.positions:
            self._expose(symbol, at_ns)


def _fills(event: OrderFilled | OrderLookedUp | AccountReported) -> tuple[OrderFilled | ReportedFill, ...]:
    return (event,) if isinstance(event, OrderFilled) else event.fills


def _request(teller: Narrator, version: int, at_ns: int, event: OrderRequested) -> None:
    teller.counts.orders += 1
    teller.orders.request(version, at_ns, event)


def _block(teller: Narrator, version: int, at_ns: int, event: OrderBlocked) -> None:
    teller.counts.blocked += 1
    teller.orders.block(version, at_ns, event)


def _signal(teller: Narrator, version: int, at_ns: int, event: SignalGenerated | SignalsAggregated) -> None:
    teller.counts.signals += isinstance(event, SignalGenerated)
    teller.orders.signal(version, at_ns, event)


def _adopt(teller: Narrator, version: int, at_ns: int, event: ExternalOrderAdopted) -> None:
    teller.counts.external_orders += 1
    teller.orders.adopt(version, at_ns, event)


def _trip(teller: Narrator, version: int, at_ns: int, event: GuardTripped) -> None:
    teller.counts.trips += 1
    teller.lifelines.trip(version, at_ns, event)


def _alert(teller: Narrator, _version: int, _at_ns: int, _event: AlertRaised) -> None:
    teller.counts.alerts += 1


def _note(kind: type[Noted], by: Callable[[Narrator, int, int, Noted], None]) -> tuple[type[Any], Callable[..., None]]:
    return kind, by


_NOTES = dict(
    [
        _note(OrderRequested, _request),
        _note(OrderBlocked, _block),
        _note(SignalGenerated, _signal),
        _note(SignalsAggregated, _signal),
        _note(ExternalOrderAdopted, _adopt),
        _note(GuardTripped, _trip),
        _note(AlertRaised, _alert),
        _note(GuardCleared, lambda teller, _version, at_ns, event: teller.lifelines.clear(at_ns, event)),
        _note(ModeChanged, lambda teller, version, at_ns, event: teller.lifelines.change_mode(version, at_ns, event)),
        _note(SessionStopped, lambda teller, version, at_ns, event: teller.lifelines.stop(version, at_ns, event)),
        _note(
            ReconciliationCompleted,
            lambda teller, version, at_ns, event: teller.lifelines.reconcile(version, at_ns, event),
        ),
        _note(OpeningState, lambda teller, version, at_ns, event: teller.open(version, at_ns, event)),
    ]
)
