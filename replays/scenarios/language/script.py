"""What happens in a scenario besides the market and the bot: acts of people, of the venue and of the machine, as data.

Each act has its second: `At(60, Deposit(Decimal(500)))`. At equal times the bot's timers come first, then acts in the
order of the script, then the market.
"""

from decimal import Decimal

from msgspec import Struct

from perptape.core.events import Command, Observation, Side, TradingStatus
from perptape.core.instruments import Instrument
from perptape.core.settings import TradingSettings


class Transfer(Struct, frozen=True):
    """Money comes in (positive) or goes out (negative), in quote currency."""

    amount: Decimal


class TradeByHand(Struct, frozen=True):
    """A person trades on the bot's account by other means: at the market, or with a limit that may rest."""

    symbol: str
    side: Side
    size: Decimal
    limit_price: Decimal | None = None


class VenueCancels(Struct, frozen=True):
    """The venue cancels the order of this intent of its own accord."""

    intent: int
    reason: str


class VenueStatus(Struct, frozen=True):
    """The venue opens, closes, halts or restricts trading in a symbol."""

    symbol: str
    status: TradingStatus
    reason: str


class VenueRelists(Struct, frozen=True):
    """The venue describes an instrument anew."""

    instrument: Instrument


class VenueSays(Struct, frozen=True):
    """The venue says something on its feed that it has not done; `seq` is filled in.

    Where the message has a `client_order_id` that is a number, it stands for the order of that intent.
    """

    message: Observation


class Operator(Struct, frozen=True):
    """A person sends a command to the bot's inbox; a bot that is not running finds it there when it starts."""

    command: Command
    actor: str = "ann"
    reason: str = "as the scenario says"
    expires_s: int | None = None
    """Seconds after which it has expired; never without."""
    halt_id: int | None = None
    """The halt that a resume answers; without, the one the bot is held by when the command is sent."""
    flatten: bool = False
    """With a halt: close every position too."""
    command_id: str = ""
    """Empty for a new one."""


class Restart(Struct, frozen=True):
    """The process ends and another one takes up the stream."""

    kill: bool = False
    """Without a word, as by SIGKILL; otherwise in good order."""
    away_s: int = 0
    """Seconds until the next process starts. The market goes on meanwhile and nobody listens."""
    trading: TradingSettings | None = None
    """Other settings from then on."""


class NewCredentials(Struct, frozen=True):
    """A person gives the bot new credentials; `key_id` is their public name."""

    key_id: str


class WallClockJump(Struct, frozen=True):
    """The machine's wall clock is set: forwards (positive) or back."""

    seconds: int


class TaskCrashes(Struct, frozen=True):
    """A background task of the bot's process raises, and is started again."""

    task: str
    error: str
    times: int = 1
    """How often, one after the other in the same second."""


class LogRefuses(Struct, frozen=True):
    """The store takes nothing for so many seconds, as on a full disk."""

    for_s: int


Act = (
    Transfer
    | TradeByHand
    | VenueCancels
    | VenueStatus
    | VenueRelists
    | VenueSays
    | Operator
    | Restart
    | NewCredentials
    | WallClockJump
    | TaskCrashes
    | LogRefuses
)


class At(Struct, frozen=True):
    """An act and its second of the session."""

    second: int
    act: Act
