"""Checkpoints in earnest: history rewritten with every hash computed anew, in files and stores, is noticed."""

from pathlib import Path

import pytest

from perptape.eventstore.checkpoint_file import read_checkpoints
from perptape.eventstore.checkpoint_key import SigningKey, make_key
from perptape.eventstore.errors import InvalidCheckpointError
from perptape.eventstore.store import EventStore
from perptape.replays.proof.checkpoints import Anchors, hold, make_checkpoint, read_anchors
from perptape.replays.proof.verify import Verified, verify, verify_store
from perptape.replays.tape.errors import DamageError, SourceError
from perptape.replays.upkeep.transfer import import_recording
from tests.eventstore.given import records
from tests.eventstore.places import Place, PostgresPlace, SqlitePlace
from tests.replays.surgery import Tape

NOW_NS = 1_800_000_000_000_000_000
MADE_AT = "2027-01-15T08:00:00Z"


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path, short_file: Path) -> Place:
    """A store with the first minute of the eventful session."""
    found: Place
    if request.param == "sqlite":
        found = SqlitePlace(tmp_path / "tape.db")
    else:
        found = PostgresPlace(request.getfixturevalue("postgres_store_url"))
    with EventStore.open(found.url, create=True) as store:
        import_recording(store, short_file)
    return found


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return make_key(tmp_path / "key")


def rewritten(tape: Tape) -> tuple[int, Tape]:
    """A quote with another size, by which nothing was decided, and every hash after it computed anew."""
    version = next(version for version in range(30, 79) if tape.at(version)["type"] == "QuoteUpdated")
    return version, tape.changed(version, bid_size="77")


def rewrite(place: Place, changed: int, tape: Tape) -> None:
    """The same in a store, by whoever may take its guards away and put them back."""
    line = tape.events[changed - 1]
    data = line[line.index(b',"data":') + 8 : line.rindex(b',"hash"')].decode()
    hashes = {version: tape.at(version)["hash"] for version in range(changed, len(tape.events) + 1)}
    script = [f"UPDATE events SET data = BYTES('{data}') WHERE version = {changed}"]
    script += [f"UPDATE events SET hash = BYTES('{hashes[at]}') WHERE version = {at}" for at in hashes]
    script.append(f"UPDATE heads SET hash = BYTES('{hashes[len(tape.events)]}')")
    place.by_hand(";".join(script))


def anchors(path: Path, source: str, url: str = "", key: SigningKey | None = None) -> Anchors:
    make_checkpoint(source, url, path, key=key, now_ns=NOW_NS)
    return read_anchors(path)


def assert_rewritten(verified: Verified, version: int) -> None:
    assert not verified.ok
    assert verified.first_bad is not None
    assert verified.first_bad.version == version
    assert verified.first_bad.reason.startswith(
        f"history was rewritten: the checkpoint of version {version} made at {MADE_AT} has hash "
    )


def test_a_checkpoint_pins_the_end_of_a_recording(short: Tape, short_file: Path, tmp_path: Path) -> None:
    made = make_checkpoint(str(short_file), "", tmp_path / "c", now_ns=NOW_NS)
    last = short.at(len(short.events))
    assert (made.stream, made.version, made.hash.decode()) == ("bot", last["version"], last["hash"])
    assert (made.at_ns, made.made_at, made.signature) == (last["at_ns"], MADE_AT, None)
    assert read_checkpoints(tmp_path / "c") == [made]


def test_a_stream_gets_the_checkpoint_of_its_recording(place: Place, short_file: Path) -> None:
    assert make_checkpoint("bot", place.url, None, now_ns=NOW_NS) == make_checkpoint(
        str(short_file), "", None, now_ns=NOW_NS
    )


def test_a_rewritten_recording_verifies_and_fails_its_checkpoint(
    short: Tape, short_file: Path, tmp_path: Path, key: SigningKey
) -> None:
    pinned = anchors(tmp_path / "c", str(short_file), key=key)
    held = verify(str(short_file), "", anchors=pinned)
    assert held.ok
    assert held.checkpoints is not None
    assert (held.checkpoints.checkpoints, held.checkpoints.signed_by) == (1, (key.public,))

    _, forged = rewritten(short)
    path = forged.write(tmp_path / "forged.jsonl")

    assert verify(str(path), "").ok
    assert_rewritten(verify(str(path), "", anchors=pinned), len(short.events))


