"""A budget of requests: so many a second and so many at once, shared by all callers and given out in order.

The generic cell rate algorithm (ITU-T I.371, Annex A): one time says all, when the next request would be on schedule.
"""

from perptape.core.durations import SECOND_NS

_FORGOTTEN_NS = 60 * SECOND_NS


class Budget:
    """`per_second` requests in the long run, `burst` at once. Who has to wait gets a place in the queue, once."""

    def __init__(self, per_second: int, burst: int) -> None:
        """Raises ValueError unless both are positive."""
        if per_second < 1 or burst < 1:
            raise ValueError(f"a budget of {per_second} requests a second with a burst of {burst} allows nothing")
        self._every_ns = SECOND_NS // per_second
        self._burst_ns = burst * self._every_ns
        self._scheduled_ns = 0
        self._places: dict[str, int] = {}
        """When those who wait may go, by caller."""

    def wait_ns(self, caller: str, now_ns: int) -> int:
        """How long the caller has to wait; 0 means that it goes now. A caller that waits keeps its place."""
        place_ns = self._places.get(caller)
        if place_ns is None:
            self._forget(now_ns)
            self._scheduled_ns = max(self._scheduled_ns, now_ns) + self._every_ns
            place_ns = self._scheduled_ns - self._burst_ns
        if place_ns > now_ns:
            self._places[caller] = place_ns
            return place_ns - now_ns
        self._places.pop(caller, None)
        return 0

    def pause(self, until_ns: int, now_ns: int) -> None:
        """The venue itself has said to wait: nobody goes before, and the order of the queue stays."""
        first_ns = min([self._scheduled_ns + self._every_ns - self._burst_ns, *self._places.values()])
        shift_ns = until_ns - max(first_ns, now_ns)
        if shift_ns > 0:
            self._places = {caller: max(place_ns, now_ns) + shift_ns for caller, place_ns in self._places.items()}
            self._scheduled_ns = max(self._scheduled_ns + shift_ns, until_ns + self._burst_ns - self._every_ns)

    def _forget(self, now_ns: int) -> None:
        """Places that nobody took are free again, long after their time."""
        late = [caller for caller, place_ns in self._places.items() if place_ns < now_ns - _FORGOTTEN_NS]
        for caller in late:
            del self._places[caller]
