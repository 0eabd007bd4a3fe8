"""Telling a person."""

from perptape.core.events import AlertRaised, Severity
from perptape.core.state import State


def alert(state: State, severity: Severity, title: str, message: str) -> AlertRaised:
    """The next alert of the stream."""
    return AlertRaised(alert_id=f"alert-{state.alert_ordinal + 1}", severity=severity, title=title, message=message)
