"""No password is ever printed, whatever a command of the store says or cannot do."""

import traceback
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from perptape.eventstore.backends import redacted
from perptape.eventstore.errors import StoreUnavailableError
from perptape.eventstore.store import EventStore
from tests.postgres.server import Server
from tests.replays.command import perptape
from tests.replays.secret import SECRET, assert_keeps_secret

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def guarded_url(postgres_server: Server) -> str:
    """A database of a role whose password has every character that is special somewhere."""
    with psycopg.connect(postgres_server.url(), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS guarded WITH (FORCE)")
        connection.execute("DROP ROLE IF EXISTS guarded")
        quoted = SECRET.replace("'", "''")
        connection.execute(f"CREATE ROLE guarded LOGIN PASSWORD '{quoted}'".encode())
        connection.execute("CREATE DATABASE guarded OWNER guarded TEMPLATE template0")
    return f"postgresql://guarded:{quote(SECRET, safe='')}@/guarded?host={postgres_server.folder}"


def test_a_password_is_never_printed(guarded_url: str, short_file: Path) -> None:
    answers = [
        perptape("store", "check", "--store", guarded_url),
        perptape("store", "init", "--store", guarded_url),
        perptape("store", "upgrade", "--store", guarded_url),
        perptape("store", "import", short_file, "--store", guarded_url, "--json"),
        perptape("store", "import", short_file, "--store", guarded_url),
        perptape("store", "streams", "--store", guarded_url),
        perptape("store", "check", "--store", guarded_url),
        perptape("store", "check", "--store", guarded_url, "--json"),
        perptape("store", "checkpoint", "bot", "--store", guarded_url, "-o", "checkpoints"),
        perptape("verify", "bot", "--store", guarded_url),
        perptape("verify", "--store", guarded_url, "--json", "--checkpoints", "checkpoints"),
        perptape("verify", "nobody", "--store", guarded_url),
        perptape("rebuild", "nobody", "--store", guarded_url),
        perptape("doctor", "--store", guarded_url),
        perptape("doctor", "--store", guarded_url, "--json"),
    ]
    assert [answer.status for answer in answers[:-2]] == [2, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 2, 2]
    for answer in answers:
        assert_keeps_secret(answer.said)
    assert "***@/guarded" in answers[0].err


@pytest.mark.parametrize("wrong", ["database", "password", "host", "option", "schema"])
def test_a_password_is_in_no_error_and_no_traceback(guarded_url: str, wrong: str) -> None:
    changes = {
        "database": ("/guarded?", "/none?"),
        "password": (quote(SECRET, safe=""), quote(SECRET + "2", safe="")),
        "host": ("host=", "host=/nowhere"),
        "option": ("host=", "nonsense=1&host="),
        "schema": ("host=", "options=-csearch_path%3Dnone&host="),
    }
    url = guarded_url.replace(*changes[wrong])
    for command in (["store", "check"], ["store", "init"], ["verify", "bot", "--json"], ["rebuild", "bot"]):
        assert_keeps_secret(perptape(*command, "--store", url).complaint)
    with pytest.raises(StoreUnavailableError) as raised:
        EventStore.open(url)
    assert_keeps_secret("".join(traceback.format_exception(raised.value)))


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:p%40s%3A@h:5432/d?sslmode=require", "postgresql://***@h:5432/d?sslmode=require"),
        ("postgresql://u:p@s@h/d", "postgresql://***@h/d"),
        ("postgresql://u:w?x@h/d", "postgresql://***@h/d"),
        ("postgresql://u:w/x#y@h/d", "postgresql://***@h/d"),
        ("postgresql://u@h/d?password=Zq&x=1", "postgresql://***@h/d?password=***&x=1"),
        ("postgresql:/u:Zq@h/d", "postgresql:/***@h/d"),
        ("u:Zq@h/d", "***@h/d"),
        ("postgresql://u:Zq", "postgresql://***"),
        ("postgresql://h:5432/d", "postgresql://h:5432/d"),
        ("postgresql://[::1]:5432/d", "postgresql://[::1]:5432/d"),
        ("postgresql:///d?host=/run/a@b", "postgresql:///d?host=/run/a@b"),
        ("sqlite:////home/me@work/a:b.db", "sqlite:////home/me@work/a:b.db"),
        ("sqlite:///me@work.db", "sqlite:///me@work.db"),
    ],
)
def test_a_url_is_shown_without_what_may_be_of_a_password(url: str, shown: str) -> None:
    assert redacted(url) == shown
