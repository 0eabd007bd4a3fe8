"""Holding a stream against its checkpoints: whether its history is still the one that they pinned."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from perptape.eventstore.checkpoint import Checkpoint
from perptape.eventstore.checkpoint_key import is_signed
from perptape.eventstore.verification import FirstBad


class Pinned(NamedTuple):
    """A stream's or a recording's chain, as far as checkpoints speak of it."""

    stream: str
    format_name: str
    first_version: int
    opening_hash: bytes
    last_version: int
    hashes: Mapping[int, bytes]
    """Hashes by version, at least at the versions of the checkpoints that lie in the chain."""


def of_stream(checkpoints: Iterable[Checkpoint], stream: str) -> list[Checkpoint]:
    """The checkpoints of one stream, lowest version first."""
    return sorted((one for one in checkpoints if one.stream == stream), key=lambda one: one.version)


def first_unsigned(
    checkpoints: Sequence[Checkpoint],
    trusted: str | None,
    valid: Callable[[Checkpoint], bool] = is_signed,
) -> FirstBad | None:
    """The first checkpoint whose signature is wrong; with a `trusted` public key, also the first not signed by it."""
    for one in checkpoints:
        if trusted is not None and one.public_key != trusted:
            whose = "not signed" if one.public_key is None else f"signed by another key, {one.public_key}"
            return FirstBad(one.version, f"{_named(one)} is {whose}: it has to be signed with the trusted key")
        if one.signature is not None and not valid(one):
            return FirstBad(one.version, f"{_named(one)} was changed, or never signed: its signature is not valid")
    return None


def first_rewritten(checkpoints: Sequence[Checkpoint], chain: Pinned) -> FirstBad | None:
    """The first checkpoint, lowest version first, that is not found in the chain; None when all are."""
    agreed = chain.first_version - 1
    for one in checkpoints:
        problem = _difference(one, chain)
        if problem is not None:
            since = f"; the last version that matches a checkpoint is {agreed}" if agreed >= chain.first_version else ""
            return FirstBad(one.version, f"history was rewritten: {problem}{since}")
        agreed = one.version
    return None


def _difference(one: Checkpoint, chain: Pinned) -> str | None:
    if one.format_name != chain.format_name:
        return f"{_named(one)} has format {one.format_name}, but the chain has {chain.format_name}"
    if chain.first_version == 1 and one.opening_hash != chain.opening_hash:
        return f"{_named(one)} starts from hash {_short(one.opening_hash)}, the chain from {_short(chain.opening_hash)}"
    if one.version < chain.first_version - 1:
        return f"{_named(one)} lies before the chain's first version, {chain.first_version}"
    if one.version > chain.last_version:
        return f"{_named(one)} lies beyond the chain's end, version {chain.last_version}: events were cut off"
    found = chain.opening_hash if one.version == chain.first_version - 1 else chain.hashes[one.version]
    if found != one.hash:
        return f"{_named(one)} has hash {_short(one.hash)}, but the chain has {_short(found)}"
    return None


def _named(one: Checkpoint) -> str:
    return f"the checkpoint of version {one.version} made at {one.made_at}"


def _short(digest: bytes) -> str:
    return f"{digest[:16].decode()}…"
