"""The simulated exchange as the bot meets it: a broker for requests and a feed of messages, in virtual time.

It is a party of its own. What it is asked and what it does to the account is in its journal before anyone is told, so
that a killed bot, or a killed exchange, finds everything as it was.
"""

from collections.abc import Callable
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Literal, assert_never

import msgspec

from perptape.core.codec import encode_data
from perptape.core.edge.simulation.exchange.fault_rule import FaultRule
from perptape.core.edge.simulation.exchange.faults import Faults, ScriptedFaults, faulty_answer, is_answered
from perptape.core.edge.simulation.exchange.journal import Journal, MemoryJournal, SqliteJournal, Synchronous
from perptape.core.edge.simulation.exchange.requests import (
    BotCall,
    Cancel,
    ExternalOrder,
    ForcedCancel,
    LookUp,
    Relisting,
    ReportAccount,
    StatusChange,
    Submit,
    Transfer,
    Utterance,
)
from perptape.core.edge.simulation.exchange.run import Answers, PointsFactory, Run
from perptape.core.edge.simulation.exchange.settings import ExchangeSettings
from perptape.core.edge.simulation.exchange.state import ExchangeState
from perptape.core.edge.simulation.exchange.wire import mangled
from perptape.core.errors import SimulationError
from perptape.core.events import (
    CallKind,
    CancelRequested,
    ConnectionRestored,
    Observation,
    OrderLookupRequested,
    OrderRequested,
    ReconciliationRequested,
    ReconnectRequested,
    TradingStatus,
    VenueRequest,
)
from perptape.core.instruments import Instrument
from perptape.core.ports import VenueTraits

Stage = Literal["received", "journaled", "answered"]


def unwatched(stage: Stage) -> None:
    """Let every stage of a call pass."""


def origin_digest(settings: ExchangeSettings, input_digest: str) -> str:
    """What a journal belongs to: the settings with their seed, and the market input."""
    return sha256(msgspec.json.encode(settings) + b"\n" + input_digest.encode()).hexdigest()


