"""Holding a run against its books: after every event the bot's state is what its tape comes to."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from perptape.core.events import QuoteUpdated
from perptape.core.evolve import evolve, evolve_all
from perptape.core.exposure import gross_notional
from perptape.core.market import Market
from perptape.core.money import arithmetic
from perptape.core.opening import open_snapshot, snapshot_bytes
from perptape.core.order import WORKING, Order, average_price
from perptape.core.position import Position, Result, entry_price, net
from perptape.core.state import State
from perptape.replays.evidence.expectation import Expectation, UnmetError, require, shown
from perptape.replays.evidence.run import Run
from perptape.replays.oracle.books import Books
from perptape.replays.oracle.markets import Heard
from perptape.replays.oracle.money import Earned, Held
from perptape.replays.oracle.orders import Kept
from perptape.replays.oracle.placing import worst

Compared = Iterator[tuple[str, Any, Any]]
"""What is compared, what it must be, and what the state says."""
_GRAIN = Decimal("0.000001")


class About(Decimal):
    """An amount to a millionth: the books do not round on the way, as the bot does to a hundred-millionth."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Decimal) and abs(self - other) < _GRAIN

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = Decimal.__hash__


def about(value: Decimal | None) -> About | None:
    """The amount, to be compared so."""
    return None if value is None else About(value)


def _hold(run: Run, compare: Callable[[Books, State], Compared]) -> None:
    """Raise UnmetError at the first event after which the state is not what the books say."""
    books, state = Books(), State()
    with arithmetic():
        for line in run.events:
            books.see(line)
            evolve(state, line.event, line.version, line.at_ns)
            for what, expected, found in compare(books, state):
                if expected != found:
                    where = f"after {type(line.event).__name__}, version {line.version} at {run.second(line.at_ns):f} s"
                    raise UnmetError(f"{what} {where}: expected {shown(expected)}, found {shown(found)}")


def money_adds_up(phrase: str) -> Expectation:
    """Positions, cash, results and baselines are what fills, payments and repairs add up to."""
    return _named(phrase, "the money is what fills and payments add up to", lambda run: _hold(run, _money))


def orders_are_as_reported(phrase: str) -> Expectation:
    """Every order is what was asked for and reported of it, and what ended is kept until it is settled."""
    return _named(phrase, "every order is what was said of it", lambda run: _hold(run, _orders))


def parts_add_up(phrase: str) -> Expectation:
    """What each strategy holds, has earned and where it stops is what its own fills and the prices say."""
    return _named(phrase, "each strategy has what its own fills add up to", lambda run: _hold(run, _parts))


def markets_are_as_heard(phrase: str) -> Expectation:
    """Of each symbol the state holds what was last heard, and the window holds what was to be kept."""
    return _named(phrase, "of each symbol is known what was last heard", lambda run: _hold(run, _markets))


def conditions_are_as_told(phrase: str) -> Expectation:
    """Session, channels, mode, breakers, counts, commands and alerts are what was told of them."""
    return _named(phrase, "the bot's conditions are what was told of them", lambda run: _hold(run, _conditions))


def states_are_rebuilt(phrase: str) -> Expectation:
    """Folding the whole tape at once, or from a state of the middle on, comes to the state of the end."""

    def check(run: Run) -> None:
        lines = [_Line(line.version, line.at_ns, line.event) for line in run.events]
        middle = len(lines) // 2
        with arithmetic():
            whole, part = State(), open_snapshot(snapshot_bytes(run.state_after(middle)))
            evolve_all(whole, lines)
            evolve_all(part, lines[middle:])
        found = snapshot_bytes(whole) == snapshot_bytes(run.state) == snapshot_bytes(part)
        require(found, "the state that is rebuilt is another one")

    return _named(phrase, "the state is the same however it is rebuilt", check)


@dataclass
class _Line:
    version: int
    at_ns: int
    data: Any


def timers_fire_when_due(phrase: str) -> Expectation:
    """Every timer that was set, follows from a price, or recurs fires when it is due, and no other does."""

    def check(run: Run) -> None:
        _hold(run, _timers)
        books = Books()
        for line in run.events:
            wrong = books.timers.overdue(line.event, line.at_ns, books.conditions.tripped)
            if wrong and not _is_mute(run, line.at_ns):
                raise UnmetError(f"{wrong}; version {line.version} at {run.second(line.at_ns):f} s")
            books.see(line)

    return _named(phrase, "each timer fires when it is due and no other does", check)


def _is_mute(run: Run, at_ns: int) -> bool:
    """Whether the store takes nothing, so that whatever is due has to wait."""
    return any(since_ns <= at_ns <= until_ns for since_ns, until_ns in run.log_refusals)


def _named(phrase: str, name: str, check: Callable[[Run], None]) -> Expectation:
    return Expectation(phrase, name, check)


