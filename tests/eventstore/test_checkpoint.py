"""Checkpoints: one line each, signed or not, and a history that was rewritten is noticed by them."""

import os
from pathlib import Path
from typing import Any

import pytest

from perptape.eventstore.checkpoint import Checkpoint, checkpoint_line, parse_checkpoint, signed_bytes
from perptape.eventstore.checkpoint_file import append_checkpoint, read_checkpoints
from perptape.eventstore.checkpoint_key import SigningKey, is_signed, make_key, public_key, read_key
from perptape.eventstore.checkpoint_proof import Pinned, first_rewritten, first_unsigned, of_stream
from perptape.eventstore.errors import InvalidCheckpointError, SigningKeyError

OPENING, FORM = b"0" * 64, "perptape-recording/1"
HASHES = {version: b"%064x" % version for version in range(1, 11)}
TEN_EVENTS = Pinned("bot", FORM, 1, OPENING, 10, HASHES)


def checkpoint(version: int, **other: Any) -> Checkpoint:
    digest = HASHES.get(version, OPENING)
    return Checkpoint("bot", FORM, OPENING, version, digest, 1_700_000_000, "2025-01-06T08:00:00Z")._replace(**other)


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return make_key(tmp_path / "key")


# The line.


def test_a_line_has_its_keys_in_order_and_no_spaces() -> None:
    line = checkpoint_line(checkpoint(7))
    assert line == (
        b'{"checkpoint":1,"stream":"bot","format":"perptape-recording/1","opening_hash":"' + OPENING + b'",'
        b'"version":7,"hash":"' + HASHES[7] + b'","at_ns":1700000000,"made_at":"2025-01-06T08:00:00Z"}\n'
    )


@pytest.mark.parametrize("stream", ["bot", "Бот", 'a "quoted" \\ name'])
def test_what_is_written_is_read_again(key: SigningKey, stream: str) -> None:
    plain = checkpoint(7, stream=stream)
    for one in (plain, key.sign(plain)):
        assert parse_checkpoint(checkpoint_line(one)) == one


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (b'{"checkpoint"', b'{"checkpoint', "not JSON"),
        (b'"checkpoint":1,', b"", "not a JSON object with"),
        (b'"checkpoint":1', b'"checkpoint":2', "unknown form 2; this release reads 1"),
        (b'"checkpoint":1', b'"checkpoint":true', "invalid checkpoint: True"),
        (b'"version":7', b'"version":7,"version":7', "not in canonical form"),
        (b'"version":7', b'"version": 7', "not in canonical form"),
        (b'"version":7', b'"version":7.0', "invalid version: 7.0"),
        (b'"version":7', b'"version":-1', "invalid version: -1"),
        (b'"version":7', b'"version":"7"', "invalid version: '7'"),
        (b'"at_ns":1700000000', b'"at_ns":9223372036854775808', "invalid at_ns: "),
        (b'"stream":"bot"', b'"stream":""', "invalid stream: ''"),
        (b'"stream":"bot"', b'"stream":"a\\nb"', "invalid stream: "),
        (b'"stream":"bot"', b'"stream":"\\u0062ot"', "not in canonical form"),
        (b'"hash":"00', b'"hash":"0G', "invalid hash: "),
        (b"Z", b"+00:00", "invalid made_at: "),
        (b"}\n", b',"signature":"00"}\n', "its keys have to be"),
        (b"}\n", b',"public_key":"00","signature":"00"}\n', "invalid public_key: '00'"),
    ],
)
def test_what_is_not_such_a_line_is_refused(old: bytes, new: bytes, problem: str) -> None:
    line = checkpoint_line(checkpoint(7))
    assert old in line
    with pytest.raises(InvalidCheckpointError, match=problem):
        parse_checkpoint(line.replace(old, new, 1))


@pytest.mark.parametrize("line", [b"", b"7", b"[]", b"null", b"[" * 100_000, b"\xff{}"])
def test_what_is_no_object_is_refused(line: bytes) -> None:
    with pytest.raises(InvalidCheckpointError):
        parse_checkpoint(line)


