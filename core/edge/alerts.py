"""Alerts: where they go. A recording delivers them nowhere but to its own tape."""

from perptape.core.events import AlertDelivered, AlertRaised, Observation


class TapeAlerts:
    """Takes every alert as delivered: it is on the tape, which is where a recorded session is read."""

    async def deliver(self, alert: AlertRaised) -> Observation:
        """Deliver at once."""
        return AlertDelivered(alert_id=alert.alert_id)
