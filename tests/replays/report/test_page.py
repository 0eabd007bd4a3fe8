import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from perptape.core.events import OperatorCommandReceived, StrategyFailed
from perptape.replays.report.headline import headline
from perptape.replays.report.page import render
from perptape.replays.report.proof import Proof, ReplayProof, VerifyProof, WarmStart
from perptape.replays.report.story import Story, read_story
from perptape.replays.tape import RecordingWriter
from tests.replays.report.conftest import SETTINGS, SYMBOL
from tests.replays.report.markup import Page
from tests.replays.report.tape import Tape, header

HOSTILE = "</script><script>alert('x')</script><img src=x onerror=alert(1)> & \"quoted\" ]]>"


def proof_of(story: Story, **changes: Any) -> Proof:
    counts, digest = story.counts, story.state_digest
    replayed = ReplayProof(counts.events, counts.observations, counts.decisions, counts.decisions, digest)
    verified = VerifyProof(True, digest, (WarmStart(30, digest), WarmStart(60, digest)))
    whole = Proof(replayed, verified, story.sessions[0].ended_version, "on the simulated exchange")
    return replace(whole, **changes)


def rows(html: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="story">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    content: dict[str, Any] = json.loads(found[1])
    return content


def test_every_element_is_closed(story: Story) -> None:
    assert Page(render(story, proof_of(story))).unbalanced == []


def test_the_page_loads_nothing(story: Story) -> None:
    html = render(story, proof_of(story))
    assert all(link.startswith("#") for link in Page(html).links)
    addresses = re.findall(r"https?://[^\s\"'<>)]+|url\([^)]*\)|@import|\bfetch\(|XMLHttpRequest", html)
    assert set(addresses) == {"http://www.w3.org/2000/svg"}, "the name of SVG is the one address; nothing is at it"


def test_the_headline_says_what_happened(story: Story) -> None:
    page = Page(render(story, proof_of(story)))
    minus = "\N{MINUS SIGN}"
    assert (
        f"12 minutes of BTC-PERP: 1 order, 1 fill, {minus}39.32 USD, one crash, recovered, every decision reproduced."
        in page.said
    )


@pytest.mark.parametrize(
    ("reproduced", "end"),
    [(17, "17 of 18 decisions reproduced"), (18, "every decision reproduced")],
)
def test_the_headline_claims_no_more_than_the_replay_found(story: Story, reproduced: int, end: str) -> None:
    proof = proof_of(story)
    assert proof.replay is not None
    found = replace(proof.replay, decisions=18, reproduced=reproduced)
    assert headline(story, replace(proof, replay=found)).endswith(end)


def test_a_session_that_never_agreed_with_the_venue_again_has_not_recovered(story: Story) -> None:
    first, second = story.sessions
    lost = replace(story, sessions=(first, replace(second, reconciled_version=None, reconciled_ns=None)))
    assert headline(lost, None).endswith("one crash, not recovered")
    assert "Killed, not recovered" in Page(render(lost, proof_of(story))).said


def test_a_transfer_is_named_in_the_equity_chart(story: Story) -> None:
    assert "Transfer of +250.00 USD" in Page(render(story, None)).said


def test_without_a_proof_nothing_is_claimed(story: Story) -> None:
    said = Page(render(story, None)).said
    assert "reproduced" not in headline(story, None)
    assert f"perptape replay {story.file}" in said
    assert "The hash chain is intact across all 117 events" in said


def test_the_proof_names_kill_replay_cold_and_warm_starts(story: Story) -> None:
    said = Page(render(story, proof_of(story))).said
    assert "The process was killed after version 25. Session 2 resumed at version 26" in said
    assert "The snapshots stored at versions 30 and 60" in said
    assert story.state_digest in said
    assert "✗" not in said


@pytest.mark.parametrize(
    "changes",
    [
        {"verify": VerifyProof(True, "0" * 64)},
        {"verify": VerifyProof(False, "0" * 64)},
        {"replay": ReplayProof(116, 98, 18, 3, "0" * 64, "version 31: OrderBlocked was recorded")},
    ],
)
def test_a_failed_proof_does_not_look_like_a_good_one(story: Story, changes: dict[str, Any]) -> None:
    assert "Some results differ from the recording." in Page(render(story, proof_of(story, **changes))).said


def test_another_digest_after_a_warm_start_is_marked(story: Story) -> None:
    verified = VerifyProof(True, story.state_digest, (WarmStart(30, "f" * 64),))
    said = Page(render(story, proof_of(story, verify=verified))).said
    assert "The snapshot stored at version 30 leads to a different state." in said
    assert "✗" in said


def test_fills_and_blocked_orders_are_marked_where_they_happened(story: Story) -> None:
    html = render(story, None)
    marks = [use for use in Page(html).uses if "data-order" in use or "data-block" in use]
    content = rows(html)
    assert [(mark["href"], mark["data-x"]) for mark in marks] == [
        ("#block", str(content["blocks"][0]["x"])),
        ("#buy", str(content["orders"][0]["x"])),
    ]
    start_ms = content["start"] + content["orders"][0]["x"] * content["unit"]
    assert start_ms == pytest.approx(story.orders[0].fills[0].at_ns / 1e6, abs=content["unit"])


def test_the_table_holds_orders_blocked_orders_and_moments(story: Story) -> None:
    content = rows(render(story, None))
    [order] = content["orders"]
    cells = dict(zip(content["columns"]["orders"], order["c"], strict=True))
    assert (cells["Side"], cells["Status"], cells["Average"], cells["Fee"]) == ("buy", "filled", "1,030.5", "0.25")
    assert [content["events"][step[1]] for step in order["s"]][-1] == "OrderFilled"
    [block] = content["blocks"]
    assert dict(zip(content["columns"]["blocks"], block["c"], strict=True))["Guard"] == "trade value"
    assert len(content["moments"]) == story.counts.moments


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Story:
    path = tmp_path_factory.mktemp("hostile") / "hostile.jsonl"
    tape = Tape(path, SETTINGS, stream=f"bot {HOSTILE}")
    tape.start()
    tape.quote(SYMBOL, 1000)
    tape.observe(StrategyFailed("trend", HOSTILE, HOSTILE))
    tape.observe(OperatorCommandReceived("c1", "halt", HOSTILE, HOSTILE, None, 0, flatten=False, inbox_version=0))
    tape.close()
    return read_story(path)


@pytest.mark.edge_case
def test_text_from_events_stays_text(hostile: Story) -> None:
    html = render(hostile, proof_of(hostile, killed_at=None, note=HOSTILE))
    page = Page(html)
    assert page.unbalanced == []
    assert page.scripts == 2
    assert page.handlers == []
    assert HOSTILE in page.said
    assert HOSTILE[:60] in json.dumps(rows(html)["moments"], ensure_ascii=False)


@pytest.mark.edge_case
def test_an_empty_session_has_a_page(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "empty.jsonl", header(SETTINGS)):
        pass
    page = Page(render(read_story(tmp_path / "empty.jsonl"), None))
    assert page.unbalanced == []
    assert "An empty session" in page.said


@pytest.mark.edge_case
def test_a_session_without_a_price_has_a_page(tmp_path: Path) -> None:
    tape = Tape(tmp_path / "quiet.jsonl", SETTINGS)
    tape.start()
    tape.close()
    page = Page(render(read_story(tmp_path / "quiet.jsonl"), None))
    assert page.unbalanced == []
    assert "no market" in page.said


def test_a_thinned_story_says_so(story: Story) -> None:
    thinned = replace(story, orders_every=8, blocks_every=2)
    said = Page(render(thinned, None)).said
    assert "About one in 8 of 1 order is listed and drawn" in said
    assert "About one in 2 of 1 blocked order is listed and drawn." in said


def test_a_price_line_reads_back_to_the_recorded_prices(story: Story) -> None:
    html = render(story, None)
    section = re.search(
        r'<section class="chart" data-high="([\d.]+)" data-step="([\d.]+)".*?series price" d="M([\d ]+)"', html
    )
    assert section is not None
    high, step, places = Decimal(section[1]), Decimal(section[2]), section[3].split(" ")
    drawn = [high - int(row) * step for row in places[1::2]]
    assert drawn == [point.value for point in story.prices[SYMBOL]]
