"""The sequencer: frames that arrive out of order are put in order again, and what stays missing is called a gap."""

from perptape.core.durations import MILLISECOND_NS
from perptape.core.events import Observation, StreamGapDetected


class Sequencer:
    """Holds frames back while earlier ones are missing, `hold_ms` at most; then the gap is reported and life goes on.

    A duplicate or a frame from before a gap is handed on at once: the bot knows by its number that it is old.
    """

    def __init__(self, hold_ms: int = 250, expected_seq: int = 0) -> None:
        """`expected_seq` is the number of the first frame that is missed when it does not come; 0 when unknown."""
        self._hold_ns = hold_ms * MILLISECOND_NS
        self._expected = expected_seq
        self._held: dict[int, Observation] = {}
        self._since_ns = 0

    def offer(self, seq: int, message: Observation, now_ns: int) -> list[Observation]:
        """A frame has arrived: what the bot may hear now, in order."""
        if not self._expected or seq < self._expected:
            self._expected = self._expected or seq + 1
            return [message]
        if not self._held and seq != self._expected:
            self._since_ns = now_ns
        self._held[seq] = message
        return self._released()

    def skip(self, seq: int) -> list[Observation]:
        """Frames up to this one will not come and are not missed: their channel is known to be down."""
        if not self._expected or seq < self._expected:
            return []
        before = [self._held.pop(held) for held in sorted(self._held) if held <= seq]
        self._expected = seq + 1
        return [*before, *self._released()]

    def due_ns(self) -> int | None:
        """When the patience with missing frames ends; None while none is missed."""
        return self._since_ns + self._hold_ns if self._held else None

    def give_up(self, now_ns: int) -> list[Observation]:
        """The patience is over: the gap, and then what was held back behind it."""
        received = min(self._held)
        gap = StreamGapDetected(channel="market", expected_seq=self._expected, received_seq=received)
        self._expected = received
        self._since_ns = now_ns
        return [gap, *self._released()]

    def _released(self) -> list[Observation]:
        released = []
        while self._expected in self._held:
            released.append(self._held.pop(self._expected))
            self._expected += 1
        return released
