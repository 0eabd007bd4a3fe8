"""Telling a person."""

from perptape.core.events import AlertRaised, Severity
from perptape.core.events.reason import AlertTopic, Reason
from perptape.core.state import State


def alert(
    state: State, severity: Severity, topic: AlertTopic, reason: Reason, *, subject: str = "", halt_id: int = 0
) -> AlertRaised:
    """The next alert of the stream."""
    return AlertRaised(
        alert_id=f"alert-{state.alert_ordinal + 1}",
        severity=severity,
        topic=topic,
        subject=subject,
        halt_id=halt_id,
        reason=reason,
    )
