"""A call to a venue: its kind and its key, for what counts calls, holds them back or notes them."""

from typing import assert_never

from perptape.core.events import (
    CallKind,
    CancelRequested,
    OrderLookupRequested,
    OrderRequested,
    ReconciliationRequested,
    ReconnectRequested,
    VenueRequest,
)

CountedRequest = OrderRequested | CancelRequested | OrderLookupRequested | ReconciliationRequested
"""What goes over the venue's request channel, and so counts against a rate limit; connecting does not."""


def call_kind(request: CountedRequest) -> CallKind:
    """The kind of a call, as CallThrottled and ReplyNotUnderstood have it."""
    match request:
        case OrderRequested():
            return "submit"
        case CancelRequested():
            return "cancel"
        case OrderLookupRequested():
            return "look_up"
        case ReconciliationRequested():
            return "report_account"
        case _:
            assert_never(request)


def call_key(request: VenueRequest) -> str:
    """What a call is about: a client order id, the id of a reconciliation, or a channel."""
    match request:
        case OrderRequested() | CancelRequested() | OrderLookupRequested():
            return request.client_order_id
        case ReconciliationRequested():
            return request.request_id
        case ReconnectRequested():
            return request.channel
        case _:
            assert_never(request)
