"""The vocabulary: every event the tape can hold, and nothing else.

`Observation` and `Decision` are the closed unions of the two halves, each written once; `OBSERVATIONS` and `DECISIONS`
are the same as tuples. The base class of an event says what it is and by which channel it comes. The name of the class
is the event's type on the tape; `SCHEMA_VERSIONS` says which version of its fields is written.
"""

from typing import get_args

from perptape.core.events.account import (
    AccountQueryFailed,
    AccountReported,
    BalanceReported,
    FundingPaid,
    MarginReported,
    PositionLiquidated,
    PositionReported,
    TransferRecorded,
)
from perptape.core.events.base import (
    CallKind,
    DecisionBase,
    EffectBase,
    FeedMessage,
    Liquidity,
    ListingMessage,
    MarketMessage,
    Mode,
    ObservationBase,
    OrderType,
    PriceMessage,
    PrivateMessage,
    Purpose,
    ReportedFill,
    ReportedOrder,
    ReportedPayment,
    ReportedPosition,
    Side,
    TimeInForce,
    TradingStatus,
    VenueOrderStatus,
)
from perptape.core.events.control import (
    AlertDelivered,
    AlertFailed,
    CallThrottled,
    Channel,
    ClockJumped,
    Command,
    ConfigurationLoaded,
    ConnectionLost,
    ConnectionRestored,
    CredentialsLoaded,
    OpeningState,
    OperatorCommandReceived,
    ReplyNotUnderstood,
    SessionStarted,
    SessionStopped,
    StrategyFailed,
    StrategyMemory,
    StrategyMemoryDropped,
    StreamGapDetected,
    TaskCrashed,
    TimerFired,
)
from perptape.core.events.decisions import (
    Action,
    AlertRaised,
    CancelRequested,
    CommandApplied,
    CommandRefused,
    DriftDetected,
    DriftRepaired,
    ExternalOrderAdopted,
    GuardCleared,
    GuardTripped,
    LosingSignal,
    ModeChanged,
    OrderAbandoned,
    OrderBlocked,
    OrderLookupRequested,
    OrderRequested,
    OrderResubmitted,
    ReconciliationCompleted,
    ReconciliationRequested,
    ReconnectRequested,
    Severity,
    SignalGenerated,
    SignalsAggregated,
    StateDigestRecorded,
    TimerCanceled,
    TimerSet,
)
from perptape.core.events.market import (
    CandleClosed,
    FundingRateUpdated,
    InstrumentUpdated,
    MarkUpdated,
    QuoteUpdated,
    TradePrinted,
    TradingStatusChanged,
)
from perptape.core.events.order_reports import (
    CancelAccepted,
    CancelOutcomeUnknown,
    CancelRejected,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderLookedUp,
    OrderLookupFailed,
    OrderOutcomeUnknown,
    OrderRejected,
    OrderSubmissionFailed,
)
from perptape.core.events.upcasters import UPCASTERS

Observation = (
    QuoteUpdated
    | TradePrinted
    | MarkUpdated
    | CandleClosed
    | FundingRateUpdated
    | InstrumentUpdated
    | TradingStatusChanged
    | AccountReported
    | AccountQueryFailed
    | BalanceReported
    | PositionReported
    | MarginReported
    | TransferRecorded
    | FundingPaid
    | PositionLiquidated
    | OrderAccepted
    | OrderFilled
    | OrderCanceled
    | OrderExpired
    | OrderRejected
    | OrderSubmissionFailed
    | OrderOutcomeUnknown
    | OrderLookedUp
    | OrderLookupFailed
    | CancelAccepted
    | CancelRejected
    | CancelOutcomeUnknown
    | ConnectionLost
    | ConnectionRestored
    | StreamGapDetected
    | ClockJumped
    | TimerFired
    | OperatorCommandReceived
    | ConfigurationLoaded
    | SessionStarted
    | SessionStopped
    | StrategyFailed
    | CredentialsLoaded
    | CallThrottled
    | ReplyNotUnderstood
    | TaskCrashed
    | AlertDelivered
    | AlertFailed
    | OpeningState
    | StrategyMemoryDropped
)
"""Every fact that the bot can learn. A new one is added here, and nowhere else is there a list."""

