"""The recording: a stream's events as JSON lines between a header and a trailer, chained by SHA-256."""

from replays.recording.form import Header, Provenance, Trailer, genesis_hash
from replays.recording.reader import Recording, open_recording
from replays.recording.writer import RecordingWriter

__all__ = ["Header", "Provenance", "Recording", "RecordingWriter", "Trailer", "genesis_hash", "open_recording"]
