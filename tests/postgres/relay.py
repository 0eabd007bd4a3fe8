"""A relay before a server, which can lose an answer: the server has done what it was told, and nobody hears of it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from tests.postgres.server import Server

SOCKET = ".s.PGSQL.5432"


class Relay:
    """Listens in a folder as a server would, and passes everything on both ways."""

    def __init__(self, server: Server, folder: Path) -> None:
        self._server = server.folder / SOCKET
        self._losing = Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / SOCKET))
        self._listener.listen()
        self.url = server.url().replace(str(server.folder), str(folder))
        Thread(target=self._serve, daemon=True).start()

    def lose_next_answer(self) -> None:
        """Drop the next thing that the server says, and the connection with it."""
        self._losing.set()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._server))
                Thread(target=self._pass_on, args=(client, server, False), daemon=True).start()
                Thread(target=self._pass_on, args=(server, client, True), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with suppress(OSError):  # the other direction has closed both
            while said := source.recv(1 << 16):
                if answers and self._losing.is_set():
                    self._losing.clear()
                    break
                sink.sendall(said)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextmanager
def relayed(server: Server, folder: Path) -> Iterator[Relay]:
    """A relay before the server, at a socket in the folder."""
    relay = Relay(server, folder)
    try:
        yield relay
    finally:
        relay.close()