def _money(books: Books, state: State) -> Compared:
    money, account = books.money, state.account
    yield "whether the account is known", money.known, account.known
    yield "cash", about(money.cash), about(account.cash)
    yield "equity", about(money.equity), about(account.equity)
    yield "unrealised", about(money.equity - money.cash), about(account.unrealised)
    yield "hold", money.hold, account.hold
    yield "transfers", money.transfers, account.transfers
    yield "adjustments", about(money.adjustments), about(account.adjustments)
    yield "positions", sorted(money.held), sorted(state.positions)
    for symbol, held in money.held.items():
        yield from _position(symbol, held, state.positions[symbol], books.markets.of(symbol).contract_size)
        yield f"unrealised in {symbol}", about(money.unrealised(symbol)), about(state.positions[symbol].unrealised)
    yield "results", sorted(money.by_symbol), sorted(state.results)
    results = [(symbol, earned, state.results[symbol]) for symbol, earned in money.by_symbol.items()]
    for what, earned, result in [("all", money.total, account.total), ("the day", money.day, account.day), *results]:
        yield f"earned by {what}", _earned(earned), _earned(result)
        yield f"net of {what}", about(earned.realised + earned.funding - earned.fees), about(net(result))
    yield "gross notional", about(_gross_notional(books)), about(gross_notional(state))
    yield "end of the day", money.day_end_ns, account.day_end_ns
    if money.known:
        yield "equity at the day's start", about(money.day_start), about(account.day_start_equity)
        yield "peak of equity", about(money.peak), about(account.peak_equity)
        floor = money.floor(books.settings.guards)
        yield "equity that passes a limit", about(floor), about(account.floor)
    yield "fills that are known", books.seen_fills, state.seen_fills
    yield "payments that are known", books.seen_payments, state.seen_payments
    yield "the last fill of a stranger", books.stranger_version, state.external_fill_version


def _gross_notional(books: Books) -> Decimal:
    """What all positions would be worth with the working orders that make them larger."""
    symbols = {order.asked.symbol for order in books.orders.by_id.values()} | books.money.held.keys()
    return sum((worst(books, symbol) for symbol in symbols), Decimal(0))


def _position(where: str, held: Held, position: Position, contract_size: Decimal) -> Compared:
    yield f"held in {where}", held.size, position.size
    yield f"coins in {where}", held.size * contract_size, position.coins
    entry = entry_price(position)
    worth = None if entry is None else entry * position.coins
    yield f"entry price in {where}", about(held.size * contract_size * held.entry if held.size else None), about(worth)
    yield f"paid for {where}", about(held.size * contract_size * held.entry), about(position.cost)


def _orders(books: Books, state: State) -> Compared:
    if isinstance(books.last, QuoteUpdated):
        return  # which says nothing of orders
    orders = books.orders.by_id
    working = sorted(key for key, order in orders.items() if order.status in WORKING)
    yield "working orders", working, sorted(state.orders)
    yield "ended orders", sorted(orders.keys() - working), sorted(state.closed_orders)
    for key, kept in orders.items():
        yield from _order(key, kept, state.orders.get(key) or state.closed_orders[key])
    yield "intents", books.conditions.intents, state.intents
    yield "requests of the last minute", books.conditions.requests, state.request_times


def _order(key: str, kept: Kept, order: Order) -> Compared:
    yield f"status of {key}", kept.status, order.status
    yield f"filled of {key}", kept.filled, order.filled_size
    yield f"value of {key}", about(kept.value), about(order.filled_value)
    yield f"fees of {key}", kept.fees, order.fees
    yield f"size of {key}", kept.asked.size, order.size
    yield f"attempts of {key}", kept.attempts, order.attempts
    yield f"lookups of {key}", kept.lookups, order.lookups
    yield f"cancels of {key}", kept.cancels, order.cancels
    yield f"note on {key}", kept.note, order.note
    yield f"the venue's id of {key}", kept.venue_order_id, order.venue_order_id
    times = order.requested_at_ns, order.sent_at_ns, order.changed_at_ns
    yield f"times of {key}", (kept.requested_at_ns, kept.sent_at_ns, kept.changed_at_ns), times
    asked = kept.asked
    terms = asked.symbol, asked.side, asked.order_type, asked.limit_price, asked.reduce_only
    yield f"terms of {key}", terms, (order.symbol, order.side, order.order_type, order.limit_price, order.reduce_only)
    average = kept.value / kept.filled if kept.value else None
    yield f"average price of {key}", about(average), about(average_price(order)) if average else None
    yield f"whose {key} is", (kept.strategy, kept.purpose), (order.strategy, order.purpose)