# The signature.


def test_a_signature_fits_its_checkpoint_only(key: SigningKey, tmp_path: Path) -> None:
    signed = key.sign(checkpoint(7))
    assert is_signed(signed)
    changes: tuple[dict[str, Any], ...] = (
        {"version": 8},
        {"hash": HASHES[8]},
        {"made_at": "2025-01-06T08:00:01Z"},
        {"stream": "other"},
    )
    for change in changes:
        assert not is_signed(signed._replace(**change))
    other = make_key(tmp_path / "other")
    assert not is_signed(signed._replace(public_key=other.public))
    assert not is_signed(checkpoint(7))


def test_what_is_signed_is_the_line_before_its_signature_so_that_any_tool_can_check_it(key: SigningKey) -> None:
    signed = key.sign(checkpoint(7))
    before, _, _ = checkpoint_line(signed).partition(b',"signature"')
    assert signed_bytes(signed) == before
    assert key.public.encode() in before


def test_a_key_comes_back_from_its_file(key: SigningKey, tmp_path: Path) -> None:
    again = read_key(tmp_path / "key")
    assert again.public == key.public
    assert again.sign(checkpoint(7)) == key.sign(checkpoint(7))


def test_only_its_owner_may_read_a_key(tmp_path: Path) -> None:
    path = tmp_path / "key"
    make_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    for mode in (0o640, 0o604, 0o620):
        path.chmod(mode)
        with pytest.raises(SigningKeyError, match="other users can read it: run chmod 600"):
            read_key(path)


def test_a_key_is_never_overwritten(key: SigningKey, tmp_path: Path) -> None:
    with pytest.raises(SigningKeyError, match="never overwritten"):
        make_key(tmp_path / "key")
    assert read_key(tmp_path / "key").public == key.public


def test_a_key_shows_its_public_half_only(key: SigningKey, tmp_path: Path) -> None:
    secret = (tmp_path / "key").read_text().splitlines()[1]
    assert key.public in repr(key)
    assert secret not in repr(key)


def test_what_is_no_key_is_refused_without_a_word_of_it(tmp_path: Path) -> None:
    for content in (b"", b"-----BEGIN PRIVATE KEY-----\nTm90IGEga2V5\n-----END PRIVATE KEY-----\n", b"hunter2"):
        path = tmp_path / "wrong"
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(SigningKeyError, match="not a private key in PEM format") as refused:
            read_key(path)
        assert "hunter2" not in str(refused.value)
        assert "Tm90" not in str(refused.value)
    with pytest.raises(SigningKeyError, match="No such file"):
        read_key(tmp_path / "none")


def test_a_public_key_is_digits_or_a_file(key: SigningKey, tmp_path: Path) -> None:
    (tmp_path / "digits").write_text(f"{key.public}\n")
    assert public_key(key.public.upper()) == key.public
    assert public_key(str(tmp_path / "digits")) == key.public
    for wrong in (str(tmp_path / "none"), str(tmp_path / "key"), key.public[:-1], "a\0b"):
        with pytest.raises(SigningKeyError):
            public_key(wrong)


def test_all_must_be_signed_by_the_key_that_is_trusted(key: SigningKey, tmp_path: Path) -> None:
    other = make_key(tmp_path / "other")
    ours, others, plain = key.sign(checkpoint(3)), other.sign(checkpoint(5)), checkpoint(7)
    assert first_unsigned([ours], key.public) is None
    assert first_unsigned([ours, others, plain], None) is None
    for wrong, reason in ((others, "signed by another key"), (plain, "not signed")):
        bad = first_unsigned([ours, wrong], key.public)
        assert bad is not None
        assert (bad.version, reason in bad.reason) == (wrong.version, True)
    bad = first_unsigned([ours, others._replace(version=6)], None)
    assert bad is not None
    assert (bad.version, "its signature is not valid" in bad.reason) == (6, True)


