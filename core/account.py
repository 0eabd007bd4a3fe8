"""The account: cash, equity, the baselines that losses are measured from, and figures of the UTC day."""

from dataclasses import dataclass, field
from decimal import Decimal

from perptape.core.money import ONE, ZERO
from perptape.core.position import Result


@dataclass(slots=True)
class Account:
    """Quote currency throughout. equity = cash + unrealised."""

    known: bool = False
    """Whether the venue has reported the account yet."""
    cash: Decimal = ZERO
    equity: Decimal = ZERO
    hold: Decimal = ZERO
    transfers: Decimal = ZERO
    adjustments: Decimal = ZERO
    """Cash taken over from the venue in drift repairs, the opening balance included."""
    total: Result = field(default_factory=Result)
    day: Result = field(default_factory=Result)
    day_end_ns: int = 0
    day_start_equity: Decimal = ZERO
    """Equity when the UTC day began, shifted by the day's transfers."""
    peak_equity: Decimal = ZERO
    floor: Decimal | None = None
    """Equity at or below this passes the daily loss or the drawdown limit, whichever comes first; None without limits.

    It follows from the baselines, and is kept because every price is compared with it.
    """

    @property
    def unrealised(self) -> Decimal:
        """Unrealised PnL of all positions."""
        return self.equity - self.cash


def set_baselines(account: Account, loss_limit: Decimal | None, drawdown_limit: Decimal | None) -> None:
    """Derive the floor that each price is compared with from the baselines and limits."""
    floors = []
    if loss_limit is not None:
        floors.append(account.day_start_equity - loss_limit)
    if drawdown_limit is not None:
        floors.append(account.peak_equity * (ONE - drawdown_limit))
    account.floor = max(floors, default=None)


def day_loss(account: Account) -> Decimal:
    """What the UTC day has cost so far: baseline - equity; negative is a gain."""
    return account.day_start_equity - account.equity


def drawdown(account: Account) -> Decimal:
    """Fall of equity from its peak, as a fraction of the peak; 0 without a positive peak."""
    return (account.peak_equity - account.equity) / account.peak_equity if account.peak_equity > 0 else ZERO
