"""What every test gets: property tests that find the same examples everywhere, an installation, PostgreSQL on demand.

The PostgreSQL tests bring their own server. With `PERPTAPE_TEST_POSTGRES` set to the URL of a server on which databases
may be made, they use that one, but for tests that stop or kill a server.
"""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.packaging.environment import Environment, shared_environment
from tests.postgres.databases import Databases
from tests.postgres.server import Installation, Server, installation

settings.register_profile("reproducible", deadline=None, derandomize=True, database=None)
settings.load_profile("reproducible")


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """perptape installed from its wheel, made once for all workers. Install nothing into it, but into a copy of it."""
    folder = tmp_path_factory.getbasetemp()
    return shared_environment(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)


@pytest.fixture(scope="session")
def postgres_installation() -> Iterator[Installation]:
    """Servers to start, stop and kill: `with installation.server().running() as server`."""
    with installation() as made:
        yield made


@pytest.fixture(scope="session")
def postgres_server(postgres_installation: Installation) -> Iterator[Server]:
    """A server that all tests share and none stops; not durable, so that it is fast."""
    with postgres_installation.server(durable=False).running() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_databases(request: pytest.FixtureRequest) -> Iterator[Databases]:
    """Databases on the shared server, or on the one that the environment names."""
    url = os.environ.get("PERPTAPE_TEST_POSTGRES") or request.getfixturevalue("postgres_server").url()
    databases = Databases(url)
    yield databases
    databases.close()


@pytest.fixture
def postgres_url(postgres_databases: Databases) -> Iterator[str]:
    """The URL of an empty database."""
    with postgres_databases.empty() as url:
        yield url


@pytest.fixture
def postgres_store_url(postgres_databases: Databases) -> Iterator[str]:
    """The URL of a database with an empty store in it."""
    with postgres_databases.store() as url:
        yield url
