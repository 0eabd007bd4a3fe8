"""The recording: a stream's events as JSON lines between a header and a trailer, chained by SHA-256."""

from perptape.replays.tape.header import Header, Provenance, Trailer, genesis_hash
from perptape.replays.tape.reader import Recording, open_recording
from perptape.replays.tape.writer import RecordingWriter

__all__ = ["Header", "Provenance", "Recording", "RecordingWriter", "Trailer", "genesis_hash", "open_recording"]
