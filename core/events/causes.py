"""The closed lists of names: guards, and what may change the mode of the bot."""

from typing import Literal

GuardName = Literal[
    "kill_switch",
    "connection",
    "credentials",
    "read_only_key",
    "permission",
    "trading_halt",
    "insane_balance",
    "reduce_only",
    "daily_loss",
    "drawdown",
    "staleness",
    "spread",
    "depth",
    "slippage",
    "order_rate",
    "refusal_cooldown",
    "error_rate",
    "volatility",
    "product_limits",
    "trade_value",
    "position_cap",
    "exposure_share",
    "leverage",
    "liquidation_buffer",
    "position_limit",
    "wash_trade",
]
"""A guard, as it is called on the tape, in the settings' limits and in the code (`perptape.core.guards`)."""

Cause = Literal[GuardName, "pause", "operator", "resume", "venue", "liquidation", "api_change", ""]
"""What changed the mode: a guard, a command, or an event at the venue; empty when the reason for it is over."""
