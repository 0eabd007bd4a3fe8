import re
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from msgspec import Struct

from perptape.core.config import load, load_configuration, problems
from perptape.core.errors import ConfigurationError
from perptape.core.settings import GuardSettings, TradingSettings


def refusal(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_configuration(text)
    [line] = str(caught.value).splitlines()
    return line


def written(folder: Path, text: str) -> Path:
    path = folder / "bot.toml"
    path.write_text(text, "utf-8")
    return path


def test_without_a_file_the_settings_are_the_canary_profile() -> None:
    trading = load(None).trading
    assert trading.profile == "canary"
    assert trading.guards.trade_value_max == 1000


def test_a_file_without_a_profile_starts_from_the_defaults() -> None:
    assert load_configuration("").trading == TradingSettings()
    assert load_configuration("[trading]\ncycle_s = 5").trading == TradingSettings(cycle_s=5)


def test_a_file_overrides_its_profile_key_by_key() -> None:
    guards = load_configuration('[trading]\nprofile = "canary"\n[trading.guards]\nleverage_max = 2').trading.guards
    assert guards.leverage_max == 2
    assert guards.daily_loss_limit == 500


def test_the_list_of_strategies_replaces_the_profile_s_list_whole() -> None:
    text = '[trading]\nprofile = "canary"\n[[trading.strategies]]\nname = "mine"\nkind = "ma_crossover"'
    [strategy] = load_configuration(text).trading.strategies
    assert (strategy.name, strategy.trailing_stop, strategy.parameters) == ("mine", None, {})


def test_free_tables_are_merged_and_off_removes_an_entry() -> None:
    text = '[trading]\nprofile = "canary"\n[trading.guards.position_caps]\nETH-PERP = "off"\nBTC-PERP = 0.1'
    assert load_configuration(text).trading.guards.position_caps == {"BTC-PERP": Decimal("0.1")}


def test_a_profile_s_caps_count_for_followed_symbols_only() -> None:
    trading = load_configuration('[trading]\nprofile = "canary"\nsymbols = ["BTC-PERP"]').trading
    assert trading.guards.position_caps == {"BTC-PERP": Decimal("0.05")}


def test_off_switches_a_limit_or_a_whole_breaker_off() -> None:
    guards = load_configuration('[trading.guards]\ndaily_loss_limit = "off"\nvolatility = "off"').trading.guards
    assert guards.daily_loss_limit is None
    assert guards.volatility is None


def test_a_table_switches_a_profile_s_breaker_on_again() -> None:
    text = '[trading]\nprofile = "dev"\n[trading.guards.volatility]\nmove = 0.2'
    volatility = load_configuration(text).trading.guards.volatility
    assert volatility is not None
    assert (volatility.move, volatility.window_s) == (Decimal("0.2"), 300)


def test_the_command_line_wins_over_the_file() -> None:
    found = load_configuration(
        '[trading]\nprofile = "dev"\ncycle_s = 7',
        profile="canary",
        overrides={"trading.cycle_s": 9, "runtime.store": "sqlite:///other.sqlite"},
    )
    assert (found.trading.profile, found.trading.cycle_s) == ("canary", 9)
    assert found.runtime.store == "sqlite:///other.sqlite"
    assert found.trading.guards.daily_loss_limit == 500


@pytest.mark.parametrize(
    ("written_as", "value"),
    [
        ("0.05", "0.05"),
        ('"0.05"', "0.05"),
        ("0.0500", "0.05"),
        ("5e-2", "0.05"),
        ("1", "1"),
        ("0.1000000000000000055", "0.1000000000000000055"),
    ],
)
def test_numbers_are_exact_however_they_are_written(written_as: str, value: str) -> None:
    found = load_configuration(f"[trading.guards]\ndrawdown_limit = {written_as}").trading.guards.drawdown_limit
    assert str(found) == value


def test_large_numbers_lose_their_exponent() -> None:
    found = load_configuration("[trading.guards]\ncash_max = 1e12").trading.guards.cash_max
    assert str(found) == "1000000000000"


@pytest.mark.parametrize(
    "written_as",
    [
        "nan",
        "inf",
        "-inf",
        '"NaN"',
        '"Infinity"',
        "true",
        '"1_0"',
        '" 1"',
        '"\u0663"',
        "[]",
        "1979-05-27",
        "1e99999999999999999",
    ],
)
def test_what_is_no_amount_is_refused(written_as: str) -> None:
    line = refusal(f"[trading.guards]\ncash_max = {written_as}")
    assert line.startswith("bot.toml, line 2: trading.guards.cash_max: given ")
    assert line.endswith("; allowed: a number more than 0")


def test_more_digits_than_the_arithmetic_has_are_refused_not_rounded() -> None:
    assert "notional" in refusal("[trading.sizing]\nnotional = 1.00000000000000000000000000001")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("trading.cycle_s", "0", "given 0; allowed: a whole number at least 1 and at most 31,622,400"),
        ("trading.cycle_s", "1.0", "given 1.0; allowed: a whole number"),
        ("trading.cycle_s", '"60"', 'given "60"; allowed: a whole number'),
        ("trading.symbols", "[]", "given []; allowed: a list of at least 1, each a symbol such as BTC-PERP"),
        ("trading.symbols", '["btc"]', 'trading.symbols[0]: given "btc"; allowed: a symbol such as BTC-PERP'),
        ("trading.symbols", '["A", "A"]', 'trading.symbols[1]: given "A"; allowed: each symbol once'),
        ("trading.guards.drawdown_limit", "1.5", 'allowed: a number more than 0 and at most 1, or "off"'),
        ("trading.guards.leverage_max", "-3", "given -3; allowed: a number more than 0 and at most 100"),
        ("trading.guards.wash_trade", '"yes"', 'given "yes"; allowed: true or false'),
        ("trading.guards.errors", "3", 'given 3; allowed: a table, or "off"'),
        ("trading.guards.position_caps.btc", "1", 'given the key "btc"; allowed: a symbol such as BTC-PERP'),
        ("trading.guards.position_caps.BTC-PREP", "1", 'did you mean "BTC-PERP"?'),
        ("trading.sizing.method", '"fixed"', 'allowed: one of "fixed_notional", "target_leverage"'),
        ("trading.profile", '"canray"', 'did you mean "canary"?'),
        ("trading.orders.spot_fallback.BTC-PERP", '"BTC-USD"', 'given "BTC-USD"; allowed: one of trading.symbols'),
        ("trading.orders.spot_fallback.BTC-PREP", '"ETH-PERP"', 'given "BTC-PREP"; allowed: one of trading.symbols'),
        ("trading.orders.spot_fallback.BTC-PERP", '"BTC-PERP"', "allowed: a symbol that has no fallback of its own"),
        ("trading.orders.backoff_s", "61", "given 61; allowed: at most orders.backoff_max_s (60)"),
        ("trading.state_digest_every", "0", "given 0; allowed: a whole number at least 1"),
        ("runtime.store", '"perptape.sqlite"', "allowed: a database URL"),
        ("trading", "3", "given 3; allowed: a table"),
    ],
)
def test_a_refusal_says_what_was_given_and_what_is_allowed(key: str, value: str, words: str) -> None:
    line = refusal(f"{key} = {value}")
    assert line.startswith(f"bot.toml, line 1: {key.split('.', maxsplit=1)[0]}")
    assert words in line