VenueRequest = OrderRequested | CancelRequested | OrderLookupRequested | ReconciliationRequested | ReconnectRequested
"""What a venue is asked. An order that is sent again is its OrderRequested again."""
Effect = VenueRequest | OrderResubmitted | AlertRaised
"""Decisions that are carried out in the world once they are durable; each has an outcome observation."""

Decision = (
    Effect
    | SignalGenerated
    | SignalsAggregated
    | OrderAbandoned
    | OrderBlocked
    | TimerSet
    | TimerCanceled
    | GuardTripped
    | GuardCleared
    | ModeChanged
    | StateDigestRecorded
    | CommandApplied
    | CommandRefused
    | DriftDetected
    | DriftRepaired
    | ExternalOrderAdopted
    | ReconciliationCompleted
)
"""Everything that the bot can conclude."""

Event = Observation | Decision

OBSERVATIONS: tuple[type[Observation], ...] = get_args(Observation)
DECISIONS: tuple[type[Decision], ...] = get_args(Decision)

SCHEMA_VERSIONS: dict[str, int] = {
    kind.__name__: 1 + len(UPCASTERS.get(kind.__name__, ())) for kind in OBSERVATIONS + DECISIONS
}

__all__ = [
    "DECISIONS",
    "OBSERVATIONS",
    "SCHEMA_VERSIONS",
    "AccountQueryFailed",
    "AccountReported",
    "Action",
    "AlertDelivered",
    "AlertFailed",
    "AlertRaised",
    "BalanceReported",
    "CallKind",
    "CallThrottled",
    "CancelAccepted",
    "CancelOutcomeUnknown",
    "CancelRejected",
    "CancelRequested",
    "CandleClosed",
    "Channel",
    "ClockJumped",
    "Command",
    "CommandApplied",
    "CommandRefused",
    "ConfigurationLoaded",
    "ConnectionLost",
    "ConnectionRestored",
    "CredentialsLoaded",
    "Decision",
    "DecisionBase",
    "DriftDetected",
    "DriftRepaired",
    "Effect",
    "EffectBase",
    "Event",
    "ExternalOrderAdopted",
    "FeedMessage",
    "FundingPaid",
    "FundingRateUpdated",
    "GuardCleared",
    "GuardTripped",
    "InstrumentUpdated",
    "Liquidity",
    "ListingMessage",
    "LosingSignal",
    "MarginReported",
    "MarkUpdated",
    "MarketMessage",
    "Mode",
    "ModeChanged",
    "Observation",
    "ObservationBase",
    "OpeningState",
    "OperatorCommandReceived",
    "OrderAbandoned",
    "OrderAccepted",
    "OrderBlocked",
    "OrderCanceled",
    "OrderExpired",
    "OrderFilled",
    "OrderLookedUp",
    "OrderLookupFailed",
    "OrderLookupRequested",
    "OrderOutcomeUnknown",
    "OrderRejected",
    "OrderRequested",
    "OrderResubmitted",
    "OrderSubmissionFailed",
    "OrderType",
    "PositionLiquidated",
    "PositionReported",
    "PriceMessage",
    "PrivateMessage",
    "Purpose",
    "QuoteUpdated",
    "ReconciliationCompleted",
    "ReconciliationRequested",
    "ReconnectRequested",
    "ReplyNotUnderstood",
    "ReportedFill",
    "ReportedOrder",
    "ReportedPayment",
    "ReportedPosition",
    "SessionStarted",
    "SessionStopped",
    "Severity",
    "Side",
    "SignalGenerated",
    "SignalsAggregated",
    "StateDigestRecorded",
    "StrategyFailed",
    "StrategyMemory",
    "StrategyMemoryDropped",
    "StreamGapDetected",
    "TaskCrashed",
    "TimeInForce",
    "TimerCanceled",
    "TimerFired",
    "TimerSet",
    "TradePrinted",
    "TradingStatus",
    "TradingStatusChanged",
    "TransferRecorded",
    "VenueOrderStatus",
    "VenueRequest",
]
