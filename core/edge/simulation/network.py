"""The network between bot and simulated exchange: outages, and frames that are lost, doubled, late or reordered.

It is a function of virtual time and of a seed, so that a scenario runs the same way again. While a channel is out, its
calls fail or its frames are lost, and the bot is told once, at the beginning; it hears again after it has reconnected.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from heapq import heapify, heappop, heappush
from typing import Annotated, Literal, assert_never, get_args

from msgspec import Meta, Struct

from perptape.core.durations import MILLISECOND_NS, SECOND_NS
from perptape.core.edge.simulation.exchange import SimulatedExchange
from perptape.core.edge.venue.sequencer import Sequencer
from perptape.core.events import (
    AccountQueryFailed,
    CancelOutcomeUnknown,
    CancelRequested,
    Channel,
    ConnectionLost,
    ConnectionRestored,
    FeedMessage,
    ListingMessage,
    MarketMessage,
    Observation,
    OrderLookupFailed,
    OrderLookupRequested,
    OrderRequested,
    OrderSubmissionFailed,
    ReconciliationRequested,
    ReconnectRequested,
    VenueRequest,
)
from perptape.core.ports import VenueTraits

CHANNELS: tuple[Channel, ...] = get_args(Channel)
UNREACHABLE = "CONNECTION_FAILED"


def _doc(text: str) -> Meta:
    return Meta(description=text)


class ChannelOutage(Struct, frozen=True):
    """Channels that are down from second `from_s` of the session until second `until_s`."""

    channels: Annotated[tuple[Channel, ...], _doc("Channels that are down.")]
    from_s: Annotated[int, _doc("Second of the session in which the outage begins.")]
    until_s: Annotated[int, _doc("Second of the session from which connecting works again.")]
    reason: Annotated[str, _doc("Error text of failing calls.")] = "connection refused"


class FrameFault(Struct, frozen=True):
    """Frames of the feed that do not arrive as they were sent: the `nth` of a channel, and `times` in all."""

    channel: Annotated[Channel, _doc("market or private; each is counted from 1.")]
    effect: Annotated[Literal["drop", "twice", "late"], _doc("What happens to the frame.")]
    nth: Annotated[int, _doc("First frame that the rule applies to.")]
    times: Annotated[int, _doc("Number of frames it applies to.")] = 1
    delay_ms: Annotated[
        int, _doc("Delay of a late frame, or of the second copy of a doubled frame, in milliseconds.")
    ] = 0


class NetworkSettings(Struct, frozen=True):
    """Everything that goes wrong on the way."""

    outages: tuple[ChannelOutage, ...] = ()
    frames: tuple[FrameFault, ...] = ()
    jitter_ms: int = 0
    """Each frame is late by a part of this, drawn from the seed, so that frames overtake each other."""
    hold_ms: int = 250
    """How long the bot's sequencer waits for missing frames."""
    seed: int = 1


