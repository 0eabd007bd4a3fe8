"""The proof, as a reader may check it: what was done, what came out, and the digests."""

from perptape.replays.report.numbers import count, counted, listed, plural
from perptape.replays.report.proof import Proof, ReplayProof, VerifyProof, proved, reproduced
from perptape.replays.report.story import Story
from perptape.replays.report.svg import EMPTY, Markup, element, joined


def proof_panel(story: Story, proof: Proof | None) -> Markup:
    """One row per check. Without a proof: what this page itself found, and how to prove the rest."""
    rows = [
        _row(
            True,
            "The tape is complete",
            f"The hash chain is intact across all {counted(story.counts.events, 'event')}, from version "
            f"{story.first_version} to the trailer.",
        )
    ]
    if proof is not None:
        rows += _killed(story, proof)
        rows += [] if proof.replay is None else [_replayed(proof, proof.replay)]
        rows += [] if proof.verify is None else _started(proof.verify)
    return element(
        "section",
        {"class": "proof", "id": "proof"},
        element("h2", None, "The proof"),
        element("p", {"class": "verdict"}, _verdict(story, proof)),
        element("ol", None, *rows),
        _digest(story, proof),
        element("p", {"class": "note"}, proof.note) if proof is not None and proof.note else EMPTY,
    )


def _verdict(story: Story, proof: Proof | None) -> str:
    if proof is None:
        return (
            f"This page was built by folding the recording and checking its chain. To check the decisions as well, run "
            f"perptape replay {story.file} and perptape verify {story.file}."
        )
    if proved(proof):
        return "All checks passed: the results match the recording byte for byte."
    return "Some results differ from the recording. The rows marked ✗ show where."


def _killed(story: Story, proof: Proof) -> list[Markup]:
    if proof.killed_at is None:
        return []
    recovered = next((s for s in story.sessions if s.started_version > proof.killed_at and s.recovery), None)
    if recovered is None or recovered.reconciled_version is None:
        text = f"Killed after version {count(proof.killed_at)}; no later session reconciled with the venue."
        return [_row(False, "Killed, not recovered", text)]
    taken_up, agreed = count(recovered.started_version), count(recovered.reconciled_version)
    text = (
        f"The process was killed after version {count(proof.killed_at)}. Session {recovered.number} resumed at version "
        f"{taken_up} and reconciled with the venue at version {agreed}."
    )
    return [_row(True, "Killed and recovered", text)]


def _replayed(proof: Proof, replay: ReplayProof) -> Markup:
    text = (
        f"From the {counted(replay.observations, 'observation')}, the current code reproduced "
        f"{count(replay.reproduced)} of {counted(replay.decisions, 'decision')} as recorded."
    )
    whole = reproduced(proof)
    title = "Every decision reproduced" if whole else "Not every decision reproduced"
    return _row(whole, title, f"{text} {replay.divergence}".strip(), replay.state_digest)


def _started(verify: VerifyProof) -> list[Markup]:
    rows = [_row(verify.ok, "Cold start", "Folding every event gives this state.", verify.cold)]
    same = [warm.snapshot_version for warm in verify.warm if warm.state_digest == verify.cold]
    if same:
        places = listed([count(version) for version in same])
        stored = f"The {plural(len(same), 'snapshot')} stored at {plural(len(same), 'version')} {places}"
        text = f"{stored}, with the later events, {'gives' if len(same) == 1 else 'give'} the same state."
        rows.append(_row(True, "Warm starts", text, verify.cold))
    for warm in verify.warm:
        if warm.state_digest != verify.cold:
            text = f"The snapshot stored at version {count(warm.snapshot_version)} leads to a different state."
            rows.append(_row(False, "Warm start", text, warm.state_digest))
    return rows


def _row(ok: bool, title: str, text: str, digest: str = "") -> Markup:
    said = "passed" if ok else "failed"
    mark = element("span", {"class": "mark", "role": "img", "aria-label": said}, "✓" if ok else "✗")
    short = element("code", {"title": digest}, f"{digest[:8]}…{digest[-8:]}") if digest else EMPTY
    body = element("div", None, element("h3", None, title), element("p", None, joined(text, " ", short)))
    return element("li", {"class": said}, mark, body)


def _digest(story: Story, proof: Proof | None) -> Markup:
    digests = {story.state_digest}
    if proof is not None and proof.replay is not None:
        digests.add(proof.replay.state_digest)
    if proof is not None and proof.verify is not None:
        digests.add(proof.verify.cold)
    agreed = (
        "State digest, SHA-256 of the canonical state" if len(digests) == 1 else "State digest, computed for this page"
    )
    return element("p", {"class": "digest"}, element("span", None, agreed), element("code", None, story.state_digest))
