"""Compliance: venue halts, position limits, wash trades, audit, kill switch."""
