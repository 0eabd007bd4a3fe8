"""The pytest fixture `perptape_bot`, where pytest-asyncio is missing: it says so."""

from typing import NoReturn

import pytest


@pytest.fixture
def perptape_bot() -> NoReturn:
    """Needs pytest-asyncio, which is not installed, or switched off."""
    pytest.fail("the fixture perptape_bot is async and needs pytest-asyncio: pip install pytest-asyncio", pytrace=False)