@pytest.mark.parametrize(
    ("strategies", "words"),
    [
        (
            [("a", "capital_share = 0.5"), ("a", "capital_share = 0.5")],
            'trading.strategies[1].name: given "a"; allowed: a name that no other strategy has',
        ),
        ([("a", 'symbols = ["SOL-PERP"]')], "trading.strategies[0].symbols[0]: given"),
        ([("a b", "")], 'strategies[0].name: given "a b"; allowed: a name of letters'),
        ([("a", ""), ("b", "capital_share = 0.1")], "add up to at most 1 (now they add up to 1.1)"),
        ([("a", "fast = 10")], "a strategy's own settings go under parameters (parameters.fast)"),
        ([("a", "trailing_stop = 1")], "given 1; allowed: a number more than 0 and less than 1"),
        ([("a", "parameters = {x = [1]}")], "strategies[0].parameters.x: given [1]; allowed: text, a number"),
        ([("a", "priority = 9999999999")], "given 9999999999; allowed: a whole number"),
    ],
)
def test_strategies_have_to_make_sense_together(strategies: list[tuple[str, str]], words: str) -> None:
    tables = [f'[[trading.strategies]]\nname = "{name}"\nkind = "ma_crossover"\n{rest}' for name, rest in strategies]
    assert words in refusal("\n".join(tables))


