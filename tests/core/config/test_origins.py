from perptape.core.config.origins import Layered, Origin, lay_over

LOW = Origin("profile", "low")
HIGH = Origin("file", "bot.toml", 7)


def test_tables_are_merged_and_values_replaced() -> None:
    below = lay_over(Layered({}, {}), {"a": {"x": 1, "y": [1, 2]}, "b": 3}, lambda _: LOW)
    found = lay_over(below, {"a": {"y": [9]}}, lambda _: HIGH)
    assert found.data == {"a": {"x": 1, "y": [9]}, "b": 3}
    assert found.origins[("a", "x")] == LOW
    assert found.origins[("a", "y")] == HIGH
    assert ("a", "y", 1) not in found.origins


def test_nothing_below_is_changed() -> None:
    below = lay_over(Layered({}, {}), {"a": {"x": 1}}, lambda _: LOW)
    lay_over(below, {"a": {"x": 2}}, lambda _: HIGH)
    assert below.data == {"a": {"x": 1}}
    assert below.origins[("a", "x")] == LOW


def test_a_value_in_place_of_a_table_takes_the_table_s_origins_away() -> None:
    below = lay_over(Layered({}, {}), {"a": {"x": 1}}, lambda _: LOW)
    found = lay_over(below, {"a": "off"}, lambda _: HIGH)
    assert found.origins == {("a",): HIGH}


def test_origins_read_as_a_person_would_say_them() -> None:
    origins = [Origin("default"), Origin("profile", "dev"), HIGH, Origin("file", "bot.toml"), Origin("override")]
    assert [str(one) for one in origins] == ["default", "profile dev", "bot.toml:7", "bot.toml", "command line"]
