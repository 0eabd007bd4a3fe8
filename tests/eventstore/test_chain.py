from hashlib import sha256

import pytest

from perptape.eventstore.chain import genesis_hash, is_hash, link


def test_the_first_hash_covers_format_stream_and_nonce() -> None:
    assert genesis_hash("f/1", "bot", "3f") == sha256(b"f/1\nbot\n3f").hexdigest().encode()


def test_a_link_covers_the_hash_before_and_the_body() -> None:
    assert link(b"a" * 64, b'{"version":1') == sha256(b"a" * 64 + b'{"version":1').hexdigest().encode()


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"0f" * 32, True), (b"0F" * 32, False), (b"0" * 63, False), (b"g" * 64, False), (b"", False)],
)
def test_a_hash_is_64_lowercase_digits(value: bytes, expected: bool) -> None:
    assert is_hash(value) is expected
