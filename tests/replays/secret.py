"""A password with every character that is special somewhere, and what may never be seen of it."""

SECRET = "p@s:s/w?x#d%&=Zq'\"\\ end"
PARTS = ("p@s", "w?x", "Zq", "p%40s", "%3Fx")


def assert_keeps_secret(text: str) -> None:
    """No part of the password is in the text."""
    assert not [part for part in PARTS if part in text]
