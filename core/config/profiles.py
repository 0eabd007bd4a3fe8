"""The named profiles: plain data as a file would give it, checked and merged like a file.

A profile says only what differs from the defaults of perptape.core.settings. `"off"` switches a guard off.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

DEFAULT_PROFILE = "canary"
"""Where settings start from when there is no file."""

_TREND: Mapping[str, Any] = {
    "name": "trend",
    "kind": "ma_crossover",
    "trigger": "cycle",
    "trailing_stop": Decimal("0.02"),
    "parameters": {"fast": 10, "slow": 20, "confirm": 2},
}

_CANARY: Mapping[str, Any] = {
    "symbols": ["BTC-PERP", "ETH-PERP"],
    "cycle_s": 60,
    "strategies": [
        {**_TREND, "capital_share": Decimal("0.4"), "priority": 2},
        {
            "name": "reversion",
            "kind": "rsi_reversion",
            "trigger": "cycle",
            "capital_share": Decimal("0.3"),
            "priority": 1,
            "parameters": {"period": 14, "oversold": 30, "overbought": 70},
        },
        {
            "name": "carry",
            "kind": "funding_carry",
            "trigger": "cycle",
            "capital_share": Decimal("0.3"),
            "parameters": {"entry_rate": "0.0003"},
        },
    ],
    "aggregation": {"method": "confidence"},
    # Of 10,000, the trend strategy's 4,000 ask for 1,000 when one sigma is 0.04 % a minute. That is an ordinary day for
    # BTC; in quieter hours trade_value_max refuses the entry.
    "sizing": {"method": "volatility_scaled", "risk_fraction": Decimal("0.0001")},
    "guards": {
        "daily_loss_limit": 500,
        "trade_value_max": 1000,
        "position_caps": {"BTC-PERP": Decimal("0.05"), "ETH-PERP": 1},
        "leverage_max": 3,
    },
}

_DEV: Mapping[str, Any] = {
    "symbols": ["BTC-PERP", "ETH-PERP"],
    "cycle_s": 10,
    "strategies": [_TREND],
    "sizing": {"method": "fixed_notional", "notional": 500},
    "guards": {
        "daily_loss_limit": "off",
        "drawdown_limit": "off",
        "trade_value_max": "off",
        "exposure_share_max": 1,
        "leverage_max": 20,
        "liquidation_buffer": Decimal("0.02"),
        "spread_max": Decimal("0.05"),
        "slippage_max": Decimal("0.05"),
        "orders_per_minute_max": "off",
        "volatility": "off",
    },
    "windows": {"sample_s": 10},
}

_PROD: Mapping[str, Any] = {
    "symbols": ["BTC-PERP", "ETH-PERP"],
    "cycle_s": 60,
    "strategies": [_TREND],
    "sizing": {"method": "target_leverage", "leverage": 1, "notional_max": 2000},
    "orders": {"signal_ttl_s": 30, "attempts_max": 3},
    "guards": {
        "daily_loss_limit": 250,
        "drawdown_limit": Decimal("0.1"),
        "trade_value_max": 2000,
        "position_caps": {"BTC-PERP": Decimal("0.05"), "ETH-PERP": 1},
        "exposure_share_max": Decimal("0.5"),
        "leverage_max": 2,
        "liquidation_buffer": Decimal("0.3"),
        "staleness_s": 15,
        "spread_max": Decimal("0.002"),
        "depth_min": 1000,
        "slippage_max": Decimal("0.003"),
        "orders_per_minute_max": 10,
        "errors": {"failures": 3, "cooldown_s": 300},
        "volatility": {"move": Decimal("0.03"), "cooldown_s": 1800},
    },
    "reconciliation": {"every_s": 900},
}

PROFILES: Mapping[str, Mapping[str, Any]] = {"custom": {}, "canary": _CANARY, "dev": _DEV, "prod": _PROD}
"""By name. `custom` is the defaults alone."""
