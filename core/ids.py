"""Derived identities: the same tape gives the same ids, and two tapes never share one."""

import hashlib


def client_order_id(nonce: str, intent: int) -> str:
    """The one id of an order intent: 32 hexadecimal digits of SHA-256 of the stream's nonce and the ordinal."""
    return hashlib.sha256(f"{nonce}:{intent}".encode()).hexdigest()[:32]


def external_order_id(venue_order_id: str) -> str:
    """The name under which an order without a client order id is kept."""
    return f"external:{venue_order_id}"
