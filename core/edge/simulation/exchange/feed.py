"""The outgoing feed: messages in the order in which things happened, numbered from 1."""

from collections import deque

from perptape.core.events import Observation


class MessageQueue:
    """Messages that are not taken yet. `delay_ns` is the way from the exchange to the bot."""

    __slots__ = ("delay_ns", "private", "queue", "seq")

    def __init__(self, delay_ns: int) -> None:
        self.delay_ns = delay_ns
        self.seq = 0
        """Number of the newest message."""
        self.queue: deque[tuple[int, Observation]] = deque()
        """Arrival time and message."""
        self.private: list[tuple[int, int, Observation]] = []
        """Number, arrival time and message of reports that are not journaled yet."""

    def next_seq(self) -> int:
        """The number of the message that is about to be published or reported."""
        self.seq += 1
        return self.seq

    def publish(self, at_ns: int, message: Observation) -> None:
        """Append a market message."""
        self.queue.append((at_ns + self.delay_ns, message))

    def report(self, at_ns: int, message: Observation) -> None:
        """Append a message about the account or its orders; it is journaled before it is handed out."""
        arrival_ns = at_ns + self.delay_ns
        self.queue.append((arrival_ns, message))
        self.private.append((self.seq, arrival_ns, message))
