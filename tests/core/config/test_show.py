import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from msgspec import Struct, field

from perptape.core.config import PROFILES, Configuration, as_json, example_toml, load, load_configuration, render_toml
from perptape.core.config.runtime import RuntimeSettings
from perptape.core.edge.simulation.exchange.settings import ExchangeSettings
from perptape.core.settings import TradingSettings
from tests.core.config.settings_strategy import trading_settings

EXAMPLE = Path(__file__).parents[3] / "docs" / "bot.toml"
SIMULATION: dict[str, type[Struct]] = {"simulation": ExchangeSettings}


def configuration(trading: TradingSettings) -> Configuration:
    return Configuration(trading, RuntimeSettings(), {}, {}, Path())


@given(trading_settings())
def test_what_is_shown_loads_again_to_the_same_settings(trading: TradingSettings) -> None:
    assert load_configuration(render_toml(configuration(trading))).trading == trading


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("origins", [True, False])
def test_every_profile_is_shown_as_it_is(name: str, *, origins: bool) -> None:
    found = load(None, profile=name, sections=SIMULATION)
    again = load_configuration(render_toml(found, origins=origins), sections=SIMULATION)
    assert (again.trading, again.runtime, again.sections) == (found.trading, found.runtime, found.sections)


def test_every_key_is_there_with_its_meaning_value_and_origin() -> None:
    text = render_toml(load_configuration("[trading]\ncycle_s = 5"))
    assert "# Seconds between two cycles, for strategies with trigger `cycle`.\ncycle_s = 5  # bot.toml:2\n" in text
    assert "# Maximum gross notional / equity.\nleverage_max = 3  # default\n" in text


def test_a_limit_that_is_off_stands_there_commented_out() -> None:
    assert '\n#depth_min = "off"  # off (default)\n' in render_toml(load(None))


def test_a_limit_that_a_file_switched_off_stays_off_when_loaded_again() -> None:
    found = load_configuration('[trading.guards]\ndaily_loss_limit = "off"')
    text = render_toml(found)
    assert '\ndaily_loss_limit = "off"  # off (bot.toml:2)\n' in text
    assert load_configuration(text).trading.guards.daily_loss_limit is None


def test_a_profile_s_cap_of_a_symbol_that_is_not_followed_is_not_mentioned() -> None:
    text = render_toml(load(None, overrides={"trading.symbols": ["BTC-PERP"]}))
    assert "ETH-PERP =" not in text


def test_a_profile_s_cap_that_a_file_took_away_stays_away() -> None:
    text = render_toml(load(None, overrides={"trading.guards.position_caps.ETH-PERP": "off"}))
    assert '\nETH-PERP = "off"\n' in text
    assert "ETH-PERP" not in load_configuration(text).trading.guards.position_caps


def test_the_example_file_is_current() -> None:
    assert EXAMPLE.read_text("utf-8") == example_toml(SIMULATION), (
        "write it anew: python -m tests.core.config.write_example"
    )


def test_the_example_file_is_the_canary_profile() -> None:
    found = load(EXAMPLE, sections=SIMULATION)
    assert found.trading == load(None).trading
    assert found.runtime == RuntimeSettings()
    assert found.sections == {"simulation": ExchangeSettings()}


def test_the_json_form_is_plain_data_with_numbers_as_text() -> None:
    plain = as_json(load(None, sections=SIMULATION))
    assert plain["trading"]["guards"]["position_caps"]["BTC-PERP"] == "0.05"
    assert plain["runtime"]["simulation"]["seed"] == 1
    assert plain["origins"]["trading.cycle_s"] == "profile canary"


class Odd(Struct, frozen=True, forbid_unknown_fields=True):
    """Text that TOML has to escape, and numbers that not every reader holds."""

    text: str = 'a"b\\c\n\t\x00\x7f é\U0001f600'
    large: Decimal = Decimal(10) ** 20
    small: Decimal = Decimal("0.00000000000000000001")
    table: dict[str, str] = field(default_factory=lambda: {"": "x", "a.b c": "off"})
    pairs: tuple[tuple[int, ...], ...] = ((1, 2), ())


def test_every_text_and_number_survives() -> None:
    found = load(None, sections={"odd": Odd})
    text = render_toml(found)
    assert tomllib.loads(text)["runtime"]["odd"]["text"] == Odd().text
    assert load_configuration(text, sections={"odd": Odd}).section(Odd) == Odd()