def _parts(books: Books, state: State) -> Compared:
    for symbol, market in state.markets.items():
        parts = books.parts.by_symbol.get(symbol, [])
        yield f"parts in {symbol}", [part.strategy for part in parts], [sleeve.strategy for sleeve in market.sleeves]
        for part, sleeve in zip(parts, market.sleeves, strict=True):
            where = f"{symbol} by {part.strategy}"
            yield from _position(where, part.held, sleeve.position, books.markets.of(symbol).contract_size)
            yield f"earned in {where}", _earned(part.earned), _earned(sleeve.result)
            yield f"best price in {where}", part.best, sleeve.best_price
            yield f"stop in {where}", about(part.stop), about(sleeve.stop_price)
            yield f"state of {where}", _part_state(part), _part_state(sleeve)
            yield f"refused in {where}", (part.refusal, part.refused_at_ns), (sleeve.refusal, sleeve.refused_at_ns)


def _part_state(part: Any) -> tuple[str, str, Decimal | None]:
    return part.trigger, part.stopped, part.stop_fraction


def _markets(books: Books, state: State) -> Compared:
    yield "symbols", sorted(books.markets.by_symbol), sorted(state.markets)
    for symbol, heard in books.markets.by_symbol.items():
        yield from _market(symbol, heard, state.markets[symbol])


def _market(symbol: str, heard: Heard, market: Market) -> Compared:
    quote = heard.quote
    shown_now = (quote.bid, quote.bid_size, quote.ask, quote.ask_size) if quote is not None else (0, 0, 0, 0)
    yield f"quote of {symbol}", shown_now, (market.bid, market.bid_size, market.ask, market.ask_size)
    yield f"price of {symbol}", heard.price, market.price
    yield f"time of the last price of {symbol}", heard.heard_at_ns, market.heard_at_ns
    yield f"mark of {symbol}", (heard.mark, heard.mark_until_ns), (market.mark, market.mark_fresh_until_ns)
    yield f"funding rate of {symbol}", heard.funding_rate, market.funding_rate
    yield f"candle of {symbol}", heard.candle, market.candle
    yield f"trading in {symbol}", (heard.status, heard.followed), (market.status, market.followed)
    yield f"instrument of {symbol}", heard.instrument, market.instrument
    yield f"window of {symbol}", heard.kept, list(zip(market.window.times, market.window.prices, strict=True))
    yield f"band of {symbol}", heard.band, None if market.band_high is None else (market.band_low, market.band_high)


def _conditions(books: Books, state: State) -> Compared:
    kept = books.conditions
    session = kept.session
    if session is not None:
        terms = session.session, session.nonce, session.venue, session.settle_ns, session.idempotent_client_ids
        found = state.session, state.nonce, state.venue, state.settle_ns, state.idempotent_client_ids
        yield "session", terms, found
    yield "whether a session runs", kept.running, state.running
    yield "the last message of the feed", kept.heard_seq, state.feed_seq
    yield "channels that are down", sorted(kept.lost), state.lost_channels
    outages = {key: (out.lost_at_ns, out.attempts, out.restored_version) for key, out in state.outages.items()}
    yield "outages", kept.outages, outages
    comparison = state.reconciliation
    yield "comparisons", (kept.pending, kept.asked), (comparison.pending, comparison.ordinal)
    yield "whether to compare", kept.to_compare, comparison.required
    yield "the last comparison", kept.compared_at_ns, comparison.completed_at_ns
    yield "what is settled", kept.settled_before_ns, comparison.settled_before_ns
    yield "mode", kept.mode, state.mode
    yield "halts", kept.halts, {cause: halt.halt_id for cause, halt in state.halts.items()}
    yield "the last halt", kept.last_halt, state.halt_ordinal
    yield "restrictions", kept.restricted, state.restricted
    trips = {
        key: (trip.guard, trip.symbol, trip.mode, trip.at_ns, trip.day_end_ns, trip.reason)
        for key, trip in state.tripped.items()
    }
    yield "what is tripped", kept.tripped, trips
    yield "failures that count", kept.failures, state.error_times
    yield "refusals of the key", kept.unauthorised, state.unauthorised
    yield "replies not understood", kept.unreadable_replies, state.unreadable_replies
    yield "commands", kept.commands, state.commands_seen
    yield "place in the inbox", kept.inbox_version, state.inbox_version
    yield "alerts under way", kept.alerts, state.alerts
    yield "alerts so far", len(kept.alerted), state.alert_ordinal
    crashes = sorted((at_ns, task) for task, times in state.task_crashes.items() for at_ns in times)
    yield "crashes of tasks", sorted(kept.crashes), crashes


def _timers(books: Books, state: State) -> Compared:
    yield "timers", books.timers.due, state.timers
    yield "the last cycle", books.timers.cycled_at_ns, state.cycled_at_ns


def _earned(result: Earned | Result) -> tuple[About | None, About | None, About | None, int]:
    return about(result.realised), about(result.fees), about(result.funding), result.fills
