"""One call to the venue, as it was noted."""

from msgspec import Struct

from perptape.core.events import Observation


class VenueCall(Struct, frozen=True):
    """One call that reached for the venue, and what it answered."""

    at_ns: int
    kind: str
    """submit, cancel, look_up, report_account or reconnect."""
    key: str
    """Client order id, request id, or channel."""
    answers: tuple[Observation, ...]
