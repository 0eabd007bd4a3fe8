"""The identity of market input, so that a resumed recording can refuse another."""

import hashlib
from collections.abc import Mapping, Sequence

import msgspec

from perptape.core.edge.market.errors import MarketChangedError
from perptape.core.edge.market.file import MarketFile
from perptape.core.edge.market.path import PATH_VERSION


class FileIdentity(msgspec.Struct, frozen=True):
    """What of a market file decides its points. Its path does not: a file may be moved."""

    symbol: str
    kind: str
    format: str
    bar_stamp: str | None
    interval_ns: int | None
    sha256: str


class MarketDigest(msgspec.Struct, frozen=True):
    """The files of a market path in order, with every option that shapes its points.

    The order of symbols counts, as it decides between points of one moment.
    """

    files: tuple[FileIdentity, ...]
    options: tuple[tuple[str, str], ...] = ()
    path_version: int = PATH_VERSION

    @property
    def sha256(self) -> str:
        """Hexadecimal digest of all of it."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()


def market_digest(files: Mapping[str, Sequence[MarketFile]], options: Mapping[str, str] | None = None) -> MarketDigest:
    """The digest of what `market_path(files)` would give under `options` (seed, conditions and the like, as text)."""
    identities = [
        FileIdentity(symbol, file.kind, file.format, file.bar_stamp, file.interval_ns, file.sha256)
        for symbol, of_symbol in files.items()
        for file in sorted(of_symbol, key=lambda file: (file.kind, file.first_ns, file.sha256))
    ]
    return MarketDigest(tuple(identities), tuple(sorted((options or {}).items())))


def require_same_market(recorded: MarketDigest, given: MarketDigest) -> None:
    """Raise MarketChangedError, naming every difference, unless both digests are equal."""
    if recorded == given:
        return
    differences = [f"missing: {_shown(file)}" for file in recorded.files if file not in given.files]
    differences += [f"new: {_shown(file)}" for file in given.files if file not in recorded.files]
    before, now = dict(recorded.options), dict(given.options)
    differences += [
        f"{name} was {before.get(name, 'unset')} and is {now.get(name, 'unset')}"
        for name in sorted({*before, *now})
        if before.get(name) != now.get(name)
    ]
    if recorded.path_version != given.path_version:
        differences.append(f"the path version was {recorded.path_version} and is {given.path_version}")
    raise MarketChangedError(tuple(differences) or ("the order of symbols or files",))


def _shown(file: FileIdentity) -> str:
    stamp = f" stamped at the {file.bar_stamp}" if file.bar_stamp else ""
    return f"{file.symbol} {file.format}{stamp} {file.sha256[:12]}"
