"""Every code, guard and topic has a sentence, made of its facts; texts from outside are shown word for word."""

from decimal import Decimal
from typing import get_args

import pytest

from perptape.core.events import AlertRaised, CommandRefused, LosingSignal, OrderBlocked, SignalsAggregated, TimerSet
from perptape.core.events.causes import GuardName
from perptape.core.events.reason import AlertTopic, Reason, ReasonCode, operator_says, venue_code, venue_says
from perptape.core.wording import MEASURES, SENTENCES, TITLES, alert_message, alert_title, sentence, spoken, why

LOST = Reason("daily_loss", {"loss": Decimal("512.30"), "limit": Decimal(500)})
ECHO = Reason(
    "order_echo_differs",
    {"asked_size": Decimal(5), "echoed_size": Decimal(6), "asked_price": Decimal(100)},
    {"order": "o", "asked_side": "buy", "asked_symbol": "BTC", "echoed_side": "sell", "echoed_symbol": "ETH"},
)


def test_every_code_and_topic_has_words_and_nothing_else_has() -> None:
    assert set(SENTENCES) == set(get_args(ReasonCode))
    assert set(TITLES) == set(get_args(AlertTopic))
    assert set(MEASURES) <= set(get_args(GuardName))


@pytest.mark.parametrize("code", get_args(ReasonCode))
def test_a_reason_without_its_facts_is_shown_all_the_same(code: ReasonCode) -> None:
    assert isinstance(sentence(Reason(code)), str)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (LOST, "daily loss 512.30 has reached limit 500"),
        (Reason("reducing_only", names={"causes": "pause daily_loss"}, because=LOST),
         "reduce-only (pause, daily loss): daily loss 512.30 has reached limit 500"),
        (operator_says("ann", "lunch"), "ann: lunch"),
        (venue_says("no {braces} read"), "no {braces} read"),
        (venue_code("RATE_LIMIT", "429"), "RATE_LIMIT: 429"),
        (venue_code("RATE_LIMIT", ""), "RATE_LIMIT"),
        (ECHO, "the venue reports order o as sell 6 ETH, but we asked for buy 5 BTC at 100"),
        (Reason("differences_repaired", {"cash cash ours": Decimal(1), "cash cash theirs": Decimal(2)}),
         "cash cash: 1 -> 2"),
        (Reason("outranked", {"votes": Decimal(1), "voters": Decimal(3), "other_votes": Decimal(2),
                              "other_voters": Decimal(3)}, {"action": "sell", "other": "buy"}),
         "sell has 1 of 3 votes, buy has 2 of 3 votes"),
        (Reason("unreadable_reply", names={"call": "look_up", "field": "status"}, text="unknown value"),
         "unreadable reply to look up, field status: unknown value"),
        (Reason("halted_by", names={"cause": "daily_loss"}), "halted: daily loss"),
        (Reason("no_price", {"age_s": Decimal(31)}, {"symbol": "BTC"}), "no BTC price for 31 s, limit ? s"),
    ],
)  # fmt: skip
def test_a_sentence_is_made_of_the_facts(reason: Reason, said: str) -> None:
    assert sentence(reason) == said


def test_no_reason_is_no_sentence() -> None:
    assert sentence(None) == ""


def test_a_blocked_order_says_what_was_measured_against_which_limit() -> None:
    numbers = Decimal("1250.125"), Decimal(1000)
    block = OrderBlocked("s", "BTC", "buy", Decimal(1), Decimal(1), "trade_value", *numbers, Reason("above_limit"))
    assert why(block) == "trade value 1250.125 exceeds limit 1000"


def alert(topic: AlertTopic, subject: str, halt_id: int = 0) -> AlertRaised:
    return AlertRaised("alert-1", "critical", topic, subject, halt_id, LOST)


@pytest.mark.parametrize(
    ("topic", "subject", "title"),
    [
        ("reduce_only", "daily_loss", "reduce-only: daily loss"),
        ("order_rejected", "", "order rejected"),
        ("order_rejected", "partly_filled", "order rejected, but it is partly filled"),
        ("strategy_stopped", "my_own", "strategy my_own stopped"),
    ],
)
def test_an_alerts_title_names_its_subject(topic: AlertTopic, subject: str, title: str) -> None:
    assert alert_title(alert(topic, subject)) == title


def test_an_alert_of_a_halt_says_what_a_resume_has_to_name() -> None:
    assert alert_message(alert("halted", "daily_loss", 3)).endswith("limit 500; to resume, name halt 3")
    assert why(alert("halted", "daily_loss")) == "halted: daily loss 512.30 has reached limit 500"


def test_names_of_the_vocabulary_are_spoken() -> None:
    assert (spoken("reduce_only"), spoken("daily_loss")) == ("reduce-only", "daily loss")
    assert why(TimerSet("cycle", 1, Reason("scheduled"))) == "scheduled"


def test_a_refused_command_and_signals_that_lost_say_why() -> None:
    refused = CommandRefused("c", "resume", "anna", operator_says("anna", "too early"))
    assert "too early" in why(refused)
    losers = (LosingSignal("trend", "buy", venue_says("one")), LosingSignal("carry", "sell", venue_says("two")))
    aggregated = SignalsAggregated("BTC-PERP", "priority", None, Decimal(0), (), losers)
    assert why(aggregated) == "trend: one; carry: two"