# The file.


def test_a_file_is_only_ever_added_to(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints"
    for version in (3, 7):
        append_checkpoint(path, checkpoint(version))
    assert read_checkpoints(path) == [checkpoint(3), checkpoint(7)]
    assert path.read_bytes() == checkpoint_line(checkpoint(3)) + checkpoint_line(checkpoint(7))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "contains no checkpoint"),
        (checkpoint_line(checkpoint(3))[:-1], "line 1: the line is truncated"),
        (checkpoint_line(checkpoint(3)) + b"\n", "line 2: not a checkpoint: not JSON"),
        (checkpoint_line(checkpoint(3)) + b'{"checkpoint"', "line 2: the line is truncated"),
    ],
)
def test_a_damaged_file_is_refused_with_its_line(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "checkpoints"
    path.write_bytes(content)
    with pytest.raises(InvalidCheckpointError, match=problem):
        read_checkpoints(path)


def test_what_cannot_be_written_is_not_begun(tmp_path: Path) -> None:
    with pytest.raises(InvalidCheckpointError, match="Is a directory"):
        append_checkpoint(tmp_path, checkpoint(3))
    with pytest.raises(InvalidCheckpointError, match="No such file"):
        append_checkpoint(tmp_path / "none" / "checkpoints", checkpoint(3))


def test_half_a_line_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "checkpoints"
    append_checkpoint(path, checkpoint(3))
    before = path.read_bytes()
    write = os.write
    monkeypatch.setattr("os.write", lambda file, line: write(file, line[:20]))
    for place in (path, tmp_path / "new"):
        with pytest.raises(InvalidCheckpointError, match="No space left"):
            append_checkpoint(place, checkpoint(7))
    assert path.read_bytes() == before
    assert not (tmp_path / "new").exists()


# The chain.


def test_checkpoints_of_the_chain_are_found_in_it() -> None:
    assert first_rewritten([checkpoint(version) for version in (0, 1, 5, 10)], TEN_EVENTS) is None


def test_another_hash_is_a_rewritten_history_and_says_up_to_where_it_is_the_old_one() -> None:
    bad = first_rewritten([checkpoint(3), checkpoint(5), checkpoint(7, hash=HASHES[8]), checkpoint(9)], TEN_EVENTS)
    assert bad is not None
    assert bad.version == 7
    assert bad.reason.startswith("history was rewritten: the checkpoint of version 7 made at 2025-01-06T08:00:00Z has")
    assert bad.reason.endswith("the last version that matches a checkpoint is 5")


@pytest.mark.parametrize(
    ("one", "problem"),
    [
        (checkpoint(11), "lies beyond the chain's end, version 10: events were cut off"),
        (checkpoint(5, opening_hash=HASHES[1]), "starts from hash"),
        (checkpoint(5, format_name="other/1"), "has format other/1, but"),
        (checkpoint(0, hash=HASHES[1]), "has hash"),
    ],
)
def test_what_is_not_in_the_chain_is_named(one: Checkpoint, problem: str) -> None:
    bad = first_rewritten([one], TEN_EVENTS)
    assert bad is not None
    assert (bad.version, problem in bad.reason) == (one.version, True)


def test_a_chain_that_begins_later_holds_the_checkpoints_from_just_before_it_on() -> None:
    cut = Pinned("bot", FORM, 6, HASHES[5], 10, {version: HASHES[version] for version in range(6, 11)})
    assert first_rewritten([checkpoint(5), checkpoint(8)], cut) is None
    bad = first_rewritten([checkpoint(4), checkpoint(8)], cut)
    assert bad is not None
    assert (bad.version, "lies before the chain's first version, 6" in bad.reason) == (4, True)


def test_a_stream_has_its_own_checkpoints_in_order() -> None:
    mixed = [checkpoint(7), checkpoint(1, stream="other"), checkpoint(3)]
    assert of_stream(mixed, "bot") == [checkpoint(3), checkpoint(7)]
