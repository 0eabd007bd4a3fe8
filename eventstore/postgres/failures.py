"""PostgreSQL's refusals in the store's own terms. No text of ours or the server's shows a password."""

import re

from psycopg import Error, OperationalError, ProgrammingError

from perptape.eventstore.errors import (
    NotAStoreError,
    StoreBusyError,
    StoreDeniedError,
    StoreFailedError,
    StoreFullError,
    StoreLostError,
    StoreMissingError,
    StoreReadOnlyError,
    StoreUnavailableError,
    StoreUnreachableError,
    StoreUrlError,
)

_Meaning = tuple[type[StoreUnavailableError], str]

_LOST = "the connection broke; it is unknown whether an append was stored, but it is safe to repeat it"
_BUSY = "another process holds a lock on it; try again, or stop that process"

# A state, or the class of states that its first two characters name: appendix A of PostgreSQL's manual.
_STATES: dict[str, _Meaning] = {
    "08": (StoreLostError, _LOST),
    "57P01": (StoreLostError, _LOST),  # the server was shut down
    "57P02": (StoreLostError, _LOST),  # the server crashed
    "57P03": (StoreUnreachableError, "the server accepts no connections at the moment; try again"),
    "57P05": (StoreLostError, _LOST),  # idle for longer than the server allows
    "55P03": (StoreBusyError, _BUSY),
    "40": (StoreBusyError, "another process changed it at the same time; try again"),
    "57014": (StoreBusyError, "the server did not finish in time, or the operation was canceled; try again"),
    "53300": (StoreBusyError, "the server has no connection left; try again"),
    "53": (StoreFullError, "the server has no space left: {said}; free some space and try again"),
    "25006": (StoreReadOnlyError, "it cannot be written: {said}"),
    "42501": (
        StoreReadOnlyError,
        "this user lacks a privilege: {said}; the owner can grant access with `perptape store grant`",
    ),
    "42P01": (NotAStoreError, "a table of the store is missing: {said}"),
    "3D000": (StoreMissingError, "there is no such database"),
    "3F000": (StoreMissingError, "there is no such schema"),
    "23": (
        StoreFailedError,
        "it contains a row that its streams do not account for; examine it with `perptape store check`",
    ),
    "58": (StoreFailedError, "the server's disk failed: {said}"),
    "XX": (StoreFailedError, "the server reports that its files are damaged: {said}; restore it from a backup"),
}

# A server that refuses a connection gives no state, only words.
_REFUSALS: tuple[tuple[str, _Meaning], ...] = (
    (
        r'database ".*" does not exist',
        (StoreMissingError, "the server has no such database; create it with `createdb`, then `perptape store init`"),
    ),
    (
        r"password|authentication|pg_hba\.conf|not permitted to log in|permission denied|role .* does not exist",
        (StoreDeniedError, "the server rejects this user: {said}; check the user, password and privileges"),
    ),
    (r"too many|remaining connection slots", (StoreBusyError, "the server has no connection left; try again")),
)
_UNREACHABLE: _Meaning = (StoreUnreachableError, "the server cannot be reached: {said}; check that it is running")


def store_error(error: BaseException | None, store: str) -> StoreUnavailableError:
    """What an error of the driver means for the store of this name."""
    state = (error.sqlstate if isinstance(error, Error) else None) or ""
    kind, problem = _STATES.get(state) or _STATES.get(state[:2]) or (StoreFailedError, "the database refused: {said}")
    if not state and isinstance(error, OperationalError):
        kind, problem = StoreLostError, _LOST
    return kind(store, problem.format(said=_first_line(error)))


def connect_error(error: Error, store: str, password: str) -> StoreUnavailableError:
    """What it means for the store that no connection could be made."""
    said = _first_line(error)
    if isinstance(error, ProgrammingError):
        return StoreUrlError(store, f"the driver rejects the URL: {said}")
    kind, problem = next((meaning for words, meaning in _REFUSALS if re.search(words, said)), _UNREACHABLE)
    shown = said.replace(password, "***") if password else said
    return kind(store, problem.format(said=shown))


def _first_line(error: BaseException | None) -> str:
    said = str(error).strip().split("\n", maxsplit=1)[0]
    return re.sub(r"^connection (failed|is bad): ", "", said)