def test_a_rewritten_store_verifies_and_fails_its_checkpoint(place: Place, short: Tape, tmp_path: Path) -> None:
    pinned = anchors(tmp_path / "c", "bot", place.url)
    assert verify("bot", place.url, anchors=pinned).ok
    assert verify_store(place.url, pinned).ok

    rewrite(place, *rewritten(short))

    assert verify("bot", place.url).ok
    assert verify_store(place.url).ok
    assert_rewritten(verify("bot", place.url, anchors=pinned), len(short.events))
    assert_rewritten(verify_store(place.url, pinned).streams[0], len(short.events))


def test_the_first_of_several_checkpoints_after_the_change_is_named(short: Tape, tmp_path: Path) -> None:
    changed, forged = rewritten(short)
    for last in (changed - 1, changed + 3, len(short.events)):
        cut = short._replace(events=short.events[:last]).rechained().write(tmp_path / f"{last}.jsonl")
        anchors(tmp_path / "c", str(cut))
    found = verify(str(forged.write(tmp_path / "forged.jsonl")), "", anchors=read_anchors(tmp_path / "c"))
    assert_rewritten(found, changed + 3)
    assert found.first_bad is not None
    assert found.first_bad.reason.endswith(f"a checkpoint is {changed - 1}")


def test_a_recording_that_was_cut_and_closed_again_is_noticed(short: Tape, short_file: Path, tmp_path: Path) -> None:
    pinned = anchors(tmp_path / "c", str(short_file))
    cut = short._replace(events=short.events[:-9]).rechained().write(tmp_path / "cut.jsonl")
    assert verify(str(cut), "").ok
    found = verify(str(cut), "", anchors=pinned).first_bad
    assert found is not None
    assert (found.version, "events were cut off" in found.reason) == (len(short.events), True)


def test_a_change_with_the_old_hashes_is_damage_where_it_is(short: Tape, short_file: Path, tmp_path: Path) -> None:
    pinned = anchors(tmp_path / "c", str(short_file))
    damaged = short.with_line(40, short.events[39].replace(b"QuoteUpdated", b"QuoteUpdatef"))
    path = damaged._replace(events=(*damaged.events[:49], b"x" + damaged.events[49][1:], *damaged.events[50:])).write(
        tmp_path / "damaged.jsonl"
    )
    found = verify(str(path), "", anchors=pinned).first_bad
    assert found is not None
    assert found.version <= 50
    assert "rewritten" not in found.reason


def test_damage_before_a_checkpoint_and_rewriting_before_damage_are_told_apart(short: Tape, tmp_path: Path) -> None:
    changed, forged = rewritten(short)
    cut = short._replace(events=short.events[: changed + 3]).rechained().write(tmp_path / "cut.jsonl")
    pinned = anchors(tmp_path / "c", str(cut))
    later = forged.events[changed + 9]
    damaged = forged.with_line(changed + 10, later.replace(b'"at_ns":1', b'"at_ns":2'))
    assert_rewritten(verify(str(damaged.write(tmp_path / "d.jsonl")), "", anchors=pinned), changed + 3)


def test_damage_where_a_checkpoint_is_is_damage(place: Place, short: Tape, tmp_path: Path) -> None:
    pinned = anchors(tmp_path / "c", "bot", place.url)
    place.by_hand("UPDATE events SET at_ns = at_ns + 1 WHERE version = 80")
    found = hold("bot", place.url, pinned).first_bad
    assert found is not None
    assert (found.version, "rewritten" in found.reason) == (len(short.events), False)


def test_a_changed_header_stays_damage_at_version_0(short: Tape, short_file: Path, tmp_path: Path) -> None:
    pinned = anchors(tmp_path / "c", str(short_file))
    path = short._replace(header=short.header.replace(b'"nonce":"', b'"nonce":"0', 1)).write(tmp_path / "h.jsonl")
    found = verify(str(path), "", anchors=pinned)
    assert (found.ok, found.first_bad is not None and found.first_bad.version) == (False, 0)


