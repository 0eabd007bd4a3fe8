"""Surgery on recordings: taken apart, changed, and put together again, with the old hashes or with new ones."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, Self

TAIL = len(b',"hash":"') + 64 + len(b'"}\n')


class Tape(NamedTuple):
    """A recording as lines, newlines included."""

    header: bytes
    events: tuple[bytes, ...]
    trailer: bytes

    def __repr__(self) -> str:
        return f"<tape of {len(self.events)} events>"

    @classmethod
    def read(cls, path: Path) -> Self:
        """The lines of a recording that is whole."""
        header, *events, trailer = path.read_bytes().splitlines(keepends=True)
        return cls(header, tuple(events), trailer)

    @property
    def content(self) -> bytes:
        """The whole file."""
        return b"".join((self.header, *self.events, self.trailer))

    def at(self, version: int) -> dict[str, Any]:
        """The event of a version as plain data, its hash included."""
        event: dict[str, Any] = json.loads(self.events[version - self.first_version])
        return event

    def plain(self, version: int) -> dict[str, Any]:
        """The event of a version as a divergence shows it: without its hash."""
        return {key: value for key, value in self.at(version).items() if key != "hash"}

    @property
    def first_version(self) -> int:
        """The version of the first event."""
        version: int = json.loads(self.header)["first_version"]
        return version

    @property
    def decisions(self) -> list[int]:
        """The versions of all decisions."""
        return [event["version"] for event in map(json.loads, self.events) if event["cause"] is not None]

    def with_line(self, version: int, line: bytes) -> Self:
        """The same with another line at a version; hashes as they were."""
        index = version - self.first_version
        return self._replace(events=(*self.events[:index], line, *self.events[index + 1 :]))

    def forged(self, version: int, event: dict[str, Any]) -> Self:
        """The same with another event at a version, and every hash after it computed anew."""
        body = json.dumps(
            {key: event[key] for key in event if key != "hash"}, separators=(",", ":"), ensure_ascii=False
        )
        return self.with_line(version, body[:-1].encode() + b"0" * TAIL).rechained()

    def changed(self, version: int, **data: Any) -> Self:
        """The same with these fields of one event's data changed, and every hash computed anew."""
        event = self.at(version)
        return self.forged(version, {**event, "data": {**event["data"], **data}})

    def without(self, version: int) -> Self:
        """The same without the event of a version; what follows moves up, causes too, and hashes are computed anew."""
        index = version - self.first_version
        return self._with_events([*self.events[:index], *self.events[index + 1 :]], version, -1)

    def with_inserted(self, version: int, event: dict[str, Any]) -> Self:
        """The same with one more event at a version; what was there moves down, causes too, hashes computed anew."""
        index = version - self.first_version
        body = json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()
        line = body[: body.rindex(b',"hash"')] + b"0" * TAIL
        return self._with_events([*self.events[:index], line, *self.events[index:]], version, 1)

    def _with_events(self, events: list[bytes], moved_from: int, step: int) -> Self:
        lines = []
        for version, line in enumerate(events, self.first_version):
            head, separator, data = line.partition(b',"data":')
            fields = json.loads(head + b"}")
            if fields["cause"] is not None and fields["cause"] >= moved_from:
                fields["cause"] += step
            fields["version"] = version
            lines.append(json.dumps(fields, separators=(",", ":")).encode()[:-1] + separator + data)
        return self._replace(events=tuple(lines)).rechained()

    def rechained(self) -> Self:
        """The same lines with hashes and trailer that fit them."""
        digest = json.loads(self.header)["previous_hash"].encode()
        lines = []
        for line in self.events:
            body = line[:-TAIL]
            digest = sha256(digest + body).hexdigest().encode()
            lines.append(b'%b,"hash":"%b"}\n' % (body, digest))
        last = self.first_version + len(lines) - 1
        trailer = b'{"last_version":%d,"count":%d,"last_hash":"%b"}\n' % (last, len(lines), digest)
        return self._replace(events=tuple(lines), trailer=trailer)

    def reheaded(self, **fields: Any) -> Self:
        """The same with these header fields changed and the header's own hash, and all others, computed anew."""
        kept = {key: value for key, value in json.loads(self.header).items() if key != "hash"}
        if "trading" in fields and kept["first_version"] == 1 and kept["format_version"] == 2:
            settings = sha256(json.dumps(fields["trading"], separators=(",", ":"), ensure_ascii=False).encode())
            first = f"perptape-recording/2 {settings.hexdigest()}\n{kept['stream']}\n{kept['nonce']}"
            kept["previous_hash"] = sha256(first.encode()).hexdigest()
        body = json.dumps({**kept, **fields}, separators=(",", ":"), ensure_ascii=False)[:-1].encode()
        header = b'%b,"hash":"%b"}\n' % (body, sha256(body).hexdigest().encode())
        return self._replace(header=header).rechained()

    def write(self, path: Path) -> Path:
        """The file with these lines."""
        path.write_bytes(self.content)
        return path


def first_bad(content: bytes, header: bytes) -> int | None:
    """The first bad version of what was a recording with this header, by the written rules; None when it is sound.

    A second opinion: it shares nothing with the reader but the format.
    """
    if not content.startswith(header):
        return 0
    version = json.loads(header)["first_version"]
    digest, count = json.loads(header)["previous_hash"].encode(), 0
    rest = content[len(header) :]
    while True:
        end = rest.find(b"\n") + 1
        line, rest = (rest[:end], rest[end:]) if end else (rest, b"")
        trailer = b'{"last_version":%d,"count":%d,"last_hash":"%b"}\n' % (version + count - 1, count, digest)
        if line == trailer and not rest:
            return None
        body, found = line[:-TAIL], sha256(digest + line[:-TAIL]).hexdigest().encode()
        if line != b'%b,"hash":"%b"}\n' % (body, found):
            return int(version + count)
        digest, count = found, count + 1
