"""Ids are derived: the same tape gives the same ones, and no two intents or tapes share one."""

import hashlib
import re

from hypothesis import given
from hypothesis import strategies as st

from perptape.core.ids import client_order_id, external_order_id

NONCES = st.text(max_size=40)
INTENTS = st.integers(1, 10**9)


def test_a_client_order_id_is_the_start_of_the_hash_of_nonce_and_intent() -> None:
    digest = hashlib.sha256(b"6f0c:17").hexdigest()
    assert client_order_id("6f0c", 17) == digest[:32]


def test_a_client_order_id_is_this_one_for_ever() -> None:
    assert client_order_id("nonce", 1) == "486f3a17671894b9f142dc26b22212b8"


@given(NONCES, INTENTS)
def test_a_client_order_id_has_the_length_that_venues_take(nonce: str, intent: int) -> None:
    assert re.fullmatch("[0-9a-f]{32}", client_order_id(nonce, intent))


@given(st.tuples(NONCES, INTENTS), st.tuples(NONCES, INTENTS))
def test_two_ids_are_equal_only_for_the_same_intent_of_the_same_tape(
    one: tuple[str, int], two: tuple[str, int]
) -> None:
    assert (client_order_id(*one) == client_order_id(*two)) == (one == two)


def test_nonce_and_intent_do_not_run_into_each_other() -> None:
    assert client_order_id("1", 11) != client_order_id("11", 1)
    assert client_order_id("1:1", 1) != client_order_id("1", 1)


def test_an_external_order_is_named_after_the_venue_and_never_like_one_of_ours() -> None:
    assert external_order_id("abc") == "external:abc"
    assert not re.fullmatch("[0-9a-f]{32}", external_order_id("0" * 23))