def test_checkpoints_of_other_streams_prove_nothing(short_file: Path, tmp_path: Path) -> None:
    pinned = anchors(tmp_path / "c", str(short_file))
    others = Anchors(pinned.file, tuple(one._replace(stream="other") for one in pinned.checkpoints), None)
    with pytest.raises(SourceError, match=r"contains no checkpoint of stream bot \(it has: other\)"):
        verify(str(short_file), "", anchors=others)


def test_with_a_trusted_key_another_signature_does_not_do(short_file: Path, tmp_path: Path, key: SigningKey) -> None:
    anchors(tmp_path / "c", str(short_file), key=key)
    trusting = read_anchors(tmp_path / "c", key.public)
    held = verify(str(short_file), "", anchors=trusting)
    assert held.checkpoints is not None
    assert (held.ok, held.checkpoints.trusted) == (True, True)
    other = make_key(tmp_path / "other")
    assert not verify(str(short_file), "", anchors=read_anchors(tmp_path / "c", other.public)).ok
    anchors(tmp_path / "c", str(short_file))
    assert not verify(str(short_file), "", anchors=read_anchors(tmp_path / "c", key.public)).ok


def test_a_signed_checkpoint_that_was_changed_is_noticed(
    short: Tape, short_file: Path, tmp_path: Path, key: SigningKey
) -> None:
    anchors(tmp_path / "c", str(short_file), key=key)
    forged = rewritten(short)[1]
    before, after = short.at(len(short.events))["hash"], forged.at(len(short.events))["hash"]
    (tmp_path / "c").write_text((tmp_path / "c").read_text().replace(before, after))
    found = verify(str(forged.write(tmp_path / "f.jsonl")), "", anchors=read_anchors(tmp_path / "c")).first_bad
    assert found is not None
    assert "its signature is not valid" in found.reason


def test_no_checkpoint_is_made_of_a_history_that_was_rewritten(short: Tape, short_file: Path, tmp_path: Path) -> None:
    anchors(tmp_path / "c", str(short_file))
    before = (tmp_path / "c").read_bytes()
    forged = rewritten(short)[1].write(tmp_path / "forged.jsonl")
    with pytest.raises(DamageError, match="history was rewritten"):
        make_checkpoint(str(forged), "", tmp_path / "c", now_ns=NOW_NS)
    assert (tmp_path / "c").read_bytes() == before


def test_no_checkpoint_is_made_of_a_damaged_chain(place: Place, short: Tape, tmp_path: Path) -> None:
    damaged = short.with_line(20, short.events[19].replace(b'"at_ns":1', b'"at_ns":2')).write(tmp_path / "d.jsonl")
    with pytest.raises(DamageError) as found:
        make_checkpoint(str(damaged), "", tmp_path / "c", now_ns=NOW_NS)
    assert found.value.version == 20
    place.by_hand("UPDATE events SET at_ns = at_ns + 1 WHERE version = 20")
    with pytest.raises(DamageError) as found:
        make_checkpoint("bot", place.url, tmp_path / "c", now_ns=NOW_NS)
    assert found.value.version == 20
    assert not (tmp_path / "c").exists()


def test_nothing_is_added_to_a_file_that_is_something_else(short_file: Path) -> None:
    before = short_file.read_bytes()
    with pytest.raises(InvalidCheckpointError, match="line 1: not a checkpoint"):
        make_checkpoint(str(short_file), "", short_file, now_ns=NOW_NS)
    assert short_file.read_bytes() == before


def test_of_a_store_every_stream_is_verified_and_none_may_be_gone(place: Place, tmp_path: Path) -> None:
    with EventStore.open(place.url) as store:
        store.create_stream("inbox", "nonce", b"{}")
        store.append("inbox", 0, records(5))
    pinned = anchors(tmp_path / "c", "inbox", place.url)
    found = verify_store(place.url, pinned)
    assert (found.ok, [(one.file, one.events) for one in found.streams]) == (True, [("bot", 80), ("inbox", 5)])

    place.by_hand("DELETE FROM events WHERE data = BYTES('{\"to\":5}')")

    found = verify_store(place.url)
    assert (found.ok, [one.ok for one in found.streams]) == (False, [True, False])
    gone = Anchors("c", tuple(one._replace(stream="gone") for one in pinned.checkpoints), None)
    found = verify_store(place.url, gone)
    assert (found.ok, found.gone) == (False, ["gone"])
