"""A run of the exchange: the engine over the market path, with every request and report in the journal.

A run that takes up a journal does everything again from the start of the path, with the journaled requests at exactly
their places, and compares what it does with what was journaled; so it becomes the exchange that was, to the last byte.

It goes as far as the bot's durable knowledge: to the last request, or to the last message that the bot has kept. Time
stands still while the process is dead, so what the market did after that has not happened yet; its reports are taken
back from the journal and made again when their time comes. Otherwise a bot that lost its newest turns would be told
of fills that lie in its future.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from decimal import getcontext, setcontext

import msgspec

from perptape.core.edge.market.points import MarketPoint
from perptape.core.edge.simulation.exchange.engine import Engine
from perptape.core.edge.simulation.exchange.errors import JournalMismatchError
from perptape.core.edge.simulation.exchange.faults import is_acted_upon
from perptape.core.edge.simulation.exchange.journal import Journal, Row
from perptape.core.edge.simulation.exchange.requests import REQUEST_KINDS, BotCall, Request, client_order_id, kind_of
from perptape.core.edge.simulation.exchange.settings import ExchangeSettings
from perptape.core.edge.simulation.exchange.state import ExchangeState
from perptape.core.errors import SimulationError
from perptape.core.events import Observation
from perptape.core.money import CONTEXT, arithmetic

PointsFactory = Callable[[], Iterator[MarketPoint]]
Answers = tuple[Observation, ...]

_decode_request = msgspec.json.Decoder(Request).decode
_encode = msgspec.json.Encoder().encode


class Run:
    """One engine, one market path, one journal, one virtual time."""

    def __init__(self, journal: Journal, points: Iterator[MarketPoint], settings: ExchangeSettings) -> None:
        """`points` is the whole market path from its start."""
        with arithmetic():
            self._engine = Engine(settings)
        self.state: ExchangeState = self._engine.state
        self.calls: Counter[str] = Counter()
        """How many calls of each kind were journaled or acted upon."""
        self._context = CONTEXT.copy()
        self._feed = self.state.feed
        self._queue = self._feed.queue
        self._agenda = self.state.agenda
        self._points = points
        self._point: MarketPoint | None = next(points, None)
        self.start_ns = 0 if self._point is None else self._point.at_ns
        """When the market begins."""
        self.now_ns = self.start_ns
        """Virtual time at the bot."""
        self._journal = journal
        self._journaled = deque(journal.rows())
        """Rows of an earlier run that this one has not come to yet."""
        self._obstacle = "its journal has rows: call resume first" if self._journaled else ""

    def peek_ns(self) -> int | None:
        """Virtual time of the next message; None when the feed has ended."""
        return self._queue[0][0] if self._queue else self._cause_ns()

    def take(self) -> Observation:
        """The next message; virtual time moves to it. Raises SimulationError when the feed has ended."""
        if self._obstacle:
            raise self._unusable()
        if not self._queue:
            self._pump()
        arrival_ns, message = self._queue.popleft()
        self.now_ns = max(self.now_ns, arrival_ns)
        return message

    def perform(self, request: Request, *, journaled: bool) -> Answers:
        """Do what is asked, now, and make it durable with what it causes at once; the venue's own answer.

        A request that is not `journaled` must not change anything.
        """
        if self._obstacle:
            raise self._unusable()
        row = Row(self.now_ns, self._feed.seq, kind_of(request), client_order_id(request), _encode(request))
        answers = self._act(request, self.now_ns)
        if journaled:
            self._settle([row])
        return answers

    def resume(self, after_seq: int) -> None:
        """Take up the journal and go on with message `after_seq` + 1. Only once, before anything else.

        Raises JournalMismatchError when the run does not come out as journaled or the feed has no such message.
        """
        feed, journaled = self._feed, self._journaled
        if feed.seq:
            raise SimulationError(f"the exchange has already made {feed.seq} messages: resume a newly opened one")
        self._obstacle = "its resumption failed"
        requests = sum(row.kind in REQUEST_KINDS for row in journaled)
        while requests or feed.seq < after_seq:
            row = journaled[0] if journaled else None
            if row is not None and row.kind in REQUEST_KINDS and row.seq <= feed.seq:
                self._repeat(row)
                requests -= 1
            elif self._cause_ns() is None:
                wanted = max(after_seq, row.seq if row else 0)
                raise JournalMismatchError(
                    f"the market path ends at message {feed.seq}, before message {wanted} of the earlier run; "
                    "give the same market input"
                )
            else:
                self._pump()
            self._forget(after_seq)
        if journaled:
            self._journal.drop_newest(len(journaled))
            journaled.clear()
        self._obstacle = ""

    def close(self) -> None:
        """Let go of the journal."""
        self._obstacle = "it is closed"
        self._journal.close()

    def _unusable(self) -> SimulationError:
        return SimulationError(f"the simulated exchange cannot be used: {self._obstacle}")

    def _cause_ns(self) -> int | None:
        """When the bot hears of what happens next at the exchange."""
        point_ns = None if self._point is None else self._point.at_ns
        due_ns = self.state.next_due() if self._agenda else None
        if due_ns is None:
            return None if point_ns is None else point_ns + self._feed.delay_ns
        return (due_ns if point_ns is None else min(due_ns, point_ns)) + self._feed.delay_ns

    def _pump(self) -> None:
        """Let the next thing happen: what is due, or else the next market point. What is due comes first."""
        point = self._point
        # The same as `arithmetic()`, at a tenth of its cost: this is done for every market point.
        outer = getcontext()
        setcontext(self._context)
        try:
            due_ns = self.state.next_due() if self._agenda else None
            if due_ns is not None and (point is None or due_ns <= point.at_ns):
                self._engine.apply_due()
            elif point is not None:
                self._engine.apply(point)
                self._point = next(self._points, None)
            else:
                raise SimulationError("the feed has ended: peek_ns says None, there is nothing to take")
        finally:
            setcontext(outer)
        if self._feed.private:
            self._settle([])

    def _act(self, request: Request, at_ns: int) -> Answers:
        if isinstance(request, BotCall):
            self.calls[kind_of(request)] += 1
            if not is_acted_upon(request.fault):
                return ()
        with arithmetic():
            return self._engine.request(request, at_ns)

    def _settle(self, rows: list[Row]) -> None:
        """Journal a request and the reports that wait, or compare them with what an earlier run journaled."""
        private = self._feed.private
        for seq, arrival_ns, message in private:
            order_id = getattr(message, "client_order_id", "")
            rows.append(Row(arrival_ns, seq, type(message).__name__, order_id, _encode(message)))
        private.clear()
        known = min(len(rows), len(self._journaled))
        for row in rows[:known]:
            if row != (expected := self._journaled.popleft()):
                raise JournalMismatchError(
                    f"the earlier run journaled {expected}, this one makes {row}; "
                    "resume with the same release, settings and market input"
                )
        if known < len(rows):
            # What the venue has done but not made durable must not be seen: after a failure only a restart helps.
            before, self._obstacle = self._obstacle, "its journal could not be written: open it again and resume"
            self._journal.append(rows[known:])
            self._obstacle = before

    def _repeat(self, row: Row) -> None:
        if row.seq != self._feed.seq:
            raise JournalMismatchError(
                f"the earlier run took {row.kind} after message {row.seq}, this one is at {self._feed.seq}; "
                "resume with the same release, settings and market input"
            )
        self.now_ns = max(self.now_ns, row.at_ns)
        self._act(_decode_request(row.payload), row.at_ns)
        self._settle([row])

    def _forget(self, after_seq: int) -> None:
        """Drop the messages that the bot has already made durable."""
        queue = self._queue
        if queue and self._feed.seq <= after_seq:
            self.now_ns = max(self.now_ns, queue[-1][0])
            queue.clear()
        while queue and self._feed.seq - len(queue) < after_seq:
            self.now_ns = max(self.now_ns, queue.popleft()[0])
