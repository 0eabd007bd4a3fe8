"""The table `equity`: the account after every event that moved it."""

from collections.abc import Iterable
from decimal import Decimal

from perptape.core.account import drawdown
from perptape.core.codec import Line
from perptape.core.money import ZERO
from perptape.core.state import State
from perptape.replays.tables.column import Cells, Column, place
from perptape.replays.tables.ledger import Ledger

COLUMNS = (
    *place("the event that changed the account"),
    Column("equity", "decimal", "cash + unrealised, quote currency"),
    Column("cash", "decimal", "quote currency"),
    Column("unrealised", "decimal", "unrealised PnL of all positions, quote currency"),
    Column("realised", "decimal", "realised PnL so far, before fees, quote currency"),
    Column("fees", "decimal", "fees paid so far, quote currency"),
    Column("funding", "decimal", "funding received so far (negative: paid), quote currency"),
    Column("transfers", "decimal", "deposits less withdrawals so far, quote currency"),
    Column(
        "adjustments",
        "decimal",
        "cash corrections from the venue so far, including the opening balance, quote currency",
    ),
    Column("gross_notional", "decimal", "sum of the absolute values of all positions, quote currency"),
    Column("leverage", "quotient", "gross_notional / equity; null when equity is not positive"),
    Column("peak_equity", "decimal", "highest equity so far, adjusted for transfers, quote currency"),
    Column("drawdown", "quotient", "drop from the peak, as a fraction of the peak"),
    Column("day_start_equity", "decimal", "equity at the start of the UTC day, adjusted for transfers, quote currency"),
    Column("fills", "integer", "number of fills so far"),
)


class EquityRows:
    """One row for each event after which the account is another one, from the venue's first report on."""

    def __init__(self) -> None:
        self._ledger = Ledger()
        self._last: tuple[object, ...] = ()

    def take(self, line: Line) -> Iterable[Cells]:
        """The account, if the event moved it."""
        self._ledger.take(line)
        state = self._ledger.state
        account = state.account
        if not account.known:
            return
        total = account.total
        figures = (account.equity, account.cash, total.realised, total.fees, total.funding, total.fills)
        now = (*figures, account.transfers, account.adjustments, account.day_start_equity, account.peak_equity)
        if now == self._last:
            return
        self._last = now
        gross = _gross(state)
        yield (
            line.version,
            line.at_ns,
            account.equity,
            account.cash,
            account.unrealised,
            total.realised,
            total.fees,
            total.funding,
            account.transfers,
            account.adjustments,
            gross,
            gross / account.equity if account.equity > 0 else None,
            account.peak_equity,
            drawdown(account),
            account.day_start_equity,
            total.fills,
        )

    def end(self) -> Iterable[Cells]:
        """Nothing waits."""
        return ()


def _gross(state: State) -> Decimal:
    markets = state.markets
    return sum((abs(held.coins) * markets[symbol].price for symbol, held in state.positions.items()), ZERO)