class SimulatedExchange:
    """A venue with one account, driven by a market path: the bot's `Broker`, and the feed beside it."""

    def __init__(
        self,
        journal: Journal,
        points_factory: PointsFactory,
        settings: ExchangeSettings,
        *,
        faults: Faults | None = None,
        stage: Callable[[Stage], None] = unwatched,
    ) -> None:
        """Most callers want `open`. `points_factory` gives the whole market path from its start.

        `stage` is called with `received` before anything is done about a call, `journaled` when it is durable, and
        `answered` before the answer leaves: where a test kills the process.
        """
        self._settings = settings
        self._faults = ScriptedFaults(settings.faults, settings.seed) if faults is None else faults
        # Queries change nothing but the count of calls, which only faults depend on.
        self._journals_queries = faults is not None or bool(settings.faults)
        self._stage = stage
        self._run = Run(journal, points_factory(), settings)

    @classmethod
    def open(
        cls,
        journal_path: Path | None,
        points_factory: PointsFactory,
        settings: ExchangeSettings,
        input_digest: str = "",
        *,
        faults: Faults | None = None,
        stage: Callable[[Stage], None] = unwatched,
        synchronous: Synchronous = "FULL",
    ) -> "SimulatedExchange":
        """An exchange on a journal file, or on memory when the path is None; `resume` it when the file is not new.

        Raises JournalMismatchError when the file belongs to other settings or another `input_digest`, and
        JournalUnusableError when it cannot be opened.
        """
        journal: Journal = MemoryJournal()
        if journal_path is not None:
            journal = SqliteJournal(journal_path, origin_digest(settings, input_digest), synchronous)
        return cls(journal, points_factory, settings, faults=faults, stage=stage)

    def resume(self, after_seq: int) -> None:
        """Become the exchange that was, and hand out what follows message `after_seq`. Only before anything else.

        The market path runs again from its start with the journaled requests at their places. Raises
        JournalMismatchError when that does not come out as journaled or the feed has no such message.
        """
        self._run.resume(after_seq)

    def close(self) -> None:
        """Let go of the journal."""
        self._run.close()

    @property
    def state(self) -> ExchangeState:
        """What the exchange knows, for checks; nobody else changes it."""
        return self._run.state

    @property
    def now_ns(self) -> int:
        """Virtual time at the bot: of the last message taken, or what the driver has set."""
        return self._run.now_ns

    @property
    def traits(self) -> VenueTraits:
        """What the venue promises."""
        settings = self._settings
        return VenueTraits(settings.name, settings.settle_ns, settings.idempotent_client_ids)

    def advance_to(self, at_ns: int) -> None:
        """Set virtual time, for what the bot does between messages. A time already passed changes nothing.

        Raises SimulationError when a message is due before that time: it has to be taken first.
        """
        due_ns = self._run.peek_ns()
        if due_ns is not None and due_ns < at_ns:
            raise SimulationError(f"cannot advance to {at_ns}: take the message of {due_ns} first")
        self._run.now_ns = max(self._run.now_ns, at_ns)

    def peek_ns(self) -> int | None:
        """Virtual time of the next message; None when the feed has ended."""
        return self._run.peek_ns()

    def take(self) -> Observation:
        """The next message; virtual time moves to it. Raises SimulationError when the feed has ended."""
        return self._run.take()

    async def call(self, request: VenueRequest) -> Answers:
        """Ask the venue: an order and a cancel are accepted or rejected, a query is answered.

        The answer to an order comes by the feed when there is latency, and the end of a canceled one always does.
        Nothing is in the way of connecting here (perptape.core.edge.simulation.network has outages).
        """
        match request:
            case OrderRequested():
                return self._perform(Submit(request, self._fault("submit")), journaled=True)
            case CancelRequested():
                return self._perform(Cancel(request, self._fault("cancel")), journaled=True)
            case OrderLookupRequested():
                return self._perform(LookUp(request, self._fault("look_up")), journaled=self._journals_queries)
            case ReconciliationRequested():
                fault = self._fault("report_account")
                return self._perform(ReportAccount(request, fault), journaled=self._journals_queries)
            case ReconnectRequested():
                return (ConnectionRestored(request.channel),)
            case _:
                assert_never(request)

    def trade_externally(self, order: OrderRequested) -> Answers:
        """A person trades on the bot's account; the order's client order id is empty."""
        return self._run.perform(ExternalOrder(order), journaled=True)

    def cancel_by_venue(self, order_id: str, reason: str) -> Answers:
        """The venue cancels a working order of its own accord, for example for margin."""
        return self._run.perform(ForcedCancel(order_id, reason), journaled=True)

    def transfer(self, amount: Decimal) -> None:
        """Deposit (positive) or withdraw (negative)."""
        self._run.perform(Transfer(amount), journaled=True)

    def change_status(self, symbol: str, status: TradingStatus, reason: str) -> None:
        """Open, close, halt or restrict trading in a symbol. Raises SimulationError for an unlisted one."""
        self._run.perform(StatusChange(symbol, status, reason), journaled=True)

    def say(self, message: Observation) -> None:
        """The venue says something on its feed that it has not done: a fault of its own. `seq` is filled in."""
        self._run.perform(Utterance(type(message).__name__, encode_data(message)), journaled=True)

    def relist(self, instrument: Instrument) -> None:
        """Describe an instrument anew."""
        self._run.perform(Relisting(instrument), journaled=True)

    def _fault(self, call: CallKind) -> FaultRule | None:
        run = self._run
        return self._faults.fault(call, run.calls[call] + 1, run.now_ns - run.start_ns)

    def _perform(self, request: BotCall, *, journaled: bool) -> Answers:
        self._stage("received")
        answers = self._run.perform(request, journaled=journaled)
        self._stage("journaled")
        if request.fault is not None:
            answers = self._damaged(request, request.fault, answers)
        self._stage("answered")
        return answers

    @staticmethod
    def _damaged(request: BotCall, fault: FaultRule, answers: Answers) -> Answers:
        """What reaches the bot of the venue's answers."""
        if fault.effect == "answer_late" and isinstance(request, Submit):
            return answers
        if not is_answered(fault):
            return (faulty_answer(request, fault),)
        if fault.effect == "mangle_answer":
            return tuple(mangled(answer, request, fault.mangle) for answer in answers)
        return answers * 2 if fault.effect == "answer_twice" else answers