def test_a_missing_key_is_named() -> None:
    line = refusal('[[trading.strategies]]\nname = "a"')
    assert line.startswith("bot.toml, line 1: trading.strategies[0].kind: is missing; allowed: the kind of")


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("trading.guards.leverag_max", "trading.guards.leverage_max"),
        ("trading.leverage_max", "trading.guards.leverage_max"),
        ("trading.guard", "trading.guards"),
        ("tradeing", "trading"),
        ("tradeing.orders.lookup_s", "trading"),
        ("trading.statedigestevery", "trading.state_digest_every"),
    ],
)
def test_an_unknown_key_is_refused_with_the_one_that_was_meant(key: str, meant: str) -> None:
    line = refusal(f"{key} = 1")
    assert line.startswith("bot.toml, line 1: ")
    assert line.endswith(f"is not a setting; did you mean {meant}?")


def test_a_key_like_no_other_is_answered_with_the_known_ones() -> None:
    assert "is not a setting; known here: profile, symbols, cycle_s" in refusal("[trading]\nzzz = 1")


def test_all_problems_are_found_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, "[trading]\nstate_digest_every = 0\ncycle_s = 0\nzzz = 1\n")
    lines = problems(path)
    assert [re.findall(r"line (\d+): (\S+):", line) for line in lines] == [
        [("2", "trading.state_digest_every")],
        [("3", "trading.cycle_s")],
        [("4", "trading.zzz")],
    ]
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    assert str(caught.value) == f"{lines[0]} (and 2 more)"


def test_a_good_file_has_no_problems(tmp_path: Path) -> None:
    assert problems(written(tmp_path, "[trading]\ncycle_s = 1")) == ()
    assert problems(None) == ()


def test_a_problem_of_the_command_line_is_told_as_one() -> None:
    assert problems(None, overrides={"trading.cycle_s": 0})[0].startswith("command line: trading.cycle_s: given 0")
    assert problems(None, profile="prd")[0].endswith('did you mean "prod"?')


def test_origins_say_where_each_setting_comes_from(tmp_path: Path) -> None:
    path = written(tmp_path, '[trading]\nprofile = "canary"\n\nsymbols = [\n "BTC-PERP",\n]\n[runtime]\n')
    origins = load(path, overrides={"trading.state_digest_every": 5}).origins
    assert str(origins["trading.symbols"]) == "bot.toml:4"
    assert str(origins["trading.guards.leverage_max"]) == "profile canary"
    assert str(origins["trading.strategies[0].parameters.fast"]) == "profile canary"
    assert str(origins["trading.windows.length"]) == "default"
    assert str(origins["trading.state_digest_every"]) == "command line"


def test_every_setting_has_an_origin() -> None:
    origins = load(None).origins
    assert {f"trading.guards.{name}" for name in GuardSettings.__struct_fields__} - set(origins) == {
        "trading.guards.position_caps",
        "trading.guards.errors",
        "trading.guards.volatility",
    }


class Tank(Struct, frozen=True, forbid_unknown_fields=True):
    """How much water."""

    litres: int = 3
    leak: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        """Check that more goes in than out."""
        if self.leak > self.litres:
            raise ValueError(f"leak {self.leak} is more than litres {self.litres}")


def test_the_composition_root_adds_sections_of_its_own() -> None:
    found = load_configuration("[runtime.tank]\nleak = 0.50", sections={"tank": Tank})
    assert found.section(Tank) == Tank(leak=Decimal("0.5"))
    assert str(found.origins["runtime.tank.leak"]) == "bot.toml:2"


def test_a_section_s_own_checks_speak_too() -> None:
    with pytest.raises(ConfigurationError, match=r"line 1: runtime\.tank: leak 9 is more than litres 3$"):
        load_configuration("[runtime.tank]\nleak = 9", sections={"tank": Tank})


def test_a_section_that_nobody_asked_for_is_unknown() -> None:
    assert "runtime.tank: is not a setting" in refusal("[runtime.tank]\nlitres = 1")


def test_parameters_with_a_point_become_text_so_that_no_float_is_on_the_tape() -> None:
    text = '[[trading.strategies]]\nname = "a"\nkind = "funding_carry"\nparameters = {b = 0.00030, a = 1, c = true}'
    [strategy] = load_configuration(text).trading.strategies
    assert strategy.parameters == {"a": 1, "b": "0.0003", "c": True}
    assert list(strategy.parameters) == ["a", "b", "c"]


def test_files_that_say_the_same_in_another_order_give_the_same_bytes() -> None:
    one = load_configuration("[trading.guards.position_caps]\nETH-PERP = 1\nBTC-PERP = 2.0").trading
    two = load_configuration("[trading.guards.position_caps]\nBTC-PERP = 2\nETH-PERP = 1.00").trading
    assert msgspec.json.encode(one) == msgspec.json.encode(two)
