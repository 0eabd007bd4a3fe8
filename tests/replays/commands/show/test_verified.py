"""A verification as people and programs read it."""

from perptape.replays.commands.show.verified import as_json, as_text
from perptape.replays.proof.verify import FirstBad, Verified, Warm

SOUND = Verified("s.jsonl", True, 1234, "aa", "aa", [Warm(10, "aa"), Warm(1000, "aa")])
BAD = Verified("s.jsonl", False, first_bad=FirstBad(1007, "it was changed"))


def test_programs_get_the_fields_that_are_promised() -> None:
    assert as_json(SOUND) == {
        "file": "s.jsonl",
        "ok": True,
        "events": 1234,
        "state_digest": "aa",
        "cold": "aa",
        "warm": [
            {"snapshot_version": 10, "state_digest": "aa"},
            {"snapshot_version": 1000, "state_digest": "aa"},
        ],
        "first_bad": None,
        "checkpoints": None,
    }
    assert as_json(BAD)["first_bad"] == {"version": 1007, "reason": "it was changed"}


def test_people_get_the_proof() -> None:
    assert as_text(SOUND).splitlines() == [
        "s.jsonl: 1,234 events, hash chain intact, no gaps",
        "  cold start  aa",
        "  warm starts from versions 10, 1,000: the same state, byte for byte",
    ]


def test_people_get_the_first_bad_version() -> None:
    assert as_text(BAD) == "s.jsonl: DAMAGED, first bad version 1,007: it was changed"


def test_a_recording_too_short_for_snapshots_says_so() -> None:
    assert as_text(Verified("s.jsonl", True, 1, "aa", "aa")).endswith(
        "from versions none (too short): the same state, byte for byte"
    )
