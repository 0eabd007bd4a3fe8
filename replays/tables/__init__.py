"""Tables: a recording or stream as typed events and as Arrow tables, for notebooks and `perptape export-table`.

Reading runs no strategy: money is folded by `perptape.core.evolve` with the strategies left out (`ledger`).
"""

from perptape.replays.tables.catalogue import TABLES, TableName
from perptape.replays.tables.reader import RecordingReader, open_recording

__all__ = ["TABLES", "RecordingReader", "TableName", "open_recording"]
