"""The venue of a test: each test of the contract runs on every one."""

import pytest

from tests.core.edge.venue.benches import BENCHES, OpenBench


@pytest.fixture(params=list(BENCHES.values()), ids=list(BENCHES))
def open_bench(request: pytest.FixtureRequest) -> OpenBench:
    factory: OpenBench = request.param
    return factory
