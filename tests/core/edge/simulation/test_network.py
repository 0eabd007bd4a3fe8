"""The network between bot and exchange: what calls come to while a channel is down."""

from perptape.core.edge.simulation.network import UNREACHABLE, ChannelOutage, Network, NetworkSettings
from perptape.core.events import (
    AccountQueryFailed,
    CancelOutcomeUnknown,
    CancelRequested,
    ConnectionLost,
    ConnectionRestored,
    Observation,
    OrderLookupFailed,
    OrderLookupRequested,
    OrderSubmissionFailed,
    ReconciliationRequested,
    ReconnectRequested,
    VenueRequest,
)
from perptape.core.events.reason import Reason
from tests.core.edge.simulation.exchange.desk import at, open_exchange, order, prices

WHY = "no route"
CALLS: list[tuple[VenueRequest, Observation]] = [
    (order("a"), OrderSubmissionFailed("a", UNREACHABLE, WHY, retryable=True, retry_after_ns=None)),
    (CancelRequested("a", Reason("bot_halted")), CancelOutcomeUnknown("a", WHY)),
    (OrderLookupRequested("a", 1), OrderLookupFailed("a", UNREACHABLE, WHY)),
    (ReconciliationRequested("r", 0, Reason("scheduled")), AccountQueryFailed("r", UNREACHABLE, WHY)),
    (ReconnectRequested("rest", 1), ConnectionLost("rest", WHY)),
]


def down(*outages: ChannelOutage) -> Network:
    return Network(open_exchange(prices(*[50_000] * 20)), NetworkSettings(outages=outages))


def hear_until(network: Network, second: int) -> None:
    while (due_ns := network.peek_ns()) is not None and due_ns <= at(second):
        network.take()
    network.advance_to(at(second))


async def test_nothing_reaches_an_exchange_that_cannot_be_reached() -> None:
    network = down(ChannelOutage(("rest",), 1, 10, WHY))
    hear_until(network, 2)
    for request, answer in CALLS:
        assert await network.call(request) == (answer,)


async def test_calls_go_through_again_when_the_outage_is_over() -> None:
    network = down(ChannelOutage(("rest",), 1, 10, WHY))
    hear_until(network, 10)
    for request, answer in CALLS:
        assert await network.call(request) != (answer,)


async def test_an_outage_of_another_channel_stops_no_call_but_its_own_connecting() -> None:
    network = down(ChannelOutage(("private",), 1, 10, WHY))
    hear_until(network, 2)
    assert await network.call(ReconnectRequested("private", 1)) == (ConnectionLost("private", WHY),)
    assert await network.call(ReconnectRequested("market", 1)) == (ConnectionRestored("market"),)
    for request, answer in CALLS:
        assert await network.call(request) != (answer,)