class Network:
    """The exchange from the other end of the wire: a broker, and a feed that may say several things at once."""

    def __init__(self, exchange: SimulatedExchange, settings: NetworkSettings) -> None:
        self._exchange = exchange
        self._settings = settings
        self._start_ns = exchange.peek_ns() or 0
        self._sent_seq = 0
        """Number of the last frame that the venue has sent."""
        self._sequencer = Sequencer(settings.hold_ms, 1)
        self._connected: set[Channel] = set(CHANNELS)
        self._counts: dict[Channel, int] = {"market": 0, "private": 0}
        self._waiting: list[tuple[int, int, int, Observation]] = []
        """A heap of what arrives when: time, ordinal, number in the feed (0 for the network's own words), message."""
        self._ordinal = 0
        self._heard: list[tuple[int, Observation]] = []
        """Private frames with their numbers, which a venue delivers again to a bot that was not there."""
        for outage in settings.outages:
            for channel in outage.channels:
                self._push(self._start_ns + outage.from_s * SECOND_NS, 0, ConnectionLost(channel, outage.reason))

    @property
    def traits(self) -> VenueTraits:
        """What the venue promises."""
        return self._exchange.traits

    @property
    def now_ns(self) -> int:
        """Virtual time at the bot."""
        return self._exchange.now_ns

    def advance_to(self, at_ns: int) -> None:
        """Let virtual time pass; what arrives before has to be taken first."""
        self._exchange.advance_to(at_ns)

    def peek_ns(self) -> int | None:
        """When the next thing arrives; None once the market has ended and nothing is under way."""
        times = (self._exchange.peek_ns(), self._waiting[0][0] if self._waiting else None, self._sequencer.due_ns())
        return min((at_ns for at_ns in times if at_ns is not None), default=None)

    def take(self) -> Sequence[Observation]:
        """What arrives next: nothing, one message, or several. Virtual time moves to it."""
        at_ns = self.peek_ns()
        if at_ns is None:
            return ()
        if self._sequencer.due_ns() == at_ns:
            self.advance_to(at_ns)
            return self._sequencer.give_up(at_ns)
        if self._waiting and self._waiting[0][0] == at_ns:
            _, _, seq, message = heappop(self._waiting)
            self.advance_to(at_ns)
            return self._arrived(seq, message)
        return self._sent(self._exchange.take())

    def redelivered(self, after_seq: int) -> list[Observation]:
        """What is not to be missed and has a number above this one, once more, for a bot that has been away.

        That is private messages, and how instruments are and trade; prices of the past are gone.
        """
        return [message for seq, message in self._heard if seq > after_seq]

    def begin_session(self) -> Iterator[Observation]:
        """A bot connects everywhere it can, and hears where it cannot. What was under way to the last one is lost."""
        self._connected = set(CHANNELS)
        self._sequencer = Sequencer(self._settings.hold_ms, self._sent_seq + 1)
        self._waiting = [waiting for waiting in self._waiting if isinstance(waiting[3], ConnectionLost)]
        heapify(self._waiting)
        for channel in CHANNELS:
            outage = self._outage(channel)
            if outage is not None:
                self._connected.discard(channel)
                yield ConnectionLost(channel, outage.reason)

    async def call(self, request: VenueRequest) -> Sequence[Observation]:
        """Ask the exchange, if it can be reached; connecting is between the bot and the network alone."""
        channel = request.channel if isinstance(request, ReconnectRequested) else "rest"
        outage = self._outage(channel)
        if outage is not None:
            return (_unreachable(request, outage.reason),)
        if isinstance(request, ReconnectRequested):
            self._connected.add(channel)
            return (ConnectionRestored(channel),)
        return await self._exchange.call(request)

    def _outage(self, channel: Channel) -> ChannelOutage | None:
        elapsed_ns = self.now_ns - self._start_ns
        for outage in self._settings.outages:
            if channel in outage.channels and outage.from_s * SECOND_NS <= elapsed_ns < outage.until_s * SECOND_NS:
                return outage
        return None

    def _push(self, at_ns: int, seq: int, message: Observation) -> None:
        self._ordinal += 1
        heappush(self._waiting, (at_ns, self._ordinal, seq, message))

    def _arrived(self, seq: int, message: Observation) -> Sequence[Observation]:
        if isinstance(message, ConnectionLost):
            self._connected.discard(message.channel)
            return (message,)
        return self._sequencer.offer(seq, message, self.now_ns)

    def _sent(self, message: Observation) -> Sequence[Observation]:
        """The venue sent a frame: it arrives now, later, twice, or never."""
        seq = message.seq if isinstance(message, FeedMessage) else 0
        self._sent_seq = max(self._sent_seq, seq)
        channel: Channel = "market" if isinstance(message, MarketMessage) else "private"
        self._counts[channel] += 1
        if channel == "private" or isinstance(message, ListingMessage):
            self._heard.append((seq, message))
        if channel not in self._connected or self._outage(channel) is not None:
            return self._sequencer.skip(seq)
        fault = self._fault(channel, self._counts[channel])
        delay_ns = self._jitter_ns(seq)
        if fault is not None and fault.effect == "drop":
            return ()
        if fault is not None and fault.effect == "twice":
            self._push(self.now_ns + fault.delay_ms * MILLISECOND_NS, seq, message)
        if fault is not None and fault.effect == "late":
            delay_ns += fault.delay_ms * MILLISECOND_NS
        if not delay_ns:
            return self._sequencer.offer(seq, message, self.now_ns)
        self._push(self.now_ns + delay_ns, seq, message)
        return ()

    def _fault(self, channel: Channel, number: int) -> FrameFault | None:
        for fault in self._settings.frames:
            if fault.channel == channel and fault.nth <= number < fault.nth + fault.times:
                return fault
        return None

    def _jitter_ns(self, seq: int) -> int:
        if not self._settings.jitter_ms:
            return 0
        draw = int.from_bytes(sha256(f"{self._settings.seed}/{seq}".encode()).digest()[:8], "big")
        return draw % self._settings.jitter_ms * MILLISECOND_NS


def _unreachable(request: VenueRequest, reason: str) -> Observation:
    """What a call comes to while its channel is down."""
    match request:
        case OrderRequested(client_order_id=order_id):
            return OrderSubmissionFailed(order_id, UNREACHABLE, reason, retryable=True, retry_after_ns=None)
        case CancelRequested(order_id):
            return CancelOutcomeUnknown(order_id, reason)
        case OrderLookupRequested(order_id):
            return OrderLookupFailed(order_id, code=UNREACHABLE, reason=reason)
        case ReconciliationRequested(request_id):
            return AccountQueryFailed(request_id, code=UNREACHABLE, reason=reason)
        case ReconnectRequested(channel):
            return ConnectionLost(channel, reason)
        case _:
            assert_never(request)
